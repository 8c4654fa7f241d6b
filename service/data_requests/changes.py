"""The changes of a data request and of an objection, with what they rest on held."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    all_,
    and_,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.data_requests import data_request, delivery, objection
from service.access.holding import agreement_held, to_come
from service.kernel.ledger import Change, GatedEntry, after, inserted, rows_of, updated
from service.kernel.statement import param

DELIVERY_COLUMNS = tuple(
    column.name
    for column in delivery.columns
    if column.name not in {"agreement_id", "holder_organization_id", "data_request_id"}
)


class Written(GatedEntry, frozen=True, kw_only=True):
    """A new or changed request, with the deliveries that its move adds or acknowledges as JSON rows."""

    held_version: int | None
    held_parent_id: UUID | None
    held_parent_version: int | None
    expected_version: int
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    lane: str
    agreement_id: UUID | None
    requester_organization_id: UUID
    holder_organization_id: UUID
    dataset_id: UUID | None
    title: str
    purpose: str
    fields: tuple[str, ...]
    period_from: date | None
    period_to: date | None
    format: str | None
    legal_basis: str | None
    personal_data: bool
    client_ref: str | None
    client_fingerprint: bytes | None
    state: str
    state_reason: str | None
    number: str | None
    received_on: date | None
    submitted_by: UUID | None
    policy: str | None
    assignee_id: UUID | None
    reviewer_ids: tuple[UUID, ...]
    recommender_ids: tuple[UUID, ...]
    due_on: date | None
    due_at: datetime | None
    extended_on: date | None
    extension_reason: str | None
    exchanges: str | None
    transferred_to: str | None
    recommendation: str | None
    decision: str | None
    decided_on: date | None
    decided_by: UUID | None
    working_days: int | None
    reason_code: str | None
    decision_reason: str | None
    left_out: str | None
    consequence_test_ref: str | None
    conditions: str | None
    conditions_accepted_on: date | None
    access_ends_on: date | None
    deliveries: str


class WrittenObjection(GatedEntry, frozen=True, kw_only=True):
    """A new or changed objection, and the request it is to in the version that the rules saw."""

    request_version: int
    expected_version: int
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID | None
    requester_organization_id: UUID
    holder_organization_id: UUID
    data_request_id: UUID
    ground: str
    reason: str
    state: str
    received_on: date
    due_on: date
    answer: str | None
    decided_on: date | None
    decided_by: UUID | None
    barred_ids: tuple[UUID, ...]


_ROW = tuple(column.name for column in data_request.columns)
_ONCE = {
    "id",
    "created_at",
    "created_by",
    "lane",
    "agreement_id",
    "requester_organization_id",
    "holder_organization_id",
    "client_ref",
    "client_fingerprint",
}
_CHANGED = tuple(name for name in _ROW if name not in _ONCE)
HELD = ("held_version", "held_parent_id", "held_parent_version")
_ACTOR = param("actor_id", Uuid())


def _locked(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Lock the request in the version the rules saw, with its agreement held where it has one."""
    held = agreement_held()
    by_law = param("ledger_agreement_id", Uuid()).is_(None)
    return (
        select(data_request.c.id)
        .where(
            data_request.c.id == param("subject_id", Uuid()),
            data_request.c.version == param("expected_version", Integer()),
            or_(by_law, exists(select(held.c.id))),
            *conditions,
        )
        .with_for_update()
    )


def _of_another() -> ColumnElement[bool]:
    """Return whether the actor neither asked nor recommended: the second of three times this is asked."""
    return and_(
        data_request.c.created_by.is_distinct_from(_ACTOR),
        data_request.c.submitted_by.is_distinct_from(_ACTOR),
        all_(data_request.c.recommender_ids) != _ACTOR,
    )


