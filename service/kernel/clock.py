"""Working days: which day a deadline falls on, and why, day by day. Pure once a calendar is given.

Monday to Friday without national holidays and, as every organization decides for itself, without joint leave
(cuti bersama). The day of receipt is not counted.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from types import MappingProxyType

import msgspec

from schema.vocabulary import Language
from service.kernel.period import FIRST_DAY, LAST_DAY, OutOfCalendar, within_calendar

EVERY_YEAR = range(FIRST_DAY.year, LAST_DAY.year + 1)
LONGEST_COUNT = 366
WEEKEND = "weekend"

# The locale of the holidays package, and how its names end when the date is an estimate.
_LOCALES = {Language.ID: ("id", "perkiraan)"), Language.EN: ("en_US", "estimated)")}
_SATURDAY = 5
_REMEMBERED = 300
"""Calendars without joint leave, as many as there may be calendars."""


class Calendar(msgspec.Struct, frozen=True, eq=False):
    """The days offices are shut, for some years, under a version that says where they come from.

    One is the same only as itself, so that what was counted on it can be remembered.
    """

    version: str
    years: range
    """The years it covers, all of them in EVERY_YEAR; counting never leaves them."""
    holidays: Mapping[date, str]
    """National holidays with their names; several names on one day are joined with "; "."""
    joint_leave: Mapping[date, str]
    """Joint leave (cuti bersama) with its names; it began in 2002 and is decreed a year at a time."""
    estimated_years: frozenset[int]
    """Years of which the source knows nothing, or holds a date to be an estimate."""

    @property
    def known_until(self) -> date | None:
        """The last day of the latest year that is no estimate, None when every year is one.

        An earlier year may still be an estimate: `estimated_years` names each.
        """
        year = max((year for year in self.years if year not in self.estimated_years), default=None)
        return None if year is None else date(year, 12, 31)


class Day(msgspec.Struct, frozen=True):
    """One day of a deadline: either its ordinal among the working days, or the reason it does not count."""

    on: date
    counted: int | None
    reason: str | None


class Deadline(msgspec.Struct, frozen=True):
    """The day a count of working days ends on, with every day from the one after receipt up to it."""

    due_on: date
    days: tuple[Day, ...]


def working_days(start: date, count: int, *, calendar: Calendar) -> Deadline:
    """Gives the day on which `count` working days after the day of receipt `start` have passed, day by day.

    Raises ValueError unless 1 <= count <= LONGEST_COUNT, and OutOfCalendar when it must count a day that the
    calendar does not cover: to count on without its holidays would give a day too early.
    """
    if not 1 <= count <= LONGEST_COUNT:
        raise ValueError(f"cannot count {count} working days; expected 1 to {LONGEST_COUNT}")
    on, counted, days = within_calendar(start), 0, list[Day]()
    while counted < count:
        on = next_day(on, calendar)
        reason = reason_shut(on, calendar)
        if reason is None:
            counted += 1
        days.append(Day(on, counted if reason is None else None, reason))
    return Deadline(on, tuple(days))


def reason_shut(on: date, calendar: Calendar) -> str | None:
    """Gives why a day does not count, None when it does; on a weekend a holiday changes nothing."""
    if on.weekday() >= _SATURDAY:
        return WEEKEND
    return calendar.holidays.get(on, calendar.joint_leave.get(on))


@lru_cache(maxsize=_REMEMBERED)
def without_joint_leave(calendar: Calendar) -> Calendar:
    """Gives the calendar of an organization that works on joint leave."""
    return msgspec.structs.replace(calendar, joint_leave=MappingProxyType({}))


def corrected(
    calendar: Calendar,
    revision: str,
    *,
    holidays: Mapping[date, str | None],
    joint_leave: Mapping[date, str | None],
) -> Calendar:
    """Gives the calendar with corrections on top: a name adds or renames a day, None takes it away.

    The version gains "+" and the revision. A corrected year stays an estimate when it was one: a correction
    tells of its own day, not of the rest of the year.
    """
    return msgspec.structs.replace(
        calendar,
        version=f"{calendar.version}+{revision}",
        holidays=_with_changes(calendar.holidays, holidays),
        joint_leave=_with_changes(calendar.joint_leave, joint_leave),
    )


def indonesia(years: range = EVERY_YEAR, language: Language = Language.ID) -> Calendar:
    """Gives the national calendar of Indonesia from the holidays package, with names in the given language.

    The package knows 1946 to 2100 and marks estimates itself. Of 1945 and of 2101 to 2199 it knows nothing:
    there only weekends do not count. Joint leave not yet decreed is missing from years it calls estimates.
    Raises OutOfCalendar for years outside EVERY_YEAR.
    """
    for year in (years[0], years[-1]) if years else ():
        if year not in EVERY_YEAR:
            raise OutOfCalendar(
                f"no calendar for {year}; expected years from {EVERY_YEAR[0]} to {EVERY_YEAR[-1]}"
            )
    return _indonesia(years, language)


@lru_cache(maxsize=64)
def _indonesia(years: range, language: Language) -> Calendar:
    # Imported here because it costs 0.1 s, which every start of the service would pay for deadlines alone.
    import holidays as package  # noqa: PLC0415 - as said above.

    locale, mark = _LOCALES[language]
    public = dict(package.country_holidays("ID", years=years, language=locale, categories=package.PUBLIC))
    joint = dict(package.country_holidays("ID", years=years, language=locale, categories=package.GOVERNMENT))
    known = {on.year for on in public}
    estimated = {on.year for on, name in public.items() if mark in name}
    return Calendar(
        version=f"holidays-{version('holidays')}",
        years=years,
        # The calendar is cached and shared: nobody may write into it.
        holidays=MappingProxyType(public),
        joint_leave=MappingProxyType(joint),
        estimated_years=frozenset(estimated | (set(years) - known)),
    )


def next_day(on: date, calendar: Calendar) -> date:
    """Gives the following day; raises OutOfCalendar when the calendar does not cover it."""
    following = on + timedelta(days=1)
    if following.year not in calendar.years:
        covered = f"{calendar.years.start} to {calendar.years.stop - 1}"
        raise OutOfCalendar(f"{following} lies outside {calendar.version}; expected a day in {covered}")
    return following


def _with_changes(names: Mapping[date, str], changes: Mapping[date, str | None]) -> Mapping[date, str]:
    merged = {**names, **changes}
    return MappingProxyType({on: name for on, name in merged.items() if name is not None})
