"""Data requests: what one organization asks of another, its clock, what was decided and delivered."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

from schema.vocabulary import (
    Channel,
    DataRequestState,
    Decision,
    Lane,
    Recommended,
    RefusalReason,
    RequestRole,
)
from schema.wire.common import (
    Count,
    Day,
    HistoryEntry,
    Id,
    Input,
    Instant,
    Line,
    ListQuery,
    Page,
    Reason,
    ReasonedRecord,
    Reply,
    Text,
    Title,
    Url,
)

ClientRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="The client's own reference, unique per organization for ever: a retry makes no other.",
        examples=["phone-7-000124"],
    ),
]
Format = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"\S", description="Format of the data.", examples=["csv"])
]
Basis = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=r"\S",
        description="Law or clause it rests on.",
        examples=["UU 14/2008 Pasal 4"],
    ),
]
Fields = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")], ...],
    Meta(max_length=200, description="Names of the fields asked for.", examples=[["kode_rup", "pagu"]]),
]
Number = Annotated[
    str,
    Meta(
        max_length=40,
        description="Given at submission, per holder and year; never used again.",
        examples=["PD-2026-000017"],
    ),
]
Sha256 = Annotated[
    str,
    Meta(
        min_length=64,
        max_length=64,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the bytes, in lower-case hexadecimal.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Bytes = Annotated[int, Meta(ge=0, le=1_000_000_000_000_000, description="Size in bytes.", examples=[20480])]
Conditions = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4000,
        pattern=r"\S",
        description="What the requester must accept before anything is delivered.",
        examples=["Hanya untuk pemantauan bersama; tidak disebarluaskan."],
    ),
]
WorkingDayCount = Annotated[int, Meta(ge=0, le=1000, description="Working days.", examples=[10])]


Ordinal = Annotated[int, Meta(ge=1, le=1000)]
Shut = Annotated[str, Meta(max_length=1000)]


class Period(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The time the data is of; both days inclusive."""

    start: Annotated[Day, Meta(description="First day.", examples=["2025-01-01"])] = field(name="from")
    end: Annotated[Day, Meta(description="Last day.", examples=["2025-12-31"])] = field(name="to")


class CreateDataRequest(Input, frozen=True, kw_only=True):
    """A new data request, a draft until it is submitted."""

    holder_organization_id: Annotated[Id, Meta(description="Organization that holds the data and decides.")]
    title: Title
    purpose: Annotated[Text, Meta(description="What the data is for.", examples=["Pemantauan pengadaan"])]
    lane: Annotated[Lane, Meta(description="Under an agreement, or by the law.", examples=["pks"])]
    agreement_id: Annotated[Id | None, Meta(description="Agreement it rests on: in lane `pks` alone.")] = None
    dataset_id: Annotated[Id | None, Meta(description="Dataset of the holder's catalogue.")] = None
    fields: Fields = ()
    period: Annotated[Period | None, Meta(description="The time the data is of.")] = None
    format: Annotated[Format | None, Meta(description="Format asked for.")] = None
    legal_basis: Annotated[Basis | None, Meta(description="What it rests on.")] = None
    personal_data: Annotated[bool, Meta(description="Whether persons can be told from it.")] = False
    client_ref: ClientRef | None = None


class UpdateDataRequest(Input, frozen=True, kw_only=True):
    """Changed fields of a draft; absent stays, null clears."""

    title: Title | UnsetType = UNSET
    purpose: Annotated[Text | UnsetType, Meta(description="What the data is for.")] = UNSET
    dataset_id: Annotated[Id | None | UnsetType, Meta(description="Dataset of the holder.")] = UNSET
    fields: Fields | UnsetType = UNSET
    period: Annotated[Period | None | UnsetType, Meta(description="The time the data is of.")] = UNSET
    format: Annotated[Format | None | UnsetType, Meta(description="Format asked for.")] = UNSET
    legal_basis: Annotated[Basis | None | UnsetType, Meta(description="What it rests on.")] = UNSET
    personal_data: Annotated[bool | UnsetType, Meta(description="Whether it tells of persons.")] = UNSET


class Exchange(Reply, frozen=True, kw_only=True):
    """A question of the holder and its answer; the clock stands still in between."""

    question: Annotated[Text, Meta(description="What the holder wants to know.")]
    asked_on: Annotated[Day, Meta(description="Day it was asked; it still counts.")]
    asked_by: Annotated[Id, Meta(description="Person who asked.")]
    answer: Annotated[Text | None, Meta(description="Null while the holder waits.")]
    answered_on: Annotated[Day | None, Meta(description="Day of the answer; it does not count.")]
    answered_by: Annotated[Id | None, Meta(description="Person who answered.")]


