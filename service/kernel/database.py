"""The pool that runs compiled statements: bounded, timed, and 503 where the database cannot answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from time import perf_counter
from typing import TypeVar
from uuid import UUID
from weakref import WeakSet

import asyncpg
import msgspec

from service.kernel.hosts import Connection, Hosts
from service.kernel.pool import Pool
from service.kernel.problem import unavailable
from service.kernel.statement import Statement

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R")
T = TypeVar("T")

# What says that a connection, and perhaps its server, is gone or is the primary no longer.
# InternalClientError: the server ended a connection that lay idle, and nobody has been told yet.
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    ConnectionError,
    TimeoutError,
)
# What says nothing about the request: the same one may succeed later.
_UNAVAILABLE = (
    *_LOST,
    asyncpg.OperatorInterventionError,  # It ends or starts.
    asyncpg.InsufficientResourcesError,  # Its disk is full, or it has no memory or connection left.
    asyncpg.PostgresSystemError,  # It could not read or write a file.
    OSError,
)
_SETTINGS = {
    "application_name": "tenun",
    "timezone": "UTC",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "jit": "off",
    # A commit that its replica did not confirm says so in a warning, and in nothing else.
    "client_min_messages": "warning",
}
_OPTIONS = {
    "statement_cache_size": 500,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 64 * 1024,
    "server_settings": _SETTINGS,
}
_CONNECT_SECONDS = 2

_unconfirmed: "WeakSet[object]" = WeakSet()

database_seconds: ContextVar[list[float]] = ContextVar("database_seconds")
"""Seconds spent in the database by this request, summed by its first element."""

recorder: ContextVar[list[str] | None] = ContextVar("recorder", default=None)
"""Names of statements run, when a test listens."""


class Database:
    """A pool of connections on behalf of one organization or of nobody; it runs compiled statements."""

    def __init__(self, pool: Pool, acting_id: UUID | None = None) -> None:
        """Wrap an open pool."""
        self.pool = pool
        self._acting_id = acting_id

    def acting(self, organization_id: UUID) -> "Database":
        """Return the same pool on behalf of an organization: row security shows what that may see."""
        return Database(self.pool, organization_id)

    async def rows(self, statement: Statement[P, R], params: P) -> list[R]:
        """Return all rows of one statement."""
        async with self.lease() as connection:
            return await rows(connection, statement, params=params)

    async def one(self, statement: Statement[P, R], params: P) -> R | None:
        """Return the first row of one statement, or None."""
        async with self.lease() as connection:
            return await one(connection, statement, params=params)

    async def only(self, statement: Statement[P, R], params: P) -> R:
        """Return the one row of a statement that always has one: an aggregate, a select without FROM."""
        async with self.lease() as connection:
            return await only(connection, statement, params=params)

    @asynccontextmanager
    async def lease(self) -> "AsyncGenerator[Connection]":
        """Give a connection; 503 when none comes free in 2 s or the database cannot be reached."""
        started = perf_counter()
        try:
            connection = await self.pool.acquire(self._acting_id)
        except _UNAVAILABLE as error:
            raise unavailable() from error
        try:
            yield connection
            _demand_confirmed(connection)
        except asyncio.CancelledError:
            self.pool.retire(connection)
            raise
        except _UNAVAILABLE as error:
            self._drop(connection, error)
            raise unavailable() from error
        finally:
            _unconfirmed.discard(connection)
            self.pool.release(connection)
            _spend(perf_counter() - started)

    def _drop(self, connection: Connection, error: Exception) -> None:
        """Keep a connection after a cancelled statement; after all else, its state is unknown."""
        if not isinstance(error, asyncpg.QueryCanceledError):
            self.pool.retire(connection)
        if isinstance(error, _LOST):
            self.pool.renew()

    @asynccontextmanager
    async def transaction(self) -> "AsyncGenerator[Connection]":
        """Give a connection inside one transaction."""
        async with self.lease() as connection, connection.transaction():
            yield connection


@asynccontextmanager
async def opened(dsn: str, *, size: int) -> AsyncGenerator[Database]:
    """Give a pool of `size` connections, with the settings the statements need; one of them is open."""
    pool = Pool(partial(_connected, Hosts(dsn, timeout=_CONNECT_SECONDS)), size=size)
    try:
        pool.release(await pool.acquire())
        yield Database(pool)
    finally:
        await pool.close()


async def _connected(hosts: Hosts) -> Connection:
    # Nothing is reset between loans: the pool says for whom a connection acts, and no statement changes the
    # session otherwise. A reset costs a fifth of a read.
    connection = await hosts.primary(_OPTIONS)
    connection.add_log_listener(_heard)
    return connection


def _heard(connection: object, message: asyncpg.PostgresLogMessage) -> None:
    """Remember who was told that a transaction is committed here and perhaps nowhere else.

    The text of the warning is translated, the function that gives it is not. asyncpg calls this before it
    resumes whoever waits for the statement.
    """
    if message.server_source_function == "SyncRepWaitForLSN":
        _unconfirmed.add(connection)


def _demand_confirmed(connection: Connection) -> None:
    """Raise 503 for a change that was committed without its replica: nobody knows yet whether it stays."""
    if connection in _unconfirmed:
        raise unavailable()


async def connect(dsn: str) -> Connection:
    """Return one connection outside the pool, to listen on."""
    hosts = Hosts(dsn, timeout=_CONNECT_SECONDS)
    return await hosts.primary({"server_settings": {"application_name": "tenun listener"}})


async def act_for(connection: Connection, organization_id: UUID) -> None:
    """Act for an organization until this transaction ends, when only the transaction tells for which."""
    await connection.fetchval("SELECT set_config('tenun.acting', $1, true)", str(organization_id))


async def rows(connection: Connection, statement: Statement[P, R], *, params: P) -> list[R]:
    """Return all rows of one statement on a connection."""
    _record(statement.name)
    decode = statement.decoder.decode
    records = await connection.fetch(statement.sql, *statement.arguments(params))
    return [decode(record[0]) for record in records]


async def one(connection: Connection, statement: Statement[P, R], *, params: P) -> R | None:
    """Return the first row of one statement on a connection, or None."""
    _record(statement.name)
    text = await connection.fetchval(statement.sql, *statement.arguments(params))
    return None if text is None else statement.decoder.decode(text)


async def only(connection: Connection, statement: Statement[P, R], *, params: P) -> R:
    """Return the one row of a statement that always has one; without it, the statement is at fault."""
    found = await one(connection, statement, params=params)
    if found is None:
        raise RuntimeError(f"{statement.name} gave no row")
    return found


def _record(name: str) -> None:
    seen = recorder.get()
    if seen is not None:
        seen.append(name)


def _spend(seconds: float) -> None:
    spent = database_seconds.get(None)
    if spent is not None:
        spent[0] += seconds
