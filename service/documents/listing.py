"""Lists of documents, newest first."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Text, Uuid, any_, func, select

from schema.tables.common import text_array
from schema.tables.documents import document as kept
from schema.wire.documents import DocumentQuery
from service.access.call import Call
from service.access.handing import handed, readable_document
from service.access.paging import Counted, paged
from service.access.visibility import among_visible
from service.documents.queries import COLUMNS
from service.documents.rules import Stored
from service.kernel.statement import Statement, document, param

_LAST_ID = UUID(int=(1 << 128) - 1)
_NARROW = frozenset({"agreement_id", "subject_id"})


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by."""

    acting_id: UUID
    now: datetime
    row_limit: int
    agreement_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    kinds: tuple[str, ...] = ()
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)


async def page(call: Call, query: DocumentQuery) -> tuple[tuple[Stored, ...], str | None, int | None]:
    """Return the items of a page, the next cursor and, when asked for, the total."""
    given: dict[str, Any] = {
        "agreement_id": query.agreement_id,
        "subject_type": query.subject_type,
        "subject_id": query.subject_id,
        "kinds": query.kind,
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
def listing(used: frozenset[str]) -> Statement[Filters, Stored]:
    """Return the statement of a page for one set of filters."""
    rows = (
        select(*(kept.c[name] for name in COLUMNS))
        .where(*_conditions(used), kept.c.id < param("after_id", Uuid()))
        .order_by(kept.c.id.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement("list_documents", document(Stored, rows), params=Filters, row=Stored, optional=_OPTIONAL)


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(kept).where(*_conditions(used))
    return Statement(
        "count_documents", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": kept.c.agreement_id == param("agreement_id", Uuid()),
        "subject_type": kept.c.subject_type == param("subject_type", Text()),
        "subject_id": kept.c.subject_id == param("subject_id", Uuid()),
        "kinds": kept.c.kind == any_(param("kinds", text_array())),
    }
    # All that is public is no list of anybody's; what of one agreement is public, is.
    seen = readable_document() if used & _NARROW else among_visible(kept.c.agreement_id) & handed(kept)
    return [seen, *(known[name] for name in sorted(used))]
