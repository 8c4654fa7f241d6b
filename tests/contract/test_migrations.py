"""Revisions go up and down, once, within their timeouts, and say what is wrong when they cannot."""

import ast
import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest
from anyio import run_process

import migrations
from service.kernel import migrate as subject
from service.kernel.migrate import TURN_LOCK, MigrationError, current, downgrade, head, migrate, revisions
from tests.contract.schemas import dump

VERSIONS = Path(migrations.__file__).parent / "versions"
FILES = sorted(VERSIONS.glob("*.py"))
LONGEST_REVISION = 32
"""Alembic's own column takes no more characters."""

LOCK_TIMEOUT = 2
"""Seconds that a revision waits for a lock."""

OTHER_SESSIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
MIGRATE = """
import asyncio, sys
from service.kernel.migrate import migrate
asyncio.run(migrate(sys.argv[1]))
"""


async def until_sessions(connection: asyncpg.Connection, count: int) -> None:
    """Waits until so many other sessions work on the database."""
    while True:
        if await connection.fetchval(OTHER_SESSIONS) == count:
            return
        await asyncio.sleep(0.05)


async def revision_of(dsn: str) -> str | None:
    connection = await asyncpg.connect(dsn)
    try:
        return await current(connection)
    finally:
        await connection.close()


# ------------------------------------------------------------------------------------- the files themselves


def body(file: Path, function: str) -> list[ast.stmt]:
    """Gives the statements of a revision's function."""
    tree = ast.parse(file.read_text())
    return next(
        node.body for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function
    )


