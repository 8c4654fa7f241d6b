"""Programs of ours that run in a process of their own: what their input spends there is not ours."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import IO, NamedTuple

from service.kernel.problem import unavailable

_WAIT_SECONDS = 10
_AT_ONCE = 2


class Ended(NamedTuple):
    """How a program ended, and what it said; below zero the system ended it, and None: its time was over."""

    code: int | None
    said: bytes


class Apart:
    """Runs a program of Python twice at once; who comes then waits a while, then 503."""

    def __init__(self, *flags: str, seconds: float) -> None:
        """Start nothing yet; a run has so many seconds, and Python these flags besides `-I`."""
        self._flags = ("-I", *flags)
        self._seconds = seconds
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def run(self, program: Path, given: IO[bytes] | bytes) -> Ended:
        """Run a program on its standard input, without environment; its errors are told to nobody."""
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise unavailable() from error
        try:
            return await self._ended(program, given)
        finally:
            self._turns.release()

    async def _ended(self, program: Path, given: IO[bytes] | bytes) -> Ended:
        is_text = isinstance(given, bytes)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *self._flags, str(program),
            stdin=PIPE if is_text else given, stdout=PIPE, stderr=DEVNULL, env={},
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._seconds):
                said, _ = await process.communicate(given if is_text else None)
                return Ended(await process.wait(), said)
        except TimeoutError:
            return Ended(None, b"")
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
