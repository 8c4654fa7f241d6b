"""Amendments over HTTP: proposed, accepted by all, signed, and from then on part of the agreement."""

from uuid import uuid4

import pytest

from tests.actors import acting_for
from tests.api import codes
from tests.partners import (
    addendum,
    amended,
    colleague,
    id_of,
    in_force,
    mou,
    parties,
    pks,
    planned,
    proposed,
    signing,
)

PATH = "/v1/agreements"
REASON = {"reason": "Tidak jadi."}


async def pact(api, partners, **values):
    """Gives the path of an agreement in force between ICW and the city."""
    return await in_force(api, partners.icw, mou(partners.icw, partners.city, **values))


async def ready(api, partners, path, **values):
    """Gives the path of an amendment that both parties have accepted."""
    found = await proposed(api, path, partners.icw, **values)
    for party in (partners.icw, partners.city):
        await api.moved(found, party, "accept")
    return found


def by_pointer(diff):
    return {item["pointer"]: (item["before"], item["after"]) for item in diff["items"]}


# ------------------------------------------------------------------------------------------ the way it goes


async def test_what_all_parties_accept_and_sign_is_part_of_the_agreement(api, partners):
    path = await pact(api, partners)
    before = await api.read(path, partners.icw)
    amendment = await ready(api, partners, path)
    assert await api.read(path, partners.icw) == before
    record = await api.moved(
        amendment, partners.city, "register_signing", **signing(partners.icw, partners.city)
    )
    after = await api.read(path, partners.icw)
    assert (record["state"], record["agreement_version"]) == ("signed", before["version"] + 1)
    assert (after["ends_on"], after["version"]) == ("2100-08-14", before["version"] + 1)
    assert after["terms_version"] == before["terms_version"] + 1
    assert {each["accepted_terms_version"] for each in after["parties"]} == {after["terms_version"]}


async def test_a_proposal_is_put_before_all_parties_at_once(api, partners):
    path = await pact(api, partners)
    answer = await api.post(f"{path}/amendments", partners.icw, body=addendum())
    record = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{path}/amendments/1")
    assert (record["sequence"], record["state"], record["version"]) == (1, "in_discussion", 1)
    assert record["changes"] == {"ends_on": "2100-08-14"}
    seen = await api.read(answer.headers["location"], partners.city)
    assert (seen["id"], seen["organization_id"]) == (record["id"], str(partners.icw.organization_id))
    assert [each["action"] for each in seen["actions"]] == ["accept", "cancel"]


async def test_acceptances_name_the_party_the_person_and_the_moment(api, partners):
    path = await proposed(api, await pact(api, partners), partners.icw)
    (first,) = (await api.moved(path, partners.city, "accept"))["acceptances"]
    assert first["organization_id"] == str(partners.city.organization_id)
    assert first["user_id"] == str(partners.city.user_id)
    assert (await api.read(path, partners.icw))["acceptances"] == [first]


async def test_an_edit_takes_all_acceptances_back(api, partners):
    path = await proposed(api, await pact(api, partners), partners.icw)
    await api.moved(path, partners.icw, "accept")
    body = {"changes": {"ends_on": "2101-08-14"}}
    after = (await api.change("PATCH", path, partners.city, body=body)).json()
    assert (after["acceptances"], after["terms_version"], after["changes"]) == ([], 2, body["changes"])


async def test_unlocking_leads_back_to_the_discussion(api, partners):
    path = await ready(api, partners, await pact(api, partners))
    body = {"title": "Judul"}
    refusal = await api.change("PATCH", path, partners.city, body=body)
    assert codes(refusal) == (409, "state_forbids_edit", [("", "amendment_unlock_first")])
    after = await api.moved(path, partners.city, "unlock", **REASON)
    assert (after["state"], after["acceptances"]) == ("in_discussion", [])
    assert (await api.change("PATCH", path, partners.city, body=body)).json()["title"] == "Judul"


