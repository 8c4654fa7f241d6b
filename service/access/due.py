"""When an item of the work plan is due, as SQL: work plans filter by it, summaries count by it.

The rules are those of `service.workplans.progress`; a test compares both on every combination.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    select,
)
from sqlalchemy.types import Interval

from schema.tables.agreements import agreement
from schema.vocabulary import WorkplanState
from service.kernel.period import LAST_DAY

_YEAR, _QUARTER = 12, 3
_DONE = (WorkplanState.COMPLETED, WorkplanState.VERIFIED)


def first_day_of(item: FromClause) -> ColumnElement[Any]:
    """Return the day an item's agreement years are counted from: the agreement's own, else its parent's."""
    own, above = agreement.alias("counted"), agreement.alias("counted_above")
    return (
        select(func.coalesce(own.c.effective_from, above.c.effective_from, type_=Date))
        .select_from(own.outerjoin(above, above.c.id == own.c.parent_id))
        .where(own.c.id == item.c.agreement_id)
        .correlate(item)
        .scalar_subquery()
    )


def span_starts(item: FromClause, first: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the first day of an item's year or quarter, counted from a first day."""
    return _in_calendar(_day_on(first, _months_before(item)), item, first=first)


def span_ends(item: FromClause, first: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the last day of an item's year or quarter, counted from a first day."""
    return _in_calendar(_last(item, first), item, first=first)


def due_on(item: FromClause, first: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the last day an item is not late on: its due day, else the end of its span."""
    return func.coalesce(item.c.due_on, span_ends(item, first), type_=Date)


def is_done(item: FromClause) -> ColumnElement[bool]:
    """Return whether an item was completed, verified or not."""
    return item.c.state.in_(texts(*_DONE))


def is_late(item: FromClause, due: ColumnElement[Any], *, today: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether an item is late on a day; false where nobody knows when it is due."""
    dropped = item.c.state == WorkplanState.DROPPED.value
    return and_(~is_done(item), ~dropped, func.coalesce(due < today, literal(value=False)))


def texts(*values: str) -> Select[Any]:
    """Return texts as rows, for an IN that does not grow with them."""
    return select(func.unnest(func.string_to_array(",".join(values), ",")))


def _months_before(item: FromClause) -> ColumnElement[Any]:
    return _YEAR * (item.c.agreement_year - 1) + _QUARTER * (func.coalesce(item.c.quarter, 1) - 1)


def _last(item: FromClause, first: ColumnElement[Any]) -> ColumnElement[Any]:
    length = case((item.c.quarter.is_(None), _YEAR), else_=_QUARTER)
    return _day_on(first, _months_before(item) + length) - 1


def _day_on(first: ColumnElement[Any], months: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the same day so many months on, or the first of the next month where there is no such day.

    PostgreSQL takes the last day of a month that is too short, which is a day before.
    """
    shifted = cast(first + func.make_interval(0, months, type_=Interval), Date)
    return shifted + case((extract("day", shifted) != extract("day", first), 1), else_=0)


def _in_calendar(
    day: ColumnElement[Any], item: FromClause, *, first: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return a day of a span; null for a span that ends beyond the calendar."""
    return case((_last(item, first) <= cast(LAST_DAY, Date), cast(day, Date)), else_=cast(None, Date))
