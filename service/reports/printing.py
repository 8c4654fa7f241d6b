"""A report as PDF, set by another process: it can be ended, and what it spends is not ours."""

import importlib.util
from pathlib import Path

import msgspec

from service.kernel.apart import Apart
from service.kernel.problem import Problem, unavailable
from service.reports.blocks import Paper, unturned

_TYPESETTER = Path(__file__).with_name("typesetter.py")
_SECONDS = 20

_encode = msgspec.json.Encoder().encode


class Press:
    """Sets reports, by a program that sets itself limits."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._apart = Apart(seconds=_SECONDS)

    async def printed(self, paper: Paper) -> bytes:
        """Return the PDF of a report; raise `pdf_not_installed` where the extra is not."""
        if not installed():
            raise Problem("pdf_not_installed")
        code, pdf = await self._apart.run(_TYPESETTER, unturned(_encode(paper).decode()).encode())
        if code is None or code < 0:  # Its time was over, a limit that it set itself, or no memory was left.
            raise unavailable()
        if code:
            raise RuntimeError(f"the typesetter ended with {code}")
        return pdf


def installed() -> bool:
    """Whether the extra `pdf` is there."""
    return importlib.util.find_spec("typst") is not None
