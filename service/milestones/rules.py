"""The life of a milestone: its state machine, its moves, and the reply that says what a caller may do now.

A move is refused in this order: permission, party, arrow, input, another party, then all guards together.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from schema.vocabulary import Language, MilestoneAction, MilestoneState, Permission
from schema.wire import milestones as wire
from schema.wire.common import AvailableAction
from service.access.basis import AgreementFacts, demand_party
from service.access.evidence import evidence_faults, evidence_length_faults
from service.access.health import health_of
from service.access.principal import Caller
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Fault, refuse
from service.milestones import guards
from service.milestones.checks import warnings
from service.milestones.guards import Facts, facts_of
from service.milestones.records import Stored, next_version

_A, _S = MilestoneAction, MilestoneState
_EDIT = (Permission.MILESTONE_EDIT,)
_VERIFY = (Permission.MILESTONE_VERIFY,)
_WAIVE = (Permission.MILESTONE_WAIVE,)
_OWED = (_S.OPEN, _S.RETURNED)

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        *(
            Transition(
                _A.SUBMIT,
                source,
                _S.SUBMITTED,
                _EDIT,
                "by the owner; achieved today or before; at least one evidence, on record or in the body",
            )
            for source in _OWED
        ),
        Transition(_A.VERIFY, _S.SUBMITTED, _S.MET, _VERIFY, "by another party than the one that submitted"),
        Transition(
            _A.RETURN,
            _S.SUBMITTED,
            _S.RETURNED,
            _VERIFY,
            "by another party than the one that submitted; a reason",
        ),
        *(
            Transition(
                _A.REPLAN,
                source,
                source,
                _EDIT,
                "agreement neither blocked nor finished; a reason; the day first promised is kept",
            )
            for source in _OWED
        ),
        *(Transition(_A.WAIVE, source, _S.WAIVED, _WAIVE, "a reason") for source in _OWED),
        *(
            Transition(
                _A.CANCEL,
                source,
                _S.CANCELLED,
                _EDIT,
                "a reason; the first call proposes, the same call of another party cancels",
            )
            for source in _OWED
        ),
    ),
    guards={
        _A.SUBMIT: (guards.by_owner, guards.achieved, guards.evidence_given),
        _A.VERIFY: (guards.submitted_elsewhere,),
        _A.RETURN: (guards.submitted_elsewhere,),
        _A.REPLAN: (guards.agreement_open,),
        _A.CANCEL: (guards.second_key,),
    },
)

PERMISSIONS: Mapping[str, Permission] = {
    arrow.action: arrow.permissions[0] for arrow in LIFECYCLE.transitions
}
"""What each action needs; it is the same out of every state."""

_REMEMBERED = 4096  # Entries, a few MB when full.


def action_of(move: wire.MilestoneMove) -> MilestoneAction:
    """Return the action a move asks for."""
    return MilestoneAction(str(move.__struct_config__.tag))


def moved(stored: Stored, move: wire.MilestoneMove, *, caller: Caller, agreement: AgreementFacts) -> Stored:
    """Return the milestone after a move, one version on.

    Raises `permission_missing`, `not_a_party`, `transition_not_allowed`, `validation_failed`, `same_party`,
    `same_person`, or `guards_not_met` with all failed guards.
    """
    action = action_of(move)
    demand_party(caller, agreement, permission=PERMISSIONS[action])
    arrow = LIFECYCLE.arrow(action, stored.state)
    proposed = _with_evidence(stored, move)
    refuse(_input_faults(proposed, move))
    facts = facts_of(proposed, caller, agreement=agreement, move=move)
    LIFECYCLE.demand(action, facts)
    reason = getattr(move, "reason", stored.state_reason)
    effects = _EFFECTS[type(move)](_Turn(stored, caller), move)
    changes = {"state": arrow.target, "state_reason": reason, **effects}
    return next_version(proposed, changes, caller=caller)


def reply(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> wire.Milestone:
    """Return the milestone as this caller reads it today; who is no party has no actions."""
    return wire.Milestone(
        **{name: getattr(stored, name) for name in _SENT},
        slip_days=(stored.due_on - stored.baseline_due_on).days,
        health=health_of(stored, caller.today),
        actions=actions(stored, caller, agreement=agreement),
        warnings=warnings(stored, agreement, language=caller.language),
    )


_SENT = tuple(name for name in Stored.__struct_fields__ if name in wire.Milestone.__struct_fields__)


def actions(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> tuple[AvailableAction, ...]:
    """Return the actions out of the state that the caller's roles may take, with what stops each."""
    principal = caller.principal
    if principal.organization_id not in agreement.party_ids:
        return ()
    facts = facts_of(stored, caller, agreement=agreement)
    return _actions(stored.state, facts, permissions=principal.permissions, language=caller.language)


