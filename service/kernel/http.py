"""Bytes in, bytes out: headers, bodies within limits, answers with their validators."""

import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any

import msgspec

from schema.vocabulary import Language
from service.kernel.problem import Problem

Scope = Mapping[str, Any]
"""What is known of a request; only the edge writes into it."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
# Servers and frameworks each declare the same messages by types of their own, so none fits all of them.
Send = Callable[[Any], Awaitable[None]]

PROBLEM_TYPE = "application/problem+json"
_VARY = (b"vary", b"Accept, Accept-Language, Authorization")


class Answer:
    """An answer ready to be sent; an ASGI application of its own."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Iterable[tuple[bytes, bytes]], *, body: bytes = b"") -> None:
        """Keep status, headers and body; Content-Length is added unless the status forbids a body."""
        self.status = status
        self.body = body
        self.headers = list(headers)
        if status not in {204, 304}:
            self.headers.append((b"content-length", b"%d" % len(body)))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


class Disconnected(Exception):  # noqa: N818 - not an error of anybody: the client went away.
    """The client closed the connection before its body had arrived."""


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header, or None; a repeated one counts once, as its first value."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return None


async def read_body(scope: Scope, receive: Receive, *, limit: int) -> bytes:
    """Return the whole body; raise as `chunks_of`."""
    return b"".join([part async for part in chunks_of(scope, receive, limit=limit)])


async def chunks_of(scope: Scope, receive: Receive, *, limit: int) -> AsyncGenerator[bytes]:
    """Give the body as it arrives.

    Raises `body_too_large` as soon as it is known, declared or received.
    """
    declared = header(scope, b"content-length")
    if declared is not None and declared.isascii() and declared.isdigit() and int(declared[:18]) > limit:
        raise Problem("body_too_large", limit=limit)
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise Problem("body_too_large", limit=limit)
        yield part
        if not message.get("more_body", False):
            return


def require_json(scope: Scope) -> None:
    """Raise `unsupported_media_type` unless the body is said to be plain JSON in UTF-8."""
    name, parameters = content_type(scope)
    charset = parameters.replace(" ", "").replace('"', "").lower()
    if name != "application/json" or charset not in {"", "charset=utf-8"}:
        raise Problem("unsupported_media_type", expected="Content-Type: application/json")
    refuse_encoded(scope)


def content_type(scope: Scope) -> tuple[str, str]:
    """Return the media type a body is said to have, in small letters, and its parameters as they are."""
    name, _, parameters = (header(scope, b"content-type") or "").partition(";")
    return name.strip().lower(), parameters


def refuse_encoded(scope: Scope) -> None:
    """Raise `unsupported_media_type` for a compressed body."""
    encoding = (header(scope, b"content-encoding") or "identity").strip().lower()
    if encoding != "identity":
        raise Problem("unsupported_media_type", expected="Content-Encoding: identity")


def entity_tag(version: int, body: bytes) -> str:
    """Return a strong ETag: the version, then a checksum of all else the answer depends on."""
    return f'"{version}-{zlib.crc32(body):08x}"'


def json_headers(
    language: Language, *, private: bool, kind: str = "application/json"
) -> list[tuple[bytes, bytes]]:
    """Return the headers every JSON answer has."""
    return [
        (b"content-type", kind.encode()),
        (b"content-language", language.value.encode()),
        (b"cache-control", b"private, no-store" if private else b"private, no-cache"),
        _VARY,
    ]


def problem_answer(problem: Problem, *, language: Language, instance: str) -> Answer:
    """Return the answer that tells a problem in one language."""
    headers = json_headers(language, private=True, kind=PROBLEM_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b'Bearer realm="tenun"'))
    headers += [(name.encode(), value.encode()) for name, value in problem.headers.items()]
    body = msgspec.json.encode(problem.render(language, instance))
    return Answer(problem.status, headers, body=body)
