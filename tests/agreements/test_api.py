import asyncio
from uuid import uuid4

import pytest

from tests.api import codes
from tests.partners import colleague, held, id_of, in_force, mou, parties, pks, planned

PATH = "/v1/agreements"


async def drafted(api, by, *members, **values):
    """Gives the path of a new draft MoU of these members."""
    made = await api.create(PATH, by, body=mou(*members, **values))
    return f"{PATH}/{made['id']}"


async def ready(api, *members):
    """Gives the path of an MoU that all its members have accepted."""
    path = await drafted(api, members[0], *members)
    await api.moved(path, members[0], "open_discussion")
    for member in members:
        await api.moved(path, member, "accept")
    return path


def signing(*members):
    """Gives the body of register_signing with a signature of each member."""
    ids = [str(member.organization_id) for member in members]
    signatures = [{"organization_id": each, "name": "Nama", "title": "Jabatan"} for each in ids]
    return {"signed_on": "2022-08-15", "document_ref": "Arsip 12/2022", "signatures": signatures}


def acceptances(record):
    return [party["accepted_terms_version"] for party in record["parties"]]


# -------------------------------------------------------------------------------------------- from draft on


async def test_an_mou_of_three_parties_goes_from_draft_to_signed(api, partners):
    three = (partners.city, partners.icw, partners.appek)
    path = await drafted(api, partners.icw, *three)
    steps = [await api.read(path, partners.city)]
    steps.append(await api.moved(path, partners.appek, "open_discussion"))
    steps += [await api.moved(path, party, "accept") for party in three]
    steps.append(await api.moved(path, partners.city, "register_signing", **signing(*three)))
    assert [(step["state"], step["version"]) for step in steps] == [
        ("draft", 1),
        ("in_discussion", 2),
        ("in_discussion", 3),
        ("in_discussion", 4),
        ("ready_to_sign", 5),
        ("signed", 6),
    ]
    assert await api.read(path, partners.city) == steps[-1]
    assert steps[-1]["phase"] == "active"


async def test_the_days_of_its_stages_stay_in_a_signed_agreement(api, partners):
    path = await ready(api, partners.icw, partners.appek)
    signed = await api.moved(path, partners.icw, "register_signing", **signing(partners.icw, partners.appek))
    days = ("discussion_opened_on", "ready_on", "signing_registered_on")
    assert None not in [signed[name] for name in days]
    assert (signed["signed_on"], signed["signed_on_precision"]) == ("2022-08-15", "day")


async def test_a_new_draft_is_answered_in_full_and_read_back_the_same(api, partners):
    answer = await api.post(PATH, partners.icw, body=mou(partners.icw, partners.city))
    record = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{record['id']}")
    read = await api.get(answer.headers["location"], partners.icw)
    assert (read.json(), read.headers["etag"]) == (record, answer.headers["etag"])


async def test_a_last_day_follows_from_the_years(api, partners):
    body = mou(partners.icw, ends_on=None, effective_from="2022-08-15", duration_years=5)
    made = await api.create(PATH, partners.icw, body=body)
    assert (made["ends_on"], made["ends_on_is_derived"]) == ("2027-08-14", True)


async def test_parties_stand_in_the_order_of_the_paper(api, partners):
    first, second = parties(partners.icw, partners.city)
    made = await api.create(PATH, partners.icw, body=mou(parties=[second, first]))
    assert [party["organization_id"] for party in made["parties"]] == [
        first["organization_id"],
        second["organization_id"],
    ]


async def test_an_organization_that_is_in_no_directory_is_no_party(api, partners):
    answer = await api.post(PATH, partners.icw, body=mou(parties=parties(partners.icw, uuid4())))
    fault = ("/parties/1/organization_id", "organization_unknown")
    assert codes(answer) == (400, "validation_failed", [fault])


async def test_nobody_drafts_an_agreement_of_others(api, partners):
    answer = await api.post(PATH, partners.stranger, body=mou(partners.icw, partners.city))
    assert codes(answer) == (403, "not_a_party", [("/parties", "own_organization_missing")])


async def test_an_organization_drafts_for_its_unit_and_does_not_accept_as_it(api, partners):
    path = await drafted(api, partners.city, partners.inspectorate, partners.icw)
    await api.moved(path, partners.icw, "open_discussion")
    assert codes(await api.move(path, partners.city, "accept")) == (403, "not_a_party", [])


async def test_all_guards_of_a_signing_are_told_at_once(api, partners):
    path = await ready(api, partners.icw, partners.city)
    body = signing(partners.icw, partners.stranger) | {"document_ref": None}
    answer = await api.move(path, partners.icw, "register_signing", **body)
    assert codes(answer) == (
        409,
        "guards_not_met",
        [
            ("/signatures/1/organization_id", "signature_of_no_party"),
            ("/signatures", "signature_missing"),
            ("/document_ref", "signed_document_needed"),
        ],
    )


