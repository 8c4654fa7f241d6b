"""A file as an answer: whole, one range of it (RFC 9110 §14), or 304; a browser saves it, opens nothing."""

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import msgspec

from service.kernel.answers import matches
from service.kernel.http import Answer, Receive, Scope, Send
from service.kernel.problem import Problem

Read = Callable[[int, int], Awaitable[AsyncIterator[bytes]]]
"""Gives the bytes from a place to another one, exclusive."""

log = logging.getLogger("tenun")

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9 ._()-]")
_TEXTS = "text/"


class File(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent; `tag` names the bytes and nothing else."""

    name: str
    media_type: str
    size: int
    tag: str
    read: Read


class Asked(Protocol):
    """What of a file is asked for."""

    @property
    def none_match(self) -> str | None:
        """If-None-Match."""
        ...

    @property
    def byte_range(self) -> str | None:
        """Range."""
        ...

    @property
    def if_range(self) -> str | None:
        """If-Range."""
        ...

    @property
    def head(self) -> bool:
        """Whether the headers are enough."""
        ...


class _Sent(Answer):
    """An answer whose body comes piece by piece."""

    __slots__ = ("_length", "_pieces")

    def __init__(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        *,
        pieces: AsyncIterator[bytes] | None,
        length: int,
    ) -> None:
        super().__init__(status, headers)
        self.headers = [*headers, (b"content-length", b"%d" % length)]
        self._pieces = pieces
        self._length = length

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        try:
            if self._pieces is not None:
                async for piece in self._pieces:
                    await send({"type": "http.response.body", "body": bytes(piece), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except Problem as problem:
            # The server closes the connection, and the client sees that bytes it was promised are missing.
            log.warning("a download broke off: %s", problem.code)


async def file_answer(file: File, asked: Asked) -> Answer:
    """Return the answer that sends a file, or the part of it that is asked for.

    Raises `range_not_satisfiable` for a range that begins behind its end.
    """
    headers = _headers(file)
    if matches(asked.none_match, file.tag):
        return Answer(HTTPStatus.NOT_MODIFIED, headers)
    wanted = None if asked.if_range not in {None, file.tag} else _range(asked.byte_range, file.size)
    start, end = wanted or (0, file.size)
    if wanted is not None:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, file.size)))
    status = HTTPStatus.OK if wanted is None else HTTPStatus.PARTIAL_CONTENT
    pieces = None if asked.head else await file.read(start, end)
    return _Sent(status, headers, pieces=pieces, length=end - start)


def _range(text: str | None, size: int) -> tuple[int, int] | None:
    """Return the bytes of a Range header, the end exclusive; None for one that says nothing we serve."""
    found = _RANGE.fullmatch((text or "").strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(size - int(suffix), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= size:
        raise Problem("range_not_satisfiable", headers={"content-range": f"bytes */{size}"}, size=size)
    return start, end


def _headers(file: File) -> list[tuple[bytes, bytes]]:
    kind = f"{file.media_type}; charset=utf-8" if file.media_type.startswith(_TEXTS) else file.media_type
    return [
        (b"content-type", kind.encode()),
        (b"content-disposition", disposition(file.name).encode()),
        (b"content-security-policy", b"sandbox; default-src 'none'"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", b"private, no-store"),
        (b"vary", b"Authorization"),
        (b"etag", file.tag.encode()),
    ]


def disposition(name: str) -> str:
    """Return the header that saves a file under its name: plain for old clients, whole for all others."""
    return f"attachment; filename=\"{_UNSAFE.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
