"""Series of scores of regions by period, kept by an organization each and read by all."""

from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.common import day, in_calendar, metadata, one_of, record_columns
from schema.vocabulary import Instrument


def score() -> Numeric[Decimal]:
    """Return the type of a score: a decimal of any scale, which keeps the digits it was given."""
    return Numeric()


indicator_series = Table(
    "indicator_series",
    metadata,
    *record_columns(),
    Column("organization_id", Uuid, nullable=False, comment="Organization that keeps it."),
    Column("instrument", Text, nullable=False),
    Column("region_code", Text, comment="Kemendagri code; null is the whole country."),
    Column("title", Text, nullable=False),
    Column("unit", Text),
    Column("note", Text),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    UniqueConstraint("organization_id", "id", name="uq_indicator_series_organization"),
    UniqueConstraint(
        "organization_id",
        "instrument",
        "region_code",
        "title",
        name="uq_indicator_series_same",
        postgresql_nulls_not_distinct=True,
    ),
    one_of("instrument", Instrument),
    Index("ix_indicator_series_region_code", "region_code", "id"),
    comment="Scores of a region by period, as one organization found them published; read by every token.",
)

indicator_observation = Table(
    "indicator_observation",
    metadata,
    Column("organization_id", Uuid, nullable=False, comment="That of the series, for row security."),
    Column("series_id", Uuid, nullable=False),
    day("starts_on", nullable=False),
    day("ends_on", nullable=False, comment="Its year is the one whose scale and areas count."),
    Column("value", score(), comment="Null when it is not known."),
    Column("printed_label", Text, comment="Word for word; the band is derived."),
    Column("areas", JSON, comment="Value list, replaced as a whole; null when empty."),
    Column("source_title", Text, nullable=False),
    Column("source_url", Text),
    Column("source_agreement_id", Uuid, comment="Agreement of the document, for its foreign key."),
    Column("source_document_id", Uuid),
    Column("note", Text),
    PrimaryKeyConstraint("organization_id", "series_id", "starts_on", "ends_on"),
    ForeignKeyConstraint(
        ["organization_id", "series_id"],
        ["indicator_series.organization_id", "indicator_series.id"],
        name="fk_indicator_observation_series",
    ),
    ForeignKeyConstraint(
        ["source_agreement_id", "source_document_id"],
        ["document.agreement_id", "document.id"],
        name="fk_indicator_observation_document",
    ),
    in_calendar("starts_on"),
    in_calendar("ends_on"),
    CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    CheckConstraint("abs(value) < 1000000000000 AND scale(value) <= 4", name="value_in_range"),
    CheckConstraint(
        "(source_agreement_id IS NULL) = (source_document_id IS NULL)", name="document_of_agreement"
    ),
    Index("ix_indicator_observation_series", "series_id", "ends_on", "starts_on"),
    Index("ix_indicator_observation_document", "source_agreement_id", "source_document_id"),
    comment="What a source says of a period; the keeper of the series replaces all of them at once.",
)
