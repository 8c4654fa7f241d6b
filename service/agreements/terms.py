"""What the parties wrote: entering, editing and deleting an agreement, with every fault of the input at once.

Who may edit what, decided here and nowhere else:

    draft                 any party, and the organization that created it    everything
    in_discussion         any party                                          everything
    ready_to_sign         nobody: `unlock` comes first
    signed, from paper    any party                                          everything, but no party leaves
    signed and later      any party                                          NO_TERMS only
    cancelled             nobody

A record of the past stays open while it is signed, because what was unknown becomes known; a signed
agreement changes by an amendment. An edit that changes something raises `terms_version` and clears the
acceptances and the proposal to close; one of NO_TERMS after signing only clears the proposal; one that
changes nothing clears nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from schema.vocabulary import AccessReason, AgreementState, Permission, Precision
from schema.wire import agreements as wire
from schema.wire.common import UNSET
from service.access.principal import Caller
from service.agreements.faults import (
    SIGNING_FIELDS,
    Around,
    leaving_faults,
    party_faults,
    place_faults,
    reference_faults,
    signatory_faults,
    signing_faults,
    term_faults,
)
from service.agreements.phase import Stored, derived_end, is_party
from service.kernel.problem import Fault, Problem, refuse

NO_TERMS: Final = frozenset({"visibility", "source_note", "notice_months"})
"""Fields that say nothing about what was agreed."""

_OPEN = frozenset({AgreementState.DRAFT, AgreementState.IN_DISCUSSION})
_AFTER_SIGNING = frozenset(
    {AgreementState.SIGNED, AgreementState.SUSPENDED, AgreementState.TERMINATED, AgreementState.CLOSED}
)
_COPIED = tuple(
    name
    for name in wire.CreateAgreement.__struct_fields__
    if name not in {"parties", "ends_on", "signed_on_precision"}
)
_NEW: Mapping[str, Any] = {
    "version": 1,
    "terms_version": 1,
    "ends_on": None,
    "ends_on_is_derived": False,
    "document_id": None,
    "state_reason": None,
    "discussion_opened_on": None,
    "ready_on": None,
    "signing_registered_on": None,
    "suspended_on": None,
    "suspended_by": None,
    "terminated_on": None,
    "termination_ref": None,
    "termination_document_id": None,
    "cancelled_on": None,
    "closed_on": None,
    "close_proposal": None,
}


def demand_permission(caller: Caller, permissions: tuple[Permission, ...]) -> None:
    """Raise `permission_missing` unless the caller's roles give one of the permissions."""
    if caller.principal.permissions.isdisjoint(permissions):
        raise Problem("permission_missing", permission=" / ".join(permissions))


def created(given: wire.CreateAgreement, caller: Caller, *, agreement_id: UUID, around: Around) -> Stored:
    """Return a new draft, or with `recorded_from_paper` a signed record of the past.

    Raises `permission_missing`; `not_a_party` when the caller's organization is neither a party, nor above
    one, nor a party of the parent; `validation_failed` with all faults.
    """
    demand_permission(caller, (Permission.AGREEMENT_EDIT,))
    _demand_own_part(given, caller, around=around)
    said = msgspec.structs.asdict(given)
    entered = _with_precision(_entered(given, caller, agreement_id=agreement_id, around=around), said)
    stored = _with_end(entered, given.ends_on)
    refuse(
        (
            *party_faults(given.parties, today=caller.today, unknown_ids=around.unknown_ids),
            *reference_faults(stored, said, around=around),
            *signing_faults(stored, said, today=caller.today),
            *term_faults(stored, given.ends_on),
        )
    )
    return stored


