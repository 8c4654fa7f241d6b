"""Two services on one database are restarted one after the other under load, and no request fails.

Clients know both addresses. Where one refuses the connection or ends it unanswered, they send the same
request under the same key to the other; whatever is answered must be a success.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from itertools import count
from typing import NamedTuple

import asyncpg
import httpx
import pytest

from tests.actors import Actor
from tests.api import Api
from tests.partners import held, id_of, in_force, make_partners, mou
from tests.running import running
from tests.trust.pressed import ACTIVITIES, serving
from tests.trust.served import Served
from tests.trust.tally import unhurried

CLIENTS = 8
PAUSE = 0.02
STOPPED = 10.0
TITLES = "SELECT title FROM activity WHERE agreement_id = $1"


class Pair(NamedTuple):
    """Two services, somebody who may write, and the database behind."""

    services: tuple[Served, Served]
    by: Actor
    pact: str
    connection: asyncpg.Connection


@pytest.fixture(scope="module")
async def pair(new_database, tmp_path_factory) -> AsyncGenerator[Pair]:
    folder = tmp_path_factory.mktemp("served")
    async with new_database() as dsn, AsyncExitStack() as stack:
        connection = await asyncpg.connect(dsn)
        stack.push_async_callback(connection.close)
        async with running(dsn) as client:
            api = Api(client, connection)
            partners = await make_partners(api)
            pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
        first, second = [
            await stack.enter_async_context(serving(dsn, folder / name)) for name in ("first", "second")
        ]
        yield Pair((first, second), partners.icw, pact, connection)


class Clients:
    """Clients that read and write in turn, and remember what they heard."""

    def __init__(self, pair: Pair) -> None:
        """Remember whom they ask."""
        self.heard: Counter[str] = Counter()
        self.failed: list[str] = []
        self.written: list[str] = []
        self.slowest = 0.0
        self.over = asyncio.Event()
        self._pair = pair
        self._numbers = count()

    async def work(self) -> None:
        """Reads and writes until it is over."""
        async with httpx.AsyncClient(headers=self._pair.by.headers, timeout=10) as client:
            while not self.over.is_set():
                title = f"Kegiatan {next(self._numbers)}"
                body = held(self._pair.pact, title=title)
                await self._done(client, "POST", json=body, headers={"idempotency-key": title})
                self.written.append(title)
                await self._done(client, "GET")
                await asyncio.sleep(random.uniform(0, 2 * PAUSE))

    async def _done(self, client: httpx.AsyncClient, method: str, **request) -> None:
        """Sends a request to one service, and where the connection breaks to the other."""
        began = time.perf_counter()
        for served in random.sample(self._pair.services, 2):
            try:
                answer = await client.request(method, f"{served.address}{ACTIVITIES}", **request)
            except httpx.TransportError as error:
                self.heard[type(error).__name__] += 1
                continue
            self.heard[f"{method} {answer.status_code}"] += 1
            self.slowest = max(self.slowest, time.perf_counter() - began)
            if answer.is_success:
                return
            break
        self.failed.append(f"{method} {request}")


@pytest.mark.parametrize(
    "rounds", [pytest.param(1, id="short"), pytest.param(8, id="full", marks=pytest.mark.drill)]
)
async def test_a_rolling_restart_fails_no_request(pair, tell, rounds):
    unhurried()
    clients = Clients(pair)
    await pair.connection.execute("DELETE FROM idempotency_key")  # The rounds before used the same keys.
    before = Counter(await titles(pair))
    longest = 0.0
    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(clients.work())
        for served in pair.services * rounds:
            await asyncio.sleep(0.5)
            began = time.perf_counter()
            assert await asyncio.to_thread(served.stop) == 0
            longest = max(longest, time.perf_counter() - began)
            await asyncio.to_thread(served.start)
        await asyncio.sleep(0.5)
        clients.over.set()
    tell(
        restarts=2 * rounds,
        requests=2 * len(clients.written),
        failed=len(clients.failed),
        heard=dict(clients.heard),
        slowest=f"{clients.slowest:.2f} s",
        longest_stop=f"{longest:.1f} s",
    )
    assert clients.failed == []
    assert Counter(await titles(pair)) - before == Counter(clients.written)
    assert longest < STOPPED


async def titles(pair: Pair) -> list[str]:
    return [row[0] for row in await pair.connection.fetch(TITLES, id_of(pair.pact))]
