"""The work plan: proposals, the moves of their life, and values of their indicators by period."""

from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.actuals import Actual, ActualMove, ActualPage, ActualQuery, CreateActual, UpdateActual
from schema.wire.workplans import (
    CreateWorkplanItem,
    UpdateWorkplanItem,
    WorkplanItem,
    WorkplanItemHistory,
    WorkplanItemMove,
    WorkplanItemPage,
    WorkplanItemQuery,
)
from service.access.basis import AgreementFacts, Basis, facts_on, known_agreement
from service.access.call import Call
from service.access.history import history_of
from service.access.record import Revision
from service.kernel.ids import uuid7
from service.kernel.operation import operation
from service.kernel.problem import Problem
from service.workplans import actual_queries, actual_rules, changes, edits, listing, queries, rules
from service.workplans.records import Measured, Stored, StoredActual
from service.workplans.writing import remove_item, write_actual, write_item

TAG = "workplan-items"
_READ = (Permission.WORKPLAN_READ,)
_EDIT = (Permission.WORKPLAN_EDIT,)
_MOVE = tuple(sorted(set(rules.PERMISSIONS.values())))
_MOVE_ACTUAL = tuple(sorted(set(actual_rules.PERMISSIONS.values())))


class FoundItem(NamedTuple):
    """An item the caller may see, with all that decisions about it rest on."""

    stored: Stored
    measured: Measured
    facts: AgreementFacts
    basis: Basis


class FoundActual(NamedTuple):
    """A reported value the caller may see, with its agreement."""

    stored: StoredActual
    facts: AgreementFacts
    basis: Basis


async def found_item(call: Call, workplan_item_id: UUID) -> FoundItem:
    """Return an item the caller may see; raise `not_found`."""
    found = await _item(call, queries.ById(workplan_item_id, call.organization_id))
    facts = facts_on(found.agreement, call.caller.today)
    return FoundItem(found.stored, found.measured, facts, found.agreement)


async def item_by_id(call: Call, workplan_item_id: UUID) -> WorkplanItem:
    """Return the reply for an item the caller may see."""
    stored, measured, facts, _ = await found_item(call, workplan_item_id)
    return rules.reply(rules.Shown(stored, measured, facts), call.caller)


async def found_actual(call: Call, actual_id: UUID) -> FoundActual:
    """Return a reported value the caller may see; raise `not_found`."""
    where = actual_queries.ById(actual_id, call.organization_id)
    found = await call.found(actual_queries.ACTUAL, where)
    return FoundActual(found.stored, facts_on(found.agreement, call.caller.today), found.agreement)


async def actual_by_id(call: Call, actual_id: UUID) -> Actual:
    """Return the reply for a reported value the caller may see."""
    stored, facts, _ = await found_actual(call, actual_id)
    return actual_rules.reply(stored, call.caller, agreement=facts)


@operation("GET", "/v1/workplan-items", permissions=_READ, tag=TAG)
async def list_workplan_items(call: Call, query: WorkplanItemQuery) -> WorkplanItemPage:
    """List the work plans of all agreements the acting organization may see, by agreement year."""
    items, agreements, cursor, total = await listing.page(call, query)
    facts = {key: facts_on(basis, call.caller.today) for key, basis in agreements.items()}
    replies = tuple(
        rules.reply(rules.Shown(item.stored, item.measured, facts[item.stored.agreement_id]), call.caller)
        for item in items
    )
    return WorkplanItemPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/workplan-items/{workplan_item_id}", permissions=_READ, tag=TAG)
async def get_workplan_item(call: Call, workplan_item_id: UUID) -> WorkplanItem:
    """Read one item with its progress and health of today."""
    return await item_by_id(call, workplan_item_id)


@operation(
    "POST",
    "/v1/workplan-items",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=item_by_id,
    problems=("not_a_party", "guards_not_met"),
)
async def create_workplan_item(call: Call, body: CreateWorkplanItem) -> WorkplanItem:
    """Propose an item; another party agrees to it.

    An output names the outcome it serves, an activity line its output; each may also stand alone.
    """
    where = queries.ToOpen(
        acting_id=call.organization_id, agreement_id=body.agreement_id, parent_id=body.parent_id
    )
    opening = await call.database.only(queries.OPENING, where)
    basis = known_agreement(opening.agreement, body.agreement_id)
    stored = edits.proposed(
        body,
        call.caller,
        agreement=facts_on(basis, call.caller.today),
        parent_level=opening.parent_level,
        id=uuid7(call.caller.now),
    )
    made = Revision(None, stored, Verb.CREATED)
    return await write_item(call, changes.PROPOSE, basis=basis, measured=Measured(), revision=made)


@operation(
    "PATCH",
    "/v1/workplan-items/{workplan_item_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "guards_not_met"),
)
async def update_workplan_item(
    call: Call, workplan_item_id: UUID, *, body: UpdateWorkplanItem
) -> WorkplanItem:
    """Change a proposal, or plan anew what was agreed: it becomes a proposal again and its baseline stays."""
    new_parent_id = None if body.parent_id is UNSET else body.parent_id
    found = await _item(call, queries.ById(workplan_item_id, call.organization_id, new_parent_id))
    call.match(found.stored.version)
    after = edits.updated(
        found.stored,
        body,
        caller=call.caller,
        agreement=facts_on(found.agreement, call.caller.today),
        parent_level=found.new_parent_level,
    )
    revision = Revision(found.stored, after, Verb.UPDATED)
    return await write_item(
        call, changes.EDIT, basis=found.agreement, measured=found.measured, revision=revision
    )


