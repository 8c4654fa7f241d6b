"""The life of an agreement: its state machine, its moves, and the reply that says what a caller may do now.

A move is refused in this order: the permission, the party, the arrow, then all guards together. `cancel`
belongs to the organization that created the agreement, party or not; every other move belongs to a party.
`actions[]` knows no move yet, so there only what is on record can stop an action.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from schema.vocabulary import AgreementAction, AgreementState, Permission, Precision
from schema.wire import agreements as wire
from schema.wire.common import AvailableAction
from service.access.principal import Caller
from service.access.standing import counted_from, notice_on, phase_of
from service.agreements import guards
from service.agreements.guards import Facts
from service.agreements.phase import Stored, accepted, is_party, warnings
from service.agreements.terms import demand_permission, without_acceptances
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Problem

_EDIT = (Permission.AGREEMENT_EDIT,)
_ACCEPT = (Permission.AGREEMENT_ACCEPT,)
_DECIDE = (Permission.AGREEMENT_DECIDE,)
_CANCEL = (Permission.AGREEMENT_CANCEL,)
_CREATORS = frozenset(_CANCEL)
_NOBODYS: frozenset[Permission] = frozenset()
_WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)
_A, _S = AgreementAction, AgreementState

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        Transition(_A.OPEN_DISCUSSION, _S.DRAFT, _S.IN_DISCUSSION, _EDIT, "two parties or more"),
        Transition(_A.SEND_BACK, _S.IN_DISCUSSION, _S.DRAFT, _EDIT, "a reason; clears all acceptances"),
        Transition(
            _A.ACCEPT,
            _S.IN_DISCUSSION,
            _S.IN_DISCUSSION,
            _ACCEPT,
            "for its own party, once per terms_version; ready_to_sign when every party has accepted",
        ),
        Transition(
            _A.UNLOCK, _S.READY_TO_SIGN, _S.IN_DISCUSSION, _EDIT + _ACCEPT, "a reason; clears all acceptances"
        ),
        Transition(
            _A.REGISTER_SIGNING,
            _S.READY_TO_SIGN,
            _S.SIGNED,
            _EDIT,
            "one signature per party, today at the latest; the signed document; an end or open_ended",
        ),
        Transition(_A.SUSPEND, _S.SIGNED, _S.SUSPENDED, _DECIDE, "a reason"),
        Transition(_A.LIFT_SUSPENSION, _S.SUSPENDED, _S.SIGNED, _DECIDE, "a reason; by who suspended it"),
        *(
            Transition(
                _A.TERMINATE, source, _S.TERMINATED, _DECIDE, "a reason, a document, the effective day"
            )
            for source in (_S.SIGNED, _S.SUSPENDED)
        ),
        *(
            Transition(_A.CANCEL, source, _S.CANCELLED, _CANCEL, "a reason; by the creating organization")
            for source in (_S.DRAFT, _S.IN_DISCUSSION, _S.READY_TO_SIGN)
        ),
        Transition(
            _A.CLOSE,
            _S.SIGNED,
            _S.CLOSED,
            _EDIT,
            "expired; no open milestone; granted data delivered; the first call with a final report proposes,"
            " another party's closes",
        ),
    ),
    guards={
        _A.OPEN_DISCUSSION: (guards.two_parties,),
        _A.ACCEPT: (
            guards.two_parties,
            guards.not_accepted_yet,
            guards.scope_given,
            guards.end_after_start,
            guards.inside_parent,
        ),
        _A.REGISTER_SIGNING: (
            guards.end_known,
            guards.signed_by_all,
            guards.signed_by_today,
            guards.signed_document,
        ),
        _A.LIFT_SUSPENSION: (guards.own_suspension,),
        _A.TERMINATE: (guards.terminated_after_start, guards.termination_document),
        _A.CLOSE: (
            guards.expired,
            guards.milestones_done,
            guards.all_delivered,
            guards.second_key,
            guards.final_report,
        ),
    },
)

PERMISSIONS: Mapping[str, tuple[Permission, ...]] = MappingProxyType(
    {arrow.action: arrow.permissions for arrow in LIFECYCLE.transitions}
)
"""What each action needs, any one of them; it is the same out of every state."""


def action_of(move: wire.AgreementMove) -> AgreementAction:
    """Return the action a move asks for."""
    return AgreementAction(str(move.__struct_config__.tag))


def moved(stored: Stored, move: wire.AgreementMove, *, caller: Caller) -> Stored:
    """Return the agreement after a move, one version on.

    Raises `permission_missing`, `not_a_party`, `transition_not_allowed`, `guards_not_met` with all of them.
    """
    action = action_of(move)
    demand_permission(caller, PERMISSIONS[action])
    if _standing(stored, caller).isdisjoint(PERMISSIONS[action]):
        raise Problem("not_a_party")
    LIFECYCLE.arrow(action, stored.state)
    facts = Facts(stored=stored, caller=caller, move=move)
    LIFECYCLE.demand(action, facts)
    changes = _EFFECTS[type(move)](facts, move)
    reason = getattr(move, "reason", stored.state_reason)
    return replace(
        stored, version=stored.version + 1, updated_at=caller.now, **{"state_reason": reason, **changes}
    )


def reply(stored: Stored, caller: Caller) -> wire.Agreement:
    """Return what the caller may read of the agreement, with its phase, warnings and actions of today."""
    # Nothing in it depends on the instant, only on the day, so one question has one answer all day.
    return _reply(stored, replace(caller, now=_WHENEVER))


@lru_cache(maxsize=4096)
def _reply(stored: Stored, caller: Caller) -> wire.Agreement:
    """Give the reply, remembered by value: at most about 25 MB, and a tenth of the time of making it."""
    fields = msgspec.structs.asdict(stored)
    for name in _NOT_SENT:
        del fields[name]
    _, fields["effective_from_source"] = counted_from(stored)
    fields["notice_on"] = notice_on(stored)
    fields["phase"] = phase_of(stored, caller.today)
    fields.update(_for_outsiders(stored) if stored.access is None else _for_insiders(stored, caller))
    return wire.Agreement(**fields)


def actions(stored: Stored, caller: Caller) -> tuple[AvailableAction, ...]:
    """Return every action out of this state that belongs to the caller, and what stops it."""
    standing = _standing(stored, caller)
    if not standing:
        return ()
    facts = Facts(stored=stored, caller=caller)
    return LIFECYCLE.available(stored.state, facts, permissions=standing, language=caller.language)


def _standing(stored: Stored, caller: Caller) -> frozenset[Permission]:
    """Give the permissions that the caller may use on this agreement, by what its organization is to it."""
    creator = stored.created_by_organization_id == caller.organization_id
    if not is_party(stored, caller.organization_id):
        return caller.principal.permissions & _CREATORS if creator else _NOBODYS
    return caller.principal.permissions if creator else caller.principal.permissions - _CREATORS


_NOT_SENT = frozenset(Stored.__struct_fields__) - frozenset(wire.Agreement.__struct_fields__)
_HIDDEN: Mapping[str, Any] = {
    **dict.fromkeys(
        (
            "document_ref",
            "document_id",
            "source_note",
            "state_reason",
            "termination_ref",
            "termination_document_id",
            "close_proposal",
        )
    ),
    "actions": (),
    "warnings": (),
}


def _for_insiders(stored: Stored, caller: Caller) -> Mapping[str, Any]:
    return {
        "actions": actions(stored, caller),
        "warnings": warnings(stored, caller.today, language=caller.language),
    }


def _for_outsiders(stored: Stored) -> Mapping[str, Any]:
    """Give the fields as every token may read them: who signed, and why, is the parties' own."""
    parties = tuple(replace(party, signatory=None, power_of_attorney=None) for party in stored.parties)
    return {**_HIDDEN, "parties": parties}


