"""How far a long command has come: a bar on a terminal, nothing in a log."""

import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

_BAR = 24
_CLEAR = "\r\x1b[K"


class Step(NamedTuple):
    """So many parts `done` `of` so many, and what is being worked on."""

    done: int
    of: int
    what: str


@contextmanager
def shown() -> Generator[Callable[[Step], None]]:
    """Give what shows a step; at the end of the context the bar is taken away."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield _show
    finally:
        _write(_CLEAR)


def _show(step: Step) -> None:
    filled = _BAR * step.done // max(step.of, 1)
    line = f"[{'#' * filled}{' ' * (_BAR - filled)}] {step.done}/{step.of} {step.what}"
    _write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
