from tests.partners import colleague, held, planned

PATH = "/v1/activities"


async def logged(api, by, body):
    """Gives the path of a new activity."""
    return f"{PATH}/{(await api.create(PATH, by, body=body))['id']}"


async def test_head_answers_what_get_does_without_its_body(api, partners, pact):
    path = await logged(api, partners.icw, held(pact))
    got, head = await api.get(path, partners.icw), await api.ask("HEAD", path, by=partners.icw)
    names = ("etag", "content-type", "content-length", "cache-control", "content-language")
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[name] for name in names] == [got.headers[name] for name in names]


async def test_what_the_client_has_already_is_not_sent_again(api, partners, pact):
    path = await logged(api, partners.icw, held(pact))
    etag = (await api.get(path, partners.icw)).headers["etag"]
    same = await api.get(path, partners.icw, if_none_match=etag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    await api.change("PATCH", path, partners.icw, body={"title": "Judul"})
    assert (await api.get(path, partners.icw, if_none_match=etag)).status_code == 200


async def test_an_etag_tells_readers_language_and_agreement_apart(api, partners, pact):
    path = await logged(api, partners.icw, planned(pact, partners.icw))
    viewer = await colleague(api, partners.icw, "viewer")
    tags = [
        (await api.get(path, partners.icw)).headers["etag"],
        (await api.get(path, partners.icw, accept_language="id")).headers["etag"],
        (await api.get(path, viewer)).headers["etag"],
    ]
    await api.moved(pact, partners.city, "suspend", reason="Audit")
    tags.append((await api.get(path, partners.icw)).headers["etag"])
    assert {tag.partition("-")[0] for tag in tags} == {'"1'}
    assert len(set(tags)) == 4
