"""Where bytes lie: a folder or an S3 bucket, by keys; what was put is durable before `put` returns."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, ParamSpec, TypeVar, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store, from_url

from service.kernel.problem import unavailable

P = ParamSpec("P")
T = TypeVar("T")

_AT_ONCE = 8  # Calls on their way to the store; more wait for their turn.
_PIECE = 256 * 1024
_PART_OF_S3 = 5 * 1024 * 1024  # The least that it takes as a part of more.
_PART = 1024 * 1024  # Of a folder; each upload has a few on their way.
_PER_LISTING = 1000
_FAILURES = (BaseError, OSError)


KEPT_LOCK = 0x6265726B6173
"""The advisory lock of whoever needs that no bytes are deleted: "berkas" in ASCII."""


class StorageError(Exception):
    """An address of storage cannot be used; says why."""


class Storage:
    """A store of bytes under keys; a failure of it is answered with 503.

    Its calls block, each in a thread of its own: the awaitable ones of obstore come back in threads of Rust,
    and a process that ends while one does is aborted.
    """

    def __init__(self, url: str) -> None:
        """Open an address: `file:///folder`, which is made, `s3://bucket/prefix`, or `memory:///`.

        Credentials and region of S3 come from the usual AWS_ variables. Raises `StorageError`.
        """
        self._folder = Path(unquote(urlsplit(url).path)) if url.startswith("file:///") else None
        self._threads = ThreadPoolExecutor(_AT_ONCE, "storage")
        try:
            self._store = _opened(url, self._folder)
        except (*_FAILURES, ValueError) as error:
            raise StorageError(f"TENUN_STORAGE_URL cannot be used: {str(error).splitlines()[0]}") from error

    async def put(self, key: str, file: IO[bytes]) -> None:
        """Store a file from its beginning, in parts: it is never in memory as a whole."""
        await self._done(self._put, key, file)

    async def read(self, key: str, start: int, *, end: int) -> AsyncIterator[bytes]:
        """Return the bytes of a key from `start` to `end`, exclusive, piece by piece."""
        pieces = await self._done(self._stream, key, (start, end))
        return self._each(pieces)

    async def delete(self, key: str) -> None:
        """Delete the bytes of a key; deleting them twice does no harm."""
        await self._done(self._delete, key)

    async def keys(self, first: str, *, last: str) -> AsyncIterator[list[str]]:
        """Give the keys between two, a thousand at a time."""
        pages = obstore.list(self._store, offset=first, chunk_size=_PER_LISTING)  # pyright: ignore[reportUnknownMemberType]
        async for listed in self._each(pages):
            yield [meta["path"] for meta in listed if meta["path"] < last]

    async def discard_parts(self, last: str) -> None:
        """Delete from a folder what killed processes left of keys before `last`; S3 has a rule for that."""
        if self._folder is not None:
            await self._done(_sweep_parts, self._folder, last)

    async def _done(self, call: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Return what a call that blocks returns."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, partial(call, *args, **named))
        except _FAILURES as error:
            raise unavailable() from error

    async def _each(self, items: Iterator[T]) -> AsyncIterator[T]:
        while (item := await self._done(_next, items)) is not None:
            yield item

    def _put(self, key: str, file: IO[bytes]) -> None:
        file.seek(0)
        part = _PART_OF_S3 if self._folder is None else _PART
        obstore.put(self._store, key, file, chunk_size=part, max_concurrency=1)
        if self._folder is not None:
            _keep(self._folder / key)

    def _stream(self, key: str, span: tuple[int, int]) -> Iterator[bytes]:
        found = obstore.get(self._store, key, options={"range": span})
        return cast("Iterator[bytes]", found.stream(min_chunk_size=_PIECE))

    def _delete(self, key: str) -> None:
        with suppress(FileNotFoundError):
            obstore.delete(self._store, key)


def _next(items: Iterator[T]) -> T | None:
    """Return the next item; None at the end, because no future can raise StopIteration."""
    return next(items, None)


def _opened(url: str, folder: Path | None) -> ObjectStore:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(folder)
    if url.startswith("s3://"):
        return S3Store.from_url(
            url,
            # Whoever names a store of their own by http:// has decided that.
            client_options={"connect_timeout": "5s", "timeout": "60s", "allow_http": True},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )
    return from_url(url)


def _keep(path: Path) -> None:
    """Write a file and its name to the disk: a power failure after this takes neither."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep_parts(folder: Path, last: str) -> None:
    """Delete what a killed process left of a file it was writing: `key#1` beside the keys."""
    for part in folder.glob("*#*"):
        if part.name < last:
            part.unlink(missing_ok=True)
