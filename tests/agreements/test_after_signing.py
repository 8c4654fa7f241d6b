from uuid import uuid4

import pytest

from tests.api import codes
from tests.partners import colleague, held, id_of, in_force, mou, parties

PATH = "/v1/agreements"
SIGNATORY = {"name": "Nama", "title": "Jabatan"}


async def paper(api, by, **values):
    """Gives the answer to an agreement of the past of which only title and party are known."""
    body = {"kind": "pks", "title": "PKS", "recorded_from_paper": True, "parties": parties(by)}
    return await api.post(PATH, by, body=body | values)


async def signed(api, partners, **values):
    """Gives the path of an agreement between ICW and the city that was signed here."""
    made = await api.create(PATH, partners.icw, body=mou(partners.icw, partners.city, **values))
    path = f"{PATH}/{made['id']}"
    await api.moved(path, partners.icw, "open_discussion")
    for party in (partners.icw, partners.city):
        await api.moved(path, party, "accept")
    ids = [str(party.organization_id) for party in (partners.icw, partners.city)]
    signatures = [{"organization_id": each, **SIGNATORY} for each in ids]
    move = {"signed_on": "2022-08-15", "document_ref": "Arsip 1", "signatures": signatures}
    await api.moved(path, partners.icw, "register_signing", **move)
    return path


async def expired(api, partners):
    """Gives the path of an agreement of the past between ICW and the city that has ended."""
    body = mou(partners.icw, partners.city, effective_from="2022-08-15", ends_on="2023-08-14")
    return await in_force(api, partners.icw, body)


def pointers(record, code):
    return [warning["pointer"] for warning in record["warnings"] if warning["code"] == code]


# ------------------------------------------------------------------------------------- records of the past


async def test_what_nobody_knows_of_a_record_of_the_past_is_null_and_a_warning(api, partners):
    answer = await paper(api, partners.icw)
    record = answer.json()
    assert (answer.status_code, record["state"], record["phase"]) == (201, "signed", "active")
    unknown = ("signed_on", "effective_from", "ends_on", "document_ref")
    assert [record[name] for name in unknown] == [None] * 4
    assert {warning["code"] for warning in record["warnings"]} == {
        "pks_without_parent",
        "signing_day_unknown",
        "effective_day_unknown",
        "end_day_unknown",
        "document_not_stored",
        "second_party_unknown",
        "document_number_unknown",
        "signatory_unknown",
    }


async def test_a_signing_day_known_only_as_a_latest_day_is_stored_so(api, partners):
    days = {"signed_on_precision": "not_after", "signed_not_after": "2022-09-02"}
    record = (await paper(api, partners.icw, **days)).json()
    names = ("signed_on", "signed_on_precision", "signed_not_after")
    assert [record[name] for name in names] == [None, "not_after", "2022-09-02"]


async def test_a_fact_that_becomes_known_takes_its_warning_away(api, partners):
    record = (await paper(api, partners.icw)).json()
    path = f"{PATH}/{record['id']}"
    after = (await api.change("PATCH", path, partners.icw, body={"effective_from": "2022-08-15"})).json()
    assert pointers(record, "effective_day_unknown") == ["/effective_from"]
    assert pointers(after, "effective_day_unknown") == []


async def test_no_party_leaves_a_signed_record_of_the_past(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    part = f"{path}/parties/{partners.city.organization_id}"
    answer = await api.change("DELETE", part, partners.icw, record=path)
    assert codes(answer) == (400, "validation_failed", [("/parties", "party_stays")])


async def test_an_agreement_that_is_not_of_the_past_says_no_signing_day(api, partners):
    body = mou(partners.icw, partners.city, signed_on="2022-08-15")
    answer = await api.post(PATH, partners.icw, body=body)
    assert codes(answer) == (400, "validation_failed", [("/signed_on", "only_from_paper")])


async def test_the_terms_that_were_signed_here_stay(api, partners):
    path = await signed(api, partners)
    body = {"title": "Judul", "ends_on": "2100-01-01", "notice_months": 6}
    answer = await api.change("PATCH", path, partners.icw, body=body)
    faults = [("/title", "signed_terms_stay"), ("/ends_on", "signed_terms_stay")]
    assert (codes(answer)[:2], sorted(codes(answer)[2])) == ((409, "state_forbids_edit"), sorted(faults))


async def test_what_is_no_term_may_change_after_signing(api, partners):
    path = await signed(api, partners)
    body = {"notice_months": 6, "visibility": "public", "source_note": "Berita kota"}
    answer = await api.change("PATCH", path, partners.icw, body=body)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in body} == body


# ------------------------------------------------------------------------------------------- who reads what


async def test_a_stranger_is_told_of_an_agreement_what_is_told_of_none(api, partners):
    path = await signed(api, partners)
    hidden, missing = [
        (await api.get(each, partners.stranger)).json() for each in (path, f"{PATH}/{uuid4()}")
    ]
    assert hidden | {"instance": None} == missing | {"instance": None}


async def test_a_stranger_reads_the_public_fields_of_a_public_agreement_only(api, partners):
    path = await signed(api, partners, visibility="public", source_note="Catatan dalam")
    inside = await api.read(path, partners.icw)
    outside = await api.read(path, partners.stranger)
    bare = [party | {"signatory": None, "power_of_attorney": None} for party in inside["parties"]]
    hidden = {"document_ref": None, "source_note": None, "state_reason": None, "close_proposal": None}
    assert outside == inside | hidden | {"actions": [], "warnings": [], "parties": bare}
    assert inside["document_ref"] is not None


