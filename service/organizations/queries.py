"""Statements over the directory."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Select, Text, Uuid, any_, func, select, tuple_
from sqlalchemy.types import DateTime

from schema.tables.common import text_array
from schema.tables.organizations import organization
from schema.wire.organizations import Organization, OrganizationSort
from service.access.paging import Counted
from service.kernel.ledger import Change, GatedEntry, inserted, updated
from service.kernel.statement import Statement, document, param

COLUMNS = tuple(Organization.__struct_fields__)
_RECORD = [organization.c[name] for name in COLUMNS]
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class ById(msgspec.Struct, frozen=True):
    """One organization."""

    subject_id: UUID


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a list may be narrowed by; a variant of the statement uses what is given."""

    ancestor_id: UUID | None = None
    kinds: tuple[str, ...] = ()
    region_code: str | None = None
    pattern: str | None = None
    after_text: str = ""
    after_at: datetime = _EARLIEST
    after_id: UUID = UUID(int=0)
    row_limit: int = 0


class Row(Organization, frozen=True, kw_only=True):
    """An organization with what its place in the list depends on."""

    search_text: str


class Written(GatedEntry, frozen=True, kw_only=True):
    """A new or changed organization."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    name: str
    short_name: str | None
    kind: str
    parent_id: UUID | None
    region_code: str | None
    bps_code: str | None
    legal_form: str | None
    registration_number: str | None
    time_zone: str
    is_public_body: bool | None
    contact: str | None
    joint_leave: bool
    search_text: str
    expected_version: int


ORGANIZATION = Statement(
    "organization",
    document(Organization, select(*_RECORD).where(organization.c.id == param("subject_id", Uuid()))),
    params=ById,
    row=Organization,
)

_WRITTEN = (*COLUMNS, "search_text")

CREATE = Change(
    "create_organization",
    params=Written,
    target=None,
    works=lambda head: [inserted(organization, _WRITTEN, head=head)],
    unused=("expected_version",),
)

UPDATE = Change(
    "update_organization",
    params=Written,
    target=select(organization.c.id)
    .where(
        organization.c.id == param("subject_id", Uuid()),
        organization.c.version == param("expected_version", Integer()),
    )
    .with_for_update(),
    works=lambda head: [
        updated(
            organization,
            [name for name in _WRITTEN if name not in {"id", "created_at", "created_by"}],
            head=head,
        )
    ],
    unused=("id", "created_at", "created_by"),
)


@cache
def listing(used: frozenset[str], sort: OrganizationSort) -> Statement[Filters, Row]:
    """Return the statement of a page for one set of filters."""
    page = select(*_RECORD, organization.c.search_text).where(*_conditions(used))
    if sort is OrganizationSort.NAME:
        order = [organization.c.search_text, organization.c.id]
        after = [param("after_text", Text()), param("after_id", Uuid())]
    else:
        order = [organization.c.created_at, organization.c.id]
        after = [param("after_at", DateTime(timezone=True)), param("after_id", Uuid())]
    page = page.where(tuple_(*order) > tuple_(*after)).order_by(*order).limit(param("row_limit", Integer()))
    return Statement(
        "list_organizations", document(Row, page), params=Filters, row=Row, optional=_FILTER_NAMES
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    count = select(func.count().label("total")).select_from(organization).where(*_conditions(used))
    return Statement(
        "count_organizations", document(Counted, count), params=Filters, row=Counted, optional=_FILTER_NAMES
    )


_FILTER_NAMES = frozenset(Filters.__struct_fields__)


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "ancestor_id": organization.c.id.in_(_below()),
        "kinds": organization.c.kind == any_(param("kinds", text_array())),
        "region_code": organization.c.region_code == param("region_code", Text()),
        "pattern": organization.c.search_text.like(param("pattern", Text())),
    }
    return [known[name] for name in sorted(used)]


def _below() -> Select[Any]:
    """Return the ids of all units below an organization."""
    tree = (
        select(organization.c.id)
        .where(organization.c.parent_id == param("ancestor_id", Uuid()))
        .cte("below", recursive=True)
    )
    child = organization.alias("child")
    return select(tree.union(select(child.c.id).where(child.c.parent_id == tree.c.id)).c.id)
