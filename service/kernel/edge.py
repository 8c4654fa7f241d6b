"""The outermost layer: request id, HEAD and OPTIONS, bounds on what runs and on slow bodies, timing, log."""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec

from service.kernel import instants
from service.kernel.database import database_seconds
from service.kernel.http import Answer, Message, Receive, Scope, Send, header, problem_answer
from service.kernel.ids import uuid7
from service.kernel.metrics import observe
from service.kernel.negotiate import language_of
from service.kernel.problem import Problem, unavailable

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_PROBES = {"/healthz", "/readyz", "/metrics"}
_STDERR = 2
_BYTES_A_SECOND = 64 * 1024  # Whoever sends this fast is not slow, however much it is.

log = logging.getLogger("tenun.access")

# Each framework declares the three arguments of ASGI by types of its own.
Application = Callable[[Any, Any, Any], Awaitable[None]]
OwnScope = MutableMapping[str, Any]
"""The scope as the server made it: what is found out on the way is written into it."""


class Exchange(msgspec.Struct):
    """What is known of a request while it runs; its log line names the organization, and never the person."""

    request_id: str
    operation: str = "unrouted"
    organization_id: UUID | None = None
    user_id: UUID | None = None
    status: int = 500
    head: bool = False


class Line(msgspec.Struct, omit_defaults=True):
    """One line of the access log; no names, addresses, tokens or parameters."""

    at: datetime
    request_id: str
    method: str
    operation: str
    status: int
    ms: float
    db_ms: float
    organization_id: UUID | None = None


_encode = msgspec.json.Encoder().encode


class Edge:
    """An ASGI application around another one."""

    def __init__(
        self,
        app: Application,
        *,
        allowed: Callable[[str], str | None],
        limit: int,
        body_seconds: float,
        logged: bool,
    ) -> None:
        """Wrap `app`; `allowed` gives the methods of a path, None where there is nothing."""
        self._app = app
        self._allowed = allowed
        self._limit = limit
        self._body_seconds = body_seconds
        self._logged = logged
        self._running = 0

    async def __call__(self, scope: OwnScope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._running += 1
        try:
            await self._exchange(scope, receive, send)
        finally:
            self._running -= 1

    async def _exchange(self, scope: OwnScope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        spent = [0.0]
        database_seconds.set(spent)
        exchange = Exchange(request_id=_request_id(scope))
        scope["exchange"] = exchange
        method: str = scope["method"]

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                _stamp(message, exchange, app=perf_counter() - started, db=spent[0])
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._respond(scope, receive, timed)
        finally:
            seconds = perf_counter() - started
            observe(method, exchange.operation, status=exchange.status, seconds=seconds)
            if self._logged and scope["path"] not in _PROBES:
                _write(_line(exchange, method, seconds=seconds, spent=spent[0]))

    async def _respond(self, scope: OwnScope, receive: Receive, send: Send) -> None:
        allowed = self._allowed(scope["path"]) if scope["method"] == "OPTIONS" else None
        if allowed is not None:
            await Answer(204, [(b"allow", allowed.encode())])(scope, receive, send)
        elif self._running > self._limit and scope["path"] not in _PROBES:
            language = language_of(header(scope, b"accept-language"))
            instance = scope["exchange"].request_id
            await problem_answer(unavailable(), language=language, instance=instance)(scope, receive, send)
        else:
            if scope["method"] == "HEAD":
                scope["exchange"].head = True
                scope["method"] = "GET"
            await self._app(scope, self._awaited(receive), send)

    def _awaited(self, receive: Receive) -> Receive:
        """Return `receive` for the application: a request does not run while its body is on the way.

        So whoever sends slowly takes no place of others. Raises `body_too_slow` when the whole has not
        arrived in time, which is longer for a large one, and 503 when it arrives where too many run already.
        """
        latest: float | None = None

        async def received() -> Mapping[str, Any]:
            nonlocal latest
            latest = latest or asyncio.get_running_loop().time() + self._body_seconds
            self._running -= 1
            try:
                async with asyncio.timeout_at(latest):
                    message = await receive()
            except TimeoutError as error:
                # What is left of the body would be read as the next request.
                headers = {"connection": "close"}
                raise Problem("body_too_slow", headers=headers, seconds=self._body_seconds) from error
            finally:
                self._running += 1
            if self._running > self._limit:
                raise unavailable()
            latest += len(message.get("body", b"")) / _BYTES_A_SECOND
            return message

        return received


def _request_id(scope: Scope) -> str:
    given = header(scope, b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return str(uuid7(instants.now()))


def _stamp(message: Message, exchange: Exchange, *, app: float, db: float) -> None:
    headers = message["headers"] = list(message["headers"])
    headers.append((b"x-request-id", exchange.request_id.encode()))
    headers.append((b"server-timing", b"app;dur=%.1f, db;dur=%.1f" % (app * 1000, db * 1000)))
    headers.append((b"x-content-type-options", b"nosniff"))


def _line(exchange: Exchange, method: str, *, seconds: float, spent: float) -> bytes:
    line = Line(
        at=instants.now(),
        request_id=exchange.request_id,
        method=method,
        operation=exchange.operation,
        status=exchange.status,
        ms=round(seconds * 1000, 1),
        db_ms=round(spent * 1000, 1),
        organization_id=exchange.organization_id,
    )
    return _encode(line) + b"\n"


def _write(line: bytes) -> None:
    try:
        os.write(_STDERR, line)
    except OSError:
        log.debug("standard error is closed")
