"""Every change writes its audit entry and its event in the same statement, or does not happen.

A `Change` is one data-modifying statement. Its parts depend on each other in this order, which is the order
in which PostgreSQL runs and locks them:

    gate    the token still acts for this person, organization and roles
    target  the record in the version the rules saw, locked
    key     the Idempotency-Key, claimed only behind a target that matched
    head    the audit stream's head, counted up and chained on: one writer of a stream at a time, so every
            link follows the one before it, and tallies cannot deadlock
    …       what the noun writes
    entry   the audit entry
    event   the outbox event
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Exists,
    FromClause,
    Insert,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    Table,
    TableValuedAlias,
    Text,
    Uuid,
    column,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import DateTime

from schema.tables.accounts import membership, token, user
from schema.tables.common import text_array
from schema.tables.ledger import audit_entry, audit_head, idempotency_key, outbox_event
from service.kernel.database import Connection, only
from service.kernel.statement import Statement, document, param

_INSTANT = DateTime(timezone=True)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger needs to know of a change; the noun's own values come in a subclass.

    Without an actor, the system did it.
    """

    actor_id: UUID | None
    acting_id: UUID
    actor_roles: tuple[str, ...]
    role: str | None
    now: datetime
    request_id: str
    stream: UUID
    ledger_agreement_id: UUID | None
    subject_type: str
    subject_id: UUID
    subject_version: int
    action: str
    from_state: str | None
    to_state: str | None
    ledger_reason: str | None
    entry_id: UUID
    event_id: UUID
    event_type: str
    canonical: str
    genesis: bytes
    key: str | None
    key_fingerprint: bytes | None
    key_status: int | None
    key_body: bytes | None


class GatedEntry(Entry, frozen=True, kw_only=True):
    """A change behind a token."""

    token_id: UUID
    membership_version: int
    user_version: int


class Outcome(msgspec.Struct, frozen=True):
    """Which parts of a change found what they needed."""

    gate: bool
    target: bool
    head: bool


class StalePrincipal(Exception):  # noqa: N818 - not an error of anybody: load the principal again.
    """The token was revoked or its roles changed since the principal was loaded."""


class FactsMoved(Exception):  # noqa: N818 - not an error of anybody: read and decide again.
    """The record is no longer in the version the rules saw."""


class KeyClaimed(Exception):  # noqa: N818 - not an error of anybody: replay the first answer.
    """Another request with this Idempotency-Key came first."""


E = TypeVar("E", bound=Entry)
Works = Callable[[CTE], Sequence[CTE]]


class Change(Generic[E]):
    """One changing statement of a noun."""

    def __init__(
        self,
        name: str,
        *,
        params: type[E],
        target: Select[Any] | None,
        works: Works,
        unused: Iterable[str] = (),
    ) -> None:
        """Compose it.

        `target` selects the record to lock, None at creation; `works` gives the noun's own parts; `unused`
        names fields of `params` that another change of the noun needs. An `Entry` without a token has an open
        gate.
        """
        gate = (
            _gate()
            if issubclass(params, GatedEntry)
            else select(literal(value=True).label("open")).cte("gate")
        )
        found = _target(target, gate)
        key = _key(found)
        head = _head(found, key)
        parts = [*works(head), _entry(head), _event(head)]
        outcome = select(
            exists(select(gate)).label("gate"),
            exists(select(found)).label("target"),
            exists(select(head)).label("head"),
        )
        statement = document(Outcome, outcome)
        for part in parts:
            statement = statement.add_cte(part)
        self._statement = Statement(name, statement, params=params, row=Outcome, optional=frozenset(unused))

    async def run(self, connection: Connection, params: E) -> None:
        """Carry it out, or raise what stopped it; nothing is half written."""
        outcome = await only(connection, self._statement, params=params)
        if not outcome.gate:
            raise StalePrincipal
        if not outcome.target:
            raise FactsMoved
        if not outcome.head:
            raise KeyClaimed


def _gate() -> CTE:
    return (
        select(literal(value=True).label("open"))
        .select_from(
            token.join(
                membership,
                (membership.c.user_id == token.c.user_id)
                & (membership.c.organization_id == token.c.organization_id),
            ).join(user, user.c.id == token.c.user_id)
        )
        .where(
            token.c.id == param("token_id", Uuid()),
            token.c.revoked_at.is_(None),
            token.c.expires_at > param("now", _INSTANT),
            membership.c.version == param("membership_version", Integer()),
            user.c.version == param("user_version", Integer()),
        )
        .cte("gate")
    )


def _target(target: Select[Any] | None, gate: CTE) -> CTE:
    if target is None:
        return select(gate).cte("target")
    return target.where(exists(select(gate))).cte("target")


def _key(found: CTE) -> CTE:
    columns = {
        idempotency_key.c.organization_id: param("acting_id", Uuid()),
        idempotency_key.c.user_id: param("actor_id", Uuid()),
        idempotency_key.c.key: param("key", Text()),
        idempotency_key.c.fingerprint: param("key_fingerprint", LargeBinary()),
        idempotency_key.c.status: param("key_status", SmallInteger()),
        idempotency_key.c.subject_id: param("subject_id", Uuid()),
        idempotency_key.c.body: param("key_body", LargeBinary()),
        idempotency_key.c.created_at: param("now", _INSTANT),
    }
    values = select(*columns.values()).where(exists(select(found)), param("key", Text()).is_not(None))
    return (
        upsert(idempotency_key)
        .from_select(list(columns), values)
        .on_conflict_do_nothing()
        .returning(idempotency_key.c.key)
        .cte("key")
    )


