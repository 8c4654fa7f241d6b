"""Statements over the catalogue."""

from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Text, Uuid, any_, func, select

from schema.tables.common import text_array
from schema.tables.data_requests import dataset
from schema.wire.datasets import Dataset
from service.access.paging import Counted
from service.access.visibility import catalogued
from service.kernel.ledger import Change, GatedEntry, inserted, updated
from service.kernel.statement import Statement, document, param

COLUMNS = Dataset.__struct_fields__
_LAST_ID = UUID(int=(1 << 128) - 1)
_WRITTEN = (*COLUMNS, "search_text")
_ONCE = ("id", "created_at", "created_by", "holder_organization_id")


class ById(msgspec.Struct, frozen=True):
    """One dataset, for one organization."""

    subject_id: UUID
    acting_id: UUID


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the catalogue may be narrowed by."""

    acting_id: UUID
    row_limit: int
    holder_id: UUID | None = None
    classifications: tuple[str, ...] = ()
    pattern: str | None = None
    after_id: UUID = _LAST_ID


class Written(GatedEntry, frozen=True, kw_only=True):
    """A new or changed dataset."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    holder_organization_id: UUID
    title: str
    description: str | None
    classification: str
    legal_basis: str | None
    format: str | None
    frequency: str | None
    fields: tuple[str, ...]
    contains_personal_data: bool
    search_text: str
    expected_version: int


_OPTIONAL = frozenset(Filters.__struct_fields__)
_ROW = [dataset.c[name] for name in COLUMNS]

DATASET = Statement(
    "dataset",
    document(Dataset, select(*_ROW).where(dataset.c.id == param("subject_id", Uuid()), catalogued(dataset))),
    params=ById,
    row=Dataset,
)

CREATE = Change(
    "create_dataset",
    params=Written,
    target=None,
    works=lambda head: [inserted(dataset, _WRITTEN, head=head)],
    unused=("expected_version",),
)

UPDATE = Change(
    "update_dataset",
    params=Written,
    target=select(dataset.c.id)
    .where(
        dataset.c.id == param("subject_id", Uuid()),
        dataset.c.version == param("expected_version", Integer()),
    )
    .with_for_update(),
    works=lambda head: [updated(dataset, [name for name in _WRITTEN if name not in _ONCE], head=head)],
    unused=_ONCE,
)


@cache
def listing(used: frozenset[str]) -> Statement[Filters, Dataset]:
    """Return the statement of a page for one set of filters."""
    rows = (
        select(*_ROW)
        .where(catalogued(dataset), dataset.c.id < param("after_id", Uuid()), *_conditions(used))
        .order_by(dataset.c.id.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement(
        "list_datasets", document(Dataset, rows), params=Filters, row=Dataset, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = (
        select(func.count().label("total"))
        .select_from(dataset)
        .where(catalogued(dataset), *_conditions(used))
    )
    return Statement(
        "count_datasets", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "holder_id": dataset.c.holder_organization_id == param("holder_id", Uuid()),
        "classifications": dataset.c.classification == any_(param("classifications", text_array())),
        "pattern": dataset.c.search_text.like(param("pattern", Text())),
    }
    return [known[name] for name in sorted(used)]
