"""Statements over agreements: one document each, with parties, parent and why the caller sees it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Function,
    Integer,
    Label,
    Select,
    TableValuedAlias,
    Uuid,
    any_,
    case,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.agreements import agreement, party
from schema.tables.data_requests import data_request
from schema.tables.milestones import OPEN_STATES, milestone
from schema.tables.organizations import organization
from schema.vocabulary import OrganizationKind
from schema.wire.agreements import Party
from service.access.standing import Parent
from service.access.visibility import reason_of_access, visible_or_public, visible_to
from service.agreements.faults import Around
from service.agreements.phase import Stored
from service.kernel.database import Connection, only
from service.kernel.ledger import Change, GatedEntry, after, rows_of, updated
from service.kernel.statement import Statement, document, json_list, json_one, json_values, param

_JOINED = {"parties", "parent", "access", "unit_ids", "has_open_milestones", "undelivered_requests"}
COLUMNS = tuple(name for name in Stored.__struct_fields__ if name not in _JOINED)
PARTY_COLUMNS = tuple(column.name for column in party.columns if column.name != "agreement_id")
_UNIT_KINDS = (OrganizationKind.REGIONAL_UNIT.value, OrganizationKind.INSPECTORATE.value)
_WRITTEN = (*COLUMNS, "search_text", "report_document_id")
_CREATED_ONCE = {
    "id",
    "created_at",
    "created_by",
    "created_by_organization_id",
    "kind",
    "recorded_from_paper",
}
_CHANGED = tuple(name for name in _WRITTEN if name not in _CREATED_ONCE)


class ById(msgspec.Struct, frozen=True):
    """One agreement, for one organization."""

    subject_id: UUID
    acting_id: UUID


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What an input names."""

    acting_id: UUID
    parent_id: UUID | None
    renews_id: UUID | None
    organization_ids: tuple[UUID, ...]


def _parties() -> Label[Any]:
    signatory = func.json_build_object(
        "name",
        party.c.signatory_name,
        "title",
        party.c.signatory_title,
        "signed_on",
        party.c.signatory_signed_on,
        "signature_kind",
        party.c.signatory_signature_kind,
    )
    rows = (
        select(
            party.c.organization_id,
            party.c.position,
            party.c.label,
            party.c.document_number,
            case((party.c.signatory_name.is_(None), null()), else_=signatory).label("signatory"),
            party.c.power_of_attorney,
            party.c.accepted_terms_version,
        )
        .where(party.c.agreement_id == agreement.c.id)
        .order_by(party.c.position)
        .correlate(agreement)
    )
    return json_list(Party, rows, name="parties")


def _unit_ids() -> Label[Any]:
    rows = (
        select(party.c.organization_id)
        .join(organization, organization.c.id == party.c.organization_id)
        .where(party.c.agreement_id == agreement.c.id, _is_unit())
        .correlate(agreement)
    )
    return json_values(rows, name="unit_ids")


def _has_open_milestones() -> Label[Any]:
    rows = select(milestone.c.id).where(milestone.c.agreement_id == agreement.c.id, text(OPEN_STATES))
    return exists(rows.correlate(agreement)).label("has_open_milestones")


def _undelivered() -> Label[Any]:
    """Return how many requests wait for the data they were granted, by the index of exactly those."""
    waiting: ColumnElement[bool] = literal_column("data_request.state IN ('granted', 'granted_in_part')")
    rows = select(func.count()).where(data_request.c.agreement_id == agreement.c.id, waiting)
    return rows.correlate(agreement).scalar_subquery().label("undelivered_requests")


def _is_unit() -> ColumnElement[bool]:
    return or_(*(organization.c.kind == kind for kind in _UNIT_KINDS))


def _parent() -> Label[Any]:
    """Return the parent; to who may read the PKS alone, as a public one, a function of the owner tells it."""
    above = agreement.alias("above")
    columns = [above.c[name] for name in Parent.__struct_fields__]
    seen = select(*columns).where(above.c.id == agreement.c.parent_id).correlate(agreement)
    told = _told(func.parent_of(agreement.c.id))
    both = (json_one(Parent, rows, name="parent").element for rows in (seen, told))
    # Most agreements have none, and a call of the function costs as much as all else.
    return case((agreement.c.parent_id.is_not(None), func.coalesce(*both, type_=JSON))).label("parent")


def _told(function: Function[Any]) -> Select[*tuple[Any, ...]]:
    given = parent_rows(function, "told")
    return select(*(given.c[name] for name in Parent.__struct_fields__)).correlate(agreement)


def parent_rows(function: Function[Any], name: str) -> TableValuedAlias:
    """Return the parent that a function of the owner gives, as rows: it decides by itself who is told."""
    columns = [column(each, agreement.c[each].type) for each in Parent.__struct_fields__]
    return function.table_valued(*columns, name=name)


def columns_of() -> list[ColumnElement[Any]]:
    """Return the columns of a stored agreement, as its struct names them, for the acting organization."""
    return [
        *(agreement.c[name] for name in COLUMNS),
        _parties(),
        _parent(),
        reason_of_access(agreement.c.id),
        _unit_ids(),
        _has_open_milestones(),
        _undelivered(),
    ]


AGREEMENT = Statement(
    "agreement",
    document(
        Stored,
        select(*columns_of()).where(agreement.c.id == param("subject_id", Uuid()), visible_or_public()),
    ),
    params=ById,
    row=Stored,
)