@lru_cache(maxsize=_REMEMBERED)
def _actions(
    state: MilestoneState, facts: Facts, *, permissions: frozenset[Permission], language: Language
) -> tuple[AvailableAction, ...]:
    # A page holds up to 200 milestones, most alike in all that their actions depend on.
    return LIFECYCLE.available(state, facts, permissions=permissions, language=language)


def _with_evidence(stored: Stored, move: wire.MilestoneMove) -> Stored:
    """Give the milestone with the evidence the body brings, for the guards to look at."""
    if not isinstance(move, wire.SubmitMilestone):
        return stored
    added = tuple(item for item in move.evidence if item not in stored.evidence)
    return replace(stored, evidence=(*stored.evidence, *added))


def _input_faults(proposed: Stored, move: wire.MilestoneMove) -> Iterator[Fault]:
    if isinstance(move, wire.SubmitMilestone):
        yield from evidence_faults(move.evidence)
        yield from evidence_length_faults(proposed.evidence)


class _Turn(NamedTuple):
    """A milestone as it was found, and who moves it."""

    stored: Stored
    caller: Caller

    @property
    def by(self) -> tuple[UUID, UUID]:
        """Organization and person."""
        return self.caller.organization_id, self.caller.principal.user_id


def _submitted(turn: _Turn, move: wire.SubmitMilestone) -> dict[str, Any]:
    by, person = turn.by
    return {"achieved_on": move.achieved_on, "submitted_by": by, "submitter_id": person}


def _verified(turn: _Turn, _move: wire.VerifyMilestone) -> dict[str, Any]:
    by, person = turn.by
    return {"verified_by": by, "verifier_id": person}


def _returned(_turn: _Turn, _move: wire.ReturnMilestone) -> dict[str, Any]:
    # What was not accepted was not achieved: the next submission says its day anew.
    return dict.fromkeys(("achieved_on", "submitted_by", "submitter_id"))


def _replanned(_turn: _Turn, move: wire.ReplanMilestone) -> dict[str, Any]:
    return {"due_on": move.due_on}


def _waived(_turn: _Turn, _move: wire.WaiveMilestone) -> dict[str, Any]:
    return {}


def _cancelled(turn: _Turn, move: wire.CancelMilestone) -> dict[str, Any]:
    """Give the proposal at the first key, the cancellation at the second; the proposal stays on record."""
    (by, person), first = turn.by, turn.stored.cancel_proposal
    if first is not None:
        return {"cancel_proposal": first, "cancelled_by": by, "canceller_id": person}
    proposal = wire.CancelProposal(organization_id=by, user_id=person, at=turn.caller.now, reason=move.reason)
    return {"state": turn.stored.state, "cancel_proposal": proposal}


_EFFECTS: Mapping[type, Callable[[_Turn, Any], dict[str, Any]]] = {
    wire.SubmitMilestone: _submitted,
    wire.VerifyMilestone: _verified,
    wire.ReturnMilestone: _returned,
    wire.ReplanMilestone: _replanned,
    wire.WaiveMilestone: _waived,
    wire.CancelMilestone: _cancelled,
}
