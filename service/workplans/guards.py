"""What guards the work plan: the facts guards look at, and each guard with the faults of what it asks for."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from schema.vocabulary import AgreementPhase
from service.access.basis import FINISHED, IN_FORCE, AgreementFacts, open_faults
from service.access.principal import Caller
from service.kernel.problem import Fault
from service.workplans.records import Stored


class Facts(NamedTuple):
    """All that guards of an item look at."""

    stored: Stored
    phase: AgreementPhase
    today: date
    organization_id: UUID
    user_id: UUID


Guard = Callable[[Facts], Iterator[Fault]]


def facts_of(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> Facts:
    """Return what the guards look at when this caller wants to move the item today."""
    return Facts(stored, agreement.phase, caller.today, caller.organization_id, caller.principal.user_id)


def agreement_open(facts: Facts) -> Iterator[Fault]:
    """An agreement that is neither blocked nor finished."""
    yield from open_faults(facts.phase)


def agreement_running(facts: Facts) -> Iterator[Fault]:
    """An agreement that is in force today."""
    if facts.phase not in IN_FORCE:
        yield Fault("", "agreement_not_running", {"phase": facts.phase})


def agreement_kept(facts: Facts) -> Iterator[Fault]:
    """An agreement that is neither cancelled nor closed."""
    yield from kept_faults(facts.phase)


def kept_faults(phase: AgreementPhase) -> Iterator[Fault]:
    """Return a fault when nothing is recorded any more under an agreement of this phase."""
    if phase in FINISHED:
        yield Fault("", "agreement_not_open", {"phase": phase})


def by_lead(facts: Facts) -> Iterator[Fault]:
    """The lead; where none is named, any party."""
    lead = facts.stored.lead_organization_id
    if lead is not None and lead != facts.organization_id:
        yield Fault("/lead_organization_id", "lead_only", {"organization_id": lead})


def evidence_given(facts: Facts) -> Iterator[Fault]:
    """At least one evidence."""
    if not facts.stored.evidence:
        yield Fault("/evidence", "evidence_required")


def proposed_elsewhere(facts: Facts) -> Iterator[Fault]:
    """A proposal of another party than the caller's, made by another person."""
    yield from _elsewhere(facts, facts.stored.proposed_by, person=facts.stored.proposer_id)


def completed_elsewhere(facts: Facts) -> Iterator[Fault]:
    """A result of another party than the caller's, put forward by another person."""
    yield from _elsewhere(facts, facts.stored.completed_by, person=facts.stored.completer_id)


def second_key(facts: Facts) -> Iterator[Fault]:
    """Two keys of two organizations and two persons, once there is a first."""
    if facts.stored.drop_proposed_by == facts.organization_id:
        yield Fault("/drop_proposed_by", "drop_needs_another_party")
    elif facts.stored.drop_proposer_id == facts.user_id:
        yield Fault("/drop_proposed_by", "drop_needs_another_person")


def _elsewhere(facts: Facts, organization_id: UUID | None, *, person: UUID | None) -> Iterator[Fault]:
    if organization_id == facts.organization_id:
        yield Fault("", "same_party")
    elif person == facts.user_id:
        yield Fault("", "same_person")
