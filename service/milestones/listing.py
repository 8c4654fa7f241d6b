"""Lists of milestones: the page and its agreements as one JSON document, by the plan that fits the caller."""

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Uuid,
    any_,
    func,
    select,
    true,
    tuple_,
)

from schema.tables.agreements import agreement
from schema.tables.common import text_array
from schema.tables.milestones import milestone
from schema.wire.milestones import MilestoneQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.health_query import health_expression
from service.access.holding import basis_columns
from service.access.paging import Counted, paged
from service.access.visibility import among_visible, seen_rows, visible_to
from service.kernel.period import FIRST_DAY
from service.kernel.statement import Statement, document, json_list, param
from service.milestones.queries import Page, stored_columns
from service.milestones.records import Stored


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    today: date
    row_limit: int
    agreement_id: UUID | None = None
    series_id: UUID | None = None
    states: tuple[str, ...] = ()
    healths: tuple[str, ...] = ()
    owner_organization_id: UUID | None = None
    due_before: date | None = None
    after_on: date = FIRST_DAY
    after_id: UUID = UUID(int=0)


_OPTIONAL = frozenset(Filters.__struct_fields__)


async def page(
    call: Call, query: MilestoneQuery
) -> tuple[tuple[Stored, ...], dict[UUID, Basis], str | None, int | None]:
    """Return the items of a page, their agreements by id, the next cursor and, when asked for, the total."""
    filters, used = _filters(call, query)
    if query.cursor is not msgspec.UNSET:
        after_on, after_id = call.position(query.cursor, tuple[date, UUID])
        filters = msgspec.structs.replace(filters, after_on=after_on, after_id=after_id)
    statement = listing(used, few=not call.principal.sees_many)
    found = await call.database.only(statement, filters)
    items, cursor = paged(call, found.items, limit=query.limit, position=lambda row: (row.due_on, row.id))
    total = await call.database.only(counting(used), filters) if query.count else None
    return items, {basis.id: basis for basis in found.agreements}, cursor, total and total.total


def _filters(call: Call, query: MilestoneQuery) -> tuple[Filters, frozenset[str]]:
    given: dict[str, Any] = {
        "agreement_id": query.agreement_id,
        "series_id": query.series_id,
        "states": query.state,
        "healths": query.health,
        "owner_organization_id": query.owner_organization_id,
        "due_before": query.due_before,
    }
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    filters = Filters(
        acting_id=call.organization_id, today=call.caller.today, row_limit=query.limit + 1, **used
    )
    return filters, frozenset(used)


@cache
def listing(used: frozenset[str], *, few: bool) -> Statement[Filters, Page]:
    """Return the statement of a page for one set of filters.

    `few`: the caller sees few agreements, so the page is gathered agreement by agreement; otherwise the
    soonest milestones are walked until the page is full.
    """
    chosen = _of_few(used) if few and "agreement_id" not in used else _of_many(used)
    on_page = chosen.cte("page")
    seen = milestone.alias("seen")
    items = (
        select(*stored_columns(seen))
        .join(on_page, on_page.c.id == seen.c.id)
        .order_by(seen.c.due_on, seen.c.id)
    )
    agreements = select(*basis_columns()).where(agreement.c.id.in_(select(on_page.c.agreement_id)))
    whole = select(json_list(Stored, items, name="items"), json_list(Basis, agreements, name="agreements"))
    return Statement("list_milestones", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL)


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = (
        select(func.count().label("total"))
        .select_from(milestone)
        .where(among_visible(milestone.c.agreement_id), *_conditions(used))
    )
    return Statement(
        "count_milestones", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _soonest(used: frozenset[str], seen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    after = tuple_(param("after_on", Date()), param("after_id", Uuid()))
    return (
        select(milestone.c.id, milestone.c.agreement_id, milestone.c.due_on)
        .where(seen, tuple_(milestone.c.due_on, milestone.c.id) > after, *_conditions(used))
        .order_by(milestone.c.due_on, milestone.c.id)
        .limit(param("row_limit", Integer()))
    )


def _of_many(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    return _soonest(used, visible_to(milestone.c.agreement_id))


def _of_few(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    mine = seen_rows()
    each = _soonest(used, milestone.c.agreement_id == mine.c.agreement_id).correlate(mine).lateral("each")
    return (
        select(each.c.id, each.c.agreement_id, each.c.due_on)
        .select_from(mine.join(each, true()))
        .order_by(each.c.due_on, each.c.id)
        .limit(param("row_limit", Integer()))
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": milestone.c.agreement_id == param("agreement_id", Uuid()),
        "series_id": milestone.c.series_id == param("series_id", Uuid()),
        "states": milestone.c.state == any_(param("states", text_array())),
        "healths": health_expression() == any_(param("healths", text_array())),
        "owner_organization_id": milestone.c.owner_organization_id == param("owner_organization_id", Uuid()),
        "due_before": milestone.c.due_on < param("due_before", Date()),
    }
    return [known[name] for name in sorted(used)]