def updated(stored: Stored, patch: wire.UpdateAgreement, *, caller: Caller, around: Around) -> Stored:
    """Return the agreement with the fields that are present; the module says who may change what and when.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit`, `validation_failed` with all faults.
    """
    changes = _present(patch)
    _demand_editor(stored, caller)
    _demand_open(stored, changes)
    end = _end_said(stored, changes)
    merged = _with_end(_merged(stored, changes, around=around), end)
    parties = () if patch.parties is UNSET else patch.parties
    refuse(
        (
            *party_faults(parties, today=caller.today, unknown_ids=around.unknown_ids),
            *leaving_faults(stored, merged),
            *reference_faults(merged, changes, around=around),
            *signing_faults(merged, changes, today=caller.today),
            *term_faults(merged, end),
        )
    )
    return _edited(stored, merged, caller=caller)


def with_party(
    stored: Stored, organization_id: UUID, *, put: wire.PutParty, caller: Caller, around: Around
) -> Stored:
    """Return the agreement with the organization as a party, added or replaced; an edit as in `updated`.

    Raises `not_found` for an organization that the directory does not have.
    """
    _demand_editor(stored, caller)
    _demand_open(stored, ("parties",))
    if organization_id in around.unknown_ids:
        raise Problem("not_found")
    others = [party for party in stored.parties if party.organization_id != organization_id]
    refuse((*place_faults(others, put), *signatory_faults(put, at="", today=caller.today)))
    merged = replace(
        stored,
        parties=_in_order((*others, _party(organization_id, put))),
        unit_ids=stored.unit_ids | around.unit_ids,
    )
    return _edited(stored, merged, caller=caller)


def without_party(stored: Stored, organization_id: UUID, *, caller: Caller) -> Stored:
    """Return the agreement without the party; an edit as in `updated`.

    Raises `not_found` when the organization is no party, `validation_failed` when it is the last one or the
    agreement is a signed record of the past.
    """
    _demand_editor(stored, caller)
    _demand_open(stored, ("parties",))
    if not is_party(stored, organization_id):
        raise Problem("not_found")
    others = tuple(party for party in stored.parties if party.organization_id != organization_id)
    merged = replace(stored, parties=others)
    refuse((*leaving_faults(stored, merged), *(() if others else (Fault("", "last_party"),))))
    return _edited(stored, merged, caller=caller)


def demand_deletable(stored: Stored, caller: Caller) -> None:
    """Raise unless the agreement is a draft that the caller may edit.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit`.
    """
    _demand_editor(stored, caller)
    if stored.state is not AgreementState.DRAFT:
        raise Problem(
            "state_forbids_edit", state=stored.state, faults=(Fault("", "only_drafts_are_deleted"),)
        )


def without_acceptances(parties: tuple[wire.Party, ...]) -> tuple[wire.Party, ...]:
    """Return the parties as if none had accepted yet."""
    return tuple(replace(party, accepted_terms_version=None) for party in parties)


def _demand_own_part(given: wire.CreateAgreement, caller: Caller, *, around: Around) -> None:
    named = {party.organization_id for party in given.parties}
    own = {caller.organization_id}
    if own & (named | around.parent_party_ids) or named & around.below:
        return
    fault = Fault("/parties", "own_organization_missing", {"organization": caller.organization_id})
    raise Problem("not_a_party", faults=(fault,))


def _demand_editor(stored: Stored, caller: Caller) -> None:
    demand_permission(caller, (Permission.AGREEMENT_EDIT,))
    own = caller.organization_id
    drafted = stored.state is AgreementState.DRAFT and stored.created_by_organization_id == own
    if not drafted and not is_party(stored, own):
        raise Problem("not_a_party")


def _demand_open(stored: Stored, names: Iterable[str]) -> None:
    """Raise `state_forbids_edit` with every field that the state keeps as it is."""
    completed = stored.state is AgreementState.SIGNED and stored.recorded_from_paper
    if stored.state in _OPEN or completed:
        return
    if stored.state in _AFTER_SIGNING:
        kept = [name for name in names if name not in NO_TERMS]
        faults = tuple(Fault(f"/{name}", "signed_terms_stay", {"field": name}) for name in kept)
    else:
        code = "unlock_first" if stored.state is AgreementState.READY_TO_SIGN else "cancelled_stays"
        faults = (Fault("", code),)
    if faults:
        raise Problem("state_forbids_edit", state=stored.state, faults=faults)


