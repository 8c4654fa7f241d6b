"""A report as PDF, set by another process: it can be ended, and what it spends is not ours."""

import asyncio
import contextlib
import importlib.util
import sys
from pathlib import Path

import msgspec

from service.kernel.problem import Problem, unavailable
from service.reports.blocks import Paper, unturned

_TYPESETTER = Path(__file__).with_name("typesetter.py")
_SECONDS = 20
_WAIT_SECONDS = 10
_AT_ONCE = 2

_encode = msgspec.json.Encoder().encode


class Press:
    """Sets two reports at once; more wait a while, then 503."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def printed(self, paper: Paper) -> bytes:
        """Return the PDF of a report; raise `pdf_not_installed` where the extra is not."""
        if not installed():
            raise Problem("pdf_not_installed")
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise unavailable() from error
        try:
            return await _set(unturned(_encode(paper).decode()).encode())
        finally:
            self._turns.release()


def installed() -> bool:
    """Whether the extra `pdf` is there."""
    return importlib.util.find_spec("typst") is not None


async def _set(paper: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(_TYPESETTER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # It would tell what partners wrote.
        env={},
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            pdf, _ = await process.communicate(paper)
            code = await process.wait()
    except TimeoutError as error:
        raise unavailable() from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if code < 0:  # The system ended it: a limit that it set itself, or no memory left.
        raise unavailable()
    if code:
        raise RuntimeError(f"the typesetter ended with {code}")
    return pdf
