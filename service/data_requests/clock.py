"""The clock of a data request: working days after receipt, standing still between question and answer. Pure.

The day of a question still counts, because the holder had the request on it. The day of the answer does not,
as the day of receipt does not. So a question that is answered on its own day moves nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from schema.wire.data_requests import Clock, ClockDay, Exchange
from service.data_requests.records import ClockPolicy, Stored
from service.kernel.clock import EVERY_YEAR, Calendar, next_day, reason_shut, without_joint_leave

PAUSED = "paused"
_BLOCK = 5
_REMEMBERED = 2_000
"""Clocks a process remembers: requests of one day mostly have the same."""


class Pause(msgspec.Struct, frozen=True):
    """From the day after a question up to the day of its answer; None: there is none yet."""

    asked_on: date
    answered_on: date | None


class Explained(msgspec.Struct, frozen=True):
    """The due day with every day on the way; None while the clock stands still before it is reached."""

    due_on: date | None
    days: tuple[ClockDay, ...]


@lru_cache(maxsize=_REMEMBERED)
def explained(received_on: date, count: int, *, pauses: tuple[Pause, ...], calendar: Calendar) -> Explained:
    """Return the day on which `count` days have been counted after the day of receipt, day by day."""
    on, number, days = received_on, 0, list[ClockDay]()
    while number < count:
        if any(pause.answered_on is None and on >= pause.asked_on for pause in pauses):
            return Explained(None, tuple(days))
        on = next_day(on, calendar)
        reason = _reason(on, pauses, calendar=calendar)
        number += reason is None
        days.append(ClockDay(on=on, counted=number if reason is None else None, reason=reason))
    return Explained(on, tuple(days))


def taken(received_on: date, until: date, *, pauses: Sequence[Pause], calendar: Calendar) -> int:
    """Return how many days count after the day of receipt, up to a day."""
    days = (received_on + timedelta(days=step) for step in range(1, (until - received_on).days + 1))
    return sum(_reason(on, pauses, calendar=calendar) is None for on in days)


def due_on(stored: Stored, calendar: Calendar) -> date | None:
    """Return the due day of a request that was handed in; None while its clock stands still."""
    assert stored.received_on is not None  # noqa: S101 - its caller handed it in.
    assert stored.policy is not None  # noqa: S101 - as above.
    return explained(
        stored.received_on,
        days_of(stored, stored.policy),
        pauses=pauses_of(stored.exchanges),
        calendar=observed(stored.policy, calendar),
    ).due_on


def clock_of(stored: Stored, calendar: Calendar) -> Clock | None:
    """Return how the due day was computed; None before the request was handed in."""
    if stored.received_on is None or stored.policy is None:
        return None
    policy, used = stored.policy, observed(stored.policy, calendar)
    pauses = pauses_of(stored.exchanges)
    told = explained(stored.received_on, days_of(stored, policy), pauses=pauses, calendar=used)
    last = told.due_on or (told.days[-1].on if told.days else stored.received_on)
    years = range(stored.received_on.year, last.year + 1)
    return Clock(
        policy=policy.name,
        received_on=stored.received_on,
        answer_days=policy.answer_days,
        extension_days=policy.extension_days if stored.extended_on else 0,
        joint_leave=policy.joint_leave,
        paused=told.due_on is None,
        due_on=told.due_on,
        days=told.days,
        calendar_version=used.version,
        estimated=not used.estimated_years.isdisjoint(years),
    )


def days_of(stored: Stored, policy: ClockPolicy) -> int:
    """Return the working days there are to decide in."""
    return policy.answer_days + (policy.extension_days if stored.extended_on else 0)


def pauses_of(exchanges: Sequence[Exchange]) -> tuple[Pause, ...]:
    """Return when the clock stood still."""
    return tuple(Pause(each.asked_on, each.answered_on) for each in exchanges)


def observed(policy: ClockPolicy, calendar: Calendar) -> Calendar:
    """Return the calendar by which the holder is shut."""
    return calendar if policy.joint_leave else without_joint_leave(calendar)


def years_from(first: date, last: date) -> range:
    """Return the years of a calendar that is enough for a clock between two days.

    They begin and end in whole blocks, so that few calendars serve all requests.
    """
    start = first.year // _BLOCK * _BLOCK
    stop = last.year // _BLOCK * _BLOCK + 2 * _BLOCK
    return range(max(start, EVERY_YEAR.start), min(stop, EVERY_YEAR.stop))


def _reason(on: date, pauses: Sequence[Pause], *, calendar: Calendar) -> str | None:
    if any(_holds(pause, on) for pause in pauses):
        return PAUSED
    return reason_shut(on, calendar)


def _holds(pause: Pause, on: date) -> bool:
    return on > pause.asked_on and (pause.answered_on is None or on <= pause.answered_on)
