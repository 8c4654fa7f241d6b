import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from service.kernel import embedded
from service.kernel.embedded import Cluster, Durability, EmbeddedError, find_binaries, start

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
LOCALE = "SELECT concat(datcollate, datctype, datlocprovider) FROM pg_database WHERE datname = 'postgres'"
ANOTHER_PROCESS = """
import signal, sys
from pathlib import Path
from service.kernel.embedded import Durability, start
signal.signal(signal.SIGINT, signal.default_int_handler)  # Background jobs of a shell ignore it.
cluster = start(Path(sys.argv[1]), durability=Durability.NONE)
print("owner" if cluster.is_owner else "guest", flush=True)
sys.stdin.read()
cluster.stop()
"""

launch = partial(start, durability=Durability.NONE, timeout=20)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


@contextmanager
def running(root: Path, **options) -> Iterator[Cluster]:
    cluster = launch(root, **options)
    try:
        yield cluster
    finally:
        cluster.stop()


def refused(root: Path, message: str, **options) -> None:
    with pytest.raises(EmbeddedError, match=message):
        launch(root, **options)


async def fetch(address: str, statement: str) -> object:
    connection = await asyncpg.connect(address, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def query(cluster: Cluster, statement: str, **address) -> object:
    return asyncio.run(fetch(cluster.dsn(**address), statement))


def server_pid(root: Path) -> int:
    return int((root / "data" / "postmaster.pid").read_text().split()[0])


def alive(pid: int) -> bool:
    """Whether the process runs: a zombie, which nobody may be there to reap, does not."""
    command = ["/bin/ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return state[:1] not in {"", "Z"}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def end(root: Path) -> None:
    """Ends the server of a folder by its process id, whatever a test did to it."""
    if (root / "data" / "postmaster.pid").exists():
        pid = server_pid(root)
        if alive(pid):
            os.kill(pid, signal.SIGQUIT)
            wait_until(lambda: not alive(pid))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@contextmanager
def another_process(root: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the cluster until its input ends, in a process group as a terminal makes it."""
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], start_new_session=True, **pipes) as process:
        yield process


def said(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip() if process.stdout else ""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder whose server was started once, has a row, and is stopped; the tests of this file share it."""
    root = tmp_path_factory.mktemp("made") / "pg"
    with running(root) as cluster:
        query(cluster, "CREATE TABLE kept AS SELECT 42 AS value")
    return root


@pytest.fixture
def root(made) -> Iterator[Path]:
    yield made
    end(made)


@pytest.fixture
def cluster(root) -> Iterator[Cluster]:
    with running(root) as cluster:
        yield cluster


@pytest.fixture
def fresh(tmp_path) -> Iterator[Path]:
    yield tmp_path / "pg"
    end(tmp_path / "pg")


@pytest.fixture
def copy(made, fresh) -> Path:
    """A folder that a test may spoil."""
    return Path(shutil.copytree(made, fresh))


def test_the_first_start_makes_the_same_settings_on_every_machine(fresh):
    with running(fresh) as cluster:
        assert cluster.is_owner
        assert query(cluster, LOCALE) == "CCc"
        settings = ("server_encoding", "timezone", "jit", "max_connections")
        assert [query(cluster, f"SHOW {name}") for name in settings] == ["UTF8", "UTC", "off", "100"]
        methods = "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules"
        assert query(cluster, methods) == ["scram-sha-256"]


@pytest.mark.parametrize(("durability", "fsync"), [(Durability.FULL, "on"), (Durability.NONE, "off")])
def test_durability_decides_about_fsync(root, durability, fsync):
    with running(root, durability=durability) as cluster:
        assert query(cluster, "SHOW fsync") == fsync


def test_a_later_start_finds_the_rows_of_the_first(cluster):
    assert query(cluster, "SELECT value FROM kept") == 42


def test_the_address_leads_to_any_database_and_user(cluster):
    query(cluster, 'CREATE DATABASE "a/b?c"')
    query(cluster, "CREATE ROLE \"d:e@f\" LOGIN PASSWORD 'g/h'")
    who = "SELECT current_database() || ' ' || current_user"
    assert query(cluster, who, database="a/b?c", user="d:e@f", password="g/h") == "a/b?c d:e@f"


def test_the_password_is_private_needed_and_not_shown(cluster):
    assert mode(cluster.root / "password") == 0o600
    assert (cluster.root / "password").read_text() not in repr(cluster)
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(cluster, "SELECT 1", password="wrong")


def test_a_short_path_holds_the_socket_and_opens_no_port(cluster):
    assert query(cluster, "SHOW listen_addresses") == ""
    assert parse_qs(urlsplit(cluster.dsn()).query)["host"] == [str(cluster.root / "data")]


def test_a_path_too_long_for_a_socket_is_served_on_loopback(copy):
    long = copy.rename(copy.with_name("long" * 20))
    with running(long) as cluster:
        assert urlsplit(cluster.dsn()).hostname == "127.0.0.1"
        assert query(cluster, "SELECT value FROM kept") == 42
        assert launch(long).dsn() == cluster.dsn()


def test_modes_are_closed_again_at_every_start(root):
    (root / "data").chmod(0o755)
    root.chmod(0o755)
    launch(root).stop()
    assert mode(root) == mode(root / "data") == 0o700


def test_nothing_beside_the_folder_changes(root):
    before = {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in root.parents}
    accounts = Path("/etc/passwd").read_bytes()
    launch(root).stop()
    assert before == {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in root.parents}
    assert Path("/etc/passwd").read_bytes() == accounts


def test_stop_ends_the_server_and_may_be_repeated(cluster):
    pid = server_pid(cluster.root)
    cluster.stop()
    cluster.stop()
    assert not alive(pid)


def test_rows_survive_the_death_of_the_server(cluster):
    query(cluster, "CREATE TABLE server_died AS SELECT 1 AS value")
    os.kill(server_pid(cluster.root), signal.SIGKILL)
    assert query(launch(cluster.root), "SELECT value FROM server_died") == 1


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C at the terminal"])
def test_a_server_outlives_its_process_group_and_is_adopted(root, blow):
    with another_process(root) as process:
        assert said(process) == "owner"
        pid = server_pid(root)
        os.killpg(process.pid, blow)
    with running(root) as cluster:
        assert (server_pid(root), cluster.is_owner) == (pid, True)
        assert query(cluster, "SELECT value FROM kept") == 42
    assert not alive(pid)


def test_rows_survive_the_death_of_process_and_server_together(root):
    with another_process(root) as process:
        assert said(process) == "owner"
        query(launch(root), "CREATE TABLE both_died AS SELECT 1 AS value")
        process.kill()
        os.kill(server_pid(root), signal.SIGKILL)
    with running(root) as cluster:
        assert query(cluster, "SELECT value FROM both_died") == 1


def test_two_processes_share_one_server_and_only_the_owner_stops_it(cluster):
    with another_process(cluster.root) as guest:
        assert said(guest) == "guest"
    assert query(cluster, "SELECT value FROM kept") == 42


def test_the_guest_of_a_dead_owner_works_on_and_can_become_the_owner(root):
    with another_process(root) as process:
        assert said(process) == "owner"
        guest = launch(root)
        assert not guest.is_owner
        process.kill()
    assert query(guest, "SELECT value FROM kept") == 42
    with running(root) as owner:
        assert owner.is_owner
    with pytest.raises(OSError, match="No such file"):
        query(guest, "SELECT 1")


def test_processes_that_start_at_once_share_one_server(fresh):
    with another_process(fresh) as one, another_process(fresh) as two:
        assert {said(one), said(two)} == {"owner", "guest"}
    assert not (fresh / "data" / "postmaster.pid").exists()


@pytest.mark.parametrize("is_zombie", [False, True], ids=["another program", "zombie"])
def test_a_stale_process_id_does_not_prevent_a_start(root, is_zombie):
    with subprocess.Popen([sys.executable, "-c", "open(0).read()"], stdin=subprocess.PIPE) as other:
        if is_zombie:
            other.kill()
            wait_until(lambda: not alive(other.pid))
        for name, pid in (("postmaster.pid", other.pid), (".s.PGSQL.5432.lock", os.getpid())):
            (root / "data" / name).write_text(f"{pid}\n{root}/data\n1700000000\n5432\n\n\n1 1\nready\n")
        with running(root) as cluster:
            assert query(cluster, "SELECT value FROM kept") == 42
        assert is_zombie or alive(other.pid)


def test_a_file_left_empty_by_a_power_failure_does_not_prevent_a_start(root):
    (root / "data" / "postmaster.pid").touch()
    launch(root).stop()


def test_a_half_made_cluster_is_thrown_away(fresh):
    half = fresh / "data.new" / "PG_VERSION"
    half.parent.mkdir(parents=True)
    for file in (half, fresh / "starting.lock", fresh / "password"):
        file.touch()
    launch(fresh).stop()
    assert not half.parent.exists()


def test_a_large_log_is_moved_away(root):
    os.truncate(root / "postgres.log", 11_000_000)
    launch(root).stop()
    assert (root / "postgres.log").stat().st_size < 100_000
    assert (root / "postgres.log.1").stat().st_size == 11_000_000


def test_a_server_that_does_not_answer_is_named_with_its_last_words(cluster):
    pid = server_pid(cluster.root)
    os.kill(pid, signal.SIGSTOP)
    try:
        refused(cluster.root, "accepted no login in time.*ready to accept connections.*: wait", timeout=0.5)
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_server_started_by_hand_is_left_alone(copy):
    with running(copy):
        pid = server_pid(copy)
        held = (copy / "server.lock").rename(copy / "held")  # As if the server had never locked it.
        refused(copy, "Another PostgreSQL server, not started by Tenun, works on .*Stop that server")
        held.rename(copy / "server.lock")
        assert server_pid(copy) == pid


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("data/PG_VERSION", "14", "do not fit: .*incompatible with server.*Set TENUN_PG_BIN"),
        ("password", "wrong", "not that of the data: password authentication failed.*Put back"),
        ("password", None, "password file in .* is missing.*Put back"),
    ],
    ids=["another version", "wrong password", "lost password"],
)
def test_data_that_do_not_fit_are_refused(copy, file, content, message):
    (copy / file).unlink()
    if content is not None:
        (copy / file).write_text(content)
    refused(copy, message)


def test_a_folder_with_other_files_is_refused_and_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "letter.txt").touch()
    refused(tmp_path, "holds files that are not of this database. Choose an empty folder")
    assert mode(tmp_path) == 0o755


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "pg").touch()
    refused(tmp_path / "pg", "cannot start in .*File exists.*Remove the cause")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    refused(tmp_path / "pg", "This user may not use .*Permission denied.*choose another one")


