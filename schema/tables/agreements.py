"""Agreements, their parties, and the rows that say who may see them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import day, in_calendar, metadata, one_of, record_columns, text_array
from schema.vocabulary import (
    AccessReason,
    AgreementKind,
    AgreementState,
    Precision,
    Scheme,
    SignatureKind,
    Visibility,
)

agreement = Table(
    "agreement",
    metadata,
    *record_columns(),
    Column("kind", Text, nullable=False),
    Column("scheme", Text),
    Column("title", Text, nullable=False),
    Column("printed_title", Text),
    Column("objective", Text),
    Column("scope", text_array(), nullable=False),
    Column("parent_id", Uuid),
    Column("renews_id", Uuid),
    Column("region_code", Text),
    day("signed_on"),
    Column("signed_on_precision", Text),
    day("signed_not_after"),
    day("effective_from", comment="First day in force; null when unknown."),
    day("ends_on", comment="Last day, inclusive."),
    Column("ends_on_is_derived", Boolean, nullable=False),
    Column("duration_years", SmallInteger),
    Column("open_ended", Boolean, nullable=False),
    Column("notice_months", SmallInteger, nullable=False),
    Column("visibility", Text, nullable=False),
    Column("survives_parent", Boolean, nullable=False),
    Column("recorded_from_paper", Boolean, nullable=False),
    Column("document_ref", Text),
    Column("source_note", Text),
    Column("terms_version", Integer, nullable=False, comment="Rises only when terms or parties are edited."),
    Column("state", Text, nullable=False),
    Column("state_reason", Text),
    day("discussion_opened_on"),
    day("ready_on"),
    day("signing_registered_on"),
    day("suspended_on"),
    Column("suspended_by", Uuid, comment="The party that suspended; the same party lifts."),
    day("terminated_on"),
    Column("termination_ref", Text, comment="Where the notice of termination lies."),
    day("cancelled_on"),
    day("closed_on"),
    Column("close_proposal", JSON, comment="First key of closing; any edit clears it."),
    Column("created_by_organization_id", Uuid, nullable=False),
    Column("search_text", Text, nullable=False, comment="Titles folded in the service."),
    Column("document_id", Uuid, comment="The signed document, when it is stored here."),
    Column("termination_document_id", Uuid, comment="The notice of termination, when it is stored here."),
    Column("report_document_id", Uuid, comment="That of close_proposal, here for its foreign key."),
    ForeignKeyConstraint(["parent_id"], ["agreement.id"]),
    ForeignKeyConstraint(["renews_id"], ["agreement.id"]),
    ForeignKeyConstraint(["created_by_organization_id"], ["organization.id"]),
    *(
        ForeignKeyConstraint(
            ["id", name],
            ["document.agreement_id", "document.id"],
            name=f"fk_agreement_{name}",
            use_alter=True,  # A document belongs to an agreement, so the two refer to each other.
        )
        for name in ("document_id", "termination_document_id", "report_document_id")
    ),
    one_of("kind", AgreementKind),
    one_of("scheme", Scheme),
    one_of("signed_on_precision", Precision),
    one_of("visibility", Visibility),
    one_of("state", AgreementState),
    *(
        in_calendar(name)
        for name in (
            "signed_on",
            "signed_not_after",
            "effective_from",
            "ends_on",
            "discussion_opened_on",
            "ready_on",
            "signing_registered_on",
            "suspended_on",
            "terminated_on",
            "cancelled_on",
            "closed_on",
        )
    ),
    CheckConstraint("ends_on >= effective_from", name="ends_after_start"),
    CheckConstraint("NOT (open_ended AND ends_on IS NOT NULL)", name="open_or_ending"),
    CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    CheckConstraint("renews_id <> id", name="does_not_renew_itself"),
    CheckConstraint(
        "report_document_id IS NOT DISTINCT FROM (close_proposal ->> 'document_id')::uuid",
        name="report_of_proposal",
    ),
    CheckConstraint("(state = 'suspended') = (suspended_by IS NOT NULL)", name="suspended_by_a_party"),
    Index("ix_agreement_parent_id", "parent_id"),
    Index("ix_agreement_renews_id", "renews_id"),
    Index("ix_agreement_created_by_organization_id", "created_by_organization_id"),
    Index("ix_agreement_ends_on", "ends_on", "id"),
    *(
        Index(f"ix_agreement_{name}", "id", name)
        for name in ("document_id", "termination_document_id", "report_document_id")
    ),
    Index(
        "ix_agreement_public",
        "id",
        postgresql_where=Column("visibility", Text) == Visibility.PUBLIC.value,
    ),
    Index(
        "ix_agreement_search_text",
        "search_text",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    ),
    comment="MoU, PKS and Nota Kesepakatan. What the calendar decides is derived when read.",
)

party = Table(
    "party",
    metadata,
    Column("agreement_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("label", Text),
    Column("document_number", Text, comment="As written."),
    Column("document_number_key", Text, comment="NFKC, casefolded, without white space."),
    Column("signatory_name", Text),
    Column("signatory_title", Text),
    day("signatory_signed_on"),
    Column("signatory_signature_kind", Text),
    Column("power_of_attorney", Text),
    Column("accepted_terms_version", Integer),
    PrimaryKeyConstraint("agreement_id", "organization_id"),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    UniqueConstraint(
        "agreement_id", "position", name="uq_party_position", deferrable=True, initially="IMMEDIATE"
    ),
    UniqueConstraint("organization_id", "document_number_key", name="uq_party_document_number"),
    one_of("signatory_signature_kind", SignatureKind),
    in_calendar("signatory_signed_on"),
    CheckConstraint("position BETWEEN 1 AND 50", name="position_in_range"),
    CheckConstraint(
        "(document_number IS NULL) = (document_number_key IS NULL)", name="document_number_has_key"
    ),
    CheckConstraint("(signatory_name IS NULL) = (signatory_title IS NULL)", name="signatory_complete"),
    comment="An organization in an agreement, with its own document number and signatory.",
)

agreement_access = Table(
    "agreement_access",
    metadata,
    Column("agreement_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("organization_id", "agreement_id"),
    ForeignKeyConstraint(["agreement_id"], ["agreement.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    one_of("reason", AccessReason),
    Index("ix_agreement_access_agreement_id", "agreement_id", "organization_id"),
    comment="Who may see an agreement, kept by triggers when parties or the tree change.",
)