class Recommendation(Reply, frozen=True, kw_only=True):
    """What the reviewer recommends to the approver."""

    recommendation: Annotated[Recommended, Meta(description="What to decide.")]
    note: Annotated[Text | None, Meta(description="Why.")]
    conditions: Annotated[Conditions | None, Meta(description="Conditions to set.")]
    personal_data_assessment: Annotated[Text | None, Meta(description="What it means for persons.")]
    recommended_by: Annotated[Id, Meta(description="Person; another one decides.")]
    recommended_on: Annotated[Day, Meta(description="Day.")]


class ClockDay(Reply, frozen=True, kw_only=True):
    """A day on the way to the due day."""

    on: Annotated[Day, Meta(description="The day.", examples=["2025-03-18"])]
    counted: Annotated[Ordinal | None, Meta(description="Its number among the days that count; else null.")]
    reason: Annotated[
        Shut | None,
        Meta(
            description="Why not: `weekend`, `paused`, or the name of the holiday.",
            examples=["weekend"],
        ),
    ]


class Clock(Reply, frozen=True, kw_only=True):
    """How the due day follows from the day of receipt, day by day."""

    policy: Annotated[
        str, Meta(max_length=60, description="Name of the rule it runs by.", examples=["uu_kip_14_2008"])
    ]
    received_on: Annotated[Day, Meta(description="Day of receipt; it is not counted.")]
    answer_days: Annotated[WorkingDayCount, Meta(description="Working days to decide in.")]
    extension_days: Annotated[WorkingDayCount, Meta(description="Days the extension added; 0 without one.")]
    joint_leave: Annotated[bool, Meta(description="Whether the holder is shut on joint leave.")]
    paused: Annotated[bool, Meta(description="Whether it stands still, waiting for an answer.")]
    due_on: Annotated[Day | None, Meta(description="Last day to decide on; null while it stands still.")]
    days: Annotated[
        tuple[ClockDay, ...],
        Meta(max_length=100_000, description="Every day after receipt, up to the due day or the question."),
    ]
    calendar_version: Annotated[
        str, Meta(max_length=200, description="Where the holidays come from.", examples=["holidays-0.109"])
    ]
    estimated: Annotated[bool, Meta(description="Whether it touches a year not all decreed yet.")]


class Delivery(Reply, frozen=True, kw_only=True):
    """Data that was handed over; only the acknowledgement is added later."""

    id: Id
    url: Annotated[Url | None, Meta(description="Where it is; null once access has ended.")]
    document_id: Annotated[
        Id | None,
        Meta(description="The document it is; null once access has ended, and it is not read any more."),
    ]
    format: Annotated[Format | None, Meta(description="Format.")]
    rows: Annotated[Count | None, Meta(description="Rows; null when nobody counted.")]
    byte_size: Annotated[Bytes | None, Meta(description="Size in bytes.")]
    sha256: Annotated[Sha256 | None, Meta(description="SHA-256 of the bytes.")]
    channel: Annotated[Channel, Meta(description="How it was handed over.")]
    note: Annotated[Line | None, Meta(description="What is in it.")]
    complete: Annotated[bool, Meta(description="Whether nothing of what was granted is missing now.")]
    delivered_at: Annotated[Instant, Meta(description="When.")]
    delivered_by: Annotated[Id, Meta(description="Person of the holder.")]
    acknowledged_at: Annotated[Instant | None, Meta(description="When the requester had it.")]
    acknowledged_by: Annotated[Id | None, Meta(description="Person of the requester.")]


