"""Milestones and the series that generate them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import day, each_of, in_calendar, metadata, one_of, record_columns, text_array
from schema.vocabulary import McpArea, MilestoneState

OPEN_STATES = "state IN ('open', 'submitted', 'returned')"
"""What keeps an agreement from being closed; a literal, because a partial index needs one."""

milestone_series = Table(
    "milestone_series",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False, comment="Organization that entered it."),
    Column("owner_organization_id", Uuid, nullable=False, comment="Party that promises it."),
    Column("title", Text, nullable=False),
    Column("rule", Text, nullable=False, comment="RRULE of RFC 5545 without its name."),
    day("starts_on", nullable=False, comment="Day the rule counts from."),
    Column(
        "fingerprint",
        LargeBinary,
        nullable=False,
        comment="SHA-256 of the body that made it: the same series again makes no second one.",
    ),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    ForeignKeyConstraint(["owner_organization_id"], ["organization.id"]),
    UniqueConstraint("agreement_id", "id", name="uq_milestone_series_agreement"),
    UniqueConstraint("agreement_id", "fingerprint", name="uq_milestone_series_same"),
    in_calendar("starts_on"),
    Index("ix_milestone_series_organization_id", "organization_id"),
    Index("ix_milestone_series_owner_organization_id", "owner_organization_id"),
    comment="A rule whose days are milestones; its rule and first day never change.",
)

milestone = Table(
    "milestone",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False, comment="Organization that entered it."),
    Column("owner_organization_id", Uuid, nullable=False, comment="Party that promises it."),
    Column("title", Text, nullable=False),
    day("due_on", nullable=False, comment="Last day on which it is in time."),
    day("baseline_due_on", nullable=False, comment="Due day as first promised; kept for ever."),
    day("achieved_on", comment="As the owner says; null until it submits."),
    Column("evidence", JSON, comment="Value list, replaced as a whole; null when empty."),
    Column("series_id", Uuid),
    day("occurrence_on", comment="Day its series generated it for."),
    Column("follows_series", Boolean, nullable=False, comment="Nobody has touched it since."),
    Column("client_ref", Text),
    Column("client_fingerprint", LargeBinary, comment="SHA-256 of the body that carried client_ref."),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    Column("submitted_by", Uuid, comment="Organization that submitted; another one verifies."),
    Column("verified_by", Uuid, comment="Organization that verified."),
    Column("submitter_id", Uuid, comment="Person who submitted; another one verifies."),
    Column("verifier_id", Uuid, comment="Person who verified."),
    Column("cancel_proposal", JSON, comment="First key of cancelling; any edit clears it."),
    Column("cancelled_by", Uuid, comment="Organization that turned the second key."),
    Column("canceller_id", Uuid, comment="Person who turned the second key."),
    Column("workplan_item_id", Uuid, comment="Item of the work plan that it marks."),
    Column(
        "mcp_areas",
        text_array(),
        nullable=False,
        server_default=text("'{}'::text[]"),
        comment="None by default: a release before it knew of areas writes beside this one.",
    ),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    ForeignKeyConstraint(["owner_organization_id"], ["organization.id"]),
    ForeignKeyConstraint(
        ["agreement_id", "series_id"],
        ["milestone_series.agreement_id", "milestone_series.id"],
        name="fk_milestone_series",
    ),
    ForeignKeyConstraint(
        ["agreement_id", "workplan_item_id"],
        ["workplan_item.agreement_id", "workplan_item.id"],
        name="fk_milestone_workplan_item",
    ),
    UniqueConstraint("agreement_id", "id", name="uq_milestone_agreement"),
    UniqueConstraint("agreement_id", "series_id", "occurrence_on", name="uq_milestone_occurrence"),
    UniqueConstraint("organization_id", "client_ref", name="uq_milestone_client_ref"),
    one_of("state", MilestoneState),
    each_of("mcp_areas", McpArea),
    *(in_calendar(name) for name in ("due_on", "baseline_due_on", "achieved_on", "occurrence_on")),
    CheckConstraint("(series_id IS NULL) = (occurrence_on IS NULL)", name="of_a_series_for_a_day"),
    CheckConstraint("NOT follows_series OR series_id IS NOT NULL", name="follows_its_series"),
    CheckConstraint("submitted_by = owner_organization_id", name="submitted_by_owner"),
    CheckConstraint("verified_by <> submitted_by", name="verified_by_another"),
    CheckConstraint("verifier_id <> submitter_id", name="verified_by_another_person"),
    CheckConstraint("(state = 'met') = (verified_by IS NOT NULL)", name="verified_by_somebody"),
    CheckConstraint(
        "(state IN ('submitted', 'met')) = (submitted_by IS NOT NULL)", name="submitted_by_somebody"
    ),
    CheckConstraint("(submitted_by IS NULL) = (achieved_on IS NULL)", name="achieved_when_submitted"),
    CheckConstraint("(state = 'cancelled') = (cancelled_by IS NOT NULL)", name="cancelled_by_somebody"),
    CheckConstraint("cancelled_by IS NULL OR cancel_proposal IS NOT NULL", name="cancelled_as_proposed"),
    CheckConstraint(
        "cancelled_by <> (cancel_proposal ->> 'organization_id')::uuid", name="cancelled_by_another"
    ),
    CheckConstraint(
        "canceller_id <> (cancel_proposal ->> 'user_id')::uuid", name="cancelled_by_another_person"
    ),
    Index("ix_milestone_agreement_id_due_on", "agreement_id", "due_on", "id"),
    Index("ix_milestone_workplan_item", "agreement_id", "workplan_item_id"),
    Index("ix_milestone_due_on", "due_on", "id"),
    Index("ix_milestone_open", "agreement_id", postgresql_where=text(OPEN_STATES)),
    Index("ix_milestone_owner_organization_id", "owner_organization_id", "due_on", "id"),
    comment="A dated promise of one party with evidence that another party verifies.",
)
