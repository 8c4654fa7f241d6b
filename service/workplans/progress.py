"""What the calendar and others decide of an item: its span, its progress and its health.

The same rules stand as SQL in `measured` and `service.access.due`, for filters and summaries; tests compare
both on every combination.
"""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schema.vocabulary import Accumulation, ProgressSource, WorkplanHealth, WorkplanState
from schema.wire.workplans import Indicator
from service.access.basis import AgreementFacts
from service.kernel.period import OutOfCalendar, agreement_year_span, quarter_span
from service.workplans.records import DONE, NOT_STARTED, Measured, Stored

_WHOLE, _BEHIND = 100, 20


class Span(NamedTuple):
    """The inclusive days of an item's agreement year, or of its quarter."""

    starts_on: date
    ends_on: date


class Progress(NamedTuple):
    """Whole percent and what says so; both null when nothing does."""

    percent: int | None
    source: ProgressSource | None


_UNKNOWN = Progress(None, None)


def span_of(stored: Stored, agreement: AgreementFacts) -> Span | None:
    """Return the days of the item's year or quarter; None when they are unknown or beyond the calendar."""
    first, year, quarter = agreement.effective_from, stored.agreement_year, stored.quarter
    if first is None:
        return None
    try:
        days = (
            agreement_year_span(first, year)
            if quarter is None
            else quarter_span(first, year, quarter=quarter)
        )
    except OutOfCalendar:
        return None
    return Span(*days)


def due_of(stored: Stored, span: Span | None) -> date | None:
    """Return the last day it is not late on: its due day, else the end of its span."""
    return stored.due_on or (span and span.ends_on)


def achieved(indicator: Indicator | None, measured: Measured) -> float | None:
    """Return where the indicator stands by its approved values; None when none was approved."""
    if indicator is None:
        return None
    if indicator.accumulation is Accumulation.CUMULATIVE:
        return measured.latest
    if measured.summed is None:
        return None
    return float(_exact(indicator.baseline or 0) + _exact(measured.summed))


def progress_of(stored: Stored, measured: Measured) -> Progress:
    """Return the progress by the first source that says any, so that nothing counts twice.

    An item that is done is whole. Then its own indicator speaks, else the mean of its children, else the
    share of its activities that were held. What has not begun and has none of them is at 0.
    """
    if stored.state in DONE:
        return Progress(_WHOLE, ProgressSource.STATE)
    by_indicator = _by_indicator(stored.indicator, measured)
    if by_indicator is not None:
        return Progress(by_indicator, ProgressSource.INDICATOR)
    if measured.children is not None:
        return Progress(measured.children, ProgressSource.CHILDREN)
    if measured.activities:
        share = _WHOLE * measured.activities_held // measured.activities
        return Progress(share, ProgressSource.ACTIVITIES)
    return Progress(0, ProgressSource.STATE) if stored.state in NOT_STARTED else _UNKNOWN


def health_of(
    stored: Stored, percent: int | None, *, span: Span | None, today: date
) -> WorkplanHealth | None:
    """Return how an item stands on a day; None for what was dropped.

    Late after its due day; at risk when the elapsed share is 20 points or more ahead of a known progress.
    """
    if stored.state is WorkplanState.DROPPED:
        return None
    if stored.state in DONE:
        return WorkplanHealth.DONE
    due = due_of(stored, span)
    if due is not None and due < today:
        return WorkplanHealth.LATE
    gone = None if span is None or due is None else elapsed(span.starts_on, due, today=today)
    behind = gone is not None and percent is not None and gone - percent >= _BEHIND
    return WorkplanHealth.AT_RISK if behind else WorkplanHealth.ON_TRACK


def elapsed(first: date, last: date, *, today: date) -> int | None:
    """Return the whole percent of a period that is over before today; None outside of the period."""
    if not first <= today <= last:
        return None
    return _WHOLE * (today - first).days // ((last - first).days + 1)


def _by_indicator(indicator: Indicator | None, measured: Measured) -> int | None:
    """Give the way from baseline to target in whole percent; None for an indicator that has no way."""
    if indicator is None or indicator.target is None:
        return None
    baseline, target = _exact(indicator.baseline or 0), _exact(indicator.target)
    if target == baseline:
        return None
    reached = achieved(indicator, measured)
    if reached is None:
        return 0
    return max(0, min(_WHOLE, int(_WHOLE * (_exact(reached) - baseline) / (target - baseline))))


def _exact(value: float) -> Fraction:
    """Give a number as it is written: PostgreSQL keeps decimals, not the nearest float."""
    return Fraction(str(value))
