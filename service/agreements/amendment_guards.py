"""What stops an action on an amendment: guards, each of which gives all its faults. Pure.

The agreement as it would be is held to the guards of the agreement itself. The pointer of a fault names a
field of the body where the guard is about the body, else one of the amendment.
"""

from collections.abc import Iterable, Iterator

import msgspec

from schema.vocabulary import AgreementState
from schema.wire import agreements, amendments
from service.access.principal import Caller
from service.agreements import guards
from service.agreements.amendment_records import StoredAmendment, amended, present
from service.agreements.phase import Stored, is_party
from service.kernel.problem import Fault


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a guard looks at; `move` is None while nobody has made one."""

    amendment: StoredAmendment
    agreement: Stored
    caller: Caller
    move: amendments.AmendmentMove | None = None


def placed(faults: Iterable[Fault], changes: amendments.AmendmentChanges) -> Iterator[Fault]:
    """Yield faults of the agreement as it would be, where the changes say it, else at the changes."""
    given = present(changes)
    for fault in faults:
        _, field, *_ = (*fault.pointer.split("/"), "")
        yield fault._replace(pointer=f"/changes{fault.pointer}" if field in given else "/changes")


def signed(agreement: Stored) -> Iterator[Fault]:
    """Fail unless the agreement is signed, and neither suspended nor ended by anybody."""
    if agreement.state is not AgreementState.SIGNED:
        yield Fault("/agreement_id", "agreement_not_signed", {"state": agreement.state})


def agreement_signed(facts: Facts) -> Iterator[Fault]:
    """Fail unless its agreement can be amended now."""
    yield from signed(facts.agreement)


def terms_unmoved(facts: Facts) -> Iterator[Fault]:
    """Fail when the agreement was edited since: nobody has seen these changes beside those."""
    base, current = facts.amendment.base_terms_version, facts.agreement.terms_version
    if base != current:
        yield Fault("/base_terms_version", "agreement_terms_moved", {"base": base, "current": current})


def not_accepted_yet(facts: Facts) -> Iterator[Fault]:
    """Fail when the caller's party has accepted the proposal already."""
    own = facts.caller.organization_id
    if any(each.organization_id == own for each in facts.amendment.acceptances):
        yield Fault("/acceptances", "amendment_accepted")


def by_another_person(facts: Facts) -> Iterator[Fault]:
    """Fail when the caller accepted it before, for another party."""
    own, person = facts.caller.organization_id, facts.caller.principal.user_id
    if any(each.user_id == person and each.organization_id != own for each in facts.amendment.acceptances):
        yield Fault("/acceptances", "accepted_for_another")


def agreement_holds(facts: Facts) -> Iterator[Fault]:
    """Fail where the agreement as it would be could not be accepted."""
    changes = facts.amendment.changes
    would_be = guards.Facts(stored=amended(facts.agreement, changes), caller=facts.caller)
    for guard in (guards.two_parties, guards.scope_given, guards.end_after_start, guards.inside_parent):
        yield from placed(guard(would_be), changes)


def signed_by_all(facts: Facts) -> Iterator[Fault]:
    """Fail for every party, staying, going or joining, without a signature, and for each too many."""
    if isinstance(facts.move, amendments.SignAmendment):
        yield from guards.signature_faults(signing_parties(facts), facts.move.signatures)


def signing_parties(facts: Facts) -> tuple[agreements.Party, ...]:
    """Return the parties of the agreement, and those that join it."""
    agreement = facts.agreement
    would_be = amended(agreement, facts.amendment.changes)
    joining = (each for each in would_be.parties if not is_party(agreement, each.organization_id))
    return (*agreement.parties, *joining)


def signed_by_today(facts: Facts) -> Iterator[Fault]:
    """Fail for every signing day to come."""
    if isinstance(facts.move, amendments.SignAmendment):
        yield from guards.signing_day_faults(
            facts.move.signed_on, facts.move.signatures, today=facts.caller.today
        )


def signed_after_agreement(facts: Facts) -> Iterator[Fault]:
    """Fail when it would be signed before what it changes."""
    before = facts.agreement.signed_on
    if before is None or not isinstance(facts.move, amendments.SignAmendment):
        return
    if facts.move.signed_on < before:
        values = {"day": facts.move.signed_on, "agreement": before}
        yield Fault("/signed_on", "signed_before_agreement", values)


def signed_document(facts: Facts) -> Iterator[Fault]:
    """Fail when nobody gives the signed amendment or says where it lies."""
    move = facts.move
    if isinstance(move, amendments.SignAmendment) and not (move.document_id or move.document_ref):
        yield Fault("/document_ref", "amendment_document_needed")


TO_ACCEPT = (agreement_signed, terms_unmoved, not_accepted_yet, by_another_person, agreement_holds)
TO_SIGN = (
    agreement_signed,
    terms_unmoved,
    agreement_holds,
    signed_by_all,
    signed_by_today,
    signed_after_agreement,
    signed_document,
)
