"""Keyset pages: one row more than asked tells whether there is a next page."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from service.access.call import Call

T = TypeVar("T")


class Counted(msgspec.Struct, frozen=True):
    """How many rows a list has."""

    total: int


def paged(
    call: Call, rows: Sequence[T], *, limit: int, position: Callable[[T], Sequence[object]]
) -> tuple[tuple[T, ...], str | None]:
    """Return the items of a page and the cursor of the next one, from up to `limit + 1` rows."""
    items = tuple(rows[:limit])
    cursor = call.cursor(position(items[-1])) if len(rows) > limit else None
    return items, cursor
