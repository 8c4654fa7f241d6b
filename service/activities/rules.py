"""The life of an activity: its state machine, its moves, and the reply that says what a caller may do now.

A move is refused in this order: permission, party, arrow, input, another party, then all guards together.
Guards look at the activity with what the move brings along; `actions[]` knows no move yet, so there only the
record counts.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from uuid import UUID

from msgspec.structs import replace

from schema.vocabulary import ActivityAction, ActivityState, Language, Permission
from schema.wire import activities as wire
from schema.wire.common import AvailableAction
from service.access.basis import AgreementFacts, demand_party
from service.access.evidence import evidence_faults
from service.access.principal import Caller
from service.activities import guards
from service.activities.checks import day_faults, length_faults
from service.activities.guards import Facts, facts_of
from service.activities.records import Stored, next_version
from service.activities.warnings import warnings
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Fault, refuse

_A, _S = ActivityAction, ActivityState
_EDIT = (Permission.ACTIVITY_EDIT,)
_VERIFY = (Permission.ACTIVITY_VERIFY,)
_REOPEN = (Permission.ACTIVITY_REOPEN,)

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        Transition(
            _A.PLAN,
            _S.DRAFT,
            _S.PLANNED,
            _EDIT,
            "agreement upcoming, active or expiring; venue or link as the mode needs; a host",
        ),
        *(
            Transition(_A.CANCEL, source, _S.CANCELLED, _EDIT, "a reason")
            for source in (_S.DRAFT, _S.PLANNED)
        ),
        Transition(
            _A.RESCHEDULE,
            _S.PLANNED,
            _S.PLANNED,
            _EDIT,
            "agreement upcoming, active or expiring; a reason; the old days are kept",
        ),
        Transition(
            _A.MARK_HELD,
            _S.PLANNED,
            _S.HELD,
            _EDIT,
            "it began today or before; agreement signed; all days before a suspension or termination",
        ),
        Transition(_A.REPORT, _S.HELD, _S.REPORTED, _EDIT, "at least one evidence, on record or in the body"),
        Transition(
            _A.VERIFY, _S.REPORTED, _S.VERIFIED, _VERIFY, "by another party than the one that reported"
        ),
        Transition(
            _A.RETURN, _S.REPORTED, _S.HELD, _VERIFY, "by another party than the one that reported; a reason"
        ),
        Transition(_A.REOPEN, _S.VERIFIED, _S.REPORTED, _REOPEN, "a reason"),
    ),
    guards={
        _A.PLAN: guards.TO_PLAN,
        _A.RESCHEDULE: guards.TO_RESCHEDULE,
        _A.MARK_HELD: guards.TO_HOLD,
        _A.REPORT: (guards.evidence_given,),
        _A.VERIFY: (guards.reported_elsewhere,),
        _A.RETURN: (guards.reported_elsewhere,),
    },
)

PERMISSIONS: Mapping[str, Permission] = {
    arrow.action: arrow.permissions[0] for arrow in LIFECYCLE.transitions
}
"""What each action needs; it is the same out of every state."""

# The organization and person a move leaves in the record: those that act, or none.
_REPORT, _VERIFICATION = ("reported_by", "reporter_id"), ("verified_by", "verifier_id")
_SIGNS: Mapping[ActivityAction, tuple[str, str]] = {_A.REPORT: _REPORT, _A.VERIFY: _VERIFICATION}
_CLEARS: Mapping[ActivityAction, tuple[str, str]] = {_A.RETURN: _REPORT, _A.REOPEN: _VERIFICATION}

_REMEMBERED = 4096  # Entries, a few MB when full.


def action_of(move: wire.ActivityMove) -> ActivityAction:
    """Return the action a move asks for."""
    return ActivityAction(str(move.__struct_config__.tag))


def moved(stored: Stored, move: wire.ActivityMove, *, caller: Caller, agreement: AgreementFacts) -> Stored:
    """Return the activity after a move, one version on.

    Raises `permission_missing`, `not_a_party`, `transition_not_allowed`, `validation_failed`, `same_party`,
    or `guards_not_met` with all failed guards.
    """
    action = action_of(move)
    demand_party(caller, agreement, permission=PERMISSIONS[action])
    arrow = LIFECYCLE.arrow(action, stored.state)
    proposed = _with_body(stored, move)
    refuse([*_input_faults(move), *length_faults(proposed)])
    facts = facts_of(proposed, caller, agreement=agreement)
    LIFECYCLE.demand(action, facts)
    changes = {"state": arrow.target, **_reason(move), **_signature(action, caller)}
    return next_version(proposed, changes, caller=caller)


def reply(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> wire.Activity:
    """Return the activity as this caller reads it today; who is no party has no actions."""
    return wire.Activity(
        id=stored.id,
        version=stored.version,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        created_by=stored.created_by,
        actions=actions(stored, caller, agreement=agreement),
        warnings=warnings(stored, agreement, language=caller.language),
        agreement_id=stored.agreement_id,
        organization_id=stored.organization_id,
        relation=stored.relation,
        kind=stored.kind,
        also_kinds=stored.also_kinds,
        title=stored.title,
        mode=stored.mode,
        starts_on=stored.starts_on,
        ends_on=stored.ends_on,
        former_dates=stored.former_dates,
        starts_at_local=stored.starts_at_local,
        venue=stored.venue,
        online_url=stored.online_url,
        region_code=stored.region_code,
        organizers=stored.organizers,
        topics=stored.topics,
        outcome=stored.outcome,
        follow_ups=stored.follow_ups,
        participants=stored.participants,
        training=stored.training,
        external_refs=stored.external_refs,
        mcp_areas=stored.mcp_areas,
        evidence=stored.evidence,
        workplan_item_id=stored.workplan_item_id,
        milestone_id=stored.milestone_id,
        client_ref=stored.client_ref,
        state=stored.state,
        state_reason=stored.state_reason,
        reported_by=stored.reported_by,
        verified_by=stored.verified_by,
    )


def actions(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> tuple[AvailableAction, ...]:
    """Return the actions out of the state that the caller's roles may take, with what stops each."""
    principal = caller.principal
    if principal.organization_id not in agreement.party_ids:
        return ()
    facts = facts_of(stored, caller, agreement=agreement)
    return _actions(stored.state, facts, permissions=principal.permissions, language=caller.language)


