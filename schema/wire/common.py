"""Building blocks of the structs that cross HTTP: bounded texts, numbers and the shape every record shares.

Every string has a `max_length`, every integer a range that fits its column and every list a `max_length`; a
test introspects all structs for it. Days lie in 1945-01-01 … 2199-12-31, which is checked after msgspec.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import McpArea

__all__ = ["UNSET", "UnsetType"]

Id = Annotated[UUID, Meta(description="UUIDv7.", examples=["01890a5d-ac96-774b-bcce-b302099a8057"])]
Day = Annotated[date, Meta(description="Calendar date, 1945-01-01 to 2199-12-31.", examples=["2022-08-15"])]
Instant = Annotated[
    datetime,
    Meta(tz=True, description="RFC 3339 instant in UTC.", examples=["2022-09-02T01:00:00Z"]),
]
Version = Annotated[
    int, Meta(ge=1, le=2_147_483_647, description="Rises by one at each change.", examples=[1])
]
Count = Annotated[
    int,
    Meta(ge=0, le=10_000_000, description="How many; null when nobody reported it.", examples=[37]),
]

Code = Annotated[str, Meta(min_length=1, max_length=100, examples=["transition_not_allowed"])]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S", examples=["Inspektorat Kota Kupang"])]
Title = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=300,
        pattern=r"\S",
        description="What people call it.",
        examples=["Bimtek penggunaan opentender.net"],
    ),
]
Line = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S", examples=["Kristal Hotel, Kupang"])]
Text = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4000,
        pattern=r"\S",
        examples=["Pemantauan bersama pengadaan barang dan jasa"],
    ),
]
Prose = Annotated[str, Meta(max_length=4000)]
Reason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2000,
        pattern=r"\S",
        description="Why, in words that the other parties will read.",
        examples=["Menunggu hasil audit."],
    ),
]
Url = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=2000,
        pattern=r"^https?://[^\s/]+",
        description="Absolute http or https address.",
        examples=["https://bengkelappek.org/berita"],
    ),
]
RegionCode = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=13,
        pattern=r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$",
        description="Kemendagri code of a province, regency or city, district or village.",
        examples=["53.71"],
    ),
]
DocumentNumber = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"\S",
        description="Number a party gave the paper; unique for that party.",
        examples=["415.4/12/KB/VIII/2022"],
    ),
]
DocumentRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=r"\S",
        description="Where the paper lies when it is not stored here.",
        examples=["Arsip Bagian Kerja Sama, map 12/2022"],
    ),
]
DocumentId = Annotated[
    UUID,
    Meta(
        description="A document stored under this agreement.",
        examples=["01890a5d-ac96-774b-bcce-b302099a8057"],
    ),
]
McpAreas = Annotated[
    tuple[McpArea, ...],
    Meta(max_length=20, description="MCP/MCSP areas it serves.", examples=[["pengadaan_barang_jasa"]]),
]
Pointer = Annotated[
    str, Meta(max_length=500, description="JSON Pointer into the body.", examples=["/parties/0/label"])
]
Cursor = Annotated[
    str, Meta(max_length=2000, description="Opaque; belongs to one operation and its filters.")
]
Limit = Annotated[int, Meta(ge=1, le=200, description="Most items of a page.", examples=[50])]
Search = Annotated[
    str,
    Meta(min_length=1, max_length=200, description="Part of a name; case and accents make no difference."),
]
Total = Annotated[int, Meta(ge=0, le=2_147_483_647, description="Items of the whole list.", examples=[17])]
Email = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description="Compared without regard to case.",
        examples=["koordinator@example.org"],
    ),
]


class Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client sends; a field nobody declared is refused."""


