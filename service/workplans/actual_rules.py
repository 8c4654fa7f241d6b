"""The life of a reported value: one party submits it, another approves it, and only then it counts."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict

from schema.vocabulary import ActualAction, ActualState, AgreementPhase, Permission
from schema.wire import actuals as wire
from schema.wire.common import AvailableAction
from service.access.basis import AgreementFacts, demand_party
from service.access.principal import Caller
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Fault, Problem, refuse
from service.workplans.checks import actual_faults
from service.workplans.guards import kept_faults
from service.workplans.records import UNDER_WAY, Stored, StoredActual, next_actual

_A, _S = ActualAction, ActualState
_EDIT = (Permission.WORKPLAN_EDIT,)
_VERIFY = (Permission.WORKPLAN_VERIFY,)
_EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})


class Facts(NamedTuple):
    """All that guards of a reported value look at."""

    stored: StoredActual
    phase: AgreementPhase
    today: date
    organization_id: UUID
    user_id: UUID


def _agreement_kept(facts: Facts) -> Iterator[Fault]:
    yield from kept_faults(facts.phase)


def _period_over(facts: Facts) -> Iterator[Fault]:
    if facts.stored.ends_on > facts.today:
        yield Fault("/ends_on", "period_not_over", {"day": facts.stored.ends_on, "today": facts.today})


def _submitted_elsewhere(facts: Facts) -> Iterator[Fault]:
    if facts.stored.submitted_by == facts.organization_id:
        yield Fault("", "same_party")
    elif facts.stored.submitter_id == facts.user_id:
        yield Fault("", "same_person")


_DECISION = "by another party than the one that submitted"

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        *(
            Transition(_A.SUBMIT, source, _S.SUBMITTED, _EDIT, "the period is over")
            for source in (_S.DRAFT, _S.RETURNED)
        ),
        Transition(_A.APPROVE, _S.SUBMITTED, _S.APPROVED, _VERIFY, _DECISION),
        Transition(_A.RETURN, _S.SUBMITTED, _S.RETURNED, _VERIFY, f"{_DECISION}; a reason"),
    ),
    guards={
        _A.SUBMIT: (_agreement_kept, _period_over),
        _A.APPROVE: (_submitted_elsewhere, _agreement_kept),
        _A.RETURN: (_submitted_elsewhere, _agreement_kept),
    },
)

PERMISSIONS: Mapping[str, Permission] = {
    arrow.action: arrow.permissions[0] for arrow in LIFECYCLE.transitions
}
"""What each action needs; it is the same out of every state."""


def reported(
    body: wire.CreateActual, item: Stored, *, caller: Caller, agreement: AgreementFacts, id: UUID
) -> StoredActual:
    """Return the first version of a value of an item's indicator: a draft.

    Raises `permission_missing`, `not_a_party`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.WORKPLAN_EDIT)
    stored = StoredActual(
        **asdict(body),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        agreement_id=item.agreement_id,
        workplan_item_id=item.id,
        state=_S.DRAFT,
        state_reason=None,
        submitted_by=None,
        submitter_id=None,
        approved_by=None,
        approver_id=None,
    )
    refuse(actual_faults(stored))
    faults = [*kept_faults(agreement.phase), *_item_faults(item)]
    if faults:
        raise Problem("guards_not_met", faults=faults, action="create")
    return stored


def corrected(
    stored: StoredActual, patch: wire.UpdateActual, *, caller: Caller, agreement: AgreementFacts
) -> StoredActual:
    """Return the value with the fields the body gives.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit` or `validation_failed`.
    """
    demand_party(caller, agreement, permission=Permission.WORKPLAN_EDIT)
    if stored.state not in _EDITABLE:
        raise Problem("state_forbids_edit", faults=[Fault("", "submitted_is_kept")], state=stored.state)
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = next_actual(stored, given, caller=caller)
    refuse(actual_faults(after))
    return after


def action_of(move: wire.ActualMove) -> ActualAction:
    """Return the action a move asks for."""
    return ActualAction(str(move.__struct_config__.tag))


def moved(
    stored: StoredActual, move: wire.ActualMove, *, caller: Caller, agreement: AgreementFacts
) -> StoredActual:
    """Return the value after a move, one version on.

    Raises `permission_missing`, `not_a_party`, `transition_not_allowed`, `same_party`, `same_person`, or
    `guards_not_met` with all failed guards.
    """
    action = action_of(move)
    demand_party(caller, agreement, permission=PERMISSIONS[action])
    arrow = LIFECYCLE.arrow(action, stored.state)
    facts = _facts(stored, caller, agreement=agreement)
    LIFECYCLE.demand(action, facts)
    return next_actual(stored, {"state": arrow.target, **_effect(move, caller)}, caller=caller)


def reply(stored: StoredActual, caller: Caller, *, agreement: AgreementFacts) -> wire.Actual:
    """Return the value as this caller reads it today; who is no party has no actions."""
    fields = {name: value for name, value in asdict(stored).items() if name in _SENT}
    return wire.Actual(**fields, actions=actions(stored, caller, agreement=agreement), warnings=())


_SENT = frozenset(wire.Actual.__struct_fields__)


def actions(
    stored: StoredActual, caller: Caller, *, agreement: AgreementFacts
) -> tuple[AvailableAction, ...]:
    """Return the actions out of the state that the caller's roles may take, with what stops each."""
    principal = caller.principal
    if principal.organization_id not in agreement.party_ids:
        return ()
    facts = _facts(stored, caller, agreement=agreement)
    return LIFECYCLE.available(
        stored.state, facts, permissions=principal.permissions, language=caller.language
    )


def _facts(stored: StoredActual, caller: Caller, *, agreement: AgreementFacts) -> Facts:
    return Facts(stored, agreement.phase, caller.today, caller.organization_id, caller.principal.user_id)


def _item_faults(item: Stored) -> Iterator[Fault]:
    if item.state not in UNDER_WAY:
        yield Fault("", "item_not_agreed", {"state": item.state})
    if item.indicator is None:
        yield Fault("", "indicator_missing")


def _effect(move: wire.ActualMove, caller: Caller) -> dict[str, Any]:
    own = (caller.organization_id, caller.principal.user_id)
    match move:
        case wire.SubmitActual():
            return dict(zip(("submitted_by", "submitter_id"), own, strict=True))
        case wire.ApproveActual():
            return dict(zip(("approved_by", "approver_id"), own, strict=True))
        case wire.ReturnActual(reason=reason):
            return {"state_reason": reason, "submitted_by": None, "submitter_id": None}
