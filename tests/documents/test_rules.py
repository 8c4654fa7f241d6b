from uuid import UUID

import pytest
from msgspec.structs import replace

from schema.vocabulary import DocumentKind, DocumentSubject, MediaType, Role, Visibility
from schema.wire.documents import DocumentForm
from service.documents.rules import (
    LONGEST_NAME,
    Content,
    Place,
    content_faults,
    demand_deletable,
    demand_place,
    demand_room,
    stored,
)
from service.kernel.download import disposition
from tests.agreements.given import NOW, OTHER, OWN, caller, refused

PACT = UUID(int=11)
FORM = DocumentForm(kind=DocumentKind.REPORT, subject_type=DocumentSubject.AGREEMENT, subject_id=PACT)
CONTENT = Content(name="surat.pdf", said=None, size=100, sha256="a" * 64)
PLACE = Place(agreement_id=PACT, party_ids=frozenset({OWN, OTHER}), byte_size=900)


def faults(name: str, media_type: MediaType | None = MediaType.PDF, said: str | None = None) -> list[str]:
    content = replace(CONTENT, name=name, said=said)
    return [fault.code for fault in content_faults(content, media_type)]


@pytest.mark.parametrize(
    "name",
    [
        "surat.pdf",
        "Surat.PDF",
        "a.b.c.pdf",
        "Laporan – “akhir” 2022.pdf",
        "報告.pdf",
        "a" * 196 + ".pdf",
        "-.pdf",
    ],
)
def test_a_name_that_people_give_is_taken_as_it_is(name):
    assert faults(name) == []


@pytest.mark.parametrize("name", ["a/b.pdf", "/b.pdf", "..\\b.pdf", "C:b.pdf", "\\\\server\\b.pdf"])
def test_a_name_with_a_path_is_refused(name):
    assert faults(name) == ["file_name_unsafe"]


@pytest.mark.parametrize(
    "letter",
    [
        "\u202e",
        "\u2066",
        "\u200f",
        "\u200b",
        "\ufeff",
        "\x00",
        "\n",
        "\x7f",
        "\u2028",
        "\ue000",
        "\U000e0041",
    ],
    ids=ascii,
)
def test_a_name_with_a_letter_nobody_sees_is_refused(letter):
    assert faults(f"a{letter}b.pdf") == ["file_name_unsafe"]


@pytest.mark.parametrize("name", ["", " ", ".", ".."])
def test_a_name_that_is_none_is_refused(name):
    assert faults(name, None) == ["file_name_unsafe"]


def test_a_name_has_a_greatest_length():
    assert faults("a" * (LONGEST_NAME - 4) + ".pdf") == []
    assert faults("a" * (LONGEST_NAME - 3) + ".pdf") == ["file_name_too_long"]


@pytest.mark.parametrize("name", ["surat", "surat.", ".pdf.exe", "surat.pdf ", "pdf", ".pdf"])
def test_a_name_ends_as_its_content_does(name):
    assert faults(name) == ["file_type_differs"]


@pytest.mark.parametrize("media_type", MediaType)
def test_a_type_that_is_said_may_be_the_one_that_is_found(media_type):
    suffixes = {MediaType.JPEG: "jpg", MediaType.XLSX: "xlsx", MediaType.DOCX: "docx"}
    suffix = suffixes.get(media_type, media_type.partition("/")[2])
    assert faults(f"a.{suffix}", media_type, said=media_type) == []


def test_a_party_stores_what_belongs_to_an_agreement():
    assert demand_place(PLACE, FORM, caller=caller()) == PACT
    assert (
        refused("not_a_party", demand_place, replace(PLACE, party_ids=frozenset()), FORM, caller=caller())
        == []
    )
    nowhere = replace(PLACE, agreement_id=None)
    assert refused("validation_failed", demand_place, nowhere, FORM, caller=caller()) == [
        ("/subject_id", "subject_unknown")
    ]


@pytest.mark.parametrize("role", Role)
def test_coordinators_reviewers_and_approvers_store(role):
    by = caller(OWN, role)
    if role in {Role.COORDINATOR, Role.REVIEWER, Role.APPROVER}:
        assert demand_place(PLACE, FORM, caller=by) == PACT
    else:
        assert refused("permission_missing", demand_place, PLACE, FORM, caller=by) == []


def test_a_quota_may_be_used_up():
    demand_room(PLACE, CONTENT, quota=1000)
    assert refused("document_quota_exceeded", demand_room, PLACE, CONTENT, quota=999) == []


def test_only_who_stored_a_document_deletes_it():
    document = stored(
        FORM, CONTENT, media_type=MediaType.PDF, agreement_id=PACT, id=UUID(int=1), caller=caller(OWN)
    )
    assert (document.created_at, document.organization_id, document.visibility) == (
        NOW,
        OWN,
        Visibility.PARTIES,
    )
    demand_deletable(document, caller(OWN))
    assert refused("guards_not_met", demand_deletable, document, caller(OTHER)) == [("", "stored_by_another")]


@pytest.mark.parametrize("name", ['a";x="b.pdf', "a\\b.pdf", "a%0d%0ab.pdf", "é\u202e.pdf", "a\r\nb.pdf"])
def test_no_name_gets_out_of_its_header(name):
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert "\\" not in header
