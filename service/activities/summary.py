"""The dashboard figures of an agreement, put together from its tallies."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from schema.vocabulary import ActivityKind, ActivityState, Relation
from schema.wire.summary import (
    ActivitySummary,
    AgreementSummary,
    AttendanceSummary,
    KeyCount,
    OrganizationAttendance,
)
from service.activities.tally import NOBODY, UNKNOWN_YEAR, ActivityTally, AttendanceTally, Contribution


class _Attended(NamedTuple):
    """Attendance of one name over all its rows; null is what nobody reported."""

    activities: int
    unknown_total_activities: int
    total: int | None
    male: int | None
    female: int | None
    sex_unspecified: int | None


def summary(
    agreement_id: UUID, tallies: Contribution, *, as_of: date, relations: Collection[Relation]
) -> AgreementSummary:
    """Return the figures of an agreement from its tallies, with its children when theirs are among them.

    Only activities of these relations are counted.
    """
    return AgreementSummary(
        agreement_id=agreement_id,
        as_of=as_of,
        activities=activities([row for row in tallies.activities if row.relation in relations]),
        attendance=attendance([row for row in tallies.attendance if row.relation in relations]),
    )


def activities(rows: Collection[ActivityTally]) -> ActivitySummary:
    """Return how many activities there are: by kind and state in the order of the vocabulary, and by year."""
    return ActivitySummary(
        total=sum(row.activities for row in rows),
        by_kind=_by(ActivityKind, ((row.kind, row.activities) for row in rows)),
        by_state=_by(ActivityState, ((row.state, row.activities) for row in rows)),
        by_agreement_year=_by_year(rows),
    )


def attendance(rows: Iterable[AttendanceTally]) -> AttendanceSummary:
    """Return who came: organizations and labelled groups with the largest total first, unknown ones last."""
    named: dict[tuple[UUID, str], list[AttendanceTally]] = {}
    for row in rows:
        if row.activities:
            named.setdefault((row.organization_id, row.group_label), []).append(row)
    whole = _attended(named.pop((NOBODY, ""), []))
    by_name = sorted(((name, _attended(same)) for name, same in named.items()), key=_rank)
    return AttendanceSummary(
        total=whole.total,
        unknown_total_activities=whole.unknown_total_activities,
        male=whole.male,
        female=whole.female,
        sex_unspecified=whole.sex_unspecified,
        by_organization=tuple(_of_name(name, attended) for name, attended in by_name),
    )


def _by(vocabulary: type[StrEnum], counted: Iterable[tuple[StrEnum, int]]) -> tuple[KeyCount, ...]:
    sums = Counter[str]()
    for key, count in counted:
        sums[key] += count
    return tuple(KeyCount(key=key.value, count=sums[key]) for key in vocabulary if sums[key])


def _by_year(rows: Iterable[ActivityTally]) -> tuple[KeyCount, ...]:
    sums = Counter[int]()
    for row in rows:
        sums[row.agreement_year] += row.activities
    return tuple(
        KeyCount(key="unknown" if year == UNKNOWN_YEAR else str(year), count=count)
        for year, count in sorted(sums.items())
        if count
    )


def _attended(rows: Collection[AttendanceTally]) -> _Attended:
    held, unknown = sum(row.activities for row in rows), sum(row.unknown_totals for row in rows)
    # Nobody came to no activities; to activities that nobody counted came an unknown number.
    total = None if held and held == unknown else sum(row.total for row in rows)
    male = sum(row.male for row in rows) if any(row.male_known for row in rows) else None
    female = sum(row.female for row in rows) if any(row.female_known for row in rows) else None
    unspecified = None if total is None else total - (male or 0) - (female or 0)
    return _Attended(held, unknown, total, male, female, unspecified)


def _rank(item: tuple[tuple[UUID, str], _Attended]) -> tuple[bool, int, UUID, str]:
    name, attended = item
    return (attended.total is None, -(attended.total or 0), *name)


def _of_name(name: tuple[UUID, str], attended: _Attended) -> OrganizationAttendance:
    organization_id, label = name
    return OrganizationAttendance(
        organization_id=None if organization_id == NOBODY else organization_id,
        group_label=label or None,
        **attended._asdict(),
    )
