"""What stops an action on an agreement: guards, each of which gives all its faults.

A guard looks at what is on record and, once there is a move, at what the move brings along. The pointer of
a fault names a field of the body where the guard is about the body (`/signatures/1/signed_on`), else one of
the agreement.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import msgspec

from schema.vocabulary import AgreementKind
from schema.wire import agreements as wire
from service.access.principal import Caller
from service.access.standing import ended
from service.agreements.phase import Stored, named, outlives_parent, precedes_parent
from service.kernel.problem import Fault

_TWO = 2


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a guard looks at; `move` is None while nobody has made one."""

    stored: Stored
    caller: Caller
    move: wire.AgreementMove | None = None


def two_parties(facts: Facts) -> Iterator[Fault]:
    """Fail while nobody else is a party."""
    if len(facts.stored.parties) < _TWO:
        yield Fault("/parties", "two_parties_needed", {"count": len(facts.stored.parties)})


def not_accepted_yet(facts: Facts) -> Iterator[Fault]:
    """Fail when the caller's party has accepted these terms already."""
    for party in facts.stored.parties:
        own = party.organization_id == facts.caller.organization_id
        if own and party.accepted_terms_version == facts.stored.terms_version:
            yield Fault("/parties", "already_accepted", {"terms_version": facts.stored.terms_version})


def scope_given(facts: Facts) -> Iterator[Fault]:
    """Fail while it covers nothing."""
    if not facts.stored.scope:
        yield Fault("/scope", "scope_empty")


def end_after_start(facts: Facts) -> Iterator[Fault]:
    """Fail when it ends on its first day or before."""
    start, end = facts.stored.effective_from, facts.stored.ends_on
    if start is not None and end is not None and end <= start:
        yield Fault("/ends_on", "end_not_after_start", {"end": end, "start": start})


def inside_parent(facts: Facts) -> Iterator[Fault]:
    """Fail when a PKS runs outside the dates of its MoU and does not say that it may."""
    stored = facts.stored
    bound = stored.kind is AgreementKind.PKS and not stored.survives_parent and not stored.recorded_from_paper
    if stored.parent is None or not bound:
        return
    if outlives_parent(stored):
        yield Fault("/ends_on", "outlives_parent", {"parent_end": stored.parent.ends_on})
    if precedes_parent(stored):
        yield Fault("/effective_from", "precedes_parent", {"parent_start": stored.parent.effective_from})


def end_known(facts: Facts) -> Iterator[Fault]:
    """Fail while it has neither a last day nor an explicit open end."""
    if facts.stored.ends_on is None and not facts.stored.open_ended:
        yield Fault("/ends_on", "end_needed")


def signed_by_all(facts: Facts) -> Iterator[Fault]:
    """Fail for every party without a signature, and for every signature too many."""
    if isinstance(facts.move, wire.RegisterSigning):
        yield from signature_faults(facts.stored.parties, facts.move.signatures)


def signature_faults(parties: Sequence[wire.Party], signatures: Sequence[wire.Signature]) -> Iterator[Fault]:
    """Give a fault for every party without a signature, and for every signature too many."""
    unsigned = {party.organization_id: party for party in parties}
    signed: set[UUID] = set()
    for index, signature in enumerate(signatures):
        party = unsigned.pop(signature.organization_id, None)
        if party is None:
            code = "signature_repeated" if signature.organization_id in signed else "signature_of_no_party"
            at = f"/signatures/{index}/organization_id"
            yield Fault(at, code, {"organization": signature.organization_id})
        signed.add(signature.organization_id)
    for party in unsigned.values():
        yield Fault("/signatures", "signature_missing", {"party": named(party)})


def signed_by_today(facts: Facts) -> Iterator[Fault]:
    """Fail for every signing day to come."""
    if isinstance(facts.move, wire.RegisterSigning):
        move = facts.move
        yield from signing_day_faults(move.signed_on, move.signatures, today=facts.caller.today)


def signing_day_faults(
    signed_on: date, signatures: Sequence[wire.Signature], *, today: date
) -> Iterator[Fault]:
    """Give a fault for every signing day to come."""
    days = {f"/signatures/{index}/signed_on": one.signed_on for index, one in enumerate(signatures)}
    for pointer, day in {"/signed_on": signed_on, **days}.items():
        if day is not None and day > today:
            yield Fault(pointer, "signing_day_in_future", {"day": day, "today": today})


def signed_document(facts: Facts) -> Iterator[Fault]:
    """Fail when nobody gives the signed document or says where it lies."""
    known = facts.stored.document_ref or facts.stored.document_id
    if not known and isinstance(facts.move, wire.RegisterSigning) and not _names_document(facts.move):
        yield Fault("/document_ref", "signed_document_needed")


def own_suspension(facts: Facts) -> Iterator[Fault]:
    """Fail when another party suspended it."""
    by = facts.stored.suspended_by
    if by != facts.caller.organization_id:
        name = next((named(party) for party in facts.stored.parties if party.organization_id == by), by)
        yield Fault("/suspended_by", "suspended_by_another", {"party": name})


def termination_document(facts: Facts) -> Iterator[Fault]:
    """Fail when nobody gives the notice of termination or says where it lies."""
    if isinstance(facts.move, wire.Terminate) and not _names_document(facts.move):
        yield Fault("/document_ref", "termination_document_needed")


def terminated_after_start(facts: Facts) -> Iterator[Fault]:
    """Fail when it would end before it was signed or took effect."""
    if not isinstance(facts.move, wire.Terminate):
        return
    known = (day for day in (facts.stored.effective_from, facts.stored.signed_on) if day is not None)
    start = max(known, default=None)
    if start is not None and facts.move.effective_on < start:
        values = {"day": facts.move.effective_on, "start": start}
        yield Fault("/effective_on", "terminates_before_start", values)


def expired(facts: Facts) -> Iterator[Fault]:
    """Fail until the last day has passed."""
    if not ended(facts.stored, facts.caller.today):
        values = {"end": facts.stored.ends_on or "–", "today": facts.caller.today}
        yield Fault("/ends_on", "not_expired", values)


def milestones_done(facts: Facts) -> Iterator[Fault]:
    """Fail while a milestone is neither met nor given up."""
    if facts.stored.has_open_milestones:
        yield Fault("", "milestones_open")


def second_key(facts: Facts) -> Iterator[Fault]:
    """Fail when both keys are of one organization, or of one person for two organizations."""
    proposal = facts.stored.close_proposal
    if proposal is None:
        return
    if proposal.organization_id == facts.caller.organization_id:
        yield Fault("/close_proposal", "needs_another_party")
    elif proposal.user_id == facts.caller.principal.user_id:
        yield Fault("/close_proposal", "needs_another_person")


def all_delivered(facts: Facts) -> Iterator[Fault]:
    """Fail while data that was granted has not been delivered."""
    if facts.stored.undelivered_requests:
        yield Fault("/state", "data_undelivered", {"count": facts.stored.undelivered_requests})


def final_report(facts: Facts) -> Iterator[Fault]:
    """Fail when the first key names no final report."""
    first = facts.stored.close_proposal is None
    if first and isinstance(facts.move, wire.Close) and not _names_document(facts.move):
        yield Fault("/document_ref", "final_report_needed")


def _names_document(move: wire.RegisterSigning | wire.Terminate | wire.Close) -> bool:
    return bool(move.document_id or move.document_ref)
