"""Tables the service works by, its health, and the calendar that explains a deadline."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from schema.vocabulary import IndicatorBand, Instrument, McpArea, Permission, Role
from schema.wire.common import BothLanguages, Code, Day, Id, Input, Prose, Reply

Word = Annotated[str, Meta(min_length=1, max_length=100, examples=["in_discussion"])]
Permissions = Annotated[
    tuple[Permission, ...], Meta(max_length=100, description="Permissions; any one of them is enough.")
]


class Health(Reply, frozen=True, kw_only=True):
    """The service answers."""

    status: Annotated[Literal["ok"], Meta(description="Always `ok`; what is not is a problem.")]


class Vocabulary(Reply, frozen=True, kw_only=True):
    """A closed list of words; more may be added, none is renamed."""

    name: Annotated[Word, Meta(description="What the words are for.", examples=["agreement_state"])]
    description: Annotated[Prose, Meta(description="What they say.", examples=["What the paper is."])]
    values: Annotated[tuple[Word, ...], Meta(max_length=200, description="All words, in their order.")]


Bound = Annotated[
    str, Meta(max_length=20, description="A score, exact; null without this bound.", examples=["73"])
]
Year = Annotated[int, Meta(ge=1945, le=2199, examples=[2024])]
FirstYear = Annotated[Year | None, Meta(description="First year; null for all before.")]
LastYear = Annotated[Year | None, Meta(description="Last year; null for all that follow.")]
PrintedBy = Annotated[Prose, Meta(description="Who printed it.", examples=["buletinnews.com (05-03-2025)"])]


class ScaleBand(Reply, frozen=True, kw_only=True):
    """Scores that have one name."""

    band: Annotated[IndicatorBand, Meta(description="What they are called.", examples=["waspada"])]
    colour: Annotated[Word, Meta(description="Colour they are shown in.", examples=["kuning"])]
    at_least: Annotated[Bound, Meta(description="Lowest score.", examples=["73"])]
    below: Annotated[Bound | None, Meta(description="Score above all of them.", examples=["78"])]
    at_most: Annotated[Bound | None, Meta(description="Highest score.", examples=["100"])]


class Scale(Reply, frozen=True, kw_only=True):
    """The bands of an instrument in some years; a year without a scale has bands that nobody told us."""

    instrument: Annotated[Instrument, Meta(description="What measures.", examples=["spi"])]
    first_year: FirstYear
    last_year: LastYear
    bands: Annotated[tuple[ScaleBand, ...], Meta(max_length=20, description="From the lowest up.")]
    source: PrintedBy


class AreaList(Reply, frozen=True, kw_only=True):
    """The areas of an instrument in some years."""

    instrument: Annotated[Instrument, Meta(description="What measures.", examples=["mcp"])]
    first_year: FirstYear
    last_year: LastYear
    areas: Annotated[tuple[McpArea, ...], Meta(max_length=20, description="In the printed order.")]
    source: PrintedBy


class Vocabularies(Reply, frozen=True, kw_only=True):
    """All closed vocabularies, and what depends on the year."""

    items: Annotated[tuple[Vocabulary, ...], Meta(max_length=200, description="By theme.")]
    scales: Annotated[tuple[Scale, ...], Meta(max_length=200, description="Bands of scores, by year.")]
    area_lists: Annotated[tuple[AreaList, ...], Meta(max_length=200, description="Areas, by year.")]


class RolePermissions(Reply, frozen=True, kw_only=True):
    """What a role may do in its organization."""

    role: Annotated[Role, Meta(description="The role.")]
    permissions: Annotated[tuple[Permission, ...], Meta(max_length=100, description="What it gives.")]


class OperationPermissions(Reply, frozen=True, kw_only=True):
    """What an operation asks for."""

    operation_id: Annotated[Code, Meta(description="Its name in the OpenAPI document.")]
    method: Annotated[Code, Meta(description="HTTP method.", examples=["POST"])]
    path: Annotated[
        str, Meta(max_length=300, description="Path template.", examples=["/v1/agreements/{agreement_id}"])
    ]
    token_required: Annotated[bool, Meta(description="Whether it needs a token at all.")]
    permissions: Permissions


class PermissionMatrix(Reply, frozen=True, kw_only=True):
    """Who may do what: role → permissions, operation → permissions."""

    roles: Annotated[tuple[RolePermissions, ...], Meta(max_length=50, description="Every role.")]
    operations: Annotated[
        tuple[OperationPermissions, ...], Meta(max_length=1000, description="Every operation.")
    ]


class Arrow(Reply, frozen=True, kw_only=True):
    """A move of a state machine."""

    action: Annotated[Word, Meta(description="Value of `action` to send.", examples=["accept"])]
    from_state: Annotated[Word, Meta(description="State it leads out of.")]
    to_state: Annotated[Word, Meta(description="State it leads to.")]
    permissions: Permissions
    roles: Annotated[tuple[Role, ...], Meta(max_length=50, description="Roles that give one of them.")]
    note: Annotated[Prose, Meta(description="What else must hold, in short.", examples=["a reason"])]


class StateMachine(Reply, frozen=True, kw_only=True):
    """The life of a kind of record."""

    noun: Annotated[Word, Meta(description="The kind of record.", examples=["agreement"])]
    states: Annotated[tuple[Word, ...], Meta(max_length=50, description="All states.")]
    final_states: Annotated[
        tuple[Word, ...], Meta(max_length=50, description="States that no move leads out of.")
    ]
    transitions: Annotated[tuple[Arrow, ...], Meta(max_length=500, description="All moves.")]


class StateMachines(Reply, frozen=True, kw_only=True):
    """All state machines; the service itself decides by these tables."""

    items: Annotated[tuple[StateMachine, ...], Meta(max_length=50, description="One per kind of record.")]


class Jurisdiction(StrEnum):
    """Whose national holidays count."""

    INDONESIA = "ID"


class WorkingDaysQuery(Input, frozen=True, kw_only=True):
    """A deadline to explain."""

    start: Annotated[Day, Meta(description="Day of receipt; it is not counted.", examples=["2025-03-17"])] = (
        field(name="from")
    )
    days: Annotated[int, Meta(ge=1, le=366, description="Working days to count.", examples=[10])]
    organization_id: Annotated[
        Id | UnsetType, Meta(description="Organization whose calendar counts, with its own joint leave.")
    ] = UNSET
    jurisdiction: Annotated[Jurisdiction, Meta(description="Whose national holidays count.")] = (
        Jurisdiction.INDONESIA
    )
    joint_leave: Annotated[
        bool | UnsetType,
        Meta(description="Whether offices are shut on joint leave (cuti bersama); else as the organization."),
    ] = UNSET


class WorkingDay(Reply, frozen=True, kw_only=True):
    """A day on the way to a deadline."""

    on: Annotated[Day, Meta(description="The day.", examples=["2025-03-18"])]
    counted: Annotated[bool, Meta(description="Whether it is a working day.")]
    reason: Annotated[
        Prose | None,
        Meta(
            description="Why it does not count: `weekend`, or the name of the holiday; null when it counts.",
            examples=["weekend"],
        ),
    ]


class WorkingDays(Reply, frozen=True, kw_only=True):
    """A deadline, explained day by day."""

    due_on: Annotated[Day, Meta(description="Last working day counted.", examples=["2025-04-09"])]
    days: Annotated[
        tuple[WorkingDay, ...], Meta(max_length=1500, description="Every day after receipt, up to the last.")
    ]
    calendar_version: Annotated[
        str, Meta(max_length=200, description="Where the holidays come from.", examples=["holidays-0.109"])
    ]
    estimated: Annotated[
        bool, Meta(description="Whether it touches a year whose holidays are not all decreed yet.")
    ]


class Explanation(Reply, frozen=True, kw_only=True):
    """What a problem code means, and what to do about it."""

    code: Annotated[Code, Meta(description="The stable code.", examples=["not_found"])]
    status: Annotated[int, Meta(ge=400, le=599, description="HTTP status it comes with.", examples=[404])]
    title: Annotated[BothLanguages, Meta(description="What kind of problem.")]
    detail: Annotated[
        BothLanguages, Meta(description="What an occurrence says; […] stands for its own values.")
    ]
    advice: Annotated[BothLanguages, Meta(description="What to do.")]


class AuditKey(Reply, frozen=True, kw_only=True):
    """A public key that audit checkpoints are held against."""

    key_id: Annotated[
        str, Meta(max_length=16, description="Its name in checkpoints.", examples=["9f86d081884c7d65"])
    ]
    algorithm: Annotated[Literal["Ed25519"], Meta(description="How it signs (RFC 8032).")]
    public_key: Annotated[
        str,
        Meta(
            max_length=44,
            description="Its 32 bytes in base64.",
            examples=["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
        ),
    ]


class AuditKeys(Reply, frozen=True, kw_only=True):
    """All public keys of this installation."""

    items: Annotated[
        tuple[AuditKey, ...], Meta(max_length=100, description="The present one first, then earlier ones.")
    ]
