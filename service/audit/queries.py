"""Statements over the audit trail."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
)

from schema.tables.agreements import agreement
from schema.tables.ledger import audit_checkpoint, audit_entry, audit_head
from schema.wire.audit import AuditEntry
from service.access.paging import Counted
from service.access.visibility import among_visible, visible_to
from service.audit.rules import Head, Linked, Mark
from service.kernel.statement import Statement, document, json_list, json_one, param

_LAST_ID = UUID(int=(1 << 128) - 1)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the trail may be narrowed by."""

    acting_id: UUID
    row_limit: int
    agreement_id: UUID | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)


@cache
def listing(used: frozenset[str]) -> Statement[Filters, AuditEntry]:
    """Return the statement of a page for one set of filters."""
    rows = (
        select(*(audit_entry.c[name] for name in AuditEntry.__struct_fields__))
        .where(*_conditions(used), audit_entry.c.id < param("after_id", Uuid()))
        .order_by(audit_entry.c.id.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement(
        "list_audit_entries", document(AuditEntry, rows), params=Filters, row=AuditEntry, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(audit_entry).where(*_conditions(used))
    return Statement(
        "count_audit_entries", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    acting_id = param("acting_id", Uuid())
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": audit_entry.c.agreement_id == param("agreement_id", Uuid()),
        "subject_id": audit_entry.c.subject_id == param("subject_id", Uuid()),
        "actor_id": audit_entry.c.actor_id == param("actor_id", Uuid()),
        "action": audit_entry.c.action == param("action", Text()),
    }
    # What belongs to no agreement, or to none any more, is seen by the organization it was done for or about.
    own = or_(audit_entry.c.stream == acting_id, audit_entry.c.organization_id == acting_id)
    there = exists(select(agreement.c.id).where(agreement.c.id == audit_entry.c.agreement_id))
    seen = or_(visible_to(audit_entry.c.agreement_id), and_(own, ~there))
    return [seen, *(known[name] for name in sorted(used))]


# ------------------------------------------------------------------------------------------ what is verified


class From(msgspec.Struct, frozen=True, kw_only=True):
    """Streams in their order, from one on; `acting_id` sees them, `agreement_id` may be the only one."""

    first: UUID
    row_limit: int
    acting_id: UUID | None = None
    agreement_id: UUID | None = None


class Stream(msgspec.Struct, frozen=True):
    """A stream that has a head or a checkpoint."""

    stream: UUID


class After(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a stream behind one of them."""

    stream: UUID
    seq: int
    row_limit: int
    acting_id: UUID | None = None


class Links(msgspec.Struct, frozen=True):
    """The next entries of a stream, its head and its latest checkpoint, at one moment."""

    head: Head | None
    checkpoint: Mark | None
    entries: tuple[Linked, ...]


Seen = Callable[[Table], ColumnElement[bool]]
"""Whether a row of a stream is seen."""


def _streams(name: str, seen: Seen) -> Statement[From, Stream]:
    both = union(*(_first_of(table, seen) for table in (audit_head, audit_checkpoint))).subquery("known")
    # Each side is cut before they are united: an installation may have a million streams.
    rows = select(both.c.stream).order_by(both.c.stream).limit(param("row_limit", Integer()))
    return Statement(
        name,
        document(Stream, rows),
        params=From,
        row=Stream,
        optional=frozenset({"acting_id", "agreement_id"}),
    )


def _first_of(table: Table, seen: Seen) -> Select[Any]:
    streams = (
        select(table.c.stream)
        .distinct()
        .where(table.c.stream >= param("first", Uuid()), seen(table))
        .order_by(table.c.stream)
        .limit(param("row_limit", Integer()))
    )
    return select(streams.subquery(f"of_{table.name}").c.stream)


def _links(name: str, seen: Seen) -> Statement[After, Links]:
    stream = param("stream", Uuid())
    entries = (
        select(*_told(audit_entry, Linked))
        .where(audit_entry.c.stream == stream, audit_entry.c.seq > param("seq", BigInteger()))
        .where(seen(audit_entry))
        .order_by(audit_entry.c.seq)
        .limit(param("row_limit", Integer()))
    )
    head = select(*_told(audit_head, Head)).where(audit_head.c.stream == stream, seen(audit_head))
    latest = (
        select(*_told(audit_checkpoint, Mark))
        .where(audit_checkpoint.c.stream == stream, seen(audit_checkpoint))
        .order_by(audit_checkpoint.c.seq.desc())
        .limit(literal_column("1"))
    )
    columns = select(
        json_one(Head, head, name="head"),
        json_one(Mark, latest, name="checkpoint"),
        json_list(Linked, entries, name="entries"),
    )
    return Statement(
        name, document(Links, columns), params=After, row=Links, optional=frozenset({"acting_id"})
    )


def _told(table: Table, row: type[msgspec.Struct]) -> list[ColumnElement[Any]]:
    """Return the columns of a struct, bytes in hexadecimal."""
    return [_readable(table.c[name]) for name in row.__struct_fields__]


def _readable(source: Column[Any]) -> ColumnElement[Any]:
    if not isinstance(source.type, LargeBinary):
        return source
    return func.encode(source, literal_column("'hex'"), type_=Text).label(source.name)


def _everything(_: Table) -> ColumnElement[bool]:
    return true()


def _of_organization(table: Table) -> ColumnElement[bool]:
    """Return whether a row belongs to what the organization shares, or to its own stream."""
    return or_(among_visible(table.c.agreement_id), table.c.stream == param("acting_id", Uuid()))


def _of_agreement(table: Table) -> ColumnElement[bool]:
    return and_(table.c.stream == param("agreement_id", Uuid()), visible_to(table.c.agreement_id))


EVERY_STREAM = _streams("every_audit_stream", _everything)
EVERY_LINK = _links("every_audit_link", _everything)
SEEN_STREAMS = _streams("seen_audit_streams", _of_organization)
SEEN_STREAM = _streams("seen_audit_stream", _of_agreement)
SEEN_LINKS = _links("seen_audit_links", _of_organization)
