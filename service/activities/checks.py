"""Hard errors of an activity: what no state of it may hold (domain: hard errors and warnings)."""

from collections.abc import Hashable, Iterator, Sequence
from datetime import date

from service.access.areas import area_faults
from service.access.evidence import evidence_faults, evidence_length_faults
from service.activities.participants import participant_faults
from service.activities.records import Stored
from service.kernel.problem import Fault

MOST_FORMER_DATES = 100


def record_faults(stored: Stored) -> Iterator[Fault]:
    """Return all hard errors of an activity, with pointers into the body that made it."""
    yield from day_faults(stored.starts_on, stored.ends_on)
    yield from _kind_faults(stored)
    yield from _organizer_faults(stored)
    yield from evidence_faults(stored.evidence)
    yield from area_faults(stored.mcp_areas)
    if stored.participants is not None:
        yield from participant_faults(stored.participants, at="/participants")


def day_faults(starts_on: date, ends_on: date) -> Iterator[Fault]:
    """Return a fault when the last day is before the first."""
    if ends_on < starts_on:
        yield Fault("/ends_on", "end_before_start", {"start": starts_on, "end": ends_on})


def length_faults(stored: Stored) -> Iterator[Fault]:
    """Return a fault for each list that moves have made longer than a reply holds."""
    yield from evidence_length_faults(stored.evidence)
    if len(stored.former_dates) > MOST_FORMER_DATES:
        yield Fault("/starts_on", "rescheduled_too_often", {"limit": MOST_FORMER_DATES})


def _kind_faults(stored: Stored) -> Iterator[Fault]:
    # The main kind counts as the first of them, so that repeating it is found as well.
    for position in _repeated((stored.kind, *stored.also_kinds)):
        yield Fault(f"/also_kinds/{position - 1}", "repeated", {"given": stored.also_kinds[position - 1]})


def _organizer_faults(stored: Stored) -> Iterator[Fault]:
    for position in _repeated([(item.organization_id, item.role) for item in stored.organizers]):
        item = stored.organizers[position]
        yield Fault(f"/organizers/{position}", "repeated", {"given": f"{item.organization_id} {item.role}"})


def _repeated(values: Sequence[Hashable]) -> Iterator[int]:
    seen: set[Hashable] = set()
    for position, value in enumerate(values):
        if value in seen:
            yield position
        seen.add(value)
