"""Agreements: MoU, PKS and Nota Kesepakatan, their parties, and the moves of their life."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import (
    AgreementKind,
    AgreementPhase,
    AgreementState,
    DateSource,
    Precision,
    Scheme,
    SignatureKind,
    Visibility,
)
from schema.wire.common import (
    Day,
    DocumentId,
    DocumentNumber,
    DocumentRef,
    HistoryEntry,
    Id,
    Input,
    Instant,
    Line,
    ListQuery,
    Name,
    Page,
    Reason,
    ReasonedRecord,
    RegionCode,
    Reply,
    Search,
    Text,
    Title,
)

Position = Annotated[int, Meta(ge=1, le=50, description="Order on the paper.", examples=[1])]
Label = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S", examples=["PIHAK KESATU"])]
Years = Annotated[int, Meta(ge=1, le=50, description="Whole years.", examples=[5])]
Months = Annotated[
    int, Meta(ge=0, le=60, description="Months before the end in which it counts as expiring.", examples=[3])
]
TermsVersion = Annotated[
    int,
    Meta(ge=1, le=2_147_483_647, description="Rises only when terms or parties are edited.", examples=[1]),
]
Scope = Annotated[tuple[Line, ...], Meta(max_length=100, description="What it covers, a text each.")]


class Signatory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signed for a party."""

    name: Annotated[Name, Meta(description="As printed under the signature.")]
    title: Annotated[Name, Meta(description="Office held when signing.", examples=["Wali Kota Kupang"])]
    signed_on: Annotated[Day | None, Meta(description="Day of the signature.")] = None
    signature_kind: Annotated[SignatureKind | None, Meta(description="Wet or electronic.")] = None


class PartyInput(Input, frozen=True, kw_only=True):
    """A party of an agreement."""

    organization_id: Annotated[Id, Meta(description="Once per agreement.")]
    position: Position
    label: Annotated[Label | None, Meta(description="What the paper calls the party.")] = None
    document_number: DocumentNumber | None = None
    signatory: Annotated[Signatory | None, Meta(description="Who signed, when known.")] = None
    power_of_attorney: Annotated[Line | None, Meta(description="Surat kuasa, when a unit head signs.")] = None


class PutParty(Input, frozen=True, kw_only=True):
    """A party of an agreement, put in its place."""

    position: Position
    label: Annotated[Label | None, Meta(description="What the paper calls the party.")] = None
    document_number: DocumentNumber | None = None
    signatory: Annotated[Signatory | None, Meta(description="Who signs, when known.")] = None
    power_of_attorney: Annotated[Line | None, Meta(description="Surat kuasa, when a unit head signs.")] = None


class Party(Reply, frozen=True, kw_only=True):
    """An organization in an agreement."""

    organization_id: Id
    position: Position
    label: Annotated[Label | None, Meta(description="What the paper calls the party.")]
    document_number: DocumentNumber | None
    signatory: Annotated[Signatory | None, Meta(description="Who signed.")]
    power_of_attorney: Annotated[Line | None, Meta(description="Surat kuasa of a unit head.")]
    accepted_terms_version: Annotated[
        TermsVersion | None, Meta(description="Terms this party accepted; counts only for the current ones.")
    ]


