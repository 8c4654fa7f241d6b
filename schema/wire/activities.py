"""Activities and trainings: what was planned and held together, who came, and the moves of their life."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import (
    ActivityKind,
    ActivityState,
    ExternalSystem,
    Mode,
    OrganizerRole,
    ParticipantUnit,
    Relation,
)
from schema.wire.common import (
    Count,
    Day,
    Evidence,
    EvidenceList,
    HistoryEntry,
    Id,
    Input,
    Line,
    ListQuery,
    McpAreas,
    Name,
    Page,
    Problem,
    Reason,
    ReasonedRecord,
    RegionCode,
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
        description=(
            "The client's own reference, unique per organization for ever: a retry makes no second one."
        ),
        examples=["phone-7-000123"],
    ),
]
LocalTime = Annotated[
    str,
    Meta(
        min_length=5,
        max_length=5,
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="Local time of day at the venue.",
        examples=["14:00"],
    ),
]
Score = Annotated[
    float, Meta(ge=0, le=1000, description="Mean score, in the test's own points.", examples=[54.2])
]
Hours = Annotated[float, Meta(gt=0, le=2000, description="Hours of training.", examples=[16])]
Topic = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S", examples=["opentender.net"])]
Topics = Annotated[tuple[Topic, ...], Meta(max_length=50, description="What it was about.")]
Kinds = Annotated[tuple[ActivityKind, ...], Meta(max_length=10, description="Further kinds.")]


class Organizer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organization and what it does for the activity."""

    organization_id: Id
    role: Annotated[OrganizerRole, Meta(description="What it does.", examples=["host"])]


class FollowUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something agreed to be done afterwards."""

    text: Annotated[Line, Meta(description="What is to be done.", examples=["Menyusun SOP pengaduan"])]
    due_on: Annotated[Day | None, Meta(description="By when.")] = None
    responsible_organization_id: Annotated[Id | None, Meta(description="Who does it.")] = None
    done: Annotated[bool, Meta(description="Whether it is done.")] = False


class Trainer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who taught."""

    name: Annotated[Name | None, Meta(description="Name, when it is public.", examples=["Kes Tuturoong"])] = (
        None
    )
    organization_id: Annotated[Id | None, Meta(description="Organization sent by.")] = None
    topic: Annotated[Topic | None, Meta(description="What was taught.")] = None


