"""Lists of activities: the page and its agreements as one JSON document, by the plan that fits the caller."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    Text,
    Uuid,
    any_,
    exists,
    or_,
    select,
)

from schema.tables.activities import activity, organizer, participant_group
from schema.tables.common import text_array
from schema.wire.activities import ActivityQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.paging import Counted, paged
from service.access.walking import DOWNWARDS, Walk, agreements_on
from service.activities.queries import Page, stored_of
from service.activities.records import Stored
from service.kernel.period import LAST_DAY
from service.kernel.statement import Statement, document, json_values, param

_LAST_ID = UUID(int=(1 << 128) - 1)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    row_limit: int
    agreement_id: UUID | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    relation: str | None = None
    organization_id: UUID | None = None
    starts_on_from: date | None = None
    starts_on_to: date | None = None
    region_code: str | None = None
    after_on: date = LAST_DAY
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)
_ORGANIZATION_ID = param("organization_id", Uuid())
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "agreement_id": activity.c.agreement_id == param("agreement_id", Uuid()),
    "kinds": activity.c.kind == any_(param("kinds", text_array())),
    "states": activity.c.state == any_(param("states", text_array())),
    "relation": activity.c.relation == param("relation", Text()),
    "organization_id": or_(
        *(
            exists(
                select(table.c.activity_id).where(
                    table.c.activity_id == activity.c.id, table.c.organization_id == _ORGANIZATION_ID
                )
            )
            for table in (organizer, participant_group)
        )
    ),
    "starts_on_from": activity.c.starts_on >= param("starts_on_from", Date()),
    "starts_on_to": activity.c.starts_on <= param("starts_on_to", Date()),
    "region_code": activity.c.region_code == param("region_code", Text()),
}
_WALK = Walk(activity, activity.c.starts_on, "after_on", DOWNWARDS, _CONDITIONS)


async def page(
    call: Call, query: ActivityQuery
) -> tuple[tuple[Stored, ...], dict[UUID, Basis], str | None, int | None]:
    """Return the items of a page, their agreements by id, the next cursor and, when asked for, the total."""
    filters, used = _filters(call, query)
    if query.cursor is not msgspec.UNSET:
        after_on, after_id = call.position(query.cursor, tuple[date, UUID])
        filters = msgspec.structs.replace(filters, after_on=after_on, after_id=after_id)
    statement = listing(used, few=not call.principal.sees_many)
    found = await call.database.only(statement, filters)
    items, cursor = paged(call, found.items, limit=query.limit, position=lambda row: (row.starts_on, row.id))
    total = await call.database.only(counting(used), filters) if query.count else None
    return items, {basis.id: basis for basis in found.agreements}, cursor, total and total.total


def _filters(call: Call, query: ActivityQuery) -> tuple[Filters, frozenset[str]]:
    given: dict[str, Any] = {
        "agreement_id": query.agreement_id,
        "kinds": query.kind,
        "states": query.state,
        "relation": query.relation,
        "organization_id": query.organization_id,
        "starts_on_from": query.starts_on_from,
        "starts_on_to": query.starts_on_to,
        "region_code": query.region_code,
    }
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    return Filters(acting_id=call.organization_id, row_limit=query.limit + 1, **used), frozenset(used)


@cache
def listing(used: frozenset[str], *, few: bool) -> Statement[Filters, Page]:
    """Return the statement of a page for one set of filters, newest activities first."""
    on_page = _WALK.page(used, few=few)
    seen = activity.alias("seen")
    items = (
        select(stored_of(seen).label("item"))
        .join(on_page, on_page.c.id == seen.c.id)
        .order_by(*_WALK.ordered(seen))
    )
    whole = select(json_values(items, name="items"), agreements_on(on_page))
    return Statement("list_activities", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL)


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = document(Counted, _WALK.total(used))
    return Statement("count_activities", rows, params=Filters, row=Counted, optional=_OPTIONAL)
