"""What rests on documents: signing, terminating, closing, evidence; and that such documents stay."""

import pytest

from tests.api import codes
from tests.documents.given import PATH, stored
from tests.partners import agreed_line, held, in_force, mou, promised, proposed
from tests.partners import signing as partner_signing

SIGNATORY = {"name": "Nama", "title": "Jabatan", "signed_on": "2022-08-15"}


async def ready(api, partners) -> str:
    """Gives the path of an agreement that both parties have accepted."""
    made = await api.create("/v1/agreements", partners.icw, body=mou(partners.icw, partners.appek))
    path = f"/v1/agreements/{made['id']}"
    await api.moved(path, partners.icw, "open_discussion")
    for party in (partners.icw, partners.appek):
        await api.moved(path, party, "accept")
    return path


def signing(partners, **values):
    ids = [str(each.organization_id) for each in (partners.icw, partners.appek)]
    signatures = [{"organization_id": each, **SIGNATORY} for each in ids]
    return {"signed_on": "2022-08-15", "signatures": signatures} | values


async def test_a_signing_rests_on_a_stored_document(api, partners):
    path = await ready(api, partners)
    document = await stored(api, partners.icw, path, kind="signed_agreement")
    record = await api.moved(
        path, partners.icw, "register_signing", **signing(partners, document_id=document["id"])
    )
    assert (record["document_id"], record["document_ref"]) == (document["id"], None)
    assert "document_not_stored" not in [each["code"] for each in record["warnings"]]
    assert await api.read(path, partners.icw) == record


async def test_a_signing_that_names_where_the_paper_lies_is_warned_about(api, partners):
    path = await ready(api, partners)
    record = await api.moved(
        path, partners.icw, "register_signing", **signing(partners, document_ref="Map 1")
    )
    assert "document_not_stored" in [each["code"] for each in record["warnings"]]


async def test_a_document_of_another_agreement_is_none(api, partners, pact):
    path = await ready(api, partners)
    document = await stored(api, partners.icw, pact)
    answer = await api.move(
        path, partners.icw, "register_signing", **signing(partners, document_id=document["id"])
    )
    assert codes(answer) == (400, "validation_failed", [("/document_id", "reference_unknown")])


async def test_a_record_of_the_past_gets_its_document_later(api, partners, pact):
    document = await stored(api, partners.icw, pact, kind="signed_agreement")
    answer = await api.change("PATCH", pact, partners.icw, body={"document_id": document["id"]})
    assert answer.json()["document_id"] == document["id"]


async def test_a_termination_rests_on_a_stored_document(api, partners, pact):
    document = await stored(api, partners.icw, pact)
    move = {"reason": "Selesai", "effective_on": "2026-01-01", "document_id": document["id"]}
    record = await api.moved(pact, partners.icw, "terminate", **move)
    assert (record["termination_document_id"], record["termination_ref"]) == (document["id"], None)


async def test_a_closing_rests_on_a_stored_report(api, partners):
    body = mou(partners.icw, partners.appek, ends_on="2025-08-14")
    path = await in_force(api, partners.icw, body)
    report = await stored(api, partners.icw, path, kind="report")
    record = await api.moved(path, partners.icw, "close", document_id=report["id"])
    assert record["close_proposal"]["document_id"] == report["id"]
    gone = await api.change("DELETE", f"{PATH}/{report['id']}", partners.icw)
    assert codes(gone) == (409, "record_in_use", [])
    assert (await api.moved(path, partners.appek, "close"))["state"] == "closed"


async def test_evidence_rests_on_stored_documents(api, partners, pact):
    document = await stored(api, partners.icw, pact, kind="attendance_sheet")
    evidence = [{"document_id": document["id"]}, {"document_id": document["id"], "note": "Lagi"}]
    body = held(pact, state="reported", evidence=evidence)
    made = await api.create("/v1/activities", partners.icw, body=body)
    assert [item["document_id"] for item in made["evidence"]] == [document["id"]] * 2
    gone = await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)
    assert codes(gone) == (409, "record_in_use", [])


async def test_evidence_may_be_added_and_taken_away(api, partners, pact):
    document = await stored(api, partners.icw, pact)
    made = await api.create("/v1/activities", partners.icw, body=held(pact, state="draft"))
    path = f"/v1/activities/{made['id']}"
    for evidence in ([{"document_id": document["id"]}], []):
        answer = await api.change("PATCH", path, partners.icw, body={"evidence": evidence})
        assert answer.status_code == 200, answer.text
    assert (await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)).status_code == 204


