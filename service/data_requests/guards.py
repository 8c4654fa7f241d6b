"""What stops a move of a data request: guards, each of which gives all its faults.

A guard looks at what is on record and, once there is a move, at what the move brings along.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from schema.vocabulary import AgreementPhase, Lane, TokenKind
from schema.wire import data_request_moves as moves
from schema.wire.data_requests import Delivery
from service.access.basis import FINISHED, IN_FORCE
from service.access.principal import Caller
from service.data_requests.records import Around, DocumentFacts, Stored
from service.kernel.problem import Fault

MOST_EXCHANGES, MOST_DELIVERIES = 100, 500
_OVER = FINISHED | {AgreementPhase.EXPIRED, AgreementPhase.TERMINATED}
_ARTICLE_17 = "kip_17_"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a guard looks at; `move` is None while nobody has made one."""

    stored: Stored
    caller: Caller
    around: Around
    move: moves.DataRequestMove | None = None


# ------------------------------------------------------------------------------------------- the request


def agreement_active(facts: Facts) -> Iterator[Fault]:
    """Fail when the agreement it rests on is not in force today, or hidden from the requester by now."""
    agreement = facts.around.agreement
    if facts.stored.lane is Lane.PKS and (agreement is None or agreement.phase not in IN_FORCE):
        phase = agreement.phase if agreement else "–"
        yield Fault("/agreement_id", "request_agreement_not_active", {"phase": phase})


def agreement_not_over(facts: Facts) -> Iterator[Fault]:
    """Fail when the agreement is over: access ends with it, so nothing could be delivered."""
    agreement = facts.around.agreement
    if agreement is not None and agreement.phase in _OVER:
        yield Fault("/agreement_id", "request_agreement_over", {"phase": agreement.phase})


def data_named(facts: Facts) -> Iterator[Fault]:
    """Fail while it names neither a dataset nor fields."""
    if facts.stored.dataset_id is None and not facts.stored.fields:
        yield Fault("/fields", "data_not_named")


def period_given(facts: Facts) -> Iterator[Fault]:
    """Fail while the time the data is of is unknown."""
    if facts.stored.period_from is None:
        yield Fault("/period", "period_needed")


def legal_basis_given(facts: Facts) -> Iterator[Fault]:
    """Fail while it says not what it rests on."""
    if facts.stored.legal_basis is None:
        yield Fault("/legal_basis", "legal_basis_needed")


# --------------------------------------------------------------------------------------------- the review


def not_own_request(facts: Facts) -> Iterator[Fault]:
    """Fail for the person who wrote the request or handed it in, whatever organization they act for."""
    if facts.caller.principal.user_id in askers(facts.stored):
        yield Fault("", "own_request")


def assignee_fits(facts: Facts) -> Iterator[Fault]:
    """Fail when it would be handed to nobody who handles requests here, or to who asked."""
    if not isinstance(facts.move, moves.Assign):
        return
    if not facts.around.assignable:
        yield Fault("/assignee_id", "assignee_no_reviewer", {"id": facts.move.assignee_id})
    elif facts.move.assignee_id in askers(facts.stored):
        yield Fault("/assignee_id", "assignee_asked", {"id": facts.move.assignee_id})


def is_assignee(facts: Facts) -> Iterator[Fault]:
    """Fail for whoever does not handle it."""
    if facts.stored.assignee_id != facts.caller.principal.user_id:
        yield Fault("/assignee_id", "assigned_to_another")


def room_for_question(facts: Facts) -> Iterator[Fault]:
    """Fail when there is no room for another question."""
    if len(facts.stored.exchanges) >= MOST_EXCHANGES:
        yield Fault("/exchanges", "too_long", {"limit": MOST_EXCHANGES})


def assessment_given(facts: Facts) -> Iterator[Fault]:
    """Fail when the data tells of persons and nobody has assessed what that means."""
    dataset = facts.around.dataset
    personal = facts.stored.personal_data or (dataset is not None and dataset.contains_personal_data)
    if personal and isinstance(facts.move, moves.Recommend) and not facts.move.personal_data_assessment:
        yield Fault("/personal_data_assessment", "assessment_needed")


def not_extended(facts: Facts) -> Iterator[Fault]:
    """Fail when it was extended before."""
    if facts.stored.extended_on is not None:
        yield Fault("/extended_on", "extended_already", {"day": facts.stored.extended_on})


def not_past_due(facts: Facts) -> Iterator[Fault]:
    """Fail when the due day has passed."""
    due_on = facts.stored.due_on
    if due_on is not None and due_on < facts.around.today:
        yield Fault("/due_on", "due_day_passed", {"due_on": due_on, "today": facts.around.today})


# ------------------------------------------------------------------------------------------- the decision


