"""Statements over amendments: one document each, with the agreement they change, and their changes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Label,
    Select,
    Uuid,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.types import DateTime

from schema.tables.agreements import agreement
from schema.tables.amendments import amendment, amendment_acceptance
from schema.wire.amendments import Acceptance
from service.access.holding import Behind, agreement_as_read, agreement_held, locked, to_come
from service.access.visibility import visible_to
from service.agreements.amendment_records import StoredAmendment
from service.agreements.amendment_terms import Amendable
from service.agreements.phase import Stored
from service.agreements.queries import columns_of
from service.kernel.ledger import Change, after, inserted, updated
from service.kernel.statement import Statement, document, json_list, json_one, param

COLUMNS = tuple(name for name in StoredAmendment.__struct_fields__ if name != "acceptances")
_IS_OPEN = "amendment.state IN ('in_discussion', 'ready_to_sign')"
_ONCE = {
    "id",
    "created_at",
    "created_by",
    "agreement_id",
    "sequence",
    "organization_id",
}
_CHANGED = tuple(name for name in COLUMNS if name not in _ONCE)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An amendment with its agreement."""

    amendment: StoredAmendment
    agreement: Stored


class BySequence(msgspec.Struct, frozen=True, kw_only=True):
    """One amendment of an agreement, for one organization."""

    agreement_id: UUID
    sequence: int
    acting_id: UUID


class ById(msgspec.Struct, frozen=True):
    """One amendment, or one agreement, for one organization."""

    subject_id: UUID
    acting_id: UUID


class Written(Behind, frozen=True, kw_only=True):
    """A new or changed amendment."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    sequence: int
    organization_id: UUID
    title: str | None
    kinds: tuple[str, ...]
    changes: str
    terms_version: int
    base_terms_version: int
    state: str
    state_reason: str | None
    ready_on: date | None
    signed_on: date | None
    signing_registered_on: date | None
    signatures: str
    document_ref: str | None
    document_id: UUID | None
    differences: str | None
    cancelled_on: date | None
    agreement_version: int | None


def _acceptances(of: NamedFromClause[Any]) -> Label[Any]:
    """Return the acceptances that count, those of the present terms."""
    accepted = amendment_acceptance
    rows = (
        select(accepted.c.organization_id, accepted.c.user_id, accepted.c.accepted_at.label("at"))
        .where(
            accepted.c.agreement_id == of.c.agreement_id,
            accepted.c.amendment_id == of.c.id,
            accepted.c.terms_version == of.c.terms_version,
        )
        .order_by(accepted.c.accepted_at, accepted.c.organization_id)
        .correlate(of)
    )
    return json_list(Acceptance, rows, name="acceptances")


def amendment_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a stored amendment, as its struct names them."""
    return [*(amendment.c[name] for name in COLUMNS), _acceptances(amendment)]


def agreement_of(agreement_id: ColumnElement[Any]) -> Label[Any]:
    """Return an agreement that the acting organization sees, null when it does not."""
    rows = select(*columns_of()).where(agreement.c.id == agreement_id, visible_to(agreement.c.id))
    return json_one(Stored, rows, name="agreement")


def _found(*wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    one = select(*amendment_columns()).where(*wanted, visible_to(amendment.c.agreement_id))
    whose = select(amendment.c.agreement_id).where(*wanted).scalar_subquery()
    found = select(json_one(StoredAmendment, one, name="amendment"), agreement_of(whose)).subquery("found")
    return select(found).where(found.c.amendment.is_not(None), found.c.agreement.is_not(None))


AMENDMENT = Statement(
    "amendment",
    document(
        Found,
        _found(
            amendment.c.agreement_id == param("agreement_id", Uuid()),
            amendment.c.sequence == param("sequence", Integer()),
        ),
    ),
    params=BySequence,
    row=Found,
)

AMENDMENT_BY_ID = Statement(
    "amendment_by_id",
    document(Found, _found(amendment.c.id == param("subject_id", Uuid()))),
    params=ById,
    row=Found,
)


def _amendable() -> Select[*tuple[Any, ...]]:
    """Return the agreement with the numbers of its amendments; nothing where it is not seen."""
    wanted = param("subject_id", Uuid())

    def of_amendments(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
        mine = (amendment.c.agreement_id == wanted, visible_to(amendment.c.agreement_id))
        return select(value).where(*mine, *conditions).scalar_subquery()

    is_open: ColumnElement[bool] = literal_column(_IS_OPEN)
    found = select(
        agreement_of(wanted),
        (func.coalesce(of_amendments(func.max(amendment.c.sequence)), 0) + 1).label("next_sequence"),
        of_amendments(amendment.c.sequence, is_open).label("open_sequence"),
    ).subquery("found")
    return select(found).where(found.c.agreement.is_not(None))


AMENDABLE = Statement("amendable_agreement", document(Amendable, _amendable()), params=ById, row=Amendable)


def _taken() -> CTE:
    """Keep others from resting on the agreement as well: it is about to change."""
    return agreement_as_read().with_for_update().cte("held_agreement")


def _acceptance(head: CTE) -> CTE:
    columns = {
        amendment_acceptance.c.agreement_id: param("ledger_agreement_id", Uuid()),
        amendment_acceptance.c.amendment_id: param("subject_id", Uuid()),
        amendment_acceptance.c.terms_version: param("terms_version", Integer()),
        amendment_acceptance.c.organization_id: param("acting_id", Uuid()),
        amendment_acceptance.c.user_id: param("actor_id", Uuid()),
        amendment_acceptance.c.accepted_at: param("now", DateTime(timezone=True)),
    }
    values = select(*columns.values()).where(after(head))
    return insert(amendment_acceptance).from_select(list(columns), values).cte("new_acceptance")


CREATE = Change(
    "create_amendment",
    params=Written,
    target=to_come(),
    works=lambda head: [inserted(amendment, COLUMNS, head=head)],
    unused=("expected_version",),
)

EDIT = Change(
    "edit_amendment",
    params=Written,
    target=locked(amendment, agreement_held()),
    works=lambda head: [updated(amendment, _CHANGED, head=head)],
    unused=_ONCE,
)

ACCEPT = Change(
    "accept_amendment",
    params=Written,
    target=locked(amendment, agreement_held()),
    works=lambda head: [updated(amendment, _CHANGED, head=head), _acceptance(head)],
    unused=_ONCE,
)

SIGN = Change(
    "sign_amendment",
    params=Written,
    target=locked(amendment, _taken()),
    works=lambda head: [updated(amendment, _CHANGED, head=head)],
    unused=_ONCE,
)
