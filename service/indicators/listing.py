"""Lists of indicator series, newest first; every token may read them."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Text, Uuid, any_, func, select

from schema.tables.common import text_array
from schema.tables.indicators import indicator_series as series
from schema.wire.indicators import IndicatorSeriesQuery
from service.access.call import Call
from service.access.paging import Counted, paged
from service.indicators.queries import listed_columns
from service.indicators.records import Listed
from service.kernel.statement import Statement, document, param

_LAST_ID = UUID(int=(1 << 128) - 1)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by."""

    acting_id: UUID
    now: datetime
    row_limit: int
    organization_id: UUID | None = None
    region_code: str | None = None
    instruments: tuple[str, ...] = ()
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)


async def page(call: Call, query: IndicatorSeriesQuery) -> tuple[tuple[Listed, ...], str | None, int | None]:
    """Return the items of a page, the next cursor and, when asked for, the total."""
    given: dict[str, Any] = {
        "organization_id": query.organization_id,
        "region_code": query.region_code,
        "instruments": query.instrument,
    }
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    filters = Filters(acting_id=call.organization_id, now=call.now, row_limit=query.limit + 1, **used)
    if query.cursor is not msgspec.UNSET:
        (after_id,) = call.position(query.cursor, tuple[UUID])
        filters = msgspec.structs.replace(filters, after_id=after_id)
    rows = await call.database.rows(listing(frozenset(used)), filters)
    items, cursor = paged(call, rows, limit=query.limit, position=lambda row: (row.id,))
    total = await call.database.only(counting(frozenset(used)), filters) if query.count else None
    return items, cursor, total and total.total


@cache
def listing(used: frozenset[str]) -> Statement[Filters, Listed]:
    """Return the statement of a page for one set of filters."""
    rows = (
        select(*listed_columns())
        .where(*_conditions(used), series.c.id < param("after_id", Uuid()))
        .order_by(series.c.id.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement(
        "list_indicator_series", document(Listed, rows), params=Filters, row=Listed, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(series).where(*_conditions(used))
    return Statement(
        "count_indicator_series", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "organization_id": series.c.organization_id == param("organization_id", Uuid()),
        "region_code": series.c.region_code == param("region_code", Text()),
        "instruments": series.c.instrument == any_(param("instruments", text_array())),
    }
    return [known[name] for name in sorted(used)]
