"""Making, editing and deleting activities: what each makes of the record, and when it is refused.

Order of refusals: permission, party, state, input, guards.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict

from schema.vocabulary import ActivityState, Permission
from schema.wire.activities import CreateActivity, Participants, UpdateActivity
from service.access.basis import AgreementFacts, demand_party
from service.access.principal import Caller
from service.activities import guards
from service.activities.checks import record_faults
from service.activities.guards import Facts, Guard, facts_of
from service.activities.participants import participant_faults
from service.activities.records import Stored, next_version
from service.kernel.problem import Fault, Problem, refuse

_INITIAL: Mapping[ActivityState, tuple[Guard, ...]] = {
    ActivityState.DRAFT: (guards.agreement_open,),
    ActivityState.PLANNED: guards.TO_PLAN,
    ActivityState.HELD: guards.TO_LOG,
    ActivityState.REPORTED: (*guards.TO_LOG, guards.evidence_given),
}
_UNEDITABLE: Mapping[ActivityState, str] = {
    ActivityState.REPORTED: "return_first",
    ActivityState.VERIFIED: "reopen_first",
    ActivityState.CANCELLED: "cancelled_is_final",
}


def created(body: CreateActivity, caller: Caller, *, agreement: AgreementFacts, id: UUID) -> Stored:
    """Return the first version of an activity: a draft, a plan, or one of the past as held or reported.

    Raises `permission_missing`, `not_a_party`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.ACTIVITY_EDIT)
    stored = _first_version(body, caller, id=id)
    refuse([*_initial_faults(stored), *record_faults(stored)])
    facts = facts_of(stored, caller, agreement=agreement)
    faults = guards.unmet(_INITIAL[stored.state], facts)
    if faults:
        raise Problem("guards_not_met", faults=faults, action="create")
    return stored


def updated(stored: Stored, patch: UpdateActivity, *, caller: Caller, agreement: AgreementFacts) -> Stored:
    """Return the activity with the fields the body gives.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit` or `validation_failed`.
    """
    demand_party(caller, agreement, permission=Permission.ACTIVITY_EDIT)
    if stored.state in _UNEDITABLE:
        raise _forbidden(stored, [Fault("", _UNEDITABLE[stored.state])])
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = next_version(stored, given, caller=caller)
    refuse(record_faults(after))
    faults = list(_state_faults(stored, after, facts=facts_of(after, caller, agreement=agreement)))
    if faults:
        raise _forbidden(stored, faults)
    return after


def with_participants(
    stored: Stored, participants: Participants, *, caller: Caller, agreement: AgreementFacts
) -> Stored:
    """Return the held activity with these counts; pointers of faults are into the counts themselves.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit` or `validation_failed`.
    """
    demand_party(caller, agreement, permission=Permission.ACTIVITY_EDIT)
    if stored.state is not ActivityState.HELD:
        code = _UNEDITABLE.get(stored.state, "participants_before_held")
        raise _forbidden(stored, [Fault("", code, {"state": stored.state})])
    refuse(participant_faults(participants, at=""))
    return next_version(stored, {"participants": participants}, caller=caller)


def demand_deletable(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> None:
    """Refuse to delete anything but a draft, by anyone but the party that logged it.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.ACTIVITY_EDIT)
    if stored.state is not ActivityState.DRAFT:
        raise _forbidden(stored, [Fault("", "not_a_draft")])
    if stored.organization_id != caller.organization_id:
        fault = Fault("", "logged_by_another", {"organization_id": stored.organization_id})
        raise Problem("guards_not_met", faults=(fault,), action="delete")


def _first_version(body: CreateActivity, caller: Caller, *, id: UUID) -> Stored:
    given: dict[str, Any] = {**asdict(body), "ends_on": body.ends_on or body.starts_on}
    return Stored(
        **given,
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        organization_id=caller.organization_id,
        former_dates=(),
        state_reason=None,
        reported_by=caller.organization_id if body.state is ActivityState.REPORTED else None,
        verified_by=None,
        reporter_id=caller.principal.user_id if body.state is ActivityState.REPORTED else None,
        verifier_id=None,
    )


def _initial_faults(stored: Stored) -> Iterator[Fault]:
    if stored.state not in _INITIAL:
        yield Fault("/state", "not_allowed", {"given": stored.state, "expected": ", ".join(_INITIAL)})
    yield from _early_participants(stored)


def _early_participants(stored: Stored) -> Iterator[Fault]:
    if stored.participants is not None and stored.state in {ActivityState.DRAFT, ActivityState.PLANNED}:
        yield Fault("/participants", "participants_before_held", {"state": stored.state})


def _state_faults(before: Stored, after: Stored, *, facts: Facts) -> Iterator[Fault]:
    """Give what an edit would break of what the state says: a plan stays a plan, the past stays past."""
    yield from _early_participants(after)
    days_moved = (before.starts_on, before.ends_on) != (after.starts_on, after.ends_on)
    if before.state is ActivityState.PLANNED:
        if days_moved:
            yield Fault("/starts_on", "use_reschedule")
        yield from guards.unmet((guards.place_known, guards.host_named), facts)
    elif before.state is ActivityState.HELD and days_moved:
        yield from guards.unmet(guards.TO_HOLD, facts)


def _forbidden(stored: Stored, faults: Iterable[Fault]) -> Problem:
    return Problem("state_forbids_edit", faults=faults, state=stored.state)
