"""Passwords: argon2id off the event loop, one at a time per core, and refused early when too many wait.

Source: OWASP Password Storage Cheat Sheet (19 MiB, two passes, one lane).
"""

import asyncio
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from service.kernel.problem import unavailable

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

_MEMORY_KIB = 19_456
_PASSES = 2
_LANES = 1
_MOST_WAITING = 64


class Queue:
    """Threads that hash, and how many requests wait for them."""

    def __init__(self, limit: int) -> None:
        """Let `limit` requests wait or be hashed for at most."""
        self._limit = limit
        self._waiting = 0
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="argon2")

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Give what the work gives, done in a thread; 503 when the queue is full."""
        if self._waiting >= self._limit:
            raise unavailable()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1


queue = Queue(_MOST_WAITING)


async def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return await queue.run(_hash, password)


async def unguessable() -> str:
    """Return the hash of a password that nobody knows."""
    return await hashed(secrets.token_urlsafe(32))


async def verified(password: str, kept: str | None) -> bool:
    """Return whether a password is the one kept; without one it takes as long, and is not."""
    return await queue.run(_verify, password, kept)


def _hash(password: str) -> str:
    return _tools().hasher.hash(password)


def _verify(password: str, kept: str | None) -> bool:
    from argon2.exceptions import InvalidHashError, VerifyMismatchError  # noqa: PLC0415 - as in `_tools`.

    hasher, dummy = _tools()
    try:
        return hasher.verify(kept or dummy, password) and kept is not None
    except (VerifyMismatchError, InvalidHashError):  # What no password can be compared with opens to nobody.
        return False


class _Tools(NamedTuple):
    """The hasher, and the hash that the password of an unknown person is compared with."""

    hasher: "PasswordHasher"
    dummy: str


@cache
def _tools() -> _Tools:
    """Return both at once: the first request takes as long for a known person as for an unknown one."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - 30 ms that no start pays, only the first who signs in.

    hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
    return _Tools(hasher, hasher.hash(secrets.token_urlsafe(32)))