def in_session(facts: Facts) -> Iterator[Fault]:
    """Fail for a key: a person decides."""
    if facts.caller.principal.token_kind is not TokenKind.SESSION:
        yield Fault("", "session_required")


def not_own_recommendation(facts: Facts) -> Iterator[Fault]:
    """Fail for any person who ever recommended what to decide."""
    if facts.caller.principal.user_id in facts.stored.recommender_ids:
        yield Fault("", "own_recommendation")


def access_end_fits(facts: Facts) -> Iterator[Fault]:
    """Fail when access would end before today, or after the agreement."""
    if not isinstance(facts.move, moves.Grant | moves.GrantInPart) or facts.move.access_ends_on is None:
        return
    end, agreement = facts.move.access_ends_on, facts.around.agreement
    if end < facts.around.today:
        yield Fault("/access_ends_on", "access_end_passed", {"end": end, "today": facts.around.today})
    if agreement is not None and agreement.ends_on is not None and end > agreement.ends_on:
        values = {"end": end, "agreement_end": agreement.ends_on}
        yield Fault("/access_ends_on", "access_outlives_agreement", values)


def consequence_tested(facts: Facts) -> Iterator[Fault]:
    """Fail when an exception of article 17 is claimed without its consequence test."""
    move = facts.move
    if isinstance(move, moves.Refuse) and _untested(move):
        yield Fault("/consequence_test_ref", "consequence_test_needed", {"code": move.reason_code})


def _untested(move: moves.Refuse) -> bool:
    return move.reason_code.startswith(_ARTICLE_17) and move.consequence_test_ref is None


# ------------------------------------------------------------------------------------------- the delivery


def conditions_open(facts: Facts) -> Iterator[Fault]:
    """Fail when there is nothing to accept, or it was accepted."""
    if facts.stored.conditions is None:
        yield Fault("/conditions", "no_conditions")
    elif facts.stored.conditions_accepted_on is not None:
        yield Fault("/conditions", "conditions_accepted", {"day": facts.stored.conditions_accepted_on})


def conditions_met(facts: Facts) -> Iterator[Fault]:
    """Fail while the requester has not accepted the conditions."""
    if facts.stored.conditions is not None and facts.stored.conditions_accepted_on is None:
        yield Fault("/conditions", "conditions_not_accepted")


def access_open(facts: Facts) -> Iterator[Fault]:
    """Fail once access has ended."""
    end = access_end(facts.stored, facts.around)
    if end is not None and end < facts.around.today:
        yield Fault("/access_ends_on", "access_ended", {"end": end})


def room_for_delivery(facts: Facts) -> Iterator[Fault]:
    """Fail when there is no room for another delivery."""
    if len(facts.stored.deliveries) >= MOST_DELIVERIES:
        yield Fault("/deliveries", "too_long", {"limit": MOST_DELIVERIES})


def delivery_faults(move: moves.Deliver, named: DocumentFacts | None) -> Iterator[Fault]:
    """Return what is wrong with a delivery whatever state the request is in."""
    if (move.url is None) == (move.document_id is None):
        yield Fault("/url", "delivery_unclear")
    elif move.document_id is not None and named is None:
        yield Fault("/document_id", "document_not_of_holder", {"id": move.document_id})
    elif named is not None:
        for name in ("byte_size", "sha256"):
            given, expected = getattr(move, name), getattr(named, name)
            if given not in {None, expected}:
                yield Fault(f"/{name}", "differs_from_document", {"given": given, "expected": expected})


def delivery_open(facts: Facts) -> Iterator[Fault]:
    """Fail when nothing is there to acknowledge, or that delivery was acknowledged."""
    open_ones = [each for each in facts.stored.deliveries if each.acknowledged_at is None]
    if not isinstance(facts.move, moves.Acknowledge):
        if not open_ones:
            yield Fault("/deliveries", "nothing_to_acknowledge")
        return
    named = delivery_of(facts.stored, facts.move)
    if named is None:
        yield Fault("/delivery_id", "delivery_unknown", {"id": facts.move.delivery_id})
    elif named.acknowledged_at is not None:
        yield Fault("/delivery_id", "acknowledged_already")


def delivery_of(stored: Stored, move: moves.Acknowledge) -> Delivery | None:
    """Return the delivery that a move names."""
    return next((each for each in stored.deliveries if each.id == move.delivery_id), None)


def access_end(stored: Stored, around: Around) -> date | None:
    """Return the last day of access: as decided, else the last day of the agreement; None is open."""
    if stored.access_ends_on is not None or around.agreement is None:
        return stored.access_ends_on
    return around.agreement.ends_on


def askers(stored: Stored) -> set[UUID | None]:
    """Return the persons who wrote the request and who handed it in."""
    return {stored.created_by, stored.submitted_by} - {None}
