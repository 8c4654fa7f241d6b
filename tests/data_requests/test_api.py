"""Data requests through the API, on a real database with both walls."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from tests.actors import acting_for
from tests.api import codes
from tests.partners import (
    asking,
    colleague,
    decided,
    id_of,
    in_force,
    make_partners,
    mou,
    recommended,
    requested,
)

REQUESTS = "/v1/data-requests"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture
async def pact(api, partners):
    """Gives the path of an agreement in force between APPeK and the inspectorate."""
    return await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate))


async def test_a_request_goes_from_draft_to_recommendation(api, partners, pact):
    appek, holder = partners.appek, partners.inspectorate
    made = await api.create(REQUESTS, appek, body=asking(holder, pact))
    path = f"{REQUESTS}/{made['id']}"
    assert (made["state"], made["number"], made["clock"]) == ("draft", None, None)
    sent = await api.moved(path, appek, "submit")
    assert sent["number"] == f"PD-{sent['received_on'][:4]}-000001"
    assert sent["due_on"] == sent["clock"]["due_on"] == sent["clock"]["days"][-1]["on"]
    reviewer = await colleague(api, holder, "reviewer")
    await api.moved(path, reviewer, "take")
    asked = await api.moved(path, reviewer, "ask", question="OPD mana?")
    assert (asked["state"], asked["clock"]["paused"]) == ("needs_clarification", True)
    await api.moved(path, appek, "answer", answer="Semua")
    done = await api.moved(path, reviewer, "recommend", recommendation="grant")
    assert (done["state"], done["assignee_id"]) == ("awaiting_decision", str(reviewer.user_id))


async def test_a_request_goes_from_recommendation_to_the_end(api, partners, pact):
    appek, holder = partners.appek, partners.inspectorate
    path = await recommended(api, appek, holder, agreement=pact)
    reviewer = await colleague(api, holder, "reviewer")
    granted = await api.moved(path, holder, "grant", conditions="Untuk pemantauan")
    assert (granted["decision"], granted["access_ends_on"]) == ("granted", "2099-08-14")
    await api.moved(path, appek, "accept_conditions")
    given = {"url": "https://example.org/rup.csv", "rows": 120, "sha256": SHA, "byte_size": 20480}
    await api.moved(path, reviewer, "deliver", **given)
    full = await api.moved(path, reviewer, "deliver", url="https://example.org/rest.csv", complete=True)
    assert full["state"] == "fulfilled"
    first, second = full["deliveries"]
    assert {name: first[name] for name in given} == given
    await api.moved(path, appek, "acknowledge", delivery_id=second["id"])
    told = await api.read(f"{path}/deliveries", appek)
    assert [each["acknowledged_at"] is not None for each in told["items"]] == [False, True]
    assert (await api.moved(path, appek, "close"))["state"] == "closed"
    history = await api.read(f"{path}/transitions", holder)
    assert [step["action"] for step in history["items"]] == [
        "created", "submit", "take", "recommend", "grant", "accept_conditions", "deliver", "deliver",
        "acknowledge", "close",
    ]  # fmt: skip


async def test_a_reply_is_what_is_read_afterwards(api, partners, pact):
    path = await decided(api, partners.appek, partners.inspectorate, agreement=pact, decision="grant_in_part")
    sent = await api.moved(path, partners.inspectorate, "deliver", url="https://example.org/rup.csv")
    assert await api.read(path, partners.inspectorate) == sent


async def test_a_request_by_the_law_is_seen_by_its_two_sides_alone(api, partners):
    path = await requested(api, partners.icw, partners.inspectorate)
    await api.create(f"{REQUESTS}", partners.icw, body=asking(partners.city))
    for side in (partners.icw, partners.inspectorate):
        assert (await api.read(path, side))["agreement_id"] is None
        assert len((await api.read(f"{path}/transitions", side))["items"]) == 2
    for other in (partners.city, partners.appek, partners.stranger):
        for rest in ("", "/transitions", "/deliveries", "/objections"):
            assert (await api.get(f"{path}{rest}", other)).status_code == 404


async def test_a_request_under_an_agreement_is_seen_by_who_sees_the_agreement(api, partners, pact):
    path = await requested(api, partners.appek, partners.inspectorate, agreement=pact)
    assert (await api.read(path, partners.city))["actions"] == []
    assert (await api.get(path, partners.icw)).status_code == 404


async def test_numbers_are_given_once_under_concurrency(api, partners):
    paths = []
    for _ in range(12):
        made = await api.create(REQUESTS, partners.icw, body=asking(partners.inspectorate))
        paths.append(f"{REQUESTS}/{made['id']}")
    sent = await asyncio.gather(*(api.moved(path, partners.icw, "submit") for path in paths))
    numbers = [each["number"] for each in sent]
    assert len(set(numbers)) == 12
    assert numbers != [None] * 12


async def test_of_two_who_submit_at_once_one_wins_and_the_other_hears_why(api, partners):
    made = await api.create(REQUESTS, partners.icw, body=asking(partners.inspectorate))
    path = f"{REQUESTS}/{made['id']}/transitions"
    answers = await asyncio.gather(
        *(api.post(path, partners.icw, body={"action": "submit"}, if_match='"1"') for _ in range(4))
    )
    assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]


async def test_every_holder_counts_for_itself(api, partners):
    for holder in (partners.inspectorate, partners.city):
        sent = await api.read(await requested(api, partners.icw, holder), partners.icw)
        assert sent["number"].endswith("-000001")


async def test_the_same_client_ref_makes_no_second_request(api, partners):
    body = asking(partners.inspectorate, client_ref="phone-1")
    first = await api.create(REQUESTS, partners.icw, body=body)
    again = await api.create(REQUESTS, partners.icw, body=body)
    assert first["id"] == again["id"]
    other = await api.post(REQUESTS, partners.icw, body=body | {"title": "Lain"})
    assert codes(other)[:2] == (409, "client_ref_taken")


async def test_a_repeated_move_has_its_effect_once(api, partners):
    path = await decided(api, partners.icw, partners.inspectorate)
    body = {"action": "deliver", "url": "https://example.org/a.csv"}
    version = (await api.read(path, partners.inspectorate))["version"]
    for replayed in (None, "true"):
        sent = await api.post(
            f"{path}/transitions", partners.inspectorate, body=body,
            idempotency_key="once", if_match=f'"{version}"',
        )  # fmt: skip
        assert (sent.status_code, sent.headers.get("idempotency-replayed")) == (200, replayed)
    assert len((await api.read(path, partners.icw))["deliveries"]) == 1


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"lane": "pks"}, ("/agreement_id", "lane_needs_agreement")),
        ({"agreement_id": str(uuid4())}, ("/agreement_id", "lane_without_agreement")),
        ({"lane": "pks", "agreement_id": str(uuid4())}, ("/agreement_id", "agreement_unknown")),
        ({"holder_organization_id": str(uuid4())}, ("/holder_organization_id", "organization_unknown")),
        ({"dataset_id": str(uuid4())}, ("/dataset_id", "dataset_unknown")),
        ({"fields": ["a", "a"]}, ("/fields/1", "repeated")),
        ({"period": {"from": "2025-02-01", "to": "2025-01-31"}}, ("/period/to", "end_before_start")),
    ],
)
async def test_what_cannot_be_asked_is_refused(api, partners, values, fault):
    refused = await api.post(REQUESTS, partners.icw, body=asking(partners.inspectorate) | values)
    assert codes(refused) == (400, "validation_failed", [fault])


async def test_nobody_asks_themselves_or_a_holder_outside_the_agreement(api, partners, pact):
    own = await api.post(REQUESTS, partners.icw, body=asking(partners.icw))
    assert codes(own)[2] == [("/holder_organization_id", "holder_is_requester")]
    outside = await api.post(REQUESTS, partners.appek, body=asking(partners.icw, pact))
    assert codes(outside)[2] == [("/holder_organization_id", "holder_no_party")]
    above = await api.post(REQUESTS, partners.city, body=asking(partners.appek, pact))
    assert codes(above)[:2] == (403, "not_a_party")


async def test_a_draft_is_edited_by_its_requester_until_it_is_handed_in(api, partners):
    made = await api.create(REQUESTS, partners.icw, body=asking(partners.inspectorate))
    path = f"{REQUESTS}/{made['id']}"
    edited = await api.change("PATCH", path, partners.icw, body={"title": "Judul", "period": None})
    assert (edited.json()["title"], edited.json()["period"]) == ("Judul", None)
    by_holder = await api.change("PATCH", path, partners.inspectorate, body={"title": "X"})
    assert codes(by_holder)[:2] == (403, "not_the_requester")
    await api.change("PATCH", path, partners.icw, body={"period": {"from": "2025-01-01", "to": "2025-01-31"}})
    await api.moved(path, partners.icw, "submit")
    late = await api.change("PATCH", path, partners.icw, body={"title": "X"})
    assert codes(late) == (409, "state_forbids_edit", [("", "request_submitted")])


# -------------------------------------------------------------------------------- separation of duties


async def test_one_person_of_both_sides_does_not_decide_the_own_request(api, partners):
    both = await acting_for(
        api.connection, partners.icw.user_id, organization_id=partners.inspectorate.organization_id,
        roles=["reviewer", "approver"],
    )  # fmt: skip
    path = await recommended(api, partners.icw, partners.inspectorate)
    assert codes(await api.move(path, both, "grant"))[:2] == (403, "own_request")
    assert (await api.moved(path, partners.inspectorate, "grant"))["state"] == "granted"


async def test_the_database_refuses_it_too(api, partners):
    path = await recommended(api, partners.icw, partners.inspectorate)
    row = "SELECT created_by, submitted_by, recommender_ids[1] FROM data_request WHERE id = $1"
    decide = """
    UPDATE data_request SET state = 'granted', decision = 'granted', decided_on = current_date,
      working_days = 1, decided_by = $2 WHERE id = $1
    """
    for person in await api.connection.fetchrow(row, id_of(path)):
        with pytest.raises(asyncpg.CheckViolationError):
            await api.connection.execute(decide, id_of(path), person)


async def test_a_delivery_is_never_changed_by_the_service(api):
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        asked = "SELECT has_table_privilege('tenun_app', 'delivery', $1)"
        assert not await api.connection.fetchval(asked, right)


# ------------------------------------------------------------------------------------------ objections


async def test_an_objection_is_decided_by_somebody_uninvolved(api, partners):
    holder = partners.inspectorate
    path = await decided(api, partners.icw, holder, decision="refuse")
    made = await api.create(f"{path}/objections", partners.icw, body={"reason": "Data itu dikuasai"})
    assert (made["ground"], made["state"]) == ("refused", "lodged")
    one = f"{path}/objections/{made['id']}/transitions"
    uphold = {"action": "uphold", "answer": "Data akan diserahkan"}
    involved = await api.post(one, holder, body=uphold, if_match='"1"')
    assert codes(involved)[:2] == (403, "own_decision")
    wrong_side = await api.post(one, partners.icw, body=uphold, if_match='"1"')
    assert codes(wrong_side)[:2] == (403, "not_the_holder")
    superior = await colleague(api, holder, "approver")
    done = await api.post(one, superior, body=uphold, if_match='"1"')
    assert (done.status_code, done.json()["state"]) == (200, "upheld")
    told = await api.read(f"{path}/objections", partners.icw)
    assert [each["decided_by"] for each in told["items"]] == [str(superior.user_id)]


async def test_one_objection_is_open_at_a_time(api, partners):
    path = await decided(api, partners.icw, partners.inspectorate, decision="grant_in_part")
    first = await api.post(f"{path}/objections", partners.icw, body={"reason": "Kurang"})
    assert first.headers["location"] == f"{path}/objections/{first.json()['id']}"
    again = await api.post(f"{path}/objections", partners.icw, body={"reason": "Kurang"})
    assert codes(again)[:2] == (409, "objection_open")
    one = f"{first.headers['location']}/transitions"
    assert (await api.post(one, partners.icw, body={"action": "withdraw"}, if_match='"1"')).is_success
    assert (await api.post(f"{path}/objections", partners.icw, body={"reason": "Kurang"})).is_success


async def test_what_was_granted_is_not_objected_to(api, partners):
    path = await decided(api, partners.icw, partners.inspectorate)
    refused = await api.post(f"{path}/objections", partners.icw, body={"reason": "Kurang"})
    assert codes(refused) == (409, "guards_not_met", [("", "nothing_to_object_to")])


# ------------------------------------------------------------------------------------- the agreement


async def test_an_agreement_is_not_closed_while_granted_data_is_undelivered(api, partners, pact):
    appek, holder = partners.appek, partners.inspectorate
    path = await decided(api, appek, holder, agreement=pact)
    await api.connection.execute("UPDATE agreement SET ends_on = '2024-08-14' WHERE id = $1", id_of(pact))
    refused = await api.move(pact, appek, "close", document_ref="Laporan akhir")
    assert codes(refused) == (409, "guards_not_met", [("/state", "data_undelivered")])
    await api.moved(path, holder, "revoke", reason="Tidak jadi")
    assert (await api.moved(pact, appek, "close", document_ref="Laporan akhir"))["close_proposal"]


# ------------------------------------------------------------------------------------------- catalogue


async def test_the_catalogue_hides_closed_datasets_from_others(api, partners):
    for classification in ("open", "restricted", "closed"):
        body = {"title": f"RUP {classification}", "classification": classification, "fields": ["pagu"]}
        await api.create("/v1/datasets", partners.inspectorate, body=body)
    listed = f"/v1/datasets?holder_id={partners.inspectorate.organization_id}&count=true"
    assert (await api.read(listed, partners.inspectorate))["total"] == 3
    found = (await api.read(listed, partners.stranger))["items"]
    assert [each["classification"] for each in found] == ["restricted", "open"]
    assert (await api.read(f"{listed}&q=PAGU&classification=open", partners.stranger))["total"] == 1


async def test_a_dataset_is_changed_by_its_holder_alone(api, partners):
    made = await api.create("/v1/datasets", partners.appek, body={"title": "X", "classification": "open"})
    path = f"/v1/datasets/{made['id']}"
    assert codes(await api.change("PATCH", path, partners.icw, body={"title": "Y"}))[1] == "not_the_holder"
    done = await api.change("PATCH", path, partners.appek, body={"title": "Y", "frequency": "monthly"})
    assert (done.json()["title"], done.json()["frequency"]) == ("Y", "monthly")
    asked = await api.create(REQUESTS, partners.icw, body=asking(partners.appek, dataset_id=made["id"]))
    assert asked["dataset_id"] == made["id"]


async def test_an_office_that_works_on_joint_leave_answers_earlier(api):
    partners = await make_partners(api)
    office = f"/v1/meta/working-days?from=2025-03-17&days=10&organization_id={partners.icw.organization_id}"
    assert (await api.read(office, partners.icw))["due_on"] == "2025-04-09"
    await api.connection.execute(
        "UPDATE organization SET joint_leave = false WHERE id = $1", partners.icw.organization_id
    )
    assert (await api.read(office, partners.icw))["due_on"] == "2025-04-02"