@only_root
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    os.chown(tmp_path, 12345, -1)
    refused(tmp_path, "belongs to user 12345, and this is user 0. Start as that user or")


@pytest.mark.parametrize("permissions", [None, 0o600], ids=["missing", "not executable"])
def test_programs_that_cannot_be_executed_are_named(tmp_path, permissions):
    if permissions is not None:
        (tmp_path / "initdb").touch(permissions)
    refused(tmp_path / "pg", "initdb is missing or not executable. Set TENUN_PG_BIN", bin_dir=tmp_path)


def test_programs_that_fail_are_quoted(tmp_path):
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho no library; exit 1\n")
        (tmp_path / name).chmod(0o755)
    refused(tmp_path / "pg", r"cannot run for .*/pg, as user \d+: no library.*TENUN_PG_BIN", bin_dir=tmp_path)


def test_a_package_for_this_platform_may_be_missing(monkeypatch):
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EmbeddedError, match=r"No package with a PostgreSQL.*TENUN_DATABASE_URL"):
        find_binaries(None)


@pytest.mark.skipif(not DEBIAN_15.exists(), reason="needs Debian's PostgreSQL 15")
def test_postgresql_15_works_the_same(fresh):
    with running(fresh, bin_dir=DEBIAN_15) as cluster:
        assert str(query(cluster, "SHOW server_version")).startswith("15.")
        assert query(cluster, LOCALE) == "CCc"
        os.kill(server_pid(cluster.root), signal.SIGKILL)
        assert query(launch(cluster.root, bin_dir=DEBIAN_15), "SELECT 1") == 1


@only_root
def test_root_without_namespaces_gives_the_data_to_nobody(monkeypatch, made):
    monkeypatch.setattr(embedded, "_NAMESPACE", ("false",))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        root = Path(shutil.copytree(made, folder, dirs_exist_ok=True))
        with running(root) as cluster:
            assert query(cluster, "SELECT value FROM kept") == 42
            assert {path.stat().st_uid for path in (root / "data").rglob("*")} == {65534}
            assert (mode(root), mode(root / "data"), root.stat().st_uid) == (0o711, 0o700, 0)
            assert {mode(path) for path in root.iterdir() if path.is_file()} == {0o600}


@only_root
def test_root_without_namespaces_is_told_of_a_path_that_nobody_may_enter(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "_NAMESPACE", ("false",))
    tmp_path.chmod(0o700)
    refused(tmp_path / "pg", "as user 65534: .*can't cd to .*Choose folders that every user may enter")
