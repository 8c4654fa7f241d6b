"""A backup taken while clients write is one state of the record; what was killed is never taken for whole."""

import asyncio
import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import httpx
import pytest

from schema.roles import OWNER
from service import settings
from service.accounts.bootstrap import installation_secret
from service.documents.orphans import sweep_orphans
from service.kernel import embedded, instants
from service.kernel.backup import back_up, row_counts, whole
from service.kernel.database import opened
from service.kernel.programs import BackupError
from service.kernel.storage import Storage
from tests.documents.files import PDF
from tests.documents.given import PATH, form
from tests.roles import environment_of
from tests.trust.served import Served
from tests.trust.tally import unhurried
from tests.trust.writers import ONCE, Member, Writers, activity, kept

REPOSITORY = Path(__file__).parents[2]
MUCH = """
INSERT INTO outbox_event (event_id, organization_id, type, subject_type, subject_id, version, at)
SELECT gen_random_uuid(), gen_random_uuid(), 'activity.created', 'activity', gen_random_uuid(), 1, now()
FROM generate_series(1, 50000)
"""
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
BACKUPS = [pytest.param(1, id="short"), pytest.param(20, id="full", marks=pytest.mark.drill)]
KILLS = [pytest.param(2, id="short"), pytest.param(25, id="full", marks=pytest.mark.drill)]


