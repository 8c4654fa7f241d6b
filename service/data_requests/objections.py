"""Objections: who may lodge one, on which ground, until when, and who decides it. Pure.

Its clock is the one of the request's own policy: so many working days to lodge it after the decision, or
after the due day that passed, and so many to decide it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import asdict, replace

from schema.vocabulary import (
    DataRequestState,
    ObjectionAction,
    ObjectionGround,
    ObjectionState,
    Permission,
    TokenKind,
)
from schema.wire import data_request_moves as wire
from service.access.principal import Caller
from service.data_requests import guards
from service.data_requests.clock import explained, observed
from service.data_requests.records import Around, Objection, Stored
from service.data_requests.replies import overdue
from service.data_requests.rules import SIDES, demand_agreement, demand_side, side_of
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Fault, Problem

_A, _S = ObjectionAction, ObjectionState
_DECIDE = (Permission.DATA_REQUEST_DECIDE,)
_ASK = (Permission.DATA_REQUEST_ASK,)
_ANOTHER = "a person who neither asked, handled nor decided the request, in a session; an answer"


class Facts(NamedTuple):
    """What a guard of an objection looks at."""

    objection: Objection
    stored: Stored
    caller: Caller


def in_session(facts: Facts) -> Iterator[Fault]:
    """Fail for a key: a person decides."""
    if facts.caller.principal.token_kind is not TokenKind.SESSION:
        yield Fault("", "session_required")


def not_own(facts: Facts) -> Iterator[Fault]:
    """Fail for a person who asked, or lodged it."""
    if facts.caller.principal.user_id in {*guards.askers(facts.stored), facts.objection.created_by}:
        yield Fault("", "own_request")


def not_involved(facts: Facts) -> Iterator[Fault]:
    """Fail for a person who handled the request or decided it."""
    if facts.caller.principal.user_id in {*facts.stored.reviewer_ids, facts.stored.decided_by}:
        yield Fault("", "own_decision")


_DUTIES = (in_session, not_own, not_involved)

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        Transition(_A.UPHOLD, _S.LODGED, _S.UPHELD, _DECIDE, _ANOTHER),
        Transition(_A.DISMISS, _S.LODGED, _S.DISMISSED, _DECIDE, _ANOTHER),
        Transition(_A.WITHDRAW, _S.LODGED, _S.WITHDRAWN, _ASK, "before it is decided"),
    ),
    guards={_A.UPHOLD: _DUTIES, _A.DISMISS: _DUTIES},
)

PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {arrow.action: arrow.permissions[0] for arrow in LIFECYCLE.transitions}
)
"""What each action needs."""

_GROUNDS: Mapping[DataRequestState, ObjectionGround] = {
    DataRequestState.REFUSED: ObjectionGround.REFUSED,
    DataRequestState.GRANTED_IN_PART: ObjectionGround.GRANTED_IN_PART,
}


def lodged(stored: Stored, body: wire.CreateObjection, *, caller: Caller, around: Around) -> Objection:
    """Return a new objection to a request.

    Raises `permission_missing`, `not_the_requester`, `not_a_party`, or `guards_not_met` with what stops it.
    """
    demand_side(stored, caller, permission=Permission.DATA_REQUEST_ASK)
    demand_agreement(stored, around)
    ground = _ground(stored, around)
    faults = tuple(_lodging_faults(stored, ground, around=around))
    if faults or ground is None:
        raise Problem("guards_not_met", faults=faults, action="object")
    return Objection(
        id=around.new_id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        data_request_id=stored.id,
        agreement_id=stored.agreement_id,
        requester_organization_id=stored.requester_organization_id,
        holder_organization_id=stored.holder_organization_id,
        ground=ground,
        reason=body.reason,
        state=_S.LODGED,
        received_on=around.today,
        due_on=_days_after(around.today, _answer_days(stored), stored=stored, around=around),
        answer=None,
        decided_on=None,
        decided_by=None,
        barred_ids=(),
    )


def action_of(move: wire.ObjectionMove) -> ObjectionAction:
    """Return the action a move asks for."""
    return ObjectionAction(str(move.__struct_config__.tag))


def moved(
    objection: Objection, move: wire.ObjectionMove, *, stored: Stored, caller: Caller, around: Around
) -> Objection:
    """Return the objection after a move, one version on.

    Raises `permission_missing`, `not_the_requester`, `not_the_holder`, `not_a_party`,
    `transition_not_allowed`, `session_required`, `own_request` or `own_decision`.
    """
    action = action_of(move)
    demand_side(stored, caller, permission=PERMISSIONS[action])
    demand_agreement(stored, around)
    arrow = LIFECYCLE.arrow(action, objection.state)
    LIFECYCLE.demand(action, Facts(objection, stored, caller))
    changes = {"state": arrow.target, "version": objection.version + 1, "updated_at": caller.now}
    if isinstance(move, wire.WithdrawObjection):
        return replace(objection, **changes)
    return replace(
        objection,
        **changes,
        answer=move.answer,
        decided_on=around.today,
        decided_by=caller.principal.user_id,
        barred_ids=barred(objection, stored),
    )


def barred(objection: Objection, stored: Stored) -> tuple[UUID, ...]:
    """Return all persons who may not decide an objection: who asked, handled or decided the request."""
    involved = {*stored.reviewer_ids, *guards.askers(stored), stored.decided_by, objection.created_by}
    return tuple(sorted(person for person in involved if person is not None))


def reply(objection: Objection, caller: Caller, *, stored: Stored, around: Around) -> wire.Objection:
    """Return the objection as this caller reads it today."""
    fields = asdict(objection)
    for name in ("requester_organization_id", "holder_organization_id", "barred_ids"):
        del fields[name]
    side = side_of(stored, caller)
    permissions = caller.principal.permissions & SIDES[side] if side else frozenset[Permission]()
    facts = Facts(objection, stored, caller)
    return wire.Objection(
        **fields,
        overdue=objection.state is _S.LODGED and objection.due_on < around.today,
        actions=LIFECYCLE.available(
            objection.state, facts, permissions=permissions, language=caller.language
        ),
        warnings=(),
    )


def _ground(stored: Stored, around: Around) -> ObjectionGround | None:
    if overdue(stored, around):
        return ObjectionGround.OVERDUE
    return _GROUNDS.get(stored.state)


def _lodging_faults(stored: Stored, ground: ObjectionGround | None, *, around: Around) -> Iterator[Fault]:
    if ground is None:
        yield Fault("", "nothing_to_object_to", {"state": stored.state})
        return
    since = stored.due_on if ground is ObjectionGround.OVERDUE else stored.decided_on
    if since is None or stored.policy is None:
        return
    last = _days_after(since, stored.policy.objection_days, stored=stored, around=around)
    if last < around.today:
        yield Fault("", "objection_too_late", {"last": last, "today": around.today})


def _answer_days(stored: Stored) -> int:
    return stored.policy.objection_answer_days if stored.policy else 0


def _days_after(since: date, count: int, *, stored: Stored, around: Around) -> date:
    """Return the last of so many working days of the holder after a day."""
    policy = stored.policy or around.policy
    calendar = observed(policy, around.calendar)
    found = explained(since, count, pauses=(), calendar=calendar).due_on
    return found or since
