"""Documents: storing a file, reading what it is and what it holds, and deleting it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from schema.vocabulary import DocumentSubject, MediaType, Noun, Permission, Verb
from schema.wire.documents import MAX_BYTES, Document, DocumentForm, DocumentPage, DocumentQuery
from service.access.call import Call
from service.access.record import Step, entry
from service.access.repeat import first_answer
from service.documents import listing, queries, rules
from service.documents.examination import Examiner
from service.kernel.download import File
from service.kernel.form import Upload
from service.kernel.ids import uuid7
from service.kernel.ledger import KeyClaimed
from service.kernel.operation import operation
from service.kernel.problem import Fault, Problem

TAG = "documents"
_READ = (Permission.DOCUMENT_READ,)
_EDIT = (Permission.DOCUMENT_EDIT,)
_MEGABYTE = 1024**2

_examiner = Examiner()


async def found_document(call: Call, document_id: UUID) -> rules.Stored:
    """Return a document the caller may read, or raise `not_found`."""
    where = queries.ById(document_id, call.organization_id, call.now)
    return await call.found(queries.DOCUMENT, where)


async def document_by_id(call: Call, document_id: UUID) -> Document:
    """Return the reply for a document the caller may read."""
    return rules.reply(await found_document(call, document_id))


@operation("GET", "/v1/documents", permissions=_READ, tag=TAG)
async def list_documents(call: Call, query: DocumentQuery) -> DocumentPage:
    """List the documents of all agreements the acting organization may see, newest first."""
    items, cursor, total = await listing.page(call, query)
    return DocumentPage(items=tuple(map(rules.reply, items)), next_cursor=cursor, total=total)


@operation("GET", "/v1/documents/{document_id}", permissions=_READ, tag=TAG)
async def get_document(call: Call, document_id: UUID) -> Document:
    """Read what a document is; its bytes are at `/content`."""
    return await document_by_id(call, document_id)


@operation(
    "GET",
    "/v1/documents/{document_id}/content",
    permissions=_READ,
    tag=TAG,
    media=tuple(MediaType),
)
async def get_document_content(call: Call, document_id: UUID) -> File:
    """Download a document: whole, or the one range that `Range` names.

    Whether the caller may read it is asked each time: what a data request delivered is read while access to
    it lasts, and a `dataset` is its holder's until it is delivered. It is sent as an attachment, and a
    download that runs when access is taken away breaks off.
    """
    found = await found_document(call, document_id)

    async def read(start: int, end: int) -> AsyncIterator[bytes]:
        pieces = await call.services.storage.read(str(found.id), start, end=end)
        return _while_readable(call, document_id, pieces=pieces)

    return File(
        name=found.filename,
        media_type=found.media_type,
        size=found.byte_size,
        tag=f'"{found.sha256}"',
        read=read,
    )


async def _while_readable(
    call: Call, document_id: UUID, *, pieces: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Give the pieces as long as the caller may read the document: who loses access gets no further byte."""
    given = 0
    async for piece in pieces:
        if given:
            await found_document(call, document_id)
        given += len(piece)
        yield piece


@operation(
    "POST",
    "/v1/documents",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    body_limit=MAX_BYTES,
    revisit=document_by_id,
    problems=("not_a_party", "file_refused", "document_quota_exceeded"),
)
async def create_document(call: Call, *, form: DocumentForm, upload: Upload) -> Document:
    """Store a file about an agreement or an activity.

    PDF, PNG, JPEG, WebP, XLSX, DOCX without macros, and CSV in UTF-8 are taken, by what they are and not by
    what they are said to be.
    """
    subject = queries.Subject(
        acting_id=call.organization_id, subject_type=form.subject_type, subject_id=form.subject_id
    )
    place = await call.database.only(queries.PLACE, subject)
    agreement_id = rules.demand_place(place, form, caller=call.caller)
    if call.repeat is not None and await first_answer(call, call.repeat) is not None:
        raise KeyClaimed
    content = rules.Content(name=upload.name, said=upload.said, size=upload.size, sha256=upload.sha256)
    rules.demand_room(place, content, quota=_quota(call))
    found = await _examined(content, upload)
    stored = rules.stored(
        form, content, media_type=found, agreement_id=agreement_id, id=uuid7(call.now), caller=call.caller
    )
    return await _store(call, stored, upload=upload)


async def _examined(content: rules.Content, upload: Upload) -> MediaType:
    """Return what the file is; raise `file_refused` with everything that is wrong with it."""
    if not content.size:
        raise Problem("file_refused", faults=[Fault("/file", "file_empty")])
    verdict = await _examiner.examined(upload.file)
    faults = (*verdict.faults, *rules.content_faults(content, verdict.media_type))
    if faults or verdict.media_type is None:
        raise Problem("file_refused", faults=faults)
    return verdict.media_type


async def _store(call: Call, stored: rules.Stored, *, upload: Upload) -> Document:
    """Store the bytes, then the record: one that is there has its bytes, whatever ends us in between.

    bytes under the new id  →  row, usage, entry, event in one statement
                            └  ended here: bytes that no record names, deleted by the next sweep
    """
    await call.services.storage.put(str(stored.id), upload.file)
    reply = rules.reply(stored)
    step = _step(stored, action=Verb.CREATED, before=None, after=stored)
    params = queries.Written(
        **entry(call, step, answer=reply),
        **_row(stored),
        byte_limit=_quota(call),
    )
    async with call.database.lease() as connection:
        await queries.CREATE.run(connection, params)
    return reply


@operation(
    "DELETE",
    "/v1/documents/{document_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("guards_not_met", "record_in_use"),
)
async def delete_document(call: Call, document_id: UUID) -> None:
    """Delete a document that nothing rests on; only the organization that stored it can.

    Nobody reads it from then on; its bytes are deleted within the hour, or after a backup that needs them.
    """
    stored = await found_document(call, document_id)
    call.match(stored.version)
    rules.demand_deletable(stored, call.caller)
    step = _step(stored, action=Verb.DELETED, before=stored, after=None)
    params = queries.Removed(
        **entry(call, step, answer=None), expected_version=stored.version, byte_size=stored.byte_size
    )
    try:
        async with call.database.lease() as connection:
            await queries.DELETE.run(connection, params)
    except asyncpg.IntegrityConstraintViolationError as error:
        # The constraint alone does not tell who breaks it: here it is never who names the document.
        raise Problem("record_in_use") from error


def _step(
    stored: rules.Stored, *, action: str, before: rules.Stored | None, after: rules.Stored | None
) -> Step:
    return Step(
        noun=Noun.DOCUMENT,
        subject_id=stored.id,
        version=stored.version,
        action=action,
        permissions=_EDIT,
        stream=stored.agreement_id,
        agreement_id=stored.agreement_id,
        before=before,
        after=after,
    )


def _row(stored: rules.Stored) -> dict[str, Any]:
    """Return a document as its row; an entry of the ledger has a subject too, which is the document."""
    values = msgspec.structs.asdict(stored)
    about_type, about_id = values.pop("subject_type"), values.pop("subject_id")
    activity_id = about_id if about_type is DocumentSubject.ACTIVITY else None
    return {**values, "about_type": about_type, "about_id": about_id, "activity_id": activity_id}


def _quota(call: Call) -> int:
    return call.services.settings.document_quota * _MEGABYTE


OPERATIONS = (
    list_documents,
    get_document,
    get_document_content,
    create_document,
    delete_document,
)
