"""Lists of milestones: the page and its agreements as one JSON document, by the plan that fits the caller."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    Uuid,
    any_,
    select,
)

from schema.tables.common import text_array
from schema.tables.milestones import milestone
from schema.wire.milestones import MilestoneQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.health_query import health_expression
from service.access.paging import Counted, paged
from service.access.walking import UPWARDS, Walk, agreements_on
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
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "agreement_id": milestone.c.agreement_id == param("agreement_id", Uuid()),
    "series_id": milestone.c.series_id == param("series_id", Uuid()),
    "states": milestone.c.state == any_(param("states", text_array())),
    "healths": health_expression() == any_(param("healths", text_array())),
    "owner_organization_id": milestone.c.owner_organization_id == param("owner_organization_id", Uuid()),
    "due_before": milestone.c.due_on < param("due_before", Date()),
}
_WALK = Walk(milestone, milestone.c.due_on, "after_on", UPWARDS, _CONDITIONS)


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
    """Return the statement of a page for one set of filters, soonest milestones first."""
    on_page = _WALK.page(used, few=few)
    seen = milestone.alias("seen")
    items = (
        select(*stored_columns(seen)).join(on_page, on_page.c.id == seen.c.id).order_by(*_WALK.ordered(seen))
    )
    whole = select(json_list(Stored, items, name="items"), agreements_on(on_page))
    return Statement("list_milestones", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL)


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = document(Counted, _WALK.total(used))
    return Statement("count_milestones", rows, params=Filters, row=Counted, optional=_OPTIONAL)
