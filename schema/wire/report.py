"""Laporan Pelaksanaan Kerja Sama: what was agreed, done and reached in a period of an agreement."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import (
    ActivityKind,
    ActivityState,
    AgreementKind,
    AgreementPhase,
    DataRequestState,
    Decision,
    DocumentKind,
    MilestoneHealth,
    MilestoneState,
    Precision,
    WorkplanLevel,
    WorkplanState,
)
from schema.wire.activities import ExternalRef
from schema.wire.agreements import Label as PartyLabel
from schema.wire.agreements import Position, Scope, Signatory
from schema.wire.common import (
    Count,
    Day,
    DocumentNumber,
    EvidenceList,
    Id,
    Input,
    Line,
    Name,
    RegionCode,
    Reply,
    Text,
    Title,
)
from schema.wire.data_requests import Number
from schema.wire.documents import Filename
from schema.wire.summary import (
    ActivitySummary,
    AttendanceSummary,
    MilestoneSummary,
    RequestSummary,
    WorkplanSummary,
)
from schema.wire.workplans import Achieved, AgreementYear, ItemCode, Measure, Unit

MOST_ROWS = 200
"""Rows that each list of a report holds; the figures count all."""

Left = Annotated[int, Meta(ge=0, le=2_147_483_647, description="Rows left out of the list.", examples=[0])]


class ReportPeriod(Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Days a report is about, both inclusive; null where it has no bound."""

    first: Annotated[Day | None, Meta(description="First day; null: from the beginning.")]
    last: Annotated[
        Day | None, Meta(description="Last day; null: all until `as_of`, and what is planned after it.")
    ]