def assigned(file: Path, name: str) -> object:
    """Gives the constant that a revision assigns to a name."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return pytest.fail(f"{file.name} assigns no {name}")


@pytest.mark.parametrize("function", ["upgrade", "downgrade"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_revision_sets_its_timeouts_before_anything_else(file, function):
    assert ast.unparse(body(file, function)[0]) == "set_timeouts()"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_revision_imports_the_helpers_of_revisions_and_nothing_else(file):
    """The declared schema moves on; a revision must stay what it was."""
    imports = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Import)]
    sources = [
        node.module for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)
    ]
    assert (imports, sources) == ([], ["migrations.steps"])


def test_revisions_follow_one_another_in_the_order_of_their_files():
    stems = [file.stem for file in FILES]
    assert [assigned(file, "revision") for file in FILES] == stems
    assert [assigned(file, "down_revision") for file in FILES] == [None, *stems[:-1]]
    assert revisions() == tuple(stems)
    assert head() == stems[-1]


def test_the_name_of_a_revision_fits_the_table_that_keeps_it():
    assert max(map(len, revisions())) <= LONGEST_REVISION


# -------------------------------------------------------------------------------------------- up and down


async def test_an_empty_database_has_no_revision(empty_database):
    assert await revision_of(empty_database) is None


async def test_a_migrated_database_is_at_the_head(empty_database):
    await migrate(empty_database)
    assert await revision_of(empty_database) == head()


async def test_up_down_up_leaves_no_difference(pg_bin, database):
    before = await dump(pg_bin, database)
    await downgrade(database, "base")
    await migrate(database)
    assert await dump(pg_bin, database) == before


async def test_every_revision_takes_back_what_it_made(pg_bin, empty_database):
    connection = await asyncpg.connect(empty_database)
    await connection.execute("CREATE EXTENSION pg_trgm")
    await connection.close()
    empty = await dump(pg_bin, empty_database)
    await migrate(empty_database)
    full = await dump(pg_bin, empty_database)
    for revision in reversed(("base", *revisions()[:-1])):
        await downgrade(empty_database, revision)
    assert await dump(pg_bin, empty_database) == empty != full


async def test_a_revision_runs_under_its_timeouts(empty_database):
    connection = await asyncpg.connect(empty_database)
    await connection.execute("""
        CREATE TABLE seen (lock text, statement text);
        CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO seen VALUES (current_setting('lock_timeout'), current_setting('statement_timeout'));
        END $$;
        CREATE EVENT TRIGGER note ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION note();
    """)
    await migrate(empty_database)
    seen = await connection.fetch("SELECT DISTINCT lock, statement FROM seen")
    await connection.close()
    assert seen == [("2s", "1min")]


# -------------------------------------------------------------------------------------- several at a time


async def test_two_processes_that_start_at_once_migrate_once(pg_bin, migrated, empty_database):
    """The turn is held here until both wait for it."""
    connection = await asyncpg.connect(empty_database)
    await connection.execute("SELECT pg_advisory_lock($1)", TURN_LOCK)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(run_process([sys.executable, "-c", MIGRATE, empty_database])) for _ in "ab"
        ]
        await until_sessions(connection, len(running))
        await connection.close()
    assert await revision_of(empty_database) == head()
    assert await dump(pg_bin, empty_database) == migrated


async def test_who_waits_too_long_for_a_turn_is_told(empty_database, monkeypatch):
    monkeypatch.setattr(subject, "_TURN_SECONDS", 0.4)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("SELECT pg_advisory_lock($1)", TURN_LOCK)
    with pytest.raises(MigrationError, match=r"^Another process has been migrating"):
        await migrate(empty_database)
    await connection.close()


async def test_a_database_at_the_head_is_left_alone_while_another_process_has_the_turn(database, connection):
    await connection.execute("SELECT pg_advisory_lock($1)", TURN_LOCK)
    async with asyncio.timeout(5):
        await migrate(database)


async def test_a_start_with_nothing_to_do_imports_neither_alembic_nor_sqlalchemy(database):
    probe = MIGRATE + "sys.exit(len({'alembic', 'sqlalchemy'} & sys.modules.keys()))"
    await run_process([sys.executable, "-c", probe, database])


# ------------------------------------------------------------------------------------------------- refusals


async def test_a_database_newer_than_the_code_is_refused(database, connection):
    await connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(
        MigrationError, match=r"^The database is at revision 9999_later, .* Start the version"
    ):
        await migrate(database)
    with pytest.raises(MigrationError, match=r"^The database is at revision 9999_later, "):
        await downgrade(database, "base")


async def test_a_way_back_to_a_revision_that_never_was_is_refused(database):
    with pytest.raises(MigrationError, match=r"^There is no revision 0000_before\. Name one of base, 0001_"):
        await downgrade(database, "0000_before")


async def test_a_revision_that_fails_leaves_the_one_before_it_and_says_why(empty_database):
    connection = await asyncpg.connect(empty_database)
    await connection.execute("CREATE TABLE party ()")
    with pytest.raises(
        MigrationError, match=r'from revision 0003_ledger: relation "party" already exists\. '
    ):
        await migrate(empty_database)
    assert await current(connection) == "0003_ledger"
    assert await connection.fetchval("SELECT to_regclass('agreement')") is None
    await connection.execute("DROP TABLE party")
    await migrate(empty_database)
    assert await current(connection) == head()
    await connection.close()


async def test_a_lock_that_is_kept_for_a_while_is_waited_for(database, connection, monkeypatch):
    monkeypatch.setattr(subject, "_PAUSES", (0.1, 0.1))
    await downgrade(database, "0004_agreements")
    async with connection.transaction():
        await connection.execute("LOCK TABLE agreement")
        migration = asyncio.create_task(migrate(database))
        await asyncio.sleep(LOCK_TIMEOUT + 0.5)
    await migration
    assert await current(connection) == head()


async def test_a_lock_that_is_kept_for_good_is_told(database, connection, monkeypatch):
    monkeypatch.setattr(subject, "_PAUSES", ())
    await downgrade(database, "0004_agreements")
    async with connection.transaction():
        await connection.execute("LOCK TABLE agreement")
        with pytest.raises(MigrationError, match=r"^Other sessions keep a lock .* revision 0004_agreements "):
            await migrate(database)


# ------------------------------------------------------------------------------------------------ addresses


async def test_of_several_hosts_the_one_that_answers_is_migrated(cluster, empty_database):
    await migrate(empty_database.replace("host=", "host=%2Fnowhere,").replace("port=", "port=5432,"))
    assert await revision_of(empty_database) == head()
