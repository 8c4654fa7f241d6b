"""What the service's pure functions say to whoever acts on a record of the model, in the model's words."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from schema.vocabulary import (
    AgreementKind,
    AgreementState,
    DocumentKind,
    DocumentSubject,
    Language,
    MediaType,
    Role,
    TimeZone,
    TokenKind,
)
from schema.wire import agreements as wire
from schema.wire.actuals import UpdateActual
from schema.wire.documents import DocumentForm
from service.access import principal as access
from service.access.basis import AgreementFacts
from service.access.policy import permissions_of
from service.activities import edits
from service.activities import records as activities
from service.activities import rules as activity_rules
from service.agreements import phase as agreements
from service.agreements import rules as agreement_rules
from service.agreements import terms
from service.agreements.faults import Around
from service.data_requests import records as data_requests
from service.data_requests import rules as data_request_rules
from service.documents import rules as document_rules
from service.indicators import rules as indicator_rules
from service.kernel.problem import Problem
from service.milestones import edits as milestone_edits
from service.milestones import records as milestones
from service.milestones import rules as milestone_rules
from service.workplans import actual_rules
from service.workplans import edits as workplan_edits
from service.workplans import records as workplans
from service.workplans import rules as workplan_rules
from service.workplans.records import Measured
from tests.activities import given as of_activity
from tests.agreements import given as of_agreement
from tests.data_requests import given as of_request
from tests.indicators import given as of_series
from tests.milestones import given as of_milestone
from tests.trust.model import Caller, Record
from tests.workplans import given as of_workplan

SECRET = "Menunggu audit."  # A reason, which only those are told who see the agreement.


def outcome(act: Callable[..., object], *args: object) -> str:
    """Gives `ok`, or the code of the problem that refuses an act."""
    try:
        act(*args)
    except Problem as problem:
        return problem.code
    return "ok"


def principal_of(caller: Caller, today: date) -> access.Caller:
    """Gives a caller of the model as the service knows whoever has a token."""
    organization_id, user_id, names = caller
    roles = tuple(role for role in Role if role in names)
    principal = access.Principal(
        token_id=UUID(int=1),
        token_kind=TokenKind.SESSION,
        expires_at=of_agreement.NOW,
        user_id=user_id,
        organization_id=organization_id,
        time_zone=TimeZone.MAKASSAR,
        roles=roles,
        membership_version=1,
        user_version=1,
        password_change_required=False,
        permissions=permissions_of(roles),
        sees_many=False,
    )
    return access.Caller(principal=principal, now=of_agreement.NOW, today=today, language=Language.EN)


@lru_cache(maxsize=1024)
def stored_agreement(record: Record) -> agreements.Stored:
    """Gives an agreement of the model as the service stores it."""
    organization_id, user_id = record.key
    proposed = record.state == "signed" and organization_id
    return of_agreement.complete(
        AgreementState(record.state),
        created_by_organization_id=record.creator,
        parties=tuple(
            of_agreement.party(each, place) for place, each in enumerate(sorted(record.parties, key=str), 1)
        ),
        recorded_from_paper=record.from_paper,
        suspended_by=organization_id if record.state == "suspended" else None,
        close_proposal=of_agreement.proposal(proposed, user_id=user_id) if proposed else None,
        state_reason=SECRET,
    )


@lru_cache(maxsize=1024)
def _stored_activity(record: Record) -> activities.Stored:
    organization_id, user_id = record.key
    signed = {"reported_by": organization_id, "reporter_id": user_id}
    return of_activity.stored(record.state, organization_id=record.creator, **signed)


@lru_cache(maxsize=1024)
def _stored_milestone(record: Record) -> milestones.Stored:
    organization_id, user_id = record.key
    submitted = record.state in {"submitted", "met"}
    signed = {"submitted_by": organization_id, "submitter_id": user_id} if submitted else {}
    if record.state in {"open", "returned"} and organization_id:
        first = of_milestone.proposal(organization_id=organization_id, user_id=user_id)
        signed = {"cancel_proposal": first}
    return of_milestone.stored(record.state, owner_organization_id=record.creator, **signed)


@lru_cache(maxsize=1024)
def _stored_item(record: Record) -> workplans.Stored:
    """Gives an item whose lead is `creator`; who proposed it has proposed to drop it as well."""
    organization_id, user_id = record.key
    signed: dict[str, Any] = {}
    if record.state == "proposed":
        signed = {"proposed_by": organization_id, "proposer_id": user_id}
    if record.state == "completed":
        signed = {"completed_by": organization_id, "completer_id": user_id}
    elif record.state != "dropped":
        signed |= {"drop_proposed_by": organization_id, "drop_proposer_id": user_id}
    return of_workplan.item(record.state, lead_organization_id=record.creator, **signed)


@lru_cache(maxsize=1024)
def _stored_actual(record: Record) -> workplans.StoredActual:
    organization_id, user_id = record.key
    signed = {"submitted_by": organization_id, "submitter_id": user_id} if organization_id else {}
    return of_workplan.actual(record.state, **signed)


@lru_cache(maxsize=1024)
def _stored_request(record: Record, person: UUID, conditions: str | None) -> data_requests.Stored:
    """Gives a request that this person handles; the one of the record asked, and nobody recommended yet."""
    holder_id, asker_id = record.key
    return of_request.stored(
        record.state,
        requester_organization_id=record.creator,
        holder_organization_id=holder_id,
        created_by=asker_id,
        submitted_by=asker_id,
        assignee_id=person,
        recommender_ids=[],
        conditions=conditions,
    )


@lru_cache(maxsize=1024)
def _facts(record: Record) -> AgreementFacts:
    return of_activity.agreement(party_ids=list(record.parties))


def _do_agreement(caller: Caller, action: str, of: Record) -> object:
    stored, by = stored_agreement(of), principal_of(caller, of_agreement.TODAY)
    match action:
        case "update":
            return terms.updated(stored, _PATCH, caller=by, around=Around())
        case "join":
            return terms.with_party(stored, UUID(int=99), put=_PUT, caller=by, around=Around())
        case "delete":
            return terms.demand_deletable(stored, by)
    signatures = tuple(of_agreement.signature(each.organization_id) for each in stored.parties)
    moves = _MOVES | {"register_signing": replace(of_agreement.REGISTER, signatures=signatures)}
    return agreement_rules.moved(stored, moves[action], caller=by)


def _do_activity(caller: Caller, action: str, of: Record) -> object:
    stored, facts, by = _stored_activity(of), _facts(of), principal_of(caller, of_activity.TODAY)
    match action:
        case "update":
            return edits.updated(stored, _OUTCOME, caller=by, agreement=facts)
        case "count":
            return edits.with_participants(stored, _COUNTED, caller=by, agreement=facts)
        case "delete":
            return edits.demand_deletable(stored, by, agreement=facts)
    return activity_rules.moved(stored, of_activity.move(action), caller=by, agreement=facts)


def _do_milestone(caller: Caller, action: str, of: Record) -> object:
    stored, facts, by = _stored_milestone(of), _facts(of), principal_of(caller, of_activity.TODAY)
    if action == "update":
        return milestone_edits.updated(stored, of_milestone.patch(title="Lain"), caller=by, agreement=facts)
    return milestone_rules.moved(stored, of_milestone.move(action), caller=by, agreement=facts)


def _do_item(caller: Caller, action: str, of: Record) -> object:
    stored, facts, by = _stored_item(of), _facts(of), principal_of(caller, of_activity.TODAY)
    match action:
        case "update":
            patch = of_workplan.patch(title="Lain")
            return workplan_edits.updated(stored, patch, caller=by, agreement=facts, parent_level=None)
        case "delete":
            return workplan_edits.demand_deletable(stored, Measured(), caller=by, agreement=facts)
    return workplan_rules.moved(stored, of_workplan.move(action), caller=by, agreement=facts)


def _do_actual(caller: Caller, action: str, of: Record) -> object:
    stored, facts, by = _stored_actual(of), _facts(of), principal_of(caller, of_activity.TODAY)
    if action == "update":
        return actual_rules.corrected(stored, UpdateActual(value=3), caller=by, agreement=facts)
    return actual_rules.moved(stored, of_workplan.actual_move(action), caller=by, agreement=facts)


def _do_request(caller: Caller, action: str, of: Record) -> object:
    conditions = "Tanpa nama" if action == "accept_conditions" else None
    stored, by = _stored_request(of, caller[1], conditions), principal_of(caller, of_request.TODAY)
    return data_request_rules.moved(stored, of_request.move(action), caller=by, around=_AROUND)


def _offered_request(caller: Caller, of: Record) -> Iterable[Any]:
    """Gives what is offered, of which accepting conditions alone needs some."""
    by = principal_of(caller, of_request.TODAY)
    for conditions, accepting in ((None, False), ("Tanpa nama", True)):
        stored = _stored_request(of, caller[1], conditions)
        for each in data_request_rules.actions(stored, by, around=_AROUND):
            if (each.action == "accept_conditions") is accepting:
                yield each


def enter(caller: Caller, parties: list[UUID], around: Around) -> object:
    """Enters an agreement between these parties."""
    body = wire.CreateAgreement(
        kind=AgreementKind.PKS if around.parent else AgreementKind.MOU,
        title="PKS",
        parties=tuple(
            wire.PartyInput(organization_id=each, position=place) for place, each in enumerate(parties, 1)
        ),
        parent_id=around.parent and around.parent.id,
    )
    by = principal_of(caller, of_agreement.TODAY)
    return terms.created(body, by, agreement_id=UUID(int=1), around=around)


def make(caller: Caller, what: str, of: Record) -> object:
    """Makes something under an agreement: one of `MAKING`."""
    by, facts = principal_of(caller, of_activity.TODAY), _facts(of)
    return _MAKING[what](by, facts, next(iter(of.parties)))


def store(caller: Caller, of: Record) -> object:
    """Stores a document about a record."""
    place = document_rules.Place(agreement_id=UUID(int=1), party_ids=of.parties, byte_size=0)
    return document_rules.demand_place(place, _FORM, caller=principal_of(caller, of_agreement.TODAY))


def remove(caller: Caller, of: Record) -> object:
    """Deletes a document that the creator of a record stored."""
    creator = principal_of((of.creator, *caller[1:]), of_agreement.TODAY)
    stored = document_rules.stored(
        _FORM, _PAPER, media_type=MediaType.PDF, agreement_id=UUID(int=1), id=UUID(int=2), caller=creator
    )
    return document_rules.demand_deletable(stored, principal_of(caller, of_agreement.TODAY))


def observe(caller: Caller, of: Record) -> object:
    """Says what a series holds that the creator of a record keeps."""
    series = of_series.whole(organization_id=of.creator)
    by = principal_of(caller, of_agreement.TODAY)
    return indicator_rules.observed(series, of_series.body(), caller=by, document_ids=())


def _logging(state: str) -> Callable[..., object]:
    body = of_activity.body(state=state)
    return lambda by, facts, _: edits.created(body, by, agreement=facts, id=UUID(int=1))


def _promise(by: access.Caller, facts: AgreementFacts, owner: UUID) -> object:
    body = of_milestone.body(owner_organization_id=owner)
    return milestone_edits.created(body, by, agreement=facts, id=UUID(int=1))


def _propose(by: access.Caller, facts: AgreementFacts, _: UUID) -> object:
    body = of_workplan.body()
    return workplan_edits.proposed(body, by, agreement=facts, parent_level=None, id=UUID(int=1))


def _report(by: access.Caller, facts: AgreementFacts, _: UUID) -> object:
    item, body = of_workplan.item("agreed", indicator=of_workplan.indicator()), of_workplan.new_actual()
    return actual_rules.reported(body, item, caller=by, agreement=facts, id=UUID(int=1))


_MAKING: Mapping[str, Callable[[access.Caller, AgreementFacts, UUID], object]] = {
    **{state: _logging(state) for state in ("draft", "planned", "held", "reported")},
    "milestone": _promise,
    "workplan_item": _propose,
    "actual": _report,
}
MAKING = tuple(_MAKING)
"""What can be made under an agreement."""

DOING = {
    "agreement": _do_agreement,
    "activity": _do_activity,
    "milestone": _do_milestone,
    "workplan_item": _do_item,
    "actual": _do_actual,
    "data_request": _do_request,
}
"""How somebody acts on a record of each noun."""

OFFERED: Mapping[str, Callable[[Caller, Record], Iterable[Any]]] = {
    "agreement": lambda caller, of: agreement_rules.actions(
        stored_agreement(of), principal_of(caller, of_agreement.TODAY)
    ),
    "activity": lambda caller, of: activity_rules.actions(
        _stored_activity(of), principal_of(caller, of_activity.TODAY), agreement=_facts(of)
    ),
    "milestone": lambda caller, of: milestone_rules.actions(
        _stored_milestone(of), principal_of(caller, of_activity.TODAY), agreement=_facts(of)
    ),
    "workplan_item": lambda caller, of: workplan_rules.actions(
        _stored_item(of), principal_of(caller, of_activity.TODAY), agreement=_facts(of)
    ),
    "actual": lambda caller, of: actual_rules.actions(
        _stored_actual(of), principal_of(caller, of_activity.TODAY), agreement=_facts(of)
    ),
    "data_request": _offered_request,
}
"""What a record of each noun offers to somebody."""

_AROUND = of_request.around()
_PATCH = wire.UpdateAgreement(objective="Pengawasan")
_FORM = DocumentForm(kind=DocumentKind.REPORT, subject_type=DocumentSubject.AGREEMENT, subject_id=UUID(int=1))
_PAPER = document_rules.Content(name="surat.pdf", said=None, size=100, sha256="a" * 64)
_PUT = wire.PutParty(position=9)
_OUTCOME, _COUNTED = of_activity.patch(outcome="Selesai"), of_activity.people(37)
_MOVES = {action.value: move for action, move in of_agreement.MOVES.items()}
