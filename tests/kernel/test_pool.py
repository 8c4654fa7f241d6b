import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from service.kernel import pool as module
from service.kernel.database import Database, opened
from service.kernel.pool import Pool
from service.kernel.problem import Problem

CHANGE = "UPDATE installation SET organization_id = NULL"
CLIENTS = 40
ONE, OTHER = UUID(int=1), UUID(int=2)
LOANS = 50


class Line:
    """Stands for a connection; counts how many users it has at once."""

    def __init__(self) -> None:
        self.closed = False
        self.in_transaction = False
        self.users = 0
        self.told: list[str] = []
        self.deaf = False
        self.silent = False
        self.delay = 0

    async def fetchval(self, _: str, acting: str) -> str:
        self.told.append(acting)
        await asyncio.sleep(self.delay)
        if self.deaf:
            raise ConnectionError("gone")
        return acting

    def is_closed(self) -> bool:
        return self.closed

    def is_in_transaction(self) -> bool:
        return self.in_transaction

    def terminate(self) -> None:
        self.closed = True

    async def close(self, **_) -> None:
        if self.silent:
            raise TimeoutError
        self.closed = True


class Lines:
    """Opens lines, and remembers all of them; `failures` are raised first."""

    def __init__(self, *failures: Exception) -> None:
        self.made: list[Line] = []
        self.failures = list(failures)

    async def open(self) -> Any:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.made.append(Line())
        return self.made[-1]

    @property
    def living(self) -> list[Line]:
        return [line for line in self.made if not line.closed]


@asynccontextmanager
async def pool_of(lines: Lines, size: int) -> AsyncGenerator[Pool]:
    pool = Pool(lines.open, size=size)
    try:
        yield pool
    finally:
        await pool.close()


async def started(coroutine) -> asyncio.Task:
    """Gives a task that has run until it waits for a connection."""
    task = asyncio.create_task(coroutine)
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_the_last_connection_used_is_lent_first():
    lines = Lines()
    async with pool_of(lines, 3) as pool:
        first, second = await pool.acquire(), await pool.acquire()
        pool.release(first)
        pool.release(second)
        assert await pool.acquire() is second
        assert len(lines.made) == 2


async def test_an_organization_gets_the_connection_that_acts_for_it_already():
    lines = Lines()
    async with pool_of(lines, 2) as pool:
        first, second = await pool.acquire(ONE), await pool.acquire(OTHER)
        for _ in range(3):
            pool.release(first)
            pool.release(second)
            assert await pool.acquire(ONE) is first
            assert await pool.acquire(OTHER) is second
        assert [line.told for line in lines.made] == [[str(ONE)], [str(OTHER)]]


async def test_a_connection_is_told_whenever_it_acts_for_another():
    lines = Lines()
    async with pool_of(lines, 1) as pool:
        for acting in (ONE, OTHER, None, None, ONE):
            pool.release(await pool.acquire(acting))
    assert [line.told for line in lines.made] == [[str(ONE), str(OTHER), "", str(ONE)]]


async def test_a_connection_that_was_not_told_is_not_lent():
    lines = Lines()
    async with pool_of(lines, 1) as pool:
        deaf: Any = await pool.acquire(ONE)
        pool.release(deaf)
        deaf.deaf = True
        with pytest.raises(ConnectionError):
            await pool.acquire(OTHER)
        assert deaf.is_closed()
        assert await pool.acquire(ONE) is not deaf


async def test_a_question_that_was_cut_off_ends_the_connection():
    lines = Lines()
    async with pool_of(lines, 1) as pool:
        slow: Any = await pool.acquire()
        slow.delay = 1
        pool.release(slow)
        asking = await started(pool.acquire(ONE))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert lines.living == []
        await pool.acquire(OTHER)
        assert [line.told for line in lines.living] == [[str(OTHER)]]


async def test_who_waits_longest_is_served_first():
    async with pool_of(Lines(), 1) as pool:
        only = await pool.acquire()
        early, late = await started(pool.acquire()), await started(pool.acquire())
        pool.release(only)
        assert await early is only
        assert not late.done()
        pool.release(only)
        assert await late is only


async def test_who_needs_not_be_told_is_served_before_others_for_a_moment():
    async with pool_of(Lines(), 1) as pool:
        only = await pool.acquire(ONE)
        other, alike = await started(pool.acquire(OTHER)), await started(pool.acquire(ONE))
        pool.release(only)
        assert await alike is only
        assert not other.done()
        pool.release(only)
        assert await other is only


