"""Amendments (addenda): numbered records that change an agreement, with the consent of every party."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import AgreementPhase, AmendmentKind, AmendmentState, Scheme
from schema.wire.agreements import PartyInput, Scope, Signature, TermsVersion
from schema.wire.common import (
    Day,
    DocumentId,
    DocumentRef,
    Id,
    Input,
    Instant,
    ListQuery,
    Page,
    Pointer,
    Prose,
    Reason,
    ReasonedRecord,
    RegionCode,
    Reply,
    Text,
    Title,
    Version,
)

Sequence = Annotated[
    int,
    Meta(
        ge=1,
        le=999_999_999,
        description="Number of the amendment in its agreement; never reused.",
        examples=[1],
    ),
]
Kinds = Annotated[
    tuple[AmendmentKind, ...],
    Meta(
        min_length=1,
        max_length=6,
        description="What it does; each is borne out by the changes, and correction and other cover any.",
        examples=[["extension"]],
    ),
]


class AmendmentChanges(Input, frozen=True, kw_only=True):
    """What the agreement says once it is amended; what is absent stays, null clears."""

    scheme: Annotated[Scheme | None | UnsetType, Meta(description="Scheme of PP 28/2018.")] = UNSET
    title: Annotated[Title | UnsetType, Meta(description="Working title.")] = UNSET
    printed_title: Annotated[Title | None | UnsetType, Meta(description="Printed title.")] = UNSET
    objective: Annotated[Text | None | UnsetType, Meta(description="Purpose.")] = UNSET
    scope: Annotated[Scope | UnsetType, Meta(description="All of what it covers.")] = UNSET
    region_code: Annotated[RegionCode | None | UnsetType, Meta(description="Region.")] = UNSET
    effective_from: Annotated[Day | UnsetType, Meta(description="First day in force.")] = UNSET
    ends_on: Annotated[
        Day | UnsetType,
        Meta(description="New last day, inclusive: a date, never a length.", examples=["2028-08-14"]),
    ] = UNSET
    open_ended: Annotated[bool | UnsetType, Meta(description="Explicitly without end.")] = UNSET
    survives_parent: Annotated[bool | UnsetType, Meta(description="May outlive its MoU.")] = UNSET
    parties: Annotated[
        Annotated[tuple[PartyInput, ...], Meta(min_length=1, max_length=50)] | UnsetType,
        Meta(
            description=(
                "All parties; those left out go. What is left out of a party who stays is as it was, "
                "and its document number is never rewritten."
            )
        ),
    ] = UNSET


class CreateAmendment(Input, frozen=True, kw_only=True):
    """A proposal to change a signed agreement."""

    kinds: Kinds
    changes: Annotated[AmendmentChanges, Meta(description="What the agreement is to say.")]
    title: Annotated[
        Title | None, Meta(description="Subject.", examples=["Menambah kajian tata kelola persampahan"])
    ] = None


class UpdateAmendment(Input, frozen=True, kw_only=True):
    """A changed proposal; absent stays. It clears acceptances, also where it only looks at moved terms."""

    kinds: Annotated[Kinds | UnsetType, Meta(description="What it does.")] = UNSET
    changes: Annotated[
        AmendmentChanges | UnsetType, Meta(description="All that is proposed, in place of what was before.")
    ] = UNSET
    title: Annotated[Title | None | UnsetType, Meta(description="Subject.")] = UNSET


class Acceptance(Reply, frozen=True, kw_only=True):
    """That a party accepted the proposal as it stands; a person accepts for one party only."""

    organization_id: Annotated[Id, Meta(description="Party that accepted.")]
    user_id: Annotated[Id, Meta(description="Person who accepted for it.")]
    at: Annotated[Instant, Meta(description="When.")]


class Amendment(ReasonedRecord, frozen=True, kw_only=True):
    """An amendment, open until it is signed, which merges it, or cancelled."""

    agreement_id: Annotated[Id, Meta(description="Agreement it changes.")]
    sequence: Sequence
    organization_id: Annotated[Id, Meta(description="Party that proposed it.")]
    title: Annotated[Title | None, Meta(description="Subject.")]
    kinds: Kinds
    changes: Annotated[
        AmendmentChanges, Meta(description="What the agreement is to say; only what is proposed is present.")
    ]
    terms_version: Annotated[
        TermsVersion, Meta(description="Rises when it is edited or unlocked: older acceptances do not count.")
    ]
    base_terms_version: Annotated[
        TermsVersion, Meta(description="Terms of the agreement it was written on; others need a new look.")
    ]
    acceptances: Annotated[
        tuple[Acceptance, ...], Meta(max_length=50, description="Those that count, in their order.")
    ]
    state: Annotated[AmendmentState, Meta(description="What persons decided.")]
    state_reason: Annotated[Reason | None, Meta(description="Reason of the last move that needed one.")]
    ready_on: Annotated[Day | None, Meta(description="Day every party had accepted.")]
    signed_on: Annotated[Day | None, Meta(description="Day of signing.")]
    signing_registered_on: Annotated[Day | None, Meta(description="Day the signing was registered.")]
    signatures: Annotated[tuple[Signature, ...], Meta(max_length=100, description="Who signed it.")]
    document_ref: DocumentRef | None
    document_id: Annotated[DocumentId | None, Meta(description="The signed amendment, stored here.")]
    cancelled_on: Annotated[Day | None, Meta(description="Day it was cancelled.")]
    agreement_version: Annotated[
        Version | None, Meta(description="Version of the agreement that signing it made.")
    ]


class AmendmentPage(Page, frozen=True, kw_only=True):
    """A page of amendments."""

    items: Annotated[
        tuple[Amendment, ...], Meta(max_length=200, description="In the order of their numbers.")
    ]


class AmendmentQuery(ListQuery, frozen=True, kw_only=True):
    """Filters."""

    state: Annotated[
        Annotated[tuple[AmendmentState, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET


class Difference(Reply, frozen=True, kw_only=True):
    """One thing that an agreement says differently, as text; a list has one for each of its items."""

    pointer: Annotated[
        Pointer,
        Meta(
            description="Where it stands in the agreement; a party goes by the id of its organization.",
            examples=["/ends_on"],
        ),
    ]
    before: Annotated[
        Prose | None, Meta(description="What it said; null when nothing.", examples=["2027-08-14"])
    ]
    after: Annotated[
        Prose | None, Meta(description="What it says; null when nothing.", examples=["2028-08-14"])
    ]


class AmendmentDiff(Reply, frozen=True, kw_only=True):
    """What an amendment changes in the agreement as it is; once it is decided, as it was then."""

    agreement_id: Annotated[Id, Meta(description="Agreement it changes.")]
    sequence: Sequence
    version: Annotated[Version, Meta(description="Version of the amendment.")]
    items: Annotated[
        tuple[Difference, ...], Meta(max_length=2000, description="In the order of the agreement.")
    ]
    phase: Annotated[AgreementPhase, Meta(description="Where the agreement stands today.")]
    amended_phase: Annotated[
        AgreementPhase, Meta(description="Where it would stand today with this amendment, if it is open.")
    ]


class AcceptAmendment(Input, frozen=True, kw_only=True, tag_field="action", tag="accept"):
    """Accept the proposal as it stands for one's own organization."""


class UnlockAmendment(Input, frozen=True, kw_only=True, tag_field="action", tag="unlock"):
    """Go back to the discussion; clears all acceptances."""

    reason: Reason


class SignAmendment(Input, frozen=True, kw_only=True, tag_field="action", tag="register_signing"):
    """Register the signatures of all parties, who stay, go or join; merges it into the agreement."""

    signed_on: Annotated[Day, Meta(description="Day of signing, today at the latest.")]
    signatures: Annotated[tuple[Signature, ...], Meta(max_length=100, description="One per party.")]
    document_ref: DocumentRef | None = None
    document_id: DocumentId | None = None


class CancelAmendment(Input, frozen=True, kw_only=True, tag_field="action", tag="cancel"):
    """Give it up before it was signed; any party may, since none is bound without its consent."""

    reason: Reason


AmendmentMove = AcceptAmendment | UnlockAmendment | SignAmendment | CancelAmendment
