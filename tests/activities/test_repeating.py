import asyncio
from uuid import uuid4

import pytest

from tests.api import codes
from tests.partners import colleague, held, id_of, in_force, mou, planned

PATH = "/v1/activities"
BATCH = f"{PATH}/batch"


@pytest.fixture
def key() -> str:
    """Gives an Idempotency-Key nobody used."""
    return str(uuid4())


async def total(api, by):
    """Gives how many activities the caller's organization sees."""
    return (await api.read(f"{PATH}?count=true&limit=1", by))["total"]


# ----------------------------------------------------------------------------------------------- client_ref


async def test_a_client_ref_answers_what_it_made_first(api, partners, pact):
    body = held(pact, client_ref="phone-1")
    first = await api.create(PATH, partners.icw, body=body)
    assert await api.create(PATH, partners.icw, body=body) == first
    assert await total(api, partners.icw) == 1


async def test_a_client_ref_answers_the_record_as_it_is_now(api, partners, pact):
    body = held(pact, client_ref="phone-1")
    path = f"{PATH}/{(await api.create(PATH, partners.icw, body=body))['id']}"
    edited = (await api.change("PATCH", path, partners.icw, body={"title": "Judul"})).json()
    assert await api.create(PATH, partners.icw, body=body) == edited


async def test_a_client_ref_with_another_body_is_taken(api, partners, pact):
    first = await api.create(PATH, partners.icw, body=held(pact, client_ref="phone-1"))
    answer = await api.post(PATH, partners.icw, body=held(pact, client_ref="phone-1", title="Lain"))
    assert codes(answer) == (409, "client_ref_taken", [])
    assert first["id"] in answer.json()["detail"]


async def test_a_client_ref_is_the_same_for_a_body_in_another_spelling(api, partners, pact):
    body = held(pact, client_ref="phone-1")
    first = await api.create(PATH, partners.icw, body=body)
    spelled = dict(reversed(body.items())) | {"ends_on": None, "topics": []}
    assert await api.create(PATH, partners.icw, body=spelled) == first


