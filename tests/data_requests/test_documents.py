"""Data delivered as a document: who reads it, from when on, and until when; and that it stays."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from service.kernel import instants
from tests.actors import Actor
from tests.api import Api, codes
from tests.data_requests.domain import attempt, refusal
from tests.data_requests.given import REVIEWER, around, caller, stored
from tests.documents.files import CSV, PDF
from tests.documents.given import PATH
from tests.documents.given import stored as document_of
from tests.partners import decided, held, id_of, in_force, make_partners, mou
from tests.running import running

FILE = {"kind": "dataset", "content": CSV, "name": "rup.csv"}


@pytest.fixture
async def pact(api, partners):
    """Gives the path of an agreement in force between APPeK, the ICW and the inspectorate."""
    return await in_force(api, partners.appek, mou(partners.appek, partners.icw, partners.inspectorate))


@pytest.fixture
async def request_path(api, partners, pact):
    """Gives the path of what the inspectorate granted to APPeK."""
    return await decided(api, partners.appek, partners.inspectorate, agreement=pact)


@pytest.fixture
async def delivered(api, partners, pact, request_path):
    """Gives a dataset that was delivered for that."""
    document = await document_of(api, partners.inspectorate, pact, **FILE)
    await api.moved(request_path, partners.inspectorate, "deliver", document_id=document["id"], rows=2)
    return document


async def readers(api, partners, document):
    """Gives who gets the bytes of a document; who does not is told that there is none."""
    people = ("inspectorate", "appek", "icw", "city", "stranger")
    found = []
    for name in people:
        content = await api.get(f"{PATH}/{document['id']}/content", getattr(partners, name))
        told = await api.get(f"{PATH}/{document['id']}", getattr(partners, name))
        assert content.status_code == told.status_code
        assert content.status_code in {200, 404}
        if content.status_code == 200:
            assert content.content == CSV
            found.append(name)
    return found


async def listed(api, pact, by):
    """Gives the ids of the documents that a party finds under the agreement, and of all that it finds."""
    found = await api.read(f"{PATH}?agreement_id={id_of(pact)}", by)
    everywhere = await api.read(f"{PATH}?count=true", by)
    ids = [each["id"] for each in found["items"]]
    assert (ids, len(ids)) == ([each["id"] for each in everywhere["items"]], everywhere["total"])
    return ids


async def test_a_dataset_is_its_holders_until_it_is_delivered(api, partners, pact, request_path):
    document = await document_of(api, partners.inspectorate, pact, **FILE)
    assert await readers(api, partners, document) == ["inspectorate"]
    assert await listed(api, pact, partners.appek) == []
    await api.moved(request_path, partners.inspectorate, "deliver", document_id=document["id"])
    assert await readers(api, partners, document) == ["inspectorate", "appek"]
    assert await listed(api, pact, partners.appek) == [document["id"]]
    assert await listed(api, pact, partners.icw) == []


async def test_bytes_and_sha256_are_those_of_the_document(api, partners, request_path, delivered):
    (given,) = (await api.read(f"{request_path}/deliveries", partners.appek))["items"]
    assert (given["document_id"], given["url"]) == (delivered["id"], None)
    assert (given["byte_size"], given["sha256"]) == (len(CSV), delivered["sha256"])


@pytest.mark.parametrize("wrong", [{"sha256": "0" * 64}, {"byte_size": 1}])
async def test_what_is_said_of_a_document_must_hold(api, partners, pact, request_path, wrong):
    document = await document_of(api, partners.inspectorate, pact, **FILE)
    body = {"document_id": document["id"], **wrong}
    answer = await api.move(request_path, partners.inspectorate, "deliver", **body)
    (name,) = wrong
    assert codes(answer) == (400, "validation_failed", [(f"/{name}", "differs_from_document")])
    right = {name: document[name]}
    await api.moved(request_path, partners.inspectorate, "deliver", document_id=document["id"], **right)


async def test_revocation_stops_the_next_byte(api, partners, pact, request_path, delivered):
    await api.moved(request_path, partners.inspectorate, "revoke", reason="Disalahgunakan")
    assert await readers(api, partners, delivered) == ["inspectorate"]
    assert await listed(api, pact, partners.appek) == []
    (given,) = (await api.read(f"{request_path}/deliveries", partners.appek))["items"]
    assert (given["document_id"], given["sha256"]) == (None, delivered["sha256"])


@pytest.fixture
async def on_disk(database, connection, tmp_path) -> AsyncGenerator[Api]:
    """Gives a service that keeps documents in a folder, and so sends them piece by piece."""
    async with running(database, storage_url=tmp_path.as_uri()) as client:
        yield Api(client, connection)


async def test_revocation_breaks_off_a_download_that_runs(on_disk, caplog):
    api, partners = on_disk, await make_partners(on_disk)
    pact = await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate))
    request_path = await decided(api, partners.appek, partners.inspectorate, agreement=pact)
    size = 2 * 1024**2
    file = {"kind": "dataset", "content": PDF + bytes(size), "name": "rup.pdf"}
    document = await document_of(api, partners.inspectorate, pact, **file)
    await api.moved(request_path, partners.inspectorate, "deliver", document_id=document["id"])
    path, got = f"{PATH}/{document['id']}/content", list[int]()

    async def taken(piece: bytes) -> None:
        got.append(len(piece))
        if len(got) == 2:
            await api.moved(request_path, partners.inspectorate, "revoke", reason="Disalahgunakan")

    assert await downloaded(api, path, partners.appek, taken=taken) is False
    assert len(got) == 2
    assert sum(got) < size
    assert "a download broke off: not_found" in caplog.text


async def downloaded(api, path: str, by: Actor, *, taken) -> bool:
    """Hands each piece of an answer to somebody, as it comes; tells whether it came to its end."""
    ended = False

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message) -> None:
        nonlocal ended
        if message["type"] == "http.response.body":
            ended = not message.get("more_body", False)
            if message["body"]:
                await taken(message["body"])

    headers = [(name.encode(), value.encode()) for name, value in by.headers.items()]
    app = api.client._transport.app  # noqa: SLF001 - httpx hands on nothing before the end.
    await app(
        {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path,
            "raw_path": path.encode(), "query_string": b"", "headers": headers, "scheme": "http",
            "client": ("127.0.0.1", 1), "server": ("tenun.test", 80), "root_path": "", "state": {},
        },
        receive,
        send,
    )  # fmt: skip
    return ended


@pytest.mark.parametrize("kind", ["report", "other"])
async def test_what_was_delivered_is_read_by_that_alone_whatever_its_kind(
    api, partners, pact, request_path, kind
):
    document = await document_of(api, partners.inspectorate, pact, **FILE | {"kind": kind})
    assert await readers(api, partners, document) == ["inspectorate", "appek", "icw", "city"]
    await api.moved(request_path, partners.inspectorate, "deliver", document_id=document["id"])
    await api.moved(request_path, partners.inspectorate, "revoke", reason="Disalahgunakan")
    assert await readers(api, partners, document) == ["inspectorate", "icw", "city"]


async def test_access_ends_with_its_last_day_at_the_holder(api, partners, request_path, delivered):
    zone = await api.connection.fetchval(
        "SELECT time_zone FROM organization WHERE id = $1", partners.inspectorate.organization_id
    )
    today = instants.day_in(zone, instants.now())
    for end, names in [
        (today, ["inspectorate", "appek"]),
        (today - timedelta(days=1), ["inspectorate"]),
        (None, ["inspectorate", "appek"]),
    ]:
        await api.connection.execute(
            "UPDATE data_request SET access_ends_on = $2 WHERE id = $1::uuid", id_of(request_path), end
        )
        assert (await api.read(request_path, partners.appek))["access_ended"] == ("appek" not in names)
        assert await readers(api, partners, delivered) == names


async def test_access_ends_with_the_agreement(api, partners, pact, delivered):
    await api.connection.execute(
        "UPDATE agreement SET ends_on = current_date - 2 WHERE id = $1::uuid", id_of(pact)
    )
    assert await readers(api, partners, delivered) == ["inspectorate"]


async def test_of_two_requests_one_that_lasts_is_enough(api, partners, pact, request_path, delivered):
    other = await decided(api, partners.appek, partners.inspectorate, agreement=pact)
    await api.moved(other, partners.inspectorate, "deliver", document_id=delivered["id"])
    await api.moved(request_path, partners.inspectorate, "revoke", reason="Ganda")
    assert await readers(api, partners, delivered) == ["inspectorate", "appek"]
    await api.moved(other, partners.inspectorate, "revoke", reason="Disalahgunakan")
    assert await readers(api, partners, delivered) == ["inspectorate"]


async def test_what_was_delivered_is_not_deleted(api, partners, delivered):
    path = f"{PATH}/{delivered['id']}"
    assert codes(await api.change("DELETE", path, partners.inspectorate)) == (409, "record_in_use", [])


async def test_a_document_of_another_is_not_delivered(api, partners, pact, request_path):
    others = await document_of(api, partners.icw, pact, **FILE | {"kind": "report"})
    elsewhere = await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate))
    outside = await document_of(api, partners.inspectorate, elsewhere, **FILE)
    for document in (others, outside):
        answer = await api.move(request_path, partners.inspectorate, "deliver", document_id=document["id"])
        assert codes(answer) == (400, "validation_failed", [("/document_id", "document_not_of_holder")])


async def test_by_the_law_nothing_is_delivered_as_a_document(api, partners, pact):
    path = await decided(api, partners.appek, partners.inspectorate)
    document = await document_of(api, partners.inspectorate, pact, **FILE)
    answer = await api.move(path, partners.inspectorate, "deliver", document_id=document["id"])
    assert codes(answer) == (400, "validation_failed", [("/document_id", "document_not_of_holder")])


async def test_what_records_rest_on_is_not_taken_away_by_delivering_and_revoking_it(
    api, partners, pact, request_path
):
    by = partners.inspectorate
    document = await document_of(api, by, pact, **FILE | {"kind": "evidence"})
    body = held(pact, state="reported", evidence=[{"document_id": document["id"]}])
    await api.create("/v1/activities", by, body=body)
    await api.moved(request_path, by, "deliver", document_id=document["id"])
    await api.moved(request_path, by, "revoke", reason="Disalahgunakan")
    assert await readers(api, partners, document) == ["inspectorate", "appek", "icw", "city"]


async def test_a_dataset_is_taken_away_though_the_requester_names_it_as_evidence(
    api, partners, pact, request_path, delivered
):
    body = held(pact, state="reported", evidence=[{"document_id": delivered["id"]}])
    await api.create("/v1/activities", partners.appek, body=body)
    await api.moved(request_path, partners.inspectorate, "revoke", reason="Disalahgunakan")
    assert await readers(api, partners, delivered) == ["inspectorate"]


@pytest.mark.parametrize("body", [{"url": None}, {"document_id": str(REVIEWER)}])
def test_a_delivery_is_a_link_or_a_document(body):
    by = caller(person=REVIEWER)
    assert refusal(stored("granted"), "deliver", by, **body) == ("validation_failed", ["delivery_unclear"])
    assert attempt(stored("granted"), "deliver", by, near=around()).deliveries[-1].document_id is None