async def test_why_a_public_agreement_was_suspended_is_the_parties_own(api, partners):
    path = await signed(api, partners, visibility="public")
    await api.moved(path, partners.city, "suspend", reason="Menunggu audit")
    outside = await api.read(path, partners.stranger)
    assert (outside["state"], outside["state_reason"]) == ("suspended", None)


async def test_the_history_of_a_public_agreement_is_not_public(api, partners):
    path = await signed(api, partners, visibility="public")
    assert codes(await api.get(f"{path}/transitions", partners.stranger)) == (404, "not_found", [])


async def test_a_stranger_changes_nothing_of_a_public_agreement(api, partners):
    path = await signed(api, partners, visibility="public")
    answer = await api.change("PATCH", path, partners.stranger, body={"notice_months": 6})
    assert codes(answer) == (403, "not_a_party", [])
    assert (await api.read(path, partners.icw))["notice_months"] == 3


async def test_an_organization_above_a_party_reads_all_and_has_no_actions(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    seen = await api.read(path, partners.city)
    own = await api.read(path, partners.icw)
    assert (seen["actions"], seen["warnings"]) == ([], own["warnings"])
    assert own["actions"] != []


async def test_actions_name_what_the_role_may_do_now(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    allowed = {}
    for role in ("coordinator", "approver", "viewer"):
        actor = await colleague(api, partners.icw, role)
        actions = (await api.read(path, actor))["actions"]
        allowed[role] = {action["action"]: action["allowed"] for action in actions}
    assert allowed == {
        "coordinator": {"close": False},
        "approver": {"suspend": True, "terminate": True},
        "viewer": {},
    }


async def test_the_history_tells_who_did_what_for_whom_and_why(api, partners):
    path = await signed(api, partners)
    await api.moved(path, partners.city, "suspend", reason="Menunggu audit")
    items = (await api.read(f"{path}/transitions", partners.icw))["items"]
    assert [item["action"] for item in items] == [
        "created",
        "open_discussion",
        "accept",
        "accept",
        "register_signing",
        "suspend",
    ]
    last = items[-1]
    assert (last["from_state"], last["to_state"], last["reason"]) == ("signed", "suspended", "Menunggu audit")
    assert (last["role"], last["actor_id"]) == ("approver", str(partners.city.user_id))
    assert (last["organization_id"], last["version"]) == (str(partners.city.organization_id), 6)


async def test_a_history_is_found_under_the_noun_of_its_record_alone(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw))
    made = await api.create("/v1/activities", partners.icw, body=held(path))
    for wrong in (f"{PATH}/{made['id']}", f"/v1/activities/{id_of(path)}"):
        assert codes(await api.get(f"{wrong}/transitions", partners.icw)) == (404, "not_found", [])


# ----------------------------------------------------------------------------------------------- how it ends


async def test_what_has_expired_is_closed_by_two_parties(api, partners):
    path = await expired(api, partners)
    first = await api.moved(path, partners.icw, "close", document_ref="Laporan akhir")
    second = await api.moved(path, partners.city, "close")
    assert (first["state"], first["phase"], second["state"]) == ("signed", "expired", "closed")
    assert first["close_proposal"]["organization_id"] == str(partners.icw.organization_id)


async def test_one_party_does_not_hold_both_keys(api, partners):
    path = await expired(api, partners)
    await api.moved(path, partners.icw, "close", document_ref="Laporan akhir")
    another = await colleague(api, partners.icw, "coordinator")
    answer = await api.move(path, another, "close")
    assert codes(answer) == (409, "guards_not_met", [("/close_proposal", "needs_another_party")])


async def test_an_edit_takes_the_first_key_back(api, partners):
    path = await expired(api, partners)
    await api.moved(path, partners.icw, "close", document_ref="Laporan akhir")
    await api.change("PATCH", path, partners.city, body={"source_note": "Berita"})
    assert (await api.read(path, partners.icw))["close_proposal"] is None


async def test_an_agreement_that_still_runs_is_not_closed(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    answer = await api.move(path, partners.icw, "close")
    faults = [("/ends_on", "not_expired"), ("/document_ref", "final_report_needed")]
    assert codes(answer) == (409, "guards_not_met", faults)


async def test_a_termination_to_come_leaves_the_agreement_in_force_until_its_day(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    move = {"reason": "Selesai lebih awal", "document_ref": "Surat 1"}
    record = await api.moved(path, partners.city, "terminate", effective_on="2090-01-01", **move)
    assert (record["state"], record["phase"]) == ("terminated", "active")


async def test_a_termination_names_its_document(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    answer = await api.move(path, partners.city, "terminate", reason="Selesai", effective_on="2023-01-01")
    assert codes(answer) == (409, "guards_not_met", [("/document_ref", "termination_document_needed")])


async def test_the_administrator_of_the_creator_cancels_a_draft(api, partners):
    made = await api.create(PATH, partners.icw, body=mou(partners.icw, partners.city))
    path = f"{PATH}/{made['id']}"
    assert codes(await api.move(path, partners.city, "cancel", reason="Batal")) == (403, "not_a_party", [])
    record = await api.moved(path, partners.icw, "cancel", reason="Batal")
    assert (record["state"], record["phase"], record["state_reason"]) == ("cancelled", "cancelled", "Batal")


@pytest.mark.parametrize("action", ["suspend", "terminate"])
async def test_a_coordinator_does_not_stop_an_agreement(api, partners, action):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    coordinator = await colleague(api, partners.icw, "coordinator")
    move = {"reason": "Audit"} | ({"effective_on": "2023-01-01"} if action == "terminate" else {})
    assert codes(await api.move(path, coordinator, action, **move)) == (403, "permission_missing", [])
