"""The document of an activity is what its rows say, whoever wrote them."""

from uuid import UUID

import pytest

from tests.partners import held, planned

PATH = "/v1/activities"
PEOPLE = {"unit": "people", "total": 9, "groups": [{"group_label": "Warga", "total": 9, "female": 4}]}
EVIDENCE = [{"url": "https://example.org/foto"}]


async def created(api, partners, pact):
    return held(pact, topics=["opentender.net"], participants=PEOPLE), ()


async def edited(api, partners, pact):
    return held(pact), (("PATCH", "", {"title": "Judul", "follow_ups": [{"text": "SOP"}]}),)


async def counted(api, partners, pact):
    return held(pact), (("PUT", "/participants", PEOPLE),)


async def reported(api, partners, pact):
    return held(pact, participants=PEOPLE), (
        ("POST", "/transitions", {"action": "report", "evidence": EVIDENCE}),
    )


async def rescheduled(api, partners, pact):
    move = {"action": "reschedule", "starts_on": "2098-03-01", "reason": "Banjir"}
    return planned(pact, partners.icw), (("POST", "/transitions", move),)


@pytest.mark.parametrize("history", [created, edited, counted, reported, rescheduled])
async def test_a_document_says_what_the_rows_say(api, partners, pact, history):
    body, steps = await history(api, partners, pact)
    made = await api.create(PATH, partners.icw, body=body)
    path = f"{PATH}/{made['id']}"
    for method, under, change in steps:
        answer = await api.change(method, path + under, partners.icw, body=change, record=path)
        assert answer.status_code == 200, answer.text
    with_document = await api.read(path, partners.icw)
    assert await api.connection.fetchval(
        "SELECT document IS NOT NULL FROM activity WHERE id = $1", UUID(made["id"])
    )
    await api.connection.execute("UPDATE activity SET document = NULL WHERE id = $1", UUID(made["id"]))
    assert await api.read(path, partners.icw) == with_document


async def test_a_row_changed_by_hand_is_read_as_it_is(api, partners, pact):
    made = await api.create(PATH, partners.icw, body=held(pact))
    await api.connection.execute("UPDATE activity SET title = 'Lain' WHERE id = $1", UUID(made["id"]))
    assert (await api.read(f"{PATH}/{made['id']}", partners.icw))["title"] == "Lain"
