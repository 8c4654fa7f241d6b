"""The life of a data request: its state machine, its moves, and who may make them.

A move is refused in this order: permission, side, agreement, arrow, input, duties, then all guards together.
`actions[]` knows no move yet, so there only what is on record can stop an action.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from schema.vocabulary import UNDECIDED, DataRequestAction, DataRequestState, Permission, RequestRole
from schema.wire import data_request_moves as moves
from schema.wire.common import AvailableAction
from service.access.principal import Caller
from service.data_requests import guards
from service.data_requests.effects import EFFECTS, nothing_more
from service.data_requests.guards import Facts
from service.data_requests.records import Around, Stored
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Problem, refuse

_A, _S = DataRequestAction, DataRequestState
_ASK = (Permission.DATA_REQUEST_ASK,)
_HANDLE = (Permission.DATA_REQUEST_HANDLE,)
_DECIDE = (Permission.DATA_REQUEST_DECIDE,)
_GIVEN = (_S.GRANTED, _S.GRANTED_IN_PART)
_DUTIES_OF_DECIDERS = (guards.in_session, guards.not_own_request, guards.not_own_recommendation)
_ANOTHER = "a person who neither asked nor recommended, in a session"


def _each(
    action: DataRequestAction,
    sources: Iterable[DataRequestState],
    *,
    to: DataRequestState | None = None,
    by: tuple[Permission, ...],
    note: str,
) -> tuple[Transition, ...]:
    """Return the same arrow out of several states; without a target, each leads back to where it began."""
    return tuple(Transition(action, source, to or source, by, note) for source in sources)


LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        Transition(
            _A.SUBMIT,
            _S.DRAFT,
            _S.SUBMITTED,
            _ASK,
            "its agreement active; data, period and legal basis; gives the number and starts the clock",
        ),
        Transition(_A.TAKE, _S.SUBMITTED, _S.UNDER_REVIEW, _HANDLE, "by a person who did not ask"),
        *_each(
            _A.ASSIGN,
            (_S.SUBMITTED, _S.UNDER_REVIEW),
            to=_S.UNDER_REVIEW,
            by=_HANDLE,
            note="to a reviewer of the holder who did not ask",
        ),
        Transition(
            _A.ASK,
            _S.UNDER_REVIEW,
            _S.NEEDS_CLARIFICATION,
            _HANDLE,
            "by the assignee; the clock stands still",
        ),
        Transition(_A.ANSWER, _S.NEEDS_CLARIFICATION, _S.UNDER_REVIEW, _ASK, "the clock goes on"),
        *_each(
            _A.TRANSFER,
            (_S.SUBMITTED, _S.UNDER_REVIEW),
            to=_S.TRANSFERRED,
            by=_HANDLE,
            note="names the body that holds it",
        ),
        Transition(
            _A.RECOMMEND,
            _S.UNDER_REVIEW,
            _S.AWAITING_DECISION,
            _HANDLE,
            "by the assignee; an assessment when it tells of persons",
        ),
        *_each(
            _A.EXTEND,
            UNDECIDED,
            by=_HANDLE,
            note="once, before the due day has passed; a reason",
        ),
        Transition(_A.SEND_BACK, _S.AWAITING_DECISION, _S.UNDER_REVIEW, _DECIDE, "a reason"),
        Transition(
            _A.GRANT, _S.AWAITING_DECISION, _S.GRANTED, _DECIDE, f"{_ANOTHER}; access within the agreement"
        ),
        Transition(
            _A.GRANT_IN_PART,
            _S.AWAITING_DECISION,
            _S.GRANTED_IN_PART,
            _DECIDE,
            f"{_ANOTHER}; what is left out and why; access within the agreement",
        ),
        Transition(
            _A.REFUSE,
            _S.AWAITING_DECISION,
            _S.REFUSED,
            _DECIDE,
            f"{_ANOTHER}; a reason; a consequence test for UU KIP article 17",
        ),
        *_each(_A.ACCEPT_CONDITIONS, _GIVEN, by=_ASK, note="when conditions were set, once"),
        *_each(
            _A.DELIVER,
            _GIVEN,
            by=_HANDLE,
            note="a link or a document of the holder; conditions accepted; before access ends; fulfilled when"
            " it is complete",
        ),
        *_each(_A.ACKNOWLEDGE, (*_GIVEN, _S.FULFILLED), by=_ASK, note="once for each delivery"),
        *_each(
            _A.REVOKE,
            (*_GIVEN, _S.FULFILLED),
            to=_S.REVOKED,
            by=_DECIDE,
            note="a reason; access ends at once",
        ),
        *_each(
            _A.WITHDRAW,
            (_S.DRAFT, *UNDECIDED),
            to=_S.WITHDRAWN,
            by=_ASK,
            note="before it is decided",
        ),
        Transition(_A.CLOSE, _S.FULFILLED, _S.CLOSED, _ASK, "nothing more is needed"),
    ),
    guards={
        _A.SUBMIT: (
            guards.agreement_active,
            guards.data_named,
            guards.period_given,
            guards.legal_basis_given,
        ),
        _A.TAKE: (guards.not_own_request,),
        _A.ASSIGN: (guards.assignee_fits,),
        _A.ASK: (guards.is_assignee, guards.room_for_question),
        _A.RECOMMEND: (guards.not_own_request, guards.is_assignee, guards.assessment_given),
        _A.EXTEND: (guards.not_extended, guards.not_past_due),
        _A.GRANT: (*_DUTIES_OF_DECIDERS, guards.agreement_not_over, guards.access_end_fits),
        _A.GRANT_IN_PART: (*_DUTIES_OF_DECIDERS, guards.agreement_not_over, guards.access_end_fits),
        _A.REFUSE: (*_DUTIES_OF_DECIDERS, guards.consequence_tested),
        _A.ACCEPT_CONDITIONS: (guards.conditions_open,),
        _A.DELIVER: (guards.conditions_met, guards.access_open, guards.room_for_delivery),
        _A.ACKNOWLEDGE: (guards.delivery_open,),
    },
)

PERMISSIONS: Mapping[str, Permission] = MappingProxyType(
    {arrow.action: arrow.permissions[0] for arrow in LIFECYCLE.transitions}
)
"""What each action needs; it is the same out of every state."""

DECISIONS = frozenset({_A.GRANT, _A.GRANT_IN_PART, _A.REFUSE})
"""Actions that the database lets nobody take who asked or recommended."""

SIDES: Mapping[RequestRole, frozenset[Permission]] = {
    RequestRole.REQUESTER: frozenset(_ASK),
    RequestRole.HOLDER: frozenset(_HANDLE + _DECIDE),
}
"""The permissions that each side may use on a request."""


def action_of(move: moves.DataRequestMove) -> DataRequestAction:
    """Return the action a move asks for."""
    return DataRequestAction(str(move.__struct_config__.tag))


def side_of(stored: Stored, caller: Caller) -> RequestRole | None:
    """Return the side of the caller's own organization; None: it only sees the request."""
    own = caller.organization_id
    if own == stored.holder_organization_id:
        return RequestRole.HOLDER
    return RequestRole.REQUESTER if own == stored.requester_organization_id else None