class CreateAgreement(Input, frozen=True, kw_only=True):
    """A new agreement: a draft, or with `recorded_from_paper` a signed one of the past."""

    kind: Annotated[AgreementKind, Meta(description="What the paper is.", examples=["mou"])]
    title: Annotated[
        Title, Meta(description="Working title.", examples=["Pemantauan bersama pengadaan barang dan jasa"])
    ]
    parties: Annotated[tuple[PartyInput, ...], Meta(min_length=1, max_length=50, description="Who agrees.")]
    scheme: Annotated[Scheme | None, Meta(description="Scheme of PP 28/2018.")] = None
    printed_title: Annotated[Title | None, Meta(description="What the paper or the press calls it.")] = None
    objective: Annotated[Text | None, Meta(description="Purpose.")] = None
    scope: Scope = ()
    parent_id: Annotated[Id | None, Meta(description="MoU a PKS is made under.")] = None
    renews_id: Annotated[Id | None, Meta(description="Agreement it continues.")] = None
    region_code: RegionCode | None = None
    effective_from: Annotated[Day | None, Meta(description="First day it is in force.")] = None
    ends_on: Annotated[
        Day | None, Meta(description="Last day, inclusive; derived from duration_years if absent.")
    ] = None
    duration_years: Years | None = None
    open_ended: Annotated[bool, Meta(description="It says explicitly that it has no end.")] = False
    notice_months: Months = 3
    visibility: Annotated[Visibility, Meta(description="Who may read it.")] = Visibility.PARTIES
    survives_parent: Annotated[
        bool, Meta(description="A PKS that may outlive its MoU; a warning instead of a refusal.")
    ] = False
    recorded_from_paper: Annotated[
        bool, Meta(description="Enter a record of the past straight as signed, with what is known.")
    ] = False
    signed_on: Annotated[Day | None, Meta(description="Signing day, when known; only from paper.")] = None
    signed_on_precision: Annotated[
        Precision | None, Meta(description="How well the signing day is known; only from paper.")
    ] = None
    signed_not_after: Annotated[
        Day | None, Meta(description="Latest possible signing day, with precision not_after.")
    ] = None
    document_ref: DocumentRef | None = None
    source_note: Annotated[Text | None, Meta(description="Where these facts come from.")] = None


class UpdateAgreement(Input, frozen=True, kw_only=True):
    """Changed terms; absent stays, null clears. Clears acceptances.

    Once it is signed, only `visibility`, `source_note` and `notice_months` may change; a record of the past
    may still be completed while it is signed.
    """

    scheme: Annotated[Scheme | None | UnsetType, Meta(description="Scheme of PP 28/2018.")] = UNSET
    title: Annotated[Title | UnsetType, Meta(description="Working title.")] = UNSET
    printed_title: Annotated[Title | None | UnsetType, Meta(description="Printed title.")] = UNSET
    objective: Annotated[Text | None | UnsetType, Meta(description="Purpose.")] = UNSET
    scope: Annotated[Scope | UnsetType, Meta(description="What it covers.")] = UNSET
    parties: Annotated[
        Annotated[tuple[PartyInput, ...], Meta(min_length=1, max_length=50)] | UnsetType,
        Meta(description="All parties; those left out go."),
    ] = UNSET
    parent_id: Annotated[Id | None | UnsetType, Meta(description="MoU a PKS is made under.")] = UNSET
    renews_id: Annotated[Id | None | UnsetType, Meta(description="Agreement it continues.")] = UNSET
    region_code: Annotated[RegionCode | None | UnsetType, Meta(description="Region.")] = UNSET
    effective_from: Annotated[Day | None | UnsetType, Meta(description="First day in force.")] = UNSET
    ends_on: Annotated[Day | None | UnsetType, Meta(description="Last day, inclusive.")] = UNSET
    duration_years: Annotated[Years | None | UnsetType, Meta(description="Whole years.")] = UNSET
    open_ended: Annotated[bool | UnsetType, Meta(description="Explicitly without end.")] = UNSET
    notice_months: Annotated[Months | UnsetType, Meta(description="Notice window.")] = UNSET
    visibility: Annotated[Visibility | UnsetType, Meta(description="Who may read it.")] = UNSET
    survives_parent: Annotated[bool | UnsetType, Meta(description="May outlive its MoU.")] = UNSET
    signed_on: Annotated[
        Day | None | UnsetType, Meta(description="Signing day, when known; only from paper.")
    ] = UNSET
    signed_on_precision: Annotated[
        Precision | None | UnsetType, Meta(description="How well the signing day is known; only from paper.")
    ] = UNSET
    signed_not_after: Annotated[
        Day | None | UnsetType, Meta(description="Latest possible signing day; only from paper.")
    ] = UNSET
    document_ref: Annotated[DocumentRef | None | UnsetType, Meta(description="Where the paper lies.")] = UNSET
    document_id: Annotated[
        DocumentId | None | UnsetType, Meta(description="The signed document, stored here.")
    ] = UNSET
    source_note: Annotated[Text | None | UnsetType, Meta(description="Where facts come from.")] = UNSET


class Proposal(Reply, frozen=True, kw_only=True):
    """First key of a two-key action."""

    organization_id: Annotated[Id, Meta(description="Party that proposed; another one confirms.")]
    user_id: Annotated[Id, Meta(description="Person who proposed.")]
    at: Annotated[Instant, Meta(description="When.")]
    document_ref: Annotated[DocumentRef | None, Meta(description="Final report it rests on.")]
    document_id: Annotated[DocumentId | None, Meta(description="Final report, stored here.")] = None


