"""What may be stored, under which name, and who may delete it. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

import msgspec

from schema.messages.common import Message
from schema.vocabulary import DocumentKind, DocumentSubject, MediaType, Permission, Visibility
from schema.wire import documents as wire
from service.access.principal import Caller
from service.kernel.problem import Fault, Problem

LONGEST_NAME = 200
_SUFFIXES: Mapping[MediaType, frozenset[str]] = {
    MediaType.PDF: frozenset({".pdf"}),
    MediaType.PNG: frozenset({".png"}),
    MediaType.JPEG: frozenset({".jpg", ".jpeg"}),
    MediaType.WEBP: frozenset({".webp"}),
    MediaType.XLSX: frozenset({".xlsx"}),
    MediaType.DOCX: frozenset({".docx"}),
    MediaType.CSV: frozenset({".csv"}),
}
_PATHS = re.compile(r"[/\\]|^\.+$|^[A-Za-z]:")
_PATH = Message("bagian jalur", "a part of a path")
_INVISIBLE = Message("karakter tak terlihat", "an invisible character")


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A document as its row has it."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    organization_id: UUID
    subject_type: DocumentSubject
    subject_id: UUID
    kind: DocumentKind
    filename: str
    media_type: MediaType
    byte_size: int
    sha256: str
    hard_copy_location: str | None
    visibility: Visibility


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document would belong, and how many bytes its organization stores already."""

    agreement_id: UUID | None
    party_ids: frozenset[UUID]
    byte_size: int


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was sent; `said` is the media type its sender names."""

    name: str
    said: str | None
    size: int
    sha256: str


def demand_place(place: Place, form: wire.DocumentForm, *, caller: Caller) -> UUID:
    """Return the agreement a document would belong to.

    Raises `permission_missing`; `validation_failed` when its subject does not exist; `not_a_party`.
    """
    if not caller.principal.may(Permission.DOCUMENT_EDIT):
        raise Problem("permission_missing", permission=Permission.DOCUMENT_EDIT)
    if place.agreement_id is None:
        values = {"subject": form.subject_type, "id": form.subject_id}
        raise Problem("validation_failed", faults=[Fault("/subject_id", "subject_unknown", values)])
    if caller.organization_id not in place.party_ids:
        raise Problem("not_a_party")
    return place.agreement_id


def demand_room(place: Place, content: Content, *, quota: int) -> None:
    """Raise `document_quota_exceeded` when the file would be too much for its organization."""
    if place.byte_size + content.size > quota:
        raise Problem("document_quota_exceeded")


def content_faults(content: Content, found: MediaType | None) -> Iterator[Fault]:
    """Return what is wrong with a file whose content was found to be of a type, or of none we take."""
    yield from _name_faults(content.name)
    if found is None:
        return
    suffix = PurePosixPath(content.name.replace("\\", "/")).suffix.lower()
    if suffix not in _SUFFIXES[found]:
        yield Fault("/file", "file_type_differs", {"found": found, "said": suffix or content.name[:60]})
    elif content.said in frozenset(MediaType) - {found}:
        yield Fault("/file", "file_type_differs", {"found": found, "said": content.said})


def _name_faults(name: str) -> Iterator[Fault]:
    """A name is taken as it is or not at all: a cleaned one would be a name that nobody gave."""
    if len(name) > LONGEST_NAME:
        yield Fault("/file", "file_name_too_long", {"limit": LONGEST_NAME})
    if not name.strip() or _PATHS.search(name):
        yield Fault("/file", "file_name_unsafe", {"given": _shown(name), "found": _PATH})
    # Cc, Cf, Cs, Co, Cn: among them what turns the direction of text, so that gpj.exe reads as exe.jpg.
    if any(unicodedata.category(letter)[0] == "C" for letter in name) or "\u2028" in name or "\u2029" in name:
        yield Fault("/file", "file_name_unsafe", {"given": _shown(name), "found": _INVISIBLE})


def _shown(name: str) -> str:
    return ascii(name[:60])


def stored(
    form: wire.DocumentForm,
    content: Content,
    *,
    media_type: MediaType,
    agreement_id: UUID,
    id: UUID,
    caller: Caller,
) -> Stored:
    """Return the document that a form and its file make."""
    return Stored(
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        agreement_id=agreement_id,
        organization_id=caller.organization_id,
        subject_type=form.subject_type,
        subject_id=form.subject_id,
        kind=form.kind,
        filename=content.name,
        media_type=media_type,
        byte_size=content.size,
        sha256=content.sha256,
        hard_copy_location=form.hard_copy_location or None,
        visibility=form.visibility,
    )


def reply(document: Stored) -> wire.Document:
    """Return the document as it is read."""
    return wire.Document(**msgspec.structs.asdict(document))


def demand_deletable(document: Stored, caller: Caller) -> None:
    """Raise `guards_not_met` unless the caller's organization stored it."""
    if document.organization_id != caller.organization_id:
        values = {"organization_id": document.organization_id}
        fault = Fault("", "stored_by_another", values)
        raise Problem("guards_not_met", faults=(fault,), action="delete")
