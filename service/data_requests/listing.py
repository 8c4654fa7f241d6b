"""Lists of data requests: the queues of a desk. Each side has indexes of its own for them.

Without a role a page is gathered from three sorted sources: what the organization asked, what is asked of it,
and what it sees of others through agreements. Each has its index, and none reads more than a page.
"""

from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    func,
    literal_column,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import DateTime

from schema.tables.agreements import agreement
from schema.tables.common import text_array
from schema.tables.data_requests import data_request, dataset
from schema.tables.organizations import organization
from schema.vocabulary import DataRequestState, RequestRole
from schema.wire.data_requests import DataRequestQuery, RequestSort
from service.access.basis import Basis
from service.access.call import Call
from service.access.holding import basis_columns
from service.access.holidays import corrections_column
from service.access.paging import Counted
from service.access.visibility import catalogued, request_visible, seen_rows, visible_to
from service.data_requests.queries import (
    Holder,
    Page,
    dataset_columns,
    holder_columns,
    stored_columns,
)
from service.data_requests.records import DatasetFacts, Stored
from service.data_requests.surroundings import soon_until
from service.kernel.statement import Statement, among, document, json_list, param

_LAST_ID, _NO_ID = UUID(int=(1 << 128) - 1), UUID(int=0)
_EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)
_INSTANT = DateTime(timezone=True)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    row_limit: int
    agreement_id: UUID | None = None
    assignee_id: UUID | None = None
    caller_id: UUID | None = None
    lane: str | None = None
    states: tuple[str, ...] = ()
    now: datetime | None = None
    soon_until: datetime | None = None
    after_at: datetime = _EARLIEST
    after_id: UUID = _LAST_ID


class Side(Enum):
    """Whose requests: those it asked, those asked of it, or all it sees."""

    REQUESTER = RequestRole.REQUESTER
    HOLDER = RequestRole.HOLDER
    ANY = None


_OPTIONAL = frozenset(Filters.__struct_fields__)


class Wanted(msgspec.Struct, frozen=True):
    """A statement of a page, one that counts the list, and their parameters."""

    page: Statement[Filters, Page]
    count: Statement[Filters, Counted]
    filters: Filters


def wanted(call: Call, query: DataRequestQuery) -> Wanted:
    """Return what a query asks for."""
    given = _given(query)
    names = frozenset(given.keys() | _switched(query))
    side = Side.ANY if query.role is msgspec.UNSET else Side(query.role)
    filters = Filters(
        acting_id=call.organization_id,
        row_limit=query.limit + 1,
        caller_id=call.principal.user_id,
        now=call.caller.now,
        soon_until=soon_until(call),
        **given,
        **_after(call, query),
    )
    few = not call.principal.sees_many
    return Wanted(listing(names, side, sort=query.sort, few=few), counting(names, side), filters)


def position(stored: Stored, sort: RequestSort, *, due_at: datetime | None) -> tuple[object, ...]:
    """Return where a request stands in the order asked for."""
    return (stored.id,) if sort is RequestSort.NEWEST else (due_at, stored.id)


def _given(query: DataRequestQuery) -> dict[str, Any]:
    """Return the filters that have a value of their own."""
    named: dict[str, Any] = {
        "agreement_id": query.agreement_id,
        "assignee_id": query.assignee_id,
        "lane": query.lane,
        "states": query.state,
    }
    return {name: value for name, value in named.items() if value is not msgspec.UNSET}


def _switched(query: DataRequestQuery) -> set[str]:
    """Return the filters that are on; their values are the caller and the time."""
    switches = {"caller_id": query.mine, "now": query.overdue, "soon_until": query.due_soon}
    return {name for name, on in switches.items() if on}


def _after(call: Call, query: DataRequestQuery) -> dict[str, Any]:
    """Return where the page begins, by the order asked for."""
    by_due = query.sort is RequestSort.DUE
    if query.cursor is msgspec.UNSET:
        return {"after_id": _NO_ID} if by_due else {}
    if by_due:
        at, after_id = call.position(query.cursor, tuple[datetime, UUID])
        return {"after_at": at, "after_id": after_id}
    (after_id,) = call.position(query.cursor, tuple[UUID])
    return {"after_id": after_id}


