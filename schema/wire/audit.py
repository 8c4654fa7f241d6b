"""The audit trail: who did what, in which role, for whom."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import Noun, Role
from schema.wire.common import (
    BothLanguages,
    Code,
    Cursor,
    Id,
    Input,
    Instant,
    ListQuery,
    Page,
    Reason,
    Reply,
    Version,
)

Sequence = Annotated[
    int,
    Meta(ge=1, le=9_223_372_036_854_775_807, description="Number in the stream, without gaps.", examples=[1]),
]
Hash = Annotated[
    str,
    Meta(
        min_length=64,
        max_length=64,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 in hexadecimal: of the hash before it and of the entry.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Tested = Annotated[int, Meta(ge=0, le=9_223_372_036_854_775_807, examples=[12])]
RequestId = Annotated[str, Meta(max_length=100, examples=["01a20661-205e-7e96-9dbe-63d4294a20b7"])]


class AuditEntry(Reply, frozen=True, kw_only=True):
    """One change, as it was written with it."""

    id: Id
    stream: Annotated[Id, Meta(description="The agreement, or an organization for what belongs to none.")]
    seq: Sequence
    agreement_id: Annotated[Id | None, Meta(description="Agreement it belongs to.")]
    organization_id: Annotated[Id, Meta(description="Organization the actor acted for.")]
    actor_id: Annotated[Id | None, Meta(description="User; null for the system.")]
    role: Annotated[Role | None, Meta(description="Role that gave the permission, at that time.")]
    subject_type: Annotated[Noun, Meta(description="Kind of record.", examples=["agreement"])]
    subject_id: Annotated[Id, Meta(description="The record.")]
    action: Annotated[Code, Meta(description="What was done.", examples=["created"])]
    from_state: Annotated[Code | None, Meta(description="State before.")]
    to_state: Annotated[Code | None, Meta(description="State after.")]
    reason: Annotated[Reason | None, Meta(description="Reason given.")]
    version: Annotated[Version, Meta(description="Version of the record after it.")]
    request_id: Annotated[RequestId | None, Meta(description="Request that did it.")]
    at: Annotated[Instant, Meta(description="When.")]


class AuditEntryPage(Page, frozen=True, kw_only=True):
    """A page of audit entries."""

    items: Annotated[tuple[AuditEntry, ...], Meta(max_length=200, description="Newest first.")]


class AuditEntryQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the audit trail."""

    agreement_id: Annotated[Id | UnsetType, Meta(description="Of one agreement.")] = UNSET
    subject_id: Annotated[Id | UnsetType, Meta(description="Of one record.")] = UNSET
    actor_id: Annotated[Id | UnsetType, Meta(description="By one user.")] = UNSET
    action: Annotated[Code | UnsetType, Meta(description="One kind of change.")] = UNSET


class Checkpoint(Reply, frozen=True, kw_only=True):
    """How far a stream had come, signed: kept outside, it proves what the stream said until then."""

    stream: Annotated[Id, Meta(description="The agreement, or an organization for what belongs to none.")]
    seq: Annotated[Sequence, Meta(description="Entry that was the last one.")]
    hash: Hash
    at: Annotated[Instant, Meta(description="When it was signed.")]
    key_id: Annotated[
        str,
        Meta(
            max_length=16,
            description="Key of `/v1/meta/audit-key` it was signed with.",
            examples=["9f86d081884c7d65"],
        ),
    ]
    signature: Annotated[
        str,
        Meta(
            max_length=88,
            description=(
                "Ed25519 in base64, over the text `tenun checkpoint {stream} {seq} {hash} {at}` "
                "with the values as they stand here."
            ),
            examples=[
                "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw=="
            ],
        ),
    ]


class ChainBreak(Reply, frozen=True, kw_only=True):
    """Where a chain is broken."""

    stream: Annotated[Id, Meta(description="The stream.")]
    seq: Annotated[Tested, Meta(description="The entry; 0 where no entry can be named.")]
    code: Annotated[Code, Meta(description="What is wrong.", examples=["entry_missing"])]
    detail: Annotated[BothLanguages, Meta(description="What is wrong, in words.")]


class AuditVerification(Reply, frozen=True, kw_only=True):
    """What came of checking chains of audit entries."""

    whole: Annotated[bool, Meta(description="Whether no break was found in what was checked.")]
    streams: Annotated[Tested, Meta(description="Streams checked to their end.")]
    entries: Annotated[Tested, Meta(description="Entries checked.")]
    first_break: Annotated[
        ChainBreak | None, Meta(description="The first break; nothing behind it is checked.")
    ]
    checkpoints: Annotated[
        tuple[Checkpoint, ...],
        Meta(max_length=200, description="The latest checkpoint of each stream checked: keep them outside."),
    ]
    continue_with: Annotated[
        Cursor | None,
        Meta(description="Pass it on as `cursor` to check what is left; null when nothing is."),
    ]


class AuditVerifyQuery(Input, frozen=True, kw_only=True):
    """What to check."""

    agreement_id: Annotated[Id | UnsetType, Meta(description="One agreement.")] = UNSET
    cursor: Annotated[Cursor | UnsetType, Meta(description="`continue_with` of the answer before.")] = UNSET
