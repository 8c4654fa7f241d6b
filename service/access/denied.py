"""What somebody known was refused: written beside the requests, which never wait for it.

    request refused  →  mailbox (1,000, more are dropped and counted)  →  100 rows a second at most

A flood therefore costs a hundred rows a second, and may hide another attempt; retention ends them.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from schema.tables.ledger import denied_attempt
from service.kernel.background import tolerated
from service.kernel.database import Database
from service.kernel.ledger import rows_of
from service.kernel.mailbox import Mailbox
from service.kernel.statement import Statement

_MOST_ROWS = 100
_PAUSE_SECONDS = 1.0
_LONGEST_PATH = 300


class Denied(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was answered with 403 or 404."""

    id: UUID
    at: datetime
    organization_id: UUID
    user_id: UUID
    operation: str
    path: str
    code: str
    request_id: str


class Batch(msgspec.Struct, frozen=True):
    """Attempts as a JSON list."""

    attempts: str


class Written(msgspec.Struct, frozen=True):
    """Nothing is told of it."""


def _write() -> Statement[Batch, Written]:
    names = Denied.__struct_fields__
    source = rows_of("attempts", denied_attempt, names=names)
    values = select(*(source.c[name] for name in names))
    statement = insert(denied_attempt).from_select(list(names), values)
    return Statement("write_denied_attempts", statement, params=Batch, row=Written)


WRITE = _write()


def mailbox() -> Mailbox[Denied]:
    """Return the mailbox of a process."""
    return Mailbox("denied_attempts", size=1000)


def shown(path: str) -> str:
    """Return a path as it is kept: in ASCII, because somebody chose it to be anything, and not too long."""
    return ascii(path)[1:-1][:_LONGEST_PATH]


async def write_denied(database: Database, denied: Mailbox[Denied]) -> None:
    """Write what is denied, for ever."""
    while True:
        attempts = await denied.batch(most=_MOST_ROWS, gather_seconds=_PAUSE_SECONDS)
        # A database that is away loses them: they are no part of the record.
        with tolerated("writing denied attempts"):
            await database.rows(WRITE, Batch(msgspec.json.encode(attempts).decode()))
