"""The life of an item: its state machine, its moves, and the reply that says what a caller may do now.

A move is refused in this order: permission, party, arrow, input, another party, then all guards together.
`actions[]` knows no move yet, so there only the record counts.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from msgspec.structs import asdict, replace

from schema.vocabulary import DateSource, Language, Permission, WarningCode, WorkplanAction, WorkplanState
from schema.wire import workplans as wire
from schema.wire.common import AvailableAction, Warning
from service.access.basis import AgreementFacts, demand_party
from service.access.evidence import evidence_faults, evidence_length_faults
from service.access.principal import Caller
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.period import calendar_quarters
from service.kernel.problem import Fault, refuse
from service.workplans import guards
from service.workplans.checks import due_faults
from service.workplans.guards import Facts, facts_of
from service.workplans.progress import achieved, due_of, health_of, progress_of, span_of
from service.workplans.records import Measured, Stored, next_item

_A, _S = WorkplanAction, WorkplanState
_EDIT = (Permission.WORKPLAN_EDIT,)
_VERIFY = (Permission.WORKPLAN_VERIFY,)

LIFECYCLE: Lifecycle[Facts] = Lifecycle(
    transitions=(
        Transition(_A.AGREE, _S.PROPOSED, _S.AGREED, _EDIT, "by another party than the one that proposed"),
        Transition(_A.START, _S.AGREED, _S.IN_PROGRESS, _EDIT, "by the lead; agreement active or expiring"),
        Transition(
            _A.COMPLETE,
            _S.IN_PROGRESS,
            _S.COMPLETED,
            _EDIT,
            "by the lead; at least one evidence, on record or in the body",
        ),
        Transition(
            _A.VERIFY, _S.COMPLETED, _S.VERIFIED, _VERIFY, "by another party than the one that completed"
        ),
        Transition(
            _A.RETURN,
            _S.COMPLETED,
            _S.IN_PROGRESS,
            _VERIFY,
            "by another party than the one that completed; a reason",
        ),
        *(
            Transition(_A.DEFER, source, _S.DEFERRED, _EDIT, "a later due day and a reason; baseline kept")
            for source in (_S.AGREED, _S.IN_PROGRESS)
        ),
        Transition(_A.RESUME, _S.DEFERRED, _S.AGREED, _EDIT),
        *(
            Transition(
                _A.DROP,
                source,
                _S.DROPPED,
                _EDIT,
                "a reason; the first call proposes, the same of another party drops; other changes clear it",
            )
            for source in (_S.PROPOSED, _S.AGREED, _S.DEFERRED)
        ),
    ),
    guards={
        _A.AGREE: (guards.proposed_elsewhere, guards.agreement_open),
        _A.START: (guards.agreement_running, guards.by_lead),
        _A.COMPLETE: (guards.agreement_kept, guards.by_lead, guards.evidence_given),
        _A.VERIFY: (guards.completed_elsewhere, guards.agreement_kept),
        _A.RETURN: (guards.completed_elsewhere, guards.agreement_kept),
        _A.DEFER: (guards.agreement_open,),
        _A.RESUME: (guards.agreement_open,),
        _A.DROP: (guards.agreement_kept, guards.second_key),
    },
)

PERMISSIONS: Mapping[str, Permission] = {
    arrow.action: arrow.permissions[0] for arrow in LIFECYCLE.transitions
}
"""What each action needs; it is the same out of every state."""


class Shown(NamedTuple):
    """An item with all that its reply is made of besides who asks."""

    stored: Stored
    measured: Measured
    agreement: AgreementFacts


def action_of(move: wire.WorkplanItemMove) -> WorkplanAction:
    """Return the action a move asks for."""
    return WorkplanAction(str(move.__struct_config__.tag))


def moved(
    stored: Stored, move: wire.WorkplanItemMove, *, caller: Caller, agreement: AgreementFacts
) -> Stored:
    """Return the item after a move, one version on.

    Raises `permission_missing`, `not_a_party`, `transition_not_allowed`, `validation_failed`, `same_party`,
    `same_person`, or `guards_not_met` with all failed guards.
    """
    action = action_of(move)
    demand_party(caller, agreement, permission=PERMISSIONS[action])
    arrow = LIFECYCLE.arrow(action, stored.state)
    proposed = _with_evidence(stored, move)
    refuse(_input_faults(proposed, move, caller=caller, agreement=agreement))
    facts = facts_of(proposed, caller, agreement=agreement)
    LIFECYCLE.demand(action, facts)
    changes = {"state": arrow.target, **without_drop(), **_reason(move), **_effect(facts, move)}
    return next_item(proposed, changes, caller=caller)


def without_drop() -> dict[str, None]:
    """Return the fields that take a proposal to drop away: any other change does."""
    return dict.fromkeys(("drop_proposed_by", "drop_proposer_id"))


def reply(shown: Shown, caller: Caller) -> wire.WorkplanItem:
    """Return the item as this caller reads it today; who is no party has no actions."""
    stored, measured, agreement = shown
    fields = {name: value for name, value in asdict(stored).items() if name in _SENT}
    span, progress = span_of(stored, agreement), progress_of(stored, measured)
    return wire.WorkplanItem(
        **fields,
        actions=actions(stored, caller, agreement=agreement),
        warnings=warnings(shown, caller.language),
        starts_on=span and span.starts_on,
        ends_on=span and span.ends_on,
        effective_from_source=agreement.effective_from_source,
        calendar_quarters=calendar_quarters(*span) if span else (),
        budget_total=sum(line.amount for line in stored.budget) if stored.budget else None,
        achieved=achieved(stored.indicator, measured),
        progress=progress.percent,
        progress_source=progress.source,
        health=health_of(stored, progress.percent, span=span, today=caller.today),
    )


_SENT = frozenset(wire.WorkplanItem.__struct_fields__)


def actions(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> tuple[AvailableAction, ...]:
    """Return the actions out of the state that the caller's roles may take, with what stops each."""
    principal = caller.principal
    if principal.organization_id not in agreement.party_ids:
        return ()
    facts = facts_of(stored, caller, agreement=agreement)
    return LIFECYCLE.available(
        stored.state, facts, permissions=principal.permissions, language=caller.language
    )


