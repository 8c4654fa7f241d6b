import asyncio
from uuid import uuid4

import asyncpg
import pytest

from tests.actors import acting_for
from tests.api import codes
from tests.partners import colleague, held, id_of, in_force, mou, pks, planned

PATH = "/v1/activities"
EVIDENCE = [{"url": "https://example.org/daftar-hadir"}]
SUMS = "ck_participant_group_sums_to_total"


async def logged(api, by, body):
    """Gives the path of a new activity."""
    return f"{PATH}/{(await api.create(PATH, by, body=body))['id']}"


async def reported(api, by, pact):
    """Gives the path of an activity that the caller's organization has reported."""
    return await logged(api, by, held(pact, state="reported", evidence=EVIDENCE))


def groups(**totals):
    """Gives labelled groups with these totals."""
    return [{"group_label": label, "total": total} for label, total in totals.items()]


# ------------------------------------------------------------------------------------------------- logging


async def test_an_activity_of_the_past_is_logged_as_held_in_one_call(api, partners, pact):
    answer = await api.post(PATH, partners.appek, body=held(pact))
    record = answer.json()
    assert (answer.status_code, record["state"], record["version"]) == (201, "held", 1)
    assert answer.headers["location"] == f"{PATH}/{record['id']}"
    assert await api.read(answer.headers["location"], partners.appek) == record


async def test_an_activity_of_the_past_is_reported_in_one_call(api, partners, pact):
    record = await api.create(PATH, partners.icw, body=held(pact, state="reported", evidence=EVIDENCE))
    assert (record["state"], record["reported_by"]) == ("reported", str(partners.icw.organization_id))


async def test_a_report_needs_evidence(api, partners, pact):
    answer = await api.post(PATH, partners.icw, body=held(pact, state="reported"))
    assert codes(answer) == (409, "guards_not_met", [("/evidence", "evidence_required")])


async def test_what_is_to_come_was_not_held(api, partners, pact):
    answer = await api.post(PATH, partners.icw, body=held(pact, starts_on="2098-03-01"))
    assert codes(answer) == (409, "guards_not_met", [("/ends_on", "day_in_future")])


async def test_a_plan_needs_a_place_and_a_host(api, partners, pact):
    body = planned(pact, partners.icw, venue=None, organizers=[])
    answer = await api.post(PATH, partners.icw, body=body)
    assert codes(answer) == (
        409,
        "guards_not_met",
        [("/venue", "venue_required"), ("/organizers", "host_required")],
    )


async def test_all_that_was_given_is_answered_and_kept(api, partners, pact):
    icw = str(partners.icw.organization_id)
    group = {"organization_id": icw, "group_label": None, "total": 4, "male": 1, "female": 3}
    rest = dict.fromkeys(("sex_unspecified", "with_disability", "under_30"))
    given = {
        "also_kinds": ["tot"],
        "mode": "hybrid",
        "ends_on": "2022-09-03",
        "starts_at_local": "14:00",
        "venue": "Kristal Hotel, Kupang",
        "online_url": "https://example.org/rapat",
        "region_code": "53.71",
        "organizers": [{"organization_id": icw, "role": role} for role in ("speaker", "host")],
        "topics": ["opentender.net", "e-katalog"],
        "outcome": "Rencana tindak lanjut",
        "follow_ups": [
            {"text": "SOP", "due_on": "2023-01-01", "responsible_organization_id": icw, "done": True}
        ],
        "participants": {
            "unit": "people",
            "total": 4,
            "groups": [group | rest],
            "male": 1,
            "female": 3,
            **rest,
        },
        "training": {
            "hours": 16.5,
            "materials": [{"title": "Modul", "url": None}],
            "trainers": [{"name": "Pelatih", "organization_id": icw, "topic": None}],
            "pre_test_mean": 54.2,
            "post_test_mean": 80.0,
            "tested_count": 4,
        },
        "external_refs": [{"system": "news", "ref": "Berita", "url": None}],
        "mcp_areas": ["pengadaan_barang_jasa"],
        "evidence": [{"url": None, "document_id": None, "document_ref": "Arsip 1", "note": "Daftar hadir"}],
        "client_ref": "phone-1",
    }
    record = await api.create(PATH, partners.icw, body=held(pact, **given))
    assert {name: record[name] for name in given} == given
    assert await api.read(f"{PATH}/{record['id']}", partners.icw) == record


