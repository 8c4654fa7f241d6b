"""The statements of a summary: the tallies of an agreement, and of what is made under it.

Whoever still holds a summary reads the stamp alone: a statement that could read the rest costs more than
twice as much, even when it does not.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    Label,
    Select,
    Table,
    Text,
    Uuid,
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


class Whose(msgspec.Struct, frozen=True):
    """One agreement, for one organization."""

    agreement_id: UUID
    acting_id: UUID


class Wanted(msgspec.Struct, frozen=True):
    """One agreement on a day, for one organization."""

    agreement_id: UUID
    acting_id: UUID
    today: date


class Stamp(msgspec.Struct, frozen=True):
    """The hashes of the last audit entries that a summary depends on.

    No tally changes without one, and unlike their numbers, hashes do not come again in a database that was
    restored.
    """

    stamp: str


class Tallies(msgspec.Struct, frozen=True, kw_only=True):
    """All tallies of an agreement, and of its children where they are asked for, with their stamp.

    Milestones, the work plan and data requests are counted as they are read, because a day changes how they
    stand; an agreement has few.
    """

    stamp: str
    activities: tuple[ActivityTally, ...]
    attendance: tuple[AttendanceTally, ...]
    milestones: tuple[HealthCount, ...]
    workplan: tuple[WorkplanYear, ...]
    data_requests: RequestSummary


Taken = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Whether an agreement is one of those that are counted."""

_ID = param("agreement_id", Uuid())


def _stamped(counted: Taken, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the stamp of an agreement that is seen, and whatever else is read with it."""
    # The parent's day counts the years of an agreement that has none of its own.
    depends = or_(counted(audit_head.c.stream), audit_head.c.stream == agreement.c.parent_id)
    entry = func.encode(audit_head.c.hash, literal_column("'base64'"))
    entries = func.string_agg(entry, aggregate_order_by(literal(" ", Text()), audit_head.c.stream))
    stamped = select(func.coalesce(entries, literal_column("''")).label("stamp")).where(depends)
    stamp = stamped.correlate_except(audit_head).lateral("stamp")
    shown = select(stamp.c.stamp, *columns).select_from(agreement.join(stamp, true()))
    return shown.where(agreement.c.id == _ID, visible_to(agreement.c.id))


def _tallies(counted: Taken) -> Select[Any]:
    """Return the tallies of what is counted, with the stamp of the agreement."""
    requests = json_one(RequestSummary, _requests(counted), name="data_requests")
    return _stamped(
        counted,
        _rows("activities", ActivityTally, table=activity_tally, counted=counted),
        _rows("attendance", AttendanceTally, table=attendance_tally, counted=counted),
        _milestones(counted),
        _workplan(counted),
        requests,
    )


def _rows(name: str, row: type[msgspec.Struct], *, table: Table, counted: Taken) -> Label[Any]:
    columns = select(*(table.c[each] for each in row.__struct_fields__)).where(counted(table.c.agreement_id))
    return json_list(row, columns.correlate_except(table), name=name)


def _milestones(counted: Taken) -> Label[Any]:
    """Return how many milestones share a health on the day of the summary."""
    health = health_expression()
    rows = select(health.label("key"), func.count().label("count")).where(
        counted(milestone.c.agreement_id), health.is_not(None)
    )
    by_health = rows.group_by(health).correlate_except(milestone)
    return json_list(HealthCount, by_health, name="milestones")


def _workplan(counted: Taken) -> Label[Any]:
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
    return json_list(WorkplanYear, rows.correlate_except(item), name="workplan")


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


ITS_STAMP = Statement("stamp", document(Stamp, _stamped(_itself)), params=Whose, row=Stamp)
STAMP_WITH_CHILDREN = Statement(
    "stamp_with_children", document(Stamp, _stamped(_family())), params=Whose, row=Stamp
)
ITS_TALLIES = Statement("tallies", document(Tallies, _tallies(_itself)), params=Wanted, row=Tallies)
TALLIES_WITH_CHILDREN = Statement(
    "tallies_with_children", document(Tallies, _tallies(_family())), params=Wanted, row=Tallies
)
