"""Whether a database is as it was: proven by its transaction numbers, else by all that it holds."""

import asyncpg

_NUMBER = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
# What the service writes beside its requests comes when it comes.
_TABLES = """
SELECT quote_ident(tablename) FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('audit_checkpoint', 'denied_attempt') ORDER BY 1
"""


class Witness:
    """Looks at a database, and tells later whether anything in it has changed since."""

    def __init__(self, past: asyncpg.Connection, present: asyncpg.Connection) -> None:
        """Keep two connections: one still sees what it looked at when the other sees what came of it."""
        self._past = past
        self._present = present
        self._number = ""

    async def look(self) -> None:
        """Remembers the database as it is."""
        await self._past.execute("ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._number = await self._past.fetchval(_NUMBER)

    async def unchanged(self) -> bool:
        """Tells whether it holds what it held.

        A transaction that writes takes the next number, so where none was taken nothing can have changed.
        """
        if await self._present.fetchval(_NUMBER) == self._number:
            return True
        return await _content(self._past) == await _content(self._present)


async def _content(connection: asyncpg.Connection) -> str:
    """Gives the hash of every row of every table."""
    tables = await connection.fetch(_TABLES)
    hashes = [
        await connection.fetchval(
            f"SELECT md5(string_agg(each::text, '|' ORDER BY each::text)) FROM {name} AS each"  # noqa: S608 - our names
        )
        for (name,) in tables
    ]
    return " ".join(map(str, hashes))
