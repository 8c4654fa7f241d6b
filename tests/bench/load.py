"""The load generators: wrk where it is installed, otherwise a small one on asyncio."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import msgspec

HOST = "127.0.0.1"
_LUA = Path(__file__).with_name("load.lua")
_GRACE_SECONDS = 20


class Entry(NamedTuple):
    """One place in a plan: requests that take turns, each whole or cut wherever a number stands."""

    cuts: tuple[tuple[bytes, ...], ...]
    first: int = 0

    def request(self, turn: int, step: int) -> bytes:
        """Gives the bytes of a turn."""
        return (b"%d" % (self.first + turn * step)).join(self.cuts[turn % len(self.cuts)])


class Plan(NamedTuple):
    """What to send: entries in order, over and over; the numbers of an entry rise by `step` each time."""

    entries: list[Entry]
    step: int = 1


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one run measured; percentiles in milliseconds."""

    requests: int
    seconds: float
    failures: int
    p50: float
    p99: float


Generator = Callable[..., Result]


def generator(name: str | None) -> tuple[str, Generator]:
    """Gives a generator and its name: the one asked for, else wrk when it is installed."""
    chosen = name or ("wrk" if shutil.which("wrk") else "asyncio")
    return chosen, by_wrk if chosen == "wrk" else by_asyncio


def by_wrk(plan: Plan, port: int, *, seconds: float, connections: int) -> Result:
    """Sends a plan with wrk on one thread."""
    with tempfile.NamedTemporaryFile(suffix=".lua") as file:
        file.write(_as_lua(plan))
        file.flush()
        # wrk takes whole seconds; shorter runs are for trying things out.
        length = max(1, round(seconds))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{length}s", "-s", str(_LUA), f"http://{HOST}:{port}"]
        done = subprocess.run(
            [*command, "--", file.name], capture_output=True, check=True, timeout=length + _GRACE_SECONDS
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith(b"RESULT "))
    return msgspec.json.decode(line.removeprefix(b"RESULT "), type=Result)


def _as_lua(plan: Plan) -> bytes:
    entries = b",\n".join(_lua_entry(entry) for entry in plan.entries)
    return b"return {step=%d, entries={\n%b\n}}\n" % (plan.step, entries)


def _lua_entry(entry: Entry) -> bytes:
    if len(entry.cuts) == len(entry.cuts[0]) == 1:
        return _quoted(entry.cuts[0][0])
    cuts = (b"{%b}" % b", ".join(_quoted(piece) for piece in cut) for cut in entry.cuts)
    return b"{first=%d, %b}" % (entry.first, b", ".join(cuts))


def _quoted(text: bytes) -> bytes:
    escapes = {b"\\": b"\\\\", b'"': b'\\"', b"\r": b"\\r", b"\n": b"\\n"}
    for plain, escaped in escapes.items():
        text = text.replace(plain, escaped)
    return b'"%b"' % text


def by_asyncio(plan: Plan, port: int, *, seconds: float, connections: int) -> Result:
    """Sends a plan from this process."""
    return asyncio.run(_sent(plan, port, seconds=seconds, connections=connections))


async def _sent(plan: Plan, port: int, *, seconds: float, connections: int) -> Result:
    requests = _requests(plan)
    started = perf_counter()
    times: list[float] = []
    statuses: list[int] = []
    workers = [
        _connection(requests, port, until=started + seconds, times=times, statuses=statuses)
        for _ in range(connections)
    ]
    await asyncio.wait_for(asyncio.gather(*workers), seconds + _GRACE_SECONDS)
    elapsed, ranked = perf_counter() - started, sorted(times) or [0.0]
    return Result(
        requests=len(times),
        seconds=elapsed,
        failures=sum(status > 399 for status in statuses),
        p50=ranked[len(ranked) // 2] * 1000,
        p99=ranked[len(ranked) * 99 // 100] * 1000,
    )


def _requests(plan: Plan):
    turn = 0
    while True:
        for entry in plan.entries:
            yield entry.request(turn, plan.step)
        turn += 1


async def _connection(requests, port: int, *, until: float, times: list[float], statuses: list[int]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        while (started := perf_counter()) < until:
            writer.write(next(requests))
            statuses.append((await answer(reader))[0])
            times.append(perf_counter() - started)
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Gives status and body of the next answer that says how long it is."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


def fetched(port: int, request: bytes) -> tuple[int, bytes]:
    """Gives status and body of one request on a connection of its own."""
    return asyncio.run(_fetched(port, request))


async def _fetched(port: int, request: bytes) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        return await asyncio.wait_for(answer(reader), 20)
    finally:
        writer.close()
