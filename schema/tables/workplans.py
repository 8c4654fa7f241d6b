"""The work plan: its items, who supports and pays them, and values of their indicators by period."""

from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import day, in_calendar, metadata, one_of, record_columns
from schema.vocabulary import Accumulation, ActualState, WorkplanLevel, WorkplanState


def measure() -> Numeric[Decimal]:
    """Return the type of what indicators measure: three decimals, exact."""
    return Numeric(18, 3)


def _by_another(decision: str, proposal: str, *, persons: tuple[str, str]) -> tuple[CheckConstraint, ...]:
    """Return the CHECKs that another organization and another person decide than put it forward."""
    decider, proposer = persons
    return (
        CheckConstraint(f"{decision} <> {proposal}", name=f"{decision}_another"),
        CheckConstraint(f"{decider} <> {proposer}", name=f"{decision}_another_person"),
    )


workplan_item = Table(
    "workplan_item",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False),
    Column("parent_id", Uuid),
    Column("level", Text, nullable=False),
    Column("parent_level", Text, comment="Level of the parent, which its foreign key holds to it."),
    Column("code", Text),
    Column("title", Text, nullable=False),
    Column("agreement_year", SmallInteger, nullable=False, comment="Counted from the effective day."),
    Column("quarter", SmallInteger, comment="Three months of the agreement year."),
    day("due_on"),
    day("baseline_due_on", comment="Due day as first agreed."),
    day("first_agreed_on"),
    Column("lead_organization_id", Uuid),
    Column("indicator_name", Text, comment="Null when it has no indicator."),
    Column("indicator_unit", Text),
    Column("indicator_accumulation", Text),
    Column("indicator_baseline", measure()),
    Column("indicator_target", measure()),
    Column("means_of_verification", Text),
    Column("evidence", JSON, comment="Value list, replaced as a whole; null when empty."),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    Column("proposed_by", Uuid, nullable=False, comment="Organization of the last proposal."),
    Column("proposer_id", Uuid, nullable=False, comment="Person of the last proposal."),
    Column("agreed_by", Uuid, comment="Another organization than the one that proposed."),
    Column("agreer_id", Uuid, comment="Another person than the one who proposed."),
    Column("completed_by", Uuid),
    Column("completer_id", Uuid),
    Column("verified_by", Uuid, comment="Another organization than the one that completed."),
    Column("verifier_id", Uuid, comment="Another person than the one who completed."),
    Column("drop_proposed_by", Uuid, comment="First key of a drop; any other change clears it."),
    Column("drop_proposer_id", Uuid),
    Column("dropped_by", Uuid, comment="Second key, of another organization."),
    Column("dropper_id", Uuid, comment="Second key, of another person."),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    ForeignKeyConstraint(
        ["agreement_id", "parent_id", "parent_level"],
        ["workplan_item.agreement_id", "workplan_item.id", "workplan_item.level"],
        name="fk_workplan_item_parent",
    ),
    ForeignKeyConstraint(
        ["agreement_id", "lead_organization_id"],
        ["party.agreement_id", "party.organization_id"],
        name="fk_workplan_item_lead",
    ),
    UniqueConstraint("agreement_id", "id", name="uq_workplan_item_agreement"),
    UniqueConstraint("agreement_id", "id", "level", name="uq_workplan_item_level"),
    one_of("level", WorkplanLevel),
    one_of("indicator_accumulation", Accumulation),
    one_of("state", WorkplanState),
    *(in_calendar(name) for name in ("due_on", "baseline_due_on", "first_agreed_on")),
    # Each level serves the one above it alone: so the tree is three deep and has no cycle.
    CheckConstraint(
        "parent_level IS NULL OR (level, parent_level) IN (('output', 'outcome'), ('activity', 'output'))",
        name="serves_the_level_above",
    ),
    CheckConstraint("(parent_id IS NULL) = (parent_level IS NULL)", name="parent_has_level"),
    CheckConstraint("agreement_year BETWEEN 1 AND 100", name="agreement_year_in_range"),
    CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter_in_range"),
    CheckConstraint(
        "(indicator_name IS NULL) = (indicator_accumulation IS NULL)", name="indicator_accumulates"
    ),
    *_by_another("agreed_by", "proposed_by", persons=("agreer_id", "proposer_id")),
    *_by_another("verified_by", "completed_by", persons=("verifier_id", "completer_id")),
    *_by_another("dropped_by", "drop_proposed_by", persons=("dropper_id", "drop_proposer_id")),
    CheckConstraint(
        "state IN ('proposed', 'dropped') OR (agreed_by IS NOT NULL AND first_agreed_on IS NOT NULL)",
        name="agreed_by_somebody",
    ),
    CheckConstraint(
        "state NOT IN ('completed', 'verified') OR completed_by IS NOT NULL", name="completed_by_somebody"
    ),
    CheckConstraint("(state = 'verified') = (verified_by IS NOT NULL)", name="verified_by_somebody"),
    CheckConstraint("(state = 'dropped') = (dropped_by IS NOT NULL)", name="dropped_by_somebody"),
    CheckConstraint("dropped_by IS NULL OR drop_proposed_by IS NOT NULL", name="dropped_by_two"),
    Index("ix_workplan_item_agreement_id_agreement_year", "agreement_id", "agreement_year", "id"),
    Index("ix_workplan_item_agreement_year", "agreement_year", "id"),
    Index("ix_workplan_item_parent", "agreement_id", "parent_id", "parent_level"),
    Index("ix_workplan_item_lead", "agreement_id", "lead_organization_id"),
    comment="An outcome, output or activity line. What the calendar decides is derived.",
)


