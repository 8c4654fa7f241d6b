"""What a period of an agreement counts to, as SQL: the rows that figures are made of.

The rules of attendance are those of `service.activities.tally`, which keeps the tallies of a whole agreement;
a test compares both.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Label,
    Uuid,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from schema.tables.activities import activity, participant_group
from schema.tables.agreements import agreement
from schema.tables.data_requests import data_request
from schema.tables.milestones import milestone
from schema.tables.workplans import workplan_item
from schema.vocabulary import ParticipantUnit, Relation
from schema.wire.summary import HealthCount, RequestSummary, WorkplanYear
from service.access import request_query
from service.access.due import due_on, first_day_of, is_done, is_late, texts
from service.access.health_query import health_expression
from service.access.tallies import NOBODY, TOOK_PLACE, UNKNOWN_YEAR, ActivityTally, AttendanceTally
from service.access.visibility import request_visible
from service.kernel.statement import json_list, json_one, param

ID = param("agreement_id", Uuid())
TODAY = param("today", Date())
_FIRST, _LAST = param("first_day", Date()), param("last_day", Date())
_COUNTED = ("total", "male", "female")
ITEM = (
    "id",
    "agreement_id",
    "level",
    "code",
    "title",
    "agreement_year",
    "state",
    "verified_by",
    "indicator_name",
    "indicator_unit",
    "indicator_accumulation",
    "indicator_baseline",
    "indicator_target",
)
"""Columns that are told of an item of the work plan."""


def within(day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a day lies in the period of the report."""
    return and_(day >= _FIRST, day <= _LAST)


def joint() -> ColumnElement[bool]:
    """Return whether an activity is part of the partnership and began in the period."""
    return and_(
        activity.c.agreement_id == ID,
        activity.c.relation == Relation.JOINT.value,
        within(activity.c.starts_on),
    )


def took_place() -> ColumnElement[bool]:
    """Return whether people came to an activity."""
    return activity.c.state.in_(texts(*sorted(TOOK_PLACE)))


def items_of() -> CTE:
    """Return the items of the work plan that are due in the period, or of which nobody knows when."""
    item = workplan_item
    due = due_on(item, _first_day()).label("due")
    stood = select(*(item.c[name] for name in ITEM), due).where(
        item.c.agreement_id == ID, item.c.dropped_by.is_(None)
    )
    dated = stood.subquery("dated")
    late = is_late(dated, dated.c.due, today=TODAY)
    inside = func.coalesce(within(dated.c.due), literal(value=True))
    return select(*dated.c, late.label("late")).where(inside).cte("items")


def activities() -> ColumnElement[Any]:
    """Return joint activities of the period by agreement year, kind and state."""
    first, began = _first_day(), activity.c.starts_on
    gone = cast(extract("year", func.age(began, first)), Integer)
    year = case((first <= began, gone + 1), else_=UNKNOWN_YEAR)
    keyed = (
        select(activity.c.relation, year.label("agreement_year"), activity.c.kind, activity.c.state)
        .where(joint())
        .subquery("keyed")
    )
    rows = select(*keyed.c, func.count().label("activities")).group_by(*keyed.c)
    return json_list(ActivityTally, rows, name="activities").element


def attendance(came: CTE, parts: CTE) -> ColumnElement[Any]:
    """Return who came to what took place in the period: the whole, organizations and labelled groups."""
    whole = select(_nobody(), _nameless().label("group_label"), *(came.c[name] for name in _COUNTED))
    named = select(parts.c.organization_id, parts.c.group_label, *(parts.c[name] for name in _COUNTED))
    each = union_all(whole, named).subquery("attended")
    known = each.c.total.is_not(None)
    rows = select(
        _joint().label("relation"),
        each.c.organization_id,
        each.c.group_label,
        func.count().label("activities"),
        func.count().filter(~known).label("unknown_totals"),
        func.coalesce(func.sum(each.c.total), 0).label("total"),
        *(
            figure
            for name in ("male", "female")
            for figure in (
                func.coalesce(func.sum(each.c[name]).filter(known), 0).label(name),
                func.count(each.c[name]).filter(known).label(f"{name}_known"),
            )
        ),
    ).group_by(each.c.organization_id, each.c.group_label)
    return json_list(AttendanceTally, rows, name="attendance").element


