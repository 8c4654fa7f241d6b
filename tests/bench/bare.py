"""The first comparator: one bare ASGI function, asyncpg and msgspec; no token, policy, log, metrics or ETag.

It answers the same bytes as the service. What is derived when read (phase, actions, warnings, figures of a
summary) it makes with the service's own pure functions, so that both pay the same for it. It takes its two
callers from a dictionary and checks no cursor.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import asyncpg
import msgspec

from service import settings
from service.access.principal import Caller
from service.kernel import cursor, instants
from tests.bench import bare_reads, bare_writes
from tests.bench.world import callers

_FIRST = (date(2199, 12, 31), UUID(int=(1 << 128) - 1))
_TAG_BYTES = 16
_encode = msgspec.json.Encoder().encode
_position = msgspec.json.Decoder(tuple[date, UUID]).decode


class State:
    """What the one process holds."""

    pool: asyncpg.Pool
    callers: dict[bytes, Caller]


def create() -> Callable[..., Any]:
    """Gives the application; its pool is opened when the server starts."""
    return application


async def application(scope, receive, send) -> None:
    """Answers one request."""
    if scope["type"] == "lifespan":
        await _lived(receive, send)
        return
    if scope["path"] == "/healthz":
        await _answer(send, 200, b"{}")
        return
    headers = dict(scope["headers"])
    caller = State.callers[headers[b"authorization"]]
    if scope["method"] == "GET":
        await _answer(send, 200, _encode(await _read(scope, caller)))
    else:
        body = (await receive())["body"]
        status, reply = await _written(scope["path"], headers, body=body, caller=caller)
        await _answer(send, status, reply)


async def _lived(receive, send) -> None:
    await receive()
    given = settings.load()
    now = instants.now()
    State.callers = callers(now)
    # As in the service, no session state is left behind, so nothing is reset when a connection is given back.
    State.pool = await asyncpg.create_pool(
        given.database_url, min_size=given.pool_size, max_size=given.pool_size, reset=_keep
    )
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await State.pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _keep(_: asyncpg.Connection) -> None:
    pass


async def _answer(send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _read(scope, caller: Caller) -> object:
    _, _, noun, *rest = scope["path"].split("/")
    if noun == "activities":
        return await _page(scope["query_string"], caller)
    if len(rest) == 1:
        return await bare_reads.agreement(State.pool, rest[0], caller=caller)
    return await bare_reads.summary_of(State.pool, rest[0], caller=caller)


async def _page(query_string: bytes, caller: Caller) -> object:
    query = dict(parse_qsl(query_string.decode()))
    after, limit = _FIRST, int(query["limit"])
    if "cursor" in query:
        text = query["cursor"]
        after = _position(urlsafe_b64decode(text + "=" * (-len(text) % 4))[_TAG_BYTES:])
    page = await bare_reads.activities(
        State.pool, query.get("agreement_id"), after=after, limit=limit, caller=caller
    )
    return msgspec.structs.replace(page, next_cursor=_next(page, limit))


def _next(page, limit: int) -> str | None:
    """Gives a cursor as long as the service's, signed for nothing."""
    if page.next_cursor is None:
        return None
    last = page.items[limit - 1]
    return cursor.sign((last.starts_on, last.id), scope=b"", secret=b"")


async def _written(path: str, headers, *, body: bytes, caller: Caller) -> tuple[int, bytes]:
    caller = msgspec.structs.replace(caller, now=instants.now())
    if path == "/v1/activities":
        key = headers[b"idempotency-key"].decode()
        return 201, await bare_writes.opened(State.pool, body, key=key, caller=caller)
    activity_id, expected = path.split("/")[3], int(headers[b"if-match"].strip(b'"'))
    return 200, await bare_writes.moved(State.pool, activity_id, body=body, expected=expected, caller=caller)