def _of_item(table: str) -> tuple[Column[object] | ForeignKeyConstraint, ...]:
    """Return what ties a list of an item to it, and each of its rows to a party."""
    return (
        Column("workplan_item_id", Uuid, nullable=False),
        Column("agreement_id", Uuid, nullable=False),
        Column("position", SmallInteger, nullable=False),
        Column("organization_id", Uuid, nullable=False),
        ForeignKeyConstraint(
            ["agreement_id", "workplan_item_id"],
            ["workplan_item.agreement_id", "workplan_item.id"],
            name=f"fk_{table}_item",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["agreement_id", "organization_id"],
            ["party.agreement_id", "party.organization_id"],
            name=f"fk_{table}_party",
        ),
    )


workplan_supporter = Table(
    "workplan_supporter",
    metadata,
    *_of_item("workplan_supporter"),
    PrimaryKeyConstraint("workplan_item_id", "position"),
    UniqueConstraint("workplan_item_id", "organization_id", name="uq_workplan_supporter_once"),
    Index("ix_workplan_supporter_item", "agreement_id", "workplan_item_id"),
    Index("ix_workplan_supporter_party", "agreement_id", "organization_id"),
    comment="A party that helps the lead of an item.",
)

workplan_budget = Table(
    "workplan_budget",
    metadata,
    *_of_item("workplan_budget"),
    Column("amount", BigInteger, nullable=False, comment="Whole rupiah."),
    Column("source", Text),
    PrimaryKeyConstraint("workplan_item_id", "position"),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
    Index("ix_workplan_budget_item", "agreement_id", "workplan_item_id"),
    Index("ix_workplan_budget_party", "agreement_id", "organization_id"),
    comment="What a party brings in for an item.",
)

actual = Table(
    "actual",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False),
    Column("workplan_item_id", Uuid, nullable=False),
    day("starts_on", nullable=False),
    day("ends_on", nullable=False),
    Column("value", measure(), comment="Null when it is not available."),
    Column("not_available_reason", Text),
    Column("note", Text),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    Column("submitted_by", Uuid),
    Column("submitter_id", Uuid),
    Column("approved_by", Uuid, comment="Another organization than the one that submitted."),
    Column("approver_id", Uuid, comment="Another person than the one who submitted."),
    ForeignKeyConstraint(
        ["agreement_id", "workplan_item_id"],
        ["workplan_item.agreement_id", "workplan_item.id"],
        name="fk_actual_item",
    ),
    one_of("state", ActualState),
    in_calendar("starts_on"),
    in_calendar("ends_on"),
    CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    CheckConstraint("num_nonnulls(value, not_available_reason) = 1", name="value_or_reason"),
    *_by_another("approved_by", "submitted_by", persons=("approver_id", "submitter_id")),
    CheckConstraint(
        "state NOT IN ('submitted', 'approved') OR submitted_by IS NOT NULL", name="submitted_by_somebody"
    ),
    CheckConstraint("(state = 'approved') = (approved_by IS NOT NULL)", name="approved_by_somebody"),
    Index("ix_actual_item", "agreement_id", "workplan_item_id", "starts_on"),
    comment="A value of an indicator for a period; no two of an item share a day.",
)
