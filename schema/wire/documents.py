"""Stored documents: what a client says of a file, and what the service found out about it."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import DocumentKind, DocumentSubject, MediaType, Visibility
from schema.wire.common import Id, Input, Line, ListQuery, Page, Record

MAX_BYTES = 25 * 1024 * 1024
"""A file's greatest size."""

Filename = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        description="As sent; a name with a path or with invisible characters is refused.",
        examples=["Daftar hadir bimtek 2 September 2022.pdf"],
    ),
]


class DocumentForm(Input, frozen=True, kw_only=True):
    """A file and what it is about, as `multipart/form-data`."""

    kind: Annotated[DocumentKind, Meta(description="What it is.", examples=["attendance_sheet"])]
    subject_type: Annotated[
        DocumentSubject, Meta(description="Kind of record it is about.", examples=["agreement"])
    ]
    subject_id: Annotated[Id, Meta(description="The record it is about.")]
    visibility: Annotated[
        Visibility, Meta(description="`public` shows it to every token if its agreement is public too.")
    ] = Visibility.PARTIES
    hard_copy_location: Annotated[
        Line | UnsetType,
        Meta(description="Where the paper itself lies.", examples=["Arsip Bagian Kerja Sama, map 12/2022"]),
    ] = UNSET


class Document(Record, frozen=True, kw_only=True):
    """A stored file; its bytes are at `/v1/documents/{id}/content`."""

    agreement_id: Annotated[Id, Meta(description="Agreement it belongs to: who sees that, sees this.")]
    organization_id: Annotated[Id, Meta(description="Organization that stored it.")]
    subject_type: Annotated[DocumentSubject, Meta(description="Kind of record it is about.")]
    subject_id: Annotated[Id, Meta(description="The record it is about.")]
    kind: Annotated[DocumentKind, Meta(description="What it is.")]
    filename: Filename
    media_type: Annotated[MediaType, Meta(description="Told by its content, whatever was said.")]
    byte_size: Annotated[int, Meta(ge=1, le=MAX_BYTES, description="Bytes.", examples=[48213])]
    sha256: Annotated[
        str,
        Meta(
            min_length=64,
            max_length=64,
            pattern="^[0-9a-f]{64}$",
            description="SHA-256 of its bytes, in hexadecimal.",
            examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ),
    ]
    hard_copy_location: Annotated[Line | None, Meta(description="Where the paper itself lies.")]
    visibility: Annotated[
        Visibility, Meta(description="`public` shows it to every token if its agreement is public too.")
    ]


class DocumentPage(Page, frozen=True, kw_only=True):
    """A page of documents."""

    items: Annotated[tuple[Document, ...], Meta(max_length=200, description="Newest first.")]


class DocumentQuery(ListQuery, frozen=True, kw_only=True):
    """Filters; the list of one agreement or record holds its public documents for every token."""

    agreement_id: Annotated[Id | UnsetType, Meta(description="Of this agreement.")] = UNSET
    subject_type: Annotated[DocumentSubject | UnsetType, Meta(description="About records of this kind.")] = (
        UNSET
    )
    subject_id: Annotated[Id | UnsetType, Meta(description="About this record.")] = UNSET
    kind: Annotated[
        Annotated[tuple[DocumentKind, ...], Meta(max_length=20)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
