"""The clock of a story: the days on which invented things happened."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

_MORNING = time(2, tzinfo=UTC)  # 10:00 in Kupang, 9:00 in Jakarta: the same day in all of Indonesia.


class Clock:
    """The clock of the machine, or a moment of the story that is being told.

    Only who composes a service with it can move it: nothing that is served ever goes by it.
    """

    def __init__(self, present: Callable[[], datetime]) -> None:
        """Go by `present` while no story is told."""
        self._present = present
        self._moment: datetime | None = None

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self._moment or self._present()

    @contextmanager
    def at(self, day: date | None, minute: int) -> Generator[None]:
        """Stand still in the morning of a day, so many minutes on; without a day, go on as ever."""
        if day is not None:
            self._moment = datetime.combine(day, _MORNING) + timedelta(minutes=minute)
        try:
            yield
        finally:
            self._moment = None
