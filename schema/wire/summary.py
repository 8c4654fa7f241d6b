"""The dashboard figures of an agreement: what was done and who came, with how much of it is unknown."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import MilestoneHealth
from schema.wire.common import Code, Day, Id, Input, Name, Reply
from schema.wire.statistics import Requests, WorkingDays
from schema.wire.workplans import AgreementYear

Activities = Annotated[int, Meta(ge=0, le=2_147_483_647, description="How many activities.", examples=[12])]
Attendances = Annotated[
    int, Meta(ge=0, le=1_000_000_000_000_000, description="Attendances of people.", examples=[37])
]


class KeyCount(Reply, frozen=True, kw_only=True):
    """How many activities share a key."""

    key: Annotated[Code, Meta(description="Value they share.", examples=["bimtek"])]
    count: Activities


Counts = Annotated[tuple[KeyCount, ...], Meta(max_length=500, description="Keys with at least one activity.")]


class ActivitySummary(Reply, frozen=True, kw_only=True):
    """Activities of an agreement in all states."""

    total: Activities
    by_kind: Counts
    by_state: Counts
    by_agreement_year: Annotated[
        tuple[KeyCount, ...],
        Meta(
            max_length=500,
            description="By agreement year, from `1`; `unknown` when the first day is unknown or later.",
        ),
    ]


class OrganizationAttendance(Reply, frozen=True, kw_only=True):
    """Attendances of one organization, or of one labelled group."""

    organization_id: Annotated[Id | None, Meta(description="Organization; null for a labelled group.")]
    group_label: Annotated[Name | None, Meta(description="Group that is no organization; else null.")]
    activities: Annotated[Activities, Meta(description="Activities it came to.")]
    unknown_total_activities: Annotated[Activities, Meta(description="Those of them without a total.")]
    total: Annotated[Attendances | None, Meta(description="Known attendances; null when none was reported.")]
    male: Annotated[Attendances | None, Meta(description="Known to be male; null when nobody reported it.")]
    female: Annotated[
        Attendances | None, Meta(description="Known to be female; null when nobody reported it.")
    ]
    sex_unspecified: Annotated[
        Attendances | None, Meta(description="The total without those known to be male or female.")
    ]


class AttendanceSummary(Reply, frozen=True, kw_only=True):
    """Attendances at activities that took place: held, reported or verified."""

    total: Annotated[Attendances | None, Meta(description="Known attendances; null when none was reported.")]
    unknown_total_activities: Annotated[
        Activities, Meta(description="Activities of which nobody reported how many people came.")
    ]
    male: Annotated[Attendances | None, Meta(description="Known to be male; null when nobody reported it.")]
    female: Annotated[
        Attendances | None, Meta(description="Known to be female; null when nobody reported it.")
    ]
    sex_unspecified: Annotated[
        Attendances | None, Meta(description="The total without those known to be male or female.")
    ]
    by_organization: Annotated[
        tuple[OrganizationAttendance, ...],
        Meta(max_length=100_000, description="Largest total first, unknown totals last."),
    ]


class HealthCount(Reply, frozen=True, kw_only=True):
    """How many milestones share a health."""

    key: Annotated[MilestoneHealth, Meta(description="How they stand.", examples=["late"])]
    count: Annotated[int, Meta(ge=0, le=2_147_483_647, description="How many milestones.", examples=[3])]


class MilestoneSummary(Reply, frozen=True, kw_only=True):
    """Milestones by how they stand on the day; those waived or cancelled are not counted."""

    by_health: Annotated[
        tuple[HealthCount, ...], Meta(max_length=10, description="Healths with at least one milestone.")
    ]


Items = Annotated[int, Meta(ge=0, le=2_147_483_647, description="How many items.", examples=[4])]


class WorkplanYear(Reply, frozen=True, kw_only=True):
    """The work plan of one agreement year, at all levels, without what was dropped."""

    agreement_year: AgreementYear
    items: Items
    completed: Annotated[Items, Meta(description="Those that were completed, verified or not.")]
    verified: Annotated[Items, Meta(description="Those that another party verified.")]
    late: Annotated[Items, Meta(description="Those past their due day and not completed.")]


class WorkplanSummary(Reply, frozen=True, kw_only=True):
    """The work plan of an agreement."""

    by_agreement_year: Annotated[
        tuple[WorkplanYear, ...], Meta(max_length=100, description="Years with at least one item.")
    ]


class RequestSummary(Reply, frozen=True, kw_only=True):
    """Data requests under an agreement, by what was decided."""

    received: Annotated[Requests, Meta(description="Handed in.")]
    granted: Annotated[Requests, Meta(description="Granted in full.")]
    granted_in_part: Annotated[Requests, Meta(description="Granted in part.")]
    refused: Annotated[Requests, Meta(description="Refused.")]
    open: Annotated[Requests, Meta(description="Not decided yet.")]
    overdue: Annotated[Requests, Meta(description="Not decided, and due before the day of the figures.")]
    median_working_days: Annotated[WorkingDays | None, Meta(description="Median to decide.")]
    p90_working_days: Annotated[WorkingDays | None, Meta(description="90th percentile to decide.")]


class AgreementSummary(Reply, frozen=True, kw_only=True):
    """What was done under an agreement; context events are counted only when they are asked for."""

    agreement_id: Id
    as_of: Annotated[Day, Meta(description="Day the figures that the calendar decides are of.")]
    activities: Annotated[ActivitySummary, Meta(description="What was planned and done.")]
    attendance: Annotated[AttendanceSummary, Meta(description="Who came.")]
    workplan: Annotated[WorkplanSummary, Meta(description="What was planned by agreement year.")]
    milestones: Annotated[MilestoneSummary, Meta(description="What was promised, by how it stands.")]
    data_requests: Annotated[RequestSummary, Meta(description="Which data was asked for and given.")]


class Included(StrEnum):
    """What a summary may count beside the agreement's own joint activities."""

    CHILDREN = "children"
    RELATED = "related"


class SummaryQuery(Input, frozen=True, kw_only=True):
    """What the figures are of."""

    as_of: Annotated[
        Day | UnsetType, Meta(description="Day for what the calendar decides; today if absent.")
    ] = UNSET
    include: Annotated[
        Annotated[tuple[Included, ...], Meta(max_length=2)] | UnsetType,
        Meta(description="`children`: the PKS under it; `related`: context events. May repeat."),
    ] = UNSET
