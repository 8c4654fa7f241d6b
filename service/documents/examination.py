"""What a file is, found out by another process: a hostile one spends that one's memory and time, not ours."""

from pathlib import Path
from typing import IO

import msgspec

from schema.vocabulary import MediaType
from service.kernel.apart import Apart
from service.kernel.problem import Fault

_EXAMINER = Path(__file__).with_name("examiner.py")
_SECONDS = 15
_KNOWN = frozenset(MediaType)
_REFUSALS = frozenset({"file_type_unknown", "file_has_macros", "file_damaged", "file_unpacks_too_much"})


class Verdict(msgspec.Struct, frozen=True):
    """What a file is, or why it is not taken."""

    media_type: MediaType | None
    faults: tuple[Fault, ...] = ()


class Examiner:
    """Tells what files are, by a program that sets itself limits."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._apart = Apart("-S", seconds=_SECONDS)

    async def examined(self, file: IO[bytes]) -> Verdict:
        """Return what the content of a file is."""
        file.seek(0)
        ended = await self._apart.run(_EXAMINER, file)
        return _verdict(ended.said.decode())


def _verdict(said: str) -> Verdict:
    if said in _KNOWN:
        return Verdict(MediaType(said))
    code, _, limit = said.partition(" ")
    if code not in _REFUSALS:
        code, limit = "file_unpacks_too_much", f"{_SECONDS} s"
    return Verdict(None, (Fault("/file", code, {"limit": limit, "expected": EXPECTED}),))


EXPECTED = "PDF, PNG, JPEG, WebP, XLSX, DOCX, CSV (UTF-8)"
"""What is taken, for people."""
