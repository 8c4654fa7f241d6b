"""Values a process keeps beside the stamp of what they were made from; who asks compares the stamps."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most `most` values; when there are more, all are forgotten.

    Nothing here tells whether a value is still true: who asks compares its stamp with the database's.
    """

    def __init__(self, most: int) -> None:
        """Remember nothing yet."""
        self._most = most
        self._kept: dict[K, tuple[str, V]] = {}

    def get(self, key: K) -> tuple[str, V] | None:
        """Return the stamp and the value of a key, or None."""
        return self._kept.get(key)

    def keep(self, key: K, stamp: str, *, value: V) -> None:
        """Remember a value; an empty stamp says nothing, so its value is not remembered."""
        if not stamp:
            return
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = (stamp, value)