async def test_an_area_that_no_list_has_is_refused(api, partners, pact):
    answer = await api.post(PATH, partners.icw, body=held(pact, mcp_areas=["pengadaan"]))
    assert codes(answer) == (400, "validation_failed", [("/mcp_areas/0", "not_allowed")])


async def test_a_stranger_learns_nothing_from_naming_an_agreement(api, partners, pact):
    there = await api.post(PATH, partners.stranger, body=held(pact))
    nowhere = await api.post(PATH, partners.stranger, body=held(f"/v1/agreements/{uuid4()}"))
    assert codes(there) == (400, "validation_failed", [("/agreement_id", "agreement_unknown")])
    assert codes(there) == codes(nowhere)


async def test_an_organization_above_a_party_reads_and_logs_nothing(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    path = await logged(api, partners.icw, held(pact))
    assert (await api.read(path, partners.city))["actions"] == []
    assert codes(await api.post(PATH, partners.city, body=held(pact))) == (403, "not_a_party", [])


async def test_a_stranger_does_not_find_an_activity(api, partners, pact):
    path = await logged(api, partners.icw, held(pact))
    assert codes(await api.get(path, partners.stranger)) == (404, "not_found", [])
    assert codes(await api.get(f"{path}/transitions", partners.stranger)) == (404, "not_found", [])


async def test_a_public_agreement_does_not_make_its_activities_public(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, visibility="public"))
    path = await logged(api, partners.icw, held(pact))
    assert (await api.get(path, partners.stranger)).status_code == 404
    assert (await api.read(PATH, partners.stranger))["items"] == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"organizers": [{"organization_id": str(uuid4()), "role": "host"}]}, "/organizers"),
        ({"participants": {"groups": [{"organization_id": str(uuid4())}]}}, "/participants/groups"),
    ],
    ids=["organizer", "group"],
)
async def test_an_organization_that_is_in_no_directory_is_refused(api, partners, pact, given, pointer):
    answer = await api.post(PATH, partners.icw, body=held(pact, **given))
    assert codes(answer) == (400, "validation_failed", [(pointer, "reference_unknown")])


# ------------------------------------------------------------------------------------------------ who came


async def test_what_nobody_counted_is_null_and_never_zero(api, partners, pact):
    record = await api.create(PATH, partners.icw, body=held(pact, participants={"total": 37}))
    names = ("male", "female", "sex_unspecified", "with_disability", "under_30")
    assert [record["participants"][name] for name in names] == [None] * 5
    assert (await api.create(PATH, partners.icw, body=held(pact)))["participants"] is None


async def test_a_group_may_be_known_without_its_number(api, partners, pact):
    body = held(pact, participants={"groups": [{"group_label": "Warga"}]})
    record = await api.create(PATH, partners.icw, body=body)
    assert (record["participants"]["total"], record["participants"]["groups"][0]["total"]) == (None, None)


async def test_nobody_came_is_not_the_same_as_nobody_knows(api, partners, pact):
    record = await api.create(PATH, partners.icw, body=held(pact, participants={"total": 0}))
    assert record["participants"]["total"] == 0


async def test_who_came_is_put_on_a_held_activity(api, partners, pact):
    path = await logged(api, partners.icw, held(pact))
    body = {"total": 37, "groups": groups(Dinas=30, Warga=7)}
    answer = await api.change("PUT", f"{path}/participants", partners.city, body=body, record=path)
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert (await api.read(path, partners.icw))["participants"] == answer.json()["participants"]


