"""Organizations and the tree of units."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    Uuid,
    true,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import metadata, one_of, record_columns
from schema.vocabulary import OrganizationKind, TimeZone

organization = Table(
    "organization",
    metadata,
    *record_columns(),
    Column("name", Text, nullable=False),
    Column("short_name", Text),
    Column("kind", Text, nullable=False),
    Column("parent_id", Uuid, comment="Whoever stands above sees what its units are a party to."),
    Column("region_code", Text, comment="Kemendagri code."),
    Column("bps_code", Text, comment="BPS code; differs from the Kemendagri code for many regions."),
    Column("legal_form", Text),
    Column("registration_number", Text),
    Column("time_zone", Text, nullable=False),
    Column("is_public_body", Boolean, comment="Null when nobody said."),
    Column("contact", JSON, comment="Of the office, not of a person."),
    Column("search_text", Text, nullable=False, comment="Names folded in the service (NFKC, case, accents)."),
    Column(
        "joint_leave",
        Boolean,
        nullable=False,
        server_default=true(),
        comment="Whether it is shut on joint leave (cuti bersama).",
    ),
    ForeignKeyConstraint(["parent_id"], ["organization.id"]),
    one_of("kind", OrganizationKind),
    one_of("time_zone", TimeZone),
    CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    Index("ix_organization_parent_id", "parent_id"),
    Index("ix_organization_region_code", "region_code"),
    Index(
        "ix_organization_search_text",
        "search_text",
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    ),
    comment="A party, a unit of one, or anybody a record names; every token may read it.",
)
