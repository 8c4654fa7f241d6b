"""How statements read the agreement a record rests on, and hold it as it was read until they are done."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Integer, Select, Table, Uuid, exists, or_, select

from schema.tables.agreements import agreement, party
from service.access.basis import Basis
from service.access.standing import Parent
from service.access.visibility import visible_to
from service.kernel.ledger import GatedEntry
from service.kernel.statement import json_one, json_values, param


class Behind(GatedEntry, frozen=True, kw_only=True):
    """A change that rests on an agreement as it was read."""

    held_version: int
    held_parent_id: UUID | None
    held_parent_version: int | None
    expected_version: int


class AsRead(Protocol):
    """An agreement as it was read."""

    @property
    def version(self) -> int:
        """Its version."""
        ...

    @property
    def parent(self) -> Parent | None:
        """What it is made under."""
        ...


def behind(basis: AsRead) -> dict[str, Any]:
    """Return the fields of `Behind` that name the agreement and its parent as they were read."""
    return {
        "held_version": basis.version,
        "held_parent_id": basis.parent and basis.parent.id,
        "held_parent_version": basis.parent and basis.parent.version,
    }


def basis_columns() -> list[ColumnElement[Any]]:
    """Return the columns of the agreement a record belongs to."""
    above = agreement.alias("above")
    parent = select(*(above.c[name] for name in Parent.__struct_fields__)).where(
        above.c.id == agreement.c.parent_id
    )
    members = select(party.c.organization_id).where(party.c.agreement_id == agreement.c.id)
    plain = [name for name in Basis.__struct_fields__ if name not in {"parent", "party_ids"}]
    return [
        *(agreement.c[name] for name in plain),
        json_one(Parent, parent.correlate(agreement), name="parent"),
        json_values(members.correlate(agreement), name="party_ids"),
    ]


def basis_of(agreement_id: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return the agreement of a record, as far as the acting organization may see it."""
    return select(*basis_columns()).where(agreement.c.id == agreement_id, visible_to(agreement.c.id))


def agreement_as_read() -> Select[Any]:
    """Return the agreement in the version the rules saw, behind its parent in the version they saw.

    The parent is locked first, as whoever changes an MoU locks it before what is made under it.
    """
    parent_id = param("held_parent_id", Uuid())
    above = agreement.alias("mou")
    parent = (
        select(above.c.id)
        .where(above.c.id == parent_id, above.c.version == param("held_parent_version", Integer()))
        .with_for_update(read=True)
        .cte("held_parent")
    )
    return select(agreement.c.id).where(
        agreement.c.id == param("ledger_agreement_id", Uuid()),
        agreement.c.version == param("held_version", Integer()),
        or_(parent_id.is_(None), exists(select(parent.c.id))),
    )


def agreement_held() -> CTE:
    """Keep others from changing the agreement until this is done."""
    return agreement_as_read().with_for_update(read=True).cte("held_agreement")


def to_come() -> Select[Any]:
    """Return the target of a record that is still to come: its agreement, held."""
    held = agreement_held()
    return select(held.c.id)


def locked(table: Table, held: CTE) -> Select[Any]:
    """Return the target of a record: it in the version the rules saw, behind its agreement."""
    return (
        select(table.c.id)
        .where(
            table.c.id == param("subject_id", Uuid()),
            table.c.version == param("expected_version", Integer()),
            exists(select(held.c.id)),
        )
        .with_for_update()
    )
