"""A bounded queue on which nobody ever waits to put a thing: what does not fit is dropped, and counted."""

import asyncio
from typing import Generic, TypeVar

from service.kernel.metrics import count_dropped

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Things that may be lost, for one task that takes them in batches."""

    def __init__(self, name: str, *, size: int) -> None:
        """Name it for the metrics, and say how much it holds."""
        self._name = name
        self._queue: asyncio.Queue[T] = asyncio.Queue(size)

    def post(self, thing: T) -> None:
        """Put a thing in, or drop it when there is no room."""
        try:
            self._queue.put_nowait(thing)
        except asyncio.QueueFull:
            count_dropped(self._name)

    async def batch(self, *, most: int, gather_seconds: float) -> list[T]:
        """Return what came until a while after the first thing, oldest first."""
        things = [await self._queue.get()]
        await asyncio.sleep(gather_seconds)
        while len(things) < most and not self._queue.empty():
            things.append(self._queue.get_nowait())
        return things