def _entered(given: wire.CreateAgreement, caller: Caller, *, agreement_id: UUID, around: Around) -> Stored:
    parties = _in_order(_party(party.organization_id, party) for party in given.parties)
    own = caller.organization_id
    is_own = any(party.organization_id == own for party in parties)
    return Stored(
        **_NEW,
        **{name: getattr(given, name) for name in _COPIED},
        id=agreement_id,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        created_by_organization_id=own,
        state=AgreementState.SIGNED if given.recorded_from_paper else AgreementState.DRAFT,
        signed_on_precision=given.signed_on_precision,
        parties=parties,
        parent=around.parent,
        access=AccessReason.PARTY if is_own else AccessReason.CREATOR,
        unit_ids=around.unit_ids,
    )


def _merged(stored: Stored, changes: Mapping[str, Any], *, around: Around) -> Stored:
    fields = {name: value for name, value in changes.items() if name not in {"ends_on", "parties"}}
    if "parties" in changes:
        fields["parties"] = _in_order(_party(party.organization_id, party) for party in changes["parties"])
        fields["unit_ids"] = stored.unit_ids | around.unit_ids
    if "parent_id" in changes:
        fields["parent"] = around.parent if changes["parent_id"] else None
    return _with_precision(replace(stored, **fields), changes)


def _edited(stored: Stored, merged: Stored, *, caller: Caller) -> Stored:
    """Give the edited agreement one version on; what it clears stands in the module's docstring."""
    before = replace(stored, parties=without_acceptances(stored.parties))
    after = replace(merged, parties=without_acceptances(merged.parties))
    result = replace(merged, parties=stored.parties)
    if after != before:
        result = replace(result, close_proposal=None)
    if _terms_of(after) != _terms_of(before):
        result = replace(result, parties=after.parties, terms_version=stored.terms_version + 1)
    return replace(result, version=stored.version + 1, updated_at=caller.now)


def _terms_of(stored: Stored) -> dict[str, Any]:
    """Give what an acceptance rests on; until it is signed, that is every field."""
    fields = msgspec.structs.asdict(stored)
    if stored.state in _AFTER_SIGNING:
        return {name: value for name, value in fields.items() if name not in NO_TERMS}
    return fields


def _present(patch: wire.UpdateAgreement) -> dict[str, Any]:
    fields = msgspec.structs.asdict(patch)
    return {name: value for name, value in fields.items() if value is not UNSET}


def _party(organization_id: UUID, given: wire.PartyInput | wire.PutParty) -> wire.Party:
    return wire.Party(
        organization_id=organization_id,
        position=given.position,
        label=given.label,
        document_number=given.document_number,
        signatory=given.signatory,
        power_of_attorney=given.power_of_attorney,
        accepted_terms_version=None,
    )


def _in_order(parties: Iterable[wire.Party]) -> tuple[wire.Party, ...]:
    return tuple(sorted(parties, key=lambda party: party.position))


def _end_said(stored: Stored, changes: Mapping[str, Any]) -> date | None:
    """Give the end somebody stated: a derived one is nobody's word and follows its start and duration."""
    before = None if stored.ends_on_is_derived else stored.ends_on
    return changes.get("ends_on", before)


def _with_end(stored: Stored, said: date | None) -> Stored:
    """Give the agreement with the end that was said, else the one that follows, if any does."""
    end = derived_end(stored) if said is None else said
    return replace(stored, ends_on=end, ends_on_is_derived=said is None and end is not None)


def _with_precision(stored: Stored, said: Mapping[str, Any]) -> Stored:
    """Give the record of the past with the precision its signing days mean, when said without one."""
    silent = said.keys().isdisjoint(SIGNING_FIELDS)
    if silent or said.get("signed_on_precision") or not stored.recorded_from_paper:
        return stored
    unsaid = Precision.UNKNOWN if stored.signed_not_after is None else Precision.NOT_AFTER
    return replace(stored, signed_on_precision=unsaid if stored.signed_on is None else Precision.DAY)
