import hashlib
from functools import partial
from pathlib import Path

import pytest

from tests.api import codes
from tests.documents.files import BAD, GOOD, PDF
from tests.documents.given import PATH, form, send, stored
from tests.partners import held, id_of, in_force, mou


@pytest.mark.parametrize("name", GOOD)
async def test_a_file_is_what_its_content_is(api, partners, pact, name):
    media_type, content = GOOD[name]
    document = await stored(api, partners.icw, pact, name=name, content=content)
    told = {key: document[key] for key in ("media_type", "byte_size", "sha256", "filename")}
    assert told == {
        "media_type": media_type,
        "byte_size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "filename": name,
    }


@pytest.mark.parametrize("case", BAD)
async def test_a_hostile_file_is_refused_and_leaves_nothing(api, partners, pact, case):
    name, content, why = BAD[case]
    answer = await send(api, partners.icw, form(pact), name=name, content=content)
    assert codes(answer) == (422, "file_refused", [("/file", why)])
    assert (await api.read(f"{PATH}?agreement_id={id_of(pact)}", partners.icw))["items"] == []


async def test_all_that_is_wrong_with_a_file_is_told_at_once(api, partners, pact):
    answer = await send(api, partners.icw, form(pact), name="../\u202egpj.png", content=PDF)
    faults = ["file_name_unsafe", "file_name_unsafe", "file_type_differs"]
    assert codes(answer) == (422, "file_refused", [("/file", each) for each in faults])


@pytest.mark.parametrize("said", ["image/png", "text/csv"])
async def test_a_type_that_is_said_must_not_be_another_one(api, partners, pact, said):
    answer = await send(api, partners.icw, form(pact), said=said)
    assert codes(answer) == (422, "file_refused", [("/file", "file_type_differs")])


@pytest.mark.parametrize("said", ["application/pdf", "application/octet-stream", "application/x-unknown"])
async def test_a_type_nobody_takes_for_another_one_says_nothing(api, partners, pact, said):
    assert (await send(api, partners.icw, form(pact), said=said)).status_code == 201


async def test_the_record_says_what_the_form_said(api, partners, pact):
    values = {"kind": "attendance_sheet", "visibility": "public", "hard_copy_location": "Map 12/2022"}
    document = await stored(api, partners.icw, pact, **values)
    where = {
        "agreement_id": id_of(pact),
        "organization_id": str(partners.icw.organization_id),
        "subject_type": "agreement",
        "subject_id": id_of(pact),
        "version": 1,
    }
    assert document.items() >= (values | where).items()
    assert await api.read(f"{PATH}/{document['id']}", partners.appek) == document


async def test_a_document_of_an_activity_belongs_to_its_agreement(api, partners, pact):
    activity = await api.create("/v1/activities", partners.icw, body=held(pact))
    document = await stored(api, partners.appek, f"/v1/activities/{activity['id']}")
    assert (document["subject_id"], document["agreement_id"]) == (activity["id"], id_of(pact))


async def test_a_document_of_what_one_cannot_see_is_about_nothing(api, partners, pact):
    answer = await send(api, partners.stranger, form(pact))
    assert codes(answer) == (400, "validation_failed", [("/subject_id", "subject_unknown")])


async def test_who_stands_above_a_party_stores_nothing(api, partners):
    below = await in_force(api, partners.icw, mou(partners.inspectorate, partners.icw))
    assert codes(await send(api, partners.city, form(below))) == (403, "not_a_party", [])


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"kind": "poem"}, [("/kind", "not_allowed")]),
        ({"subject_id": "1"}, [("/subject_id", "wrong_type")]),
        ({"size": "1"}, [("/size", "unknown_field")]),
        ({"hard_copy_location": "a\x00"}, [("/hard_copy_location", "control_character")]),
        ({"kind": "", "visibility": ""}, [("/kind", "not_allowed"), ("/visibility", "not_allowed")]),
    ],
)
async def test_all_fields_of_a_form_are_checked(api, partners, pact, fields, faults):
    answer = await send(api, partners.icw, form(pact) | fields)
    assert codes(answer) == (400, "validation_failed", faults)


async def test_a_form_without_a_file_is_refused(api, partners, pact):
    parts = {name: (None, value) for name, value in form(pact).items()}
    answer = await api.client.post(PATH, headers=partners.icw.headers, files=parts)
    assert codes(answer) == (400, "validation_failed", [("/file", "required")])


async def test_a_form_has_one_file_and_each_field_once(api, partners, pact):
    parts = [(name, (None, value)) for name, value in form(pact).items()]
    parts += [("kind", (None, "photo")), ("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))]
    answer = await api.client.post(PATH, headers=partners.icw.headers, files=parts)
    assert codes(answer) == (400, "validation_failed", [("/kind", "repeated"), ("/file", "repeated")])


async def test_a_repeat_with_its_key_stores_one_document(api, partners, pact):
    key = {"idempotency-key": "unggah-1"}
    first, again = [await send(api, partners.icw, form(pact), headers=key) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = await send(api, partners.icw, form(pact), content=PDF + b"\n", headers=key)
    assert codes(other) == (422, "idempotency_key_reused", [])
    assert len((await api.read(f"{PATH}?agreement_id={id_of(pact)}", partners.icw))["items"]) == 1


async def test_a_change_of_documents_is_in_the_trail(api, partners, pact):
    document = await stored(api, partners.icw, pact)
    await api.change("DELETE", f"{PATH}/{document['id']}", partners.icw)
    entries = await api.read(f"/v1/audit-entries?subject_id={document['id']}", partners.appek)
    assert [item["action"] for item in entries["items"]] == ["deleted", "created"]


async def test_a_disk_that_is_full_is_told_as_unavailable(api, partners, pact, monkeypatch):
    full = partial(Path("/dev/full").open, "w+b")
    monkeypatch.setattr("service.kernel.form.tempfile.TemporaryFile", full)
    for content in (PDF, PDF + bytes(1024**2)):
        assert codes(await send(api, partners.icw, form(pact), content=content)) == (503, "unavailable", [])
