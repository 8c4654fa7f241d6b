"""Connections to PostgreSQL of which one call fails, as networks and servers fail.

The service runs on them unchanged: asyncpg is told to make its connections of this class.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import asyncpg

Call = Callable[[], Awaitable[Any]]
Befall = Callable[["Faulty", Call], Awaitable[Any]]


class Trouble:
    """Befalls the n-th call that a request makes; calls of other tasks are none of its business."""

    def __init__(self, number: int, befall: Befall) -> None:
        """Name the call, from 1, and what becomes of it."""
        self._number = number
        self._befall = befall
        self._calls = 0

    @property
    def struck(self) -> bool:
        """Whether there were so many calls."""
        return self._calls >= self._number

    async def on(self, connection: "Faulty", call: Call) -> Any:
        """Counts a call and makes it."""
        self._calls += 1
        return await (self._befall(connection, call) if self._calls == self._number else call())


trouble: ContextVar[Trouble | None] = ContextVar("trouble", default=None)
"""What befalls the request that this task sends."""


class Faulty(asyncpg.Connection):
    """A connection whose calls pass the trouble of the task that makes them."""

    async def fetch(self, *args: Any, **kwargs: Any) -> Any:
        return await self._passed(lambda: super(Faulty, self).fetch(*args, **kwargs))

    async def fetchval(self, *args: Any, **kwargs: Any) -> Any:
        return await self._passed(lambda: super(Faulty, self).fetchval(*args, **kwargs))

    async def fetchrow(self, *args: Any, **kwargs: Any) -> Any:
        return await self._passed(lambda: super(Faulty, self).fetchrow(*args, **kwargs))

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        return await self._passed(lambda: super(Faulty, self).execute(*args, **kwargs))

    async def _passed(self, call: Call) -> Any:
        befalling = trouble.get()
        return await (call() if befalling is None else befalling.on(self, call))


def ended_by(administrator: asyncpg.Connection) -> Befall:
    """Gives what befalls a call whose session the server ended before: nothing of it is done."""

    async def ended(connection: Faulty, call: Call) -> Any:
        # The second argument waits until it is over.
        await administrator.execute(f"SELECT pg_terminate_backend({connection.get_server_pid()}, 5000)")
        return await call()

    return ended


async def unanswered(connection: Faulty, call: Call) -> None:
    """The server does it, and the network breaks before it can say so."""
    await call()
    connection.terminate()
    raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


async def refused(_connection: Faulty, _call: Call) -> None:
    """The server has no room left on its disk."""
    raise asyncpg.DiskFullError("could not extend file: No space left on device")
