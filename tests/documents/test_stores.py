"""A store keeps what it is given, a folder as well as S3.

S3 is asked where TEST_STORAGE_URL names it, as in `TEST_STORAGE_URL=s3://bucket/tests` with AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: no server small enough comes as a package.
"""

import io
import os
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from schema.roles import WORKER
from service.documents.orphans import sweep_orphans
from service.kernel import instants
from service.kernel.backup import back_up
from service.kernel.database import opened
from service.kernel.ids import uuid7
from service.kernel.problem import Problem
from service.kernel.restore import restore
from service.kernel.storage import Storage
from tests.api import Api
from tests.documents.files import PDF
from tests.documents.given import PATH, stored
from tests.partners import in_force, make_partners, mou
from tests.roles import address
from tests.running import running

S3 = os.environ.get("TEST_STORAGE_URL")  # noqa: TID251 - no setting of the service.
LARGE = random.Random(1).randbytes(12 * 1024**2 + 1)


@pytest.fixture(
    params=["folder", "memory", pytest.param("s3", marks=pytest.mark.skipif(not S3, reason="no S3 is named"))]
)
def url(request, tmp_path) -> str:
    """Gives the address of an empty store."""
    addresses = {"folder": (tmp_path / "store").as_uri(), "memory": "memory:///", "s3": f"{S3}/{uuid4()}"}
    return addresses[request.param]


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([bytes(piece) async for piece in pieces])


@pytest.mark.parametrize("content", [b"x", PDF, LARGE], ids=len)
async def test_what_was_put_is_read_in_any_part(url, content):
    storage, size = Storage(url), len(content)
    await storage.put("key", io.BytesIO(content))
    for start, end in ((0, size), (size - 1, size), (size // 2, size), (0, 1)):
        assert await whole(await storage.read("key", start, end=end)) == content[start:end]


async def test_what_was_deleted_is_unavailable_and_may_be_deleted_again(url):
    storage = Storage(url)
    await storage.put("key", io.BytesIO(PDF))
    for _ in range(2):
        await storage.delete("key")
    with pytest.raises(Problem, match="unavailable"):
        await storage.read("key", 0, end=1)


async def test_keys_are_told_between_two(url):
    storage = Storage(url)
    now = instants.now()
    keys = [str(uuid7(now + timedelta(minutes=minute))) for minute in range(5)]
    for key in keys:
        await storage.put(key, io.BytesIO(PDF))
    told = [key async for page in storage.keys(keys[0], last=keys[3]) for key in page]
    assert sorted(told) == keys[1:3]
    assert sorted([key async for page in storage.keys("", last="~") for key in page]) == keys


async def test_documents_are_stored_read_swept_backed_up_and_restored(
    url, database, connection, empty_database, tmp_path
):
    if url == "memory:///":
        pytest.skip("a store in memory is another one each time it is opened")
    async with running(database, storage_url=url) as client:
        api = Api(client, connection)
        partners = await make_partners(api)
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
        gone, kept = [await stored(api, partners.icw, pact, content=each) for each in (PDF, PDF + LARGE)]
        path = f"{PATH}/{kept['id']}/content"
        assert (await api.get(path, partners.icw)).content == PDF + LARGE
        part = await api.get(path, partners.icw, range="bytes=-5")
        assert (part.status_code, part.content) == (206, LARGE[-5:])
        await api.change("DELETE", f"{PATH}/{gone['id']}", partners.icw)
        storage = Storage(url)
        async with opened(address(database, WORKER), size=1) as background:
            assert await sweep_orphans(background, storage, now=instants.now()) == 1
        made = await back_up(
            database, tmp_path / "backup", storage=storage, bin_dir=None, tell=lambda _: None
        )
    again = Storage(f"{url}-again")
    await restore(empty_database, tmp_path / "backup", storage=again, bin_dir=None, tell=lambda _: None)
    assert len(made.files) == 2
    assert await whole(await again.read(kept["id"], 0, end=kept["byte_size"])) == PDF + LARGE