@pytest.mark.parametrize("where", ["create", "report"])
async def test_evidence_of_another_agreement_is_none(api, partners, pact, where):
    other = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
    evidence = [{"document_id": (await stored(api, partners.icw, other))["id"]}]
    if where == "create":
        body = held(pact, state="reported", evidence=evidence)
        answer = await api.post("/v1/activities", partners.icw, body=body)
    else:
        made = await api.create("/v1/activities", partners.icw, body=held(pact))
        answer = await api.move(f"/v1/activities/{made['id']}", partners.icw, "report", evidence=evidence)
    assert codes(answer) == (400, "validation_failed", [("/evidence", "reference_unknown")])


async def test_evidence_of_milestones_rests_on_stored_documents(api, partners, pact):
    document = await stored(api, partners.icw, pact, kind="evidence")
    made = await api.create("/v1/milestones", partners.icw, body=promised(pact, partners.icw))
    evidence = [{"document_id": document["id"]}]
    submission = {"achieved_on": "2023-06-01", "evidence": evidence}
    done = await api.moved(f"/v1/milestones/{made['id']}", partners.icw, "submit", **submission)
    assert [each["document_id"] for each in done["evidence"]] == [document["id"]]
    gone = await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)
    assert codes(gone) == (409, "record_in_use", [])


async def test_evidence_of_a_work_plan_rests_on_stored_documents(api, partners, pact):
    line = await agreed_line(api, pact, by=partners.icw, other=partners.appek)
    await api.moved(line, partners.icw, "start")
    other = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
    strange, own = [await stored(api, partners.icw, each) for each in (other, pact)]
    answer = await api.move(line, partners.icw, "complete", evidence=[{"document_id": strange["id"]}])
    assert codes(answer) == (400, "validation_failed", [("/evidence", "reference_unknown")])
    await api.moved(line, partners.icw, "complete", evidence=[{"document_id": own["id"]}])
    gone = await api.change("DELETE", f"{PATH}/{own['id']}", partners.icw)
    assert codes(gone) == (409, "record_in_use", [])


async def test_a_signed_amendment_rests_on_a_stored_document(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek, ends_on="2099-08-14"))
    document = await stored(api, partners.icw, pact, kind="amendment")
    path = await proposed(api, pact, partners.icw)
    for party in (partners.icw, partners.appek):
        await api.moved(path, party, "accept")
    signed = partner_signing(partners.icw, partners.appek, document_ref=None, document_id=document["id"])
    record = await api.moved(path, partners.icw, "register_signing", **signed)
    assert (record["document_id"], record["document_ref"], record["warnings"]) == (document["id"], None, [])
    gone = await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)
    assert codes(gone) == (409, "record_in_use", [])


# ------------------------------------------------------------------------------------------------- deleting


async def test_a_document_nobody_needs_is_deleted_with_its_bytes(api, partners, pact):
    path = f"{PATH}/{(await stored(api, partners.icw, pact))['id']}"
    assert (await api.change("DELETE", path, partners.icw)).status_code == 204
    for gone in (path, f"{path}/content"):
        assert codes(await api.get(gone, partners.icw)) == (404, "not_found", [])


async def test_only_who_stored_a_document_deletes_it(api, partners, pact):
    path = f"{PATH}/{(await stored(api, partners.icw, pact))['id']}"
    answer = await api.change("DELETE", path, partners.appek)
    assert codes(answer) == (409, "guards_not_met", [("", "stored_by_another")])


async def test_a_deletion_names_the_version_it_rests_on(api, partners, pact):
    path = f"{PATH}/{(await stored(api, partners.icw, pact))['id']}"
    assert codes(await api.ask("DELETE", path, by=partners.icw)) == (428, "if_match_required", [])
    stale = await api.ask("DELETE", path, by=partners.icw, if_match='"2"')
    assert codes(stale) == (412, "stale_version", [])


async def test_what_has_documents_is_not_deleted(api, partners):
    made = await api.create("/v1/agreements", partners.icw, body=mou(partners.icw, partners.appek))
    path = f"/v1/agreements/{made['id']}"
    await stored(api, partners.icw, path)
    assert codes(await api.change("DELETE", path, partners.icw)) == (409, "record_in_use", [])
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
    draft = await api.create("/v1/activities", partners.icw, body=held(pact, state="draft"))
    activity = f"/v1/activities/{draft['id']}"
    await stored(api, partners.icw, activity)
    assert codes(await api.change("DELETE", activity, partners.icw)) == (409, "record_in_use", [])
