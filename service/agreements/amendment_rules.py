"""The life of an amendment: its state machine, its moves, and the reply that says what a caller may do now.

A move is refused in this order: the permission, the party, the arrow, then all guards together. Every move
belongs to a party of the agreement; what an amendment would change belongs to none until all have accepted.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec.structs import replace

from schema.vocabulary import AmendmentAction, AmendmentState, Permission, WarningCode
from schema.wire import amendments as wire
from schema.wire.common import AvailableAction, Warning
from service.access.principal import Caller
from service.access.standing import phase_of
from service.agreements import amendment_guards as guards
from service.agreements.amendment_diff import differences
from service.agreements.amendment_guards import Facts
from service.agreements.amendment_records import OPEN, StoredAmendment, amended
from service.agreements.amendment_terms import reopened
from service.agreements.phase import Stored, is_party, warnings
from service.agreements.terms import demand_permission
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.problem import Fault, Problem

_EDIT = (Permission.AGREEMENT_EDIT,)
_ACCEPT = (Permission.AGREEMENT_ACCEPT,)
_A, _S = AmendmentAction, AmendmentState

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        Transition(
            _A.ACCEPT,
            _S.IN_DISCUSSION,
            _S.IN_DISCUSSION,
            _ACCEPT,
            "agreement signed; for its own party, once per terms_version, by another person than for others;"
            " ready_to_sign when every party has accepted",
        ),
        Transition(
            _A.UNLOCK, _S.READY_TO_SIGN, _S.IN_DISCUSSION, _EDIT + _ACCEPT, "a reason; clears all acceptances"
        ),
        Transition(
            _A.REGISTER_SIGNING,
            _S.READY_TO_SIGN,
            _S.SIGNED,
            _EDIT,
            "agreement signed, in the terms accepted; one signature per party, staying, going or joining,"
            " today at the latest; the signed document; changes the agreement at once",
        ),
        *(
            Transition(_A.CANCEL, source, _S.CANCELLED, _EDIT, "a reason; by any party")
            for source in (_S.IN_DISCUSSION, _S.READY_TO_SIGN)
        ),
    ),
    guards={_A.ACCEPT: guards.TO_ACCEPT, _A.REGISTER_SIGNING: guards.TO_SIGN},
)

PERMISSIONS: Mapping[str, tuple[Permission, ...]] = MappingProxyType(
    {arrow.action: arrow.permissions for arrow in LIFECYCLE.transitions}
)
"""What each action needs, any one of them; it is the same out of every state."""


def action_of(move: wire.AmendmentMove) -> AmendmentAction:
    """Return the action a move asks for."""
    return AmendmentAction(str(move.__struct_config__.tag))


def moved(
    stored: StoredAmendment, move: wire.AmendmentMove, *, agreement: Stored, caller: Caller
) -> StoredAmendment:
    """Return the amendment after a move, one version on; `amendment_terms.merged` tells what signing makes.

    Raises `permission_missing`, `not_a_party`, `transition_not_allowed`, `guards_not_met` with all of them.
    """
    action = action_of(move)
    demand_permission(caller, PERMISSIONS[action])
    if not is_party(agreement, caller.organization_id):
        raise Problem("not_a_party")
    LIFECYCLE.arrow(action, stored.state)
    facts = Facts(amendment=stored, agreement=agreement, caller=caller, move=move)
    LIFECYCLE.demand(action, facts)
    after = _EFFECTS[type(move)](facts, move)
    reason = getattr(move, "reason", stored.state_reason)
    return replace(after, version=stored.version + 1, updated_at=caller.now, state_reason=reason)


def reply(stored: StoredAmendment, caller: Caller, *, agreement: Stored) -> wire.Amendment:
    """Return the amendment as who sees its agreement reads it, with its warnings and actions of today."""
    fields = {name: getattr(stored, name) for name in _SENT}
    return wire.Amendment(
        **fields,
        actions=actions(stored, caller, agreement=agreement),
        warnings=tuple(_warnings(stored, caller, agreement=agreement)),
    )


_SENT = tuple(name for name in wire.Amendment.__struct_fields__ if name in StoredAmendment.__struct_fields__)


def actions(stored: StoredAmendment, caller: Caller, *, agreement: Stored) -> tuple[AvailableAction, ...]:
    """Return every action out of this state that belongs to the caller, and what stops it."""
    if not is_party(agreement, caller.organization_id):
        return ()
    facts = Facts(amendment=stored, agreement=agreement, caller=caller)
    permissions = caller.principal.permissions
    return LIFECYCLE.available(stored.state, facts, permissions=permissions, language=caller.language)


def diff(stored: StoredAmendment, caller: Caller, *, agreement: Stored) -> wire.AmendmentDiff:
    """Return what it changes, and where the agreement would stand today."""
    would_be = amended(agreement, stored.changes) if stored.state in OPEN else agreement
    items = differences(agreement, would_be) if stored.differences is None else stored.differences
    return wire.AmendmentDiff(
        agreement_id=stored.agreement_id,
        sequence=stored.sequence,
        version=stored.version,
        items=items,
        phase=phase_of(agreement, caller.today),
        amended_phase=phase_of(would_be, caller.today),
    )


def _warnings(stored: StoredAmendment, caller: Caller, *, agreement: Stored) -> Iterator[Warning]:
    """Yield what would be worth a second look, and is not so without it; once signed, where the paper is."""
    if stored.state in OPEN:
        would_be = amended(agreement, stored.changes)
        before, after = (
            warnings(each, caller.today, language=caller.language) for each in (agreement, would_be)
        )
        yield from (
            msgspec.structs.replace(each, pointer=f"/changes{each.pointer}")
            for each in after
            if each not in before
        )
    elif stored.state is _S.SIGNED and stored.document_id is None:
        yield Fault("/document_ref", WarningCode.DOCUMENT_NOT_STORED).warning(caller.language)


def _accepted(facts: Facts, _move: wire.AcceptAmendment) -> StoredAmendment:
    own, person = facts.caller.organization_id, facts.caller.principal.user_id
    acceptance = wire.Acceptance(organization_id=own, user_id=person, at=facts.caller.now)
    after = replace(facts.amendment, acceptances=(*facts.amendment.acceptances, acceptance))
    accepted = {each.organization_id for each in after.acceptances}
    if any(party.organization_id not in accepted for party in facts.agreement.parties):
        return after
    return replace(after, state=_S.READY_TO_SIGN, ready_on=facts.caller.today)


def _unlocked(facts: Facts, _move: wire.UnlockAmendment) -> StoredAmendment:
    return replace(reopened(facts.amendment), state=_S.IN_DISCUSSION, ready_on=None)


def _signed(facts: Facts, move: wire.SignAmendment) -> StoredAmendment:
    return replace(
        facts.amendment,
        state=_S.SIGNED,
        signed_on=move.signed_on,
        signing_registered_on=facts.caller.today,
        signatures=move.signatures,
        document_ref=move.document_ref,
        document_id=move.document_id,
        differences=_differences(facts),
        agreement_version=facts.agreement.version + 1,
    )


def _cancelled(facts: Facts, _move: wire.CancelAmendment) -> StoredAmendment:
    return replace(
        facts.amendment,
        state=_S.CANCELLED,
        cancelled_on=facts.caller.today,
        differences=_differences(facts),
    )


def _differences(facts: Facts) -> tuple[wire.Difference, ...]:
    return differences(facts.agreement, amended(facts.agreement, facts.amendment.changes))


_EFFECTS: Mapping[type, Callable[[Facts, Any], StoredAmendment]] = {
    wire.AcceptAmendment: _accepted,
    wire.UnlockAmendment: _unlocked,
    wire.SignAmendment: _signed,
    wire.CancelAmendment: _cancelled,
}
