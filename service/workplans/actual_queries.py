"""Statements over reported values: one with its agreement, and the values of an item."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Date, Integer, Select, Uuid, func, select, tuple_

from schema.tables.workplans import actual, workplan_item
from schema.wire.actuals import ActualQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.paging import Counted, paged
from service.access.visibility import visible_to
from service.kernel.period import FIRST_DAY
from service.kernel.statement import Statement, document, json_list, json_one, param
from service.workplans.queries import agreement_of
from service.workplans.records import StoredActual


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A reported value with its agreement."""

    stored: StoredActual
    agreement: Basis


class ById(msgspec.Struct, frozen=True):
    """One reported value, for one organization."""

    subject_id: UUID
    acting_id: UUID


class OfItem(msgspec.Struct, frozen=True, kw_only=True):
    """The values of an item behind a position, for one organization."""

    workplan_item_id: UUID
    acting_id: UUID
    row_limit: int
    after_on: date = FIRST_DAY
    after_id: UUID = UUID(int=0)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Values of an item and its agreement."""

    items: tuple[StoredActual, ...]
    agreement: Basis


_COLUMNS = tuple(actual.c[name] for name in StoredActual.__struct_fields__)


def _found() -> Select[*tuple[Any, ...]]:
    chosen = actual.alias("chosen")
    one = json_one(
        StoredActual,
        select(*(chosen.c[name] for name in StoredActual.__struct_fields__)).correlate(chosen),
        name="stored",
    )
    return select(one, agreement_of(chosen.c.agreement_id)).where(
        chosen.c.id == param("subject_id", Uuid()), visible_to(chosen.c.agreement_id)
    )


ACTUAL = Statement("actual", document(Found, _found()), params=ById, row=Found)


def _page() -> Select[*tuple[Any, ...]]:
    item = workplan_item.alias("item")
    after = tuple_(param("after_on", Date()), param("after_id", Uuid()))
    rows = (
        select(*_COLUMNS)
        .where(
            actual.c.agreement_id == item.c.agreement_id,
            actual.c.workplan_item_id == item.c.id,
            tuple_(actual.c.starts_on, actual.c.id) > after,
        )
        .order_by(actual.c.starts_on, actual.c.id)
        .limit(param("row_limit", Integer()))
        .correlate(item)
    )
    return select(json_list(StoredActual, rows, name="items"), agreement_of(item.c.agreement_id)).where(
        item.c.id == param("workplan_item_id", Uuid()), visible_to(item.c.agreement_id)
    )


ACTUALS = Statement("list_actuals", document(Page, _page()), params=OfItem, row=Page)

COUNT = Statement(
    "count_actuals",
    document(
        Counted,
        select(func.count().label("total"))
        .select_from(actual)
        .where(
            actual.c.workplan_item_id == param("workplan_item_id", Uuid()), visible_to(actual.c.agreement_id)
        ),
    ),
    params=OfItem,
    row=Counted,
    optional=frozenset(OfItem.__struct_fields__),
)


async def page(
    call: Call, workplan_item_id: UUID, *, query: ActualQuery
) -> tuple[Page | None, str | None, int | None]:
    """Return a page of the values of an item, None when it is not seen, its next cursor and the total."""
    where = OfItem(
        workplan_item_id=workplan_item_id, acting_id=call.organization_id, row_limit=query.limit + 1
    )
    if query.cursor is not msgspec.UNSET:
        after_on, after_id = call.position(query.cursor, tuple[date, UUID])
        where = msgspec.structs.replace(where, after_on=after_on, after_id=after_id)
    found = await call.database.one(ACTUALS, where)
    if found is None:
        return None, None, None
    items, cursor = paged(call, found.items, limit=query.limit, position=lambda row: (row.starts_on, row.id))
    total = await call.database.only(COUNT, where) if query.count else None
    return msgspec.structs.replace(found, items=items), cursor, total and total.total