class Agreement(ReasonedRecord, frozen=True, kw_only=True):
    """An agreement with its parties; what the calendar decides is derived for today."""

    kind: Annotated[AgreementKind, Meta(description="What the paper is.")]
    scheme: Annotated[Scheme | None, Meta(description="Scheme of PP 28/2018.")]
    title: Annotated[
        Title, Meta(description="Working title.", examples=["Pemantauan bersama pengadaan barang dan jasa"])
    ]
    printed_title: Annotated[Title | None, Meta(description="What the paper or the press calls it.")]
    objective: Annotated[Text | None, Meta(description="Purpose.")]
    scope: Scope
    parent_id: Annotated[Id | None, Meta(description="MoU a PKS is made under.")]
    renews_id: Annotated[Id | None, Meta(description="Agreement it continues.")]
    region_code: RegionCode | None
    parties: Annotated[tuple[Party, ...], Meta(max_length=50, description="In the order of the paper.")]
    signed_on: Annotated[Day | None, Meta(description="Day of signing; see its precision.")]
    signed_on_precision: Annotated[Precision | None, Meta(description="How well it is known.")]
    signed_not_after: Annotated[Day | None, Meta(description="Latest possible signing day.")]
    effective_from: Annotated[Day | None, Meta(description="First day in force; null when unknown.")]
    effective_from_source: Annotated[
        DateSource, Meta(description="Which day agreement years are counted from: own, the parent's, none.")
    ]
    ends_on: Annotated[Day | None, Meta(description="Last day, inclusive; null when unknown or open.")]
    ends_on_is_derived: Annotated[bool, Meta(description="`ends_on` follows from duration_years.")]
    duration_years: Years | None
    open_ended: Annotated[bool, Meta(description="It says explicitly that it has no end.")]
    notice_months: Months
    notice_on: Annotated[Day | None, Meta(description="First day of the notice window.")]
    visibility: Annotated[Visibility, Meta(description="Who may read it.")]
    survives_parent: Annotated[bool, Meta(description="May outlive its MoU.")]
    recorded_from_paper: Annotated[bool, Meta(description="Entered as a record of the past.")]
    document_ref: DocumentRef | None
    document_id: Annotated[DocumentId | None, Meta(description="The signed document, stored here.")]
    source_note: Annotated[Text | None, Meta(description="Where these facts come from.")]
    terms_version: TermsVersion
    state: Annotated[AgreementState, Meta(description="What persons decided.")]
    phase: Annotated[AgreementPhase, Meta(description="Where it stands today.")]
    state_reason: Annotated[Reason | None, Meta(description="Reason of the last move that needed one.")]
    discussion_opened_on: Annotated[Day | None, Meta(description="Day the discussion opened.")]
    ready_on: Annotated[Day | None, Meta(description="Day every party had accepted.")]
    signing_registered_on: Annotated[Day | None, Meta(description="Day the signing was registered.")]
    suspended_on: Annotated[Day | None, Meta(description="Day it was suspended.")]
    suspended_by: Annotated[Id | None, Meta(description="Party that suspended it; the same party lifts.")]
    terminated_on: Annotated[Day | None, Meta(description="Day the termination takes effect.")]
    termination_ref: Annotated[DocumentRef | None, Meta(description="Where the notice of termination lies.")]
    termination_document_id: Annotated[
        DocumentId | None, Meta(description="The notice of termination, stored here.")
    ]
    cancelled_on: Annotated[Day | None, Meta(description="Day it was cancelled.")]
    closed_on: Annotated[Day | None, Meta(description="Day it was closed.")]
    close_proposal: Annotated[Proposal | None, Meta(description="First key of closing.")]
    created_by_organization_id: Annotated[Id, Meta(description="Organization it was created for.")]


class AgreementPage(Page, frozen=True, kw_only=True):
    """A page of agreements."""

    items: Annotated[tuple[Agreement, ...], Meta(max_length=200, description="In the order asked for.")]


