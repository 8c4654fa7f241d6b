"""Years, months and overlaps of whole days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kernel.period import (
    FIRST_DAY,
    LAST_DAY,
    OutOfCalendar,
    agreement_year,
    agreement_year_span,
    end_after,
    months_before,
    overlaps,
    within_calendar,
    years_after,
)

Period = tuple[date | None, date | None]

ONE_DAY = timedelta(days=1)
LEAP_DAYS = [date(year, 2, 29) for year in (1948, 2000, 2024, 2096)]

bounded = settings(max_examples=150, deadline=None)
starts = st.sampled_from(LEAP_DAYS) | st.dates(FIRST_DAY, date(2100, 12, 31))
years = st.integers(1, 90)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2022, 8, 15), 5, date(2027, 8, 14)),
        (date(2022, 8, 15), 1, date(2023, 8, 14)),
        (date(2022, 1, 1), 5, date(2026, 12, 31)),
        (date(2023, 3, 1), 1, date(2024, 2, 29)),
        (date(2022, 3, 1), 1, date(2023, 2, 28)),
        (date(2023, 2, 28), 1, date(2024, 2, 27)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2096, 2, 29), 4, date(2100, 2, 28)),
        (date(2195, 1, 1), 5, LAST_DAY),
    ],
)
def test_a_period_of_years_ends_the_day_before_the_same_day(start: date, count: int, end: date) -> None:
    assert end_after(start, count) == end


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2022, 8, 15), 0, date(2022, 8, 15)),
        (date(2022, 8, 15), 5, date(2027, 8, 15)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2024, 2, 29), 5, date(2029, 3, 1)),
        (date(2096, 2, 29), 4, date(2100, 3, 1)),
    ],
)
def test_the_same_day_years_on_is_the_first_of_march_where_the_leap_day_is_missing(
    start: date, count: int, expected: date
) -> None:
    assert years_after(start, count) == expected


@bounded
@given(start=starts, count=years)
def test_the_next_period_starts_the_day_after_the_last_one_ends(start: date, count: int) -> None:
    assert years_after(start, count) == end_after(start, count) + ONE_DAY


@pytest.mark.parametrize(
    ("start", "on", "year"),
    [
        (date(2022, 8, 15), date(2022, 8, 14), None),
        (date(2022, 8, 15), date(2022, 8, 15), 1),
        (date(2022, 8, 15), date(2022, 12, 31), 1),
        (date(2022, 8, 15), date(2023, 1, 1), 1),
        (date(2022, 8, 15), date(2023, 8, 14), 1),
        (date(2022, 8, 15), date(2023, 8, 15), 2),
        (date(2022, 8, 15), date(2027, 8, 14), 5),
        (date(2022, 8, 15), date(2027, 8, 15), 6),
        (date(2024, 2, 29), date(2025, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 3, 1), 2),
        (date(2024, 2, 29), date(2028, 2, 28), 4),
        (date(2024, 2, 29), date(2028, 2, 29), 5),
        (date(2022, 8, 15), FIRST_DAY, None),
        (FIRST_DAY, LAST_DAY, 255),
    ],
)
def test_agreement_years_count_from_the_effective_day(start: date, on: date, year: int | None) -> None:
    assert agreement_year(start, on) == year


def test_the_second_agreement_year_of_the_kupang_agreement() -> None:
    assert agreement_year_span(date(2022, 8, 15), 2) == (date(2023, 8, 15), date(2024, 8, 14))


def test_the_last_agreement_year_may_end_on_the_last_day() -> None:
    assert agreement_year_span(date(2195, 1, 1), 5) == (date(2199, 1, 1), LAST_DAY)


@bounded
@given(start=starts, count=years)
def test_agreement_years_tile_a_period_without_gap_or_overlap(start: date, count: int) -> None:
    spans = [agreement_year_span(start, year) for year in range(1, count + 1)]
    assert spans[0][0] == start
    assert spans[-1][1] == end_after(start, count)
    assert all(first <= last for first, last in spans)
    assert [last + ONE_DAY for _, last in spans[:-1]] == [first for first, _ in spans[1:]]


@bounded
@given(start=starts, elapsed=st.integers(0, 36_000))
def test_a_day_lies_in_the_span_of_its_agreement_year(start: date, elapsed: int) -> None:
    on = min(start + timedelta(days=elapsed), date(2199, 1, 1))
    year = agreement_year(start, on)
    assert year is not None
    first, last = agreement_year_span(start, year)
    assert first <= on <= last


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        (date(2027, 8, 14), 3, date(2027, 5, 14)),
        (date(2027, 8, 14), 0, date(2027, 8, 14)),
        (date(2027, 2, 14), 3, date(2026, 11, 14)),
        (date(2027, 1, 31), 1, date(2026, 12, 31)),
        (date(2027, 12, 31), 12, date(2026, 12, 31)),
        (date(2027, 5, 31), 3, date(2027, 2, 28)),
        (date(2028, 5, 31), 3, date(2028, 2, 29)),
        (date(2027, 7, 31), 1, date(2027, 6, 30)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(1945, 3, 31), 2, date(1945, 1, 31)),
    ],
)
def test_a_window_of_months_opens_on_the_same_day_or_the_last_of_a_shorter_month(
    day: date, months: int, first: date
) -> None:
    assert months_before(day, months) == first


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((date(2022, 1, 1), date(2022, 6, 30)), (date(2022, 6, 30), date(2022, 12, 31))),
        ((date(2022, 1, 1), date(2022, 12, 31)), (date(2022, 3, 1), date(2022, 3, 1))),
        ((date(2022, 1, 1), None), (date(2150, 1, 1), date(2150, 1, 1))),
        ((None, date(2022, 1, 1)), (date(2022, 1, 1), None)),
        ((None, None), (date(2022, 1, 1), date(2022, 1, 1))),
        ((None, None), (None, None)),
    ],
)
def test_periods_overlap_when_they_share_a_day(a: Period, b: Period) -> None:
    assert overlaps(*a, b_start=b[0], b_end=b[1])
    assert overlaps(*b, b_start=a[0], b_end=a[1])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((date(2022, 1, 1), date(2022, 6, 30)), (date(2022, 7, 1), date(2022, 12, 31))),
        ((date(2022, 1, 1), None), (date(2021, 1, 1), date(2021, 12, 31))),
        ((None, date(2022, 1, 1)), (date(2022, 1, 2), None)),
    ],
)
def test_periods_that_only_touch_or_lie_apart_do_not_overlap(a: Period, b: Period) -> None:
    assert not overlaps(*a, b_start=b[0], b_end=b[1])
    assert not overlaps(*b, b_start=a[0], b_end=a[1])


def test_the_ends_of_the_calendar_are_inside_it() -> None:
    assert (within_calendar(FIRST_DAY), within_calendar(LAST_DAY)) == (FIRST_DAY, LAST_DAY)


@pytest.mark.parametrize("day", [date.min, FIRST_DAY - ONE_DAY, LAST_DAY + ONE_DAY, date.max])
def test_a_day_outside_the_calendar_is_refused_with_the_days_accepted(day: date) -> None:
    with pytest.raises(OutOfCalendar, match=rf"{day}.*1945-01-01 to 2199-12-31"):
        within_calendar(day)


@pytest.mark.parametrize("start", [date.min, FIRST_DAY - ONE_DAY, LAST_DAY + ONE_DAY, date.max])
def test_nothing_is_computed_from_a_day_outside_the_calendar(start: date) -> None:
    inside = date(2022, 8, 15)
    with pytest.raises(OutOfCalendar):
        years_after(start, 0)
    with pytest.raises(OutOfCalendar):
        end_after(start, 1)
    with pytest.raises(OutOfCalendar):
        agreement_year(start, inside)
    with pytest.raises(OutOfCalendar):
        agreement_year(inside, start)
    with pytest.raises(OutOfCalendar):
        agreement_year_span(start, 1)
    with pytest.raises(OutOfCalendar):
        months_before(start, 0)


@pytest.mark.parametrize("count", [5, 6, 8000, 10**9])
def test_years_beyond_the_last_day_are_refused(count: int) -> None:
    start = LAST_DAY.replace(year=2195)
    with pytest.raises(OutOfCalendar):
        years_after(start, count)
    with pytest.raises(OutOfCalendar):
        end_after(start, count)
    with pytest.raises(OutOfCalendar):
        agreement_year_span(start, count)


@pytest.mark.parametrize("months", [3, 24_000, 10**9])
def test_months_before_the_first_day_are_refused(months: int) -> None:
    with pytest.raises(OutOfCalendar):
        months_before(date(1945, 3, 31), months)


def test_negative_lengths_are_refused_with_what_is_accepted() -> None:
    day = date(2022, 8, 15)
    with pytest.raises(ValueError, match=r"-1 years.*expected 0 or more"):
        years_after(day, -1)
    with pytest.raises(ValueError, match=r"0 years.*expected 1 year or more"):
        end_after(day, 0)
    with pytest.raises(ValueError, match="expected 1 year or more"):
        agreement_year_span(day, 0)
    with pytest.raises(ValueError, match=r"-1 months.*expected 0 or more"):
        months_before(day, -1)