def _new_deliveries(head: CTE) -> CTE:
    rows = rows_of("deliveries", delivery, names=DELIVERY_COLUMNS)
    values = select(
        param("agreement_id", Uuid()),
        param("holder_organization_id", Uuid()),
        param("subject_id", Uuid()),
        *(rows.c[name] for name in DELIVERY_COLUMNS),
    ).where(after(head))
    target = ["agreement_id", "holder_organization_id", "data_request_id", *DELIVERY_COLUMNS]
    return insert(delivery).from_select(target, values).cte("new_deliveries")


def _acknowledgements(head: CTE) -> CTE:
    rows = rows_of("deliveries", delivery, names=("id", "acknowledged_at", "acknowledged_by"))
    return (
        update(delivery)
        .where(
            delivery.c.id == rows.c.id,
            delivery.c.data_request_id == param("subject_id", Uuid()),
            after(head),
        )
        .values(acknowledged_at=rows.c.acknowledged_at, acknowledged_by=rows.c.acknowledged_by)
        .cte("acknowledged")
    )


CREATE_UNDER = Change(
    "create_data_request",
    params=Written,
    target=to_come(),
    works=lambda head: [inserted(data_request, _ROW, head=head)],
    unused=("expected_version", "deliveries"),
)

CREATE_BY_LAW = Change(
    "create_data_request",
    params=Written,
    target=None,
    works=lambda head: [inserted(data_request, _ROW, head=head)],
    unused=("expected_version", "deliveries", *HELD),
)

MOVE = Change(
    "move_data_request",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(data_request, _CHANGED, head=head)],
    unused=(*_ONCE, "deliveries"),
)

DECIDE = Change(
    "decide_data_request",
    params=Written,
    target=_locked(_of_another()),
    works=lambda head: [updated(data_request, _CHANGED, head=head)],
    unused=(*_ONCE, "deliveries"),
)

DELIVER = Change(
    "deliver_data",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(data_request, _CHANGED, head=head), _new_deliveries(head)],
    unused=_ONCE,
)

ACKNOWLEDGE = Change(
    "acknowledge_data",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(data_request, _CHANGED, head=head), _acknowledgements(head)],
    unused=_ONCE,
)

_OBJECTION = tuple(column.name for column in objection.columns)
_LODGED_ONCE = {
    "id",
    "created_at",
    "created_by",
    "agreement_id",
    "requester_organization_id",
    "holder_organization_id",
    "ground",
    "reason",
    "received_on",
    "due_on",
}
_OBJECTION_CHANGED = tuple(
    name for name in _OBJECTION if name not in _LODGED_ONCE and name != "data_request_id"
)


def _request_held() -> Select[Any]:
    return (
        select(data_request.c.id)
        .where(
            data_request.c.id == param("data_request_id", Uuid()),
            data_request.c.version == param("request_version", Integer()),
        )
        .with_for_update(read=True)
    )


def _objection_locked(*conditions: ColumnElement[bool]) -> Select[Any]:
    held = _request_held().cte("held_request")
    return (
        select(objection.c.id)
        .where(
            objection.c.id == param("subject_id", Uuid()),
            objection.c.version == param("expected_version", Integer()),
            exists(select(held.c.id)),
            *conditions,
        )
        .with_for_update()
    )


def _uninvolved() -> ColumnElement[bool]:
    barred = param("barred_ids", ARRAY(Uuid))
    return and_(objection.c.created_by.is_distinct_from(_ACTOR), all_(barred) != _ACTOR)


LODGE = Change(
    "lodge_objection",
    params=WrittenObjection,
    target=_request_held(),
    works=lambda head: [inserted(objection, _OBJECTION, head=head)],
    unused=("expected_version",),
)

DECIDE_OBJECTION = Change(
    "decide_objection",
    params=WrittenObjection,
    target=_objection_locked(_uninvolved()),
    works=lambda head: [updated(objection, _OBJECTION_CHANGED, head=head)],
    unused=_LODGED_ONCE,
)

WITHDRAW_OBJECTION = Change(
    "withdraw_objection",
    params=WrittenObjection,
    target=_objection_locked(),
    works=lambda head: [updated(objection, _OBJECTION_CHANGED, head=head)],
    unused=_LODGED_ONCE,
)
