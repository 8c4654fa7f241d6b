"""Periods of whole days, months and years: pure date arithmetic that never reads the clock of the machine.

Both ends of a period are inclusive. Every day stays between FIRST_DAY and LAST_DAY: a day outside them, given
to compute from or computed, is refused with OutOfCalendar, so no caller meets an OverflowError.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date, timedelta

FIRST_DAY = date(1945, 1, 1)
LAST_DAY = date(2199, 12, 31)

_FEBRUARY, _LEAP_DAY = 2, 29
_MONTHS = 12
_QUARTER = 3
_FOUR = 4


class OutOfCalendar(ValueError):  # noqa: N818 - it names what happened, as every refusal here does
    """A day that does not lie between FIRST_DAY and LAST_DAY."""


def within_calendar(day: date) -> date:
    """Gives the same day back, or raises OutOfCalendar when it lies outside FIRST_DAY..LAST_DAY."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _out_of_calendar(day.isoformat())
    return day


def years_after(start: date, years: int) -> date:
    """Gives the same day `years` years on: the first day after a period of that length.

    From 29 February it is 1 March where the target year has no 29 February. So the period that ends the day
    before ends on 28 February in every year, leap or not: from 29 February 2024, four years end on
    28 February 2028 and five on 28 February 2029. Were 28 February taken for "the same day", five years would
    end on the 27th, a day short.

    Raises ValueError for a negative number of years.
    """
    return within_calendar(_anniversary(start, years))


def end_after(start: date, years: int) -> date:
    """Gives the inclusive last day of a period: the day before the same day `years` years on.

    Raises ValueError for less than one year.
    """
    if years < 1:
        raise ValueError(f"a period of {years} years has no last day; expected 1 year or more")
    # The day after the last one may lie beyond LAST_DAY, so only the end itself is held to the calendar.
    return within_calendar(_anniversary(start, years) - timedelta(days=1))


def agreement_year(start: date, on: date) -> int | None:
    """Gives the 1-based agreement year of a day, counted from the effective day; None before that day.

    It goes on counting after the agreement has ended: a caller that cares compares with its last day.
    """
    if within_calendar(on) < within_calendar(start):
        return None
    elapsed = on.year - start.year
    return elapsed + 1 if on >= _anniversary(start, elapsed) else elapsed


def agreement_year_span(start: date, year: int) -> tuple[date, date]:
    """Gives the inclusive first and last day of a 1-based agreement year.

    The years tile a period: neither a gap nor an overlap, from a leap day as well.
    Raises ValueError for a year below 1.
    """
    last = end_after(start, year)
    return _anniversary(start, year - 1), last


def quarter_span(start: date, year: int, *, quarter: int) -> tuple[date, date]:
    """Gives the inclusive first and last day of a quarter of a 1-based agreement year: its three months.

    The same day so many months on; where that month is too short, the first of the next one, as for years.
    """
    months = _MONTHS * (year - 1) + _QUARTER * (quarter - 1)
    first, after = _months_on(start, months), _months_on(start, months + _QUARTER)
    return within_calendar(first), within_calendar(after - timedelta(days=1))


def calendar_quarters(first: date, last: date) -> tuple[str, ...]:
    """Gives the calendar quarters that a period touches, such as `2022-Q3`."""
    begin, end = (_FOUR * day.year + (day.month - 1) // _QUARTER for day in (first, last))
    return tuple(f"{number // _FOUR}-Q{number % _FOUR + 1}" for number in range(begin, end + 1))


def months_before(day: date, months: int) -> date:
    """Gives the first day of a window of months that closes on `day`: the same day so many months back.

    A month too short for it gives its own last day: three months before 31 May is 28 or 29 February.
    Raises ValueError for a negative number of months.
    """
    if months < 0:
        raise ValueError(f"a window of {months} months does not exist; expected 0 or more")
    year, month = divmod(within_calendar(day).year * _MONTHS + day.month - 1 - months, _MONTHS)
    if year < FIRST_DAY.year:
        raise _out_of_calendar(f"{months} months before {day}")
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def overlaps(a_start: date | None, a_end: date | None, *, b_start: date | None, b_end: date | None) -> bool:
    """Says whether two periods, each of which starts no later than it ends, share a day; None is open."""
    return (a_start or FIRST_DAY) <= (b_end or LAST_DAY) and (b_start or FIRST_DAY) <= (a_end or LAST_DAY)


def _months_on(start: date, months: int) -> date:
    """Gives the same day so many months on, or the first of the next month where there is no such day."""
    year, month = divmod(within_calendar(start).year * _MONTHS + start.month - 1 + months, _MONTHS)
    if year > LAST_DAY.year + 1:
        raise _out_of_calendar(f"{months} months after {start}")
    _, last = monthrange(year, month + 1)
    if start.day <= last:
        return date(year, month + 1, start.day)
    return date(year, month + 1, last) + timedelta(days=1)


def _anniversary(start: date, years: int) -> date:
    """Gives the same day `years` years on; it may lie in the year after LAST_DAY, for the day before it."""
    if years < 0:
        raise ValueError(f"{years} years after a day does not exist; expected 0 or more")
    year = within_calendar(start).year + years
    if year > LAST_DAY.year + 1:
        raise _out_of_calendar(f"{years} years after {start}")
    if (start.month, start.day) == (_FEBRUARY, _LEAP_DAY) and not isleap(year):
        return date(year, 3, 1)
    return start.replace(year=year)


def _out_of_calendar(what: str) -> OutOfCalendar:
    return OutOfCalendar(f"{what} lies outside the calendar; expected a day from {FIRST_DAY} to {LAST_DAY}")