async def test_counts_that_contradict_one_another_are_refused_together(api, partners, pact):
    counts = {"total": 38, "groups": groups(Dinas=30, Warga=7), "male": 20, "female": 19}
    answer = await api.post(PATH, partners.icw, body=held(pact, participants=counts))
    faults = [
        ("/participants/total", "sexes_exceed_total"),
        ("/participants/total", "groups_do_not_sum"),
    ]
    assert codes(answer) == (400, "validation_failed", faults)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE activity SET participant_total = 36 WHERE id = $1", SUMS),
        ("UPDATE participant_group SET total = 6 WHERE activity_id = $1 AND position = 2", SUMS),
        ("DELETE FROM participant_group WHERE activity_id = $1 AND position = 1", SUMS),
        (
            "UPDATE activity SET participant_male = 38 WHERE id = $1",
            "ck_activity_sexes_within_total",
        ),
    ],
)
async def test_the_database_refuses_counts_that_do_not_sum(api, partners, pact, statement, constraint):
    participants = {"total": 37, "groups": groups(Dinas=30, Warga=7)}
    record = await api.create(PATH, partners.icw, body=held(pact, participants=participants))
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await api.connection.execute(statement, record["id"])
    assert caught.value.constraint_name == constraint


async def test_who_will_come_is_not_recorded_before_it_was_held(api, partners, pact):
    answer = await api.post(PATH, partners.icw, body=planned(pact, partners.icw, participants={"total": 37}))
    fault = ("/participants", "participants_before_held")
    assert codes(answer) == (400, "validation_failed", [fault])


# --------------------------------------------------------------------------------------------------- its life


async def test_an_activity_goes_from_draft_to_verified(api, partners, pact):
    path = await logged(api, partners.icw, planned(pact, partners.icw, state="draft", starts_on="2022-09-02"))
    steps = [
        await api.moved(path, partners.icw, "plan"),
        await api.moved(path, partners.appek, "mark_held"),
        await api.moved(path, partners.icw, "report", evidence=EVIDENCE),
        await api.moved(path, partners.city, "verify"),
    ]
    assert [step["state"] for step in steps] == ["planned", "held", "reported", "verified"]
    assert steps[-1]["verified_by"] == str(partners.city.organization_id)
    assert await api.read(path, partners.city) == steps[-1]


async def test_who_reported_does_not_verify(api, partners, pact):
    path = await reported(api, partners.icw, pact)
    another = await colleague(api, partners.icw, "coordinator")
    assert codes(await api.move(path, another, "verify")) == (403, "same_party", [])
    assert (await api.read(path, partners.icw))["state"] == "reported"


async def test_a_person_does_not_verify_the_own_report_for_another_party(api, partners, pact):
    path = await reported(api, partners.icw, pact)
    other = partners.city.organization_id
    hat = await acting_for(api.connection, partners.icw.user_id, organization_id=other, roles=["coordinator"])
    assert codes(await api.move(path, hat, "verify")) == (403, "same_person", [])