def warnings(shown: Shown, language: Language) -> tuple[Warning, ...]:
    """Return the facts about the item that are worth a second look."""
    return tuple(Fault(pointer, code, values).warning(language) for code, pointer, values in _doubts(shown))


def _doubts(shown: Shown) -> Iterator[tuple[WarningCode, str, dict[str, object]]]:
    stored, _, agreement = shown
    if agreement.effective_from_source is DateSource.UNKNOWN:
        yield WarningCode.AGREEMENT_YEARS_UNKNOWN, "/agreement_year", {}
    if stored.lead_organization_id is None:
        yield WarningCode.LEAD_UNKNOWN, "/lead_organization_id", {}
    due, end = stored.due_on, agreement.ends_on
    if due is not None and end is not None and due > end:
        yield WarningCode.DUE_AFTER_AGREEMENT, "/due_on", {"due_on": due, "ends_on": end}


def _with_evidence(stored: Stored, move: wire.WorkplanItemMove) -> Stored:
    """Give the item with what the body brings, for the guards to look at."""
    if not isinstance(move, wire.CompleteItem):
        return stored
    added = tuple(item for item in move.evidence if item not in stored.evidence)
    return replace(stored, evidence=(*stored.evidence, *added))


def _input_faults(
    stored: Stored, move: wire.WorkplanItemMove, *, caller: Caller, agreement: AgreementFacts
) -> Iterator[Fault]:
    if isinstance(move, wire.CompleteItem):
        yield from evidence_faults(move.evidence)
        yield from evidence_length_faults(stored.evidence)
    if isinstance(move, wire.DeferItem):
        present = due_of(stored, span_of(stored, agreement))
        yield from due_faults(move.due_on, (caller.today, present))


def _reason(move: wire.WorkplanItemMove) -> dict[str, str]:
    reason = getattr(move, "reason", None)
    return {} if reason is None else {"state_reason": reason}


def _effect(facts: Facts, move: wire.WorkplanItemMove) -> dict[str, Any]:
    effect = _EFFECTS.get(type(move))
    return {} if effect is None else effect(facts, move)


def _agreed(facts: Facts, _move: wire.AgreeItem) -> dict[str, Any]:
    first = facts.stored.first_agreed_on or facts.today
    return {**_signed("agreed_by", "agreer_id", by=facts), "first_agreed_on": first}


def _completed(facts: Facts, _move: wire.CompleteItem) -> dict[str, Any]:
    return _signed("completed_by", "completer_id", by=facts)


def _verified(facts: Facts, _move: wire.VerifyItem) -> dict[str, Any]:
    return _signed("verified_by", "verifier_id", by=facts)


def _returned(_facts: Facts, _move: wire.ReturnItem) -> dict[str, Any]:
    return dict.fromkeys(("completed_by", "completer_id"))


def _deferred(facts: Facts, move: wire.DeferItem) -> dict[str, Any]:
    return {"due_on": move.due_on, "baseline_due_on": baseline(facts.stored, move.due_on)}


def _dropped(facts: Facts, _move: wire.DropItem) -> dict[str, Any]:
    """Give the proposal at the first key, the drop at the second; both stay on record."""
    stored = facts.stored
    if stored.drop_proposed_by is None:
        return {**_signed("drop_proposed_by", "drop_proposer_id", by=facts), "state": stored.state}
    kept = {"drop_proposed_by": stored.drop_proposed_by, "drop_proposer_id": stored.drop_proposer_id}
    return {**kept, **_signed("dropped_by", "dropper_id", by=facts)}


def baseline(stored: Stored, due_on: date | None) -> date | None:
    """Return the due day to measure slips from: the given one until a first was agreed, then that one."""
    fixed = stored.first_agreed_on is not None and stored.baseline_due_on is not None
    return stored.baseline_due_on if fixed else due_on


def _signed(organization: str, person: str, *, by: Facts) -> dict[str, Any]:
    return {organization: by.organization_id, person: by.user_id}


_EFFECTS: Mapping[type, Callable[[Facts, Any], dict[str, Any]]] = {
    wire.AgreeItem: _agreed,
    wire.CompleteItem: _completed,
    wire.VerifyItem: _verified,
    wire.ReturnItem: _returned,
    wire.DeferItem: _deferred,
    wire.DropItem: _dropped,
}