async def test_a_move_out_of_another_state_names_the_state(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    answer = await api.move(path, partners.icw, "accept")
    assert codes(answer) == (409, "transition_not_allowed", [])
    assert "draft" in answer.json()["detail"]


async def test_a_move_needs_if_match(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    body = {"action": "open_discussion"}
    answer = await api.post(f"{path}/transitions", partners.icw, body=body)
    assert codes(answer) == (428, "if_match_required", [])


async def test_sixteen_coordinators_race_one_move_and_one_wins(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    racers = [await colleague(api, each, "coordinator") for each in (partners.icw, partners.city) * 8]
    body = {"action": "open_discussion"}
    answers = await asyncio.gather(
        *(api.post(f"{path}/transitions", racer, body=body, if_match='"1"') for racer in racers)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 15
    assert (await api.read(path, partners.icw))["version"] == 2


# ------------------------------------------------------------------------------------------------- editing


async def test_a_patch_changes_what_it_names_and_clears_what_it_nulls(api, partners):
    path = await drafted(
        api, partners.icw, partners.icw, partners.city, objective="Tujuan", region_code="53.71"
    )
    before = await api.read(path, partners.icw)
    patch = {"title": "Judul", "objective": None}
    after = (await api.change("PATCH", path, partners.icw, body=patch)).json()
    stamps = {"version": 2, "terms_version": 2, "updated_at": after["updated_at"]}
    assert after == before | patch | stamps
    assert await api.read(path, partners.icw) == after


async def test_an_edit_clears_all_acceptances(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    await api.moved(path, partners.icw, "open_discussion")
    assert acceptances(await api.moved(path, partners.icw, "accept")) == [1, None]
    edited = (await api.change("PATCH", path, partners.city, body={"title": "Judul"})).json()
    assert (acceptances(edited), edited["terms_version"]) == ([None, None], 2)


async def test_what_all_have_accepted_is_unlocked_before_it_is_edited(api, partners):
    path = await ready(api, partners.icw, partners.city)
    answer = await api.change("PATCH", path, partners.icw, body={"title": "Judul"})
    assert codes(answer) == (409, "state_forbids_edit", [("", "unlock_first")])


async def test_parties_change_places_in_one_patch(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    body = {"parties": parties(partners.city, partners.icw)}
    edited = (await api.change("PATCH", path, partners.icw, body=body)).json()
    ids = [party["organization_id"] for party in edited["parties"]]
    assert ids == [str(partners.city.organization_id), str(partners.icw.organization_id)]


async def test_who_is_put_among_the_parties_sees_the_agreement(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    assert (await api.get(path, partners.appek)).status_code == 404
    part = f"{path}/parties/{partners.appek.organization_id}"
    answer = await api.change("PUT", part, partners.icw, body={"position": 3, "label": "PIHAK"}, record=path)
    assert answer.json()["parties"][2]["label"] == "PIHAK"
    assert await api.read(path, partners.appek) is not None


async def test_who_is_taken_out_of_the_parties_sees_it_no_longer(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city, partners.appek)
    part = f"{path}/parties/{partners.appek.organization_id}"
    answer = await api.change("DELETE", part, partners.icw, record=path)
    assert (answer.status_code, len(answer.json()["parties"])) == (200, 2)
    assert codes(await api.get(path, partners.appek)) == (404, "not_found", [])


async def test_a_place_that_is_taken_is_refused(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    part = f"{path}/parties/{partners.appek.organization_id}"
    answer = await api.change("PUT", part, partners.icw, body={"position": 2}, record=path)
    assert codes(answer) == (400, "validation_failed", [("/position", "position_taken")])


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_an_organization_that_is_not_there_is_not_found_among_the_parties(api, partners, method):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    body = {"position": 3} if method == "PUT" else None
    answer = await api.change(method, f"{path}/parties/{uuid4()}", partners.icw, body=body, record=path)
    assert codes(answer) == (404, "not_found", [])


async def test_a_party_is_changed_in_the_version_of_its_agreement(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    part = f"{path}/parties/{partners.city.organization_id}"
    answer = await api.ask("PUT", part, by=partners.icw, body={"position": 2}, if_match='"2"')
    assert codes(answer) == (412, "stale_version", [])


@pytest.mark.parametrize("again", ["NO 1/2022", "no1/2022", " no 1 / 2022", "ＮＯ 1/2022"])  # noqa: RUF001
async def test_a_party_uses_a_document_number_once_however_it_is_written(api, partners, again):
    numbered = parties(partners.icw, partners.city)
    numbered[0]["document_number"] = "No 1/2022"
    await api.create(PATH, partners.icw, body=mou(parties=numbered))
    numbered[0]["document_number"] = again
    answer = await api.post(PATH, partners.icw, body=mou(parties=numbered))
    assert codes(answer) == (409, "document_number_taken", [])


async def test_every_party_writes_its_own_number_on_the_same_paper(api, partners):
    same = [party | {"document_number": "1/2022"} for party in parties(partners.icw, partners.city)]
    made = await api.create(PATH, partners.icw, body=mou(parties=same))
    assert [party["document_number"] for party in made["parties"]] == ["1/2022", "1/2022"]


async def test_a_taken_number_leaves_the_agreement_as_it_was(api, partners):
    numbered = parties(partners.icw, partners.city)
    numbered[0]["document_number"] = "1/2022"
    await api.create(PATH, partners.icw, body=mou(parties=numbered))
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    before = await api.read(path, partners.icw)
    part = f"{path}/parties/{partners.icw.organization_id}"
    body = {"position": 1, "document_number": "1/2022"}
    answer = await api.change("PUT", part, partners.city, body=body, record=path)
    assert (answer.status_code, await api.read(path, partners.icw)) == (409, before)


async def test_a_draft_is_deleted_and_its_number_is_free_again(api, partners):
    numbered = parties(partners.icw, partners.city)
    numbered[0]["document_number"] = "1/2022"
    path = await drafted(api, partners.icw, parties=numbered)
    assert (await api.change("DELETE", path, partners.city)).status_code == 204
    assert (await api.get(path, partners.icw)).status_code == 404
    assert (await api.post(PATH, partners.icw, body=mou(parties=numbered))).status_code == 201


async def test_only_a_draft_is_deleted(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    await api.moved(path, partners.icw, "open_discussion")
    answer = await api.change("DELETE", path, partners.icw)
    assert codes(answer) == (409, "state_forbids_edit", [("", "only_drafts_are_deleted")])


async def test_a_draft_with_a_pks_under_it_stays(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    await api.create(PATH, partners.icw, body=pks(id_of(path), partners.icw, partners.city))
    assert codes(await api.change("DELETE", path, partners.icw)) == (409, "record_in_use", [])


async def test_a_draft_with_an_activity_under_it_stays(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    await api.create("/v1/activities", partners.icw, body=held(path, state="draft"))
    assert codes(await api.change("DELETE", path, partners.icw)) == (409, "record_in_use", [])


async def test_a_viewer_is_told_which_permission_is_missing(api, partners):
    path = await drafted(api, partners.icw, partners.icw, partners.city)
    viewer = await colleague(api, partners.icw, "viewer")
    answer = await api.change("PATCH", path, viewer, body={"title": "Judul"})
    assert codes(answer) == (403, "permission_missing", [])
    assert "agreement.edit" in answer.json()["detail"]


# ----------------------------------------------------------------------------------------- an MoU and its PKS


async def test_a_unit_below_a_party_makes_a_pks_under_an_mou_it_did_not_see(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    assert (await api.get(above, partners.inspectorate)).status_code == 404
    body = pks(id_of(above), partners.inspectorate, partners.icw)
    made = await api.create(PATH, partners.inspectorate, body=body)
    assert made["parent_id"] == id_of(above)
    assert (await api.get(above, partners.inspectorate)).status_code == 200


async def test_a_stranger_learns_nothing_from_naming_a_parent(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    there, nowhere = [
        await api.post(PATH, partners.stranger, body=pks(parent, partners.stranger))
        for parent in (id_of(above), str(uuid4()))
    ]
    assert codes(there) == (400, "validation_failed", [("/parent_id", "agreement_unknown")])
    assert codes(there) == codes(nowhere)


async def test_a_pks_outside_the_dates_of_its_mou_is_not_accepted(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    body = pks(id_of(above), partners.city, partners.icw, effective_from="2022-08-14", ends_on="2099-08-15")
    path = f"{PATH}/{(await api.create(PATH, partners.icw, body=body))['id']}"
    await api.moved(path, partners.icw, "open_discussion")
    answer = await api.move(path, partners.icw, "accept")
    faults = [("/ends_on", "outlives_parent"), ("/effective_from", "precedes_parent")]
    assert codes(answer) == (409, "guards_not_met", faults)


async def test_a_suspended_mou_blocks_its_pks_and_lifting_restores_it_untouched(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    before = await api.read(below, partners.icw)
    await api.moved(above, partners.city, "suspend", reason="Menunggu audit")
    blocked = await api.read(below, partners.icw)
    await api.moved(above, partners.city, "lift_suspension", reason="Selesai")
    assert (before["phase"], blocked["phase"], blocked["version"]) == ("active", "blocked_by_parent", 1)
    assert await api.read(below, partners.icw) == before


async def test_no_activity_is_planned_under_a_blocked_pks(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await api.moved(above, partners.city, "suspend", reason="Menunggu audit")
    answer = await api.post("/v1/activities", partners.icw, body=planned(below, partners.icw))
    assert codes(answer)[:2] == (409, "guards_not_met")
    assert "blocked_by_parent" in answer.json()["errors"][0]["detail"]


async def test_only_the_party_that_suspended_lifts_the_suspension(api, partners):
    path = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    await api.moved(path, partners.city, "suspend", reason="Menunggu audit")
    answer = await api.move(path, partners.icw, "lift_suspension", reason="Cukup")
    assert codes(answer) == (409, "guards_not_met", [("/suspended_by", "suspended_by_another")])
