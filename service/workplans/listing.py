"""Lists of the work plan: the page and its agreements as one document, by the plan that fits the caller."""

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    Uuid,
    any_,
    func,
    select,
    true,
    tuple_,
)

from schema.tables.agreements import agreement
from schema.tables.common import text_array
from schema.tables.workplans import workplan_item
from schema.wire.workplans import WorkplanItemQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.holding import basis_columns
from service.access.paging import Counted, paged
from service.access.visibility import among_visible, seen_rows, visible_to
from service.kernel.statement import Statement, document, json_list, param
from service.workplans.measured import health
from service.workplans.queries import Item, item_columns


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    today: date
    row_limit: int
    agreement_id: UUID | None = None
    agreement_year: int | None = None
    parent_id: UUID | None = None
    levels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    healths: tuple[str, ...] = ()
    lead_organization_id: UUID | None = None
    after_year: int = 0
    after_id: UUID = UUID(int=0)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Items of a page and the agreements they belong to."""

    items: tuple[Item, ...]
    agreements: tuple[Basis, ...]


_OPTIONAL = frozenset(Filters.__struct_fields__)


async def page(
    call: Call, query: WorkplanItemQuery
) -> tuple[tuple[Item, ...], dict[UUID, Basis], str | None, int | None]:
    """Return the items of a page, their agreements by id, the next cursor and, when asked for, the total."""
    filters, used = _filters(call, query)
    if query.cursor is not msgspec.UNSET:
        after_year, after_id = call.position(query.cursor, tuple[int, UUID])
        filters = msgspec.structs.replace(filters, after_year=after_year, after_id=after_id)
    statement = listing(used, few=not call.principal.sees_many)
    found = await call.database.only(statement, filters)
    items, cursor = paged(call, found.items, limit=query.limit, position=_position)
    total = await call.database.only(counting(used), filters) if query.count else None
    return items, {basis.id: basis for basis in found.agreements}, cursor, total and total.total


def _position(item: Item) -> tuple[int, UUID]:
    return item.stored.agreement_year, item.stored.id


def _filters(call: Call, query: WorkplanItemQuery) -> tuple[Filters, frozenset[str]]:
    given: dict[str, Any] = {
        "agreement_id": query.agreement_id,
        "agreement_year": query.agreement_year,
        "parent_id": query.parent_id,
        "levels": query.level,
        "states": query.state,
        "healths": query.health,
        "lead_organization_id": query.lead_organization_id,
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
    items are walked by agreement year until the page is full.
    """
    chosen = _of_few(used) if few and "agreement_id" not in used else _of_many(used)
    on_page = chosen.cte("page")
    item = workplan_item.alias("item")
    items = (
        select(*item_columns(item))
        .select_from(item.join(on_page, on_page.c.id == item.c.id))
        .order_by(item.c.agreement_year, item.c.id)
    )
    agreements = select(*basis_columns()).where(agreement.c.id.in_(select(on_page.c.agreement_id)))
    whole = select(json_list(Item, items, name="items"), json_list(Basis, agreements, name="agreements"))
    return Statement(
        "list_workplan_items", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = (
        select(func.count().label("total"))
        .select_from(workplan_item)
        .where(among_visible(workplan_item.c.agreement_id), *_conditions(used))
    )
    return Statement(
        "count_workplan_items", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _first(used: frozenset[str], seen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    item = workplan_item.c
    after = tuple_(param("after_year", SmallInteger()), param("after_id", Uuid()))
    return (
        select(item.id, item.agreement_id, item.agreement_year)
        .where(seen, tuple_(item.agreement_year, item.id) > after, *_conditions(used))
        .order_by(item.agreement_year, item.id)
        .limit(param("row_limit", Integer()))
    )


def _of_many(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    return _first(used, visible_to(workplan_item.c.agreement_id))


def _of_few(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    mine = seen_rows()
    each = _first(used, workplan_item.c.agreement_id == mine.c.agreement_id).correlate(mine).lateral("each")
    return (
        select(each.c.id, each.c.agreement_id, each.c.agreement_year)
        .select_from(mine.join(each, true()))
        .order_by(each.c.agreement_year, each.c.id)
        .limit(param("row_limit", Integer()))
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    item = workplan_item.c
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": item.agreement_id == param("agreement_id", Uuid()),
        "agreement_year": item.agreement_year == param("agreement_year", SmallInteger()),
        "parent_id": item.parent_id == param("parent_id", Uuid()),
        "levels": item.level == any_(param("levels", text_array())),
        "states": item.state == any_(param("states", text_array())),
        "healths": health(workplan_item) == any_(param("healths", text_array())),
        "lead_organization_id": item.lead_organization_id == param("lead_organization_id", Uuid()),
    }
    return [known[name] for name in sorted(used)]