class Signature(Input, frozen=True, kw_only=True):
    """One party's signature on the paper."""

    organization_id: Annotated[Id, Meta(description="Party it signs for.")]
    name: Annotated[Name, Meta(description="Who signed.", examples=["Jefirstson R. Riwu Kore"])]
    title: Annotated[Name, Meta(description="Office held.", examples=["Wali Kota Kupang"])]
    signed_on: Annotated[Day | None, Meta(description="Day; the agreement's if absent.")] = None
    signature_kind: Annotated[SignatureKind | None, Meta(description="Wet or electronic.")] = None
    power_of_attorney: Annotated[Line | None, Meta(description="Surat kuasa of a unit head.")] = None


class OpenDiscussion(Input, frozen=True, kw_only=True, tag_field="action", tag="open_discussion"):
    """Put the draft before the other parties."""


class SendBack(Input, frozen=True, kw_only=True, tag_field="action", tag="send_back"):
    """Return it to draft."""

    reason: Reason


class Accept(Input, frozen=True, kw_only=True, tag_field="action", tag="accept"):
    """Accept these terms for one's own organization."""


class Unlock(Input, frozen=True, kw_only=True, tag_field="action", tag="unlock"):
    """Go back to the discussion; clears all acceptances."""

    reason: Reason


class RegisterSigning(Input, frozen=True, kw_only=True, tag_field="action", tag="register_signing"):
    """Register the signatures of all parties."""

    signed_on: Annotated[Day, Meta(description="Day of signing, today at the latest.")]
    signatures: Annotated[tuple[Signature, ...], Meta(max_length=50, description="One per party.")]
    document_ref: DocumentRef | None = None
    document_id: DocumentId | None = None


class Suspend(Input, frozen=True, kw_only=True, tag_field="action", tag="suspend"):
    """Suspend it; what is made under it is blocked, not rewritten."""

    reason: Reason


class LiftSuspension(Input, frozen=True, kw_only=True, tag_field="action", tag="lift_suspension"):
    """End the suspension, by the party that suspended."""

    reason: Reason


class Terminate(Input, frozen=True, kw_only=True, tag_field="action", tag="terminate"):
    """End it before its time."""

    reason: Reason
    effective_on: Annotated[Day, Meta(description="Day the termination takes effect.")]
    document_ref: DocumentRef | None = None
    document_id: DocumentId | None = None


class CancelAgreement(Input, frozen=True, kw_only=True, tag_field="action", tag="cancel"):
    """Give it up before it was signed."""

    reason: Reason


class Close(Input, frozen=True, kw_only=True, tag_field="action", tag="close"):
    """Close what has expired: one party proposes, another confirms with the same call."""

    document_ref: DocumentRef | None = None
    document_id: DocumentId | None = None


AgreementMove = (
    OpenDiscussion
    | SendBack
    | Accept
    | Unlock
    | RegisterSigning
    | Suspend
    | LiftSuspension
    | Terminate
    | CancelAgreement
    | Close
)


class AgreementSort(StrEnum):
    """Orders of the list."""

    NEWEST = "newest"
    ENDS_ON = "ends_on"


class AgreementQuery(ListQuery, frozen=True, kw_only=True):
    """Filters; without `visibility=public` the list holds what the caller's organization takes part in."""

    party_id: Annotated[Id | UnsetType, Meta(description="An organization that is a party.")] = UNSET
    kind: Annotated[
        Annotated[tuple[AgreementKind, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    state: Annotated[
        Annotated[tuple[AgreementState, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    phase: Annotated[
        Annotated[tuple[AgreementPhase, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="Where it stands today; may repeat: any of them."),
    ] = UNSET
    parent_id: Annotated[Id | UnsetType, Meta(description="Made under this MoU.")] = UNSET
    region_code: RegionCode | UnsetType = UNSET
    ends_before: Annotated[Day | UnsetType, Meta(description="Ends before this day.")] = UNSET
    visibility: Annotated[
        Visibility | UnsetType,
        Meta(description="`public` lists all public agreements, `parties` the others of the organization."),
    ] = UNSET
    q: Search | UnsetType = UNSET
    sort: Annotated[AgreementSort, Meta(description="Order.")] = AgreementSort.NEWEST


class AgreementHistory(Reply, frozen=True, kw_only=True):
    """What was done to an agreement, oldest first."""

    items: Annotated[tuple[HistoryEntry, ...], Meta(max_length=10000, description="Steps.")]
