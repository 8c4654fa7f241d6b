"""The work plan: outcomes, outputs and activity lines by agreement year, and the moves of their life."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import (
    Accumulation,
    DateSource,
    ProgressSource,
    WorkplanHealth,
    WorkplanLevel,
    WorkplanState,
)
from schema.wire.common import (
    Day,
    EvidenceList,
    HistoryEntry,
    Id,
    Input,
    Line,
    ListQuery,
    Name,
    Page,
    Reason,
    ReasonedRecord,
    Reply,
    Title,
)

ItemCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"\S",
        description="Its number in the work plan.",
        examples=["1.1"],
    ),
]
AgreementYear = Annotated[
    int,
    Meta(
        ge=1,
        le=100,
        description="Year of the agreement, the first from its effective day on, not from 1 January.",
        examples=[1],
    ),
]
Quarter = Annotated[
    int,
    Meta(ge=1, le=4, description="Three months of the agreement year, counted from its first day."),
]
CalendarQuarter = Annotated[
    str, Meta(min_length=7, max_length=7, pattern=r"^[0-9]{4}-Q[1-4]$", examples=["2022-Q3"])
]
Amount = Annotated[
    int,
    Meta(ge=0, le=1_000_000_000_000_000, description="Whole rupiah.", examples=[25_000_000]),
]
Measure = Annotated[
    float,
    Meta(
        ge=-999_999_999_999,
        le=999_999_999_999,
        description="In the indicator's unit, three decimals at most.",
        examples=[30],
    ),
]
Unit = Annotated[
    str,
    Meta(min_length=1, max_length=60, pattern=r"\S", description="Unit of all values.", examples=["people"]),
]
Total = Annotated[
    int,
    Meta(
        ge=0,
        le=50_000_000_000_000_000,
        description="Whole rupiah of its own lines, not of its children; null without a line.",
    ),
]
Achieved = Annotated[
    float,
    Meta(
        ge=-1_000_000_000_000_000,
        le=1_000_000_000_000_000,
        description=(
            "Where the indicator stands by approved values alone; null when none was approved."
            " Never summed over children."
        ),
    ),
]
Percent = Annotated[int, Meta(ge=0, le=100, description="Whole percent.", examples=[40])]
Supporters = Annotated[
    tuple[Id, ...], Meta(max_length=50, description="Parties that help the lead; none twice.")
]


class BudgetLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a party brings in."""

    organization_id: Annotated[Id, Meta(description="Party that pays.")]
    amount: Amount
    source: Annotated[Line | None, Meta(description="Where it comes from.", examples=["APBD 2023"])] = None


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shows that it was reached."""

    name: Annotated[Name, Meta(description="What is measured.", examples=["Auditor terlatih"])]
    unit: Unit | None = None
    accumulation: Annotated[
        Accumulation,
        Meta(description="`incremental`: values add up; `cumulative`: each says where it stands."),
    ] = Accumulation.INCREMENTAL
    baseline: Annotated[Measure | None, Meta(description="Where it started; 0 counts when unknown.")] = None
    target: Annotated[Measure | None, Meta(description="Where it should arrive.")] = None
    means_of_verification: Annotated[
        Line | None, Meta(description="How anybody can check it.", examples=["Daftar hadir"])
    ] = None


Budget = Annotated[tuple[BudgetLine, ...], Meta(max_length=50, description="What each party brings in.")]


class CreateWorkplanItem(Input, frozen=True, kw_only=True):
    """A proposal for the work plan."""

    agreement_id: Annotated[Id, Meta(description="Agreement it belongs to.")]
    agreement_year: AgreementYear
    level: Annotated[WorkplanLevel, Meta(description="Where it stands in the tree.", examples=["activity"])]
    title: Title
    parent_id: Annotated[
        Id | None, Meta(description="The outcome of an output, the output of an activity line.")
    ] = None
    code: ItemCode | None = None
    quarter: Quarter | None = None
    due_on: Annotated[Day | None, Meta(description="By when; the end of its year or quarter if absent.")] = (
        None
    )
    lead_organization_id: Annotated[Id | None, Meta(description="Party that carries it out.")] = None
    supporting_organization_ids: Supporters = ()
    budget: Budget = ()
    indicator: Annotated[Indicator | None, Meta(description="What shows that it was reached.")] = None


class UpdateWorkplanItem(Input, frozen=True, kw_only=True):
    """Changed fields; absent stays, null clears. What was agreed becomes a proposal again."""

    agreement_year: AgreementYear | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    parent_id: Annotated[Id | None | UnsetType, Meta(description="What it serves.")] = UNSET
    code: ItemCode | None | UnsetType = UNSET
    quarter: Quarter | None | UnsetType = UNSET
    due_on: Annotated[Day | None | UnsetType, Meta(description="By when; the baseline stays.")] = UNSET
    lead_organization_id: Annotated[Id | None | UnsetType, Meta(description="Party that carries it out.")] = (
        UNSET
    )
    supporting_organization_ids: Supporters | UnsetType = UNSET
    budget: Budget | UnsetType = UNSET
    indicator: Annotated[
        Indicator | None | UnsetType, Meta(description="What shows that it was reached.")
    ] = UNSET


class WorkplanItem(ReasonedRecord, frozen=True, kw_only=True):
    """An outcome, output or activity line of the work plan, with its progress and health of today."""

    agreement_id: Annotated[Id, Meta(description="Agreement it belongs to.")]
    parent_id: Annotated[Id | None, Meta(description="The item that it serves.")]
    level: Annotated[WorkplanLevel, Meta(description="Where it stands in the tree.")]
    code: ItemCode | None
    title: Title
    agreement_year: AgreementYear
    quarter: Quarter | None
    starts_on: Annotated[
        Day | None, Meta(description="First day of its agreement year or quarter; null when unknown.")
    ]
    ends_on: Annotated[Day | None, Meta(description="Last day of its agreement year or quarter.")]
    effective_from_source: Annotated[
        DateSource, Meta(description="Whose effective day the agreement years are counted from.")
    ]
    calendar_quarters: Annotated[
        tuple[CalendarQuarter, ...],
        Meta(max_length=5, description="Calendar quarters that its year or quarter touches."),
    ]
    due_on: Annotated[Day | None, Meta(description="By when; null: by `ends_on`.")]
    baseline_due_on: Annotated[
        Day | None, Meta(description="Due day as first agreed; it stays when the item is planned anew.")
    ]
    first_agreed_on: Annotated[Day | None, Meta(description="Day of the first agreement.")]
    lead_organization_id: Annotated[Id | None, Meta(description="Party that carries it out.")]
    supporting_organization_ids: Supporters
    budget: Budget
    budget_total: Total | None
    indicator: Annotated[Indicator | None, Meta(description="What shows that it was reached.")]
    achieved: Achieved | None
    progress: Annotated[Percent | None, Meta(description="Whole percent; null when nothing measures it.")]
    progress_source: Annotated[ProgressSource | None, Meta(description="What the progress is derived from.")]
    health: Annotated[
        WorkplanHealth | None,
        Meta(
            description=(
                "`at_risk` when the elapsed share is 20 points or more ahead of the progress;"
                " null when dropped."
            )
        ),
    ]
    evidence: EvidenceList
    state: Annotated[WorkplanState, Meta(description="What persons decided.")]
    state_reason: Annotated[Reason | None, Meta(description="Reason of the last move that needed one.")]
    proposed_by: Annotated[Id, Meta(description="Organization of the last proposal; another one agrees.")]
    agreed_by: Annotated[Id | None, Meta(description="Organization that agreed.")]
    completed_by: Annotated[Id | None, Meta(description="Organization that completed; another one verifies.")]
    verified_by: Annotated[Id | None, Meta(description="Organization that verified.")]
    drop_proposed_by: Annotated[
        Id | None, Meta(description="Organization that wants to drop it; another one confirms.")
    ]
    dropped_by: Annotated[Id | None, Meta(description="Organization that confirmed the drop.")]


class WorkplanItemPage(Page, frozen=True, kw_only=True):
    """A page of the work plan."""

    items: Annotated[tuple[WorkplanItem, ...], Meta(max_length=200, description="By agreement year.")]


class AgreeItem(Input, frozen=True, kw_only=True, tag_field="action", tag="agree"):
    """Agree to the proposal of another party."""


class StartItem(Input, frozen=True, kw_only=True, tag_field="action", tag="start"):
    """Begin to carry it out."""


class CompleteItem(Input, frozen=True, kw_only=True, tag_field="action", tag="complete"):
    """Put the result before another party."""

    evidence: Annotated[EvidenceList, Meta(description="Added to what is there.")] = ()


class VerifyItem(Input, frozen=True, kw_only=True, tag_field="action", tag="verify"):
    """Confirm what another party completed."""


class ReturnItem(Input, frozen=True, kw_only=True, tag_field="action", tag="return"):
    """Send it back to be carried on."""

    reason: Reason


class DeferItem(Input, frozen=True, kw_only=True, tag_field="action", tag="defer"):
    """Put it off to a later day; the first due day stays beside it."""

    due_on: Annotated[Day, Meta(description="New due day, ahead and later than the present one.")]
    reason: Reason


class ResumeItem(Input, frozen=True, kw_only=True, tag_field="action", tag="resume"):
    """Take it up again."""


class DropItem(Input, frozen=True, kw_only=True, tag_field="action", tag="drop"):
    """Give it up: the first call proposes, the same call of another party carries it out."""

    reason: Reason


WorkplanItemMove = (
    AgreeItem | StartItem | CompleteItem | VerifyItem | ReturnItem | DeferItem | ResumeItem | DropItem
)


class WorkplanItemQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the list; by agreement year, then in the order of proposal."""

    agreement_id: Annotated[Id | UnsetType, Meta(description="Of one agreement.")] = UNSET
    agreement_year: AgreementYear | UnsetType = UNSET
    parent_id: Annotated[Id | UnsetType, Meta(description="What serves one item.")] = UNSET
    level: Annotated[
        Annotated[tuple[WorkplanLevel, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    state: Annotated[
        Annotated[tuple[WorkplanState, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    health: Annotated[
        Annotated[tuple[WorkplanHealth, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="As of today; may repeat: any of them."),
    ] = UNSET
    lead_organization_id: Annotated[Id | UnsetType, Meta(description="Carried out by one party.")] = UNSET


class WorkplanItemHistory(Reply, frozen=True, kw_only=True):
    """What was done to an item, oldest first."""

    items: Annotated[tuple[HistoryEntry, ...], Meta(max_length=10000, description="Steps.")]
