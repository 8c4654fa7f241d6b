"""Far more than the service can do: it says so at once, stays answerable, and is itself again soon after."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator
from typing import NamedTuple

import pytest

from tests.trust.pressed import ACTIVITIES, LIMIT, POOL, Pressed, Streams, assert_well, pressing, timed
from tests.trust.tally import p99, unhurried

CROWD = 10 * LIMIT
PAUSE = 0.25
RECOVERED = 2.0
EARLY, WELL = 0.5, 0.5  # Generous: the crowd and the service share the machine.


class Heard(NamedTuple):
    """What one of the crowd was answered."""

    status: int
    seconds: float
    retry_after: str


@pytest.fixture(scope="module")
async def pressed(new_database, tmp_path_factory) -> AsyncGenerator[Pressed]:
    async with pressing(new_database, tmp_path_factory.mktemp("served") / "tenun") as pressed:
        yield pressed


async def told(streams: Streams, request: bytes) -> Heard:
    """Sends a request and reads its answer, with little work for whoever measures."""
    reader, writer = streams
    began = time.perf_counter()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    await reader.readexactly(int(fields["content-length"]))
    return Heard(int(head.split()[1]), time.perf_counter() - began, fields.get("retry-after", ""))


async def crowding(pressed: Pressed, request: bytes, *, over: asyncio.Event) -> list[Heard]:
    """Gives what one client heard that asks again and again without regard to Retry-After."""
    heard: list[Heard] = []
    async with pressed.wire() as streams:
        while not over.is_set():
            heard.append(await told(streams, request))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), PAUSE)
    return heard


@pytest.mark.alone
@pytest.mark.parametrize(
    "seconds", [pytest.param(3, id="short"), pytest.param(60, id="full", marks=pytest.mark.drill)]
)
async def test_what_is_too_much_is_refused_early_and_forgotten_soon(pressed, tell, seconds):
    unhurried()
    over = asyncio.Event()
    requests = (
        pressed.post(json.dumps(pressed.body()).encode()),
        pressed.head("GET", f"{ACTIVITIES}?limit=200&count=true"),
    )
    async with pressed.client() as client:
        await timed(client, "/healthz")
        async with pressed.held_up():
            tasks = [
                asyncio.create_task(crowding(pressed, requests[number % 2], over=over))
                for number in range(CROWD)
            ]
            probes = await probed(client, seconds)
        over.set()
        heard = [each for found in await asyncio.gather(*tasks) for each in found]
        recovered = await recovery(client, pressed)
    refused = [each for each in heard if each.status == 503]
    early = [each.seconds for each in refused if each.seconds < 1]
    tell(
        heard=dict(Counter(each.status for each in heard)),
        refused_median=f"{sorted(early)[len(early) // 2] * 1000:.0f} ms",
        refused_p99=f"{p99(early) * 1000:.0f} ms",
        health_p99=f"{p99(probes) * 1000:.0f} ms of {len(probes)}",
        recovered=f"{recovered * 1000:.0f} ms",
    )
    assert {each.status for each in heard} <= {200, 201, 503}
    assert all(int(each.retry_after) > 0 for each in refused)
    # Those that were let in wait for a connection or a lock, two seconds each; there is place for few.
    assert len(refused) - len(early) <= LIMIT * (seconds + 2)
    assert p99(early) < EARLY
    assert p99(probes) < WELL
    assert recovered < RECOVERED
    await assert_well(pressed)


async def probed(client, seconds: float) -> list[float]:
    """Gives how long /healthz took, asked all the time."""
    took: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        status, one = await timed(client, "/healthz")
        assert status == 200
        took.append(one)
        await asyncio.sleep(0.02)
    return took


async def recovery(client, pressed: Pressed) -> float:
    """Gives the seconds until as much as there is place for succeeds at once, reads and writes."""
    began = time.perf_counter()
    while True:
        answers = await asyncio.gather(
            *(client.get(ACTIVITIES) for _ in range(LIMIT - POOL)),
            *(client.post(ACTIVITIES, json=pressed.body()) for _ in range(POOL)),
        )
        if all(answer.is_success for answer in answers):
            return time.perf_counter() - began
        await asyncio.sleep(0.02)
