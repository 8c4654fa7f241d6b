"""An agreement as it is stored, and the facts about it that are worth a second look on a given day."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

import msgspec

from schema.vocabulary import (
    AccessReason,
    AgreementKind,
    AgreementPhase,
    AgreementState,
    Language,
    Precision,
    Scheme,
    Visibility,
    WarningCode,
)
from schema.wire import agreements as wire
from schema.wire.common import Warning
from service.access.standing import PREPARING, Parent, notice_on, phase_of
from service.kernel.period import LAST_DAY, OutOfCalendar, end_after
from service.kernel.problem import Fault
from service.kernel.regions import in_known_province

_USUAL_YEARS = 5


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with its parties as one JSON document of the database gives it, for one caller.

    `access` is null when the caller sees it only because it is public. `unit_ids` are the parties that are
    units of a government (their heads sign under a power of attorney); left out, no warning asks for one.
    `has_open_milestones` keeps it from being closed.
    `undelivered_requests` counts the data requests under it that were granted and not delivered in full.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    kind: AgreementKind
    scheme: Scheme | None
    title: str
    printed_title: str | None
    objective: str | None
    scope: tuple[str, ...]
    parent_id: UUID | None
    renews_id: UUID | None
    region_code: str | None
    signed_on: date | None
    signed_on_precision: Precision | None
    signed_not_after: date | None
    effective_from: date | None
    ends_on: date | None
    ends_on_is_derived: bool
    duration_years: int | None
    open_ended: bool
    notice_months: int
    visibility: Visibility
    survives_parent: bool
    recorded_from_paper: bool
    document_ref: str | None
    document_id: UUID | None
    source_note: str | None
    terms_version: int
    state: AgreementState
    state_reason: str | None
    discussion_opened_on: date | None
    ready_on: date | None
    signing_registered_on: date | None
    suspended_on: date | None
    suspended_by: UUID | None
    terminated_on: date | None
    termination_ref: str | None
    termination_document_id: UUID | None
    cancelled_on: date | None
    closed_on: date | None
    close_proposal: wire.Proposal | None
    created_by_organization_id: UUID
    parties: tuple[wire.Party, ...]
    parent: Parent | None
    access: AccessReason | None
    unit_ids: frozenset[UUID] = frozenset()
    has_open_milestones: bool = False
    undelivered_requests: int = 0


def is_party(stored: Stored, organization_id: UUID) -> bool:
    """Whether the organization itself is a party; one above a party is not."""
    return any(party.organization_id == organization_id for party in stored.parties)


def accepted(stored: Stored) -> bool:
    """Whether every party has accepted the terms as they stand."""
    return all(party.accepted_terms_version == stored.terms_version for party in stored.parties)


def named(party: wire.Party) -> str:
    """Return what a text calls a party: its label on the paper, else its id."""
    return party.label or str(party.organization_id)


def derived_end(stored: Stored) -> date | None:
    """Return the last day that follows from the first one and the years; None when either is unknown.

    None too when it would lie outside the calendar.
    """
    if stored.effective_from is None or stored.duration_years is None:
        return None
    try:
        return end_after(stored.effective_from, stored.duration_years)
    except OutOfCalendar:
        return None


def outlives_parent(stored: Stored) -> bool:
    """Whether it runs past the last day of its parent, as far as both are known."""
    bound = stored.parent.ends_on if stored.parent else None
    last = stored.ends_on or stored.effective_from
    return bound is not None and (stored.open_ended or (last is not None and last > bound))


def precedes_parent(stored: Stored) -> bool:
    """Whether it runs before the first day of its parent, as far as both are known."""
    bound = stored.parent.effective_from if stored.parent else None
    first = stored.effective_from or stored.ends_on
    return bound is not None and first is not None and first < bound


def warnings(stored: Stored, today: date, *, language: Language) -> tuple[Warning, ...]:
    """Return the facts worth a second look, in one language; what is unknown counts once it is signed."""
    return tuple(
        _worded(doubt.code, doubt.pointer, values=tuple(doubt.values.items()), language=language)
        for doubt in _doubts(stored, today)
    )


@lru_cache(maxsize=1024)
def _usual_end(start: date) -> date:
    try:
        return end_after(start, _USUAL_YEARS)
    except OutOfCalendar:
        return LAST_DAY


@lru_cache(maxsize=1024)
def _worded(
    code: str, pointer: str, *, values: tuple[tuple[str, object], ...], language: Language
) -> Warning:
    """Give a warning in words; there are few different ones, and filling a text costs more than all else."""
    return Fault(pointer, code, dict(values)).warning(language)


def _doubts(stored: Stored, today: date) -> Iterator[Fault]:
    if stored.kind is AgreementKind.PKS:
        yield from _doubts_of_pks(stored)
    if _longer_than_usual(stored):
        yield Fault("/ends_on", WarningCode.LONGER_THAN_FIVE_YEARS)
    if stored.region_code is not None and not in_known_province(stored.region_code):
        yield Fault("/region_code", WarningCode.REGION_CODE_UNKNOWN, {"code": stored.region_code})
    notice = notice_on(stored)
    if notice is not None and notice < today and phase_of(stored, today) is AgreementPhase.EXPIRING:
        values = {"notice_on": notice, "ends_on": stored.ends_on}
        yield Fault("/ends_on", WarningCode.NOTICE_DAY_PASSED, values)
    if stored.state not in PREPARING and stored.state is not AgreementState.CANCELLED:
        yield from _unknowns(stored)


def _doubts_of_pks(stored: Stored) -> Iterator[Fault]:
    if stored.parent_id is None:
        yield Fault("/parent_id", WarningCode.PKS_WITHOUT_PARENT)
    if stored.parent is not None and outlives_parent(stored):
        yield Fault("/ends_on", WarningCode.PKS_LONGER_THAN_PARENT, {"parent_end": stored.parent.ends_on})
    if stored.parent is not None and precedes_parent(stored):
        values = {"parent_start": stored.parent.effective_from}
        yield Fault("/effective_from", WarningCode.PKS_BEFORE_PARENT, values)
    for index, party in enumerate(stored.parties):
        if party.organization_id in stored.unit_ids and party.signatory and not party.power_of_attorney:
            pointer = f"/parties/{index}/power_of_attorney"
            yield Fault(pointer, WarningCode.NO_POWER_OF_ATTORNEY, {"signatory": party.signatory.name})


def _longer_than_usual(stored: Stored) -> bool:
    if stored.effective_from is None or stored.ends_on is None:
        return (stored.duration_years or 0) > _USUAL_YEARS
    return stored.ends_on > _usual_end(stored.effective_from)


def _unknowns(stored: Stored) -> Iterator[Fault]:
    if stored.signed_on is None:
        yield Fault("/signed_on", WarningCode.SIGNING_DAY_UNKNOWN)
    if stored.effective_from is None:
        yield Fault("/effective_from", WarningCode.EFFECTIVE_DAY_UNKNOWN)
    if stored.ends_on is None and not stored.open_ended:
        yield Fault("/ends_on", WarningCode.END_DAY_UNKNOWN)
    if stored.document_id is None:
        yield Fault("/document_ref", WarningCode.DOCUMENT_NOT_STORED)
    if len(stored.parties) == 1:
        yield Fault("/parties", WarningCode.SECOND_PARTY_UNKNOWN)
    yield from _unknowns_of_parties(stored)


def _unknowns_of_parties(stored: Stored) -> Iterator[Fault]:
    for index, party in enumerate(stored.parties):
        if party.document_number is None:
            pointer = f"/parties/{index}/document_number"
            yield Fault(pointer, WarningCode.DOCUMENT_NUMBER_UNKNOWN, {"party": named(party)})
        if party.signatory is None:
            pointer = f"/parties/{index}/signatory"
            yield Fault(pointer, WarningCode.SIGNATORY_UNKNOWN, {"party": named(party)})