def _around() -> Select[*tuple[Any, ...]]:
    """Return what an input names, as far as the acting organization may know of it."""
    parent_id, acting_id = param("parent_id", Uuid()), param("acting_id", Uuid())
    named = func.unnest(param("organization_ids", ARRAY(Uuid))).column_valued("named")
    renewed = agreement.alias("renewed")
    below = (
        select(organization.c.id).where(organization.c.parent_id == acting_id).cte("below", recursive=True)
    )
    unit = organization.alias("unit")
    below = below.union(select(unit.c.id).where(unit.c.parent_id == below.c.id))
    known = organization.alias("known")
    return select(
        json_one(Parent, _told(func.parent_to_derive_from(parent_id)), name="parent"),
        json_values(
            select(party.c.organization_id).where(party.c.agreement_id == parent_id, visible_to(parent_id)),
            name="parent_party_ids",
        ),
        select(renewed.c.id)
        .where(renewed.c.id == param("renews_id", Uuid()), visible_to(renewed.c.id))
        .scalar_subquery()
        .label("renews_id"),
        json_values(select(below.c.id), name="below"),
        json_values(
            select(named).where(~exists(select(known.c.id).where(known.c.id == named))), name="unknown_ids"
        ),
        json_values(
            select(organization.c.id).where(
                organization.c.id == any_(param("organization_ids", ARRAY(Uuid))), _is_unit()
            ),
            name="unit_ids",
        ),
    )


AROUND = Statement("around_agreement", document(Around, _around()), params=Named, row=Around)


class Written(GatedEntry, frozen=True, kw_only=True):
    """A new or changed agreement, with its parties as JSON rows."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    kind: str
    scheme: str | None
    title: str
    printed_title: str | None
    objective: str | None
    scope: tuple[str, ...]
    parent_id: UUID | None
    renews_id: UUID | None
    region_code: str | None
    signed_on: date | None
    signed_on_precision: str | None
    signed_not_after: date | None
    effective_from: date | None
    ends_on: date | None
    ends_on_is_derived: bool
    duration_years: int | None
    open_ended: bool
    notice_months: int
    visibility: str
    survives_parent: bool
    recorded_from_paper: bool
    document_ref: str | None
    document_id: UUID | None
    source_note: str | None
    terms_version: int
    state: str
    state_reason: str | None
    discussion_opened_on: date | None
    ready_on: date | None
    signing_registered_on: date | None
    suspended_on: date | None
    suspended_by: UUID | None
    terminated_on: date | None
    termination_ref: str | None
    termination_document_id: UUID | None
    cancelled_on: date | None
    closed_on: date | None
    close_proposal: str | None
    created_by_organization_id: UUID
    search_text: str
    report_document_id: UUID | None
    parties: str
    expected_version: int


class Entered(msgspec.Struct, frozen=True):
    """That the row of an agreement is there."""

    entered: bool


class Removed(GatedEntry, frozen=True, kw_only=True):
    """A draft to delete."""

    expected_version: int


def _locked() -> Select[Any]:
    return (
        select(agreement.c.id)
        .where(
            agreement.c.id == param("subject_id", Uuid()),
            agreement.c.version == param("expected_version", Integer()),
        )
        .with_for_update()
    )


def _new_parties(head: CTE) -> CTE:
    rows = rows_of("parties", party, names=PARTY_COLUMNS)
    values = select(param("subject_id", Uuid()), *(rows.c[name] for name in PARTY_COLUMNS)).where(after(head))
    return insert(party).from_select(["agreement_id", *PARTY_COLUMNS], values).cte("new_parties")


def _kept_parties(head: CTE) -> CTE:
    """Write every party of the record: new ones come, known ones change in place."""
    rows = rows_of("parties", party, names=PARTY_COLUMNS)
    values = select(param("subject_id", Uuid()), *(rows.c[name] for name in PARTY_COLUMNS)).where(after(head))
    statement = upsert(party).from_select(["agreement_id", *PARTY_COLUMNS], values)
    changed = {name: statement.excluded[name] for name in PARTY_COLUMNS if name != "organization_id"}
    return statement.on_conflict_do_update(
        index_elements=["agreement_id", "organization_id"], set_=changed
    ).cte("kept_parties")


def _gone_parties(head: CTE) -> CTE:
    rows = rows_of("parties", party, names=PARTY_COLUMNS)
    kept = exists(select(rows.c.organization_id).where(rows.c.organization_id == party.c.organization_id))
    statement = delete(party).where(party.c.agreement_id == param("subject_id", Uuid()), after(head), ~kept)
    return statement.cte("gone_parties")


def _entering() -> Select[Any]:
    """Insert the agreement alone: its trigger gives the creator the access row that all else needs."""
    values = {agreement.c[name]: param(name, agreement.c[name].type) for name in _WRITTEN}
    row = insert(agreement).values(values).cte("new_agreement")
    return document(Entered, select(literal(value=True).label("entered")).add_cte(row))


ENTER = Statement(
    "enter_agreement",
    _entering(),
    params=Written,
    row=Entered,
    optional=frozenset(Written.__struct_fields__) - set(_WRITTEN),
)

CREATE = Change(
    "create_agreement",
    params=Written,
    target=None,
    works=lambda head: [_new_parties(head)],
    unused=(*_WRITTEN, "expected_version"),
)


async def create(connection: Connection, written: Written) -> None:
    """Enter an agreement with its parties, in the transaction of the connection."""
    await only(connection, ENTER, params=written)
    await CREATE.run(connection, written)


EDIT = Change(
    "edit_agreement",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(agreement, _CHANGED, head=head), _kept_parties(head), _gone_parties(head)],
    unused=_CREATED_ONCE,
)

MOVE = Change(
    "move_agreement",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(agreement, _CHANGED, head=head)],
    unused=(*_CREATED_ONCE, "parties"),
)

DELETE = Change(
    "delete_agreement",
    params=Removed,
    target=_locked(),
    works=lambda head: [
        delete(agreement).where(agreement.c.id == param("subject_id", Uuid()), after(head)).cte("gone")
    ],
)
