"""What the rules of data requests are given: a request as stored, and what they must know around it.

A stored request is decoded from a JSON document that a statement makes, so a name here is a key there.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec

from schema.vocabulary import (
    Classification,
    DataRequestState,
    Decision,
    Lane,
    ObjectionGround,
    ObjectionState,
    RefusalReason,
)
from schema.wire import data_requests as wire
from service.access.basis import AgreementFacts
from service.kernel.clock import Calendar


class ClockPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The deadlines a request was handed in under, by name; they stay its own when the settings change.

    All are working days but `due_soon_days`. `joint_leave`: whether the holder is shut on joint leave.
    """

    name: str
    answer_days: int
    extension_days: int
    objection_days: int
    objection_answer_days: int
    due_soon_days: int
    joint_leave: bool


class DatasetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset as far as a request for it depends on it."""

    id: UUID
    holder_organization_id: UUID
    classification: Classification
    contains_personal_data: bool


class DocumentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A document as far as delivering it depends on it."""

    id: UUID
    byte_size: int
    sha256: str


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A data request with its deliveries.

    `reviewer_ids` are all persons who ever handled it, `recommender_ids` those who recommended: they decide
    neither it nor, the former, an objection to it.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    lane: Lane
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
    state: DataRequestState
    state_reason: str | None
    number: str | None
    received_on: date | None
    submitted_by: UUID | None
    policy: ClockPolicy | None
    assignee_id: UUID | None
    reviewer_ids: tuple[UUID, ...]
    recommender_ids: tuple[UUID, ...]
    due_on: date | None
    extended_on: date | None
    extension_reason: str | None
    exchanges: tuple[wire.Exchange, ...]
    transferred_to: str | None
    recommendation: wire.Recommendation | None
    decision: Decision | None
    decided_on: date | None
    decided_by: UUID | None
    working_days: int | None
    reason_code: RefusalReason | None
    decision_reason: str | None
    left_out: str | None
    consequence_test_ref: str | None
    conditions: str | None
    conditions_accepted_on: date | None
    access_ends_on: date | None
    deliveries: tuple[wire.Delivery, ...]


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """An objection as stored; `barred_ids` are the persons who may not decide it, once it is decided."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    data_request_id: UUID
    agreement_id: UUID | None
    requester_organization_id: UUID
    holder_organization_id: UUID
    ground: ObjectionGround
    reason: str
    state: ObjectionState
    received_on: date
    due_on: date
    answer: str | None
    decided_on: date | None
    decided_by: UUID | None
    barred_ids: tuple[UUID, ...]


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule must know besides the request.

    `today` is the day at the holder. `policy` is that of a request handed in now; `number` the one kept for
    it. `assignable`: whether the person named in a move is a reviewer of the holder. `document` is the one
    named in a move, when the holder stored it under the agreement. `new_id` is for what a move makes.
    `agreement` is None in lane ppid.
    """

    today: date
    agreement: AgreementFacts | None
    dataset: DatasetFacts | None
    calendar: Calendar
    policy: ClockPolicy
    new_id: UUID
    assignable: bool = False
    document: DocumentFacts | None = None
    number: str | None = None