class Material(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was handed out."""

    title: Annotated[Line, Meta(description="Title.", examples=["Modul opentender.net"])]
    url: Annotated[Url | None, Meta(description="Where it can be read.")] = None


class Training(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes an activity a training."""

    hours: Hours | None = None
    materials: Annotated[tuple[Material, ...], Meta(max_length=50, description="Handouts.")] = ()
    trainers: Annotated[tuple[Trainer, ...], Meta(max_length=50, description="Who taught.")] = ()
    pre_test_mean: Annotated[Score | None, Meta(description="Mean before.")] = None
    post_test_mean: Annotated[Score | None, Meta(description="Mean after.")] = None
    tested_count: Annotated[Count | None, Meta(description="People who took the tests.")] = None


class ExternalRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same thing in another system, or a report about it."""

    system: Annotated[ExternalSystem, Meta(description="Which system.", examples=["news"])]
    ref: Annotated[Line | None, Meta(description="Its identifier or headline there.")] = None
    url: Annotated[Url | None, Meta(description="Address there.")] = None


class ParticipantGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Participants of one organization or of a named group; null is unknown, never 0."""

    organization_id: Annotated[Id | None, Meta(description="Organization, or group_label.")] = None
    group_label: Annotated[
        Name | None, Meta(description="Group, when it is no organization.", examples=["Warga"])
    ] = None
    total: Count | None = None
    male: Annotated[Count | None, Meta(description="Male; null when not reported.")] = None
    female: Annotated[Count | None, Meta(description="Female; null when not reported.")] = None
    sex_unspecified: Annotated[Count | None, Meta(description="Sex not recorded.")] = None
    with_disability: Annotated[Count | None, Meta(description="Persons with disability.")] = None
    under_30: Annotated[Count | None, Meta(description="Younger than 30.")] = None


class Participants(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who came, as counts; the same splits may be given for the whole."""

    unit: Annotated[ParticipantUnit, Meta(description="What is counted.")] = ParticipantUnit.PEOPLE
    total: Count | None = None
    groups: Annotated[
        tuple[ParticipantGroup, ...], Meta(max_length=200, description="By organization or group.")
    ] = ()
    male: Annotated[Count | None, Meta(description="Male; null when not reported.")] = None
    female: Annotated[Count | None, Meta(description="Female; null when not reported.")] = None
    sex_unspecified: Annotated[Count | None, Meta(description="Sex not recorded.")] = None
    with_disability: Annotated[Count | None, Meta(description="Persons with disability.")] = None
    under_30: Annotated[Count | None, Meta(description="Younger than 30.")] = None


Organizers = Annotated[tuple[Organizer, ...], Meta(max_length=50, description="Who makes it happen.")]
FollowUps = Annotated[tuple[FollowUp, ...], Meta(max_length=100, description="What was agreed to do next.")]
ExternalRefs = Annotated[tuple[ExternalRef, ...], Meta(max_length=50, description="Elsewhere.")]


class CreateActivity(Input, frozen=True, kw_only=True):
    """A new activity: a draft, a plan, or one of the past straight as held or reported."""

    agreement_id: Annotated[Id, Meta(description="Agreement it belongs to.")]
    kind: Annotated[ActivityKind, Meta(description="What it is.", examples=["bimtek"])]
    title: Title
    mode: Annotated[Mode, Meta(description="How people meet.", examples=["in_person"])]
    starts_on: Annotated[Day, Meta(description="First day.", examples=["2022-09-02"])]
    ends_on: Annotated[Day | None, Meta(description="Last day; starts_on if absent.")] = None
    state: Annotated[
        ActivityState,
        Meta(
            description="draft, planned, held or reported.",
            extra_json_schema={"enum": ["draft", "planned", "held", "reported"]},
        ),
    ] = ActivityState.DRAFT
    relation: Annotated[Relation, Meta(description="Part of the partnership, or context.")] = Relation.JOINT
    also_kinds: Kinds = ()
    starts_at_local: LocalTime | None = None
    venue: Annotated[Line | None, Meta(description="Place.")] = None
    online_url: Annotated[Url | None, Meta(description="Where it is held online.")] = None
    region_code: RegionCode | None = None
    organizers: Organizers = ()
    topics: Topics = ()
    outcome: Annotated[Text | None, Meta(description="What came out.")] = None
    follow_ups: FollowUps = ()
    participants: Annotated[Participants | None, Meta(description="Who came.")] = None
    training: Annotated[Training | None, Meta(description="When it taught something.")] = None
    external_refs: ExternalRefs = ()
    mcp_areas: McpAreas = ()
    evidence: EvidenceList = ()
    workplan_item_id: Annotated[
        Id | None, Meta(description="Item of the work plan that it carries out, of the same agreement.")
    ] = None
    milestone_id: Annotated[
        Id | None, Meta(description="Milestone that it serves, of the same agreement.")
    ] = None
    client_ref: ClientRef | None = None


class UpdateActivity(Input, frozen=True, kw_only=True):
    """Changed fields; absent stays, null clears. Dates of a plan move by `reschedule`."""

    kind: Annotated[ActivityKind | UnsetType, Meta(description="What it is.")] = UNSET
    title: Title | UnsetType = UNSET
    mode: Annotated[Mode | UnsetType, Meta(description="How people meet.")] = UNSET
    starts_on: Annotated[Day | UnsetType, Meta(description="First day.")] = UNSET
    ends_on: Annotated[Day | UnsetType, Meta(description="Last day.")] = UNSET
    relation: Annotated[Relation | UnsetType, Meta(description="Joint or related.")] = UNSET
    also_kinds: Kinds | UnsetType = UNSET
    starts_at_local: LocalTime | None | UnsetType = UNSET
    venue: Annotated[Line | None | UnsetType, Meta(description="Place.")] = UNSET
    online_url: Annotated[Url | None | UnsetType, Meta(description="Online address.")] = UNSET
    region_code: RegionCode | None | UnsetType = UNSET
    organizers: Organizers | UnsetType = UNSET
    topics: Topics | UnsetType = UNSET
    outcome: Annotated[Text | None | UnsetType, Meta(description="What came out.")] = UNSET
    follow_ups: FollowUps | UnsetType = UNSET
    participants: Annotated[Participants | None | UnsetType, Meta(description="Who came.")] = UNSET
    training: Annotated[Training | None | UnsetType, Meta(description="Training.")] = UNSET
    external_refs: ExternalRefs | UnsetType = UNSET
    mcp_areas: McpAreas | UnsetType = UNSET
    evidence: EvidenceList | UnsetType = UNSET
    workplan_item_id: Annotated[Id | None | UnsetType, Meta(description="Item it carries out.")] = UNSET
    milestone_id: Annotated[Id | None | UnsetType, Meta(description="Milestone it serves.")] = UNSET


class FormerDates(Reply, frozen=True, kw_only=True):
    """Days an activity was planned for before it was rescheduled."""

    starts_on: Day
    ends_on: Day
    reason: Reason


class Activity(ReasonedRecord, frozen=True, kw_only=True):
    """An activity with its organizers and participants."""

    agreement_id: Annotated[Id, Meta(description="Agreement it belongs to.")]
    organization_id: Annotated[Id, Meta(description="Organization that logged it.")]
    relation: Annotated[Relation, Meta(description="Part of the partnership, or context.")]
    kind: Annotated[ActivityKind, Meta(description="What it is.")]
    also_kinds: Kinds
    title: Title
    mode: Annotated[Mode, Meta(description="How people meet.")]
    starts_on: Annotated[Day, Meta(description="First day.")]
    ends_on: Annotated[Day, Meta(description="Last day.")]
    former_dates: Annotated[tuple[FormerDates, ...], Meta(max_length=100, description="Earlier plans.")]
    starts_at_local: LocalTime | None
    venue: Annotated[Line | None, Meta(description="Place.")]
    online_url: Annotated[Url | None, Meta(description="Where it is held online.")]
    region_code: RegionCode | None
    organizers: Organizers
    topics: Topics
    outcome: Annotated[Text | None, Meta(description="What came out.")]
    follow_ups: FollowUps
    participants: Annotated[Participants | None, Meta(description="Who came; null when nothing is known.")]
    training: Annotated[Training | None, Meta(description="When it taught something.")]
    external_refs: ExternalRefs
    mcp_areas: McpAreas
    evidence: EvidenceList
    workplan_item_id: Annotated[
        Id | None, Meta(description="Item of the work plan that it carries out, of the same agreement.")
    ]
    milestone_id: Annotated[Id | None, Meta(description="Milestone that it serves, of the same agreement.")]
    client_ref: ClientRef | None
    state: Annotated[ActivityState, Meta(description="What persons decided.")]
    state_reason: Annotated[Reason | None, Meta(description="Reason of the last move that needed one.")]
    reported_by: Annotated[Id | None, Meta(description="Organization that reported; another one verifies.")]
    verified_by: Annotated[
        Id | None, Meta(description="Organization that verified; never the one that reported.")
    ]


class ActivityPage(Page, frozen=True, kw_only=True):
    """A page of activities."""

    items: Annotated[tuple[Activity, ...], Meta(max_length=200, description="In the order asked for.")]


class ActivityBatch(Input, frozen=True, kw_only=True):
    """Up to 200 activities; one bad item does not stop the rest."""

    items: Annotated[
        tuple[CreateActivity, ...],
        Meta(
            min_length=1,
            max_length=200,
            description="Each with its own client_ref.",
            examples=[
                [
                    {
                        "agreement_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                        "client_ref": "phone-7-000123",
                        "kind": "bimtek",
                        "mode": "in_person",
                        "starts_on": "2022-09-02",
                        "title": "Bimtek penggunaan opentender.net",
                    }
                ]
            ],
            # As a struct of its own, one without would hide which of the others are repeated.
            extra_json_schema={
                "items": {
                    "$ref": "#/components/schemas/CreateActivity",
                    "properties": {"client_ref": {"type": "string"}},
                    "required": ["client_ref"],
                }
            },
        ),
    ]


class BatchItem(Reply, frozen=True, kw_only=True):
    """What became of one item."""

    client_ref: Annotated[ClientRef | None, Meta(description="As sent.")]
    status: Annotated[int, Meta(ge=200, le=599, description="HTTP status it would have had.", examples=[201])]
    id: Annotated[Id | None, Meta(description="The activity, when there is one.")]
    problem: Annotated[Problem | None, Meta(description="Why not, when there is none.")]


class BatchResult(Reply, frozen=True, kw_only=True):
    """Results in the order sent."""

    items: Annotated[tuple[BatchItem, ...], Meta(max_length=200, description="In the order sent.")]


class Plan(Input, frozen=True, kw_only=True, tag_field="action", tag="plan"):
    """Make the draft a plan."""


class Reschedule(Input, frozen=True, kw_only=True, tag_field="action", tag="reschedule"):
    """Move the plan to other days; the old ones are kept."""

    starts_on: Annotated[Day, Meta(description="New first day.")]
    ends_on: Annotated[Day | None, Meta(description="New last day; starts_on if absent.")] = None
    reason: Reason


class CancelActivity(Input, frozen=True, kw_only=True, tag_field="action", tag="cancel"):
    """Give it up before it was held."""

    reason: Reason


class MarkHeld(Input, frozen=True, kw_only=True, tag_field="action", tag="mark_held"):
    """Say that it took place."""


class Report(Input, frozen=True, kw_only=True, tag_field="action", tag="report"):
    """Put the result before another party."""

    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=50, description="Added to what is there.")] = ()


class Verify(Input, frozen=True, kw_only=True, tag_field="action", tag="verify"):
    """Confirm the report of another party."""


class Return(Input, frozen=True, kw_only=True, tag_field="action", tag="return"):
    """Send the report back."""

    reason: Reason


class Reopen(Input, frozen=True, kw_only=True, tag_field="action", tag="reopen"):
    """Reopen what was verified."""

    reason: Reason


ActivityMove = Plan | Reschedule | CancelActivity | MarkHeld | Report | Verify | Return | Reopen


class ActivityQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the list; newest day first."""

    agreement_id: Annotated[Id | UnsetType, Meta(description="Of one agreement.")] = UNSET
    kind: Annotated[
        Annotated[tuple[ActivityKind, ...], Meta(max_length=20)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    state: Annotated[
        Annotated[tuple[ActivityState, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    relation: Annotated[Relation | UnsetType, Meta(description="Joint or related.")] = UNSET
    organization_id: Annotated[
        Id | UnsetType, Meta(description="An organization that organized it or took part.")
    ] = UNSET
    starts_on_from: Annotated[Day | UnsetType, Meta(description="Begins on this day or later.")] = UNSET
    starts_on_to: Annotated[Day | UnsetType, Meta(description="Begins on this day or earlier.")] = UNSET
    region_code: RegionCode | UnsetType = UNSET


class ActivityHistory(Reply, frozen=True, kw_only=True):
    """What was done to an activity, oldest first."""

    items: Annotated[tuple[HistoryEntry, ...], Meta(max_length=10000, description="Steps.")]