async def test_nobody_is_overtaken_for_longer_than_a_moment(monkeypatch):
    monkeypatch.setattr("service.kernel.pool._PATIENCE_SECONDS", 0)
    async with pool_of(Lines(), 1) as pool:
        only = await pool.acquire(ONE)
        other, alike = await started(pool.acquire(OTHER)), await started(pool.acquire(ONE))
        pool.release(only)
        assert await other is only
        assert not alike.done()
        pool.release(only)
        await alike


async def test_a_loan_waits_no_longer_than_it_may(monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.02)
    async with pool_of(Lines(), 1) as pool:
        only = await pool.acquire()
        with pytest.raises(TimeoutError):
            await pool.acquire()
        pool.release(only)
        assert await pool.acquire() is only


@pytest.mark.parametrize("spoiled", ["closed", "in_transaction"])
async def test_a_connection_that_cannot_be_lent_again_makes_room_for_another(spoiled):
    lines = Lines()
    async with pool_of(lines, 1) as pool:
        broken = await pool.acquire()
        waiting = await started(pool.acquire())
        setattr(broken, spoiled, True)
        pool.release(broken)
        assert await waiting is not broken
        assert broken.is_closed()
        assert len(lines.living) == 1


async def test_a_connection_that_broke_or_rested_too_long_is_not_lent(monkeypatch):
    lines = Lines()
    async with pool_of(lines, 1) as pool:
        broken = await pool.acquire()
        pool.release(broken)
        broken.terminate()
        rested = await pool.acquire()
        assert rested is not broken
        pool.release(rested)
        monkeypatch.setattr(module, "_REST_SECONDS", 0)
        assert await pool.acquire() is not rested
        assert rested.is_closed()


async def test_a_failure_to_connect_leaves_the_room_it_took():
    lines = Lines(OSError("no route"), OSError("no route"))
    async with pool_of(lines, 1) as pool:
        failing = await started(pool.acquire())
        waiting = await started(pool.acquire())
        with pytest.raises(OSError, match="no route"):
            await failing
        with pytest.raises(OSError, match="no route"):
            await waiting
        assert await pool.acquire() is lines.made[0]


async def test_who_gives_up_in_the_moment_of_its_turn_passes_it_on():
    async with pool_of(Lines(), 1) as pool:
        only = await pool.acquire()
        first, second = await started(pool.acquire()), await started(pool.acquire())
        pool.release(only)
        first.cancel()
        assert await asyncio.wait_for(second, 1) is only
        assert first.cancelled() or await first is only


async def test_a_loan_that_lasts_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(module, "_WATCH_SECONDS", 0.01)
    monkeypatch.setattr(module, "LOAN_SECONDS", 0.05)
    async with pool_of(Lines(), 2) as pool:
        overdue = await pool.acquire()
        await asyncio.sleep(0.2)
        fresh = await pool.acquire()
        assert overdue.is_closed()
        assert not fresh.is_closed()
        pool.release(overdue)


async def test_a_connection_that_is_retired_makes_room_at_once_and_ends_by_itself():
    lines = Lines()
    async with pool_of(lines, 1) as pool:
        retired = await pool.acquire()
        waiting = await started(pool.acquire())
        pool.retire(retired)
        pool.release(retired)
        assert await waiting is not retired
        assert retired.is_closed()
        assert len(lines.living) == 1


async def test_renewing_ends_what_rests_and_leaves_what_is_lent():
    lines = Lines()
    async with pool_of(lines, 2) as pool:
        lent, resting = await pool.acquire(), await pool.acquire()
        pool.release(resting)
        pool.renew()
        assert (lent.is_closed(), resting.is_closed()) == (False, True)
        assert await pool.acquire() is lines.made[2]


async def test_closing_ends_what_is_lent_and_what_rests():
    lines = Lines()
    async with pool_of(lines, 2) as pool:
        await pool.acquire()
        pool.release(await pool.acquire())
    assert len(lines.made) == 2
    assert lines.living == []


async def test_closing_does_not_wait_for_a_server_that_does_not_answer():
    lines = Lines()
    async with pool_of(lines, 2) as pool:
        silent: Any = await pool.acquire()
        pool.release(silent)
        silent.silent = True
    assert silent.is_closed()