@operation(
    "DELETE",
    "/v1/workplan-items/{workplan_item_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "guards_not_met"),
)
async def delete_workplan_item(call: Call, workplan_item_id: UUID) -> None:
    """Delete a proposal of the own organization that nobody ever agreed to."""
    stored, measured, facts, basis = await found_item(call, workplan_item_id)
    call.match(stored.version)
    edits.demand_deletable(stored, measured, caller=call.caller, agreement=facts)
    await remove_item(call, stored, basis=basis)


@operation("GET", "/v1/workplan-items/{workplan_item_id}/transitions", permissions=_READ, tag=TAG)
async def list_workplan_item_transitions(call: Call, workplan_item_id: UUID) -> WorkplanItemHistory:
    """Read what was done to an item: who, in which role, for which organization, and why."""
    return WorkplanItemHistory(items=await history_of(call, Noun.WORKPLAN_ITEM, subject_id=workplan_item_id))


@operation(
    "POST",
    "/v1/workplan-items/{workplan_item_id}/transitions",
    permissions=_MOVE,
    tag=TAG,
    conditional=True,
    revisit=item_by_id,
    problems=("not_a_party", "same_party", "same_person", "transition_not_allowed", "guards_not_met"),
)
async def transition_workplan_item(
    call: Call, workplan_item_id: UUID, *, body: WorkplanItemMove
) -> WorkplanItem:
    """Carry out an action of the state machine; whoever proposes does not agree, nor complete and verify."""
    stored, measured, facts, basis = await found_item(call, workplan_item_id)
    call.match(stored.version)
    after = rules.moved(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, rules.action_of(body), getattr(body, "reason", None))
    return await write_item(call, changes.MOVE, basis=basis, measured=measured, revision=revision)


@operation("GET", "/v1/workplan-items/{workplan_item_id}/actuals", permissions=_READ, tag=TAG)
async def list_actuals(call: Call, workplan_item_id: UUID, *, query: ActualQuery) -> ActualPage:
    """List the values reported for an item, earliest period first."""
    page, cursor, total = await actual_queries.page(call, workplan_item_id, query=query)
    if page is None:
        raise Problem("not_found")
    facts = facts_on(page.agreement, call.caller.today)
    replies = tuple(actual_rules.reply(each, call.caller, agreement=facts) for each in page.items)
    return ActualPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/workplan-items/{workplan_item_id}/actuals/{actual_id}", permissions=_READ, tag=TAG)
async def get_actual(call: Call, workplan_item_id: UUID, *, actual_id: UUID) -> Actual:
    """Read one reported value."""
    stored, facts, _ = await _actual_of(call, workplan_item_id, actual_id=actual_id)
    return actual_rules.reply(stored, call.caller, agreement=facts)


@operation(
    "POST",
    "/v1/workplan-items/{workplan_item_id}/actuals",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=actual_by_id,
    problems=("not_a_party", "guards_not_met", "period_taken"),
)
async def create_actual(call: Call, workplan_item_id: UUID, *, body: CreateActual) -> Actual:
    """Draft a value of the item's indicator for a period, or say why there is none."""
    item, _, facts, basis = await found_item(call, workplan_item_id)
    stored = actual_rules.reported(body, item, caller=call.caller, agreement=facts, id=uuid7(call.caller.now))
    made = Revision(None, stored, Verb.CREATED)
    return await write_actual(call, changes.REPORT, basis=basis, item_version=item.version, revision=made)


@operation(
    "PATCH",
    "/v1/workplan-items/{workplan_item_id}/actuals/{actual_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "period_taken"),
)
async def update_actual(call: Call, workplan_item_id: UUID, *, actual_id: UUID, body: UpdateActual) -> Actual:
    """Correct a value that is a draft or was returned."""
    stored, facts, basis = await _actual_of(call, workplan_item_id, actual_id=actual_id)
    call.match(stored.version)
    after = actual_rules.corrected(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, Verb.UPDATED)
    return await write_actual(call, changes.CORRECT, basis=basis, item_version=0, revision=revision)


@operation(
    "POST",
    "/v1/workplan-items/{workplan_item_id}/actuals/{actual_id}/transitions",
    permissions=_MOVE_ACTUAL,
    tag=TAG,
    conditional=True,
    revisit=actual_by_id,
    problems=("not_a_party", "same_party", "same_person", "transition_not_allowed", "guards_not_met"),
)
async def transition_actual(
    call: Call, workplan_item_id: UUID, *, actual_id: UUID, body: ActualMove
) -> Actual:
    """Submit, approve or return a value; only approved ones count, and whoever submits does not approve."""
    stored, facts, basis = await _actual_of(call, workplan_item_id, actual_id=actual_id)
    call.match(stored.version)
    after = actual_rules.moved(stored, body, caller=call.caller, agreement=facts)
    action, reason = actual_rules.action_of(body), getattr(body, "reason", None)
    revision = Revision(stored, after, action, reason)
    return await write_actual(call, changes.CORRECT, basis=basis, item_version=0, revision=revision)


async def _item(call: Call, where: queries.ById) -> queries.Found:
    return await call.found(queries.ITEM, where)


async def _actual_of(call: Call, workplan_item_id: UUID, *, actual_id: UUID) -> FoundActual:
    """Return a value of this item; one of another item does not exist at this address."""
    found = await found_actual(call, actual_id)
    if found.stored.workplan_item_id != workplan_item_id:
        raise Problem("not_found")
    return found


OPERATIONS = (
    list_workplan_items,
    get_workplan_item,
    create_workplan_item,
    update_workplan_item,
    delete_workplan_item,
    list_workplan_item_transitions,
    transition_workplan_item,
    list_actuals,
    get_actual,
    create_actual,
    update_actual,
    transition_actual,
)
