"""Stored documents, what rests on them, how much each organization keeps, and bytes to be deleted."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from schema.tables.common import metadata, one_of, record_columns
from schema.vocabulary import DocumentKind, DocumentSubject, MediaType, Visibility

document = Table(
    "document",
    metadata,
    *record_columns(),
    Column("agreement_id", Uuid, nullable=False, comment="Agreement it belongs to; who sees it, sees this."),
    Column("organization_id", Uuid, nullable=False, comment="Organization that stored it."),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False, comment="The record it is about."),
    Column("activity_id", Uuid, comment="The subject once more when it is an activity, for its foreign key."),
    Column("kind", Text, nullable=False),
    Column("filename", Text, nullable=False, comment="As sent, in NFC; a name that deceives is refused."),
    Column("media_type", Text, nullable=False, comment="Told by the content."),
    Column("byte_size", Integer, nullable=False),
    Column("sha256", Text, nullable=False, comment="Of the bytes, in hexadecimal."),
    Column("hard_copy_location", Text, comment="Where the paper itself lies."),
    Column("visibility", Text, nullable=False),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    ForeignKeyConstraint(
        ["agreement_id", "activity_id"],
        ["activity.agreement_id", "activity.id"],
        name="fk_document_activity",
    ),
    UniqueConstraint("agreement_id", "id", name="uq_document_agreement"),
    one_of("subject_type", DocumentSubject),
    one_of("kind", DocumentKind),
    one_of("media_type", MediaType),
    one_of("visibility", Visibility),
    CheckConstraint(
        "subject_id = CASE subject_type WHEN 'activity' THEN activity_id ELSE agreement_id END"
        " AND (subject_type = 'activity') = (activity_id IS NOT NULL)",
        name="subject_is_one",
    ),
    CheckConstraint("byte_size BETWEEN 1 AND 26214400", name="byte_size_in_range"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_complete"),
    Index("ix_document_agreement_id_activity_id", "agreement_id", "activity_id"),
    Index("ix_document_organization_id", "organization_id"),
    Index("ix_document_subject_id", "subject_id", "id"),
    comment="A file about an agreement or an activity; its bytes lie in the store under its id.",
)

_SHOWING = ("activity", "milestone", "workplan_item")
"""Records that evidence is shown for."""

evidence_document = Table(
    "evidence_document",
    metadata,
    Column("subject_id", Uuid, nullable=False, comment="The record whose evidence it is."),
    Column("agreement_id", Uuid, nullable=False),
    Column("document_id", Uuid, nullable=False),
    *(
        Column(f"{noun}_id", Uuid, comment="The subject once more when it is one, for its foreign key.")
        for noun in _SHOWING
    ),
    PrimaryKeyConstraint("agreement_id", "subject_id", "document_id"),
    *(
        ForeignKeyConstraint(
            ["agreement_id", f"{noun}_id"],
            [f"{noun}.agreement_id", f"{noun}.id"],
            name=f"fk_evidence_document_{noun}",
            ondelete="CASCADE",
        )
        for noun in _SHOWING
    ),
    ForeignKeyConstraint(
        ["agreement_id", "document_id"],
        ["document.agreement_id", "document.id"],
        name="fk_evidence_document_document",
    ),
    CheckConstraint(
        "subject_id = coalesce(activity_id, milestone_id, workplan_item_id)"
        " AND num_nonnulls(activity_id, milestone_id, workplan_item_id) = 1",
        name="subject_is_one",
    ),
    *(Index(f"ix_evidence_document_{noun}", "agreement_id", f"{noun}_id") for noun in _SHOWING),
    Index("ix_evidence_document_document", "agreement_id", "document_id"),
    comment="Documents that the evidence of a record names; kept by triggers.",
)

document_usage = Table(
    "document_usage",
    metadata,
    Column("organization_id", Uuid, nullable=False),
    Column("byte_size", BigInteger, nullable=False, comment="All that the organization stored."),
    Column("byte_limit", BigInteger, nullable=False, comment="Its quota when it last stored something."),
    PrimaryKeyConstraint("organization_id"),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    CheckConstraint("byte_size <= byte_limit", name="within_quota"),
    comment="How much an organization stores, counted in the statement that stores it.",
)

document_removal = Table(
    "document_removal",
    metadata,
    Column("document_id", Uuid, nullable=False, comment="Key of the bytes in the store."),
    PrimaryKeyConstraint("document_id"),
    comment="Documents whose record is deleted and whose bytes are not yet.",
)
