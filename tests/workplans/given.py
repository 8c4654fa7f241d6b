"""Items, agreements and values for the tests of the rules, complete until a test takes something."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from schema.wire import actuals, workplans
from service.workplans.records import Measured, Stored, StoredActual
from tests.activities.given import AGREEMENT, NOW, OURS, PEOPLE, THEIRS, YESTERDAY

ITEM, ACTUAL = UUID(int=21), UUID(int=22)
DUE = date(2026, 8, 14)
EVIDENCE = [{"url": "https://example.org/laporan"}]

_SIGNATURES = {
    "agreed_by": None,
    "agreer_id": None,
    "completed_by": None,
    "completer_id": None,
    "verified_by": None,
    "verifier_id": None,
    "drop_proposed_by": None,
    "drop_proposer_id": None,
    "dropped_by": None,
    "dropper_id": None,
}
_THEIR_AGREEMENT = {
    "agreed_by": THEIRS,
    "agreer_id": PEOPLE[THEIRS],
    "first_agreed_on": date(2025, 9, 1),
    "baseline_due_on": DUE,
}
_OUR_RESULT = {"completed_by": OURS, "completer_id": PEOPLE[OURS]}
_OF_STATE: dict[str, dict[str, Any]] = {
    "proposed": {},
    "agreed": _THEIR_AGREEMENT,
    "in_progress": _THEIR_AGREEMENT,
    "completed": _THEIR_AGREEMENT | _OUR_RESULT,
    "verified": _THEIR_AGREEMENT | _OUR_RESULT | {"verified_by": THEIRS, "verifier_id": PEOPLE[THEIRS]},
    "deferred": _THEIR_AGREEMENT,
    "dropped": {
        "drop_proposed_by": OURS,
        "drop_proposer_id": PEOPLE[OURS],
        "dropped_by": THEIRS,
        "dropper_id": PEOPLE[THEIRS],
    },
}


def item(state: str = "proposed", **values: Any) -> Stored:
    """Gives an activity line of year 4 that OURS proposed, leads and completed, and THEIRS agreed to."""
    document = {
        "id": ITEM,
        "version": 7,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": PEOPLE[OURS],
        "agreement_id": AGREEMENT,
        "parent_id": None,
        "level": "activity",
        "code": "1.1",
        "title": "Bimtek auditor",
        "agreement_year": 4,
        "quarter": None,
        "due_on": DUE,
        "baseline_due_on": DUE,
        "first_agreed_on": None,
        "lead_organization_id": OURS,
        "supporting_organization_ids": [],
        "budget": [],
        "indicator": None,
        "evidence": EVIDENCE,
        "state": state,
        "state_reason": None,
        "proposed_by": OURS,
        "proposer_id": PEOPLE[OURS],
    }
    return msgspec.convert(document | _SIGNATURES | _OF_STATE[state] | values, Stored)


def indicator(**values: Any) -> workplans.Indicator:
    """Gives an indicator from 0 to 30 people whose values add up."""
    document = {"name": "Auditor terlatih", "unit": "people", "baseline": 0, "target": 30}
    return msgspec.convert(document | values, workplans.Indicator)


def measured(**values: Any) -> Measured:
    """Gives what others say of an item: nothing, unless a test says so."""
    return msgspec.convert(values, Measured)


def body(**values: Any) -> workplans.CreateWorkplanItem:
    """Gives what a client sends for an activity line of year 4."""
    document = {"agreement_id": AGREEMENT, "agreement_year": 4, "level": "activity", "title": "Bimtek"}
    return msgspec.convert(document | values, workplans.CreateWorkplanItem)


def patch(**values: Any) -> workplans.UpdateWorkplanItem:
    """Gives a change of these fields."""
    return msgspec.convert(values, workplans.UpdateWorkplanItem)


def move(action: str, **values: Any) -> workplans.WorkplanItemMove:
    """Gives the body of an action, with a reason and a day where it needs some."""
    needed: dict[str, Any] = {"action": action}
    if action in {"return", "defer", "drop"}:
        needed["reason"] = "Menunggu hasil audit."
    if action == "defer":
        needed["due_on"] = date(2027, 1, 31)
    return msgspec.convert(needed | values, workplans.WorkplanItemMove)


def actual(state: str = "draft", **values: Any) -> StoredActual:
    """Gives a value of a month that is over, which OURS submitted and THEIRS approved."""
    submitted = state in {"submitted", "approved"}
    document = {
        "id": ACTUAL,
        "version": 3,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": PEOPLE[OURS],
        "agreement_id": AGREEMENT,
        "workplan_item_id": ITEM,
        "starts_on": date(2026, 2, 1),
        "ends_on": YESTERDAY,
        "value": 12,
        "not_available_reason": None,
        "note": None,
        "state": state,
        "state_reason": None,
        "submitted_by": OURS if submitted else None,
        "submitter_id": PEOPLE[OURS] if submitted else None,
        "approved_by": THEIRS if state == "approved" else None,
        "approver_id": PEOPLE[THEIRS] if state == "approved" else None,
    }
    return msgspec.convert(document | values, StoredActual)


def new_actual(**values: Any) -> actuals.CreateActual:
    """Gives what a client sends for a value of last month."""
    document = {"starts_on": date(2026, 2, 1), "ends_on": YESTERDAY, "value": 12}
    return msgspec.convert(document | values, actuals.CreateActual)


def actual_move(action: str) -> actuals.ActualMove:
    """Gives the body of an action, with a reason where it needs one."""
    reason = {"reason": "Daftar hadir kurang."} if action == "return" else {}
    return msgspec.convert({"action": action, **reason}, actuals.ActualMove)
