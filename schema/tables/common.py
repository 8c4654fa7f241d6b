"""The metadata all tables share, and the columns every record has.

Every constraint has a name, because names map to problems (`service.kernel.constraints`). Vocabularies are
`text` with a CHECK: a native enum costs introspection on every connection.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Integer, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def record_columns() -> tuple[Column[object], ...]:
    """Return the columns of every record; `created_by` is null for what the system made."""
    return (
        Column("id", Uuid, primary_key=True, comment="UUIDv7 made by the service."),
        Column("version", Integer, nullable=False, comment="Rises by one at each change."),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("created_by", Uuid, comment="User; null for the system. No foreign key: users may be erased."),
    )


def text_array() -> ARRAY[str]:
    """Return the type of a list of texts."""
    return ARRAY(Text)


def one_of(column: str, vocabulary: type[StrEnum]) -> CheckConstraint:
    """Return a CHECK that a text column holds a value of the vocabulary."""
    values = ", ".join(f"'{value}'" for value in vocabulary)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def each_of(column: str, vocabulary: type[StrEnum]) -> CheckConstraint:
    """Return a CHECK that every element of a text array is a value of the vocabulary."""
    values = ", ".join(f"'{value}'" for value in vocabulary)
    return CheckConstraint(f"{column} <@ ARRAY[{values}]::text[]", name=f"{column}_known")


def in_calendar(column: str) -> CheckConstraint:
    """Return a CHECK that a day lies in 1945–2199: PostgreSQL keeps `date.max` as infinity."""
    return CheckConstraint(
        f"{column} BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'", name=f"{column}_in_calendar"
    )


def day(name: str, *, nullable: bool = True, comment: str | None = None) -> Column[object]:
    """Return a calendar day column; pair it with `in_calendar`."""
    return Column(name, Date, nullable=nullable, comment=comment)
