"""The figures of data requests as SQL, for summaries and reports."""

from typing import Any

from sqlalchemy import ColumnElement, Date, and_, func, literal_column, or_

from schema.tables.data_requests import data_request
from schema.vocabulary import UNDECIDED, Decision
from service.kernel.statement import param


def figures() -> list[ColumnElement[Any]]:
    """Return the figures of `RequestSummary` over some requests that were handed in."""
    counts: dict[str, ColumnElement[Any]] = {"received": func.count()}
    for decision in Decision:
        counts[decision] = func.count().filter(_is(data_request.c.decision, decision))
    counts["open"] = func.count().filter(_running())
    counts["overdue"] = func.count().filter(is_overdue())
    for name, share in (("median_working_days", "0.5"), ("p90_working_days", "0.9")):
        percentile = func.percentile_cont(literal_column(share))
        counts[name] = percentile.within_group(data_request.c.working_days)
    return [figure.label(name) for name, figure in counts.items()]


def is_overdue() -> ColumnElement[bool]:
    """Return whether a decision is still owed and the due day lies before the bound `today`.

    While the clock stands still there is no due day, and nothing is overdue.
    """
    late = data_request.c.due_on < param("today", Date())
    return and_(_running(), func.coalesce(late, literal_column("false")))


def _running() -> ColumnElement[bool]:
    return or_(*(_is(data_request.c.state, state) for state in UNDECIDED))


def _is(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    return column == literal_column(f"'{word}'")
