"""Proposing, editing and deleting items: what each makes of the record, and when it is refused.

Order of refusals: permission, party, state, input, guards.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict

from schema.vocabulary import Permission, WorkplanLevel, WorkplanState
from schema.wire.workplans import CreateWorkplanItem, UpdateWorkplanItem
from service.access.basis import AgreementFacts, demand_party, open_faults
from service.access.principal import Caller
from service.kernel.problem import Fault, Problem, refuse
from service.workplans.checks import item_faults, parent_faults
from service.workplans.records import Measured, Stored, next_item
from service.workplans.rules import baseline, without_drop

_SIGNATURES = (
    "agreed_by",
    "agreer_id",
    "completed_by",
    "completer_id",
    "verified_by",
    "verifier_id",
    "drop_proposed_by",
    "drop_proposer_id",
    "dropped_by",
    "dropper_id",
)
_EDITABLE = frozenset({WorkplanState.PROPOSED, WorkplanState.AGREED})


def proposed(
    body: CreateWorkplanItem,
    caller: Caller,
    *,
    agreement: AgreementFacts,
    parent_level: WorkplanLevel | None,
    id: UUID,
) -> Stored:
    """Return the first version of an item: a proposal of the caller's organization.

    Raises `permission_missing`, `not_a_party`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.WORKPLAN_EDIT)
    stored = _first_version(body, caller, id=id)
    refuse([*item_faults(stored, agreement), *parent_faults(stored, parent_level)])
    _demand(open_faults(agreement.phase), action="create")
    return stored


def updated(
    stored: Stored,
    patch: UpdateWorkplanItem,
    *,
    caller: Caller,
    agreement: AgreementFacts,
    parent_level: WorkplanLevel | None,
) -> Stored:
    """Return the item with the fields the body gives, proposed by the caller's organization.

    What was agreed becomes a proposal again, so that nobody changes alone what two agreed on.
    Raises `permission_missing`, `not_a_party`, `state_forbids_edit`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.WORKPLAN_EDIT)
    if stored.state not in _EDITABLE:
        raise _forbidden(stored, "agreed_is_kept")
    given: dict[str, Any] = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    if "due_on" in given:
        given["baseline_due_on"] = baseline(stored, given["due_on"])
    after = next_item(stored, {**given, **_proposal(caller)}, caller=caller)
    refuse([*item_faults(after, agreement), *parent_faults(after, parent_level)])
    _demand(open_faults(agreement.phase), action="update")
    return after


def demand_deletable(
    stored: Stored, measured: Measured, *, caller: Caller, agreement: AgreementFacts
) -> None:
    """Refuse to delete anything but an own proposal that was never agreed and that nothing refers to.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.WORKPLAN_EDIT)
    if stored.state is not WorkplanState.PROPOSED:
        raise _forbidden(stored, "not_proposed")
    _demand(_reasons_to_keep(stored, measured, caller=caller), action="delete")


def _reasons_to_keep(stored: Stored, measured: Measured, *, caller: Caller) -> Iterator[Fault]:
    if stored.proposed_by != caller.organization_id:
        yield Fault("", "proposed_by_another", {"organization_id": stored.proposed_by})
    if stored.first_agreed_on is not None:
        yield Fault("/first_agreed_on", "item_was_agreed", {"day": stored.first_agreed_on})
    if measured.children_count:
        yield Fault("", "item_has_children", {"count": measured.children_count})
    if measured.activities_count:
        yield Fault("", "item_has_activities", {"count": measured.activities_count})
    if measured.milestones_count:
        yield Fault("", "item_has_milestones", {"count": measured.milestones_count})


def _first_version(body: CreateWorkplanItem, caller: Caller, *, id: UUID) -> Stored:
    return Stored(
        **asdict(body),
        **dict.fromkeys(_SIGNATURES),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        baseline_due_on=body.due_on,
        first_agreed_on=None,
        evidence=(),
        state=WorkplanState.PROPOSED,
        state_reason=None,
        proposed_by=caller.organization_id,
        proposer_id=caller.principal.user_id,
    )


def _proposal(caller: Caller) -> Mapping[str, Any]:
    return {
        "state": WorkplanState.PROPOSED,
        "proposed_by": caller.organization_id,
        "proposer_id": caller.principal.user_id,
        "agreed_by": None,
        "agreer_id": None,
        **without_drop(),
    }


def _demand(faults: Iterable[Fault], *, action: str) -> None:
    found = tuple(faults)
    if found:
        raise Problem("guards_not_met", faults=found, action=action)


def _forbidden(stored: Stored, code: str) -> Problem:
    return Problem("state_forbids_edit", faults=(Fault("", code),), state=stored.state)
