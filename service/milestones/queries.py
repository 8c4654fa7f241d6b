"""Statements over milestones: one document each, with the agreement it rests on."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Text, Uuid, func, literal_column, select
from sqlalchemy.sql.selectable import NamedFromClause

from schema.tables.milestones import milestone
from service.access.basis import Basis
from service.access.holding import basis_of
from service.access.visibility import visible_to
from service.kernel.statement import Statement, document, json_one, param
from service.milestones.records import Stored


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone with its agreement."""

    milestone: Stored
    agreement: Basis


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new milestone must know: its agreement, and what its client_ref was used for before."""

    agreement: Basis | None
    known_id: UUID | None
    known_fingerprint: str | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Milestones of a page and the agreements they belong to."""

    items: tuple[Stored, ...]
    agreements: tuple[Basis, ...]


class ById(msgspec.Struct, frozen=True):
    """One record, for one organization."""

    subject_id: UUID
    acting_id: UUID


class ToOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement and a client_ref, for one organization."""

    acting_id: UUID
    agreement_id: UUID
    client_ref: str | None


def stored_columns(seen: NamedFromClause[Any]) -> list[ColumnElement[Any]]:
    """Return the columns of a stored milestone, as its struct names them."""
    evidence = func.coalesce(seen.c.evidence, literal_column("'[]'::json")).label("evidence")
    names = [name for name in Stored.__struct_fields__ if name != "evidence"]
    return [*(seen.c[name] for name in names), evidence]


def _found() -> Select[*tuple[Any, ...]]:
    subject_id, its = param("subject_id", Uuid()), milestone.alias("its")
    one = select(*stored_columns(milestone)).where(
        milestone.c.id == subject_id, visible_to(milestone.c.agreement_id)
    )
    of_one = basis_of(select(its.c.agreement_id).where(its.c.id == subject_id).scalar_subquery())
    found = select(
        json_one(Stored, one, name="milestone"), json_one(Basis, of_one, name="agreement")
    ).subquery("found")
    return select(found).where(found.c.milestone.is_not(None))


MILESTONE = Statement("milestone", document(Found, _found()), params=ById, row=Found)


def _opening() -> Select[*tuple[Any, ...]]:
    def known(value: ColumnElement[Any]) -> ColumnElement[Any]:
        mine = (
            milestone.c.organization_id == param("acting_id", Uuid()),
            milestone.c.client_ref == param("client_ref", Text()),
        )
        return select(value).where(*mine).scalar_subquery()

    fingerprint = func.encode(milestone.c.client_fingerprint, "hex", type_=Text)
    return select(
        json_one(Basis, basis_of(param("agreement_id", Uuid())), name="agreement"),
        known(milestone.c.id).label("known_id"),
        known(fingerprint).label("known_fingerprint"),
    )


OPENING = Statement("opening_of_milestone", document(Opening, _opening()), params=ToOpen, row=Opening)
