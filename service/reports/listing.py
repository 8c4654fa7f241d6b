"""The rows a report shows, as SQL: so many of each list at most, and how many it leaves out."""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Label,
    Select,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)

from schema.tables.activities import activity
from schema.tables.data_requests import data_request
from schema.tables.documents import document as kept
from schema.tables.milestones import milestone
from schema.tables.organizations import organization
from schema.tables.workplans import actual
from schema.vocabulary import Accumulation, ActualState
from schema.wire.report import (
    MOST_ROWS,
    LeftOut,
    NamedOrganization,
    ReportedActivity,
    ReportedDocument,
    ReportedMilestone,
    ReportedRequest,
    ReportedResult,
)
from service.access.health_query import health_expression
from service.access.request_query import is_overdue
from service.kernel.statement import among, json_list, json_one
from service.reports.counting import ID, joint, received, within

MOST: ColumnElement[Any] = literal_column(str(MOST_ROWS))
_NEWEST: ColumnElement[Any] = literal_column("1")


def held(came: CTE) -> Label[Any]:
    """Return what took place in the period, newest first."""
    names = ("id", "kind", "title", "starts_on", "ends_on", "venue", "state", "outcome")
    empty: ColumnElement[Any] = literal_column("'[]'::json")
    rows = (
        select(
            *(activity.c[name] for name in names),
            came.c.total.label("participants"),
            *(func.coalesce(activity.c[name], empty).label(name) for name in ("evidence", "external_refs")),
        )
        .join(came, came.c.id == activity.c.id)
        .where(joint())
        .order_by(activity.c.starts_on.desc(), activity.c.id.desc())
        .limit(MOST)
    )
    return json_list(ReportedActivity, rows, name="held")


def results(items: CTE) -> Label[Any]:
    """Return the items of the work plan that are due in the period, by agreement year and code."""
    names = ("id", "level", "code", "title", "agreement_year", "state", "late")
    rows = (
        select(
            *(items.c[name] for name in names),
            items.c.due.label("due_on"),
            items.c.indicator_name.label("indicator"),
            items.c.indicator_unit.label("unit"),
            items.c.indicator_target.label("target"),
            _achieved(items).label("achieved"),
        )
        .order_by(items.c.agreement_year, items.c.code.nulls_last(), items.c.id)
        .limit(MOST)
    )
    return json_list(ReportedResult, rows, name="results")


def promises() -> Label[Any]:
    """Return the milestones that are due in the period, by due day."""
    names = ("id", "title", "owner_organization_id", "due_on", "achieved_on", "state")
    rows = (
        select(*(milestone.c[name] for name in names), health_expression().label("health"))
        .where(_promised())
        .order_by(milestone.c.due_on, milestone.c.id)
        .limit(MOST)
    )
    return json_list(ReportedMilestone, rows, name="promises")


def asked() -> Label[Any]:
    """Return the data requests that were received in the period, newest first."""
    names = (
        "id",
        "number",
        "title",
        "requester_organization_id",
        "holder_organization_id",
        "received_on",
        "due_on",
        "state",
        "decision",
        "decided_on",
    )
    rows = (
        select(*(data_request.c[name] for name in names), is_overdue().label("overdue"))
        .where(received())
        .order_by(data_request.c.received_on.desc(), data_request.c.id.desc())
        .limit(MOST)
    )
    return json_list(ReportedRequest, rows, name="asked")


def documents() -> Label[Any]:
    """Return the documents of the agreement and of joint activities of the period, oldest first."""
    rows = (
        select(kept.c.id, kept.c.kind, kept.c.filename, kept.c.hard_copy_location)
        .where(_documented())
        .order_by(kept.c.id)
        .limit(MOST)
    )
    return json_list(ReportedDocument, rows, name="documents")


def left_out(came: CTE, items: CTE) -> Label[Any]:
    """Return how many rows the lists leave out."""
    count = select(func.count())
    counts = {
        "held": count.select_from(came),
        "results": count.select_from(items),
        "promises": count.select_from(milestone).where(_promised()),
        "asked": count.select_from(data_request).where(received()),
        "documents": count.select_from(kept).where(_documented()),
    }
    columns = [_beyond(rows).label(name) for name, rows in counts.items()]
    return json_one(LeftOut, select(*columns), name="left_out")


def organizations(parts: CTE) -> Label[Any]:
    """Return the names of the organizations that came, promised or asked for data in the period."""
    owners = select(milestone.c.owner_organization_id).where(_promised())
    requesters = select(data_request.c.requester_organization_id).where(received())
    mentioned = union(select(parts.c.organization_id), owners, requesters).subquery("mentioned")
    rows = (
        select(organization.c.id.label("organization_id"), organization.c.name)
        .where(among(organization.c.id, select(*mentioned.c)))
        .order_by(organization.c.name, organization.c.id)
    )
    return json_list(NamedOrganization, rows, name="organizations")


def _promised() -> ColumnElement[bool]:
    return (milestone.c.agreement_id == ID) & within(milestone.c.due_on)


def _documented() -> ColumnElement[bool]:
    of_period = select(activity.c.id).where(joint()).correlate_except(activity)
    return (kept.c.agreement_id == ID) & or_(kept.c.activity_id.is_(None), kept.c.activity_id.in_(of_period))


def _beyond(rows: Select[Any]) -> ColumnElement[Any]:
    return func.greatest(rows.scalar_subquery() - MOST, literal(0))


def _achieved(item: FromClause) -> ColumnElement[Any]:
    """Return where an indicator stands by its approved values; null when none was approved."""
    approved = (
        actual.c.agreement_id == item.c.agreement_id,
        actual.c.workplan_item_id == item.c.id,
        actual.c.state == ActualState.APPROVED.value,
        actual.c.value.is_not(None),
    )
    latest = select(actual.c.value).where(*approved).order_by(actual.c.starts_on.desc()).limit(_NEWEST)
    gained = select(func.coalesce(item.c.indicator_baseline, 0) + func.sum(actual.c.value)).where(*approved)
    return case(
        (item.c.indicator_name.is_(None), None),
        (
            item.c.indicator_accumulation == Accumulation.CUMULATIVE.value,
            latest.correlate(item).scalar_subquery(),
        ),
        else_=gained.correlate(item).scalar_subquery(),
    )
