"""Lists of activities: the page and its agreements as one JSON document, by the plan that fits the caller."""

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
    Text,
    Uuid,
    any_,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
)

from schema.tables.activities import activity, organizer, participant_group
from schema.tables.agreements import agreement
from schema.tables.common import text_array
from schema.wire.activities import ActivityQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.holding import basis_columns
from service.access.paging import Counted, paged
from service.access.visibility import among_visible, seen_rows, visible_to
from service.activities.queries import Page, stored_of
from service.activities.records import Stored
from service.kernel.period import LAST_DAY
from service.kernel.statement import Statement, document, json_list, json_values, param

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
    """Return the statement of a page for one set of filters.

    `few`: the caller sees few agreements, so the page is gathered agreement by agreement; otherwise the
    newest activities are walked until the page is full.
    """
    chosen = _of_few(used) if few and "agreement_id" not in used else _of_many(used)
    on_page = chosen.cte("page")
    seen = activity.alias("seen")
    items = (
        select(stored_of(seen).label("item"))
        .join(on_page, on_page.c.id == seen.c.id)
        .order_by(seen.c.starts_on.desc(), seen.c.id.desc())
    )
    agreements = select(*basis_columns()).where(agreement.c.id.in_(select(on_page.c.agreement_id)))
    whole = select(json_values(items, name="items"), json_list(Basis, agreements, name="agreements"))
    return Statement("list_activities", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL)


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = (
        select(func.count().label("total"))
        .select_from(activity)
        .where(among_visible(activity.c.agreement_id), *_conditions(used))
    )
    return Statement(
        "count_activities", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _newest(used: frozenset[str], seen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    after = tuple_(param("after_on", Date()), param("after_id", Uuid()))
    return (
        select(activity.c.id, activity.c.agreement_id, activity.c.starts_on)
        .where(seen, tuple_(activity.c.starts_on, activity.c.id) < after, *_conditions(used))
        .order_by(activity.c.starts_on.desc(), activity.c.id.desc())
        .limit(param("row_limit", Integer()))
    )


def _of_many(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    # Asked once of the one agreement, else of each row.
    one = "agreement_id" in used
    return _newest(used, visible_to(param("agreement_id", Uuid()) if one else activity.c.agreement_id))


def _of_few(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    mine = seen_rows()
    each = _newest(used, activity.c.agreement_id == mine.c.agreement_id).correlate(mine).lateral("each")
    return (
        select(each.c.id, each.c.agreement_id, each.c.starts_on)
        .select_from(mine.join(each, true()))
        .order_by(each.c.starts_on.desc(), each.c.id.desc())
        .limit(param("row_limit", Integer()))
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    organization_id = param("organization_id", Uuid())
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": activity.c.agreement_id == param("agreement_id", Uuid()),
        "kinds": activity.c.kind == any_(param("kinds", text_array())),
        "states": activity.c.state == any_(param("states", text_array())),
        "relation": activity.c.relation == param("relation", Text()),
        "organization_id": or_(
            *(
                exists(
                    select(table.c.activity_id).where(
                        table.c.activity_id == activity.c.id, table.c.organization_id == organization_id
                    )
                )
                for table in (organizer, participant_group)
            )
        ),
        "starts_on_from": activity.c.starts_on >= param("starts_on_from", Date()),
        "starts_on_to": activity.c.starts_on <= param("starts_on_to", Date()),
        "region_code": activity.c.region_code == param("region_code", Text()),
    }
    return [known[name] for name in sorted(used)]
