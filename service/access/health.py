"""How a milestone stands on a day: its health, from its state and its days alone. Pure.

    waived, cancelled   none
    met                 `met` when achieved by the due day, else `met_late`
    submitted           `late` when achieved after the due day; `at_risk` when the due day has passed and
                        nobody has verified it; else `due_soon`: the owner's part is done
    open, returned      `late` when the due day has passed; `at_risk` in its last 7 days, or when the day
                        first promised has passed; `due_soon` in its last 30 days, or once work on it was
                        returned; else `not_started`

The due day itself is in time. The SQL in `health_query` says the same; a test compares both on every
combination.
"""

from datetime import date
from typing import Protocol

from schema.vocabulary import MilestoneHealth, MilestoneState

SOON_DAYS, RISK_DAYS = 30, 7

_H, _S = MilestoneHealth, MilestoneState


class Promise(Protocol):
    """What a health is derived from; every struct with these fields will do."""

    @property
    def state(self) -> MilestoneState:
        """What persons decided."""
        ...

    @property
    def due_on(self) -> date:
        """Last day on which it is in time."""
        ...

    @property
    def baseline_due_on(self) -> date:
        """Due day as first promised."""
        ...

    @property
    def achieved_on(self) -> date | None:
        """Day it was achieved."""
        ...


def health_of(promise: Promise, today: date) -> MilestoneHealth | None:
    """Return how a milestone stands on a day; None when it is waived or cancelled."""
    match promise.state:
        case _S.WAIVED | _S.CANCELLED:
            return None
        case _S.MET:
            return _H.MET_LATE if _achieved_late(promise) else _H.MET
        case _S.SUBMITTED:
            return _of_submitted(promise, today)
        case _S.OPEN | _S.RETURNED:
            return _of_owed(promise, today)


def _achieved_late(promise: Promise) -> bool:
    return promise.achieved_on is not None and promise.achieved_on > promise.due_on


def _of_submitted(promise: Promise, today: date) -> MilestoneHealth:
    if _achieved_late(promise):
        return _H.LATE
    return _H.AT_RISK if promise.due_on < today else _H.DUE_SOON


def _of_owed(promise: Promise, today: date) -> MilestoneHealth:
    left = (promise.due_on - today).days
    if left < 0:
        return _H.LATE
    if left <= RISK_DAYS or promise.baseline_due_on < today:
        return _H.AT_RISK
    if left <= SOON_DAYS or promise.state is _S.RETURNED:
        return _H.DUE_SOON
    return _H.NOT_STARTED
