"""What happens beside an amendment at the same moment: each request waits for a lock that a test holds."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests import make
from tests.api import Api, codes
from tests.partners import addendum, id_of, in_force, mou, proposed, signing

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
TERMINATED = "UPDATE agreement SET state = 'terminated', version = version + 1 WHERE id = $1"
SUSPENDED = "UPDATE agreement SET state = 'suspended', suspended_by = $2, version = version + 1 WHERE id = $1"
EDITED = """
UPDATE amendment SET version = version + 1, terms_version = terms_version + 1 WHERE agreement_id = $1
"""
NOTED = "UPDATE agreement SET notice_months = 6, version = version + 1 WHERE id = $1"
ACCEPTANCES = "SELECT count(*) FROM amendment_acceptance WHERE agreement_id = $1"


@pytest.fixture
async def path(api, partners) -> str:
    """Gives the path of an agreement in force between ICW and the city."""
    return await in_force(api, partners.icw, mou(partners.icw, partners.city))


async def overtaken(
    api: Api, request: Coroutine[Any, Any, httpx.Response], *, by: Callable[[], Awaitable[object]]
) -> httpx.Response:
    """Gives the answer to a request that waited behind a change, which was committed as soon as it did."""
    async with api.connection.transaction():
        await by()
        task = asyncio.create_task(request)
        await until_waiting(api, task)
    return await task


async def until_waiting(api: Api, task: asyncio.Task[httpx.Response]) -> None:
    """Waits until somebody waits for a lock; a request that waits for none fails the test."""
    while True:
        if await api.connection.fetchval(WAITING):
            return
        assert not task.done(), "it did not wait"
        await asyncio.sleep(0.01)


async def ready(api, partners, path) -> str:
    found = await proposed(api, path, partners.icw)
    for party in (partners.icw, partners.city):
        await api.moved(found, party, "accept")
    return found


async def version_of(api, path, by) -> str:
    return f'"{(await api.read(path, by))["version"]}"'


async def test_of_many_who_propose_at_once_one_does(api, partners, path):
    answers = await asyncio.gather(
        *(api.post(f"{path}/amendments", by, body=addendum()) for by in (partners.icw, partners.city) * 4)
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    refused = {answer.json()["code"] for answer in answers if answer.is_error}
    assert refused == {"amendment_open"}
    assert len((await api.read(f"{path}/amendments", partners.icw))["items"]) == 1


async def test_who_proposes_while_another_is_entered_is_told_its_number(api, partners, path):
    request = api.post(f"{path}/amendments", partners.icw, body=addendum())
    other = {"organization_id": partners.city.organization_id}
    entered = partial(make.amendment, api.connection, UUID(id_of(path)), **other)
    answer = await overtaken(api, request, by=entered)
    assert codes(answer) == (409, "amendment_open", [])
    assert "Amendment 1 " in answer.json()["detail"]


async def test_an_acceptance_of_a_proposal_that_changes_meanwhile_does_not_count(api, partners, path):
    amendment = await proposed(api, path, partners.icw)
    accept = {"body": {"action": "accept"}, "if_match": '"1"'}
    request = api.post(f"{amendment}/transitions", partners.city, **accept)
    edited = partial(api.connection.execute, EDITED, UUID(id_of(path)))
    assert codes(await overtaken(api, request, by=edited)) == (412, "stale_version", [])
    assert await api.connection.fetchval(ACCEPTANCES, UUID(id_of(path))) == 0


@pytest.mark.parametrize("moved", ["terminated", "suspended"])
async def test_an_agreement_that_moves_while_its_amendment_is_signed_stays_as_it_moved(
    api, partners, path, moved
):
    amendment = await ready(api, partners, path)
    version = await version_of(api, amendment, partners.icw)
    move = {"action": "register_signing", **signing(partners.icw, partners.city)}
    request = api.post(f"{amendment}/transitions", partners.icw, body=move, if_match=version)
    also = [partners.city.organization_id] if moved == "suspended" else []
    statement = SUSPENDED if also else TERMINATED
    overtaking = partial(api.connection.execute, statement, UUID(id_of(path)), *also)
    answer = await overtaken(api, request, by=overtaking)
    assert codes(answer) == (409, "guards_not_met", [("/agreement_id", "agreement_not_signed")])
    record = await api.read(path, partners.icw)
    assert (record["state"], record["ends_on"]) == (moved, "2099-08-14")
    assert (await api.read(amendment, partners.icw))["state"] == "ready_to_sign"


async def test_an_edit_of_no_terms_beside_a_signing_is_kept_with_it(api, partners, path):
    amendment = await ready(api, partners, path)
    version = await version_of(api, amendment, partners.icw)
    move = {"action": "register_signing", **signing(partners.icw, partners.city)}
    request = api.post(f"{amendment}/transitions", partners.icw, body=move, if_match=version)
    noted = partial(api.connection.execute, NOTED, UUID(id_of(path)))
    assert (await overtaken(api, request, by=noted)).status_code == 200
    record = await api.read(path, partners.icw)
    assert (record["notice_months"], record["ends_on"], record["version"]) == (6, "2100-08-14", 3)


async def test_a_signing_and_an_edit_of_the_agreement_never_lose_one_another(api, partners, path):
    amendment = await ready(api, partners, path)
    version = await version_of(api, amendment, partners.icw)
    move = {"action": "register_signing", **signing(partners.icw, partners.city)}
    signed, edited = await asyncio.gather(
        api.post(f"{amendment}/transitions", partners.icw, body=move, if_match=version),
        api.ask("PATCH", path, by=partners.city, body={"source_note": "Berita"}, if_match='"1"'),
    )
    record = await api.read(path, partners.icw)
    assert (signed.status_code, record["ends_on"]) == (200, "2100-08-14")
    assert (record["source_note"] == "Berita") is edited.is_success
    assert edited.status_code in {200, 412}
