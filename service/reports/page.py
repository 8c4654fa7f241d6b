"""A report as one HTML page that needs nothing else: no script, its style and its drawings inside."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from service.reports.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Facts,
    Heading,
    Paper,
    Paragraph,
    Piece,
    Points,
    Table,
    unturned,
)

_WEB = ("http://", "https://")
_NARROW = 2
_STEP, _STEPS = 4, 25
"""Widths of columns go up by 4 %."""


@cache
def style() -> str:
    """Return the style sheet of the page; the widths of columns are classes, because no tag has a style."""
    widths = "".join(f"col.p{_STEP * step}{{width:{_STEP * step}%}}\n" for step in range(1, _STEPS))
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8") + widths


@cache
def policy() -> str:
    """Return the Content-Security-Policy of the page: its own style sheet, known by its hash, and nothing."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'; sandbox"
    )


def page_of(paper: Paper) -> str:
    """Return the whole page; every text of a partner is escaped on its way in."""
    body = "\n".join(_MADE[type(block)](block) for block in paper.blocks)
    page = f"""<!doctype html>
<html lang="{paper.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(paper.title)} – {escape(paper.subject)}</title>
<style>{style()}</style>
</head>
<body>
<header>
<p class="kind">{escape(paper.title)}</p>
<h1 dir="auto">{escape(paper.subject)}</h1>
<p>{escape(paper.period)}<br><time datetime="{paper.on}">{escape(paper.as_of)}</time></p>
</header>
<main>
{body}
</main>
<footer><p>{escape(paper.closing)}</p></footer>
</body>
</html>
"""
    return unturned(page)


def _heading(block: Heading) -> str:
    return f"<h2>{escape(block.text)}</h2>"


def _paragraph(block: Paragraph) -> str:
    return f"<p>{escape(block.text)}</p>"


def _facts(block: Facts) -> str:
    rows = "\n".join(
        f'<dt>{escape(row.label)}</dt><dd dir="auto">{_lines(row.value)}</dd>' for row in block.rows
    )
    return f"<dl>\n{rows}\n</dl>"


def _points(block: Points) -> str:
    items = "\n".join(f'<li dir="auto">{escape(item)}</li>' for item in block.items)
    return f"<ol>\n{items}\n</ol>"


def _chart(block: Chart) -> str:
    caption = f"<figcaption>{escape(block.title)}</figcaption>"
    return f"<figure>\n{caption}\n{block.svg}\n{_table(block.table)}\n</figure>"


def _table(block: Table) -> str:
    note = f'<p class="note">{escape(block.note)}</p>' if block.note else ""
    if not block.rows:
        return f'<p class="caption">{escape(block.caption)}</p>\n{note}' if block.caption else note
    wide = ' class="wide"' if len(block.columns) > _NARROW else ""
    caption = f"<caption>{escape(block.caption)}</caption>\n" if block.caption else ""
    whole = sum(column.share for column in block.columns)
    widths = "".join(
        f'<col class="p{_STEP * round(_STEPS * column.share / whole)}">' for column in block.columns
    )
    head = "".join(_name(column) for column in block.columns)
    rows = "\n".join(_row(row, block.columns) for row in block.rows)
    # On a phone the rows of a wide table lie below one another; its roles keep it a table for a reader.
    return (
        f'<table role="table"{wide}>\n{caption}<colgroup>{widths}</colgroup>\n'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{rows}\n</tbody>\n</table>\n{note}'
    )


def _name(column: Column) -> str:
    return f'<th scope="col" role="columnheader"{_side(column)}>{escape(column.label)}</th>'


def _row(row: tuple[Cell, ...], columns: tuple[Column, ...]) -> str:
    cells = "".join(
        f'<td role="cell" data-name="{escape(column.label)}"{_side(column)}>'
        f'<div dir="auto">{_lines(lines)}</div></td>'
        for lines, column in zip(row, columns, strict=True)
    )
    return f'<tr role="row">{cells}</tr>'


def _side(column: Column) -> str:
    return ' class="number"' if column.number else ""


def _lines(lines: Cell) -> str:
    first, *others = (_piece(each) for each in lines)
    return first + "".join(f'<span class="more" dir="auto">{each}</span>' for each in others)


def _piece(piece: Piece) -> str:
    if piece.url is None or not piece.url.startswith(_WEB):
        return escape(piece.text)
    return f'<a href="{escape(piece.url)}" rel="noopener noreferrer nofollow">{escape(piece.text)}</a>'


_MADE: Mapping[type[Block], Callable[[Any], str]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Facts: _facts,
    Points: _points,
    Chart: _chart,
    Table: _table,
}
