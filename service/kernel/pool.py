"""Connections kept open and lent one at a time, without a task or a timer for each loan.

asyncpg's own pool makes two tasks and four timers for a loan with a statement: a quarter of the processor
time of a read. A connection that cannot be lent again as it is (closed, or inside a transaction) is ended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

WAIT_SECONDS = 2.0
"""How long a loan waits for a connection."""

LOAN_SECONDS = 20.0
"""Longer than the statements of any request may take together: after that the network is gone."""

_REST_SECONDS = 300.0  # Firewalls forget a connection that was silent for longer.
_WATCH_SECONDS = 1.0


class Pool:
    """At most `size` connections, of which the last one used is lent first."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, size: int) -> None:
        """Open nothing yet; a running event loop is needed."""
        self._connect = connect
        self._room = size
        self._resting: list[tuple[Connection, float]] = []
        self._lent: dict[Connection, float] = {}
        self._queue: deque[asyncio.Future[Connection | None]] = deque()
        self._watch = asyncio.create_task(self._end_overdue())

    async def acquire(self) -> Connection:
        """Lend a connection; raise TimeoutError when none comes free in time, or what connecting raises."""
        while True:
            connection = self._rested()
            if connection is None and self._room:
                connection = await self._opened()
            if connection is None:
                connection = await self._turn()
            if connection is not None:
                self._lent[connection] = monotonic()
                return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back."""
        del self._lent[connection]
        if connection.is_closed() or connection.is_in_transaction():
            self._end(connection)
        else:
            self._give_back(connection)

    async def close(self) -> None:
        """End all connections, those that are lent as well."""
        self._watch.cancel()
        for connection in self._lent:
            connection.terminate()
        for connection, _ in self._resting:
            await connection.close(timeout=WAIT_SECONDS)

    def _rested(self) -> Connection | None:
        while self._resting:
            connection, since = self._resting.pop()
            if not connection.is_closed() and monotonic() - since < _REST_SECONDS:
                return connection
            self._end(connection)
        return None

    async def _opened(self) -> Connection:
        self._room -= 1
        try:
            return await self._connect()
        except BaseException:
            self._room += 1
            self._pass_on(None)
            raise

    async def _turn(self) -> Connection | None:
        """Wait for a connection, or for room to open one (None)."""
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await turn
        except BaseException:
            # Given up in the moment its turn came: the next one gets it.
            if turn.done() and not turn.cancelled():
                self._give_back(turn.result())
            raise

    def _give_back(self, connection: Connection | None) -> None:
        if not self._pass_on(connection) and connection is not None:
            self._resting.append((connection, monotonic()))

    def _pass_on(self, connection: Connection | None) -> bool:
        """Give a connection, or room for one, to who waits longest; say whether anybody waited."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    def _end(self, connection: Connection) -> None:
        self._room += 1
        connection.terminate()
        self._pass_on(None)

    async def _end_overdue(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            latest = monotonic() - LOAN_SECONDS
            for connection in [each for each, since in self._lent.items() if since < latest]:
                connection.terminate()  # Its user gets an error and gives it back.
