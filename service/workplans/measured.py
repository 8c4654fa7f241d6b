"""What others say of an item, and its progress and health by that, as SQL.

`progress` holds the same rules in Python, which replies are made by; a test compares both.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, Integer, Select, and_, case, cast, func, null, select

from schema.tables.activities import activity
from schema.tables.milestones import milestone
from schema.tables.workplans import actual, workplan_item
from schema.vocabulary import (
    Accumulation,
    ActivityState,
    ActualState,
    Relation,
    WorkplanHealth,
    WorkplanState,
)
from service.access.due import due_on, first_day_of, is_done, is_late, span_starts, texts
from service.kernel.statement import param
from service.workplans.records import NOT_STARTED, UNDER_WAY

_LEVELS_BELOW = 2
_WHOLE, _BEHIND = 100, 20
_HELD = (ActivityState.HELD, ActivityState.REPORTED, ActivityState.VERIFIED)
_PLANNED = (ActivityState.PLANNED, *_HELD)


def measured_columns(item: FromClause) -> list[ColumnElement[Any]]:
    """Return the columns of what others say of an item, as `Measured` names them."""
    count = select(func.count())
    below = workplan_item.alias("below")
    return [
        _approved(item, func.sum(actual.c.value)).label("summed"),
        _latest(item).label("latest"),
        _children(item, depth=_LEVELS_BELOW).label("children"),
        _activities(item, *_PLANNED).label("activities"),
        _activities(item, *_HELD).label("activities_held"),
        _scalar(
            item,
            count.select_from(below).where(
                below.c.agreement_id == item.c.agreement_id, below.c.parent_id == item.c.id
            ),
        ).label("children_count"),
        _scalar(item, count.select_from(activity).where(*_linked(item))).label("activities_count"),
        _scalar(
            item,
            count.select_from(milestone).where(
                milestone.c.agreement_id == item.c.agreement_id, milestone.c.workplan_item_id == item.c.id
            ),
        ).label("milestones_count"),
    ]


def progress(item: FromClause, *, depth: int = _LEVELS_BELOW) -> ColumnElement[Any]:
    """Return the progress of an item in whole percent; below it are so many levels at most."""
    own = case((is_done(item), _WHOLE), (_has_way(item), _by_indicator(item)), else_=cast(None, Integer))
    children = [_children(item, depth=depth)] if depth else []
    begun = case((item.c.state.in_(texts(*sorted(NOT_STARTED))), 0), else_=cast(None, Integer))
    return func.coalesce(own, *children, _by_activities(item), begun, type_=Integer)


def health(item: FromClause) -> ColumnElement[Any]:
    """Return the health of an item on the bound `today`; null when it was dropped."""
    today = param("today", Date())
    first = first_day_of(item)
    due, start = due_on(item, first), span_starts(item, first)
    gone = _WHOLE * (today - start) // (due - start + 1)
    inside = and_(start <= today, today <= due)
    return case(
        (item.c.state == WorkplanState.DROPPED.value, null()),
        (is_done(item), WorkplanHealth.DONE.value),
        (is_late(item, due, today=today), WorkplanHealth.LATE.value),
        (and_(inside, gone - progress(item) >= _BEHIND), WorkplanHealth.AT_RISK.value),
        else_=WorkplanHealth.ON_TRACK.value,
    )


def _children(item: FromClause, *, depth: int) -> ColumnElement[Any]:
    """Return the mean progress of the children under way; null where none says any."""
    child = workplan_item.alias(f"child_{depth}")
    mean = select(cast(func.floor(func.avg(progress(child, depth=depth - 1))), Integer)).where(
        child.c.agreement_id == item.c.agreement_id,
        child.c.parent_id == item.c.id,
        child.c.state.in_(texts(*sorted(UNDER_WAY))),
    )
    return _scalar(item, mean)


def _has_way(item: FromClause) -> ColumnElement[bool]:
    return item.c.indicator_target != func.coalesce(item.c.indicator_baseline, 0)


def _by_indicator(item: FromClause) -> ColumnElement[Any]:
    baseline = func.coalesce(item.c.indicator_baseline, 0)
    gained = case(
        (item.c.indicator_accumulation == Accumulation.CUMULATIVE.value, _latest(item) - baseline),
        else_=_approved(item, func.sum(actual.c.value)),
    )
    share = func.div(_WHOLE * func.coalesce(gained, 0), item.c.indicator_target - baseline)
    return cast(func.greatest(0, func.least(_WHOLE, share)), Integer)


def _approved(item: FromClause, value: ColumnElement[Any]) -> ColumnElement[Any]:
    return _scalar(item, select(value).where(*_counted(item)))


def _latest(item: FromClause) -> ColumnElement[Any]:
    last = (
        select(actual.c.value)
        .where(*_counted(item), actual.c.value.is_not(None))
        .order_by(actual.c.starts_on.desc())
        .limit(1)
    )
    return _scalar(item, last)


def _counted(item: FromClause) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the values that count: those that another party approved."""
    return (
        actual.c.agreement_id == item.c.agreement_id,
        actual.c.workplan_item_id == item.c.id,
        actual.c.state == ActualState.APPROVED.value,
    )


def _by_activities(item: FromClause) -> ColumnElement[Any]:
    """Return the share of its activities that were held; null where none is planned."""
    planned, held = func.count(), func.count().filter(_in_state(*_HELD))
    share = cast(_WHOLE * held // func.nullif(planned, 0), Integer)
    return _scalar(item, _joint(item, share))


def _activities(item: FromClause, *states: ActivityState) -> ColumnElement[Any]:
    """Return how many joint activities of these states carry an item out."""
    return _scalar(item, _joint(item, func.count()).where(_in_state(*states)))


def _joint(item: FromClause, value: ColumnElement[Any]) -> Select[Any]:
    """Select from the joint activities of an item that are planned or were held."""
    joint = activity.c.relation == Relation.JOINT.value
    return select(value).select_from(activity).where(*_linked(item), joint, _in_state(*_PLANNED))


def _in_state(*states: ActivityState) -> ColumnElement[bool]:
    return activity.c.state.in_(texts(*states))


def _linked(item: FromClause) -> tuple[ColumnElement[bool], ...]:
    return (
        activity.c.agreement_id == item.c.agreement_id,
        activity.c.workplan_item_id == item.c.id,
    )


def _scalar(item: FromClause, rows: Select[Any]) -> ColumnElement[Any]:
    return rows.correlate(item).scalar_subquery()
