"""Working days: vectors of real deadlines, an oracle by brute force, and an honest calendar."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.vocabulary import Language
from service.kernel import clock
from service.kernel.clock import (
    EVERY_YEAR,
    LONGEST_COUNT,
    WEEKEND,
    Calendar,
    Day,
    corrected,
    indonesia,
    without_joint_leave,
    working_days,
)
from service.kernel.period import FIRST_DAY, LAST_DAY, OutOfCalendar

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def bare(years: range = EVERY_YEAR, **names: dict[date, str]) -> Calendar:
    """Gives a calendar with the named days only."""
    holidays, joint_leave = names.get("holidays", {}), names.get("joint_leave", {})
    return Calendar("bare", years, holidays, joint_leave, frozenset())


@pytest.mark.parametrize(
    ("start", "count", "with_joint_leave", "national_only"),
    [
        (date(2022, 9, 5), 10, date(2022, 9, 19), date(2022, 9, 19)),
        (date(2022, 9, 5), 17, date(2022, 9, 28), date(2022, 9, 28)),
        (date(2022, 9, 5), 30, date(2022, 10, 17), date(2022, 10, 17)),
        (date(2025, 3, 17), 10, date(2025, 4, 9), date(2025, 4, 2)),
        (date(2025, 3, 17), 17, date(2025, 4, 21), date(2025, 4, 11)),
        (date(2025, 3, 17), 30, date(2025, 5, 9), date(2025, 5, 2)),
        (date(2025, 3, 24), 10, date(2025, 4, 16), date(2025, 4, 9)),
        (date(2025, 3, 24), 17, date(2025, 4, 28), date(2025, 4, 21)),
        (date(2025, 3, 24), 30, date(2025, 5, 20), date(2025, 5, 9)),
    ],
)
def test_deadlines_fall_on_known_days(
    start: date, count: int, with_joint_leave: date, national_only: date
) -> None:
    calendar = indonesia()
    assert working_days(start, count, calendar=calendar).due_on == with_joint_leave
    assert working_days(start, count, calendar=without_joint_leave(calendar)).due_on == national_only


def test_a_deadline_is_explained_day_by_day() -> None:
    assert working_days(date(2025, 3, 26), 3, calendar=indonesia()).days == (
        Day(date(2025, 3, 27), 1, None),
        Day(date(2025, 3, 28), None, "Cuti Bersama Hari Suci Nyepi"),
        Day(date(2025, 3, 29), None, WEEKEND),
        Day(date(2025, 3, 30), None, WEEKEND),
        Day(date(2025, 3, 31), None, "Hari Raya Idul Fitri"),
        Day(date(2025, 4, 1), None, "Hari kedua dari Hari Raya Idul Fitri"),
        Day(date(2025, 4, 2), None, "Cuti Bersama Hari Raya Idul Fitri"),
        Day(date(2025, 4, 3), None, "Cuti Bersama Hari Raya Idul Fitri"),
        Day(date(2025, 4, 4), None, "Cuti Bersama Hari Raya Idul Fitri"),
        Day(date(2025, 4, 5), None, WEEKEND),
        Day(date(2025, 4, 6), None, WEEKEND),
        Day(date(2025, 4, 7), None, "Cuti Bersama Hari Raya Idul Fitri"),
        Day(date(2025, 4, 8), 2, None),
        Day(date(2025, 4, 9), 3, None),
    )


@pytest.mark.parametrize("start", [date(2025, 3, 14), date(2025, 3, 15), date(2025, 3, 16)])
def test_receipt_from_friday_to_sunday_counts_from_monday(start: date) -> None:
    assert working_days(start, 1, calendar=bare()).due_on == date(2025, 3, 17)


def test_a_day_that_is_both_holiday_and_joint_leave_is_called_a_holiday() -> None:
    on = date(2025, 3, 18)
    calendar = bare(holidays={on: "holiday"}, joint_leave={on: "joint leave"})
    assert working_days(date(2025, 3, 17), 1, calendar=calendar).days[0] == Day(on, None, "holiday")


named_days = st.dictionaries(
    st.dates(date(2025, 1, 1), date(2025, 4, 30)), st.sampled_from(["", "a name"]), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(
    start=st.dates(date(2024, 12, 1), date(2025, 3, 31)),
    count=st.integers(1, 60),
    holidays=named_days,
    joint_leave=named_days,
)
def test_counting_agrees_with_brute_force(
    start: date, count: int, holidays: dict[date, str], joint_leave: dict[date, str]
) -> None:
    deadline = working_days(start, count, calendar=bare(holidays=holidays, joint_leave=joint_leave))
    following = [start + timedelta(days=n) for n in range(1, 301)]
    shut = set(holidays) | set(joint_leave)
    working = [on for on in following if on.weekday() < SATURDAY and on not in shut]
    assert deadline.due_on == working[count - 1]
    assert [day.on for day in deadline.days] == following[: len(deadline.days)]
    assert [(day.on, day.counted) for day in deadline.days if day.reason is None] == list(
        zip(working[:count], range(1, count + 1), strict=True)
    )
    assert all((day.counted is None) == (day.reason is not None) for day in deadline.days)


def test_the_longest_count_is_accepted() -> None:
    assert working_days(date(2025, 1, 1), LONGEST_COUNT, calendar=bare()).days[-1].counted == LONGEST_COUNT


@pytest.mark.parametrize("count", [-1, 0, LONGEST_COUNT + 1, 10**9])
def test_a_count_out_of_bounds_is_refused_with_the_bounds(count: int) -> None:
    with pytest.raises(ValueError, match=f"count {count} working days; expected 1 to 366"):
        working_days(date(2025, 3, 17), count, calendar=bare())


@pytest.mark.parametrize("start", [date.min, FIRST_DAY - ONE_DAY, LAST_DAY, LAST_DAY + ONE_DAY, date.max])
def test_a_deadline_outside_every_calendar_is_refused(start: date) -> None:
    with pytest.raises(OutOfCalendar):
        working_days(start, 1, calendar=bare())


def test_the_first_and_last_days_can_be_counted() -> None:
    assert working_days(FIRST_DAY, 1, calendar=bare()).due_on == date(1945, 1, 2)
    assert working_days(LAST_DAY - ONE_DAY, 1, calendar=bare()).due_on == LAST_DAY


def test_counting_never_leaves_the_years_of_the_calendar() -> None:
    calendar = indonesia(range(2025, 2026))
    assert working_days(date(2025, 12, 29), 2, calendar=calendar).due_on == date(2025, 12, 31)
    with pytest.raises(OutOfCalendar, match=r"2026-01-01.*expected a day in 2025 to 2025"):
        working_days(date(2025, 12, 29), 3, calendar=calendar)


@pytest.mark.parametrize(
    ("on", "bahasa", "english"),
    [
        (date(2022, 5, 2), "Hari Raya Idul Fitri", "Eid al-Fitr"),
        (date(2024, 2, 14), "Hari Pemilihan Umum", "General Election Day"),
        (date(2024, 11, 27), "Hari Pemilihan Kepala Daerah", "Local Election Day"),
        (date(2026, 3, 19), "Hari Suci Nyepi", "Day of Silence"),
        (date(2028, 2, 27), "Hari Raya Idul Fitri (perkiraan)", "Eid al-Fitr (estimated)"),
    ],
)
def test_national_holidays_are_named_in_both_languages(on: date, bahasa: str, english: str) -> None:
    assert indonesia().holidays[on] == bahasa
    assert indonesia(language=Language.EN).holidays[on] == english


def test_joint_leave_is_kept_apart_from_national_holidays() -> None:
    calendar = indonesia(range(2025, 2026))
    assert calendar.joint_leave[date(2025, 8, 18)] == "Cuti Bersama Hari Kemerdekaan Republik Indonesia"
    assert not set(calendar.joint_leave) & set(calendar.holidays)
    assert len(calendar.joint_leave) == 11


def test_a_calendar_without_joint_leave_keeps_everything_else() -> None:
    calendar = indonesia()
    working = without_joint_leave(calendar)
    assert not working.joint_leave
    assert (working.holidays, working.version) == (calendar.holidays, calendar.version)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("year", [1960, 2028, 2100])
def test_a_year_with_an_estimated_date_is_an_estimate(year: int, language: Language) -> None:
    assert year in indonesia(language=language).estimated_years


@pytest.mark.parametrize("year", [1945, 2101, 2199])
def test_a_year_the_source_knows_nothing_of_is_an_estimate(year: int) -> None:
    assert year in indonesia().estimated_years
    assert not any(on.year == year for on in indonesia().holidays)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("year", [1946, 1964, 2002, *range(2022, 2027)])
def test_a_year_of_decreed_dates_is_no_estimate(year: int, language: Language) -> None:
    assert year not in indonesia(language=language).estimated_years


def test_both_languages_name_the_same_days_and_the_same_estimated_years() -> None:
    bahasa, english = indonesia(), indonesia(language=Language.EN)
    assert set(bahasa.holidays) == set(english.holidays)
    assert bahasa.estimated_years == english.estimated_years


def test_a_calendar_knows_until_when_its_days_are_certain() -> None:
    calendar = Calendar("bare", range(2020, 2030), {}, {}, frozenset({2021, 2028, 2029}))
    assert calendar.known_until == date(2027, 12, 31)
    assert indonesia(range(2024, 2026)).known_until == date(2025, 12, 31)


def test_a_calendar_of_estimates_is_known_until_no_day() -> None:
    assert indonesia(range(2101, 2103)).known_until is None


def test_corrections_add_rename_and_take_away_days() -> None:
    before = indonesia(range(2025, 2026))
    after = corrected(
        before,
        "7",
        holidays={date(2025, 3, 19): "Hari Pemilihan", date(2025, 3, 31): "Lebaran", date(2025, 4, 1): None},
        joint_leave={date(2025, 4, 2): None, date(2025, 3, 20): "Cuti Bersama"},
    )
    assert after.holidays[date(2025, 3, 19)] == "Hari Pemilihan"
    assert after.holidays[date(2025, 3, 31)] == "Lebaran"
    assert after.joint_leave[date(2025, 3, 20)] == "Cuti Bersama"
    assert date(2025, 4, 1) not in after.holidays
    assert date(2025, 4, 2) not in after.joint_leave
    assert after.version == f"{before.version}+7"


def test_a_correction_leaves_the_shared_calendar_as_it_was() -> None:
    on = date(2025, 3, 31)
    corrected(indonesia(), "7", holidays={on: None}, joint_leave={})
    assert on in indonesia().holidays


def test_a_correction_moves_the_due_day() -> None:
    calendar = corrected(indonesia(), "7", holidays={date(2025, 3, 19): "Hari Pemilihan"}, joint_leave={})
    assert working_days(date(2025, 3, 17), 10, calendar=calendar).due_on == date(2025, 4, 10)


def test_taking_a_day_away_that_is_not_there_changes_nothing() -> None:
    calendar = corrected(bare(), "7", holidays={date(2025, 3, 19): None}, joint_leave={})
    assert (calendar.holidays, calendar.joint_leave) == ({}, {})


def test_the_version_names_the_package_and_its_release() -> None:
    name, _, release = indonesia(range(2025, 2026)).version.partition("-")
    assert name == "holidays"
    assert release.replace(".", "").isdigit()


def test_a_calendar_is_built_once() -> None:
    assert indonesia(range(2025, 2027)) is indonesia(range(2025, 2027))


def test_nobody_can_write_into_a_shared_calendar() -> None:
    calendar = indonesia(range(2025, 2026))
    with pytest.raises(TypeError):
        calendar.holidays[date(2025, 3, 19)] = "Hari Pemilihan"  # pyright: ignore[reportIndexIssue]
    with pytest.raises(TypeError):
        calendar.joint_leave[date(2025, 3, 19)] = "Cuti Bersama"  # pyright: ignore[reportIndexIssue]
    with pytest.raises(TypeError):
        without_joint_leave(calendar).joint_leave[date(2025, 3, 19)] = "Cuti"  # pyright: ignore[reportIndexIssue]


@pytest.mark.parametrize("years", [range(1944, 1950), range(2199, 2201), range(10**9, 10**9 + 1)])
def test_a_calendar_of_years_out_of_range_is_refused(years: range) -> None:
    with pytest.raises(OutOfCalendar, match="expected years from 1945 to 2199"):
        indonesia(years)


def test_a_calendar_of_no_years_counts_nothing() -> None:
    with pytest.raises(OutOfCalendar):
        working_days(date(2025, 3, 17), 1, calendar=indonesia(range(0)))


def test_importing_the_clock_does_not_load_the_holidays_package() -> None:
    probe = "import sys, service.kernel.clock; sys.exit('holidays' in sys.modules)"
    root = Path(clock.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", probe], cwd=root, check=False).returncode == 0
