import pytest

from tests.api import codes
from tests.documents.files import CSV, PDF
from tests.documents.given import PATH, stored
from tests.partners import held, id_of, in_force, mou

BIG = PDF + bytes(range(256)) * 4096


async def content_of(api, by, document, **headers):
    return await api.get(f"{PATH}/{document['id']}/content", by, **headers)


# ------------------------------------------------------------------------------------------------ the bytes


async def test_what_was_stored_comes_back_and_no_browser_opens_it(api, partners, pact):
    document = await stored(api, partners.icw, pact, content=BIG, name="Laporan “akhir” é.pdf")
    answer = await content_of(api, partners.appek, document)
    assert (answer.status_code, answer.content) == (200, BIG)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == str(len(BIG))
    assert answer.headers["etag"] == f'"{document["sha256"]}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Laporan _akhir_ _.pdf"; '
        "filename*=UTF-8''Laporan%20%E2%80%9Cakhir%E2%80%9D%20%C3%A9.pdf"
    )


async def test_text_says_its_encoding(api, partners, pact):
    document = await stored(api, partners.icw, pact, content=CSV, name="data.csv")
    answer = await content_of(api, partners.icw, document)
    assert (answer.headers["content-type"], answer.content) == ("text/csv; charset=utf-8", CSV)


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=100-", 100, len(BIG)),
        ("bytes=100-999999999999", 100, len(BIG)),
        ("bytes=-7", len(BIG) - 7, len(BIG)),
        ("bytes=-999999999999", 0, len(BIG)),
    ],
)
async def test_a_range_is_sent_alone(api, partners, pact, wanted, start, end):
    document = await stored(api, partners.icw, pact, content=BIG)
    answer = await content_of(api, partners.icw, document, range=wanted)
    assert (answer.status_code, answer.content) == (206, BIG[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BIG)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("wanted", [f"bytes={len(BIG)}-", "bytes=-0", "bytes=999999999999-"])
async def test_a_range_behind_the_end_is_refused(api, partners, pact, wanted):
    document = await stored(api, partners.icw, pact, content=BIG)
    answer = await content_of(api, partners.icw, document, range=wanted)
    assert codes(answer) == (416, "range_not_satisfiable", [])
    assert answer.headers["content-range"] == f"bytes */{len(BIG)}"


@pytest.mark.parametrize("wanted", ["bytes=9-5", "bytes=0-1,5-6", "pages=1-2", "bytes=", "bytes=a-b", "0-1"])
async def test_a_range_that_says_nothing_is_no_range(api, partners, pact, wanted):
    document = await stored(api, partners.icw, pact, content=BIG)
    answer = await content_of(api, partners.icw, document, range=wanted)
    assert (answer.status_code, len(answer.content)) == (200, len(BIG))


async def test_a_range_of_other_bytes_than_one_has_is_the_whole(api, partners, pact):
    document = await stored(api, partners.icw, pact)
    tag = f'"{document["sha256"]}"'
    same = await content_of(api, partners.icw, document, range="bytes=0-1", if_range=tag)
    other = await content_of(api, partners.icw, document, range="bytes=0-1", if_range='"other"')
    assert (same.status_code, other.status_code) == (206, 200)


async def test_bytes_one_has_are_not_sent_again(api, partners, pact):
    document = await stored(api, partners.icw, pact)
    answer = await content_of(api, partners.icw, document, if_none_match=f'"{document["sha256"]}"')
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("wanted", [{}, {"range": "bytes=0-9"}])
async def test_head_answers_what_get_does_without_its_bytes(api, partners, pact, wanted):
    document = await stored(api, partners.icw, pact)
    path = f"{PATH}/{document['id']}/content"
    got = await api.get(path, partners.icw, **wanted)
    head = await api.ask("HEAD", path, by=partners.icw, **wanted)
    names = ("etag", "content-type", "content-length", "content-disposition", "accept-ranges")
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert [head.headers[name] for name in names] == [got.headers[name] for name in names]


# --------------------------------------------------------------------------------------------- who may read


async def test_who_does_not_see_the_agreement_sees_no_document(api, partners, pact):
    document = await stored(api, partners.icw, pact, visibility="public")
    for path in (f"{PATH}/{document['id']}", f"{PATH}/{document['id']}/content"):
        assert codes(await api.get(path, partners.stranger)) == (404, "not_found", [])
    listed = await api.read(f"{PATH}?agreement_id={id_of(pact)}", partners.stranger)
    assert listed["items"] == []


async def test_access_is_asked_anew_for_each_download(api, partners, pact):
    document = await stored(api, partners.icw, pact)
    assert (await content_of(api, partners.appek, document)).status_code == 200
    await api.connection.execute(
        "DELETE FROM party WHERE agreement_id = $1 AND organization_id = $2",
        id_of(pact), partners.appek.organization_id,
    )  # fmt: skip
    assert (await content_of(api, partners.appek, document)).status_code == 404


async def test_a_public_document_of_a_public_agreement_is_everybodys(api, partners):
    body = mou(partners.icw, partners.appek, visibility="public")
    pact = await in_force(api, partners.icw, body)
    secret = await stored(api, partners.icw, pact)
    public = await stored(api, partners.icw, pact, visibility="public")
    assert (await content_of(api, partners.stranger, public)).status_code == 200
    assert (await content_of(api, partners.stranger, secret)).status_code == 404
    listed = await api.read(f"{PATH}?agreement_id={id_of(pact)}", partners.stranger)
    assert [item["id"] for item in listed["items"]] == [public["id"]]
    assert (await api.read(PATH, partners.stranger))["items"] == []


# ---------------------------------------------------------------------------------------------------- lists


async def test_a_list_is_newest_first_and_narrowed_by_what_it_is_about(api, partners, pact):
    activity = await api.create("/v1/activities", partners.icw, body=held(pact))
    first = await stored(api, partners.icw, pact, kind="photo")
    second = await stored(api, partners.appek, f"/v1/activities/{activity['id']}", kind="minutes")
    by = partners.icw

    async def ids(query: str) -> list[str]:
        return [item["id"] for item in (await api.read(f"{PATH}?{query}", by))["items"]]

    both = [second["id"], first["id"]]
    assert await ids("") == both
    assert await ids(f"agreement_id={id_of(pact)}") == both
    assert await ids(f"subject_type=activity&subject_id={activity['id']}") == both[:1]
    assert await ids(f"subject_id={id_of(pact)}") == both[1:]
    assert await ids("kind=photo&kind=dataset") == both[1:]
    assert [page async for page in api.pages(f"{PATH}?limit=1", by)] == [
        [await api.read(f"{PATH}/{each}", by)] for each in both
    ]


async def test_a_list_is_counted_and_exported(api, partners, pact):
    await stored(api, partners.icw, pact)
    assert (await api.read(f"{PATH}?count=true", partners.icw))["total"] == 1
    answer = await api.get(PATH, partners.icw, accept="text/csv")
    assert answer.text.removeprefix("\ufeff").startswith("id,version,created_at")
    assert len(answer.text.splitlines()) == 2
