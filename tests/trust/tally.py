"""What the trust tests tell: how many cases they tried, by kind, and the figures of a drill."""

import faulthandler
import sys
from collections import Counter

import pytest

cases: Counter[str] = Counter()
"""How much was tried; the end of a test run tells it."""


class Teller:
    """Prints the figures of a drill at once, whether it fails afterwards or not."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Keep what captures the output of tests."""
        self._capsys = capsys

    def __call__(self, **figures: object) -> None:
        with self._capsys.disabled():
            sys.stdout.write("\n" + ", ".join(f"{name} {value}" for name, value in figures.items()) + "\n")


def unhurried() -> None:
    """Says that this is a long drill and no test that hangs: it has a deadline of its own."""
    faulthandler.cancel_dump_traceback_later()


def p99(seconds: list[float]) -> float:
    """Gives what one of a hundred exceeded."""
    return sorted(seconds)[len(seconds) * 99 // 100]