@cache
def listing(used: frozenset[str], side: Side, *, sort: RequestSort, few: bool) -> Statement[Filters, Page]:
    """Return the statement of a page for one set of filters, side and order.

    `few`: the caller sees few agreements, so what it sees of others is gathered agreement by agreement.
    """
    chosen = _all(used, sort=sort, few=few) if side is Side.ANY else _one_side(used, _side(side), sort=sort)
    on_page = chosen.cte("page")
    items = (
        select(*stored_columns())
        .join(on_page, on_page.c.id == data_request.c.id)
        .where(request_visible(data_request))
        .order_by(*_order(sort))
    )
    agreements = select(*basis_columns()).where(
        among(agreement.c.id, select(on_page.c.agreement_id)), visible_to(agreement.c.id)
    )
    datasets = select(*dataset_columns()).where(
        among(dataset.c.id, select(on_page.c.dataset_id)), catalogued(dataset)
    )
    holders = select(*holder_columns()).where(
        among(organization.c.id, select(on_page.c.holder_organization_id))
    )
    whole = select(
        json_list(Stored, items, name="items"),
        json_list(Basis, agreements, name="agreements"),
        json_list(DatasetFacts, datasets, name="datasets"),
        json_list(Holder, holders, name="holders"),
        corrections_column(),
    )
    return Statement(
        "list_data_requests", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str], side: Side) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    narrowed = () if side is Side.ANY else (_side(side),)
    rows = (
        select(func.count().label("total"))
        .select_from(data_request)
        .where(*narrowed, request_visible(data_request), *_conditions(used))
    )
    return Statement(
        "count_data_requests", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _one_side(used: frozenset[str], seen: ColumnElement[bool], *, sort: RequestSort) -> Select[Any]:
    """Return a page of what one side has; what is due is found by its day and then sorted.

    `OFFSET 0` keeps PostgreSQL from walking all requests of an organization, newest first, until it has met
    a page of those few that are due.
    """
    if sort is not RequestSort.NEWEST or used.isdisjoint(_BY_DUE):
        return _ordered(used, seen, sort=sort)
    due = _rows(used, seen, sort=sort).offset(literal_column("0")).subquery("due")
    return select(due).order_by(*_order_of(due.c, sort)).limit(param("row_limit", Integer()))


def _all(used: frozenset[str], *, sort: RequestSort, few: bool) -> Select[Any]:
    """Gather a page from what was asked, what is asked of it, and what it sees of others."""
    acting_id = param("acting_id", Uuid())
    if "agreement_id" in used:
        return _ordered(used, request_visible(data_request), sort=sort)
    sides = (data_request.c.requester_organization_id, data_request.c.holder_organization_id)
    own = [_one_side(used, side == acting_id, sort=sort) for side in sides]
    shared = (
        _of_few(used, sort=sort)
        if few
        else _ordered(used, visible_to(data_request.c.agreement_id), sort=sort)
    )
    gathered = union(*(select(each.subquery()) for each in (*own, shared))).subquery("gathered")
    return select(gathered).order_by(*_order_of(gathered.c, sort)).limit(param("row_limit", Integer()))


def _of_few(used: frozenset[str], *, sort: RequestSort) -> Select[Any]:
    mine = seen_rows()
    each = (
        _ordered(used, data_request.c.agreement_id == mine.c.agreement_id, sort=sort)
        .correlate(mine)
        .lateral("each")
    )
    return (
        select(*each.c)
        .select_from(mine.join(each, true()))
        .order_by(*_order_of(each.c, sort))
        .limit(param("row_limit", Integer()))
    )


_BY_DUE = frozenset({"now", "soon_until"})
_ON_PAGE = ("id", "agreement_id", "dataset_id", "holder_organization_id", "due_at")


def _ordered(used: frozenset[str], seen: ColumnElement[bool], *, sort: RequestSort) -> Select[Any]:
    return _rows(used, seen, sort=sort).order_by(*_order(sort)).limit(param("row_limit", Integer()))


def _rows(used: frozenset[str], seen: ColumnElement[bool], *, sort: RequestSort) -> Select[Any]:
    columns = (data_request.c[name] for name in _ON_PAGE)
    return select(*columns).where(seen, _beyond(sort), *_conditions(used))


def _beyond(sort: RequestSort) -> ColumnElement[bool]:
    """Return what lies behind the cursor; the order by due day knows running clocks alone."""
    if sort is RequestSort.NEWEST:
        return data_request.c.id < param("after_id", Uuid())
    after = tuple_(param("after_at", _INSTANT), param("after_id", Uuid()))
    return tuple_(data_request.c.due_at, data_request.c.id) > after


def _order(sort: RequestSort) -> tuple[ColumnElement[Any], ...]:
    return _order_of(data_request.c, sort)


def _order_of(
    columns: ReadOnlyColumnCollection[str, Any], sort: RequestSort
) -> tuple[ColumnElement[Any], ...]:
    if sort is RequestSort.NEWEST:
        return (columns.id.desc(),)
    return (columns.due_at, columns.id)


def _side(side: Side) -> ColumnElement[bool]:
    acting_id = param("acting_id", Uuid())
    if side is Side.REQUESTER:
        return data_request.c.requester_organization_id == acting_id
    draft: ColumnElement[str] = literal_column(f"'{DataRequestState.DRAFT}'")
    return (data_request.c.holder_organization_id == acting_id) & (data_request.c.state != draft)


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    now, near = param("now", _INSTANT), param("soon_until", _INSTANT)
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": data_request.c.agreement_id == param("agreement_id", Uuid()),
        "assignee_id": data_request.c.assignee_id == param("assignee_id", Uuid()),
        "caller_id": data_request.c.assignee_id == param("caller_id", Uuid()),
        "lane": data_request.c.lane == param("lane", Text()),
        "states": data_request.c.state == any_(param("states", text_array())),
        "now": data_request.c.due_at <= now,
        "soon_until": (data_request.c.due_at > now) & (data_request.c.due_at <= near),
    }
    return [known[name] for name in sorted(used)]
