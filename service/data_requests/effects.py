"""What a move of a data request changes in it, besides its state. The move was allowed before."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from schema.vocabulary import DataRequestState, Decision
from schema.wire import data_request_moves as moves
from schema.wire.data_requests import Delivery, Exchange, Recommendation
from service.data_requests import clock
from service.data_requests.guards import Facts


def nothing_more(_facts: Facts, _move: moves.DataRequestMove) -> dict[str, Any]:
    """Change the state alone."""
    return {}


def _with_due_day(facts: Facts, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes with the due day that follows from them."""
    due_on = clock.due_on(replace(facts.stored, **changes), facts.around.calendar)
    return {**changes, "due_on": due_on}


def _submitted(facts: Facts, _move: moves.Submit) -> dict[str, Any]:
    around = facts.around
    changes = {
        "received_on": around.today,
        "submitted_by": facts.caller.principal.user_id,
        "policy": around.policy,
        "number": around.number,
    }
    return _with_due_day(facts, changes)


def _handled(facts: Facts, *, by: UUID) -> dict[str, Any]:
    known = facts.stored.reviewer_ids
    return {"assignee_id": by, "reviewer_ids": known if by in known else (*known, by)}


def _taken(facts: Facts, _move: moves.Take) -> dict[str, Any]:
    return _handled(facts, by=facts.caller.principal.user_id)


def _assigned(facts: Facts, move: moves.Assign) -> dict[str, Any]:
    return _handled(facts, by=move.assignee_id)


def _asked(facts: Facts, move: moves.Ask) -> dict[str, Any]:
    question = Exchange(
        question=move.question,
        asked_on=facts.around.today,
        asked_by=facts.caller.principal.user_id,
        answer=None,
        answered_on=None,
        answered_by=None,
    )
    return _with_due_day(facts, {"exchanges": (*facts.stored.exchanges, question)})


def _answered(facts: Facts, move: moves.Answer) -> dict[str, Any]:
    *earlier, last = facts.stored.exchanges
    answered = replace(
        last,
        answer=move.answer,
        answered_on=facts.around.today,
        answered_by=facts.caller.principal.user_id,
    )
    return _with_due_day(facts, {"exchanges": (*earlier, answered)})


def _transferred(_facts: Facts, move: moves.Transfer) -> dict[str, Any]:
    return {"transferred_to": move.to_body}


def _recommended(facts: Facts, move: moves.Recommend) -> dict[str, Any]:
    person, known = facts.caller.principal.user_id, facts.stored.recommender_ids
    recommendation = Recommendation(
        recommendation=move.recommendation,
        note=move.note,
        conditions=move.conditions,
        personal_data_assessment=move.personal_data_assessment,
        recommended_by=person,
        recommended_on=facts.around.today,
    )
    return {
        "recommendation": recommendation,
        "recommender_ids": known if person in known else (*known, person),
    }


def _extended(facts: Facts, move: moves.Extend) -> dict[str, Any]:
    changes = {"extended_on": facts.around.today, "extension_reason": move.reason}
    return _with_due_day(facts, {**changes, "state_reason": facts.stored.state_reason})


def _decided(facts: Facts, decision: Decision) -> dict[str, Any]:
    stored, around = facts.stored, facts.around
    assert stored.received_on is not None  # noqa: S101 - it was handed in, else no arrow leads here.
    assert stored.policy is not None  # noqa: S101 - as above.
    days = clock.taken(
        stored.received_on,
        around.today,
        pauses=clock.pauses_of(stored.exchanges),
        calendar=clock.observed(stored.policy, around.calendar),
    )
    return {
        "decision": decision,
        "decided_on": around.today,
        "decided_by": facts.caller.principal.user_id,
        "working_days": days,
    }


def _granted(facts: Facts, move: moves.Grant) -> dict[str, Any]:
    given = {"conditions": move.conditions, "access_ends_on": move.access_ends_on}
    return {**_decided(facts, Decision.GRANTED), **given}


def _granted_in_part(facts: Facts, move: moves.GrantInPart) -> dict[str, Any]:
    return {
        **_decided(facts, Decision.GRANTED_IN_PART),
        "left_out": move.left_out,
        "reason_code": move.reason_code,
        "decision_reason": move.reason,
        "consequence_test_ref": move.consequence_test_ref,
        "conditions": move.conditions,
        "access_ends_on": move.access_ends_on,
    }


def _refused(facts: Facts, move: moves.Refuse) -> dict[str, Any]:
    return {
        **_decided(facts, Decision.REFUSED),
        "reason_code": move.reason_code,
        "decision_reason": move.reason,
        "consequence_test_ref": move.consequence_test_ref,
    }


def _conditions_accepted(facts: Facts, _move: moves.AcceptConditions) -> dict[str, Any]:
    return {"conditions_accepted_on": facts.caller.today}


def _delivered(facts: Facts, move: moves.Deliver) -> dict[str, Any]:
    named = facts.around.document
    delivery = Delivery(
        id=facts.around.new_id,
        url=move.url,
        document_id=move.document_id,
        format=move.format,
        rows=move.rows,
        byte_size=named.byte_size if named else move.byte_size,
        sha256=named.sha256 if named else move.sha256,
        channel=move.channel,
        note=move.note,
        complete=move.complete,
        delivered_at=facts.caller.now,
        delivered_by=facts.caller.principal.user_id,
        acknowledged_at=None,
        acknowledged_by=None,
    )
    changes: dict[str, Any] = {"deliveries": (*facts.stored.deliveries, delivery)}
    return {**changes, "state": DataRequestState.FULFILLED} if move.complete else changes


def _acknowledged(facts: Facts, move: moves.Acknowledge) -> dict[str, Any]:
    by = {"acknowledged_at": facts.caller.now, "acknowledged_by": facts.caller.principal.user_id}
    deliveries = tuple(
        replace(each, **by) if each.id == move.delivery_id else each for each in facts.stored.deliveries
    )
    return {"deliveries": deliveries}


EFFECTS: Mapping[type, Callable[[Facts, Any], dict[str, Any]]] = {
    moves.Submit: _submitted,
    moves.Take: _taken,
    moves.Assign: _assigned,
    moves.Ask: _asked,
    moves.Answer: _answered,
    moves.Transfer: _transferred,
    moves.Recommend: _recommended,
    moves.Extend: _extended,
    moves.Grant: _granted,
    moves.GrantInPart: _granted_in_part,
    moves.Refuse: _refused,
    moves.AcceptConditions: _conditions_accepted,
    moves.Deliver: _delivered,
    moves.Acknowledge: _acknowledged,
}
"""The effect of each kind of move; of others only the state changes."""