@lru_cache(maxsize=_REMEMBERED)
def _actions(
    state: ActivityState, facts: Facts, *, permissions: frozenset[Permission], language: Language
) -> tuple[AvailableAction, ...]:
    # A page holds up to 200 activities, most alike in all that their actions depend on.
    return LIFECYCLE.available(state, facts, permissions=permissions, language=language)


def _input_faults(move: wire.ActivityMove) -> Iterator[Fault]:
    if isinstance(move, wire.Reschedule):
        yield from day_faults(move.starts_on, move.ends_on or move.starts_on)
    if isinstance(move, wire.Report):
        yield from evidence_faults(move.evidence)


def _with_body(stored: Stored, move: wire.ActivityMove) -> Stored:
    """Give the activity with what the body brings, for the guards to look at."""
    if isinstance(move, wire.Report):
        added = tuple(item for item in move.evidence if item not in stored.evidence)
        return replace(stored, evidence=(*stored.evidence, *added))
    if isinstance(move, wire.Reschedule):
        return _rescheduled(stored, move)
    return stored


def _rescheduled(stored: Stored, move: wire.Reschedule) -> Stored:
    former = wire.FormerDates(starts_on=stored.starts_on, ends_on=stored.ends_on, reason=move.reason)
    return replace(
        stored,
        starts_on=move.starts_on,
        ends_on=move.ends_on or move.starts_on,
        former_dates=(*stored.former_dates, former),
    )


def _reason(move: wire.ActivityMove) -> dict[str, str]:
    if isinstance(move, wire.Reschedule | wire.CancelActivity | wire.Return | wire.Reopen):
        return {"state_reason": move.reason}
    return {}


def _signature(action: ActivityAction, caller: Caller) -> dict[str, UUID | None]:
    if action in _SIGNS:
        return dict(zip(_SIGNS[action], (caller.organization_id, caller.principal.user_id), strict=True))
    return dict.fromkeys(_CLEARS.get(action, ()))
