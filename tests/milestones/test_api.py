import asyncio
from uuid import uuid4

import asyncpg
import pytest

from tests.actors import acting_for
from tests.api import codes
from tests.partners import colleague, held, id_of, in_force, item, mou, pks, promised

PATH = "/v1/milestones"
EVIDENCE = [{"url": "https://example.org/spi-2023"}]
DONE = {"achieved_on": "2023-06-28", "evidence": EVIDENCE}


async def made(api, by, body):
    """Gives the path of a new milestone."""
    return f"{PATH}/{(await api.create(PATH, by, body=body))['id']}"


async def submitted(api, by, pact):
    """Gives the path of a milestone that the caller's organization has submitted."""
    path = await made(api, by, promised(pact, by))
    await api.moved(path, by, "submit", **DONE)
    return path


# ----------------------------------------------------------------------------------------------- promising


async def test_a_milestone_names_areas_of_the_list_and_lists_show_them(api, partners, pact):
    areas = {"mcp_areas": ["pengadaan_barang_jasa", "pengawasan_apip"]}
    path = await made(api, partners.icw, promised(pact, partners.icw, **areas))
    assert (await api.read(path, partners.city))["mcp_areas"] == areas["mcp_areas"]
    sheet = await api.get(f"{PATH}?agreement_id={id_of(pact)}", partners.city, accept="text/csv")
    assert "pengadaan_barang_jasa; pengawasan_apip" in sheet.text
    answer = await api.change("PATCH", path, partners.icw, body={"mcp_areas": []})
    assert (answer.status_code, answer.json()["mcp_areas"]) == (200, [])
    wrong = await api.change("PATCH", path, partners.icw, body={"mcp_areas": ["pengadaan"]})
    assert codes(wrong) == (400, "validation_failed", [("/mcp_areas/0", "not_allowed")])


async def test_a_milestone_is_promised_with_its_day_as_the_baseline(api, partners, pact):
    answer = await api.post(PATH, partners.appek, body=promised(pact, partners.appek))
    record = answer.json()
    assert (answer.status_code, record["state"], record["version"]) == (201, "open", 1)
    assert (record["due_on"], record["baseline_due_on"], record["slip_days"]) == ("2098-06-30",) * 2 + (0,)
    assert (record["health"], record["warnings"]) == ("not_started", [])
    assert answer.headers["location"] == f"{PATH}/{record['id']}"
    assert await api.read(answer.headers["location"], partners.appek) == record


async def test_a_day_that_has_passed_is_late(api, partners, pact):
    record = await api.create(PATH, partners.icw, body=promised(pact, partners.icw, due_on="2023-06-30"))
    assert record["health"] == "late"


async def test_an_owner_that_is_no_party_is_refused(api, partners, pact):
    answer = await api.post(PATH, partners.icw, body=promised(pact, partners.stranger))
    fault = ("/owner_organization_id", "owner_no_party")
    assert codes(answer) == (400, "validation_failed", [fault])


async def test_a_party_may_write_down_what_another_promised(api, partners, pact):
    record = await api.create(PATH, partners.icw, body=promised(pact, partners.city))
    assert record["owner_organization_id"] == str(partners.city.organization_id)
    assert record["organization_id"] == str(partners.icw.organization_id)


async def test_a_milestone_marks_an_item_of_its_agreement(api, partners, pact):
    planned = (await api.post("/v1/workplan-items", partners.icw, body=item(pact))).json()["id"]
    link = {"workplan_item_id": planned}
    record = await api.create(PATH, partners.icw, body=promised(pact, partners.icw, **link))
    assert record["workplan_item_id"] == planned
    cleared = await api.change(
        "PATCH", f"{PATH}/{record['id']}", partners.icw, body={"workplan_item_id": None}
    )
    assert cleared.json()["workplan_item_id"] is None


async def test_an_activity_serves_a_milestone_of_its_agreement(api, partners, pact):
    served = id_of(await made(api, partners.icw, promised(pact, partners.icw)))
    record = await api.create("/v1/activities", partners.icw, body=held(pact, milestone_id=served))
    path = f"/v1/activities/{record['id']}"
    assert (await api.read(path, partners.city))["milestone_id"] == served
    cleared = await api.change("PATCH", path, partners.icw, body={"milestone_id": None})
    assert cleared.json()["milestone_id"] is None


