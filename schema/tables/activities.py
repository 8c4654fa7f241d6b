"""Activities, who organized them, who came, and the tallies that summaries read."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import day, each_of, in_calendar, metadata, one_of, record_columns, text_array
from schema.vocabulary import (
    ActivityKind,
    ActivityState,
    McpArea,
    Mode,
    OrganizerRole,
    ParticipantUnit,
    Relation,
)

COUNTS = ("total", "male", "female", "sex_unspecified", "with_disability", "under_30")


def _count_columns(prefix: str = "") -> tuple[Column[object], ...]:
    return tuple(Column(f"{prefix}{name}", Integer) for name in COUNTS)


def _count_checks(prefix: str = "") -> tuple[CheckConstraint, ...]:
    total, male, female, unspecified, disability, young = (f"{prefix}{name}" for name in COUNTS)
    return (
        CheckConstraint(
            " AND ".join(f"coalesce({prefix}{name}, 0) >= 0" for name in COUNTS), name="counts_not_negative"
        ),
        CheckConstraint(
            f"coalesce({male}, 0) + coalesce({female}, 0) + coalesce({unspecified}, 0) <= {total}",
            name="sexes_within_total",
        ),
        CheckConstraint(f"{male} + {female} + {unspecified} = {total}", name="sexes_sum_to_total"),
        CheckConstraint(f"greatest({disability}, {young}) <= {total}", name="splits_within_total"),
    )


activity = Table(
    "activity",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False, comment="Organization that logged it."),
    Column("relation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("also_kinds", text_array(), nullable=False),
    Column("title", Text, nullable=False),
    Column("mode", Text, nullable=False),
    day("starts_on", nullable=False),
    day("ends_on", nullable=False),
    Column("former_dates", JSON, comment="Days of earlier plans, oldest first; null when never moved."),
    Column("starts_at_local", Text),
    Column("venue", Text),
    Column("online_url", Text),
    Column("region_code", Text),
    Column("topics", text_array(), nullable=False),
    Column("outcome", Text),
    Column("follow_ups", JSON, comment="Value list, replaced as a whole; null when empty."),
    Column("training", JSON, comment="Hours, materials, trainers and tests; null when it taught nothing."),
    Column("external_refs", JSON, comment="Value list, replaced as a whole; null when empty."),
    Column("mcp_areas", text_array(), nullable=False),
    Column("evidence", JSON, comment="Value list, replaced as a whole; null when empty."),
    Column("client_ref", Text),
    Column("client_fingerprint", LargeBinary, comment="SHA-256 of the body that carried client_ref."),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    Column("reported_by", Uuid, comment="Organization that reported; another one verifies."),
    Column("verified_by", Uuid, comment="Organization that verified."),
    Column("reporter_id", Uuid, comment="Person who reported; another one verifies, whatever they act for."),
    Column("verifier_id", Uuid, comment="Person who verified."),
    Column("participant_unit", Text, comment="Null when nothing is known of participants."),
    *_count_columns("participant_"),
    Column(
        "document",
        JSON,
        comment="The whole activity as lists read it, written with the row; null: put together when read.",
    ),
    Column("workplan_item_id", Uuid, comment="Item of the work plan that it carries out."),
    Column("milestone_id", Uuid, comment="Milestone that it serves."),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    ForeignKeyConstraint(
        ["agreement_id", "workplan_item_id"],
        ["workplan_item.agreement_id", "workplan_item.id"],
        name="fk_activity_workplan_item",
    ),
    ForeignKeyConstraint(
        ["agreement_id", "milestone_id"],
        ["milestone.agreement_id", "milestone.id"],
        name="fk_activity_milestone",
    ),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    UniqueConstraint("agreement_id", "id", name="uq_activity_agreement"),
    UniqueConstraint("organization_id", "client_ref", name="uq_activity_client_ref"),
    one_of("relation", Relation),
    one_of("kind", ActivityKind),
    each_of("also_kinds", ActivityKind),
    each_of("mcp_areas", McpArea),
    one_of("mode", Mode),
    one_of("state", ActivityState),
    one_of("participant_unit", ParticipantUnit),
    in_calendar("starts_on"),
    in_calendar("ends_on"),
    CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    CheckConstraint("verified_by <> reported_by", name="verified_by_another"),
    CheckConstraint("verifier_id <> reporter_id", name="verified_by_another_person"),
    CheckConstraint("(state = 'verified') = (verified_by IS NOT NULL)", name="verified_by_somebody"),
    CheckConstraint(
        "state NOT IN ('reported', 'verified') OR reported_by IS NOT NULL", name="reported_by_somebody"
    ),
    *_count_checks("participant_"),
    Index("ix_activity_agreement_id_starts_on", "agreement_id", "starts_on", "id"),
    Index("ix_activity_starts_on", "starts_on", "id"),
    Index("ix_activity_workplan_item", "agreement_id", "workplan_item_id"),
    Index("ix_activity_milestone", "agreement_id", "milestone_id"),
    comment="Something the parties did or plan to do; kept for ever once held.",
)

organizer = Table(
    "organizer",
    metadata,
    Column("activity_id", Uuid, nullable=False),
    Column("agreement_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("organization_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("activity_id", "position"),
    ForeignKeyConstraint(
        ["agreement_id", "activity_id"],
        ["activity.agreement_id", "activity.id"],
        name="fk_organizer_activity",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    UniqueConstraint("activity_id", "organization_id", "role", name="uq_organizer_role"),
    one_of("role", OrganizerRole),
    Index("ix_organizer_agreement_id_activity_id", "agreement_id", "activity_id"),
    Index("ix_organizer_organization_id", "organization_id", "activity_id"),
    comment="An organization and what it does for an activity.",
)

participant_group = Table(
    "participant_group",
    metadata,
    Column("activity_id", Uuid, nullable=False),
    Column("agreement_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("organization_id", Uuid),
    Column("group_label", Text),
    *_count_columns(),
    PrimaryKeyConstraint("activity_id", "position"),
    ForeignKeyConstraint(
        ["agreement_id", "activity_id"],
        ["activity.agreement_id", "activity.id"],
        name="fk_participant_group_activity",
        ondelete="CASCADE",
    ),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    CheckConstraint("num_nonnulls(organization_id, group_label) = 1", name="organization_or_label"),
    *_count_checks(),
    Index("ix_participant_group_agreement_id_activity_id", "agreement_id", "activity_id"),
    Index("ix_participant_group_organization_id", "organization_id", "activity_id"),
    comment="Participants of one organization or named group; null is unknown, never 0.",
)

activity_tally = Table(
    "activity_tally",
    metadata,
    Column("agreement_id", Uuid, nullable=False),
    Column("relation", Text, nullable=False),
    Column(
        "agreement_year", SmallInteger, nullable=False, comment="0 when the first day is unknown or later."
    ),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("activities", Integer, nullable=False),
    PrimaryKeyConstraint("agreement_id", "relation", "agreement_year", "kind", "state"),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"], ondelete="CASCADE"),
    # No CHECK that counts are not negative: a difference is upserted, and PostgreSQL checks the row proposed.
    comment="Activities counted in the statement that writes them; a test proves it equals the aggregate.",
)

attendance_tally = Table(
    "attendance_tally",
    metadata,
    Column("agreement_id", Uuid, nullable=False),
    Column("relation", Text, nullable=False),
    Column("organization_id", Uuid, nullable=False, comment="Nil UUID: a labelled group, or the whole."),
    Column("group_label", Text, nullable=False, comment="Empty: an organization, or the whole."),
    Column("activities", Integer, nullable=False),
    Column("unknown_totals", Integer, nullable=False, comment="Activities whose total nobody reported."),
    Column("total", BigInteger, nullable=False),
    Column("male", BigInteger, nullable=False),
    Column("male_known", Integer, nullable=False, comment="How many counts of men were reported."),
    Column("female", BigInteger, nullable=False),
    Column("female_known", Integer, nullable=False),
    PrimaryKeyConstraint("agreement_id", "relation", "organization_id", "group_label"),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"], ondelete="CASCADE"),
    comment=(
        "Attendance of held, reported and verified activities, by organization or group and for the whole."
    ),
)
