"""What a file is, found out by another process: a hostile one spends that one's memory and time, not ours."""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import IO

import msgspec

from schema.vocabulary import MediaType
from service.kernel.problem import Fault, unavailable

_EXAMINER = Path(__file__).with_name("examiner.py")
_SECONDS = 15
_WAIT_SECONDS = 10
_AT_ONCE = 2
_KNOWN = frozenset(MediaType)
_REFUSALS = frozenset({"file_type_unknown", "file_has_macros", "file_damaged", "file_unpacks_too_much"})


class Verdict(msgspec.Struct, frozen=True):
    """What a file is, or why it is not taken."""

    media_type: MediaType | None
    faults: tuple[Fault, ...] = ()


class Examiner:
    """Examines two files at once; more wait a while, then 503."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def examined(self, file: IO[bytes]) -> Verdict:
        """Return what the content of a file is."""
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise unavailable() from error
        try:
            return _verdict(await _said(file))
        finally:
            self._turns.release()


async def _said(file: IO[bytes]) -> str:
    """Return what the examiner says; nothing when it did not come to an end."""
    file.seek(0)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(_EXAMINER),
        stdin=file, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={},
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            out, _ = await process.communicate()
    except TimeoutError:
        return ""
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    return out.decode()


def _verdict(said: str) -> Verdict:
    if said in _KNOWN:
        return Verdict(MediaType(said))
    code, _, limit = said.partition(" ")
    if code not in _REFUSALS:
        code, limit = "file_unpacks_too_much", f"{_SECONDS} s"
    return Verdict(None, (Fault("/file", code, {"limit": limit, "expected": EXPECTED}),))


EXPECTED = "PDF, PNG, JPEG, WebP, XLSX, DOCX, CSV (UTF-8)"
"""What is taken, for people."""
