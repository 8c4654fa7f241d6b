"""A service in its own process on a real socket, for tests that press it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
import httpx

from tests.actors import Actor
from tests.api import Api
from tests.conftest import NewDatabase
from tests.partners import held, id_of, in_force, make_partners, mou
from tests.roles import environment_of
from tests.running import running
from tests.trust.served import Served

ACTIVITIES = "/v1/activities"
LIMIT, POOL = 20, 4
SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'tenun' AND usename = 'tenun_app'"
)
_HOLD = "SELECT FROM audit_head WHERE stream = $1 FOR UPDATE"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Pressed(NamedTuple):
    """A service in its own process, somebody who may write, and a connection to hold up their writes."""

    served: Served
    by: Actor
    pact: str
    connection: asyncpg.Connection

    def client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        return httpx.AsyncClient(
            base_url=self.served.address, headers=self.by.headers, limits=limits, timeout=20
        )

    @asynccontextmanager
    async def held_up(self) -> AsyncGenerator[None]:
        """Lets every write of the agreement wait until the end of the context."""
        async with self.connection.transaction():
            await self.connection.execute(_HOLD, id_of(self.pact))
            yield

    def body(self, **values: object) -> dict[str, object]:
        return held(self.pact, **values)

    @asynccontextmanager
    async def wire(self) -> AsyncGenerator[Streams]:
        """Gives a connection, broken at the end of the context."""
        host, _, port = self.served.address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def head(self, method: str, path: str, *lines: str) -> bytes:
        """Gives the bytes of a request by somebody who may, up to its body."""
        first = (f"{method} {path} HTTP/1.1", "host: tenun")
        token = f"authorization: {self.by.headers['authorization']}"
        return "\r\n".join((*first, token, *lines, "", "")).encode()

    def post(self, body: bytes, *lines: str, length: int | None = None) -> bytes:
        """Gives the bytes of a write; it may promise more than it sends."""
        size = len(body) if length is None else length
        kind = "content-type: application/json"
        return self.head("POST", ACTIVITIES, kind, f"content-length: {size}", *lines) + body


@asynccontextmanager
async def pressing(new_database: NewDatabase, folder: Path, **settings: str) -> AsyncGenerator[Pressed]:
    """Gives a service with few places and connections, on a database of its own."""
    async with new_database() as dsn:
        connection = await asyncpg.connect(dsn)
        async with running(dsn) as client:
            api = Api(client, connection)
            partners = await make_partners(api)
            pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
            await api.create(ACTIVITIES, partners.icw, body=held(pact))
        small = {"request_limit": str(LIMIT), "pool_size": str(POOL)}
        try:
            async with serving(dsn, folder, **small | settings) as served:
                yield Pressed(served, partners.icw, pact, connection)
        finally:
            await connection.close()


@asynccontextmanager
async def serving(dsn: str, folder: Path, **settings: str) -> AsyncGenerator[Served]:
    """Gives a service that runs on a database in a process of its own."""
    given = {f"TENUN_{name.upper()}": value for name, value in {"access_log": "false", **settings}.items()}
    served = Served(folder, environment_of(dsn) | given)
    try:
        await asyncio.to_thread(served.start)
        yield served
    finally:
        await asyncio.to_thread(served.end)


async def timed(client: httpx.AsyncClient, path: str) -> tuple[int, float]:
    """Gives the status of an answer and the seconds it took."""
    began = time.perf_counter()
    answer = await client.get(path)
    return answer.status_code, time.perf_counter() - began


async def assert_well(pressed: Pressed) -> None:
    """Fails unless as many requests as there may be are answered, on no more connections than allowed."""
    async with pressed.client() as client:
        answers = await asyncio.gather(*(client.get(ACTIVITIES) for _ in range(LIMIT)))
    assert [answer.status_code for answer in answers] == [200] * LIMIT
    assert await pressed.connection.fetchval(SESSIONS) <= POOL
