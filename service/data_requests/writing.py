"""How a data request or an objection is written: its row, its deliveries and the ledger at once."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from schema.vocabulary import DataRequestAction, Noun, Permission, Verb
from schema.wire import data_request_moves as moves
from schema.wire.data_requests import CreateDataRequest, DataRequest
from service.access.basis import Basis
from service.access.call import Call
from service.access.holding import behind
from service.access.record import Revision, Step, entry
from service.access.repeat import demand_same, fingerprint_of
from service.data_requests import changes, edits, objections, queries, replies, rules
from service.data_requests.records import Around, Objection, Stored
from service.data_requests.surroundings import around, due_at
from service.kernel.database import Connection, only
from service.kernel.ids import uuid7
from service.kernel.ledger import Change
from service.kernel.problem import Fault, Problem

_encode = msgspec.json.Encoder().encode
_A = DataRequestAction


class Looked(NamedTuple):
    """A request as it was read, and what stands around it."""

    stored: Stored
    around: Around
    agreement: Basis | None
    holder: queries.Holder


async def look(call: Call, request_id: UUID, *, move: moves.DataRequestMove | None = None) -> Looked:
    """Return a request the caller may see, with whom and what a move names, or raise `not_found`."""
    candidate_id = move.assignee_id if isinstance(move, moves.Assign) else None
    document_id = move.document_id if isinstance(move, moves.Deliver) else None
    where = queries.ById(request_id, call.organization_id, candidate_id, document_id)
    found = await call.found(queries.DATA_REQUEST, where)
    return await looked(call, found)


async def looked(call: Call, found: queries.Found | queries.FoundObjection) -> Looked:
    """Return a request with what stands around it, as the rules want it."""
    near = await around(
        call,
        found.holder,
        stored=found.request,
        agreement=found.agreement,
        dataset=found.dataset,
        corrections=found.corrections,
    )
    if isinstance(found, queries.Found):
        near = replace(near, assignable=found.assignable, document=found.document)
    return Looked(found.request, near, found.agreement, found.holder)


async def opened(call: Call, body: CreateDataRequest) -> DataRequest:
    """Return the draft a body makes, or the request its client_ref made before."""
    where = queries.ToOpen(
        acting_id=call.organization_id,
        agreement_id=body.agreement_id,
        holder_organization_id=body.holder_organization_id,
        dataset_id=body.dataset_id,
        client_ref=body.client_ref,
    )
    opening = await call.database.only(queries.OPENING, where)
    if opening.known_id is not None:
        return await _known(call, body, known_id=opening.known_id, fingerprint=opening.known_fingerprint)
    holder = opening.holder
    if holder is None:
        fault = Fault("/holder_organization_id", "organization_unknown", {"id": body.holder_organization_id})
        raise Problem("validation_failed", faults=[fault])
    near = await around(
        call,
        holder,
        agreement=opening.agreement,
        dataset=opening.dataset,
        corrections=opening.corrections,
    )
    stored = edits.created(
        body, call.caller, agreement=near.agreement, dataset=near.dataset, id=uuid7(call.caller.now)
    )
    change = changes.CREATE_BY_LAW if stored.agreement_id is None else changes.CREATE_UNDER
    place = Looked(stored, near, opening.agreement, holder)
    made = Revision(None, stored, Verb.CREATED)
    return await write(call, change, place=place, revision=made, fingerprint=fingerprint_of(body))


async def _known(
    call: Call, body: CreateDataRequest, *, known_id: UUID, fingerprint: str | None
) -> DataRequest:
    """Return what the client_ref made first."""
    await demand_same(call, body, known_id=known_id, fingerprint=fingerprint)
    place = await look(call, known_id)
    return replies.reply(place.stored, call.caller, around=place.around)


async def moved(call: Call, place: Looked, *, move: moves.DataRequestMove) -> DataRequest:
    """Carry out a move and return the reply."""
    if isinstance(move, moves.Submit):
        return await _submitted(call, place, move=move)
    after = rules.moved(place.stored, move, caller=call.caller, around=place.around)
    action = rules.action_of(move)
    revision = Revision(place.stored, after, action, getattr(move, "reason", None))
    return await write(call, _change_of(action), place=place, revision=revision)


async def _submitted(call: Call, place: Looked, *, move: moves.Submit) -> DataRequest:
    """Hand a request in under the next number of its holder: given with it, or not at all.

    The rules are asked before, so that what they refuse makes no other submission wait for the number.
    """
    rules.demand_move(place.stored, move, caller=call.caller, around=place.around)
    async with call.database.transaction() as connection:
        place = place._replace(around=replace(place.around, number=await _next_number(connection, place)))
        after = rules.moved(place.stored, move, caller=call.caller, around=place.around)
        reply, params = _written(call, place=place, revision=Revision(place.stored, after, _A.SUBMIT))
        await changes.MOVE.run(connection, params)
    return reply


async def _next_number(connection: Connection, place: Looked) -> str:
    year = place.around.today.year
    given = await only(connection, queries.NEXT_NUMBER, params=queries.Counter(place.holder.id, year))
    return f"PD-{year}-{given.last:06}"


def _change_of(action: DataRequestAction) -> Change[changes.Written]:
    if action in rules.DECISIONS:
        return changes.DECIDE
    return {_A.DELIVER: changes.DELIVER, _A.ACKNOWLEDGE: changes.ACKNOWLEDGE}.get(action, changes.MOVE)


async def write(
    call: Call,
    change: Change[changes.Written],
    *,
    place: Looked,
    revision: Revision[Stored],
    fingerprint: bytes | None = None,
) -> DataRequest:
    """Write a new or changed request and return the reply."""
    reply, params = _written(call, place=place, revision=revision, fingerprint=fingerprint)
    async with call.database.lease() as connection:
        await change.run(connection, params)
    return reply


def _written(
    call: Call, *, place: Looked, revision: Revision[Stored], fingerprint: bytes | None = None
) -> tuple[DataRequest, changes.Written]:
    """Return the reply, and what is to be written with it."""
    before, after, action, reason = revision
    reply = replies.reply(after, call.caller, around=place.around)
    step = Step(
        noun=Noun.DATA_REQUEST,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=(rules.PERMISSIONS.get(action, Permission.DATA_REQUEST_ASK),),
        stream=after.agreement_id or after.holder_organization_id,
        agreement_id=after.agreement_id,
        before=before,
        after=after,
        reason=reason,
    )
    params = changes.Written(
        **entry(call, step, answer=reply),
        **_behind(place.agreement),
        **_row(after),
        due_at=due_at(after, place.holder),
        deliveries=_new_deliveries(before, after),
        expected_version=after.version - 1,
        client_fingerprint=fingerprint if after.client_ref else None,
    )
    return reply, params


def _behind(agreement: Basis | None) -> dict[str, Any]:
    """Return how the agreement was read, null all where a request rests on none."""
    return dict.fromkeys(changes.HELD) if agreement is None else behind(agreement)


def _row(stored: Stored) -> dict[str, Any]:
    """Return a request as its row, with its structures as JSON."""
    values: dict[str, Any] = {name: getattr(stored, name) for name in queries.PLAIN}
    for name in ("policy", "recommendation", "exchanges"):
        given = getattr(stored, name)
        values[name] = _encode(given).decode() if given else None
    return values


def _new_deliveries(before: Stored | None, after: Stored) -> str:
    """Return the deliveries that a move added or changed, as rows with their places."""
    known = before.deliveries if before else ()
    rows = [
        {"position": place, **msgspec.structs.asdict(each)}
        for place, each in enumerate(after.deliveries, 1)
        if each not in known
    ]
    return _encode(rows).decode()


# ------------------------------------------------------------------------------------------ objections


async def write_objection(
    call: Call,
    change: Change[changes.WrittenObjection],
    *,
    place: Looked,
    before: Objection | None,
    after: Objection,
    action: str,
) -> moves.Objection:
    """Write a new or changed objection and return the reply."""
    reply = objections.reply(after, call.caller, stored=place.stored, around=place.around)
    step = Step(
        noun=Noun.OBJECTION,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=(objections.PERMISSIONS.get(action, Permission.DATA_REQUEST_ASK),),
        stream=after.agreement_id or after.holder_organization_id,
        agreement_id=after.agreement_id,
        before=before,
        after=after,
        reason=after.reason if before is None else after.answer,
    )
    params = changes.WrittenObjection(
        **entry(call, step, answer=reply),
        **msgspec.structs.asdict(after),
        request_version=place.stored.version,
        expected_version=after.version - 1,
    )
    async with call.database.lease() as connection:
        await change.run(connection, params)
    return reply
