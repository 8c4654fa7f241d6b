"""Amendments of agreements, and who accepted them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import day, each_of, in_calendar, metadata, one_of, record_columns, text_array
from schema.vocabulary import AmendmentKind, AmendmentState

amendment = Table(
    "amendment",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False),
    Column("sequence", Integer, nullable=False, comment="Number in its agreement; never reused."),
    Column("organization_id", Uuid, nullable=False, comment="Party that proposed it."),
    Column("title", Text),
    Column("kinds", text_array(), nullable=False),
    Column(
        "changes", JSON, nullable=False, comment="What the agreement is to say; absent stays, null clears."
    ),
    Column("terms_version", Integer, nullable=False, comment="Acceptances of an earlier one do not count."),
    Column(
        "base_terms_version", Integer, nullable=False, comment="Terms of the agreement it was written on."
    ),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    day("ready_on"),
    day("signed_on"),
    day("signing_registered_on"),
    Column("signatures", JSON, nullable=False, comment="Of every party; empty until it is signed."),
    Column("document_ref", Text),
    Column("differences", JSON, comment="What it changed, as it was when it was decided; null while open."),
    day("cancelled_on"),
    Column("agreement_version", Integer, comment="Version of the agreement that signing it made."),
    Column("document_id", Uuid, comment="The signed amendment, when it is stored here."),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    ForeignKeyConstraint(
        ["agreement_id", "document_id"],
        ["document.agreement_id", "document.id"],
        name="fk_amendment_document_id",
    ),
    UniqueConstraint("agreement_id", "id", name="uq_amendment_agreement"),
    UniqueConstraint("agreement_id", "sequence", name="uq_amendment_sequence"),
    each_of("kinds", AmendmentKind),
    one_of("state", AmendmentState),
    *(in_calendar(name) for name in ("ready_on", "signed_on", "signing_registered_on", "cancelled_on")),
    CheckConstraint("sequence > 0", name="sequence_counts_from_one"),
    CheckConstraint("cardinality(kinds) > 0", name="of_some_kind"),
    CheckConstraint("state <> 'ready_to_sign' OR ready_on IS NOT NULL", name="ready_on_a_day"),
    CheckConstraint(
        "(state = 'signed') = (num_nonnulls(signed_on, signing_registered_on, agreement_version) = 3)",
        name="signed_and_merged",
    ),
    CheckConstraint("(state = 'cancelled') = (cancelled_on IS NOT NULL)", name="cancelled_on_a_day"),
    CheckConstraint(
        "(state IN ('signed', 'cancelled')) = (differences IS NOT NULL)", name="decided_with_differences"
    ),
    Index("ix_amendment_organization_id", "organization_id"),
    Index("ix_amendment_document_id", "agreement_id", "document_id"),
    Index(
        "uq_amendment_open",
        "agreement_id",
        unique=True,
        postgresql_where=text("state IN ('in_discussion', 'ready_to_sign')"),
    ),
    comment="A numbered record that changes an agreement once every party signed it; kept for ever.",
)

amendment_acceptance = Table(
    "amendment_acceptance",
    metadata,
    Column("agreement_id", Uuid, nullable=False),
    Column("amendment_id", Uuid, nullable=False),
    Column("terms_version", Integer, nullable=False, comment="The amendment's, as it was accepted."),
    Column("organization_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False, comment="No foreign key: users may be erased."),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("agreement_id", "amendment_id", "terms_version", "organization_id"),
    ForeignKeyConstraint(
        ["agreement_id", "amendment_id"],
        ["amendment.agreement_id", "amendment.id"],
        name="fk_amendment_acceptance_amendment",
    ),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    # No party can act for another, and neither can a person who works for both.
    UniqueConstraint(
        "agreement_id", "amendment_id", "terms_version", "user_id", name="uq_amendment_acceptance_person"
    ),
    Index("ix_amendment_acceptance_organization_id", "organization_id"),
    comment="That a party accepted an amendment in one version of its terms; only added to.",
)
