"""What an activity adds to the tallies that summaries read, and what a change of it adds and takes away.

An activity without a known number of people enters attendance as one unknown total. Sexes enter only beside a
known total, so that those known by sex never exceed it. A total of the whole may be derived (`participants`);
counts of organizations are not attendances.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import add, sub
from typing import Any, TypeVar
from uuid import UUID

from msgspec.structs import astuple

from schema.vocabulary import ParticipantUnit, Relation
from service.access.basis import AgreementFacts
from service.access.tallies import (
    NOBODY,
    TOOK_PLACE,
    UNKNOWN_YEAR,
    ActivityTally,
    AttendanceTally,
    Contribution,
)
from service.activities.participants import implied, people_total, stated_total
from service.activities.records import Stored
from service.kernel.period import agreement_year

_Row = TypeVar("_Row", ActivityTally, AttendanceTally)
_ACTIVITY_KEYS, _ATTENDANCE_KEYS = 4, 3


def year_of(stored: Stored, agreement: AgreementFacts) -> int:
    """Return the agreement year an activity began in; 0 when the first day is unknown or later.

    It goes on counting after the last day, so that an extension changes no tally.
    """
    if agreement.effective_from is None:
        return UNKNOWN_YEAR
    return agreement_year(agreement.effective_from, stored.starts_on) or UNKNOWN_YEAR


def contribution(stored: Stored, year: int) -> Contribution:
    """Return what an activity of that agreement year adds to the tallies."""
    activity = ActivityTally(stored.relation, year, stored.kind, stored.state, 1)
    if stored.state not in TOOK_PLACE:
        return Contribution((activity,))
    return Contribution((activity,), (_whole(stored), *_groups(stored)))


def difference(before: Contribution | None, after: Contribution | None) -> Contribution:
    """Return what has to be added to the tallies when one contribution takes the place of another.

    Keys that stay as they are do not appear; None is an activity that is not there.
    """
    old, new = before or Contribution(), after or Contribution()
    return Contribution(
        _net(ActivityTally, _ACTIVITY_KEYS, old=old.activities, new=new.activities),
        _net(AttendanceTally, _ATTENDANCE_KEYS, old=old.attendance, new=new.attendance),
    )


def _whole(stored: Stored) -> AttendanceTally:
    counts = stored.participants
    people = people_total(counts)
    sexes = (None, None) if counts is None else (implied(counts, "male"), implied(counts, "female"))
    return _attendance(stored.relation, (NOBODY, ""), total=people, sexes=sexes)


def _groups(stored: Stored) -> Iterator[AttendanceTally]:
    counts = stored.participants
    if counts is None or counts.unit is not ParticipantUnit.PEOPLE:
        return
    for group in counts.groups:
        name = (group.organization_id or NOBODY, group.group_label or "")
        total, sexes = stated_total(group), (group.male, group.female)
        yield _attendance(stored.relation, name, total=total, sexes=sexes)


def _attendance(
    relation: Relation, name: tuple[UUID, str], *, total: int | None, sexes: tuple[int | None, int | None]
) -> AttendanceTally:
    if total is None:
        return AttendanceTally(relation, *name, 1, 1, 0, 0, 0, 0, 0)
    male, female = sexes
    split = (male or 0, int(male is not None), female or 0, int(female is not None))
    return AttendanceTally(relation, *name, 1, 0, total, *split)


def _net(
    make: Callable[..., _Row], width: int, *, old: Iterable[_Row], new: Iterable[_Row]
) -> tuple[_Row, ...]:
    """Return new minus old by key, the first `width` fields of a row; what comes to nothing is left out."""
    sums: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for rows, combine in ((old, sub), (new, add)):
        for row in rows:
            fields = astuple(row)
            key, counts = fields[:width], fields[width:]
            sums[key] = tuple(map(combine, sums.get(key, (0,) * len(counts)), counts))
    return tuple(make(*key, *counts) for key, counts in sorted(sums.items()) if any(counts))
