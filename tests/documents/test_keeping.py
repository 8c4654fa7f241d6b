"""Records and bytes keep step: whatever ends an upload, no record is without its bytes, and orphans go."""

import asyncio
import resource
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from schema.roles import WORKER
from service.documents.orphans import OLDEST, YOUNGEST, sweep_orphans
from service.kernel import instants, ledger
from service.kernel.database import opened
from service.kernel.ids import uuid7
from service.kernel.problem import Problem
from service.kernel.storage import Storage, StorageError
from tests.api import Api, codes
from tests.documents.files import PDF
from tests.documents.given import PATH, form, send, stored
from tests.partners import in_force, make_partners, mou
from tests.roles import address
from tests.running import running

MINUTE = timedelta(minutes=1)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "a folder"


@pytest.fixture
async def world(database, connection, folder):
    """Gives partners with an agreement, on a service whose documents lie in a folder; the quota is 1 MB."""
    async with running(database, storage_url=folder.as_uri(), document_quota=1) as client:
        api = Api(client, connection)
        partners = await make_partners(api)
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
        yield api, partners, pact


async def swept(database: str, storage: Storage, *, after: timedelta) -> int:
    async with opened(address(database, WORKER), size=1) as background:
        return await sweep_orphans(background, storage, now=instants.now() + after)


def keys(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


# ---------------------------------------------------------------------------------------- records and bytes


async def test_the_bytes_of_a_record_lie_under_its_id_until_it_is_deleted_and_swept(world, folder, database):
    api, partners, pact = world
    document = await stored(api, partners.icw, pact)
    assert (folder / document["id"]).read_bytes() == PDF
    await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)
    assert await swept(database, Storage(folder.as_uri()), after=timedelta()) == 1
    assert keys(folder) == set()