async def test_the_diff_tells_item_by_item_and_keeps_what_was_signed(api, partners):
    path = await pact(api, partners)
    changes = {"ends_on": "2100-08-14", "scope": ["Pemantauan pengadaan", "Kajian sampah"]}
    amendment = await ready(api, partners, path, kinds=["extension", "scope"], changes=changes)
    open_diff = await api.read(f"{amendment}/diff", partners.city)
    expected = {"/ends_on": ("2099-08-14", "2100-08-14"), "/scope": (None, "Kajian sampah")}
    assert by_pointer(open_diff) == expected
    await api.moved(amendment, partners.icw, "register_signing", **signing(partners.icw, partners.city))
    await amended(api, path, partners.icw, partners.city, changes={"ends_on": "2102-08-14"})
    assert by_pointer(await api.read(f"{amendment}/diff", partners.city)) == expected


async def test_the_history_of_the_agreement_tells_that_it_was_amended(api, partners):
    path = await pact(api, partners)
    await amended(api, path, partners.icw, partners.city)
    items = (await api.read(f"{path}/transitions", partners.city))["items"]
    assert [(item["action"], item["version"]) for item in items] == [("created", 1), ("amended", 2)]
    trail = (await api.read(f"/v1/audit-entries?agreement_id={id_of(path)}", partners.icw))["items"]
    # Both entries of a signing are of one instant, so only their stream tells which came first.
    written = [(item["subject_type"], item["action"]) for item in sorted(trail, key=lambda item: item["seq"])]
    assert written == [
        ("agreement", "created"),
        ("amendment", "created"),
        ("amendment", "accept"),
        ("amendment", "accept"),
        ("amendment", "register_signing"),
        ("agreement", "amended"),
    ]
    checked = await api.read(f"/v1/audit-entries/verify?agreement_id={id_of(path)}", partners.icw)
    assert (checked["whole"], checked["entries"]) == (True, 6)


# ------------------------------------------------------------------------------- numbers, and one at a time


async def test_numbers_count_on_and_none_is_used_again(api, partners):
    path = await pact(api, partners)
    first = await proposed(api, path, partners.icw)
    await api.moved(first, partners.city, "cancel", **REASON)
    await amended(api, path, partners.icw, partners.city)
    third = await proposed(api, path, partners.city, changes={"ends_on": "2101-08-14"})
    assert id_of(third) == "3"
    items = (await api.read(f"{path}/amendments", partners.city))["items"]
    assert [(item["sequence"], item["state"]) for item in items] == [
        (1, "cancelled"),
        (2, "signed"),
        (3, "in_discussion"),
    ]


async def test_an_agreement_has_one_open_amendment(api, partners):
    path = await pact(api, partners)
    await proposed(api, path, partners.icw)
    answer = await api.post(f"{path}/amendments", partners.city, body=addendum())
    assert codes(answer) == (409, "amendment_open", [])
    assert "Amendment 1 " in answer.json()["detail"]


async def test_a_repeated_proposal_makes_one_and_is_told_where_it_is(api, partners):
    path = await pact(api, partners)
    first, again = [
        await api.post(f"{path}/amendments", partners.icw, body=addendum(), idempotency_key="satu")
        for _ in range(2)
    ]
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.headers["location"] == first.headers["location"] == f"{path}/amendments/1"
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])