class DataRequest(ReasonedRecord, frozen=True, kw_only=True):
    """A data request with its clock, decision and deliveries."""

    number: Annotated[Number | None, Meta(description="Null until it is submitted.")]
    lane: Annotated[Lane, Meta(description="Under an agreement, or by the law.")]
    agreement_id: Annotated[Id | None, Meta(description="Agreement it rests on; null in lane `ppid`.")]
    requester_organization_id: Annotated[Id, Meta(description="Organization that asks.")]
    holder_organization_id: Annotated[Id, Meta(description="Organization that holds the data and decides.")]
    dataset_id: Annotated[Id | None, Meta(description="Dataset of the holder's catalogue.")]
    title: Title
    purpose: Annotated[Text, Meta(description="What the data is for.")]
    fields: Fields
    period: Annotated[Period | None, Meta(description="The time the data is of.")]
    format: Annotated[Format | None, Meta(description="Format asked for.")]
    legal_basis: Annotated[Basis | None, Meta(description="What it rests on.")]
    personal_data: Annotated[bool, Meta(description="Whether persons can be told from it.")]
    client_ref: ClientRef | None
    state: Annotated[DataRequestState, Meta(description="What persons decided.")]
    state_reason: Annotated[Reason | None, Meta(description="Reason of the last move that needed one.")]
    received_on: Annotated[Day | None, Meta(description="Day of receipt, in the holder's time zone.")]
    submitted_by: Annotated[Id | None, Meta(description="Person who submitted it.")]
    assignee_id: Annotated[Id | None, Meta(description="Person of the holder who handles it.")]
    due_on: Annotated[Day | None, Meta(description="Last day to decide on; null while no clock runs.")]
    due_soon: Annotated[bool, Meta(description="Whether the due day is near.")]
    overdue: Annotated[bool, Meta(description="Whether the due day has passed without a decision.")]
    extended_on: Annotated[Day | None, Meta(description="Day it was extended; at most once.")]
    extension_reason: Annotated[Reason | None, Meta(description="Why it was extended.")]
    clock: Annotated[Clock | None, Meta(description="How the due day was computed; null before submission.")]
    exchanges: Annotated[tuple[Exchange, ...], Meta(max_length=100, description="Questions and answers.")]
    transferred_to: Annotated[Line | None, Meta(description="Body that holds the data instead.")]
    recommendation: Annotated[Recommendation | None, Meta(description="Of the reviewer, the latest one.")]
    decision: Annotated[Decision | None, Meta(description="What was decided; it stays.")]
    decided_on: Annotated[Day | None, Meta(description="Day of the decision.")]
    decided_by: Annotated[Id | None, Meta(description="Person who decided.")]
    working_days: Annotated[WorkingDayCount | None, Meta(description="Working days it took to decide.")]
    reason_code: Annotated[RefusalReason | None, Meta(description="Why data is not given.")]
    decision_reason: Annotated[Reason | None, Meta(description="The same in words.")]
    left_out: Annotated[Text | None, Meta(description="What is left out of what was asked for.")]
    consequence_test_ref: Annotated[
        Line | None, Meta(description="Where the consequence test lies (UU KIP article 19).")
    ]
    conditions: Annotated[Conditions | None, Meta(description="Conditions of the grant.")]
    conditions_accepted_on: Annotated[Day | None, Meta(description="Day the requester accepted them.")]
    access_ends_on: Annotated[
        Day | None, Meta(description="Last day of access: as decided, else the last day of the agreement.")
    ]
    access_ended: Annotated[bool, Meta(description="Whether access has ended or was revoked.")]
    deliveries: Annotated[tuple[Delivery, ...], Meta(max_length=500, description="Oldest first.")]


class DataRequestPage(Page, frozen=True, kw_only=True):
    """A page of data requests."""

    items: Annotated[tuple[DataRequest, ...], Meta(max_length=200, description="In the order asked for.")]


class DeliveryList(Reply, frozen=True, kw_only=True):
    """The deliveries of a data request."""

    items: Annotated[tuple[Delivery, ...], Meta(max_length=500, description="Oldest first.")]


class DataRequestHistory(Reply, frozen=True, kw_only=True):
    """What was done to a data request, oldest first."""

    items: Annotated[tuple[HistoryEntry, ...], Meta(max_length=10000, description="Steps.")]


class RequestSort(StrEnum):
    """Order of the list."""

    NEWEST = "newest"
    DUE = "due"


class DataRequestQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the list; together they make the queues of a desk."""

    role: Annotated[
        RequestRole | UnsetType,
        Meta(description="Side of the own organization. `holder`: asked of it, drafts left out."),
    ] = UNSET
    state: Annotated[
        Annotated[tuple[DataRequestState, ...], Meta(max_length=20)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    lane: Annotated[Lane | UnsetType, Meta(description="Under an agreement, or by the law.")] = UNSET
    agreement_id: Annotated[Id | UnsetType, Meta(description="Of one agreement.")] = UNSET
    assignee_id: Annotated[Id | UnsetType, Meta(description="Handled by this person.")] = UNSET
    mine: Annotated[bool, Meta(description="`true`: those handled by the caller.")] = False
    overdue: Annotated[bool, Meta(description="`true`: those whose due day has passed.")] = False
    due_soon: Annotated[bool, Meta(description="`true`: those whose due day is near.")] = False
    sort: Annotated[
        RequestSort, Meta(description="`newest` first; `due`: running clocks alone, the first due first.")
    ] = RequestSort.NEWEST
