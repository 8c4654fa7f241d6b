"""Where an agreement stands on a day: its phase, from its state, its dates and its parent. Pure.

Several slices ask: what may be done to an agreement, or logged under it, depends on it. Nothing derived here
is ever stored: the same record read on another day, or after its parent changed, says something else.
"""

from datetime import date
from typing import Protocol
from uuid import UUID

import msgspec

from schema.vocabulary import AgreementKind, AgreementPhase, AgreementState, DateSource
from service.kernel.period import FIRST_DAY, OutOfCalendar, months_before

PREPARING = frozenset({AgreementState.DRAFT, AgreementState.IN_DISCUSSION, AgreementState.READY_TO_SIGN})
"""States in which nothing was signed yet."""

_DECIDED = {
    **dict.fromkeys(PREPARING, AgreementPhase.PREPARATION),
    AgreementState.SUSPENDED: AgreementPhase.SUSPENDED,
    AgreementState.CANCELLED: AgreementPhase.CANCELLED,
    AgreementState.CLOSED: AgreementPhase.CLOSED,
}


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The MoU a PKS is made under, as far as the PKS depends on it."""

    id: UUID
    version: int
    kind: AgreementKind
    state: AgreementState
    effective_from: date | None
    ends_on: date | None
    suspended_on: date | None
    terminated_on: date | None


class _Dated(Protocol):
    @property
    def state(self) -> AgreementState: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def suspended_on(self) -> date | None: ...
    @property
    def terminated_on(self) -> date | None: ...


class Standing(_Dated, Protocol):
    """What a phase is derived from; every struct with these fields will do."""

    @property
    def notice_months(self) -> int:
        """Months before the end in which it counts as expiring."""
        ...

    @property
    def survives_parent(self) -> bool:
        """Whether it may outlive its parent."""
        ...

    @property
    def parent(self) -> Parent | None:
        """The MoU it is made under."""
        ...


def phase_of(standing: Standing, today: date) -> AgreementPhase:
    """Return where an agreement stands on a day.

    A decision of persons comes first; a termination counts from its day on, until then the agreement goes
    on as it was. Then the calendar: expired (after the inclusive end), blocked_by_parent, upcoming,
    expiring, active. What has expired by its own end stays so whatever becomes of its parent. With no day
    known it is active.
    """
    return _decided(standing, today) or _by_calendar(standing, today)


def counted_from(standing: Standing) -> tuple[date | None, DateSource]:
    """Return the day agreement years are counted from, and whose day it is: its own, else its parent's."""
    if standing.effective_from is not None:
        return standing.effective_from, DateSource.OWN
    if standing.parent is not None and standing.parent.effective_from is not None:
        return standing.parent.effective_from, DateSource.PARENT
    return None, DateSource.UNKNOWN


def notice_on(standing: Standing) -> date | None:
    """Return the first day of the notice window; None when no end is known."""
    if standing.ends_on is None:
        return None
    try:
        return months_before(standing.ends_on, standing.notice_months)
    except OutOfCalendar:
        return FIRST_DAY


def ended(record: _Dated, today: date) -> bool:
    """Whether the inclusive last day has passed; an unknown end never has."""
    return record.ends_on is not None and record.ends_on < today


def blocked_from(standing: Standing) -> date | None:
    """Return the first day on which nothing may lie: it or its parent was suspended or terminated then."""
    both = (standing, standing.parent) if standing.parent is not None else (standing,)
    days = [day for record in both for day in (record.suspended_on, record.terminated_on) if day is not None]
    return min(days, default=None)


def _decided(record: _Dated, today: date) -> AgreementPhase | None:
    """Give the phase persons decided; None when the calendar decides."""
    if record.state is not AgreementState.TERMINATED:
        return _DECIDED.get(record.state)
    if record.terminated_on is None or record.terminated_on <= today:
        return AgreementPhase.TERMINATED
    return None if record.suspended_on is None else AgreementPhase.SUSPENDED


def _by_calendar(standing: Standing, today: date) -> AgreementPhase:
    if ended(standing, today):
        return AgreementPhase.EXPIRED
    if _blocked(standing, today):
        return AgreementPhase.BLOCKED_BY_PARENT
    start, _ = counted_from(standing)
    if start is not None and today < start:
        return AgreementPhase.UPCOMING
    notice = notice_on(standing)
    return AgreementPhase.ACTIVE if notice is None or today < notice else AgreementPhase.EXPIRING


def _blocked(standing: Standing, today: date) -> bool:
    parent = standing.parent
    if parent is None:
        return False
    decided = _decided(parent, today)
    if decided in {AgreementPhase.SUSPENDED, AgreementPhase.TERMINATED}:
        return True
    in_force = decided is None or decided is AgreementPhase.CLOSED
    return in_force and ended(parent, today) and not standing.survives_parent
