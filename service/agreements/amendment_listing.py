"""The list of an agreement's amendments: the page and the agreement as one JSON document."""

from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Uuid, any_, func, select

from schema.tables.amendments import amendment
from schema.tables.common import text_array
from schema.wire.amendments import AmendmentQuery
from service.access.call import Call
from service.access.paging import Counted, paged
from service.access.visibility import visible_to
from service.agreements.amendment_queries import agreement_of, amendment_columns
from service.agreements.amendment_records import StoredAmendment
from service.agreements.phase import Stored
from service.kernel.problem import Problem
from service.kernel.statement import Statement, document, json_list, param


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    agreement_id: UUID
    row_limit: int
    states: tuple[str, ...] = ()
    after_sequence: int = 0


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Amendments of a page and their agreement, null where it is not seen."""

    agreement: Stored | None
    items: tuple[StoredAmendment, ...]


_OPTIONAL = frozenset(Filters.__struct_fields__)


async def page(
    call: Call, agreement_id: UUID, *, query: AmendmentQuery
) -> tuple[tuple[StoredAmendment, ...], Stored, str | None, int | None]:
    """Return the items of a page, their agreement, the next cursor and, when asked for, the total.

    Raises `not_found` when the agreement is not seen.
    """
    states = () if query.state is msgspec.UNSET else query.state
    used = frozenset({"states"} if states else ())
    filters = Filters(
        acting_id=call.organization_id,
        agreement_id=agreement_id,
        row_limit=query.limit + 1,
        states=states,
    )
    if query.cursor is not msgspec.UNSET:
        (after,) = call.position(query.cursor, tuple[int])
        filters = msgspec.structs.replace(filters, after_sequence=after)
    found = await call.database.only(listing(used), filters)
    if found.agreement is None:
        raise Problem("not_found")
    items, cursor = paged(call, found.items, limit=query.limit, position=lambda row: (row.sequence,))
    total = await call.database.only(counting(used), filters) if query.count else None
    return items, found.agreement, cursor, total and total.total


@cache
def listing(used: frozenset[str]) -> Statement[Filters, Page]:
    """Return the statement of a page for one set of filters."""
    rows = (
        select(*amendment_columns())
        .where(*_conditions(used), amendment.c.sequence > param("after_sequence", Integer()))
        .order_by(amendment.c.sequence)
        .limit(param("row_limit", Integer()))
    )
    whole = select(
        agreement_of(param("agreement_id", Uuid())), json_list(StoredAmendment, rows, name="items")
    )
    return Statement("list_amendments", document(Page, whole), params=Filters, row=Page, optional=_OPTIONAL)


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(amendment).where(*_conditions(used))
    return Statement(
        "count_amendments", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[Any]] = {
        "states": amendment.c.state == any_(param("states", text_array())),
    }
    mine = (amendment.c.agreement_id == param("agreement_id", Uuid()), visible_to(amendment.c.agreement_id))
    return [*mine, *(known[name] for name in sorted(used))]
