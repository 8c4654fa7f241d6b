"""The migrated schema is the declared one, and both keep the rules of the house."""

import asyncpg
import pytest

from tests.contract.schemas import declared_sql, differences, dump

CONSTRAINTS = """
SELECT conrelid::regclass::text AS table, conname AS name, contype::text AS type
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  AND conrelid <> 'alembic_version'::regclass
"""
INDEXES = """
SELECT indrelid::regclass::text AS table, relname AS name
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND NOT indisunique
"""
FOREIGN_KEYS_WITHOUT_INDEX = """
SELECT conname FROM pg_constraint AS key
WHERE contype = 'f' AND NOT EXISTS (
  SELECT FROM pg_index
  WHERE indrelid = conrelid AND indpred IS NULL
    AND (string_to_array(indkey::text, ' ')::int2[])[1:cardinality(conkey)] @> conkey
)
"""
UNCOMMENTED_TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  AND obj_description(oid, 'pg_class') IS NULL
"""
DEFINERS_WITHOUT_SEARCH_PATH = """
SELECT proname FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prosecdef AND proconfig IS NULL
"""
PREFIXES = {"p": "pk", "f": "fk", "u": "uq", "c": "ck"}
LONGEST_NAME = 63


@pytest.fixture
async def declared(empty_database) -> str:
    """Gives the address of a database made from the declared tables, without any migration."""
    connection = await asyncpg.connect(empty_database)
    await connection.execute(declared_sql())
    await connection.close()
    return empty_database


async def test_the_migrated_schema_is_the_declared_schema(pg_bin, migrated, declared):
    found = differences(migrated, await dump(pg_bin, declared))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "change",
    [
        """
        ALTER TABLE agreement DROP CONSTRAINT ck_agreement_ends_after_start,
        ADD CONSTRAINT ck_agreement_ends_after_start CHECK (ends_on > effective_from)
        """,
        "ALTER TABLE party ALTER CONSTRAINT fk_party_agreement_id DEFERRABLE",
        "ALTER TABLE party ALTER label SET DEFAULT ''",
        "ALTER TABLE party ALTER label SET NOT NULL",
        "ALTER TABLE party ALTER position TYPE integer",
        "ALTER TABLE party DROP label, ADD label text",
        "ALTER TABLE organization DISABLE TRIGGER organization_moved",
        "ALTER FUNCTION organization_tree() RESET search_path",
        "DROP INDEX ix_agreement_public; CREATE INDEX ix_agreement_public ON agreement (id)",
        "DROP TRIGGER party_added ON party",
        "COMMENT ON COLUMN agreement.ends_on IS 'Last day, exclusive.'",
        """
        CREATE OR REPLACE FUNCTION participant_total() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, public AS 'BEGIN RETURN NULL; END'
        """,
    ],
)
async def test_one_difference_is_seen(pg_bin, database, connection, migrated, change):
    await connection.execute(change)
    assert differences(migrated, await dump(pg_bin, database)) != []


async def test_every_constraint_has_a_name_of_the_convention(connection):
    constraints = await connection.fetch(CONSTRAINTS)
    assert len(constraints) > 100
    wrong = [
        row["name"]
        for row in constraints
        if not _follows(row["name"], PREFIXES[row["type"]], table=row["table"])
    ]
    assert wrong == []


async def test_every_index_has_a_name_of_the_convention(connection):
    indexes = await connection.fetch(INDEXES)
    assert len(indexes) > 20
    assert [row["name"] for row in indexes if not _follows(row["name"], "ix", table=row["table"])] == []


def _follows(name: str, prefix: str, *, table: str) -> bool:
    """Whether a name is the prefix and the table, and something more unless it is of the primary key.

    PostgreSQL cuts longer names in silence, so one of the greatest length is taken for cut.
    """
    start = f"{prefix}_{table.strip(chr(34))}"
    fits = len(name.encode()) < LONGEST_NAME
    return fits and (name == start if prefix == "pk" else name.startswith(f"{start}_"))


async def test_every_foreign_key_has_an_index(connection):
    assert await connection.fetch(FOREIGN_KEYS_WITHOUT_INDEX) == []


async def test_a_foreign_key_without_an_index_is_seen(connection):
    await connection.execute("DROP INDEX ix_organizer_agreement_id_activity_id")
    found = [row["conname"] for row in await connection.fetch(FOREIGN_KEYS_WITHOUT_INDEX)]
    assert found == ["fk_organizer_activity"]


async def test_every_table_says_what_it_is(connection):
    assert await connection.fetch(UNCOMMENTED_TABLES) == []


async def test_a_function_with_the_rights_of_its_owner_has_a_fixed_search_path(connection):
    assert await connection.fetch(DEFINERS_WITHOUT_SEARCH_PATH) == []
