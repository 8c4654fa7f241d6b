"""Lists of the work plan: the page and its agreements as one document, by the plan that fits the caller."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    SmallInteger,
    Uuid,
    any_,
    select,
)

from schema.tables.common import text_array
from schema.tables.workplans import workplan_item
from schema.wire.workplans import WorkplanItemQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.paging import Counted, paged
from service.access.walking import UPWARDS, Walk, agreements_on
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
_ITEM = workplan_item.c
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "agreement_id": _ITEM.agreement_id == param("agreement_id", Uuid()),
    "agreement_year": _ITEM.agreement_year == param("agreement_year", SmallInteger()),
    "parent_id": _ITEM.parent_id == param("parent_id", Uuid()),
    "levels": _ITEM.level == any_(param("levels", text_array())),
    "states": _ITEM.state == any_(param("states", text_array())),
    "healths": health(workplan_item) == any_(param("healths", text_array())),
    "lead_organization_id": _ITEM.lead_organization_id == param("lead_organization_id", Uuid()),
}
_WALK = Walk(workplan_item, workplan_item.c.agreement_year, "after_year", UPWARDS, _CONDITIONS)


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
    """Return the statement of a page for one set of filters, by agreement year."""
    on_page = _WALK.page(used, few=few)
    item = workplan_item.alias("item")
    items = (
        select(*item_columns(item))
        .select_from(item.join(on_page, on_page.c.id == item.c.id))
        .order_by(*_WALK.ordered(item))
    )
    whole = select(json_list(Item, items, name="items"), agreements_on(on_page))
    return Statement(
        "list_workplan_items", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = document(Counted, _WALK.total(used))
    return Statement("count_workplan_items", rows, params=Filters, row=Counted, optional=_OPTIONAL)