async def test_sixteen_reviewers_race_one_verification_and_one_wins(api, partners, pact):
    path = await reported(api, partners.icw, pact)
    racers = [
        await colleague(api, party, "reviewer") for party in (partners.city, partners.appek) for _ in range(8)
    ]
    answers = await asyncio.gather(
        *(
            api.post(f"{path}/transitions", racer, body={"action": "verify"}, if_match='"1"')
            for racer in racers
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 15


async def test_a_returned_report_is_corrected_and_reported_again(api, partners, pact):
    path = await reported(api, partners.icw, pact)
    returned = await api.moved(path, partners.city, "return", reason="Foto kurang")
    await api.change("PATCH", path, partners.icw, body={"outcome": "Lengkap"})
    again = await api.moved(path, partners.icw, "report")
    assert (returned["state"], returned["reported_by"], returned["state_reason"]) == (
        "held",
        None,
        "Foto kurang",
    )
    assert (again["state"], again["evidence"]) == ("reported", returned["evidence"])


async def test_what_was_verified_is_reopened_by_an_approver_with_a_reason(api, partners, pact):
    path = await reported(api, partners.icw, pact)
    await api.moved(path, partners.city, "verify")
    coordinator = await colleague(api, partners.city, "coordinator")
    refused = await api.move(path, coordinator, "reopen", reason="Keliru")
    reopened = await api.moved(path, partners.city, "reopen", reason="Keliru")
    assert codes(refused) == (403, "permission_missing", [])
    assert (reopened["state"], reopened["verified_by"]) == ("reported", None)


async def test_a_plan_that_is_moved_keeps_its_old_days_and_why(api, partners, pact):
    path = await logged(api, partners.icw, planned(pact, partners.icw, starts_on="2098-03-01"))
    await api.moved(path, partners.city, "reschedule", starts_on="2098-04-01", reason="Hujan")
    record = await api.moved(
        path, partners.icw, "reschedule", starts_on="2098-05-01", ends_on="2098-05-02", reason="Pemilu"
    )
    assert (record["starts_on"], record["ends_on"]) == ("2098-05-01", "2098-05-02")
    assert record["former_dates"] == [
        {"starts_on": "2098-03-01", "ends_on": "2098-03-01", "reason": "Hujan"},
        {"starts_on": "2098-04-01", "ends_on": "2098-04-01", "reason": "Pemilu"},
    ]


async def test_the_history_tells_each_move_with_its_reason(api, partners, pact):
    path = await logged(api, partners.icw, planned(pact, partners.icw))
    await api.moved(path, partners.city, "cancel", reason="Tidak ada dana")
    items = (await api.read(f"{path}/transitions", partners.appek))["items"]
    told = [(item["action"], item["from_state"], item["to_state"], item["reason"]) for item in items]
    assert told == [
        ("created", None, "planned", None),
        ("cancel", "planned", "cancelled", "Tidak ada dana"),
    ]


async def test_nothing_is_held_on_or_after_the_day_of_a_suspension(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await api.moved(above, partners.city, "suspend", reason="Audit")
    assert (await api.post(PATH, partners.icw, body=held(below))).status_code == 201
    today = (await api.read(above, partners.icw))["suspended_on"]
    answer = await api.post(PATH, partners.icw, body=held(below, starts_on=today))
    faults = [("", "agreement_not_in_force"), ("/ends_on", "days_not_before_block")]
    assert codes(answer) == (409, "guards_not_met", faults)


# ------------------------------------------------------------------------------------- editing and deleting


async def test_a_patch_changes_what_it_names_and_clears_what_it_nulls(api, partners, pact):
    path = await logged(api, partners.icw, held(pact, venue="Aula", topics=["a"], participants={"total": 3}))
    before = await api.read(path, partners.icw)
    patch = {"title": "Judul", "venue": None, "participants": None, "topics": []}
    after = (await api.change("PATCH", path, partners.city, body=patch)).json()
    derived = {"version": 2, "updated_at": after["updated_at"], "warnings": after["warnings"]}
    assert after == before | patch | derived
    assert await api.read(path, partners.city) == after


async def test_what_was_reported_is_returned_before_it_is_edited(api, partners, pact):
    path = await reported(api, partners.icw, pact)
    answer = await api.change("PATCH", path, partners.icw, body={"title": "Judul"})
    assert codes(answer) == (409, "state_forbids_edit", [("", "return_first")])


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("PATCH", "", {"title": "Judul"}),
        ("PUT", "/participants", {"total": 1}),
        ("POST", "/transitions", {"action": "report", "evidence": EVIDENCE}),
        ("DELETE", "", None),
    ],
)
async def test_a_change_names_the_version_it_rests_on(api, partners, pact, method, part, body):
    path = await logged(api, partners.icw, held(pact))
    without = await api.ask(method, path + part, by=partners.icw, body=body)
    stale = await api.ask(method, path + part, by=partners.icw, body=body, if_match='"2"')
    assert codes(without) == (428, "if_match_required", [])
    assert codes(stale) == (412, "stale_version", [])


async def test_a_draft_is_deleted_by_who_logged_it(api, partners, pact):
    path = await logged(api, partners.icw, held(pact, state="draft"))
    by_another = await api.change("DELETE", path, partners.city)
    assert codes(by_another) == (409, "guards_not_met", [("", "logged_by_another")])
    assert (await api.change("DELETE", path, partners.icw)).status_code == 204
    for gone in (path, f"{path}/transitions"):
        assert codes(await api.get(gone, partners.icw)) == (404, "not_found", [])


@pytest.mark.parametrize("state", ["planned", "held"])
async def test_what_was_planned_or_held_is_never_deleted(api, partners, pact, state):
    days = {"planned": "2098-03-01", "held": "2022-09-02"}
    path = await logged(api, partners.icw, planned(pact, partners.icw, state=state, starts_on=days[state]))
    answer = await api.change("DELETE", path, partners.icw)
    assert codes(answer) == (409, "state_forbids_edit", [("", "not_a_draft")])
