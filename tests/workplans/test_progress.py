"""Progress and health by the rules, and by PostgreSQL, which must say the same of every combination."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Select, select

from schema.tables.workplans import workplan_item
from schema.vocabulary import ProgressSource, WorkplanHealth, WorkplanState
from service.access.basis import AgreementFacts
from service.access.due import due_on, first_day_of, span_ends, span_starts
from service.kernel.database import rows
from service.kernel.period import calendar_quarters, quarter_span
from service.kernel.statement import Statement, document
from service.workplans.measured import health, progress
from service.workplans.progress import Span, due_of, elapsed, health_of, progress_of, span_of
from service.workplans.records import Stored
from tests import make
from tests.activities.given import agreement
from tests.workplans.given import DUE, indicator, item, measured

FIRST = date(2022, 8, 15)


# --------------------------------------------------------------------------------------------- by the rules


@pytest.mark.parametrize(
    ("state", "said", "expected"),
    [
        ("proposed", {}, (0, "state")),
        ("agreed", {}, (0, "state")),
        ("in_progress", {}, (None, None)),
        ("deferred", {}, (None, None)),
        ("completed", {"children": 10}, (100, "state")),
        ("verified", {"activities": 4}, (100, "state")),
        ("agreed", {"activities": 3, "activities_held": 2}, (66, "activities")),
        ("agreed", {"activities": 3, "activities_held": 2, "children": 10}, (10, "children")),
        ("in_progress", {"children": 0}, (0, "children")),
    ],
)
def test_progress_is_told_by_the_first_source_that_says_any(state, said, expected):
    found = progress_of(item(state), measured(**said))
    assert (found.percent, found.source) == expected


@pytest.mark.parametrize(
    ("of", "said", "percent"),
    [
        ({}, {}, 0),
        ({}, {"summed": 12, "latest": 5}, 40),
        ({}, {"summed": 60}, 100),
        ({}, {"summed": -3}, 0),
        ({"accumulation": "cumulative"}, {"summed": 12, "latest": 5}, 16),
        ({"baseline": 20}, {"summed": 5}, 50),
        ({"baseline": 20, "accumulation": "cumulative"}, {"latest": 25}, 50),
        ({"baseline": 40, "target": 10, "accumulation": "cumulative"}, {"latest": 25}, 50),
        ({"target": 0.3}, {"summed": 0.3}, 100),
        ({"target": 0.3}, {"summed": 0.299}, 99),
    ],
)
def test_an_indicator_says_how_far_it_is_from_baseline_to_target(of, said, percent):
    found = progress_of(item("agreed", indicator=indicator(**of)), measured(**said, children=77))
    assert found == (percent, ProgressSource.INDICATOR)


@pytest.mark.parametrize("of", [{"target": None}, {"target": 0}, {"target": 5, "baseline": 5}])
def test_an_indicator_without_a_way_says_nothing(of):
    found = progress_of(item("agreed", indicator=indicator(**of)), measured(summed=3, children=77))
    assert found == (77, ProgressSource.CHILDREN)


@pytest.mark.parametrize(
    ("state", "percent", "today", "expected"),
    [
        ("agreed", 0, date(2026, 8, 15), "late"),
        ("proposed", 100, date(2026, 8, 15), "late"),
        ("agreed", 0, DUE, "at_risk"),
        ("agreed", None, DUE, "on_track"),
        ("agreed", 80, DUE, "on_track"),
        ("agreed", 79, DUE, "at_risk"),
        ("agreed", 0, date(2025, 10, 26), "on_track"),
        ("agreed", 0, date(2025, 10, 27), "at_risk"),
        ("agreed", 0, date(2025, 8, 1), "on_track"),
        ("completed", 100, date(2026, 8, 15), "done"),
        ("verified", 100, date(2026, 8, 15), "done"),
        ("dropped", 0, date(2026, 8, 15), None),
    ],
)
def test_health_compares_the_elapsed_share_with_the_progress(state, percent, today, expected):
    span = Span(date(2025, 8, 15), DUE)
    assert health_of(item(state), percent, span=span, today=today) == expected


def test_an_item_that_nobody_knows_the_days_of_is_on_track():
    assert health_of(item("agreed", due_on=None), 0, span=None, today=DUE) is WorkplanHealth.ON_TRACK


def test_a_share_of_a_period_is_elapsed_only_within_it():
    days = [elapsed(date(2026, 1, 1), date(2026, 1, 10), today=date(2026, 1, day)) for day in (1, 2, 10)]
    assert days == [0, 10, 90]
    assert elapsed(date(2026, 1, 1), date(2026, 1, 10), today=date(2026, 1, 11)) is None
    assert elapsed(date(2026, 1, 2), date(2026, 1, 1), today=date(2026, 1, 1)) is None


@pytest.mark.parametrize("first", [FIRST, date(2024, 2, 29), date(2023, 11, 30), date(2023, 8, 31)])
def test_quarters_tile_the_agreement_years(first):
    spans = [
        quarter_span(first, year, quarter=quarter) for year in (1, 2, 3, 4, 5) for quarter in (1, 2, 3, 4)
    ]
    assert spans[0][0] == first
    for (_, ends_on), (starts_on, _) in pairwise(spans):
        assert starts_on == ends_on + timedelta(days=1)
    for starts_on, ends_on in spans:
        _, last = monthrange(ends_on.year, ends_on.month)
        assert starts_on.day in {first.day, 1}
        assert ends_on.day in {first.day - 1, last}


def test_a_year_touches_five_calendar_quarters_unless_it_begins_with_one():
    assert len(calendar_quarters(FIRST, date(2023, 8, 14))) == 5
    assert calendar_quarters(date(2023, 1, 1), date(2023, 12, 31)) == (
        *("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4"),
    )


def test_a_span_beyond_the_calendar_is_unknown():
    late = agreement(effective_from=date(2199, 6, 1), ends_on=None)
    assert span_of(item(agreement_year=1), late) is None


# --------------------------------------------------------------------------------- PostgreSQL says the same


class Day(msgspec.Struct, frozen=True):
    today: date


class Told(msgspec.Struct, frozen=True):
    """What PostgreSQL says of an item."""

    id: UUID
    starts_on: date | None
    ends_on: date | None
    due_on: date | None
    progress: int | None
    health: WorkplanHealth | None


def _told() -> Select[*tuple[Any, ...]]:
    first = first_day_of(workplan_item)
    return select(
        workplan_item.c.id,
        span_starts(workplan_item, first).label("starts_on"),
        span_ends(workplan_item, first).label("ends_on"),
        due_on(workplan_item, first).label("due_on"),
        progress(workplan_item).label("progress"),
        health(workplan_item).label("health"),
    )


TOLD = Statement("told", document(Told, _told()), params=Day, row=Told)
FIRST_DAYS = (None, FIRST, date(2024, 2, 29), date(2023, 11, 30), date(2199, 3, 1))
YEARS = ((1, None), (2, None), (5, None), (1, 1), (1, 2), (2, 3), (4, 4))
DUE_DAYS = (None, date(2023, 1, 31), date(2028, 2, 29))
TODAYS = (date(2022, 8, 14), FIRST, date(2022, 11, 25), date(2023, 2, 1), date(2025, 2, 28), date(2028, 3, 1))


async def test_postgresql_says_what_the_rules_say_on_every_combination(connection):
    stored = {}
    for first in FIRST_DAYS:
        pact = await make.agreement(connection, effective_from=first)
        for state, (year, quarter), due in product(WorkplanState, YEARS, DUE_DAYS):
            values = {"agreement_year": year, "quarter": quarter, "due_on": due}
            written = await make.workplan_item(connection, pact, state=state, **values)
            stored[written] = (item(state, **values), agreement(effective_from=first, ends_on=None))
    assert len(stored) > 700
    for today in TODAYS:
        found = await rows(connection, TOLD, params=Day(today))
        assert {each.id: each for each in found} == {
            id: expected(id, *facts, today=today) for id, facts in stored.items()
        }


def expected(id: UUID, stored: Stored, facts: AgreementFacts, *, today: date) -> Told:
    span, percent = span_of(stored, facts), progress_of(stored, measured()).percent
    starts_on, ends_on = span or (None, None)
    state = health_of(stored, percent, span=span, today=today)
    return Told(id, starts_on, ends_on, due_of(stored, span), percent, state)
