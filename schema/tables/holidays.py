"""What the operator corrects of the holidays, which otherwise come from a package."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text

from schema.tables.common import day, in_calendar, metadata, one_of
from schema.vocabulary import HolidayKind

holiday_correction = Table(
    "holiday_correction",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 and so on."),
    day("falls_on", nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, comment="Null: it is a working day after all."),
    Column("source", Text, nullable=False, comment="Where it is decreed."),
    Column("created_at", DateTime(timezone=True), nullable=False),
    one_of("kind", HolidayKind),
    in_calendar("falls_on"),
    CheckConstraint("revision > 0", name="revision_positive"),
    Index("ix_holiday_correction_falls_on", "falls_on", "kind", "revision"),
    comment="Corrections of the holidays; of a day and kind the last one counts, and none is ever changed.",
)
