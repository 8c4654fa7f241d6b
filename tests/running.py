"""The service inside the test's own event loop: its lifespan runs, httpx talks to it without a socket.

Whatever it answers in any test is held against the OpenAPI document and searched for canaries.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import httpx

from service.app import application
from service.kernel import instants
from service.kernel.signing import kept_keys
from tests.canaries import strays
from tests.described import deviations
from tests.roles import settings_of


@asynccontextmanager
async def running(
    dsn: str, *, clock: Callable[[], datetime] = instants.now, **settings
) -> AsyncGenerator[httpx.AsyncClient]:
    """Gives a client of a running service on a database; no access log unless asked for."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "audit.key"
        kept_keys(key)
        usual = {"access_log": False, "pool_size": 4, "audit_key_file": str(key)}
        app = application(settings_of(dsn, **{**usual, **settings}), clock=clock)
    async with _lifespan(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://tenun.test", event_hooks={"response": [_as_it_should_be]}
        ) as client:
            yield client


async def _as_it_should_be(answer: httpx.Response) -> None:
    """Fails the test whose request was answered otherwise than described, or told of others' affairs."""
    await answer.aread()
    if found := [*deviations(answer), *strays(answer)]:
        raise AssertionError("; ".join(found))


@asynccontextmanager
async def _lifespan(app) -> AsyncGenerator[None]:
    incoming: asyncio.Queue = asyncio.Queue()
    outgoing: asyncio.Queue = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    message = await outgoing.get()
    assert message["type"] == "lifespan.startup.complete", message
    try:
        yield
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        await outgoing.get()
        await task
