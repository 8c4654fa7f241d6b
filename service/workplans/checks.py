"""Hard errors of the work plan: what no item and no reported value may hold."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from schema.vocabulary import WorkplanLevel
from schema.wire.workplans import Indicator
from service.access.basis import AgreementFacts
from service.kernel.problem import Fault
from service.workplans.progress import span_of
from service.workplans.records import PARENT_LEVEL, Stored, StoredActual

_DECIMALS = 3


def item_faults(stored: Stored, agreement: AgreementFacts) -> Iterator[Fault]:
    """Return the hard errors of an item that its own fields and its agreement show."""
    yield from _party_faults(stored, agreement.party_ids)
    yield from _indicator_faults(stored.indicator)
    yield from _year_faults(stored, agreement)


def parent_faults(stored: Stored, parent_level: WorkplanLevel | None) -> Iterator[Fault]:
    """Return a fault when an item cannot serve what it names; None is no item of its agreement."""
    if stored.parent_id is None:
        return
    expected = PARENT_LEVEL.get(stored.level)
    if expected is None:
        yield Fault("/parent_id", "outcome_has_no_parent")
    elif parent_level is not expected:
        yield Fault("/parent_id", "parent_not_fitting", {"level": stored.level, "expected": expected})


def due_faults(due_on: date, after: Iterable[date | None]) -> Iterator[Fault]:
    """Return a fault when a new due day does not lie after all of these."""
    last = max(day for day in after if day is not None)
    if due_on <= last:
        yield Fault("/due_on", "due_not_later", {"day": due_on, "last": last})


def actual_faults(stored: StoredActual) -> Iterator[Fault]:
    """Return the hard errors of a reported value."""
    if stored.ends_on < stored.starts_on:
        yield Fault("/ends_on", "end_before_start", {"start": stored.starts_on, "end": stored.ends_on})
    if (stored.value is None) == (stored.not_available_reason is None):
        yield Fault("/value", "value_or_reason")
    yield from _measure_faults({"/value": stored.value})


def _party_faults(stored: Stored, party_ids: frozenset[UUID]) -> Iterator[Fault]:
    named: list[tuple[str, UUID | None]] = [("/lead_organization_id", stored.lead_organization_id)]
    supporters = list(enumerate(stored.supporting_organization_ids))
    named += [(f"/supporting_organization_ids/{place}", each) for place, each in supporters]
    named += [(f"/budget/{place}", line.organization_id) for place, line in enumerate(stored.budget)]
    for pointer, organization_id in named:
        if organization_id is not None and organization_id not in party_ids:
            yield Fault(pointer, "party_unknown", {"id": organization_id})
    for place, each in supporters:
        pointer = f"/supporting_organization_ids/{place}"
        if each in stored.supporting_organization_ids[:place]:
            yield Fault(pointer, "repeated", {"given": each})
        if each == stored.lead_organization_id:
            yield Fault(pointer, "lead_supports")


def _indicator_faults(indicator: Indicator | None) -> Iterator[Fault]:
    if indicator is not None:
        yield from _measure_faults(
            {"/indicator/baseline": indicator.baseline, "/indicator/target": indicator.target}
        )


def _measure_faults(values: dict[str, float | None]) -> Iterator[Fault]:
    for pointer, value in values.items():
        if value is not None and round(value, _DECIMALS) != value:
            yield Fault(pointer, "measure_too_fine", {"given": value})


def _year_faults(stored: Stored, agreement: AgreementFacts) -> Iterator[Fault]:
    span, end = span_of(stored, agreement), agreement.ends_on
    if span is not None and end is not None and span.starts_on > end:
        values = {"year": stored.agreement_year, "start": span.starts_on, "end": end}
        yield Fault("/agreement_year", "year_after_end", values)