async def test_a_key_comes_before_a_client_ref(api, partners, pact, key):
    body = held(pact, client_ref="phone-1")
    first = await api.post(PATH, partners.icw, body=body, idempotency_key=key)
    await api.change("PATCH", f"{PATH}/{first.json()['id']}", partners.icw, body={"title": "Judul"})
    again = await api.post(PATH, partners.icw, body=body, idempotency_key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_key_of_another_request_is_refused_though_the_client_ref_is_known(api, partners, pact, key):
    body = held(pact, client_ref="phone-1")
    await api.create(PATH, partners.icw, body=body)
    await api.post(PATH, partners.icw, body=held(pact), idempotency_key=key)
    answer = await api.post(PATH, partners.icw, body=body, idempotency_key=key)
    assert codes(answer) == (422, "idempotency_key_reused", [])


async def test_every_organization_has_client_refs_of_its_own(api, partners, pact):
    body = held(pact, client_ref="phone-1")
    made = [await api.create(PATH, by, body=body) for by in (partners.icw, partners.city)]
    assert made[0]["id"] != made[1]["id"]


async def test_sixteen_repeats_of_a_client_ref_at_once_make_one_activity(api, partners, pact):
    body = held(pact, client_ref="phone-1")
    answers = await asyncio.gather(*(api.post(PATH, partners.icw, body=body) for _ in range(16)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert await total(api, partners.icw) == 1


# ------------------------------------------------------------------------------------------------- batches


async def test_a_batch_answers_each_item_in_the_order_sent(api, partners, pact):
    before = await api.create(PATH, partners.icw, body=held(pact, client_ref="known"))
    items = [
        held(pact, client_ref="good"),
        held(pact, client_ref="early", starts_on="2098-03-01"),
        held(pact, client_ref="known"),
        held(pact, client_ref="wrong", ends_on="2022-09-01"),
        held(f"/v1/agreements/{uuid4()}", client_ref="nowhere"),
        held(pact, client_ref="last"),
    ]
    result = (await api.post(BATCH, partners.icw, body={"items": items})).json()
    told = [
        (item["client_ref"], item["status"], item["problem"] and item["problem"]["code"])
        for item in result["items"]
    ]
    assert told == [
        ("good", 201, None),
        ("early", 409, "guards_not_met"),
        ("known", 201, None),
        ("wrong", 400, "validation_failed"),
        ("nowhere", 400, "validation_failed"),
        ("last", 201, None),
    ]
    assert result["items"][2]["id"] == before["id"]
    assert await total(api, partners.icw) == 3


async def test_a_batch_sent_again_changes_nothing(api, partners, pact):
    body = {"items": [held(pact, client_ref=name) for name in "abc"]}
    first, second = [await api.post(BATCH, partners.icw, body=body) for _ in range(2)]
    assert (second.status_code, second.json()) == (200, first.json())
    assert await total(api, partners.icw) == 3


async def test_every_item_of_a_batch_has_a_client_ref_of_its_own(api, partners, pact):
    refs = ("a", None, "b", "a")
    body = {"items": [held(pact, client_ref=ref) for ref in refs]}
    faults = [("/items/1/client_ref", "required"), ("/items/3/client_ref", "repeated")]
    assert codes(await api.post(BATCH, partners.icw, body=body)) == (400, "validation_failed", faults)
    assert await total(api, partners.icw) == 0


async def test_a_batch_has_two_hundred_items_at_most(api, partners, pact):
    body = {"items": [held(pact, client_ref=str(number)) for number in range(201)]}
    answer = await api.post(BATCH, partners.icw, body=body)
    assert codes(answer) == (400, "validation_failed", [("/items", "too_long")])


async def test_a_reference_that_exists_nowhere_stops_its_own_item_alone(api, partners, pact):
    lost = [{"organization_id": str(uuid4()), "role": "host"}]
    items = [held(pact, client_ref="bad", organizers=lost), held(pact, client_ref="good")]
    result = (await api.post(BATCH, partners.icw, body={"items": items})).json()
    assert [item["status"] for item in result["items"]] == [400, 201]


# ----------------------------------------------------------------------------------------- Idempotency-Key


async def test_a_key_replays_the_first_answer_and_says_so(api, partners, pact, key):
    first, again = [
        await api.post(PATH, partners.icw, body=held(pact), idempotency_key=key) for _ in range(2)
    ]
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert await total(api, partners.icw) == 1


async def test_a_key_of_another_body_is_refused(api, partners, pact, key):
    await api.post(PATH, partners.icw, body=held(pact), idempotency_key=key)
    answer = await api.post(PATH, partners.icw, body=held(pact, title="Lain"), idempotency_key=key)
    assert codes(answer) == (422, "idempotency_key_reused", [])
    assert await total(api, partners.icw) == 1


async def test_a_key_of_another_path_is_refused(api, partners, pact, key):
    path = f"{PATH}/{(await api.create(PATH, partners.icw, body=planned(pact, partners.icw)))['id']}"
    await api.post(PATH, partners.icw, body=held(pact), idempotency_key=key)
    body = {"action": "cancel", "reason": "Batal"}
    answer = await api.post(
        f"{path}/transitions", partners.icw, body=body, if_match='"1"', idempotency_key=key
    )
    assert codes(answer) == (422, "idempotency_key_reused", [])


async def test_a_key_replays_a_move_that_its_own_version_would_refuse(api, partners, pact, key):
    path = f"{PATH}/{(await api.create(PATH, partners.icw, body=planned(pact, partners.icw)))['id']}"
    sent = {"body": {"action": "cancel", "reason": "Batal"}, "if_match": '"1"', "idempotency_key": key}
    first, again = [await api.post(f"{path}/transitions", partners.icw, **sent) for _ in range(2)]
    assert (again.status_code, again.content) == (200, first.content)
    assert (await api.read(path, partners.icw))["version"] == 2


async def test_fifty_repeats_of_a_key_at_once_have_one_effect_and_one_answer(api, partners, pact, key):
    answers = await asyncio.gather(
        *(api.post(PATH, partners.icw, body=held(pact), idempotency_key=key) for _ in range(50))
    )
    told = {
        (answer.status_code, answer.content, answer.headers["location"], answer.headers["etag"])
        for answer in answers
    }
    assert len(told) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 49
    assert await total(api, partners.icw) == 1


async def test_a_refusal_leaves_its_key_free(api, partners, pact, key):
    refused = await api.post(PATH, partners.icw, body=held(pact, starts_on="2098-03-01"), idempotency_key=key)
    made = await api.post(PATH, partners.icw, body=held(pact), idempotency_key=key)
    assert (refused.status_code, made.status_code) == (409, 201)


async def test_a_key_belongs_to_a_person(api, partners, pact, key):
    another = await colleague(api, partners.icw, "coordinator")
    for by in (partners.icw, another):
        answer = await api.post(PATH, by, body=held(pact), idempotency_key=key)
        assert "idempotency-replayed" not in answer.headers
    assert await total(api, partners.icw) == 2


async def test_a_replay_shows_nothing_to_who_sees_the_record_no_longer(api, partners, key):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
    await api.post(PATH, partners.appek, body=held(pact), idempotency_key=key)
    gone = "DELETE FROM party WHERE agreement_id = $1 AND organization_id = $2"
    await api.connection.execute(gone, id_of(pact), partners.appek.organization_id)
    answer = await api.post(PATH, partners.appek, body=held(pact), idempotency_key=key)
    assert codes(answer) == (404, "not_found", [])


async def test_a_replay_answers_nothing_to_who_may_do_it_no_longer(api, partners, pact, key):
    person = await colleague(api, partners.icw, "coordinator")
    await api.post(PATH, person, body=held(pact), idempotency_key=key)
    demoted = "UPDATE membership SET roles = ARRAY['viewer'], version = version + 1 WHERE user_id = $1"
    await api.connection.execute(demoted, person.user_id)
    answer = await api.post(PATH, person, body=held(pact), idempotency_key=key)
    assert codes(answer) == (403, "permission_missing", [])


async def test_an_answer_that_names_a_person_is_not_kept_but_made_again(api, partners, pact, key):
    body = held(pact, training={"trainers": [{"name": "Pelatih"}]})
    first = (await api.post(PATH, partners.icw, body=body, idempotency_key=key)).json()
    await api.change("PATCH", f"{PATH}/{first['id']}", partners.icw, body={"training": None})
    again = await api.post(PATH, partners.icw, body=body, idempotency_key=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert (again.json()["id"], again.json()["training"]) == (first["id"], None)
    kept = await api.connection.fetchval("SELECT body FROM idempotency_key WHERE key = $1", key)
    assert kept is None


@pytest.mark.parametrize("given", ["", "k" * 256, "kunci\tsatu"])
async def test_a_key_is_one_to_255_printable_characters(api, partners, pact, given):
    answer = await api.post(PATH, partners.icw, body=held(pact), idempotency_key=given)
    assert codes(answer) == (400, "validation_failed", [("", "idempotency_key_invalid")])
