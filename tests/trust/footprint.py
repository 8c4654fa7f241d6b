"""What a request left in a database: rows written and rows gone, table by table."""

from collections import Counter
from typing import NamedTuple

import asyncpg

_TABLES = """
SELECT quote_ident(tablename) FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('audit_checkpoint', 'denied_attempt') ORDER BY 1
"""
"""All but what is written beside the requests, at a time of its own."""
# A row's xmin is the transaction that wrote it last; locks and deletions leave it alone.
_ROWS = """
SELECT '{0}', count(*), count(*) FILTER (
  WHERE NOT pg_visible_in_snapshot(xmin::text::xid8, '{1}'::pg_snapshot)) FROM {0}
"""


class Left(NamedTuple):
    """Rows of a table that were inserted or updated, and how many more there are than before."""

    written: int
    more: int


Footprint = dict[str, Left]


class Tracker:
    """Remembers a moment of a database, and tells what was committed since."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Keep the connection; nothing is remembered until `begin`."""
        self._connection = connection
        self._snapshot = ""
        self._before: Counter[str] = Counter()

    async def begin(self) -> None:
        """Remembers this moment."""
        self._snapshot = await self._connection.fetchval("SELECT pg_current_snapshot()::text")
        self._before = Counter({name: total for name, total, _ in await self._rows()})

    async def left(self) -> Footprint:
        """Gives what is different in each table; a table that is as it was is absent."""
        found = {
            name: Left(written, total - self._before[name]) for name, total, written in await self._rows()
        }
        return {name: left for name, left in found.items() if left != (0, 0)}

    async def _rows(self) -> list[asyncpg.Record]:
        tables = [name for (name,) in await self._connection.fetch(_TABLES)]
        return await self._connection.fetch(
            " UNION ALL ".join(_ROWS.format(name, self._snapshot) for name in tables)
        )