async def test_a_repeated_signing_merges_once(api, partners):
    path = await pact(api, partners)
    amendment = await ready(api, partners, path)
    version = (await api.read(amendment, partners.icw))["version"]
    move = {"action": "register_signing", **signing(partners.icw, partners.city)}
    ask = {"body": move, "if_match": f'"{version}"', "idempotency_key": "dua"}
    first, again = [await api.post(f"{amendment}/transitions", partners.icw, **ask) for _ in range(2)]
    assert (first.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert (await api.read(path, partners.icw))["version"] == 2


async def test_the_list_is_narrowed_counted_paged_and_csv(api, partners):
    path = await pact(api, partners)
    for _ in range(3):
        found = await proposed(api, path, partners.icw)
        await api.moved(found, partners.icw, "cancel", **REASON)
    await proposed(api, path, partners.icw)
    pages = [items async for items in api.pages(f"{path}/amendments?limit=3", partners.city)]
    assert [[item["sequence"] for item in items] for items in pages] == [[1, 2, 3], [4]]
    counted = await api.read(f"{path}/amendments?state=cancelled&count=true", partners.city)
    assert (len(counted["items"]), counted["total"]) == (3, 3)
    sheet = await api.get(f"{path}/amendments", partners.city, accept="text/csv")
    assert len(sheet.text.splitlines()) == 5


@pytest.mark.parametrize("sequence", ["0", "2", "999999999", "9999999999", "1.0", "satu"])
async def test_a_number_that_no_amendment_has_is_not_found(api, partners, sequence):
    path = await pact(api, partners)
    await proposed(api, path, partners.icw)
    answer = await api.get(f"{path}/amendments/{sequence}", partners.icw)
    assert codes(answer) == (404, "not_found", [])


# ------------------------------------------------------------------------------------------------- extension


async def test_an_extension_reopens_what_expiry_closed(api, partners):
    path = await pact(api, partners, ends_on="2023-08-14")
    plan = planned(path, partners.icw)
    refusal = await api.post("/v1/activities", partners.icw, body=plan)
    assert codes(refusal)[:2] == (409, "guards_not_met")
    amendment = await ready(api, partners, path)
    diff = await api.read(f"{amendment}/diff", partners.icw)
    assert (diff["phase"], diff["amended_phase"]) == ("expired", "active")
    await api.moved(amendment, partners.icw, "register_signing", **signing(partners.icw, partners.city))
    assert (await api.read(path, partners.icw))["phase"] == "active"
    await api.create("/v1/activities", partners.icw, body=plan)


async def test_an_extension_of_an_mou_reopens_its_pks_without_touching_it(api, partners):
    above = await pact(api, partners, ends_on="2023-08-14")
    below = await in_force(api, partners.icw, pks(id_of(above), partners.icw, partners.city))
    blocked = await api.read(below, partners.icw)
    await amended(api, above, partners.icw, partners.city)
    after = await api.read(below, partners.icw)
    assert (blocked["phase"], after["phase"]) == ("blocked_by_parent", "active")
    assert after["version"] == blocked["version"]


async def test_a_pks_is_not_extended_past_its_mou(api, partners):
    above = await pact(api, partners)
    made = await api.create(PATH, partners.icw, body=pks(id_of(above), partners.icw, partners.city))
    below = f"{PATH}/{made['id']}"
    await api.moved(below, partners.icw, "open_discussion")
    for party in (partners.icw, partners.city):
        await api.moved(below, party, "accept")
    await api.moved(below, partners.icw, "register_signing", **signing(partners.icw, partners.city))
    path = await proposed(api, below, partners.icw)
    answer = await api.move(path, partners.icw, "accept")
    assert codes(answer) == (409, "guards_not_met", [("/changes/ends_on", "outlives_parent")])
    await amended(api, above, partners.icw, partners.city)
    assert (await api.move(path, partners.icw, "accept")).status_code == 200


async def test_an_extension_takes_the_first_key_of_closing_back(api, partners):
    path = await pact(api, partners, ends_on="2023-08-14")
    await api.moved(path, partners.icw, "close", document_ref="Laporan akhir")
    await amended(api, path, partners.icw, partners.city)
    assert (await api.read(path, partners.icw))["close_proposal"] is None


# --------------------------------------------------------------------------------------------------- parties


async def test_who_joins_sees_the_agreement_from_the_signing_on(api, partners):
    path = await pact(api, partners)
    changes = {"parties": parties(partners.icw, partners.city, partners.appek)}
    amendment = await ready(api, partners, path, kinds=["parties"], changes=changes)
    assert (await api.get(path, partners.appek)).status_code == 404
    faults = [("/signatures", "signature_missing")]
    move = signing(partners.icw, partners.city)
    answer = await api.move(amendment, partners.icw, "register_signing", **move)
    assert codes(answer) == (409, "guards_not_met", faults)
    move = signing(partners.icw, partners.city, partners.appek)
    await api.moved(amendment, partners.icw, "register_signing", **move)
    assert len((await api.read(path, partners.appek))["parties"]) == 3


async def test_who_leaves_may_register_it_and_then_sees_it_no_more(api, partners):
    path = await in_force(api, partners.icw, mou(partners.city, partners.icw, partners.appek))
    changes = {"parties": parties(partners.city, partners.icw)}
    amendment = await proposed(api, path, partners.appek, kinds=["parties"], changes=changes)
    members = (partners.city, partners.icw, partners.appek)
    for party in members:
        await api.moved(amendment, party, "accept")
    await api.moved(amendment, partners.appek, "register_signing", **signing(*members))
    assert (await api.get(amendment, partners.appek)).status_code == 404
    assert len((await api.read(path, partners.icw))["parties"]) == 2


async def test_a_number_that_is_taken_leaves_amendment_and_agreement_as_they_were(api, partners):
    numbered = parties(partners.appek, partners.stranger)
    numbered[0]["document_number"] = "1/2024"
    await api.create(PATH, partners.appek, body=mou(parties=numbered))
    path = await pact(api, partners)
    joining = parties(partners.icw, partners.city, partners.appek)
    joining[2]["document_number"] = "1 / 2024"
    amendment = await ready(api, partners, path, kinds=["parties"], changes={"parties": joining})
    before = [await api.read(each, partners.icw) for each in (path, amendment)]
    move = signing(partners.icw, partners.city, partners.appek)
    answer = await api.move(amendment, partners.icw, "register_signing", **move)
    assert codes(answer) == (409, "document_number_taken", [])
    assert [await api.read(each, partners.icw) for each in (path, amendment)] == before


async def test_an_organization_that_is_not_there_cannot_join(api, partners):
    path = await pact(api, partners)
    changes = {"parties": parties(partners.icw, partners.city, uuid4())}
    answer = await api.post(
        f"{path}/amendments", partners.icw, body=addendum(kinds=["parties"], changes=changes)
    )
    faults = [("/changes/parties/2/organization_id", "organization_unknown")]
    assert codes(answer) == (400, "validation_failed", faults)


# ---------------------------------------------------------------------------------------------- who may what


async def test_an_organization_above_a_party_reads_and_never_acts(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    amendment = await proposed(api, path, partners.icw)
    assert (await api.read(amendment, partners.city))["actions"] == []
    assert codes(await api.move(amendment, partners.city, "accept")) == (403, "not_a_party", [])
    answer = await api.post(f"{path}/amendments", partners.city, body=addendum())
    assert codes(answer) == (403, "not_a_party", [])


@pytest.mark.parametrize("rest", ["", "/1", "/1/diff"])
async def test_amendments_of_a_public_agreement_are_the_parties_own(api, partners, rest):
    path = await pact(api, partners, visibility="public")
    await proposed(api, path, partners.icw)
    answer = await api.get(f"{path}/amendments{rest}", partners.stranger)
    assert codes(answer) == (404, "not_found", [])


async def test_a_person_with_two_parties_accepts_for_one(api, partners):
    path = await proposed(api, await pact(api, partners), partners.icw)
    both = await acting_for(
        api.connection,
        partners.icw.user_id,
        organization_id=partners.city.organization_id,
        roles=["coordinator"],
    )
    await api.moved(path, partners.icw, "accept")
    answer = await api.move(path, both, "accept")
    assert codes(answer) == (409, "guards_not_met", [("/acceptances", "accepted_for_another")])
    another = await colleague(api, partners.city, "approver")
    assert (await api.moved(path, another, "accept"))["state"] == "ready_to_sign"


# ----------------------------------------------------------------------------------------- at the same moment


async def test_an_amendment_is_changed_in_the_version_that_was_read(api, partners):
    path = await proposed(api, await pact(api, partners), partners.icw)
    stale = await api.ask("PATCH", path, by=partners.icw, body={"title": "B"}, if_match='"2"')
    bare = await api.ask("PATCH", path, by=partners.icw, body={"title": "B"})
    assert [answer.status_code for answer in (stale, bare)] == [412, 428]


async def test_terms_that_move_beside_it_are_looked_at_again(api, partners):
    path = await pact(api, partners)
    amendment = await ready(api, partners, path)
    await api.change("PATCH", path, partners.city, body={"objective": "Pengawasan"})
    move = signing(partners.icw, partners.city)
    answer = await api.move(amendment, partners.icw, "register_signing", **move)
    assert codes(answer) == (409, "guards_not_met", [("/base_terms_version", "agreement_terms_moved")])
    await api.moved(amendment, partners.icw, "unlock", **REASON)
    await api.change("PATCH", amendment, partners.icw, body={})
    for party in (partners.icw, partners.city):
        await api.moved(amendment, party, "accept")
    await api.moved(amendment, partners.icw, "register_signing", **move)
    assert (await api.read(path, partners.icw))["objective"] == "Pengawasan"
