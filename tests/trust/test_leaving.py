"""Who leaves in the middle of a read or a write leaves no connection, lock or transaction behind.

And no half: a write whose sender left is done or not, and the same key tells which.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator

import pytest

from tests.partners import id_of
from tests.trust.pressed import ACTIVITIES, LIMIT, POOL, Pressed, assert_well, pressing
from tests.trust.tally import unhurried

AT_ONCE = LIMIT
PATIENCE = 0.05  # Seconds after which they leave, on average: about when they would be answered.
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'tenun' AND state <> 'idle'
"""
LOCKS = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE datname = current_database() AND application_name = 'tenun' AND state = 'idle'
"""
TITLES = "SELECT title FROM activity WHERE agreement_id = $1 AND title LIKE 'Pergi %'"


@pytest.fixture(scope="module")
async def pressed(new_database, tmp_path_factory) -> AsyncGenerator[Pressed]:
    async with pressing(new_database, tmp_path_factory.mktemp("served") / "tenun") as pressed:
        yield pressed


def bodies(pressed: Pressed, leavers: int) -> list[bytes]:
    """Gives a write for each; its title is its key as well."""
    return [json.dumps(pressed.body(title=f"Pergi {number}")).encode() for number in range(leavers)]


async def leave(pressed: Pressed, request: bytes, *, places: asyncio.Semaphore) -> bool:
    """Sends a request and leaves at some moment; tells whether it was answered before."""
    async with places, pressed.wire() as (reader, writer):
        writer.write(request)
        await writer.drain()
        try:
            return b"HTTP/1.1 2" in await asyncio.wait_for(reader.read(20), random.expovariate(1 / PATIENCE))
        except TimeoutError:
            return False


async def left(pressed: Pressed, body: bytes, number: int, *, places: asyncio.Semaphore) -> Counter[str]:
    """Gives what became of a read and a keyed write that were left."""
    write = pressed.post(body, f"idempotency-key: Pergi {number}")
    read = pressed.head("GET", f"{ACTIVITIES}?limit=200&count=true")
    done = await asyncio.gather(*(leave(pressed, each, places=places) for each in (write, read)))
    return Counter("answered" if each else "left" for each in done)


@pytest.mark.parametrize(
    "leavers", [pytest.param(150, id="short"), pytest.param(3_000, id="full", marks=pytest.mark.drill)]
)
async def test_who_leaves_in_the_middle_leaves_nothing_behind(pressed, tell, leavers):
    unhurried()
    writes = bodies(pressed, leavers)
    places = asyncio.Semaphore(AT_ONCE)
    # The first ones wait for a lock when they leave.
    async with pressed.held_up():
        early = await asyncio.gather(
            *(left(pressed, writes[number], number, places=places) for number in range(leavers // 5))
        )
    late = await asyncio.gather(
        *(left(pressed, writes[number], number, places=places) for number in range(leavers // 5, leavers))
    )
    await asyncio.sleep(2.5)  # By then whatever waited has its lock, or has given up.
    tell(**sum((*early, *late), Counter()), done=len(await titles(pressed)), leavers=2 * leavers)
    assert await pressed.connection.fetchval(BUSY) == 0
    assert await pressed.connection.fetchval(LOCKS) == 0
    await assert_well(pressed)
    await assert_each_is_done_once(pressed, writes)


async def titles(pressed: Pressed) -> list[str]:
    return [row[0] for row in await pressed.connection.fetch(TITLES, id_of(pressed.pact))]


async def assert_each_is_done_once(pressed: Pressed, writes: list[bytes]) -> None:
    """Repeats every write under its key: what was done is replayed, what was not is done now."""
    before = Counter(await titles(pressed))
    places = asyncio.Semaphore(POOL)

    async def repeated(number: int) -> None:
        headers = {"content-type": "application/json", "idempotency-key": f"Pergi {number}"}
        async with places:
            answer = await client.post(ACTIVITIES, content=writes[number], headers=headers)
        assert answer.status_code == 201, answer.text
        assert ("idempotency-replayed" in answer.headers) is (before[f"Pergi {number}"] == 1)

    async with pressed.client() as client:
        await asyncio.gather(*(repeated(number) for number in range(len(writes))))
    assert Counter(await titles(pressed)) == {f"Pergi {number}": 1 for number in range(len(writes))}
