"""The yearly table of UU KIP article 12: received, time taken, granted, refused and why."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Select, Uuid, cast, extract, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.types import DateTime

from schema.tables.data_requests import data_request
from schema.vocabulary import UNDECIDED, DataRequestState, Decision, Permission, RefusalReason
from schema.wire.statistics import RequestStatistics, RequestStatisticsQuery, YearOfRequests
from service.access.call import Call
from service.access.paging import Counted, paged
from service.access.visibility import request_visible
from service.kernel.operation import operation
from service.kernel.statement import Statement, document, param

_NO_YEAR = 2200
_YEAR: ColumnElement[Any] = cast(extract("year", data_request.c.received_on), Integer)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Whose table, and which years."""

    acting_id: UUID
    row_limit: int
    holder_id: UUID
    now: datetime
    year: int | None = None
    after_year: int = _NO_YEAR


_OPTIONAL = frozenset(Filters.__struct_fields__)


@operation(
    "GET", "/v1/statistics/data-requests", permissions=(Permission.DATA_REQUEST_READ,), tag="data-requests"
)
async def list_data_request_statistics(call: Call, query: RequestStatisticsQuery) -> RequestStatistics:
    """Read the yearly table of data requests (UU KIP article 12), a line per year of receipt.

    It counts what the acting organization may see: all of its own as a holder, of another holder only the
    requests that both share. Drafts do not count.
    """
    holder_id = call.organization_id if query.holder_id is msgspec.UNSET else query.holder_id
    used = frozenset[str]() if query.year is msgspec.UNSET else frozenset({"year"})
    filters = Filters(
        acting_id=call.organization_id,
        row_limit=query.limit + 1,
        holder_id=holder_id,
        now=call.caller.now,
        year=None if query.year is msgspec.UNSET else query.year,
    )
    if query.cursor is not msgspec.UNSET:
        (after_year,) = call.position(query.cursor, tuple[int])
        filters = msgspec.structs.replace(filters, after_year=after_year)
    rows = await call.database.rows(table(used), filters)
    items, cursor = paged(call, rows, limit=query.limit, position=lambda row: (row.year,))
    total = await call.database.only(counting(used), filters) if query.count else None
    return RequestStatistics(items=items, next_cursor=cursor, total=total and total.total)


@cache
def table(used: frozenset[str]) -> Statement[Filters, YearOfRequests]:
    """Return the statement of the table, of one year or of all."""
    rows = (
        _years(used)
        .add_columns(*_columns())
        .where(param("after_year", Integer()) > _YEAR)
        .order_by(_YEAR.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement(
        "data_request_statistics",
        document(YearOfRequests, rows),
        params=Filters,
        row=YearOfRequests,
        optional=_OPTIONAL,
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts the years."""
    years = _years(used).subquery("years")
    rows = select(func.count().label("total")).select_from(years)
    return Statement(
        "count_statistics", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _years(used: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Return the years in which the holder received requests."""
    known: dict[str, ColumnElement[bool]] = {"year": param("year", Integer()) == _YEAR}
    return (
        select(data_request.c.holder_organization_id.label("holder_id"), _YEAR.label("year"))
        .where(
            data_request.c.holder_organization_id == param("holder_id", Uuid()),
            data_request.c.received_on.is_not(None),
            request_visible(data_request),
            *(known[name] for name in sorted(used)),
        )
        .group_by(data_request.c.holder_organization_id, _YEAR)
    )


def _columns() -> list[ColumnElement[Any]]:
    """Return the figures of a year, as the struct names them."""
    decided = {each.value: _counted(data_request.c.decision == _word(each)) for each in Decision}
    ended = (DataRequestState.TRANSFERRED, DataRequestState.WITHDRAWN)
    figures = {
        "received": func.count(),
        **decided,
        **{each.value: _counted(data_request.c.state == _word(each)) for each in ended},
        "open": _counted(data_request.c.state.in_([_word(each) for each in UNDECIDED])),
        "overdue": _counted(data_request.c.due_at <= param("now", DateTime(timezone=True))),
        "median_working_days": _percentile("0.5"),
        "p90_working_days": _percentile("0.9"),
        "reasons": _reasons(),
    }
    return [figure.label(name) for name, figure in figures.items()]


def _counted(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)


def _percentile(share: str) -> ColumnElement[Any]:
    return func.percentile_cont(literal_column(share)).within_group(data_request.c.working_days)


def _reasons() -> ColumnElement[Any]:
    pairs: list[Any] = []
    for reason in RefusalReason:
        pairs += [_word(reason), _counted(data_request.c.reason_code == _word(reason))]
    return func.json_build_object(*pairs, type_=JSON)


def _word(value: str) -> ColumnElement[str]:
    """Return a word of our own vocabularies as a literal."""
    return literal_column(f"'{value}'")


OPERATIONS = (list_data_request_statistics,)
