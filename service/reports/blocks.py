"""A report for people as a sequence of blocks, in one language; HTML and PDF are two ways to set them.

What partners wrote stays text in here and is nobody's markup: a page escapes it, the typesetter gets it as
JSON.
"""

import msgspec

_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def unturned(text: str) -> str:
    """Return a text without what turns its letters around: it could make a name look like another one.

    Letters that are written from right to left still are.
    """
    return text.translate(_TURNING)


class Piece(msgspec.Struct, frozen=True):
    """A line of text; with an address, a link."""

    text: str
    url: str | None = None


Cell = tuple[Piece, ...]
"""Lines below one another."""


def cell(*texts: str | None) -> Cell:
    """Return the lines that are there."""
    return tuple(Piece(text) for text in texts if text)


class Column(msgspec.Struct, frozen=True):
    """A column of a table; `share` is how wide it is beside the others, `number` sets it to the right."""

    label: str
    share: int
    number: bool


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """A section begins."""

    text: str


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A paragraph."""

    text: str


class Fact(msgspec.Struct, frozen=True):
    """What something is called, and what it is."""

    label: str
    value: Cell


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Facts below one another."""

    rows: tuple[Fact, ...]


class Points(msgspec.Struct, frozen=True, tag="points"):
    """A numbered list."""

    items: tuple[str, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Rows under names, with a caption unless a heading says it; a note below tells what they leave out."""

    caption: str | None
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None = None


class Chart(msgspec.Struct, frozen=True, tag="chart"):
    """A drawing of the numbers of the table beside it; `told` says the same in words."""

    title: str
    told: str
    svg: str
    table: Table


Block = Heading | Paragraph | Facts | Points | Table | Chart


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report; `page_of` is how a page is numbered, with `{page}` and `{pages}`."""

    language: str
    title: str
    subject: str
    period: str
    as_of: str
    on: str
    blocks: tuple[Block, ...]
    closing: str
    page_of: str
