"""Records → CSV: the same columns on every page, and no cell that a spreadsheet would compute."""

import csv
import io
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import pytest
from msgspec import Meta, Struct

from service.kernel.sheet import csv_of

SOME_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
COLUMNS = ["id", "title", "kind", "on", "open", "score", "counts.total", "counts.male", "tags", "steps"]


class Kind(StrEnum):
    MOU = "mou"


class Counts(Struct):
    total: int | None = None
    male: int | None = None


class Step(Struct):
    note: str


class Row(Struct):
    id: UUID = SOME_ID
    title: Annotated[str, Meta(max_length=300)] = "MoU"
    kind: Kind = Kind.MOU
    on: date | None = None
    open: bool = False
    score: float | None = None
    counts: Annotated[Counts | None, Meta(description="Who came.")] = None
    tags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    actions: tuple[Step, ...] = ()


class Rows(Struct):
    items: Annotated[tuple[Row, ...], Meta(max_length=200)]
    next_cursor: str | None = None


def lines(*records: Row) -> list[list[str]]:
    """Gives the lines of the CSV of records, as a reader of RFC 4180 sees them."""
    text = csv_of(records, Rows).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_line_of_names_then_a_line_per_record():
    record = Row(on=date(2026, 3, 1), open=True, score=1.5, counts=Counts(37, 4))
    expected = [str(SOME_ID), "MoU", "mou", "2026-03-01", "true", "1.5", "37", "4", "", ""]
    assert lines(record, record) == [COLUMNS, expected, expected]


@pytest.mark.parametrize("records", [(), (Row(),), (Row(counts=Counts(1)),), (Row(), Row(counts=Counts(1)))])
def test_every_page_has_the_same_columns(records):
    assert lines(*records)[0] == COLUMNS


def test_what_is_unknown_is_empty_and_no_zero():
    assert lines(Row(counts=Counts(total=0)))[1][6:8] == ["0", ""]


def test_lists_stand_in_one_cell():
    assert lines(Row(tags=("a", "b"), steps=(Step("x"),)))[1][-2:] == ["a; b", '[{"note":"x"}]']


def test_text_with_separators_comes_back_as_it_was():
    title = 'a,b;"c"\n\td'
    assert lines(Row(title=title))[1][1] == title


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_a_spreadsheet_would_compute_is_text(start):
    cells = lines(Row(title=f"{start}1", tags=(f"{start}1", "b")))[1]
    assert (cells[1], cells[-2]) == (f"'{start}1", f"'{start}1; b")


def test_a_negative_number_stays_a_number():
    assert lines(Row(score=-1.5))[1][5] == "-1.5"


def test_a_spreadsheet_is_told_that_it_is_utf_8():
    assert csv_of([Row(title="Kafé")], Rows).startswith("\ufeffid,".encode())
