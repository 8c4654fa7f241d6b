"""Connections kept open and lent one at a time, without a task or a timer for each loan.

asyncpg's own pool makes two tasks and four timers for a loan with a statement: a quarter of the processor
time of a read. A connection that cannot be lent again as it is (closed, or inside a transaction) is ended.

A connection acts for the organization it is lent to, and row security shows it nothing else. It is told
outside of any transaction, because a ROLLBACK would bring the former one back; what it was told is forgotten
before the question and remembered after the answer, so a question that was cut off is asked again.

A loan lasts longer than its statements may when the network is gone, or when a COMMIT waits for a replica: no
timeout of PostgreSQL ends that, and the session that waits keeps its locks when its client has left. So
whatever may still run is cancelled before its connection is ended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple
from uuid import UUID

import asyncpg

from service.kernel.hosts import Connection

WAIT_SECONDS = 2.0
"""How long a loan waits for a connection."""

LOAN_SECONDS = 7.0
"""Longer than a statement may run, and less than the service waits for its requests when it ends."""

_ACT = "SELECT set_config('tenun.acting', $1, false)"
_REST_SECONDS = 300.0  # Firewalls forget a connection that was silent for longer.
_PATIENCE_SECONDS = 0.05  # So long may others be lent a connection first that acts for them already.
_WATCH_SECONDS = 0.5
_CANCEL_SECONDS = 1.0  # Longer than a living server needs to end a statement.


class _Turn(NamedTuple):
    """Somebody who waits for a connection, or for room to open one (None)."""

    given: asyncio.Future[Connection | None]
    acting_id: UUID | None
    since: float


class Pool:
    """At most `size` connections; an organization gets the last one used for it, if one rests."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, size: int) -> None:
        """Open nothing yet; a running event loop is needed."""
        self._connect = connect
        self._room = size
        self._resting: list[tuple[Connection, float]] = []
        self._lent: dict[Connection, float] = {}
        self._acting: dict[Connection, UUID | None] = {}
        self._ending: dict[Connection, asyncio.Task[None]] = {}
        self._queue: deque[_Turn] = deque()
        self._watch = asyncio.create_task(self._end_overdue())

    async def acquire(self, acting_id: UUID | None = None) -> Connection:
        """Lend a connection that acts for an organization, or for nobody.

        Raises TimeoutError when none comes free in time, or what connecting raises.
        """
        while True:
            connection = self._rested(acting_id)
            if connection is None and self._room:
                connection = await self._opened()
            if connection is None:
                connection = await self._turn(acting_id)
            if connection is not None:
                self._lent[connection] = monotonic()
                return await self._told(connection, acting_id)

    def release(self, connection: Connection) -> None:
        """Take a connection back, unless it was retired."""
        if self._lent.pop(connection, None) is None:
            return
        if connection.is_closed() or connection.is_in_transaction():
            self._end(connection)
        else:
            self._give_back(connection)

    def retire(self, connection: Connection) -> None:
        """Take a connection back that is not to be lent again; what still runs on it is cancelled."""
        del self._lent[connection]
        self._acting.pop(connection, None)
        self._end_gently(connection)
        self._make_room()

    def renew(self) -> None:
        """End the connections that rest: what was seen on one says that their server may be gone."""
        while self._resting:
            self._end(self._resting.pop()[0])

    async def close(self) -> None:
        """End all connections, those that are lent as well."""
        self._watch.cancel()
        await asyncio.gather(*self._ending.values())
        for connection in self._lent:
            connection.terminate()
        await asyncio.gather(*(_ended(connection) for connection, _ in self._resting))

    async def _told(self, connection: Connection, acting_id: UUID | None) -> Connection:
        """Tell a connection for whom it acts, unless it knows."""
        if connection in self._acting and self._acting[connection] == acting_id:
            return connection
        self._acting.pop(connection, None)
        try:
            await connection.fetchval(_ACT, str(acting_id or ""))
        except BaseException:
            connection.terminate()
            self.release(connection)
            raise
        self._acting[connection] = acting_id
        return connection

    def _rested(self, acting_id: UUID | None) -> Connection | None:
        while self._resting:
            connection, since = self._resting.pop(self._place(acting_id))
            if not connection.is_closed() and monotonic() - since < _REST_SECONDS:
                return connection
            self._end(connection)
        return None

    def _place(self, acting_id: UUID | None) -> int:
        """Return the place of the last one used for an organization, else of the one that rests longest."""
        places = range(len(self._resting) - 1, -1, -1)
        return next((at for at in places if self._acting.get(self._resting[at][0]) == acting_id), 0)

    async def _opened(self) -> Connection:
        self._room -= 1
        try:
            connection = await self._connect()
        except BaseException:
            self._room += 1
            self._pass_on(None)
            raise
        self._acting[connection] = None
        return connection

    async def _turn(self, acting_id: UUID | None) -> Connection | None:
        """Wait for a connection, or for room to open one (None)."""
        given: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._queue.append(_Turn(given, acting_id, monotonic()))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await given
        except BaseException:
            # Given up in the moment its turn came: the next one gets it.
            if given.done() and not given.cancelled():
                self._give_back(given.result())
            raise

    def _give_back(self, connection: Connection | None) -> None:
        if not self._pass_on(connection) and connection is not None:
            self._resting.append((connection, monotonic()))

    def _pass_on(self, connection: Connection | None) -> bool:
        """Give a connection, or room for one, to somebody who waits; say whether anybody waited."""
        while self._queue and self._queue[0].given.done():
            self._queue.popleft()
        if not self._queue:
            return False
        turn = self._queue[0] if connection is None else self._next(self._acting.get(connection))
        self._queue.remove(turn)
        turn.given.set_result(connection)
        return True

    def _next(self, acting_id: UUID | None) -> _Turn:
        """Return who waits longest; before that has waited long, rather one for whom the connection acts."""
        first = self._queue[0]
        if monotonic() - first.since > _PATIENCE_SECONDS:
            return first
        alike = (turn for turn in self._queue if turn.acting_id == acting_id and not turn.given.done())
        return next(alike, first)

    def _end(self, connection: Connection) -> None:
        self._acting.pop(connection, None)
        connection.terminate()
        self._make_room()

    def _make_room(self) -> None:
        self._room += 1
        self._pass_on(None)

    def _end_gently(self, connection: Connection) -> None:
        """End a connection without waiting for it; whoever waits for its statement gets what came of that."""
        if connection not in self._ending:
            task = self._ending[connection] = asyncio.create_task(_ended(connection))
            task.add_done_callback(lambda _: self._ending.pop(connection, None))

    async def _end_overdue(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            latest = monotonic() - LOAN_SECONDS
            for connection in [each for each, since in self._lent.items() if since < latest]:
                self._end_gently(connection)  # Its user gives it back.


async def _ended(connection: Connection) -> None:
    """Cancel what runs on a connection and close it; a server that does not react in time is left alone."""
    try:
        await connection.close(timeout=_CANCEL_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        connection.terminate()
