"""The dashboard figures of an agreement, put together from its tallies."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from schema.vocabulary import ActivityKind, ActivityState, MilestoneHealth, Relation
from schema.wire.summary import (
    ActivitySummary,
    AgreementSummary,
    AttendanceSummary,
    HealthCount,
    KeyCount,
    MilestoneSummary,
    OrganizationAttendance,
    RequestSummary,
    WorkplanSummary,
    WorkplanYear,
)
from service.access.tallies import NOBODY, UNKNOWN_YEAR, ActivityTally, AttendanceTally, Contribution

NO_REQUESTS = RequestSummary(
    received=0,
    granted=0,
    granted_in_part=0,
    refused=0,
    open=0,
    overdue=0,
    median_working_days=None,
    p90_working_days=None,
)
"""The figures of an agreement under which nobody asked for data."""

_KINDS, _STATES, _HEALTHS = tuple(ActivityKind), tuple(ActivityState), tuple(MilestoneHealth)


class _Attended(NamedTuple):
    """Attendance of one name over all its rows; null is what nobody reported."""

    activities: int
    unknown_total_activities: int
    total: int | None
    male: int | None
    female: int | None
    sex_unspecified: int | None


class Planned(NamedTuple):
    """Milestones, items of the work plan and data requests, counted as they stand on the day."""

    milestones: tuple[HealthCount, ...] = ()
    years: tuple[WorkplanYear, ...] = ()
    data_requests: RequestSummary = NO_REQUESTS


NOTHING = Planned()


def summary(
    agreement_id: UUID,
    tallies: Contribution,
    *,
    as_of: date,
    relations: Collection[Relation],
    planned: Planned = NOTHING,
) -> AgreementSummary:
    """Return the figures of an agreement from its tallies, with its children when theirs are among them.

    Only activities of these relations are counted.
    """
    return AgreementSummary(
        agreement_id=agreement_id,
        as_of=as_of,
        activities=activities([row for row in tallies.activities if row.relation in relations]),
        attendance=attendance([row for row in tallies.attendance if row.relation in relations]),
        milestones=MilestoneSummary(
            by_health=tuple(sorted(planned.milestones, key=lambda each: _HEALTHS.index(each.key)))
        ),
        workplan=WorkplanSummary(by_agreement_year=planned.years),
        data_requests=planned.data_requests,
    )


def activities(rows: Collection[ActivityTally]) -> ActivitySummary:
    """Return how many activities there are: by kind and state in the order of the vocabulary, and by year."""
    kinds, states, years = defaultdict[str, int](int), defaultdict[str, int](int), defaultdict[int, int](int)
    for row in rows:
        kinds[row.kind] += row.activities
        states[row.state] += row.activities
        years[row.agreement_year] += row.activities
    return ActivitySummary(
        total=sum(kinds.values()),
        by_kind=_keyed(kinds, _KINDS),
        by_state=_keyed(states, _STATES),
        by_agreement_year=tuple(
            KeyCount(key="unknown" if year == UNKNOWN_YEAR else str(year), count=count)
            for year, count in sorted(years.items())
            if count
        ),
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


def _keyed(sums: Mapping[str, int], order: Iterable[StrEnum]) -> tuple[KeyCount, ...]:
    return tuple([KeyCount(key=key.value, count=sums[key]) for key in order if sums.get(key)])


def _attended(rows: Iterable[AttendanceTally]) -> _Attended:
    held = unknown = total = male = male_known = female = female_known = 0
    for row in rows:
        held += row.activities
        unknown += row.unknown_totals
        total += row.total
        male += row.male
        male_known += row.male_known
        female += row.female
        female_known += row.female_known
    # Nobody came to no activities; to activities that nobody counted came an unknown number.
    nobody_counted = bool(held) and held == unknown
    return _Attended(
        activities=held,
        unknown_total_activities=unknown,
        total=None if nobody_counted else total,
        male=male if male_known else None,
        female=female if female_known else None,
        sex_unspecified=None if nobody_counted else total - male - female,
    )


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