def _head(found: CTE, key: CTE) -> CTE:
    """Return the part that links the entry to its chain, as `service.kernel.chain` does.

    The head keeps what its last entry was chained to: PostgreSQL before 18 returns no old values.
    """
    head = audit_head.c
    claimed = or_(param("key", Text()).is_(None), exists(select(key)))
    start = param("genesis", LargeBinary())
    columns = {
        head.stream: param("stream", Uuid()),
        head.agreement_id: param("ledger_agreement_id", Uuid()),
        head.seq: literal(1),
        head.prev_hash: start,
        head.hash: _link(start),
    }
    first = select(*columns.values()).where(exists(select(found)), claimed)
    following = {"seq": head.seq + 1, "prev_hash": head.hash, "hash": _link(head.hash)}
    return (
        upsert(audit_head)
        .from_select(list(columns), first)
        .on_conflict_do_update(index_elements=["stream"], set_=following)
        .returning(head.seq, head.prev_hash, head.hash)
        .cte("head")
    )


def _link(before: ColumnElement[Any]) -> ColumnElement[Any]:
    text = func.convert_to(param("canonical", Text()), literal_column("'UTF8'"), type_=LargeBinary)
    return func.sha256(before.op("||")(text), type_=LargeBinary)


def _entry(head: CTE) -> CTE:
    columns: dict[Column[Any], Any] = {
        audit_entry.c.stream: param("stream", Uuid()),
        audit_entry.c.seq: head.c.seq,
        audit_entry.c.id: param("entry_id", Uuid()),
        audit_entry.c.agreement_id: param("ledger_agreement_id", Uuid()),
        audit_entry.c.organization_id: param("acting_id", Uuid()),
        audit_entry.c.actor_id: param("actor_id", Uuid()),
        audit_entry.c.roles: param("actor_roles", text_array()),
        audit_entry.c.role: param("role", Text()),
        audit_entry.c.subject_type: param("subject_type", Text()),
        audit_entry.c.subject_id: param("subject_id", Uuid()),
        audit_entry.c.action: param("action", Text()),
        audit_entry.c.from_state: param("from_state", Text()),
        audit_entry.c.to_state: param("to_state", Text()),
        audit_entry.c.reason: param("ledger_reason", Text()),
        audit_entry.c.version: param("subject_version", Integer()),
        audit_entry.c.request_id: param("request_id", Text()),
        audit_entry.c.at: param("now", _INSTANT),
        audit_entry.c.canonical: param("canonical", Text()),
        audit_entry.c.prev_hash: head.c.prev_hash,
        audit_entry.c.hash: head.c.hash,
    }
    return _insert_from(audit_entry, columns, source=head).cte("entry")


def _event(head: CTE) -> CTE:
    columns: dict[Column[Any], Any] = {
        outbox_event.c.event_id: param("event_id", Uuid()),
        outbox_event.c.agreement_id: param("ledger_agreement_id", Uuid()),
        outbox_event.c.organization_id: param("acting_id", Uuid()),
        outbox_event.c.type: param("event_type", Text()),
        outbox_event.c.subject_type: param("subject_type", Text()),
        outbox_event.c.subject_id: param("subject_id", Uuid()),
        outbox_event.c.version: param("subject_version", Integer()),
        outbox_event.c.at: param("now", _INSTANT),
    }
    return _insert_from(outbox_event, columns, source=head).cte("event")


def _insert_from(table: Table, columns: Mapping[Column[Any], Any], *, source: FromClause) -> Insert:
    return insert(table).from_select(list(columns), select(*columns.values()).select_from(source))


def after(head: CTE) -> Exists:
    """Return the condition that ties a part of a change behind the audit head."""
    return exists(select(head.c.seq))


def inserted(table: Table, names: Sequence[str], *, head: CTE) -> CTE:
    """Return a part that inserts one row whose columns are binds of the same names."""
    columns = {table.c[name]: param(name, table.c[name].type) for name in names}
    return _insert_from(table, columns, source=head).cte(f"new_{table.name}")


def updated(table: Table, names: Sequence[str], *, head: CTE) -> CTE:
    """Return a part that sets columns of the record `subject_id` to binds of the same names."""
    values = {name: param(name, table.c[name].type) for name in names}
    statement = update(table).where(table.c.id == param("subject_id", Uuid()), after(head)).values(values)
    return statement.cte(f"new_{table.name}")


def rows_of(name: str, table: Table, *, names: Sequence[str]) -> TableValuedAlias:
    """Return a JSON array bind as rows with the table's column types: one argument for a whole list."""
    columns = [column(each, table.c[each].type) for each in names]
    return (
        func.json_to_recordset(param(name, JSON()))
        .table_valued(*columns, name=f"{name}_rows")
        .render_derived(with_types=True)
    )
