"""The statement of a summary: the tallies of an agreement, and of what is made under it.

Whoever still holds the tallies names their stamp: then only the stamp is read again.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Table,
    Text,
    Uuid,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from schema.tables.activities import activity_tally, attendance_tally
from schema.tables.agreements import agreement
from schema.tables.data_requests import data_request
from schema.tables.ledger import audit_head
from schema.tables.milestones import milestone
from schema.tables.workplans import workplan_item
from schema.wire.summary import HealthCount, RequestSummary, WorkplanYear
from service.access import request_query
from service.access.due import due_on, first_day_of, is_done, is_late
from service.access.health_query import health_expression
from service.access.tallies import ActivityTally, AttendanceTally
from service.access.visibility import visible_to
from service.kernel.statement import Statement, document, json_list, json_one, param


class Wanted(msgspec.Struct, frozen=True):
    """One agreement on a day, for one organization; `known` is the stamp of what need not be read again."""

    agreement_id: UUID
    acting_id: UUID
    today: date
    known: str | None


class Tallies(msgspec.Struct, frozen=True, kw_only=True):
    """All tallies of an agreement, and of its children where they are asked for; None where they are known.

    `stamp` is the hashes of the last audit entries they depend on: no tally changes without one, and unlike
    their numbers, hashes do not come again in a database that was restored. Milestones, the work plan and
    data requests are counted as they are read, because a day changes how they stand; an agreement has few.
    """

    stamp: str
    activities: tuple[ActivityTally, ...] | None
    attendance: tuple[AttendanceTally, ...] | None
    milestones: tuple[HealthCount, ...] | None
    workplan: tuple[WorkplanYear, ...] | None
    data_requests: RequestSummary | None


Taken = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Whether an agreement is one of those that are counted."""

_ID = param("agreement_id", Uuid())


def _tallies(counted: Taken) -> Select[Any]:
    """Return the stamp of an agreement and the tallies of what is counted."""
    # The parent's day counts the years of an agreement that has none of its own.
    depends = or_(counted(audit_head.c.stream), audit_head.c.stream == agreement.c.parent_id)
    entry = func.encode(audit_head.c.hash, literal_column("'base64'"))
    entries = func.string_agg(entry, aggregate_order_by(literal(" ", Text()), audit_head.c.stream))
    stamped = select(func.coalesce(entries, literal_column("''")).label("stamp")).where(depends)
    stamp = stamped.correlate_except(audit_head).lateral("stamp")
    unknown = stamp.c.stamp.is_distinct_from(param("known", Text()))
    kinds = (("activities", ActivityTally, activity_tally), ("attendance", AttendanceTally, attendance_tally))
    lists = [
        # What a CASE does not give is not run.
        case((unknown, _rows(name, row, table=table, counted=counted))).label(name)
        for name, row, table in kinds
    ]
    lists.append(case((unknown, _milestones(counted))).label("milestones"))
    lists.append(case((unknown, _workplan(counted))).label("workplan"))
    figures = _requests(counted)
    lists.append(
        case((unknown, json_one(RequestSummary, figures, name="data_requests").element)).label(
            "data_requests"
        )
    )
    shown = select(stamp.c.stamp, *lists).select_from(agreement.join(stamp, true()))
    return shown.where(agreement.c.id == _ID, visible_to(agreement.c.id))


def _rows(name: str, row: type[msgspec.Struct], *, table: Table, counted: Taken) -> ColumnElement[Any]:
    columns = select(*(table.c[each] for each in row.__struct_fields__)).where(counted(table.c.agreement_id))
    return json_list(row, columns.correlate_except(table), name=name).element


def _milestones(counted: Taken) -> ColumnElement[Any]:
    """Return how many milestones share a health on the day of the summary."""
    health = health_expression()
    rows = select(health.label("key"), func.count().label("count")).where(
        counted(milestone.c.agreement_id), health.is_not(None)
    )
    by_health = rows.group_by(health).correlate_except(milestone)
    return json_list(HealthCount, by_health, name="milestones").element


def _workplan(counted: Taken) -> ColumnElement[Any]:
    """Return how many items each agreement year has; what is late depends on the day of the summary."""
    item, due = workplan_item, due_on(workplan_item, first_day_of(workplan_item))
    late = is_late(item, due, today=param("today", Date()))
    rows = (
        select(
            item.c.agreement_year,
            func.count().label("items"),
            func.count().filter(is_done(item)).label("completed"),
            func.count().filter(item.c.verified_by.is_not(None)).label("verified"),
            func.count().filter(late).label("late"),
        )
        .where(counted(item.c.agreement_id), item.c.dropped_by.is_(None))
        .group_by(item.c.agreement_year)
        .order_by(item.c.agreement_year)
    )
    return json_list(WorkplanYear, rows.correlate_except(item), name="workplan").element


def _requests(counted: Taken) -> Select[*tuple[Any, ...]]:
    """Return the figures of the requests of what is counted: few enough to be counted when asked."""
    taken = counted(data_request.c.agreement_id), data_request.c.received_on.is_not(None)
    return select(*request_query.figures()).where(*taken).correlate_except(data_request)


def _itself(agreement_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return agreement_id == agreement.c.id


def _family() -> Taken:
    child = agreement.alias("child")
    its_own = or_(child.c.id == _ID, child.c.parent_id == _ID)
    family = select(child.c.id).where(its_own, visible_to(child.c.id)).cte("family")
    return lambda agreement_id: agreement_id.in_(select(family.c.id))


ITS_TALLIES = Statement("tallies", document(Tallies, _tallies(_itself)), params=Wanted, row=Tallies)
TALLIES_WITH_CHILDREN = Statement(
    "tallies_with_children", document(Tallies, _tallies(_family())), params=Wanted, row=Tallies
)
