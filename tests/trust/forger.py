"""Whoever owns the database and wants another past: alters rows past every rule, and links them again."""

import hashlib
import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from service.kernel import chain

TABLES = ("audit_head", "audit_entry", "audit_checkpoint")
ENTRIES = "SELECT * FROM audit_entry WHERE stream = $1 ORDER BY seq"
COLUMNS = """
SELECT attname AS name, format_type(atttypid, NULL) AS kind FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
VALUES = {
    "uuid": "gen_random_uuid()",
    "bigint": "{0} + 1000",
    "integer": "{0} + 1",
    "text": "coalesce({0}, '') || 'x'",
    "text[]": "{0} || 'viewer'::text",
    "bytea": "sha256({0})",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
}
"""Another value of each type, in SQL."""

KNOWN = {"subject_type": "'api_key'", "role": "CASE WHEN {0} = 'viewer' THEN 'auditor' ELSE 'viewer' END"}
"""Another value where a constraint knows all values."""


class Forger:
    """A superuser's connection on which no trigger and no foreign key acts."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Take a connection that `begin` makes its own."""
        self.connection = connection

    async def begin(self) -> None:
        """Keeps the tables as they are now, to bring them back."""
        await self.connection.execute("SET session_replication_role = 'replica'")
        await self.keep("whole")

    async def keep(self, name: str) -> None:
        """Keeps a copy of the trail under a name."""
        for table in TABLES:
            await self.connection.execute(f"CREATE TABLE {name}_{table} AS TABLE {table}")

    async def restore(self, name: str) -> None:
        """Brings a copy back, as from a backup."""
        for table in reversed(TABLES):
            await self.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
        for table in TABLES:
            await self.connection.execute(f"INSERT INTO {table} TABLE {name}_{table}")

    async def columns(self, table: str) -> list[tuple[str, str]]:
        """Gives each column of a table with a value in SQL that it does not have."""
        rows = await self.connection.fetch(COLUMNS, table)
        known = {row["name"]: KNOWN.get(row["name"], VALUES[row["kind"]]) for row in rows}
        return [(name, value.format(name)) for name, value in known.items()]

    async def holds(self, place: tuple[UUID, int], column: str) -> bool:
        """Whether a column of an entry has a value."""
        (row,) = [row for row in await self.entries(place[0]) if row["seq"] == place[1]]
        return row[column] is not None

    async def alter(self, place: tuple[UUID, int], column: str, *, value: str) -> None:
        """Gives a column of an entry another value."""
        command = f"UPDATE audit_entry SET {column} = {value} WHERE (stream, seq) = ($1, $2)"  # noqa: S608 - as above
        await self.connection.execute(command, *place)

    async def delete(self, place: tuple[UUID, int]) -> None:
        await self.connection.execute("DELETE FROM audit_entry WHERE (stream, seq) = ($1, $2)", *place)

    async def swap(self, stream: UUID, one: int, *, two: int) -> None:
        """Lets two entries of a stream change places."""
        for old, new in ((one, -1), (two, one), (-1, two)):
            await self.connection.execute(
                "UPDATE audit_entry SET seq = $3 WHERE (stream, seq) = ($1, $2)", stream, old, new
            )

    async def insert_behind(self, place: tuple[UUID, int]) -> None:
        """Puts a copy of an entry behind it, and moves all others on."""
        stream, seq = place
        later = [row["seq"] for row in await self.entries(stream) if row["seq"] > seq]
        for each in reversed(later):
            await self.connection.execute(
                "UPDATE audit_entry SET seq = seq + 1 WHERE (stream, seq) = ($1, $2)", stream, each
            )
        (row,) = [each for each in await self.entries(stream) if each["seq"] == seq]
        copy = {**row, "seq": seq + 1, "id": uuid4()}
        copy["canonical"] = json.dumps(json.loads(row["canonical"]) | {"id": str(copy["id"])})
        binds = ", ".join(f"${number}" for number in range(1, len(copy) + 1))
        await self.connection.execute(
            f"INSERT INTO audit_entry ({', '.join(copy)}) VALUES ({binds})",  # noqa: S608 - as above
            *copy.values(),
        )

    async def say(self, place: tuple[UUID, int], action: str) -> None:
        """Lets an entry say another action, in its column and in its text."""
        text = await self.connection.fetchval(
            "SELECT canonical FROM audit_entry WHERE (stream, seq) = ($1, $2)", *place
        )
        await self.alter(place, "action", value=f"'{action}'")
        said = json.dumps(json.loads(text) | {"action": action}).replace("'", "''")
        await self.alter(place, "canonical", value=f"'{said}'")

    async def link_again(self, stream: UUID) -> None:
        """Numbers and links a stream again from its first entry, its head too: nothing in it stays wrong."""
        before, last = chain.genesis(stream), None
        for seq, row in enumerate(await self.entries(stream), 1):
            link = hashlib.sha256(before + row["canonical"].encode()).digest()
            await self.connection.execute(
                "UPDATE audit_entry SET seq = $3, prev_hash = $4, hash = $5 WHERE (stream, seq) = ($1, $2)",
                *(stream, row["seq"], seq, before, link),
            )
            before, last = link, (seq, before, link)
        if last is None:
            await self.connection.execute("DELETE FROM audit_head WHERE stream = $1", stream)
        else:
            await self.connection.execute(
                "UPDATE audit_head SET seq = $2, prev_hash = $3, hash = $4 WHERE stream = $1", stream, *last
            )

    async def forget_checkpoints(self) -> None:
        """Deletes what the database itself could be held against."""
        await self.connection.execute("DELETE FROM audit_checkpoint")

    async def entries(self, stream: UUID) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.connection.fetch(ENTRIES, stream)]