class ReportQuery(Input, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The period of a report; without it, the whole agreement."""

    first: Annotated[Day | UnsetType, Meta(description="First day, inclusive.", examples=["2026-01-01"])] = (
        UNSET
    )
    last: Annotated[Day | UnsetType, Meta(description="Last day, inclusive.", examples=["2026-06-30"])] = (
        UNSET
    )


class ReportedParty(Reply, frozen=True, kw_only=True):
    """A partner."""

    organization_id: Id
    name: Annotated[Name, Meta(description="Name of the organization today.")]
    position: Position
    label: Annotated[PartyLabel | None, Meta(description="What the paper calls the party.")]
    document_number: DocumentNumber | None
    signatory: Annotated[Signatory | None, Meta(description="Who signed.")]
    power_of_attorney: Annotated[Line | None, Meta(description="Surat kuasa of a unit head.")]


class ReportedParent(Reply, frozen=True, kw_only=True):
    """The MoU a PKS is made under."""

    id: Id
    title: Title


class ReportedAmendment(Reply, frozen=True, kw_only=True):
    """A signed amendment."""

    sequence: Annotated[int, Meta(ge=1, le=2_147_483_647, description="Its number.", examples=[1])]
    title: Annotated[Title | None, Meta(description="What it is called.")]
    signed_on: Annotated[Day | None, Meta(description="Day it was signed.")]


class ReportedAgreement(Reply, frozen=True, kw_only=True):
    """What the report is about."""

    kind: Annotated[AgreementKind, Meta(description="What the paper is.")]
    title: Title
    printed_title: Annotated[Title | None, Meta(description="What the paper or the press calls it.")]
    objective: Annotated[Text | None, Meta(description="Purpose.")]
    scope: Scope
    region_code: RegionCode | None
    phase: Annotated[AgreementPhase, Meta(description="Where it stands on the day of the report.")]
    signed_on: Annotated[Day | None, Meta(description="Day of signing.")]
    signed_on_precision: Annotated[Precision | None, Meta(description="How well that day is known.")]
    signed_not_after: Annotated[Day | None, Meta(description="Day by which it was signed.")]
    effective_from: Annotated[Day | None, Meta(description="First day in force.")]
    ends_on: Annotated[Day | None, Meta(description="Last day, inclusive.")]
    open_ended: Annotated[bool, Meta(description="It says explicitly that it has no end.")]
    parent: Annotated[ReportedParent | None, Meta(description="MoU it is made under.")]
    parties: Annotated[tuple[ReportedParty, ...], Meta(max_length=50, description="By position.")]
    amendments: Annotated[
        tuple[ReportedAmendment, ...], Meta(max_length=MOST_ROWS, description="Signed ones, by number.")
    ]


class ReportedActivity(Reply, frozen=True, kw_only=True):
    """An activity that took place."""

    id: Id
    kind: Annotated[ActivityKind, Meta(description="What it was.")]
    title: Title
    starts_on: Annotated[Day, Meta(description="First day.")]
    ends_on: Annotated[Day, Meta(description="Last day.")]
    venue: Annotated[Line | None, Meta(description="Where.")]
    state: Annotated[ActivityState, Meta(description="`held`, `reported` or `verified`.")]
    participants: Annotated[Count | None, Meta(description="People who came; null when not reported.")]
    outcome: Annotated[Text | None, Meta(description="What came of it.")]
    evidence: EvidenceList
    external_refs: Annotated[
        tuple[ExternalRef, ...], Meta(max_length=50, description="The same in other systems, and the news.")
    ]


class ReportedResult(Reply, frozen=True, kw_only=True):
    """An outcome, output or activity line of the work plan, and where its indicator stands."""

    id: Id
    level: Annotated[WorkplanLevel, Meta(description="Where it stands in the tree.")]
    code: ItemCode | None
    title: Title
    agreement_year: AgreementYear
    due_on: Annotated[Day | None, Meta(description="Last day it is not late on; null when unknown.")]
    state: Annotated[WorkplanState, Meta(description="What persons decided.")]
    late: Annotated[bool, Meta(description="Whether it is past its due day and not completed.")]
    indicator: Annotated[Name | None, Meta(description="What is measured; null without an indicator.")]
    unit: Unit | None
    target: Annotated[Measure | None, Meta(description="Where it should arrive.")]
    achieved: Achieved | None


class ReportedMilestone(Reply, frozen=True, kw_only=True):
    """A dated promise."""

    id: Id
    title: Title
    owner_organization_id: Annotated[Id, Meta(description="Party that promised it.")]
    due_on: Annotated[Day, Meta(description="Last day on which it is in time.")]
    achieved_on: Annotated[Day | None, Meta(description="Day it was achieved.")]
    state: Annotated[MilestoneState, Meta(description="What persons decided.")]
    health: Annotated[
        MilestoneHealth | None, Meta(description="How it stands; null once waived or cancelled.")
    ]


class ReportedRequest(Reply, frozen=True, kw_only=True):
    """A data request that was handed in."""

    id: Id
    number: Number | None
    title: Title
    requester_organization_id: Annotated[Id, Meta(description="Organization that asks.")]
    holder_organization_id: Annotated[Id, Meta(description="Organization that holds the data and decides.")]
    received_on: Annotated[Day, Meta(description="Day of receipt.")]
    due_on: Annotated[Day | None, Meta(description="Last day to decide on; null while no clock runs.")]
    state: Annotated[DataRequestState, Meta(description="Where it stands.")]
    overdue: Annotated[bool, Meta(description="Not decided, and due before the day of the report.")]
    decision: Annotated[Decision | None, Meta(description="What was decided; it stays.")]
    decided_on: Annotated[Day | None, Meta(description="Day of the decision.")]


class ReportedDocument(Reply, frozen=True, kw_only=True):
    """A stored document; its bytes are at `/v1/documents/{id}/content`."""

    id: Id
    kind: Annotated[DocumentKind, Meta(description="What it is.")]
    filename: Filename
    hard_copy_location: Annotated[Line | None, Meta(description="Where the paper itself lies.")]


class NamedOrganization(Reply, frozen=True, kw_only=True):
    """An organization that the report mentions."""

    organization_id: Id
    name: Annotated[Name, Meta(description="Its name today.")]


class LeftOut(Reply, frozen=True, kw_only=True):
    """How many rows each list leaves out; the figures count all of them."""

    held: Left
    results: Left
    promises: Left
    asked: Left
    documents: Left


class AgreementReport(Reply, frozen=True, kw_only=True):
    """Laporan Pelaksanaan Kerja Sama: what was done, asked for and promised in a period.

    Joint activities count by their first day, data requests by their day of receipt, the rest by its due day.
    Without `from` and `to` its figures are those of the summary. Items of the work plan without a known
    due day count in every period.
    """

    agreement_id: Id
    as_of: Annotated[Day, Meta(description="Day the figures that the calendar decides are of.")]
    period: Annotated[ReportPeriod, Meta(description="Days it is about.")]
    agreement: Annotated[ReportedAgreement, Meta(description="What was agreed, and between whom.")]
    activities: Annotated[ActivitySummary, Meta(description="What was planned and done.")]
    attendance: Annotated[AttendanceSummary, Meta(description="Who came.")]
    workplan: Annotated[WorkplanSummary, Meta(description="What was planned by agreement year.")]
    milestones: Annotated[MilestoneSummary, Meta(description="What was promised, by how it stands.")]
    data_requests: Annotated[RequestSummary, Meta(description="Which data was asked for and given.")]
    held: Annotated[
        tuple[ReportedActivity, ...],
        Meta(max_length=MOST_ROWS, description="Activities that took place, newest first."),
    ]
    results: Annotated[
        tuple[ReportedResult, ...],
        Meta(max_length=MOST_ROWS, description="Work plan by agreement year and code, without the dropped."),
    ]
    promises: Annotated[
        tuple[ReportedMilestone, ...], Meta(max_length=MOST_ROWS, description="Milestones by due day.")
    ]
    asked: Annotated[
        tuple[ReportedRequest, ...], Meta(max_length=MOST_ROWS, description="Data requests, newest first.")
    ]
    documents: Annotated[
        tuple[ReportedDocument, ...],
        Meta(max_length=MOST_ROWS, description="Of the agreement and of activities in the period."),
    ]
    left_out: Annotated[LeftOut, Meta(description="What the lists leave out.")]
    organizations: Annotated[
        tuple[NamedOrganization, ...],
        Meta(max_length=100_000, description="Names of the organizations that came, promised or asked."),
    ]
