"""Checkpoints: the last entry of a stream, signed with a key that the database does not have.

Every stream that moved is signed every five minutes, and at once where a record went from one state to
another. All copies of the service do it: a checkpoint that another made already is not made again. A stream
that went back behind its checkpoint is never signed again: `verify` tells why.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, FromClause, Integer, Uuid, any_, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.ledger import audit_checkpoint, audit_head
from service.audit.rules import Mark, signed_text
from service.kernel.background import tolerated
from service.kernel.database import Database
from service.kernel.ledger import rows_of
from service.kernel.mailbox import Mailbox
from service.kernel.signing import Keys
from service.kernel.statement import Statement, document, json_list, param

_PAUSE_SECONDS = 300.0
_GATHER_SECONDS = 0.2
_PAGE = 50  # A signature takes 0.15 ms, during which nobody else is served.
_FIRST = UUID(int=0)


class Unsigned(msgspec.Struct, frozen=True):
    """A head that no checkpoint reaches; its hash in hexadecimal."""

    stream: UUID
    agreement_id: UUID | None
    seq: int
    hash: str


class After(msgspec.Struct, frozen=True):
    """A page of heads."""

    after: UUID
    row_limit: int


class Page(msgspec.Struct, frozen=True):
    """What is unsigned in a page of heads, and where the next page begins; null behind the last."""

    last: UUID | None
    unsigned: tuple[Unsigned, ...]


class Among(msgspec.Struct, frozen=True):
    """Some streams."""

    streams: tuple[UUID, ...]


class Signed(msgspec.Struct, frozen=True):
    """Checkpoints as a JSON list."""

    made: str


class Nothing(msgspec.Struct, frozen=True):
    """No row is told."""


def mailbox() -> Mailbox[UUID]:
    """Return the mailbox for streams in which something moved."""
    return Mailbox("moved_streams", size=10_000)


async def sign_regularly(database: Database, keys: Keys, *, clock: Callable[[], datetime]) -> None:
    """Sign every stream that moved, now and every five minutes, for ever."""
    while True:
        with tolerated("signing the audit trail"):
            await sign_all(database, keys, clock=clock)
        await asyncio.sleep(_PAUSE_SECONDS)


async def sign_soon(
    database: Database, keys: Keys, *, moved: Mailbox[UUID], clock: Callable[[], datetime]
) -> None:
    """Sign the streams that are posted, within a second, for ever."""
    while True:
        streams = await moved.batch(most=_PAGE, gather_seconds=_GATHER_SECONDS)
        with tolerated("signing streams that moved"):
            unsigned = await database.rows(UNSIGNED_AMONG, Among(tuple(set(streams))))
            await _sign(database, keys, unsigned=unsigned, now=clock())


async def sign_all(database: Database, keys: Keys, *, clock: Callable[[], datetime]) -> None:
    """Sign every stream that moved since its last checkpoint."""
    after: UUID | None = _FIRST
    while after is not None:
        page = await database.only(UNSIGNED, After(after, _PAGE))
        await _sign(database, keys, unsigned=page.unsigned, now=clock())
        after = page.last


async def _sign(database: Database, keys: Keys, *, unsigned: Sequence[Unsigned], now: datetime) -> None:
    if unsigned:
        rows = [_row(head, keys, now=now) for head in unsigned]
        await database.rows(KEEP, Signed(msgspec.json.encode(rows).decode()))


def _row(head: Unsigned, keys: Keys, *, now: datetime) -> dict[str, object]:
    mark = Mark(stream=head.stream, seq=head.seq, hash=head.hash, at=now, key_id=keys.key_id, signature="")
    signature = keys.sign(signed_text(mark)).hex()
    written = {"hash": f"\\x{head.hash}", "signature": f"\\x{signature}"}
    return {**msgspec.structs.asdict(mark), **written, "agreement_id": head.agreement_id}


# ------------------------------------------------------------------------------------------------ statements


def _columns(heads: FromClause) -> list[ColumnElement[object]]:
    hashed = func.encode(heads.c.hash, literal_column("'hex'")).label("hash")
    return [heads.c.stream, heads.c.agreement_id, heads.c.seq, hashed]


def _is_unsigned(heads: FromClause) -> ColumnElement[bool]:
    mark = audit_checkpoint.alias("mark")
    return ~exists(select(mark.c.stream).where(mark.c.stream == heads.c.stream, mark.c.seq >= heads.c.seq))


def _page() -> Statement[After, Page]:
    # Heads are looked at in pages, because whatever is signed already costs a look as well.
    page = (
        select(audit_head)
        .where(audit_head.c.stream > param("after", Uuid()))
        .order_by(audit_head.c.stream)
        .limit(param("row_limit", Integer()))
        .cte("page")
    )
    last = (
        select(page.c.stream)
        .order_by(page.c.stream.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
        .label("last")
    )
    unsigned = select(*_columns(page)).where(_is_unsigned(page))
    columns = select(last, json_list(Unsigned, unsigned, name="unsigned"))
    return Statement("unsigned_streams", document(Page, columns), params=After, row=Page)


UNSIGNED = _page()

UNSIGNED_AMONG = Statement(
    "unsigned_streams_among",
    document(
        Unsigned,
        select(*_columns(audit_head)).where(
            audit_head.c.stream == any_(param("streams", ARRAY(Uuid()))), _is_unsigned(audit_head)
        ),
    ),
    params=Among,
    row=Unsigned,
)


def _keep() -> Statement[Signed, Nothing]:
    names = [column.name for column in audit_checkpoint.columns]
    source = rows_of("made", audit_checkpoint, names=names)
    rows = select(*(source.c[name] for name in names))
    statement = upsert(audit_checkpoint).from_select(names, rows).on_conflict_do_nothing()
    return Statement("keep_checkpoints", statement, params=Signed, row=Nothing)


KEEP = _keep()