async def test_nothing_of_another_agreement_is_marked_or_served(api, partners, pact):
    apart = await in_force(api, partners.icw, mou(partners.icw))
    marked = (await api.post("/v1/workplan-items", partners.icw, body=item(apart))).json()["id"]
    served = id_of(await made(api, partners.icw, promised(apart, partners.icw)))
    milestone = promised(pact, partners.icw, workplan_item_id=marked)
    answer = await api.post(PATH, partners.icw, body=milestone)
    assert codes(answer) == (400, "validation_failed", [("/workplan_item_id", "reference_unknown")])
    answer = await api.post("/v1/activities", partners.icw, body=held(pact, milestone_id=served))
    assert codes(answer) == (400, "validation_failed", [("/milestone_id", "reference_unknown")])


async def test_a_stranger_learns_nothing_from_naming_an_agreement(api, partners, pact):
    there = await api.post(PATH, partners.stranger, body=promised(pact, partners.stranger))
    nowhere = f"/v1/agreements/{uuid4()}"
    absent = await api.post(PATH, partners.stranger, body=promised(nowhere, partners.stranger))
    assert codes(there) == (400, "validation_failed", [("/agreement_id", "agreement_unknown")])
    assert codes(there) == codes(absent)


async def test_an_organization_above_a_party_reads_and_promises_nothing(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    path = await made(api, partners.icw, promised(pact, partners.icw))
    assert (await api.read(path, partners.city))["actions"] == []
    answer = await api.post(PATH, partners.city, body=promised(pact, partners.icw))
    assert codes(answer) == (403, "not_a_party", [])


async def test_nothing_is_promised_under_a_suspended_agreement(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await api.moved(above, partners.city, "suspend", reason="Audit")
    for pact in (above, below):
        answer = await api.post(PATH, partners.icw, body=promised(pact, partners.icw))
        assert codes(answer) == (409, "guards_not_met", [("", "agreement_not_open")])


# -------------------------------------------------------------------------------------------------- its life


async def test_a_milestone_is_submitted_returned_submitted_again_and_met(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw, due_on="2023-06-30"))
    first = await api.moved(path, partners.icw, "submit", **DONE)
    returned = await api.moved(path, partners.city, "return", reason="Lampiran kurang")
    more = [{"document_ref": "Map 7"}]
    await api.moved(path, partners.icw, "submit", achieved_on="2023-07-02", evidence=more)
    met = await api.moved(path, partners.appek, "verify")
    assert [first["state"], returned["state"], met["state"]] == ["submitted", "returned", "met"]
    assert (first["health"], returned["health"], met["health"]) == ("at_risk", "late", "met_late")
    assert (returned["achieved_on"], returned["submitted_by"]) == (None, None)
    assert [item["url"] or item["document_ref"] for item in met["evidence"]] == [EVIDENCE[0]["url"], "Map 7"]
    assert met["verified_by"] == str(partners.appek.organization_id)
    assert await api.read(path, partners.appek) == met


async def test_who_submitted_does_not_verify(api, partners, pact):
    path = await submitted(api, partners.icw, pact)
    another = await colleague(api, partners.icw, "reviewer")
    assert codes(await api.move(path, another, "verify")) == (403, "same_party", [])
    other = partners.city.organization_id
    hat = await acting_for(api.connection, partners.icw.user_id, organization_id=other, roles=["coordinator"])
    assert codes(await api.move(path, hat, "verify")) == (403, "same_person", [])


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'met', verified_by = submitted_by", "ck_milestone_verified_by_another"),
        (
            "state = 'met', verified_by = $2, verifier_id = submitter_id",
            "ck_milestone_verified_by_another_person",
        ),
        ("state = 'met'", "ck_milestone_verified_by_somebody"),
        ("submitted_by = $2", "ck_milestone_submitted_by_owner"),
        ("submitted_by = NULL, achieved_on = NULL", "ck_milestone_submitted_by_somebody"),
        ("achieved_on = NULL", "ck_milestone_achieved_when_submitted"),
        (
            "state = 'cancelled', submitted_by = NULL, achieved_on = NULL, cancelled_by = $2",
            "ck_milestone_cancelled_as_proposed",
        ),
    ],
)
async def test_the_database_keeps_duties_apart(api, partners, pact, change, constraint):
    path = await submitted(api, partners.icw, pact)
    other = "$2::uuid IS NOT NULL"
    statement = f"UPDATE milestone SET {change} WHERE id = $1 AND {other}"  # noqa: S608 - our own words
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await api.connection.execute(statement, id_of(path), partners.city.organization_id)
    assert caught.value.constraint_name == constraint