def _opened(facts: Facts, _move: wire.OpenDiscussion) -> dict[str, Any]:
    # The first opening counts: the time it took to sign includes the rounds that were sent back.
    day = facts.stored.discussion_opened_on or facts.caller.today
    return {"state": _S.IN_DISCUSSION, "discussion_opened_on": day}


def _sent_back(facts: Facts, _move: wire.SendBack) -> dict[str, Any]:
    return {"state": _S.DRAFT, "parties": without_acceptances(facts.stored.parties)}


def _accepted(facts: Facts, _move: wire.Accept) -> dict[str, Any]:
    own, terms = facts.caller.organization_id, facts.stored.terms_version
    parties = tuple(
        replace(party, accepted_terms_version=terms) if party.organization_id == own else party
        for party in facts.stored.parties
    )
    if accepted(replace(facts.stored, parties=parties)):
        return {"parties": parties, "state": _S.READY_TO_SIGN, "ready_on": facts.caller.today}
    return {"parties": parties}


def _unlocked(facts: Facts, _move: wire.Unlock) -> dict[str, Any]:
    parties = without_acceptances(facts.stored.parties)
    return {"state": _S.IN_DISCUSSION, "ready_on": None, "parties": parties}


def _signed(facts: Facts, move: wire.RegisterSigning) -> dict[str, Any]:
    signatures = {signature.organization_id: signature for signature in move.signatures}
    return {
        "state": _S.SIGNED,
        "signing_registered_on": facts.caller.today,
        "signed_on": move.signed_on,
        "signed_on_precision": Precision.DAY,
        "document_ref": move.document_ref or facts.stored.document_ref,
        "document_id": move.document_id or facts.stored.document_id,
        "parties": tuple(
            _with_signature(party, signatures[party.organization_id], day=move.signed_on)
            for party in facts.stored.parties
        ),
    }