async def loan(pool: Pool, chance: random.Random) -> None:
    """Uses a connection alone for a moment, and sometimes gives it back broken."""
    line: Any = await pool.acquire(acting := chance.choice((ONE, OTHER, None)))
    line.users += 1
    try:
        assert line.users == 1
        assert line.told[-1:] == ([str(acting)] if acting else line.told and [""])
        await asyncio.sleep(chance.choice((0, 0, 0.0005, 0.002)))
        line.in_transaction = chance.random() < 0.05
        line.closed = chance.random() < 0.05
    finally:
        line.users -= 1
        pool.release(line)


async def client(pool: Pool, chance: random.Random) -> None:
    """Borrows many times, and sometimes goes away in the middle."""
    for _ in range(LOANS):
        task = asyncio.create_task(loan(pool, chance))
        if chance.random() < 0.2:
            asyncio.get_running_loop().call_later(chance.uniform(0, 0.003), task.cancel)
        done = (await asyncio.gather(task, return_exceptions=True))[0]
        assert done is None or isinstance(done, asyncio.CancelledError | TimeoutError | OSError), done


@pytest.mark.parametrize("seed", range(5))
async def test_loans_that_are_cancelled_broken_and_late_never_share_or_lose_a_connection(seed, monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    chance = random.Random(seed)
    lines = Lines(*(OSError("no route") for _ in range(3)))
    async with pool_of(lines, 4) as pool:
        await asyncio.gather(*(client(pool, chance) for _ in range(CLIENTS)))
        whole = [await pool.acquire() for _ in range(4)]
        assert len({id(line) for line in whole}) == 4
        assert len(lines.living) == 4


async def test_a_connection_inside_a_transaction_is_not_lent_again(database):
    async with opened(database, size=1) as found:
        left = await found.pool.acquire()
        await left.execute("BEGIN")
        found.pool.release(left)
        again = await found.pool.acquire()
        assert again is not left
        assert not again.is_in_transaction()


async def test_a_cancelled_request_ends_its_connection_and_so_its_lock(database):
    async with opened(database, size=2) as found:
        task = asyncio.create_task(sleeping(found))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with found.transaction() as connection, asyncio.timeout(1):
            await connection.execute("LOCK TABLE organization IN ACCESS EXCLUSIVE MODE")


async def sleeping(database: Database) -> None:
    """Holds a lock for four seconds."""
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE organization IN ACCESS EXCLUSIVE MODE")
        await connection.execute("SELECT pg_sleep(4)")


async def demote(database: Database) -> None:
    """Lets two connections of a pool find that their server takes no changes any more."""
    async with database.lease() as one, database.lease() as other:
        for connection in (one, other):
            await connection.execute("SET default_transaction_read_only = on")


async def test_a_connection_to_a_server_that_was_demoted_is_not_kept(database):
    async with opened(database, size=2) as subject:
        await demote(subject)
        with pytest.raises(Problem, match="unavailable") as refused:
            async with subject.lease() as connection:
                await connection.execute(CHANGE)
        assert refused.value.headers == {"retry-after": "1"}
        for _ in range(2):
            async with subject.lease() as connection:
                await connection.execute(CHANGE)


@pytest.mark.parametrize("ended", ["pg_cancel_backend", "pg_terminate_backend"])
async def test_a_statement_that_an_administrator_ends_is_told_to_come_back(database, connection, ended):
    async with opened(database, size=1) as subject:
        task = asyncio.create_task(sleeping(subject))
        await asyncio.sleep(0.2)
        await connection.execute(
            f"SELECT {ended}(pid) FROM pg_stat_activity WHERE application_name = 'tenun'"  # noqa: S608 - our names
        )
        with pytest.raises(Problem, match="unavailable"):
            await asyncio.wait_for(task, 1)
        async with subject.lease() as again:
            assert await again.fetchval("SELECT 1") == 1


async def test_a_statement_that_nothing_else_ends_is_cancelled(database, monkeypatch):
    """A COMMIT that waits for its replica is subject to no timeout of PostgreSQL."""
    monkeypatch.setattr(module, "_WATCH_SECONDS", 0.05)
    monkeypatch.setattr(module, "LOAN_SECONDS", 0.2)
    async with opened(database, size=1) as subject:
        with pytest.raises(Problem, match="unavailable"):
            await asyncio.wait_for(sleeping(subject), 1)
        async with subject.transaction() as connection, asyncio.timeout(1):
            await connection.execute("LOCK TABLE organization IN ACCESS EXCLUSIVE MODE")
