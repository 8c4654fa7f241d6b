"""A backup carries the bytes of every document that it names, whatever is stored and deleted meanwhile."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from msgspec.structs import replace

from schema.roles import WORKER
from service.documents.orphans import YOUNGEST, sweep_orphans
from service.kernel import backup, instants
from service.kernel.backup import DUMP, Manifest, back_up
from service.kernel.bundle import DOCUMENTS
from service.kernel.database import opened
from service.kernel.programs import BackupError
from service.kernel.restore import restore
from service.kernel.storage import Storage
from tests.actors import Actor
from tests.api import Api
from tests.documents.files import GOOD
from tests.documents.given import PATH, stored
from tests.partners import in_force, make_partners, mou
from tests.roles import address
from tests.running import running

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


class Office(NamedTuple):
    """A service whose documents lie in a folder, and who stores them about an agreement there."""

    api: Api
    by: Actor
    pact: str
    folder: Path
    dsn: str

    @property
    def storage(self) -> Storage:
        return Storage(self.folder.as_uri())

    async def papers(self) -> dict[str, bytes]:
        """Stores a file of every kind, and gives their bytes by their ids."""
        papers: dict[str, bytes] = {}
        for name, (_, content) in GOOD.items():
            made = await stored(self.api, self.by, self.pact, name=name, content=content)
            papers[made["id"]] = content
        return papers

    async def delete(self, id: str) -> None:
        answer = await self.api.change("DELETE", f"{PATH}/{id}", self.by)
        assert answer.status_code == 204

    async def sweep(self) -> int:
        """Sweeps as the worker does, when everything that lies there is old enough."""
        later = instants.now() + YOUNGEST + timedelta(minutes=1)
        async with opened(address(self.dsn, WORKER), size=1) as background:
            return await sweep_orphans(background, self.storage, now=later)

    async def back_up(self, folder: Path, *, storage: Storage | None = None) -> Manifest:
        store = storage or self.storage
        return await back_up(self.dsn, folder, storage=store, bin_dir=None, tell=lambda _: None)


@pytest.fixture
async def office(database, connection, tmp_path) -> AsyncGenerator[Office]:
    folder = tmp_path / "store"
    async with running(database, storage_url=folder.as_uri()) as client:
        api = Api(client, connection)
        partners = await make_partners(api)
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
        yield Office(api, partners.icw, pact, folder, database)


async def restored(dsn: str, folder: Path, *, into: Path) -> Manifest:
    return await restore(dsn, folder, storage=Storage(into.as_uri()), bin_dir=None, tell=lambda _: None)


async def refused(message: str, dsn: str, *, folder: Path, into: Path) -> None:
    """Fails unless a restore is refused with these words and leaves no table."""
    with pytest.raises(BackupError, match=message):
        await restored(dsn, folder, into=into)
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval(TABLES) == 0
    await connection.close()


def lying(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


async def test_documents_come_back_with_their_records(office, empty_database, tmp_path):
    papers = await office.papers()
    made = await office.back_up(tmp_path / "backup")
    assert set(made.files) == {DUMP, *(f"{DOCUMENTS}/{id}" for id in papers)}
    assert await restored(empty_database, tmp_path / "backup", into=tmp_path / "again") == made
    assert lying(tmp_path / "again") == papers
    async with running(empty_database, storage_url=(tmp_path / "again").as_uri()) as client:
        api = Api(client, office.api.connection)
        read = {id: (await api.get(f"{PATH}/{id}/content", office.by)).content for id in papers}
        assert read == papers


async def test_what_is_stored_and_deleted_during_a_backup_is_in_it_as_it_was_before(office, tmp_path):
    papers = await office.papers()
    gone = next(iter(papers))
    happened: list[int] = []

    class Late(Storage):
        """Is read only when something else has happened since the snapshot."""

        async def read(self, key: str, start: int, *, end: int) -> AsyncIterator[bytes]:
            if not happened:
                await office.delete(gone)
                await stored(office.api, office.by, office.pact)
                happened.append(await office.sweep())
            return await super().read(key, start, end=end)

    made = await office.back_up(tmp_path / "backup", storage=Late(office.folder.as_uri()))
    assert happened == [0]
    assert set(made.files) == {DUMP, *(f"{DOCUMENTS}/{id}" for id in papers)}
    assert lying(tmp_path / "backup" / DOCUMENTS) == papers


async def test_bytes_of_a_deleted_document_stay_as_long_as_a_backup_needs_them(office):
    (gone, *_), connection = list(await office.papers()), office.api.connection
    await connection.execute("SELECT pg_advisory_lock_shared($1)", backup.KEPT_LOCK)
    await office.delete(gone)
    assert await office.sweep() == 0
    assert gone in lying(office.folder)
    await connection.execute("SELECT pg_advisory_unlock_shared($1)", backup.KEPT_LOCK)
    assert await office.sweep() == 1
    assert gone not in lying(office.folder)
    assert await connection.fetchval("SELECT count(*) FROM document_removal") == 0


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"%PDF-1.7 another")])
async def test_bytes_that_are_not_as_they_were_stored_fail_the_backup(office, tmp_path, harm):
    (first, *_) = await office.papers()
    harm(office.folder / first)
    with pytest.raises(BackupError, match=f"bytes of document {first} are not in the store as they were"):
        await office.back_up(tmp_path / "backup")
    assert list((tmp_path / "backup").iterdir()) == []


async def test_a_flipped_byte_of_a_document_is_found(office, empty_database, tmp_path):
    (first, *_) = await office.papers()
    await office.back_up(tmp_path / "backup")
    path = tmp_path / "backup" / DOCUMENTS / first
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    await refused("was changed since", empty_database, folder=tmp_path / "backup", into=tmp_path / "again")
    assert lying(tmp_path / "again") == {}


async def test_a_store_with_other_documents_is_refused(office, empty_database, tmp_path):
    await office.papers()
    await office.back_up(tmp_path / "backup")
    later = await stored(office.api, office.by, office.pact)
    await refused(
        f"holds what is not in the backup, {later['id']}",
        empty_database,
        folder=tmp_path / "backup",
        into=office.folder,
    )


async def test_a_restore_that_was_interrupted_may_be_repeated(office, empty_database, tmp_path):
    papers = await office.papers()
    await office.back_up(tmp_path / "backup")
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / next(iter(papers))).write_bytes(b"by half")
    await restored(empty_database, tmp_path / "backup", into=tmp_path / "again")
    assert lying(tmp_path / "again") == papers


async def test_records_without_their_documents_are_found(office, empty_database, tmp_path):
    await office.papers()
    made = await office.back_up(tmp_path / "backup")
    backup._write(tmp_path / "backup", replace(made, files={DUMP: made.files[DUMP]}))  # noqa: SLF001 - a forger.
    with pytest.raises(BackupError, match="not those that the records tell of"):
        await restored(empty_database, tmp_path / "backup", into=tmp_path / "again")


async def test_a_store_that_loses_what_it_was_given_fails_the_restore(
    office, empty_database, tmp_path, monkeypatch
):
    await office.papers()
    await office.back_up(tmp_path / "backup")

    async def lost(*_: object) -> None:
        return

    monkeypatch.setattr(Storage, "put", lost)
    await refused("did not keep document", empty_database, folder=tmp_path / "backup", into=tmp_path / "x")
