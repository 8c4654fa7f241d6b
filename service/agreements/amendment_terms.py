"""What the parties propose: entering and editing an amendment, with every fault of the input at once. Pure.

A proposal is validated as the agreement that it would make. Any party proposes, and any party edits while it
is in discussion. An edit that changes something, or that looks again at terms which have moved, raises
`terms_version`: acceptances of what was before do not count.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import asdict, replace

from schema.vocabulary import AmendmentKind, AmendmentState, Permission
from schema.wire import agreements, amendments
from schema.wire.common import UNSET
from service.access.principal import Caller
from service.agreements.amendment_diff import COVERING, differences, kind_of
from service.agreements.amendment_guards import placed, signed
from service.agreements.amendment_records import OPEN, StoredAmendment, amended, present
from service.agreements.faults import Around, party_faults, term_faults
from service.agreements.phase import Stored, is_party
from service.agreements.terms import demand_permission
from service.kernel.problem import Fault, Problem, refuse
from service.kernel.text import squeezed


class Amendable(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with the number of its next amendment, and that of its open one, if there is one."""

    agreement: Stored
    next_sequence: int
    open_sequence: int | None


def proposed(
    found: Amendable, given: amendments.CreateAmendment, *, caller: Caller, id: UUID, around: Around
) -> StoredAmendment:
    """Return a new amendment, put before all parties at once.

    Raises `permission_missing`, `not_a_party`, `validation_failed` with all faults, `amendment_open`, or
    `guards_not_met` when the agreement is not signed.
    """
    agreement = found.agreement
    _demand_party(agreement, caller)
    made = _first_version(found, given, caller=caller, id=id)
    refuse(_faults(made, agreement, caller=caller, around=around))
    if found.open_sequence is not None:
        raise Problem("amendment_open", sequence=found.open_sequence)
    faults = tuple(signed(agreement))
    if faults:
        raise Problem("guards_not_met", faults=faults, action="create")
    return made


def edited(
    stored: StoredAmendment,
    patch: amendments.UpdateAmendment,
    *,
    agreement: Stored,
    caller: Caller,
    around: Around,
) -> StoredAmendment:
    """Return the amendment with what the body gives, looked at beside the agreement as it is now.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit`, `validation_failed` with all faults.
    """
    _demand_party(agreement, caller)
    if stored.state is not AmendmentState.IN_DISCUSSION:
        code = "amendment_unlock_first" if stored.state in OPEN else "amendment_decided"
        raise Problem("state_forbids_edit", state=stored.state, faults=(Fault("", code),))
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = replace(stored, **given, base_terms_version=agreement.terms_version)
    refuse(_faults(after, agreement, caller=caller, around=around))
    if after != stored:
        after = reopened(after)
    return replace(after, version=stored.version + 1, updated_at=caller.now)


def reopened(stored: StoredAmendment) -> StoredAmendment:
    """Return the amendment with new terms, which nobody has accepted yet."""
    return replace(stored, terms_version=stored.terms_version + 1, acceptances=())


def merged(agreement: Stored, changes: amendments.AmendmentChanges, *, now: datetime) -> Stored:
    """Return the agreement with a signed amendment in it, one version and one version of its terms on.

    Every party has signed these terms, so every party has accepted them; a first key of closing is void.
    """
    would_be = amended(agreement, changes)
    terms = agreement.terms_version + 1
    return replace(
        would_be,
        version=agreement.version + 1,
        updated_at=now,
        terms_version=terms,
        parties=tuple(replace(party, accepted_terms_version=terms) for party in would_be.parties),
        close_proposal=None,
    )


def _demand_party(agreement: Stored, caller: Caller) -> None:
    demand_permission(caller, (Permission.AGREEMENT_EDIT,))
    if not is_party(agreement, caller.organization_id):
        raise Problem("not_a_party")


def _first_version(
    found: Amendable, given: amendments.CreateAmendment, *, caller: Caller, id: UUID
) -> StoredAmendment:
    return StoredAmendment(
        **asdict(given),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        agreement_id=found.agreement.id,
        sequence=found.next_sequence,
        organization_id=caller.organization_id,
        terms_version=1,
        base_terms_version=found.agreement.terms_version,
        state=AmendmentState.IN_DISCUSSION,
        state_reason=None,
        ready_on=None,
        signed_on=None,
        signing_registered_on=None,
        signatures=(),
        document_ref=None,
        document_id=None,
        differences=None,
        cancelled_on=None,
        agreement_version=None,
        acceptances=(),
    )


def _faults(stored: StoredAmendment, agreement: Stored, *, caller: Caller, around: Around) -> Iterator[Fault]:
    changes = stored.changes
    given = present(changes)
    parties = given.get("parties", ())
    would_be = amended(agreement, changes)
    yield from placed(party_faults(parties, today=caller.today, unknown_ids=around.unknown_ids), changes)
    yield from _number_faults(agreement, parties)
    stated = None if would_be.ends_on_is_derived else would_be.ends_on
    yield from placed(term_faults(would_be, stated), changes)
    yield from _kind_faults(stored, agreement, would_be=would_be)


def _number_faults(agreement: Stored, parties: tuple[agreements.PartyInput, ...]) -> Iterator[Fault]:
    """Give a fault for every document number that is not the one its party wrote."""
    written = {party.organization_id: party.document_number for party in agreement.parties}
    for index, party in enumerate(parties):
        number, given = written.get(party.organization_id), party.document_number
        if number and given and squeezed(number) != squeezed(given):
            yield Fault(f"/changes/parties/{index}/document_number", "number_stays", {"number": number})


def _kind_faults(stored: StoredAmendment, agreement: Stored, *, would_be: Stored) -> Iterator[Fault]:
    """Give what the kinds say and the changes do not, and what the changes do and no kind says."""
    found = differences(agreement, would_be)
    if not found:
        yield Fault("/changes", "nothing_proposed")
    kinds = {each.pointer: kind_of(each, agreement, after=would_be) for each in found}
    for index, kind in enumerate(stored.kinds):
        if kind in stored.kinds[:index]:
            yield Fault(f"/kinds/{index}", "repeated", {"given": kind})
        if kind not in COVERING and kind not in kinds.values():
            yield Fault(f"/kinds/{index}", "kind_without_change", {"kind": kind})
    if COVERING.isdisjoint(stored.kinds):
        unsaid = {pointer: kind for pointer, kind in kinds.items() if kind not in stored.kinds}
        yield from placed((_unsaid(pointer, kind) for pointer, kind in unsaid.items()), stored.changes)


def _unsaid(pointer: str, kind: AmendmentKind | None) -> Fault:
    expected = " / ".join(
        (kind, AmendmentKind.OTHER) if kind else (AmendmentKind.CORRECTION, AmendmentKind.OTHER)
    )
    # A party stands in the changes by its place, in a difference by its organization.
    at = "/parties" if pointer.startswith("/parties/") else pointer
    return Fault(at, "change_without_kind", {"expected": expected})