async def test_only_the_owner_submits(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    answer = await api.move(path, partners.city, "submit", **DONE)
    assert codes(answer) == (409, "guards_not_met", [("/owner_organization_id", "owner_submits")])


async def test_a_submission_says_all_that_is_missing(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    answer = await api.move(path, partners.icw, "submit", achieved_on="2098-01-01")
    faults = [("/achieved_on", "day_in_future"), ("/evidence", "evidence_required")]
    assert codes(answer) == (409, "guards_not_met", faults)


async def test_replanning_shows_the_slip(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    record = await api.moved(path, partners.city, "replan", due_on="2098-07-10", reason="Banjir")
    assert (record["due_on"], record["baseline_due_on"], record["slip_days"]) == (
        "2098-07-10",
        "2098-06-30",
        10,
    )
    assert record["state_reason"] == "Banjir"


async def test_an_approver_waives(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    coordinator = await colleague(api, partners.city, "coordinator")
    assert codes(await api.move(path, coordinator, "waive", reason="Tak perlu")) == (
        403,
        "permission_missing",
        [],
    )
    record = await api.moved(path, partners.city, "waive", reason="Tak perlu")
    assert (record["state"], record["health"], record["actions"]) == ("waived", None, [])


async def test_cancelling_takes_the_same_call_of_two_parties(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    proposed = await api.moved(path, partners.icw, "cancel", reason="Dobel")
    assert (proposed["state"], proposed["cancel_proposal"]["reason"]) == ("open", "Dobel")
    again = await api.move(path, await colleague(api, partners.icw, "coordinator"), "cancel", reason="Dobel")
    fault = ("/cancel_proposal", "cancel_needs_another_party")
    assert codes(again) == (409, "guards_not_met", [fault])
    done = await api.moved(path, partners.city, "cancel", reason="Setuju")
    assert (done["state"], done["cancelled_by"]) == ("cancelled", str(partners.city.organization_id))


async def test_an_edit_clears_a_proposal_to_cancel(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    await api.moved(path, partners.icw, "cancel", reason="Dobel")
    edited = (await api.change("PATCH", path, partners.city, body={"title": "Lain"})).json()
    assert (edited["cancel_proposal"], edited["title"]) == (None, "Lain")
    assert (await api.moved(path, partners.city, "cancel", reason="Dobel"))["state"] == "open"


async def test_what_was_submitted_is_returned_before_it_is_edited(api, partners, pact):
    path = await submitted(api, partners.icw, pact)
    answer = await api.change("PATCH", path, partners.icw, body={"title": "Lain"})
    assert codes(answer) == (409, "state_forbids_edit", [("", "milestone_submitted")])


async def test_the_day_is_not_edited_but_replanned(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    answer = await api.change("PATCH", path, partners.icw, body={"due_on": "2099-01-01"})
    assert codes(answer) == (400, "validation_failed", [("/due_on", "unknown_field")])


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [("PATCH", "", {"title": "Lain"}), ("POST", "/transitions", {"action": "submit", **DONE})],
)
async def test_a_change_names_the_version_it_rests_on(api, partners, pact, method, part, body):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    without = await api.ask(method, path + part, by=partners.icw, body=body)
    stale = await api.ask(method, path + part, by=partners.icw, body=body, if_match='"2"')
    assert codes(without) == (428, "if_match_required", [])
    assert codes(stale) == (412, "stale_version", [])


async def test_sixteen_reviewers_race_one_verification_and_one_wins(api, partners, pact):
    path = await submitted(api, partners.icw, pact)
    racers = [
        await colleague(api, party, "reviewer") for party in (partners.city, partners.appek) for _ in range(8)
    ]
    answers = await asyncio.gather(
        *(
            api.post(f"{path}/transitions", racer, body={"action": "verify"}, if_match='"2"')
            for racer in racers
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 15


async def test_the_history_tells_each_move_with_its_reason(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    await api.moved(path, partners.city, "replan", due_on="2098-07-10", reason="Banjir")
    await api.moved(path, partners.icw, "cancel", reason="Dobel")
    await api.moved(path, partners.city, "cancel", reason="Setuju")
    items = (await api.read(f"{path}/transitions", partners.appek))["items"]
    told = [(item["action"], item["from_state"], item["to_state"], item["reason"]) for item in items]
    assert told == [
        ("created", None, "open", None),
        ("replan", "open", "open", "Banjir"),
        ("cancel", "open", "open", "Dobel"),
        ("cancel", "open", "cancelled", "Setuju"),
    ]


# ----------------------------------------------------------------------------------------------- repeating


async def test_a_client_ref_answers_what_it_made_first(api, partners, pact):
    body = promised(pact, partners.icw, client_ref="phone-1")
    first = await api.create(PATH, partners.icw, body=body)
    assert await api.create(PATH, partners.icw, body=body) == first
    taken = await api.post(PATH, partners.icw, body=body | {"title": "Lain"})
    assert codes(taken) == (409, "client_ref_taken", [])
    assert (await api.create(PATH, partners.city, body=body))["id"] != first["id"]


async def test_sixteen_repeats_of_a_client_ref_at_once_make_one_milestone(api, partners, pact):
    body = promised(pact, partners.icw, client_ref="phone-1")
    answers = await asyncio.gather(*(api.post(PATH, partners.icw, body=body) for _ in range(16)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}


async def test_a_key_replays_a_move_that_its_own_version_would_refuse(api, partners, pact):
    path = await made(api, partners.icw, promised(pact, partners.icw))
    sent = {"body": {"action": "cancel", "reason": "Dobel"}, "if_match": '"1"', "idempotency_key": "k-1"}
    first, again = [await api.post(f"{path}/transitions", partners.icw, **sent) for _ in range(2)]
    assert (again.status_code, again.content) == (200, first.content)
    assert (await api.read(path, partners.icw))["version"] == 2


# ----------------------------------------------------------------------------------- what it does elsewhere


async def expired(api, partners):
    """Gives the path of an agreement of two parties that has expired."""
    return await in_force(api, partners.icw, mou(partners.icw, partners.city, ends_on="2024-08-14"))


async def test_an_agreement_is_not_closed_while_a_milestone_is_open(api, partners):
    pact = await expired(api, partners)
    path = await made(api, partners.icw, promised(pact, partners.icw))
    refused = await api.move(pact, partners.icw, "close", document_ref="Laporan akhir")
    assert codes(refused) == (409, "guards_not_met", [("", "milestones_open")])
    offered = {each["action"]: each for each in (await api.read(pact, partners.icw))["actions"]}
    assert [each["code"] for each in offered["close"]["unmet"]] == ["milestones_open"]
    await api.moved(path, partners.city, "waive", reason="Tak perlu")
    await api.moved(pact, partners.icw, "close", document_ref="Laporan akhir")
    assert (await api.moved(pact, partners.city, "close"))["state"] == "closed"


async def test_the_database_closes_no_agreement_with_open_milestones(api, partners):
    pact = await expired(api, partners)
    await submitted(api, partners.icw, pact)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await api.connection.execute("UPDATE agreement SET state = 'closed' WHERE id = $1", id_of(pact))
    assert caught.value.constraint_name == "ck_agreement_closed_without_open_milestones"


async def test_closing_and_promising_race_and_never_leave_an_open_milestone(api, partners):
    for _ in range(8):
        pact = await expired(api, partners)
        await api.moved(pact, partners.icw, "close", document_ref="Laporan akhir")
        closing, promise = await asyncio.gather(
            api.move(pact, partners.city, "close"),
            api.post(PATH, partners.icw, body=promised(pact, partners.icw)),
        )
        assert sorted((closing.status_code, promise.status_code)) in ([200, 409], [201, 409])


async def test_a_summary_counts_milestones_by_how_they_stand(api, partners, pact):
    late = promised(pact, partners.icw, due_on="2023-06-30")
    for body in (late, late, promised(pact, partners.icw)):
        await api.create(PATH, partners.icw, body=body)
    waived = await made(api, partners.icw, late)
    await api.moved(waived, partners.city, "waive", reason="Tak perlu")
    await api.create("/v1/activities", partners.icw, body=held(pact))

    async def by_health(query=""):
        found = (await api.read(f"{pact}/summary?{query}", partners.appek))["milestones"]["by_health"]
        return [(each["key"], each["count"]) for each in found]

    assert await by_health() == [("not_started", 1), ("late", 2)]
    assert await by_health("as_of=2023-06-30") == [("not_started", 1), ("at_risk", 2)]
    path = await made(api, partners.icw, late)
    assert await by_health() == [("not_started", 1), ("late", 3)]
    await api.moved(path, partners.icw, "submit", **DONE)
    await api.moved(path, partners.city, "verify")
    assert await by_health() == [("not_started", 1), ("late", 2), ("met", 1)]


async def test_a_summary_with_children_counts_theirs(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await api.create(PATH, partners.icw, body=promised(below, partners.icw))
    alone = await api.read(f"{above}/summary", partners.city)
    family = await api.read(f"{above}/summary?include=children", partners.city)
    assert (alone["milestones"]["by_health"], len(family["milestones"]["by_health"])) == ([], 1)


async def test_an_agreement_with_milestones_is_not_deleted(api, partners):
    draft = await api.create("/v1/agreements", partners.icw, body=mou(partners.icw, partners.city))
    pact = f"/v1/agreements/{draft['id']}"
    await api.create(PATH, partners.icw, body=promised(pact, partners.icw))
    assert codes(await api.change("DELETE", pact, partners.icw)) == (409, "record_in_use", [])