class Reply(Struct, frozen=True, kw_only=True):
    """What a client receives; every field is always present, null when unknown."""


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shows that it happened: an address, a stored document, or where the paper lies."""

    url: Annotated[Url | None, Meta(description="Address of the evidence.")] = None
    document_id: DocumentId | None = None
    document_ref: DocumentRef | None = None
    note: Annotated[Line | None, Meta(description="What it shows.", examples=["Daftar hadir"])] = None


EvidenceList = Annotated[tuple[Evidence, ...], Meta(max_length=50, description="What shows it.")]


class Unmet(Reply, frozen=True, kw_only=True):
    """A guard that stops an action now."""

    code: Annotated[Code, Meta(description="Stable code of the guard.")]
    detail: Annotated[str, Meta(max_length=4000, description="What is missing and what to do.")]


class ListQuery(Input, frozen=True, kw_only=True):
    """What every list takes."""

    limit: Limit = 50
    cursor: Annotated[Cursor | UnsetType, Meta(description="Where the previous page ended.")] = UNSET
    count: Annotated[bool, Meta(description="Whether to count the whole list into `total`.")] = False


class Page(Reply, frozen=True, kw_only=True):
    """What every page has besides its items."""

    next_cursor: Annotated[Cursor | None, Meta(description="Pass it on to go on; null at the end.")]
    total: Annotated[Total | None, Meta(description="Null unless asked for with `count=true`.")]


class AvailableAction(Reply, frozen=True, kw_only=True):
    """An action that leads out of this state and that the caller's role may take."""

    action: Annotated[Code, Meta(description="Value of `action` to send.", examples=["accept"])]
    allowed: Annotated[bool, Meta(description="Whether the action would be carried out now.")]
    unmet: Annotated[
        tuple[Unmet, ...], Meta(max_length=100, description="All guards that stop it; empty when allowed.")
    ]


class Warning(Reply, frozen=True, kw_only=True):
    """A fact worth a second look; it stops nobody."""

    code: Annotated[Code, Meta(description="Stable code.", examples=["signatory_unknown"])]
    detail: Annotated[str, Meta(max_length=4000, description="What is unknown or unusual.")]
    pointer: Annotated[Pointer | None, Meta(description="The field it is about.")] = None


class Record(Reply, frozen=True, kw_only=True):
    """What every stored thing has."""

    id: Id
    version: Version
    created_at: Instant
    updated_at: Instant
    created_by: Annotated[Id | None, Meta(description="User who created it; null for the system.")]


class ReasonedRecord(Record, frozen=True, kw_only=True):
    """A record with a lifecycle."""

    actions: Annotated[
        tuple[AvailableAction, ...],
        Meta(max_length=100, description="What the caller may do now, and why not."),
    ]
    warnings: Annotated[tuple[Warning, ...], Meta(max_length=200, description="Facts worth a second look.")]


class HistoryEntry(Reply, frozen=True, kw_only=True):
    """One step in the life of a record."""

    action: Annotated[Code, Meta(description="`created`, `amended` or an action of the state machine.")]
    from_state: Annotated[Code | None, Meta(description="State before; null at creation.")]
    to_state: Annotated[Code | None, Meta(description="State after.")]
    reason: Annotated[Reason | None, Meta(description="Reason given.")]
    actor_id: Annotated[Id | None, Meta(description="User who did it; null for the system.")]
    role: Annotated[Code | None, Meta(description="Role the actor used, at that time.")]
    organization_id: Annotated[Id, Meta(description="Organization the actor acted for.")]
    version: Annotated[Version, Meta(description="Version of the record after the step.")]
    at: Annotated[Instant, Meta(description="When it was recorded.")]


class BothLanguages(Reply, frozen=True, kw_only=True):
    """A text in both languages of the service."""

    id: Annotated[Prose, Meta(description="Bahasa Indonesia.", examples=["Tidak ditemukan"])]
    en: Annotated[Prose, Meta(description="English.", examples=["Not found"])]


class Fault(Reply, frozen=True, kw_only=True):
    """One thing that is wrong in a request."""

    pointer: Annotated[
        str,
        Meta(
            max_length=500,
            description="JSON Pointer into the body, `?name` for a query parameter, empty for the whole.",
            examples=["/participants/groups/0/total"],
        ),
    ]
    code: Annotated[Code, Meta(description="Stable code.", examples=["required"])]
    detail: Annotated[str, Meta(max_length=4000, description="What was wrong and what would be accepted.")]


class Problem(Reply, frozen=True, kw_only=True):
    """An answer that is not a success (RFC 9457)."""

    type: Annotated[
        str,
        Meta(
            max_length=200,
            description="Page that explains it, in both languages.",
            examples=["/problems/validation_failed"],
        ),
    ]
    title: Annotated[str, Meta(max_length=200, description="What kind of problem.")]
    status: Annotated[int, Meta(ge=400, le=599, description="HTTP status.", examples=[400])]
    detail: Annotated[str, Meta(max_length=4000, description="This occurrence, with its values.")]
    code: Annotated[Code, Meta(description="Stable code.", examples=["validation_failed"])]
    instance: Annotated[str, Meta(max_length=100, description="Request id.")]
    errors: Annotated[tuple[Fault, ...], Meta(max_length=2000, description="All faults at once.")] = ()
