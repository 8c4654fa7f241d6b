"""How counts and rows become tables and charts. Pure."""

from collections.abc import Mapping, Sequence

from service.reports.blocks import Block, Cell, Chart, Column, Table, cell
from service.reports.charts import Bar, bars
from service.reports.wording import Wording

_MOST_BARS = 12
_NUMBERS = frozenset(
    {
        "achieved",
        "completed",
        "count",
        "female",
        "items",
        "late",
        "male",
        "participants",
        "sex_unspecified",
        "target",
        "total",
        "verified",
    }
)
"""Columns that hold numbers."""

Counted = Sequence[tuple[str, int | None]]
"""Names with their counts; null is what nobody reported."""


def table(
    words: Wording,
    code: str | None,
    *,
    shares: Mapping[str, int],
    rows: Sequence[tuple[Cell, ...]],
    left_out: int = 0,
) -> Table:
    """Return a table that says so when it has no rows, and how many it leaves out.

    `code` is of its caption, `shares` names its columns and says how wide each is beside the others.
    """
    columns = tuple(Column(words.say(name), share, name in _NUMBERS) for name, share in shares.items())
    note = words.say("more", count=words.number(left_out)) if left_out else None
    return Table(code and words.say(code), columns, tuple(rows), note if rows else words.say("none"))


def counted(words: Wording, code: str, *, name: str, rows: Counted) -> Table:
    """Return a table of counts; `name` is what they are counted by."""
    cells = [(cell(label), cell(words.count(count))) for label, count in rows]
    return table(words, code, shares={name: 6, "count": 5}, rows=cells)


def chart(words: Wording, code: str, *, name: str, rows: Counted) -> Block:
    """Return the bars of some counts with their table; the table alone when there is nothing to draw."""
    title, beside = words.say(code), counted(words, code, name=name, rows=rows)
    drawn = [Bar(label, count, words.count(count)) for label, count in rows[:_MOST_BARS]]
    if not any(bar.value for bar in drawn):
        return beside
    told = words.say("chart_told", values=", ".join(f"{bar.name} {bar.shown}" for bar in drawn))
    return Chart(title, told, bars(drawn, title=title, told=told, key=code), beside)
