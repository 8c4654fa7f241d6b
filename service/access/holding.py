"""How statements read the agreement a record rests on, and hold it as it was read until they are done."""

from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Integer, Uuid, exists, or_, select

from schema.tables.agreements import agreement, party
from service.access.basis import Basis
from service.access.standing import Parent
from service.kernel.ledger import GatedEntry
from service.kernel.statement import json_one, json_values, param


class Behind(GatedEntry, frozen=True, kw_only=True):
    """A change that rests on an agreement as it was read."""

    agreement_version: int
    agreement_parent_id: UUID | None
    agreement_parent_version: int | None
    expected_version: int


def behind(basis: Basis) -> dict[str, Any]:
    """Return the fields of `Behind` that name the agreement and its parent as they were read."""
    return {
        "agreement_version": basis.version,
        "agreement_parent_id": basis.parent and basis.parent.id,
        "agreement_parent_version": basis.parent and basis.parent.version,
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


def agreement_held() -> CTE:
    """Hold the agreement and its parent in the versions the rules saw, parent first, until it is done."""
    parent_id = param("agreement_parent_id", Uuid())
    above = agreement.alias("mou")
    parent = (
        select(above.c.id)
        .where(above.c.id == parent_id, above.c.version == param("agreement_parent_version", Integer()))
        .with_for_update(read=True)
        .cte("held_parent")
    )
    return (
        select(agreement.c.id)
        .where(
            agreement.c.id == param("ledger_agreement_id", Uuid()),
            agreement.c.version == param("agreement_version", Integer()),
            or_(parent_id.is_(None), exists(select(parent.c.id))),
        )
        .with_for_update(read=True)
        .cte("held_agreement")
    )
