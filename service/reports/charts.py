"""Charts as SVG: horizontal bars with their names and values, readable on a phone and on paper. Pure."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _NAMES = 360, 160
_LETTER = 7.5  # As wide as a digit is at most, with room to spare.
_LEAST_ROOM = 40
_ROW, _BAR, _BASELINE = 26, 16, 17
_INK, _FILL, _LINE = "#2b2118", "#7a2436", "#8a7d6b"
_FONT = "Libertinus Serif"


class Bar(NamedTuple):
    """A name, how much it is (null when unknown), and how that is written."""

    name: str
    value: int | None
    shown: str


def bars(rows: Sequence[Bar], *, title: str, told: str, key: str) -> str:
    """Return the drawing of some bars; `key` makes the ids of its names unique on a page."""
    greatest = max((row.value or 0 for row in rows), default=0)
    room = _room(rows)
    height = _ROW * len(rows) + 2
    wide = [length(row.value, greatest, room=room) for row in rows]
    drawn = "".join(_bar(row, place, wide=wide[place]) for place, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}"'
        f' height="{height}" role="img" aria-labelledby="{key}-title {key}-told" font-family="{_FONT}"'
        f' font-size="12" fill="{_INK}">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-told">{escape(told)}</desc>'
        f'{drawn}<line x1="{_NAMES}" y1="0" x2="{_NAMES}" y2="{height}" stroke="{_LINE}"/></svg>'
    )


def length(value: int | None, greatest: int, *, room: int) -> int:
    """Return how long a bar is; what is not zero is seen, what is unknown has none."""
    if not value or greatest <= 0:
        return 0
    return max(2, round(room * value / greatest))


def _room(rows: Sequence[Bar]) -> int:
    """Return how much is left for the longest bar beside the longest value."""
    longest = max((len(row.shown) for row in rows if row.value), default=0)
    return max(_LEAST_ROOM, _WIDTH - _NAMES - 8 - round(_LETTER * longest))


def _bar(row: Bar, place: int, *, wide: int) -> str:
    top = _ROW * place
    text = top + _BASELINE + 2
    parts = [f'<text x="{_NAMES - 8}" y="{text}" text-anchor="end">{escape(row.name)}</text>']
    if wide:
        y = top + (_ROW - _BAR) // 2 + 1
        parts.append(f'<rect x="{_NAMES}" y="{y}" width="{wide}" height="{_BAR}" fill="{_FILL}"/>')
    parts.append(f'<text x="{_NAMES + wide + 6}" y="{text}">{escape(row.shown)}</text>')
    return "".join(parts)
