"""Statements over activities: one document each, with organizers, participants and their agreement."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Label,
    Select,
    Text,
    Uuid,
    case,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.selectable import NamedFromClause

from schema.tables.activities import COUNTS, activity, organizer, participant_group
from schema.wire.activities import Organizer, ParticipantGroup
from service.access.basis import Basis
from service.access.holding import basis_of
from service.access.visibility import visible_to
from service.activities.records import Stored
from service.kernel.statement import Statement, document, json_list, json_one, param

_LISTS = ("former_dates", "follow_ups", "external_refs", "evidence")
_JOINED = {"organizers", "participants", *_LISTS}
PLAIN = tuple(name for name in Stored.__struct_fields__ if name not in _JOINED)
GROUP_COLUMNS = ("position", "organization_id", "group_label", *COUNTS)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An activity with its agreement."""

    activity: Stored
    agreement: Basis


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new activity must know: its agreement, and what its client_ref was used for before."""

    agreement: Basis | None
    known_id: UUID | None
    known_fingerprint: str | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Activities of a page and the agreements they belong to."""

    items: tuple[Stored, ...]
    agreements: tuple[Basis, ...]


class ById(msgspec.Struct, frozen=True):
    """One activity, for one organization."""

    subject_id: UUID
    acting_id: UUID


class ToOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement and a client_ref, for one organization."""

    acting_id: UUID
    agreement_id: UUID
    client_ref: str | None


def _organizers() -> Label[Any]:
    rows = (
        select(organizer.c.organization_id, organizer.c.role)
        .where(organizer.c.activity_id == activity.c.id)
        .order_by(organizer.c.position)
        .correlate(activity)
    )
    return json_list(Organizer, rows, name="organizers")


def _participants() -> Label[Any]:
    names = [name for name in GROUP_COLUMNS if name != "position"]
    rows = (
        select(*(participant_group.c[name] for name in names))
        .where(participant_group.c.activity_id == activity.c.id)
        .order_by(participant_group.c.position)
        .correlate(activity)
    )
    groups = json_list(ParticipantGroup, rows, name="groups")
    pairs: list[Any] = [literal_column("'unit'"), activity.c.participant_unit]
    pairs += [literal_column("'groups'"), groups.element]
    for name in COUNTS:
        pairs += [literal_column(f"'{name}'"), activity.c[f"participant_{name}"]]
    whole = func.json_build_object(*pairs, type_=JSON)
    return case((activity.c.participant_unit.is_(None), null()), else_=whole).label("participants")


def stored_of(seen: NamedFromClause[Any]) -> ColumnElement[Any]:
    """Return an activity as JSON: the document written with its row, else put together from its rows."""
    return case((seen.c.document.is_not(None), seen.c.document), else_=put_together(seen))


def put_together(seen: NamedFromClause[Any]) -> ColumnElement[Any]:
    """Return an activity as JSON from its row, its organizers and its groups."""
    rows = select(*_stored_columns()).where(activity.c.id == seen.c.id).correlate(seen)
    return json_one(Stored, rows, name="together").element


def _stored_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a stored activity, as its struct names them."""
    empty: ColumnElement[Any] = literal_column("'[]'::json")
    return [
        *(activity.c[name] for name in PLAIN),
        *(func.coalesce(activity.c[name], empty).label(name) for name in _LISTS),
        _organizers(),
        _participants(),
    ]


def _found() -> Select[*tuple[Any, ...]]:
    seen = activity.alias("seen")
    one = select(stored_of(seen)).where(
        seen.c.id == param("subject_id", Uuid()), visible_to(seen.c.agreement_id)
    )
    its = activity.alias("its")
    subject_id = param("subject_id", Uuid())
    of_one = basis_of(select(its.c.agreement_id).where(its.c.id == subject_id).scalar_subquery())
    found = select(
        one.scalar_subquery().label("activity"), json_one(Basis, of_one, name="agreement")
    ).subquery("found")
    return select(found).where(found.c.activity.is_not(None))


ACTIVITY = Statement("activity", document(Found, _found()), params=ById, row=Found)


def _opening() -> Select[*tuple[Any, ...]]:
    def known(value: ColumnElement[Any]) -> ColumnElement[Any]:
        mine = (
            activity.c.organization_id == param("acting_id", Uuid()),
            activity.c.client_ref == param("client_ref", Text()),
        )
        return select(value).where(*mine).scalar_subquery()

    fingerprint = func.encode(activity.c.client_fingerprint, "hex", type_=Text)
    return select(
        json_one(Basis, basis_of(param("agreement_id", Uuid())), name="agreement"),
        known(activity.c.id).label("known_id"),
        known(fingerprint).label("known_fingerprint"),
    )


OPENING = Statement("opening_of_activity", document(Opening, _opening()), params=ToOpen, row=Opening)
