"""Many activities in one request: each is its own change, answered in the order sent."""

import asyncpg

from schema.wire.activities import ActivityBatch, BatchItem, BatchResult, CreateActivity
from service.access.call import Call
from service.activities.writing import opened
from service.kernel.constraints import problem_of
from service.kernel.ledger import FactsMoved
from service.kernel.problem import Fault, Problem, refuse

_ATTEMPTS = 3


async def batch_of(call: Call, body: ActivityBatch) -> BatchResult:
    """Return what became of each item; raise `validation_failed` for a client_ref missing or repeated."""
    refuse(_reference_faults(body))
    return BatchResult(items=tuple([await _item(call, item) for item in body.items]))


def _reference_faults(body: ActivityBatch) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, item in enumerate(body.items):
        pointer = f"/items/{index}/client_ref"
        if item.client_ref is None:
            faults.append(Fault(pointer, "required", {"expected": "client_ref"}))
        elif item.client_ref in seen:
            faults.append(Fault(pointer, "repeated", {"given": item.client_ref}))
        else:
            seen.add(item.client_ref)
    return faults


async def _item(call: Call, item: CreateActivity) -> BatchItem:
    for _ in range(_ATTEMPTS):
        try:
            activity = await opened(call, item)
        except FactsMoved:
            continue
        except asyncpg.IntegrityConstraintViolationError as error:
            found = problem_of(error)
            if found is None:
                continue
            return _refused(call, item, problem=found)
        except Problem as problem:
            return _refused(call, item, problem=problem)
        return BatchItem(client_ref=item.client_ref, status=201, id=activity.id, problem=None)
    return _refused(call, item, problem=Problem("unavailable", seconds=1))


def _refused(call: Call, item: CreateActivity, *, problem: Problem) -> BatchItem:
    rendered = problem.render(call.language, call.request_id)
    return BatchItem(client_ref=item.client_ref, status=problem.status, id=None, problem=rendered)
