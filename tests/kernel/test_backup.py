"""What a backup holds, what is refused, and what a restore proves."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from anyio import run_process

from schema.roles import APP, WORKER
from service import settings
from service.kernel import embedded
from service.kernel.backup import DUMP, MANIFEST, Manifest, back_up, row_counts, whole
from service.kernel.bundle import DOCUMENTS
from service.kernel.embedded import Cluster
from service.kernel.migrate import TURN_LOCK, current, downgrade, head, migrate, revisions
from service.kernel.programs import BackupError
from service.kernel.progress import Step, shown
from service.kernel.provision import provide
from service.kernel.restore import restore
from service.kernel.storage import Storage
from tests import make
from tests.roles import PASSWORDS, environment_of

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
only_with_15 = pytest.mark.skipif(not DEBIAN_15.exists(), reason="no PostgreSQL 15 is installed")
COMMENTS = "SELECT count(*) FROM pg_description WHERE classoid = 'pg_class'::regclass"
GRANTED = "SELECT has_table_privilege($1, 'activity', 'SELECT')"


def ignored(_: object) -> None:
    """Hears steps and lets them pass."""


@pytest.fixture
async def source(database, connection) -> str:
    """Gives the address of a database with a few rows."""
    await make.activity(connection)
    return database


async def backed_up(dsn: str, folder: Path, *, bin_dir: Path | None = None) -> Manifest:
    return await back_up(dsn, folder, storage=Storage("memory:///"), bin_dir=bin_dir, tell=ignored)


async def restored(dsn: str, folder: Path, *, bin_dir: Path | None = None) -> Manifest:
    return await restore(dsn, folder, storage=Storage("memory:///"), bin_dir=bin_dir, tell=ignored)


def wrapped(folder: Path, line: str, *, pg_bin: Path) -> Path:
    """Gives a folder with a pg_dump that first does what a line of shell says."""
    programs = folder / "programs"
    programs.mkdir()
    real = pg_bin / "pg_dump"
    (programs / "pg_dump").write_text(f'#!/bin/sh\n{line}\nexec {real} "$@"\n')
    (programs / "pg_dump").chmod(0o755)
    return programs


async def refused(message: str, *, dsn: str, folder: Path, **options: Path | None) -> None:
    """Fails unless a restore is refused with these words and leaves no table."""
    with pytest.raises(BackupError, match=message):
        await restored(dsn, folder, **options)
    assert await counted(dsn) == {}


async def counted(dsn: str) -> dict[str, int]:
    connection = await asyncpg.connect(dsn)
    try:
        return await row_counts(connection)
    finally:
        await connection.close()


# ------------------------------------------------------------------------------------------------- the backup


async def test_a_backup_names_what_it_holds(source, tmp_path):
    made = await backed_up(source, tmp_path / "backup")
    assert made.rows == await counted(source)
    assert made.rows["public.activity"] == 1
    assert made.revision == head()
    assert set(made.files) == {DUMP}
    assert {path.name for path in (tmp_path / "backup").iterdir()} == {DUMP, DOCUMENTS, MANIFEST}
    assert whole(tmp_path / "backup", tell=ignored) == made


async def test_only_its_owner_can_read_a_backup(source, tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    for folder in (tmp_path / "open", tmp_path / "own"):
        await backed_up(source, folder)
        assert (folder / DUMP).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


async def test_a_folder_that_holds_something_is_refused_and_kept(source, tmp_path):
    (tmp_path / "letter").write_text("kept")
    with pytest.raises(BackupError, match="is not empty"):
        await backed_up(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter"]


async def test_a_database_without_a_schema_is_not_backed_up(empty_database, tmp_path):
    with pytest.raises(BackupError, match="holds no schema"):
        await backed_up(empty_database, tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_nothing_is_backed_up_during_a_migration(source, connection, tmp_path):
    await connection.execute("SELECT pg_advisory_lock($1)", TURN_LOCK)
    with pytest.raises(BackupError, match="migrating"):
        await backed_up(source, tmp_path)


async def test_what_the_program_says_is_told_and_nothing_is_left(source, tmp_path, pg_bin):
    line = '[ "$1" = --version ] || { echo "pg_dump: error: no" >&2; exit 1; }'
    programs = wrapped(tmp_path, line, pg_bin=pg_bin)
    with pytest.raises(BackupError, match=r"pg_dump failed and said: no\. "):
        await backed_up(source, tmp_path / "backup", bin_dir=programs)
    assert list((tmp_path / "backup").iterdir()) == []


async def test_programs_that_are_missing_are_named(source, tmp_path):
    with pytest.raises(BackupError, match=r"no pg_dump of that version was found\. Install"):
        await backed_up(source, tmp_path / "backup", bin_dir=tmp_path)


async def test_rows_that_a_policy_hides_fail_the_backup(source, connection, cluster, tmp_path):
    """A backup that silently leaves rows out would be worse than none."""
    async with role(connection) as name:
        await connection.execute(
            f"ALTER TABLE activity ENABLE ROW LEVEL SECURITY; ALTER ROLE {name} LOGIN PASSWORD 'rahasia';"
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"
        )
        dsn = cluster.dsn(
            await connection.fetchval("SELECT current_database()"), user=name, password="rahasia"
        )
        with pytest.raises(BackupError, match=r"row-level security .* owns the tables"):
            await backed_up(dsn, tmp_path / "backup")
    assert list((tmp_path / "backup").iterdir()) == []


# ------------------------------------------------------------------------------------------------ the restore


async def test_a_restored_database_holds_what_was_backed_up(source, empty_database, tmp_path):
    made = await backed_up(source, tmp_path / "backup")
    assert await restored(empty_database, tmp_path / "backup") == made
    assert await counted(empty_database) == made.rows
    for statement in (COMMENTS, "SELECT array_agg(each::text ORDER BY id) FROM activity AS each"):
        before, after = [await fetched(dsn, statement) for dsn in (source, empty_database)]
        assert before == after


async def fetched(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_database_that_holds_tables_is_refused(source, database, tmp_path):
    made = await backed_up(source, tmp_path / "backup")
    with pytest.raises(BackupError, match="already holds 42 tables"):
        await restored(database, tmp_path / "backup")
    assert await counted(database) == made.rows


async def test_a_folder_without_a_manifest_is_no_backup(source, empty_database, tmp_path):
    await backed_up(source, tmp_path / "backup")
    (tmp_path / "backup" / MANIFEST).unlink()
    await refused("is no backup", dsn=empty_database, folder=tmp_path / "backup")
    await refused("is no backup", dsn=empty_database, folder=tmp_path / "nowhere")


def flipped(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0x01
    path.write_bytes(content)


async def test_a_flipped_byte_of_the_dump_is_found(source, empty_database, tmp_path):
    await backed_up(source, tmp_path)
    size = (tmp_path / DUMP).stat().st_size
    for place in (0, size // 2, size - 1):
        flipped(tmp_path / DUMP, place)
        await refused("was changed since", dsn=empty_database, folder=tmp_path)
        flipped(tmp_path / DUMP, place)
    with (tmp_path / DUMP).open("ab") as file:
        file.write(b"\0")
    await refused("was changed since", dsn=empty_database, folder=tmp_path)


async def test_a_flipped_byte_of_the_manifest_is_found_unless_it_says_nothing(source, tmp_path):
    made = await backed_up(source, tmp_path)
    found = 0
    for place in range((tmp_path / MANIFEST).stat().st_size):
        flipped(tmp_path / MANIFEST, place)
        try:
            assert whole(tmp_path, tell=ignored) == made, place
        except BackupError:
            found += 1
        flipped(tmp_path / MANIFEST, place)
    assert found > 500


async def test_an_older_backup_is_migrated(source, empty_database, tmp_path):
    await downgrade(source, revisions()[-2])
    made = await backed_up(source, tmp_path)
    assert made.revision == revisions()[-2]
    await restored(empty_database, tmp_path)
    connection = await asyncpg.connect(empty_database)
    assert await current(connection) == head()
    await connection.close()


async def test_a_backup_of_a_newer_version_is_refused(source, connection, empty_database, tmp_path):
    await connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    await backed_up(source, tmp_path)
    await refused("this version of Tenun knows none after", dsn=empty_database, folder=tmp_path)


@asynccontextmanager
async def role(connection: asyncpg.Connection) -> AsyncGenerator[str]:
    """Gives a role of this test alone; at the end it has no rights and is gone."""
    name = f"reader_{uuid4().hex}"
    await connection.execute(f"CREATE ROLE {name}")
    try:
        yield name
    finally:
        await connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


async def test_rights_of_roles_come_back(source, connection, empty_database, tmp_path):
    async with role(connection) as name:
        await connection.execute(f"GRANT SELECT ON activity TO {name}")
        made = await backed_up(source, tmp_path)
        assert made.roles == (name, APP, WORKER)
        await restored(empty_database, tmp_path)
        other = await asyncpg.connect(empty_database)
        assert await other.fetchval(GRANTED, name)
        await other.execute(f"DROP OWNED BY {name}")
        await other.close()


async def test_who_serves_may_use_a_schema_that_is_closed_to_others(source, empty_database, tmp_path):
    await backed_up(source, tmp_path)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await restored(empty_database, tmp_path)
    for name in (APP, WORKER):
        assert await connection.fetchval("SELECT has_schema_privilege($1, 'public', 'USAGE')", name)
    await connection.close()


async def test_roles_that_the_server_lacks_are_named_first(source, connection, empty_database, tmp_path):
    async with role(connection) as name:
        await connection.execute(f"GRANT SELECT ON activity TO {name}")
        await backed_up(source, tmp_path)
    await refused(f"does not have: {name}", dsn=empty_database, folder=tmp_path)


async def test_who_restores_owns_all(source, empty_database, cluster, connection, tmp_path):
    await backed_up(source, tmp_path)
    async with role(connection) as name:
        database = await fetched(empty_database, "SELECT current_database()")
        await connection.execute(
            f"ALTER ROLE {name} LOGIN PASSWORD 'rahasia'; ALTER DATABASE {database} OWNER TO {name}"
        )
        await restored(cluster.dsn(str(database), user=name, password="rahasia"), tmp_path)
        owners = "SELECT array_agg(DISTINCT tableowner::text) FROM pg_tables WHERE schemaname = 'public'"
        assert await fetched(empty_database, owners) == [name]
        other = await asyncpg.connect(empty_database)
        await other.execute(f"ALTER DATABASE {database} OWNER TO postgres; DROP OWNED BY {name} CASCADE")
        await other.close()


# -------------------------------------------------------------------------------------------- PostgreSQL 15


@asynccontextmanager
async def cluster_15(root: Path) -> AsyncGenerator[Cluster]:
    launch = partial(embedded.start, bin_dir=DEBIAN_15, durability=embedded.Durability.NONE)
    cluster = await asyncio.to_thread(launch, root)
    try:
        yield cluster
    finally:
        await asyncio.to_thread(cluster.stop)


@only_with_15
async def test_postgresql_15_backs_up_and_restores_with_its_own_programs(tmp_path):
    async with cluster_15(tmp_path / "cluster") as cluster:
        await provide(cluster.dsn(), PASSWORDS, database="tenun")
        await migrate(cluster.dsn())
        made = await backed_up(cluster.dsn(), tmp_path / "backup", bin_dir=DEBIAN_15)
        assert made.postgresql == 15
        connection = await asyncpg.connect(cluster.dsn())
        await connection.execute("CREATE DATABASE again")
        await connection.close()
        await restored(cluster.dsn("again"), tmp_path / "backup", bin_dir=DEBIAN_15)
        assert await counted(cluster.dsn("again")) == made.rows
        await assert_other_versions_are_refused(cluster, tmp_path)


async def assert_other_versions_are_refused(cluster: Cluster, folder: Path) -> None:
    newer = embedded.find_binaries(None)
    with pytest.raises(
        BackupError, match=r"is a PostgreSQL 15, and no pg_dump of that version .* is of version 18"
    ):
        await backed_up(cluster.dsn(), folder / "other", bin_dir=newer)


@only_with_15
async def test_a_backup_moves_to_a_newer_server_but_not_back(source, empty_database, tmp_path, pg_bin):
    if pg_bin == DEBIAN_15:
        pytest.skip("the server of this run is no newer")
    async with cluster_15(tmp_path / "cluster") as cluster:
        await backed_up(source, tmp_path / "new")
        await refused("the server is of 15", dsn=cluster.dsn(), folder=tmp_path / "new", bin_dir=DEBIAN_15)
        await provide(cluster.dsn(), PASSWORDS, database="tenun")
        await migrate(cluster.dsn())
        old = await backed_up(cluster.dsn(), tmp_path / "old", bin_dir=DEBIAN_15)
    await restored(empty_database, tmp_path / "old")
    assert await counted(empty_database) == old.rows


# ------------------------------------------------------------------------------------------- the command line


async def told(dsn: str, *arguments: object) -> tuple[int, str, str]:
    """Gives the exit code of a command on a database, and what it said on both outputs."""
    environment = settings.environment(**environment_of(dsn))
    command = [sys.executable, "-m", "service", *map(str, arguments)]
    done = await run_process(command, check=False, env=environment, cwd=Path(__file__).parents[2])
    return done.returncode, done.stdout.decode(), done.stderr.decode()


async def test_commands_say_what_they_did_and_scripts_can_read_it(source, empty_database, tmp_path):
    folder = tmp_path / "backup"
    code, said, wrong = await told(source, "backup", folder, "--json")
    assert (code, wrong) == (0, "")
    made = json.loads(said)
    assert (made["tables"], made["revision"], made["directory"]) == (42, head(), str(folder))
    code, said, wrong = await told(empty_database, "restore", folder)
    assert (code, wrong) == (0, "")
    assert said.startswith(
        f"Restored 42 tables with {made['rows']} rows and 0 document(s), as of {made['taken_at']}, in "
    )
    assert "Verified: 1 file" in said


async def test_a_refusal_is_a_sentence_and_an_exit_code(source, tmp_path):
    (tmp_path / "letter").write_text("kept")
    remedy = "Name a new folder; an existing backup is kept."
    assert await told(source, "backup", tmp_path) == (1, "", f"tenun: {tmp_path} is not empty. {remedy}\n")


async def test_no_password_stands_in_a_command_line(source, tmp_path, pg_bin):
    line = f'[ "$1" = --version ] || echo "$@" > {tmp_path}/heard'
    programs = wrapped(tmp_path, line, pg_bin=pg_bin)
    await backed_up(source, tmp_path / "backup", bin_dir=programs)
    heard, password = (tmp_path / "heard").read_text(), str(urlsplit(source).password)
    assert "--dbname=postgresql://postgres@" in heard
    assert password not in heard


def test_a_bar_is_shown_on_a_terminal_alone(monkeypatch, capsys):
    step = Step(6, 24, "public.activity")
    with shown() as tell:
        tell(step)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with shown() as tell:
        tell(step)
    assert f"[{'#' * 6}{' ' * 18}] 6/24 public.activity" in capsys.readouterr().err
