"""The service on a real socket, pressed: it ends what it began, stays answerable, and forgets who left."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

import httpx
import pytest

from tests.trust.pressed import ACTIVITIES, LIMIT, POOL, SESSIONS, Pressed, assert_well, pressing, timed


@pytest.fixture(scope="module")
async def pressed(new_database, tmp_path_factory) -> AsyncGenerator[Pressed]:
    async with pressing(new_database, tmp_path_factory.mktemp("served") / "tenun") as pressed:
        yield pressed


# --------------------------------------------------------------------------------------------------- too much


async def test_what_is_too_much_is_refused_early_and_health_is_told_at_once(pressed):
    async with pressed.client() as crowd, pressed.client() as client:
        async with pressed.held_up():
            tasks = [
                asyncio.create_task(crowd.post(ACTIVITIES, json=pressed.body())) for _ in range(3 * LIMIT)
            ]
            await asyncio.sleep(0.5)
            refused = [task.result() for task in tasks if task.done()]
            probes = [await timed(client, "/healthz") for _ in range(20)]
        answers = await asyncio.gather(*tasks)
    assert len(refused) >= 2 * LIMIT
    assert {answer.status_code for answer in refused} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert {answer.json()["code"] for answer in refused} == {"unavailable"}
    assert [status for status, _ in probes] == [200] * 20
    # One of twenty may be late, because the machine has other work as well.
    assert sorted(seconds for _, seconds in probes)[-2] < 0.2
    assert {answer.status_code for answer in answers} <= {201, 503}
    await assert_well(pressed)


async def test_a_write_that_waits_too_long_for_another_is_told_to_come_back(pressed):
    async with pressed.client() as client, pressed.held_up():
        began = time.perf_counter()
        answer = await client.post(ACTIVITIES, json=pressed.body())
        keyed = await client.post(ACTIVITIES, json=pressed.body(), headers={"idempotency-key": "k"})
        seconds = time.perf_counter() - began
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (keyed.status_code, keyed.json()["code"]) == (409, "request_in_progress")
    assert 4 <= seconds < 6


# ------------------------------------------------------------------------------------------------ who leaves


async def leave(pressed: Pressed, text: bytes) -> None:
    """Sends what a client sends before it breaks the connection."""
    async with pressed.wire() as (_, writer):
        writer.write(text)
        await writer.drain()
        await asyncio.sleep(0.05)


async def test_who_leaves_before_the_body_is_there_leaves_nothing_behind(pressed):
    await asyncio.gather(*(leave(pressed, pressed.post(b"{", length=1000)) for _ in range(3 * LIMIT)))
    await assert_well(pressed)


async def test_who_leaves_before_the_answer_is_there_leaves_nothing_behind(pressed):
    body = httpx.Request("POST", "http://x", json=pressed.body()).content
    async with pressed.held_up():
        await asyncio.gather(*(leave(pressed, pressed.post(body)) for _ in range(LIMIT)))
    await asyncio.sleep(2.5)  # By then whatever waited has its lock, or has given up.
    await assert_well(pressed)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    )
    assert await pressed.connection.fetchval(waiting) == 0


async def test_who_says_nothing_keeps_nobody_from_being_answered(pressed):
    async with contextlib.AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(pressed.wire()) for _ in range(5 * LIMIT)]
        for _, writer in silent[::2]:
            writer.write(b"GET /healthz HTTP/1.1\r\nx-slow: ")
        await assert_well(pressed)


# ------------------------------------------------------------------------------------------- what is no HTTP


HEAD = b" HTTP/1.1\r\nhost: tenun\r\nconnection: close\r\n"
NO_REQUESTS = (
    b"GET /v1/organizations/\xff\xfe" + HEAD + b"\r\n",
    b"GET /v1/organizations?q=\xff" + HEAD + b"\r\n",
    b"GET /v1/organizations?q=%ff" + HEAD + b"\r\n",
    b"GET /v1/organizations/%00" + HEAD + b"\r\n",
    b"GET /v1/\x00" + HEAD + b"\r\n",
    b"GET /v1/organizations/" + b"a" * 500_000 + HEAD + b"\r\n",
    b"GET /v1/me" + HEAD + b"x: " + b"a" * 2_000_000 + b"\r\n\r\n",
    b"GET /v1/me" + HEAD + b"x: y\r\n" * 5_000 + b"\r\n",
    b"GET /v1/me" + HEAD + b"a b: c\r\n\r\n",
    b"GET /v1/me" + HEAD + b"a\x00: c\r\n\r\n",
    b"GET /v1/me" + HEAD + b"authorization: \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\r\n\r\n",
    b"get /v1/me" + HEAD + b"\r\n",
    b"GET /v1/me HTTP/1.1\r\n\r\n",
    b"GET http://elsewhere.example/v1/me" + HEAD + b"\r\n",
    b"GET v1/me" + HEAD + b"\r\n",
    b"POST /v1/sessions" + HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    b"POST /v1/sessions" + HEAD + b"content-length: -1\r\n\r\n{}",
    b"POST /v1/sessions" + HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/sessions" + HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/sessions" + HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/sessions" + HEAD + b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    + b"10000\r\n" + b" " * 65_536 + b"\r\n" * 5,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\r\n" * 1000,
)  # fmt: skip


@pytest.mark.parametrize("place", range(len(NO_REQUESTS)))
async def test_what_is_no_request_is_refused_and_stops_nobody(pressed, place):
    told = b""
    async with pressed.wire() as (reader, writer):
        with contextlib.suppress(OSError):
            writer.write(NO_REQUESTS[place])
            await writer.drain()
            writer.write_eof()
            told = await asyncio.wait_for(reader.read(100_000), 5)
    assert not told.startswith(b"HTTP/1") or 400 <= int(told.split()[1]) < 500, told
    async with pressed.client() as client:
        assert (await client.get("/healthz")).status_code == 200


# -------------------------------------------------------------------------------------------------- the end


async def test_who_is_told_to_end_finishes_what_runs_and_takes_nothing_new(pressed):
    before = await pressed.connection.fetchval("SELECT count(*) FROM activity")
    async with pressed.client() as client, pressed.client() as late:
        async with pressed.held_up():
            running = [asyncio.create_task(client.post(ACTIVITIES, json=pressed.body())) for _ in range(POOL)]
            await asyncio.sleep(0.5)
            stopped = asyncio.create_task(asyncio.to_thread(pressed.served.stop))
            await asyncio.sleep(0.5)
            with pytest.raises(httpx.TransportError):
                await late.get("/healthz")
            assert not stopped.done()
        answers = await asyncio.gather(*running)
        assert await asyncio.wait_for(stopped, 10) == 0
    assert [answer.status_code for answer in answers] == [201] * POOL
    assert await pressed.connection.fetchval("SELECT count(*) FROM activity") == before + POOL
    assert await pressed.connection.fetchval(SESSIONS) == 0
    await asyncio.to_thread(pressed.served.start)
    await assert_well(pressed)


@pytest.mark.drill
async def test_who_never_finishes_a_request_is_waited_for_ten_seconds(pressed):
    async with pressed.wire() as (_, writer):
        writer.write(pressed.post(b"{", length=1000))
        await asyncio.sleep(0.5)
        began = time.perf_counter()
        await asyncio.to_thread(pressed.served.stop)
        assert time.perf_counter() - began < 13
    await asyncio.to_thread(pressed.served.start)
    await assert_well(pressed)