def demand_side(stored: Stored, caller: Caller, *, permission: Permission) -> None:
    """Raise `permission_missing`, or `not_the_requester` or `not_the_holder` for another organization."""
    if not caller.principal.may(permission):
        raise Problem("permission_missing", permission=permission)
    wanted = next(side for side, given in SIDES.items() if permission in given)
    if side_of(stored, caller) is not wanted:
        raise Problem(f"not_the_{wanted}")


def demand_agreement(stored: Stored, around: Around) -> None:
    """Raise `not_a_party` when the agreement it rests on is hidden from the caller by now."""
    if stored.agreement_id is not None and around.agreement is None:
        raise Problem("not_a_party")


def demand_move(stored: Stored, move: moves.DataRequestMove, *, caller: Caller, around: Around) -> None:
    """Raise whatever stops a move: permission, side, agreement, arrow, input, duties, then all guards."""
    action = action_of(move)
    demand_side(stored, caller, permission=PERMISSIONS[action])
    demand_agreement(stored, around)
    LIFECYCLE.arrow(action, stored.state)
    if isinstance(move, moves.Deliver):
        refuse(guards.delivery_faults(move, around.document))
    LIFECYCLE.demand(action, Facts(stored=stored, caller=caller, around=around, move=move))


def moved(stored: Stored, move: moves.DataRequestMove, *, caller: Caller, around: Around) -> Stored:
    """Return the request after a move, one version on.

    Raises `permission_missing`, `not_the_requester`, `not_the_holder`, `not_a_party`,
    `transition_not_allowed`, `validation_failed`, `own_request`, `own_recommendation`, `session_required`, or
    `guards_not_met` with all of them.
    """
    demand_move(stored, move, caller=caller, around=around)
    target = LIFECYCLE.arrow(action_of(move), stored.state).target
    effect = EFFECTS.get(type(move), nothing_more)
    changes = {
        "state": target,
        "state_reason": getattr(move, "reason", stored.state_reason),
        **effect(Facts(stored=stored, caller=caller, around=around, move=move), move),
    }
    return replace(stored, version=stored.version + 1, updated_at=caller.now, **changes)


def actions(stored: Stored, caller: Caller, *, around: Around) -> tuple[AvailableAction, ...]:
    """Return the actions out of this state that belong to the caller, with what stops each."""
    side = side_of(stored, caller)
    if side is None:
        return ()
    facts = Facts(stored=stored, caller=caller, around=around)
    permissions = caller.principal.permissions & SIDES[side]
    return LIFECYCLE.available(stored.state, facts, permissions=permissions, language=caller.language)