def parts_of() -> CTE:
    """Return the counts of every group of people that came in the period."""
    part = participant_group
    return (
        select(
            part.c.activity_id,
            func.coalesce(part.c.organization_id, _nobody().element).label("organization_id"),
            func.coalesce(part.c.group_label, _nameless()).label("group_label"),
            _total(part.c, "").label("total"),
            part.c.male,
            part.c.female,
        )
        .join_from(
            activity,
            part,
            and_(part.c.agreement_id == activity.c.agreement_id, part.c.activity_id == activity.c.id),
        )
        .where(joint(), took_place(), _people())
        .cte("parts")
    )


def came_of(parts: CTE) -> CTE:
    """Return how many people came to each activity of the period: as stated, else as all its groups do."""
    summed = (
        select(parts.c.activity_id, *(_sum_of_all(parts.c[name]).label(name) for name in _COUNTED))
        .group_by(parts.c.activity_id)
        .subquery("summed")
    )
    stated = {
        "total": _total(activity.c, "participant_"),
        "male": activity.c.participant_male,
        "female": activity.c.participant_female,
    }
    return (
        select(
            activity.c.id,
            *(
                case((_people(), func.coalesce(stated[name], summed.c[name]))).label(name)
                for name in _COUNTED
            ),
        )
        .select_from(activity.outerjoin(summed, summed.c.activity_id == activity.c.id))
        .where(joint(), took_place())
        .cte("came")
    )


def milestones() -> ColumnElement[Any]:
    """Return how many milestones that are due in the period share a health."""
    health = health_expression()
    rows = (
        select(health.label("key"), func.count().label("count"))
        .where(milestone.c.agreement_id == ID, within(milestone.c.due_on), health.is_not(None))
        .group_by(health)
    )
    return json_list(HealthCount, rows, name="milestones").element


def workplan(items: CTE) -> ColumnElement[Any]:
    """Return how many items due in the period each agreement year has."""
    rows = (
        select(
            items.c.agreement_year,
            func.count().label("items"),
            func.count().filter(is_done(items)).label("completed"),
            func.count().filter(items.c.verified_by.is_not(None)).label("verified"),
            func.count().filter(items.c.late).label("late"),
        )
        .group_by(items.c.agreement_year)
        .order_by(items.c.agreement_year)
    )
    return json_list(WorkplanYear, rows, name="workplan").element


def data_requests() -> ColumnElement[Any]:
    """Return the figures of the data requests that were received in the period."""
    figures = select(*request_query.figures()).where(received()).correlate_except(data_request)
    return json_one(RequestSummary, figures, name="data_requests").element


def received() -> ColumnElement[bool]:
    """Return whether a data request was received in the period, and is seen; drafts have no such day."""
    return and_(
        data_request.c.agreement_id == ID, within(data_request.c.received_on), request_visible(data_request)
    )


def _first_day() -> ColumnElement[Any]:
    """Return the day agreement years are counted from, read once for all rows."""
    its = select(agreement.c.id.label("agreement_id")).where(agreement.c.id == ID).subquery("its")
    return select(first_day_of(its)).select_from(its).scalar_subquery()


def _people() -> ColumnElement[bool]:
    return activity.c.participant_unit == ParticipantUnit.PEOPLE.value


def _nobody() -> Label[Any]:
    nobody: ColumnElement[Any] = literal_column(f"'{NOBODY}'")
    return cast(nobody, Uuid).label("organization_id")


def _joint() -> ColumnElement[Any]:
    return literal_column(f"'{Relation.JOINT}'")


def _nameless() -> ColumnElement[Any]:
    return literal_column("''")


def _total(columns: ReadOnlyColumnCollection[str, Any], prefix: str) -> ColumnElement[Any]:
    """Return a total as stated, or as the sum of the sexes when all three of them were reported."""
    total, male, female, unspecified = (
        columns[f"{prefix}{name}"] for name in ("total", "male", "female", "sex_unspecified")
    )
    return func.coalesce(total, male + female + unspecified)


def _sum_of_all(column: ColumnElement[Any]) -> ColumnElement[Any]:
    known: ColumnElement[bool] = func.bool_and(column.is_not(None), type_=Boolean())
    return case((known, func.sum(column)), else_=null())
