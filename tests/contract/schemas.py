"""The schema of a database as text that is equal when the schemas are, and the declared schema as SQL."""

from difflib import unified_diff
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import create_mock_engine

from schema.tables import metadata

_NOISE = ("--", "\\restrict", "\\unrestrict")


async def dump(pg_bin: Path, dsn: str) -> list[str]:
    """Gives the lines of pg_dump that say something; Alembic's own table is left out.

    Comments of pg_dump begin a line, those inside functions do not.
    """
    options = ("--schema-only", "--no-owner", "--exclude-table=alembic_version", f"--dbname={dsn}")
    result = await anyio.run_process([str(pg_bin / "pg_dump"), *options])
    lines = result.stdout.decode().splitlines()
    return [line for line in lines if line and not line.startswith(_NOISE)]


def differences(one: list[str], other: list[str]) -> list[str]:
    """Gives the lines that only one of two dumps has, marked - and +, with the table they stand in."""
    return [
        line for line in unified_diff(one, other, lineterm="", n=3) if not line.startswith(("---", "+++"))
    ]


def declared_sql() -> str:
    """Gives the statements that make the declared tables, constraints, indexes, comments and routines."""
    statements: list[str] = []

    def collect(element: Any, *_: object, **__: object) -> None:
        statements.append(str(element.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql+asyncpg://", collect)
    metadata.create_all(engine, checkfirst=False)
    return ";\n".join(statements)
