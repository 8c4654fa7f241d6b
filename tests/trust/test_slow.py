"""Who sends slowly, or nothing at all, holds up nobody, and is ended in bounded time.

Five sorts of bad connection stand open together, more than the service runs requests: silent ones, ones that
never finish their head, and ones that never finish their body, with a token, without, and byte by byte.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncGenerator
from itertools import cycle, islice

import httpx
import pytest

from tests.trust.pressed import ACTIVITIES, Pressed, Streams, assert_well, pressing, timed
from tests.trust.tally import p99, unhurried

BODY_SECONDS = 3
HEAD_SECONDS = 15  # As service/kernel/serving.py has it.
SLACK = 5  # A busy machine is late.
WELL = 0.2
SIGN_IN = (
    b"POST /v1/sessions HTTP/1.1\r\nhost: tenun\r\ncontent-type: application/json\r\ncontent-length: 900\r\n"
)


@pytest.fixture(scope="module")
async def pressed(new_database, tmp_path_factory) -> AsyncGenerator[Pressed]:
    folder = tmp_path_factory.mktemp("served") / "tenun"
    async with pressing(new_database, folder, body_seconds=str(BODY_SECONDS)) as pressed:
        yield pressed


async def ended(streams: Streams, sent: bytes, *, drip: bytes = b"") -> tuple[str, float]:
    """Gives what a connection was told before the server ended it, and after how many seconds."""
    reader, writer = streams
    began = time.perf_counter()
    dripping = asyncio.create_task(_drip(writer, sent, drip=drip))
    told = b""
    with contextlib.suppress(ConnectionError):
        told = await reader.read()
    dripping.cancel()
    return told.partition(b"\r\n")[0].decode(), time.perf_counter() - began


async def _drip(writer: asyncio.StreamWriter, sent: bytes, *, drip: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(sent)
        while drip:
            await asyncio.sleep(0.5)
            writer.write(drip)
            await writer.drain()


async def healthy(
    client: httpx.AsyncClient, pressed: Pressed, *, over: asyncio.Event
) -> dict[str, list[float]]:
    """Gives how long a client waited that does everything as it should, until it is over."""
    seconds: dict[str, list[float]] = {"/healthz": [], ACTIVITIES: [], "write": []}
    while not over.is_set():
        for path in ("/healthz", ACTIVITIES):
            status, took = await timed(client, path)
            assert status == 200
            seconds[path].append(took)
        began = time.perf_counter()
        answer = await client.post(ACTIVITIES, json=pressed.body())
        assert answer.status_code == 201, answer.text
        seconds["write"].append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return seconds


@pytest.mark.alone
@pytest.mark.parametrize(
    ("sorts", "connections"),
    [
        pytest.param(("slow", "dripping", "nobody"), 51, id="short"),
        pytest.param(
            ("slow", "dripping", "nobody", "silent", "headless"), 500, id="full", marks=pytest.mark.drill
        ),
    ],
)
async def test_slow_connections_hold_up_nobody_and_are_ended(pressed, tell, sorts, connections):
    unhurried()
    ways = {
        "slow": (pressed.post(b"{", length=900), b"", BODY_SECONDS, {"HTTP/1.1 408 Request Timeout"}),
        "dripping": (pressed.post(b"{", length=900), b" ", BODY_SECONDS, {"HTTP/1.1 408 Request Timeout"}),
        "nobody": (SIGN_IN + b"\r\n{", b"", BODY_SECONDS, {"HTTP/1.1 408 Request Timeout"}),
        "silent": (b"", b"", HEAD_SECONDS, {""}),
        "headless": (SIGN_IN, b"", HEAD_SECONDS, {"", "HTTP/1.1 408 Request Timeout"}),
    }
    kinds = list(islice(cycle(sorts), connections))
    over = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack, pressed.client() as client:
        await timed(client, ACTIVITIES)
        wires = [await stack.enter_async_context(pressed.wire()) for _ in kinds]
        working = asyncio.create_task(healthy(client, pressed, over=over))
        async with asyncio.timeout(HEAD_SECONDS + 2 * SLACK):
            ends = await asyncio.gather(
                *(
                    ended(wire, ways[kind][0], drip=ways[kind][1])
                    for kind, wire in zip(kinds, wires, strict=True)
                )
            )
        over.set()
        waited = await working
    latest = {
        kind: max(took for each, (_, took) in zip(kinds, ends, strict=True) if each == kind) for kind in sorts
    }
    tell(
        connections=dict(Counter(kinds)),
        ended={kind: f"{seconds:.1f} s" for kind, seconds in latest.items()},
        p99={name: f"{p99(each) * 1000:.0f} ms of {len(each)}" for name, each in waited.items()},
    )
    for kind, (told, took) in zip(kinds, ends, strict=True):
        assert told in ways[kind][3], kind
        assert took < ways[kind][2] + SLACK, kind
    assert p99(waited["/healthz"]) < WELL
    assert p99(waited[ACTIVITIES]) < 2 * WELL
    assert p99(waited["write"]) < 3 * WELL
    await assert_well(pressed)