def command(*arguments: object, **environment: str) -> subprocess.Popen[bytes]:
    """Starts a command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "service", *map(str, arguments)],
        cwd=REPOSITORY,
        env=settings.environment(**environment),
        stdout=subprocess.DEVNULL,  # What it says of an error stands in the report of a test that fails.
        start_new_session=True,
    )


# ------------------------------------------------------------------------------------------ clients who write


@pytest.mark.parametrize("backups", BACKUPS)
def test_a_backup_holds_all_that_was_acknowledged_before_and_nothing_by_half(
    served, member, tmp_path, tell, backups
):
    unhurried()
    writers = Writers(address=served.address, headers=member.headers, deadline=time.monotonic() + 300)
    before: list[dict[str, str]] = []
    with writers.writing([activity(member, number) for number in range(20_000)]):
        for number in range(backups):
            time.sleep(random.uniform(0.1, 0.5))
            before.append(dict(writers.acknowledged))
            assert command("backup", tmp_path / f"{number}", "--data-dir", served.folder).wait(60) == 0
            assert len(writers.acknowledged) > len(before[-1])
        writers.begin_no_more()
    for number in range(backups):
        folder = tmp_path / f"restored{number}"
        assert command("restore", tmp_path / f"{number}", "--data-dir", folder).wait(60) == 0
        with contextlib.closing(Restored(folder)) as other:
            found = kept(member, address=other.address, rows=other.rows)
        assert found.lost(before[number]) == 0
        assert found.duplicated == dict.fromkeys(ONCE, 0)
        assert len(set(found.written.values())) == 1
    tell(backups=backups, before_each=[len(each) for each in before], at_the_end=len(writers.acknowledged))


class Papers:
    """Clients that store files and delete every third; `kept` are those nobody deletes, by their ids."""

    def __init__(self, member: Member, served: Served) -> None:
        """Remember who stores where."""
        self.kept: dict[str, str] = {}
        self.deleted = 0
        self.swept = 0
        self.over = threading.Event()
        self._member = member
        self._served = served

    def store(self, number: int) -> None:
        """Stores files and deletes some, until it is over."""
        chance = random.Random(number)
        with httpx.Client(base_url=self._served.address, headers=self._member.headers, timeout=30) as client:
            while not self.over.is_set():
                content = PDF + chance.randbytes(chance.randrange(300_000))
                files = {"file": ("surat.pdf", content)}
                made = client.post(PATH, data=form(self._member.agreement), files=files)
                assert made.status_code == 201, made.text
                id = made.json()["id"]
                if chance.random() < 1 / 3:
                    gone = client.delete(f"{PATH}/{id}", headers={"if-match": '"1"'})
                    assert gone.status_code == 204
                    self.deleted += 1
                else:
                    self.kept[id] = hashlib.sha256(content).hexdigest()

    def sweep(self) -> None:
        """Deletes bytes of deleted documents all the time, as the worker does each hour."""
        dsn = embedded.start(self._served.folder / "postgres").dsn("tenun")
        storage = Storage((self._served.folder / "documents").as_uri())
        while not self.over.is_set():
            self.swept += asyncio.run(swept(dsn, storage))


async def swept(dsn: str, storage: Storage) -> int:
    async with opened(dsn, size=1) as database:
        return await sweep_orphans(database, storage, now=instants.now())


def lying(folder: Path) -> dict[str, str]:
    """Gives the hashes of all documents that lie under a data directory, by their ids."""
    return {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in (folder / "documents").iterdir()
    }


@pytest.mark.parametrize("backups", BACKUPS)
def test_a_backup_holds_the_bytes_of_every_record_in_it(served, member, tmp_path, tell, backups):
    unhurried()
    papers, before = Papers(member, served), list[dict[str, str]]()
    with ThreadPoolExecutor(4) as pool:
        tasks = [*(pool.submit(papers.store, number) for number in range(3)), pool.submit(papers.sweep)]
        try:
            for number in range(backups):
                time.sleep(random.uniform(0.5, 1))
                before.append(dict(papers.kept))
                assert command("backup", tmp_path / f"{number}", "--data-dir", served.folder).wait(120) == 0
                assert not any(task.done() for task in tasks)
        finally:
            papers.over.set()
        for task in tasks:
            task.result()
    held: list[int] = []
    for number in range(backups):
        folder = tmp_path / f"restored{number}"
        assert command("restore", tmp_path / f"{number}", "--data-dir", folder).wait(120) == 0
        with contextlib.closing(Restored(folder)) as other:
            rows = other.rows("SELECT id::text, sha256 FROM document")
        assert lying(folder) == {row["id"]: row["sha256"] for row in rows}
        assert before[number].items() <= lying(folder).items()
        held.append(len(rows))
    tell(
        backups=backups,
        acknowledged_before_each=[len(each) for each in before],
        held=held,
        stored=len(papers.kept) + papers.deleted,
        deleted=papers.deleted,
        swept=papers.swept,
    )


class Restored(Served):
    """The service on a folder that was restored."""

    def __init__(self, folder: Path) -> None:
        """Start it at once."""
        super().__init__(folder)
        self.start()

    def close(self) -> None:
        self.end()


# ---------------------------------------------------------------------------------------------- who is killed


@pytest.fixture
async def source(database, connection) -> str:
    """Gives the address of a database that was served, and whose backup takes a while."""
    await installation_secret(database)
    await connection.execute(MUCH)
    return database


async def timed(process: subprocess.Popen[bytes]) -> float:
    """Gives the seconds that a command takes when it is left alone."""
    began = time.monotonic()
    assert await asyncio.to_thread(process.wait, 60) == 0
    return time.monotonic() - began


async def killed(process: subprocess.Popen[bytes], latest: float) -> None:
    """Kills a command at a moment before the latest: alone, or with the programs that it started."""
    await asyncio.sleep(random.uniform(0, latest))
    with contextlib.suppress(ProcessLookupError):
        random.choice((os.kill, os.killpg))(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait, 10)


async def at_rest(connection: asyncpg.Connection) -> None:
    """Waits until what nobody waits for any more has ended."""
    async with asyncio.timeout(20):
        while True:
            if await connection.fetchval(OTHERS) == 0:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("kills", KILLS)
async def test_a_backup_that_was_killed_is_none(source, tmp_path, tell, kills):
    finished = 0
    latest = await timed(command("backup", tmp_path / "whole", **environment_of(source)))
    for number in range(kills):
        folder = tmp_path / f"{number}"
        await killed(command("backup", folder, **environment_of(source)), latest)
        with contextlib.suppress(BackupError):
            whole(folder, tell=print)
            finished += 1
    tell(backups_killed=kills, finished_before=finished, alone=f"{latest:.1f} s")
    assert finished < kills or kills < 5


@pytest.mark.parametrize("kills", KILLS)
async def test_a_restore_that_was_killed_leaves_no_table(source, empty_database, tmp_path, tell, kills):
    made = await back_up(source, tmp_path / "backup", storage=Storage("memory:///"), bin_dir=None, tell=print)
    connection = await asyncpg.connect(empty_database)
    begin = ("restore", tmp_path / "backup")
    latest = await timed(command(*begin, **environment_of(empty_database)))
    finished = 0
    for _ in range(kills):
        await connection.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION {OWNER}")
        await killed(command(*begin, **environment_of(empty_database)), latest)
        await at_rest(connection)
        found = await row_counts(connection)
        assert found in ({}, made.rows)
        finished += found != {}
    if not await row_counts(connection):
        await timed(command(*begin, **environment_of(empty_database)))
    assert await row_counts(connection) == made.rows
    await connection.close()
    tell(restores_killed=kills, finished_before=finished, alone=f"{latest:.1f} s")
