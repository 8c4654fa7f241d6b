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
from tests.bench import bare_batch, bare_reads, bare_requests, bare_writes
from tests.bench.world import callers

_FIRST = (date(2199, 12, 31), UUID(int=(1 << 128) - 1))
_TAG_BYTES = 16
_encode = msgspec.json.Encoder().encode
_place = msgspec.json.Decoder(tuple[date, UUID]).decode
_id = msgspec.json.Decoder(tuple[UUID]).decode


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
        body = await _body(receive)
        status, reply = await _written(scope["path"], headers, body=body, caller=caller)
        await _answer(send, status, reply)


async def _body(receive) -> bytes:
    """Gives the whole body, which arrives in parts when it is large."""
    part = await receive()
    parts = [part["body"]]
    while part.get("more_body"):
        part = await receive()
        parts.append(part["body"])
    return b"".join(parts)


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
    query = dict(parse_qsl(scope["query_string"].decode()))
    if noun == "activities":
        return await _activities(query, caller)
    if noun == "data-requests":
        return await _queue(query, msgspec.structs.replace(caller, now=instants.now()))
    if len(rest) == 1:
        return await bare_reads.agreement(State.pool, rest[0], caller=caller)
    return await bare_reads.summary_of(State.pool, rest[0], caller=caller)


async def _activities(query: dict[str, str], caller: Caller) -> object:
    limit, agreement_id = int(query["limit"]), query.get("agreement_id")
    after = _place(_raw(query["cursor"])) if "cursor" in query else _FIRST
    page = await bare_reads.activities(State.pool, agreement_id, after=after, limit=limit, caller=caller)
    return _told(page, lambda last: (last.starts_on, last.id))


async def _queue(query: dict[str, str], caller: Caller) -> object:
    (after,) = _id(_raw(query["cursor"])) if "cursor" in query else _FIRST[1:]
    page = await bare_requests.queue(State.pool, after=after, limit=int(query["limit"]), caller=caller)
    return _told(page, lambda last: (last.id,))


def _raw(text: str) -> bytes:
    """Gives the position that a cursor holds."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))[_TAG_BYTES:]


def _told(page, position: Callable[[Any], tuple[object, ...]]) -> object:
    """Gives a page with a cursor as long as the service's, signed for nothing."""
    if page.next_cursor is None:
        return page
    following = cursor.sign(position(page.items[-1]), scope=b"", secret=b"")
    return msgspec.structs.replace(page, next_cursor=following)


async def _written(path: str, headers, *, body: bytes, caller: Caller) -> tuple[int, bytes]:
    caller = msgspec.structs.replace(caller, now=instants.now())
    if path == "/v1/activities":
        key = headers[b"idempotency-key"].decode()
        return 201, await bare_writes.opened(State.pool, body, key=key, caller=caller)
    if path == "/v1/activities/batch":
        return 200, await bare_batch.opened_all(State.pool, body, caller=caller)
    _, _, noun, subject_id, _ = path.split("/")
    moved = bare_writes.moved if noun == "activities" else bare_requests.moved
    expected = int(headers[b"if-match"].strip(b'"'))
    return 200, await moved(State.pool, subject_id, body=body, expected=expected, caller=caller)