def _with_signature(party: wire.Party, given: wire.Signature, *, day: date) -> wire.Party:
    signatory = wire.Signatory(
        name=given.name,
        title=given.title,
        signed_on=given.signed_on or day,
        signature_kind=given.signature_kind,
    )
    power_of_attorney = given.power_of_attorney or party.power_of_attorney
    return replace(party, signatory=signatory, power_of_attorney=power_of_attorney)


def _suspended(facts: Facts, _move: wire.Suspend) -> dict[str, Any]:
    return {
        "state": _S.SUSPENDED,
        "suspended_on": facts.caller.today,
        "suspended_by": facts.caller.organization_id,
        "close_proposal": None,
    }


def _lifted(_facts: Facts, _move: wire.LiftSuspension) -> dict[str, Any]:
    return {"state": _S.SIGNED, "suspended_on": None, "suspended_by": None}


def _terminated(_facts: Facts, move: wire.Terminate) -> dict[str, Any]:
    # What was suspended stays so until the termination takes effect, so `suspended_on` is kept.
    return {
        "state": _S.TERMINATED,
        "terminated_on": move.effective_on,
        "termination_ref": move.document_ref,
        "termination_document_id": move.document_id,
        "suspended_by": None,
        "close_proposal": None,
    }


def _cancelled(facts: Facts, _move: wire.CancelAgreement) -> dict[str, Any]:
    return {"state": _S.CANCELLED, "cancelled_on": facts.caller.today}


def _closed(facts: Facts, move: wire.Close) -> dict[str, Any]:
    """Give the proposal at the first key, the closing at the second; the proposal names the report."""
    if facts.stored.close_proposal is not None:
        return {"state": _S.CLOSED, "closed_on": facts.caller.today}
    proposal = wire.Proposal(
        organization_id=facts.caller.organization_id,
        user_id=facts.caller.principal.user_id,
        at=facts.caller.now,
        document_ref=move.document_ref,
        document_id=move.document_id,
    )
    return {"close_proposal": proposal}


_EFFECTS: Mapping[type, Callable[[Facts, Any], dict[str, Any]]] = {
    wire.OpenDiscussion: _opened,
    wire.SendBack: _sent_back,
    wire.Accept: _accepted,
    wire.Unlock: _unlocked,
    wire.RegisterSigning: _signed,
    wire.Suspend: _suspended,
    wire.LiftSuspension: _lifted,
    wire.Terminate: _terminated,
    wire.CancelAgreement: _cancelled,
    wire.Close: _closed,
}