async def test_an_upload_that_ends_before_its_record_leaves_an_orphan_that_is_swept(
    world, folder, database, monkeypatch
):
    api, partners, pact = world
    kept = await stored(api, partners.icw, pact)

    async def ended(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(ledger.Change, "run", ended)
        assert (await send(api, partners.icw, form(pact))).status_code == 503
    assert len(keys(folder)) == 2
    storage = Storage(folder.as_uri())
    assert await swept(database, storage, after=YOUNGEST - MINUTE) == 0
    assert await swept(database, storage, after=YOUNGEST + MINUTE) == 1
    assert keys(folder) == {kept["id"]}


async def test_an_upload_that_ends_before_its_bytes_leaves_no_record(world, folder, monkeypatch):
    api, partners, pact = world
    folder.rmdir()
    folder.write_text("no folder any more")
    assert (await send(api, partners.icw, form(pact))).status_code == 503
    assert await api.connection.fetchval("SELECT count(*) FROM document") == 0


async def test_bytes_that_are_away_are_told_as_unavailable(world, folder):
    api, partners, pact = world
    document = await stored(api, partners.icw, pact)
    (folder / document["id"]).unlink()
    answer = await api.get(f"{PATH}/{document['id']}/content", partners.icw)
    assert codes(answer) == (503, "unavailable", [])


async def test_a_deletion_that_the_store_refuses_is_repeated(world, folder, database, monkeypatch):
    api, partners, pact = world
    document = await stored(api, partners.icw, pact)
    await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)
    storage = Storage(folder.as_uri())

    async def away(*_: object) -> None:
        raise Problem("unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "delete", away)
        with pytest.raises(Problem):
            await swept(database, storage, after=timedelta())
    assert keys(folder) == {document["id"]}
    assert await swept(database, storage, after=timedelta()) == 1
    assert await swept(database, storage, after=timedelta()) == 0


async def test_a_removal_of_what_is_still_a_document_deletes_nothing(world, folder, database):
    api, partners, pact = world
    document = await stored(api, partners.icw, pact)
    await api.connection.execute("INSERT INTO document_removal VALUES ($1)", document["id"])
    assert await swept(database, Storage(folder.as_uri()), after=timedelta()) == 0
    assert keys(folder) == {document["id"]}


async def test_parts_of_killed_uploads_are_swept_and_what_is_not_ours_is_left(world, folder, database):
    old, young = (str(uuid7(instants.now() - age)) for age in (YOUNGEST + MINUTE, YOUNGEST - MINUTE))
    for name in (f"{old}#1", f"{young}#1", "README"):
        (folder / name).write_text("…")
    assert await swept(database, Storage(folder.as_uri()), after=timedelta()) == 0
    assert keys(folder) == {f"{young}#1", "README"}


async def test_bytes_older_than_every_sweep_are_not_looked_for(world, folder, database):
    (folder / str(uuid7(instants.now() - OLDEST - MINUTE))).write_text("…")
    assert await swept(database, Storage(folder.as_uri()), after=timedelta()) == 0


async def test_a_sweep_goes_page_by_page(database):
    storage = Storage("memory:///")
    for _ in range(1_100):
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
            await storage.put(str(uuid7(instants.now())), file)
    assert await swept(database, storage, after=YOUNGEST + MINUTE) == 1_100
    assert await swept(database, storage, after=YOUNGEST + MINUTE) == 0


@pytest.mark.parametrize("url", ["documents", "ftp://example.org/x", "nonsense"])
def test_an_address_that_is_none_is_told(url):
    with pytest.raises(StorageError, match="TENUN_STORAGE_URL cannot be used"):
        Storage(url)


# ------------------------------------------------------------------------------------------------- the quota

HALF = PDF + bytes(600 * 1024)
USAGE = "SELECT byte_size FROM document_usage WHERE organization_id = $1"


async def test_an_organization_stores_as_much_as_its_quota(world):
    api, partners, pact = world
    first = await stored(api, partners.icw, pact, content=HALF)
    more = await send(api, partners.icw, form(pact), content=HALF)
    assert codes(more) == (409, "document_quota_exceeded", [])
    assert (await send(api, partners.appek, form(pact), content=HALF)).status_code == 201
    await api.change("DELETE", f"{PATH}/{first['id']}", partners.icw)
    assert await api.connection.fetchval(USAGE, partners.icw.organization_id) == 0
    assert (await send(api, partners.icw, form(pact), content=HALF)).status_code == 201


async def test_uploads_at_once_do_not_pass_the_quota_together(world):
    api, partners, pact = world
    sent = [send(api, partners.icw, form(pact), content=HALF) for _ in range(4)]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await api.connection.fetchval(USAGE, partners.icw.organization_id) == len(HALF)


# ------------------------------------------------------------------------------------------- size and memory


async def parts_of(content: int, subject: str):
    """Gives a form with a file of this size, piece by piece."""
    fields = {"kind": "photo", "subject_type": "agreement", "subject_id": subject}
    for name, value in fields.items():
        yield f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF
    for _ in range(content // 65536):
        yield bytes(65536)
    yield b"\r\n--x--\r\n"


async def posted(api, by, content: int, subject: str | UUID):
    headers = {**by.headers, "content-type": "multipart/form-data; boundary=x"}
    return await api.client.post(PATH, headers=headers, content=parts_of(content, str(subject)))


async def test_a_file_over_the_limit_is_refused(api, partners):
    answer = await posted(api, partners.icw, 26 * 1024**2, uuid4())
    assert codes(answer) == (413, "body_too_large", [])


async def test_a_field_is_not_as_large_as_a_file(api, partners, pact):
    answer = await send(api, partners.icw, form(pact, hard_copy_location="a" * 70_000))
    assert codes(answer) == (413, "body_too_large", [])


async def test_large_uploads_take_no_memory(database, connection, folder):
    async with running(database, storage_url=folder.as_uri()) as client:
        api = Api(client, connection)
        partners = await make_partners(api)
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
        subject = pact.rpartition("/")[2]
        await posted(api, partners.icw, 1024**2, subject)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answers = await asyncio.gather(*(posted(api, partners.icw, 24 * 1024**2, subject) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [201] * 4
        # 96 MB were stored; what obstore holds of each on its way are parts of 1 MB.
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    "content",
    [
        b"", b"--x", b"--x--\r\n", b"x", b"--x\r\n\r\n\r\n--x--\r\n", b"\r\n" * 1000,
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: attachment; name=file\r\n\r\na\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=kind\r\n\r\n\xff\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=kind\r\n\r\nphoto\r\n",
        b"--x\r\n" + b"A: b\r\n" * 50 + b"\r\n\r\n--x--\r\n",
        b"--x\r\nA: " + b"b" * 10_000 + b"\r\n\r\n\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 100 + b"--x--\r\n",
    ],
)  # fmt: skip
async def test_what_is_no_form_cannot_be_read(api, partners, content):
    headers = {**partners.icw.headers, "content-type": "multipart/form-data; boundary=x"}
    answer = await api.client.post(PATH, headers=headers, content=content)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=",
    ],
)
async def test_what_does_not_say_that_it_is_a_form_is_none(api, partners, kind):
    headers = {**partners.icw.headers, "content-type": kind}
    answer = await api.client.post(PATH, headers=headers, content=b"--x--\r\n")
    assert codes(answer) == (415, "unsupported_media_type", [])
