"""The service inside this process: its lifespan runs, and requests reach it without a socket."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from service.demo.desk import Answer, Send

Application = Callable[[Any, Any, Any], Awaitable[None]]
Message = Mapping[str, Any]


class StartError(Exception):
    """The service could not be started; says why."""


@asynccontextmanager
async def inside(app: Application) -> AsyncGenerator[Send]:
    """Start an ASGI application, give what carries requests to it, and stop it in the end."""

    async def send(method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer:
        scope = _scope(method, path, headers=headers, length=len(body or b""))
        return await _answered(app, scope, body=body or b"")

    told, heard = asyncio.Queue[Message](), asyncio.Queue[Message]()
    life = asyncio.ensure_future(app({"type": "lifespan", "asgi": _ASGI, "state": {}}, told.get, heard.put))
    await told.put({"type": "lifespan.startup"})
    begun = await heard.get()
    if begun["type"] != "lifespan.startup.complete":
        raise StartError(begun.get("message", ""))
    try:
        yield send
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await life


_ASGI = {"version": "3.0", "spec_version": "2.3"}


def _scope(method: str, path: str, *, headers: Mapping[str, str], length: int) -> dict[str, Any]:
    named, _, query = path.partition("?")
    sent = {"host": "tenun.demo", "content-length": str(length), **headers}
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(named),
        "raw_path": named.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
    }


async def _answered(app: Application, scope: dict[str, Any], *, body: bytes) -> Answer:
    """Return the answer when it is whole."""
    parts: list[bytes] = []
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, b"".join(parts))
