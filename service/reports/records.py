"""What a report is made of, as its statement gives it: a name here is a key there."""

from datetime import date
from uuid import UUID

import msgspec

from schema.vocabulary import AgreementKind, AgreementState, Precision
from schema.wire.report import (
    LeftOut,
    NamedOrganization,
    ReportedActivity,
    ReportedAmendment,
    ReportedDocument,
    ReportedMilestone,
    ReportedParent,
    ReportedParty,
    ReportedRequest,
    ReportedResult,
)
from schema.wire.summary import HealthCount, RequestSummary, WorkplanYear
from service.access.standing import Parent
from service.access.tallies import ActivityTally, AttendanceTally


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A period of an agreement, on a day, for one organization."""

    agreement_id: UUID
    acting_id: UUID
    today: date
    first_day: date
    last_day: date


class Pact(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement as it is stored, as far as a report tells it or its phase depends on it."""

    kind: AgreementKind
    title: str
    printed_title: str | None
    objective: str | None
    scope: tuple[str, ...]
    region_code: str | None
    state: AgreementState
    signed_on: date | None
    signed_on_precision: Precision | None
    signed_not_after: date | None
    effective_from: date | None
    ends_on: date | None
    open_ended: bool
    notice_months: int
    survives_parent: bool
    suspended_on: date | None
    terminated_on: date | None
    parent: Parent | None
    above: ReportedParent | None
    parties: tuple[ReportedParty, ...]
    amendments: tuple[ReportedAmendment, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a report is made of."""

    pact: Pact
    activities: tuple[ActivityTally, ...]
    attendance: tuple[AttendanceTally, ...]
    milestones: tuple[HealthCount, ...]
    workplan: tuple[WorkplanYear, ...]
    data_requests: RequestSummary
    held: tuple[ReportedActivity, ...]
    results: tuple[ReportedResult, ...]
    promises: tuple[ReportedMilestone, ...]
    asked: tuple[ReportedRequest, ...]
    documents: tuple[ReportedDocument, ...]
    left_out: LeftOut
    organizations: tuple[NamedOrganization, ...]
