"""Brings the database to the schema that this version of Tenun needs.

A start that finds nothing to do asks two short questions and imports neither Alembic nor SQLAlchemy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg

import migrations
from service.kernel.hosts import Connection, Hosts

TURN_LOCK = 0x74656E756E
"""The advisory lock of whoever migrates: "tenun" in ASCII, a number unlikely to be another's."""

_VERSIONS = Path(migrations.__file__).parent / "versions"
_CONNECT_SECONDS = 10
_TURN_SECONDS = 600
_POLL_SECONDS = 0.2
_PAUSES = (0.5, 1.0, 2.0, 4.0)  # Seconds after an attempt that was refused a lock; one more attempt follows.


class MigrationError(Exception):
    """Why the database cannot be brought to the schema of this version, and what to do: a sentence each."""

    def __init__(self, wrong: str, remedy: str) -> None:
        super().__init__(f"{wrong} {remedy}")


def revisions() -> tuple[str, ...]:
    """Gives all revisions of this version, oldest first: the names of their files, without loading them."""
    return tuple(sorted(file.stem for file in _VERSIONS.glob("[0-9]*.py")))


def head() -> str:
    """Gives the revision that this version needs."""
    return revisions()[-1]


async def current(connection: Connection) -> str | None:
    """Gives the revision of the database, None before the first."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    return await connection.fetchval("SELECT version_num FROM alembic_version")


async def migrate(dsn: str) -> None:
    """Upgrades the database to `head()`; several copies may do so at once.

    Of several hosts in the address the primary is migrated. Raises MigrationError when the database is newer
    than this version, when a lock is not to be had, or when PostgreSQL refuses a revision.
    """
    async with _connected(dsn) as connection:
        if await _known(connection) == head():
            return
        await _take_turn(connection)
        if await _known(connection) != head():
            from migrations import runner  # noqa: PLC0415 - it imports Alembic, which most starts do not need

            await _finish(connection, lambda: runner.upgrade(connection))


async def downgrade(dsn: str, revision: str) -> None:
    """Takes the database back to a revision, or to "base", which is none; what later ones added is lost.

    It locks every table it touches, so no copy of the service may run. Raises MigrationError like `migrate`.
    """
    if revision not in {"base", *revisions()}:
        raise MigrationError(
            f"There is no revision {revision}.", f"Name one of base, {', '.join(revisions())}."
        )
    from migrations import runner  # noqa: PLC0415 - as in migrate

    async with _connected(dsn) as connection:
        await _take_turn(connection)
        await _known(connection)
        await _finish(connection, lambda: runner.downgrade(connection, revision))


@asynccontextmanager
async def _connected(dsn: str) -> AsyncGenerator[Connection]:
    connection = await Hosts(dsn, timeout=_CONNECT_SECONDS).primary({})
    try:
        yield connection
    finally:
        await connection.close()


async def _known(connection: Connection) -> str | None:
    """Gives the revision of the database, or refuses one that this version has never heard of."""
    revision = await current(connection)
    if revision is not None and revision not in revisions():
        raise MigrationError(
            f"The database is at revision {revision}, and this version of Tenun knows none after {head()}.",
            "Start the version that migrated the database, or a newer one.",
        )
    return revision


async def _take_turn(connection: Connection) -> None:
    """Waits until no other process migrates this database; the turn ends with the connection.

    It asks again and again instead of waiting inside PostgreSQL: CREATE INDEX CONCURRENTLY waits for every
    running statement, and one that waits for the lock of that same migration would never end.
    """
    for _ in range(int(_TURN_SECONDS / _POLL_SECONDS)):
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", TURN_LOCK):
            return
        await asyncio.sleep(_POLL_SECONDS)
    raise MigrationError(
        f"Another process has been migrating the database for {_TURN_SECONDS} seconds.",
        "Wait until it has finished and start again.",
    )


async def _finish(connection: Connection, work: Callable[[], Awaitable[None]]) -> None:
    """Does the work, or tells how far it came and what stopped it; the revisions that it finished stand."""
    try:
        await _persist(work)
    except asyncpg.LockNotAvailableError as error:
        raise MigrationError(
            f"Other sessions keep a lock that going on from revision {await _reached(connection)} needs.",
            "End long transactions (pg_stat_activity shows them) and start again.",
        ) from error
    except asyncpg.PostgresError as error:
        raise MigrationError(
            f"PostgreSQL refused to go on from revision {await _reached(connection)}: {error}.",
            "Remove the cause and start again.",
        ) from error


async def _reached(connection: Connection) -> str:
    return await current(connection) or "base"


async def _persist(work: Callable[[], Awaitable[None]]) -> None:
    """Does the work, again after a pause when a lock was not to be had in time."""
    for pause in _PAUSES:
        with suppress(asyncpg.LockNotAvailableError):
            return await work()
        await asyncio.sleep(pause)
    return await work()
