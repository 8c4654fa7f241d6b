"""What the trust tests tell: how many cases they tried, by kind, and the figures of a drill."""

import faulthandler
from collections import Counter

import pytest

cases: Counter[str] = Counter()
"""How much was tried; the end of a test run tells it."""


FIGURES = "figures"


class Teller:
    """Adds figures to the report of a test (`tests.side_by_side` prints them)."""

    def __init__(self, item: pytest.Item) -> None:
        """Remember the test."""
        self._item = item

    def __call__(self, **figures: object) -> None:
        told = ", ".join(f"{name} {value}" for name, value in figures.items())
        self._item.user_properties.append((FIGURES, told))


def unhurried() -> None:
    """Says that this is a long drill and no test that hangs: it has a deadline of its own."""
    faulthandler.cancel_dump_traceback_later()


def p99(seconds: list[float]) -> float:
    """Gives what one of a hundred exceeded."""
    return sorted(seconds)[len(seconds) * 99 // 100]
