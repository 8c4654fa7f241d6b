"""Agreements, their parties, and the moves of their life."""

from typing import Any, TypeVar
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.agreements import (
    Agreement,
    AgreementHistory,
    AgreementMove,
    AgreementPage,
    AgreementQuery,
    CreateAgreement,
    Party,
    PartyInput,
    PutParty,
    UpdateAgreement,
)
from service.access.call import Call
from service.access.history import history_of
from service.access.record import Step, entry
from service.agreements import listing, queries, rules, terms
from service.agreements.faults import Around
from service.agreements.phase import Stored
from service.kernel.ids import uuid7
from service.kernel.ledger import Change
from service.kernel.operation import operation
from service.kernel.text import folded, squeezed

T = TypeVar("T")

TAG = "agreements"
_READ = (Permission.AGREEMENT_READ,)
_EDIT = (Permission.AGREEMENT_EDIT,)
_MOVE = tuple(sorted({permission for each in rules.PERMISSIONS.values() for permission in each}))


async def stored_agreement(call: Call, agreement_id: UUID) -> Stored:
    """Return an agreement the caller may see, or raise `not_found`."""
    return await call.found(queries.AGREEMENT, queries.ById(agreement_id, call.organization_id))


async def agreement_by_id(call: Call, agreement_id: UUID) -> Agreement:
    """Return the reply for an agreement the caller may see."""
    return rules.reply(await stored_agreement(call, agreement_id), call.caller)


@operation("GET", "/v1/agreements", permissions=_READ, tag=TAG)
async def list_agreements(call: Call, query: AgreementQuery) -> AgreementPage:
    """List the agreements the acting organization takes part in.

    Those of its units and the MoU above its own are among them; `visibility=public` lists all public ones
    instead.
    """
    items, cursor, total = await listing.page(call, query)
    replies = tuple(rules.reply(stored, call.caller) for stored in items)
    return AgreementPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/agreements/{agreement_id}", permissions=_READ, tag=TAG)
async def get_agreement(call: Call, agreement_id: UUID) -> Agreement:
    """Read one agreement with its parties.

    What the calendar decides (phase, warnings, actions) is derived for today in the acting organization's
    time zone.
    """
    return await agreement_by_id(call, agreement_id)


@operation(
    "POST",
    "/v1/agreements",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=agreement_by_id,
    problems=("not_a_party", "document_number_taken"),
)
async def create_agreement(call: Call, body: CreateAgreement) -> Agreement:
    """Draft an agreement, or with `recorded_from_paper` enter one of the past as signed.

    The acting organization is one of the parties, above one of them, or a party of the parent.
    """
    around = await named_in(call, body.parties, parent_id=body.parent_id, renews_id=body.renews_id)
    stored = terms.created(body, call.caller, agreement_id=uuid7(call.caller.now), around=around)
    reply = rules.reply(stored, call.caller)
    step = step_of(stored, action=Verb.CREATED, after=stored)
    async with call.database.transaction() as connection:
        await queries.create(connection, written(call, step, stored=stored, reply=reply))
    return reply


@operation(
    "PATCH",
    "/v1/agreements/{agreement_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "document_number_taken", "record_in_use"),
)
async def update_agreement(call: Call, agreement_id: UUID, *, body: UpdateAgreement) -> Agreement:
    """Change terms or parties.

    Until it is ready to sign, a coordinator of any party may edit all of it; an edit clears all acceptances.
    """
    stored = await _matching(call, agreement_id)
    parties = () if body.parties is msgspec.UNSET else body.parties
    around = await named_in(call, parties, parent_id=_given(body.parent_id), renews_id=_given(body.renews_id))
    edited = terms.updated(stored, body, caller=call.caller, around=around)
    return await _write(call, queries.EDIT, before=stored, after=edited, action=Verb.UPDATED)


@operation(
    "DELETE",
    "/v1/agreements/{agreement_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "record_in_use"),
)
async def delete_agreement(call: Call, agreement_id: UUID) -> None:
    """Delete a draft."""
    stored = await _matching(call, agreement_id)
    terms.demand_deletable(stored, call.caller)
    step = step_of(stored, before=stored, action=Verb.DELETED)
    params = queries.Removed(**entry(call, step, answer=None), expected_version=stored.version)
    async with call.database.lease() as connection:
        await queries.DELETE.run(connection, params)


@operation(
    "PUT",
    "/v1/agreements/{agreement_id}/parties/{organization_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "document_number_taken"),
)
async def put_agreement_party(
    call: Call, agreement_id: UUID, *, organization_id: UUID, body: PutParty
) -> Agreement:
    """Add an organization as a party, or change what is known of it; answers the whole agreement."""
    stored = await _matching(call, agreement_id)
    around = await named_in(call, (), also=organization_id)
    edited = terms.with_party(stored, organization_id, put=body, caller=call.caller, around=around)
    return await _write(call, queries.EDIT, before=stored, after=edited, action=Verb.UPDATED)


@operation(
    "DELETE",
    "/v1/agreements/{agreement_id}/parties/{organization_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "record_in_use"),
)
async def delete_agreement_party(call: Call, agreement_id: UUID, *, organization_id: UUID) -> Agreement:
    """Take an organization out of the agreement; answers the whole agreement."""
    stored = await _matching(call, agreement_id)
    edited = terms.without_party(stored, organization_id, caller=call.caller)
    return await _write(call, queries.EDIT, before=stored, after=edited, action=Verb.UPDATED)


@operation("GET", "/v1/agreements/{agreement_id}/transitions", permissions=_READ, tag=TAG)
async def list_agreement_transitions(call: Call, agreement_id: UUID) -> AgreementHistory:
    """Read what was done to an agreement: who, in which role, for which organization, and why."""
    return AgreementHistory(items=await history_of(call, Noun.AGREEMENT, subject_id=agreement_id))


@operation(
    "POST",
    "/v1/agreements/{agreement_id}/transitions",
    permissions=_MOVE,
    tag=TAG,
    conditional=True,
    revisit=agreement_by_id,
    problems=("not_a_party", "transition_not_allowed", "guards_not_met"),
)
async def transition_agreement(call: Call, agreement_id: UUID, *, body: AgreementMove) -> Agreement:
    """Carry out an action of the state machine.

    `actions[]` of the record tells which are possible now; what stops one is answered with all its guards.
    """
    stored = await _matching(call, agreement_id)
    moved = rules.moved(stored, body, caller=call.caller)
    change = queries.MOVE if moved.parties == stored.parties else queries.EDIT
    reason = getattr(body, "reason", None)
    return await _write(call, change, before=stored, after=moved, action=rules.action_of(body), reason=reason)


async def _matching(call: Call, agreement_id: UUID) -> Stored:
    stored = await stored_agreement(call, agreement_id)
    call.match(stored.version)
    return stored


def _given(value: T | msgspec.UnsetType) -> T | None:
    return None if value is msgspec.UNSET else value


async def named_in(
    call: Call,
    parties: tuple[PartyInput, ...],
    *,
    parent_id: UUID | None = None,
    renews_id: UUID | None = None,
    also: UUID | None = None,
) -> Around:
    """Return what an input names, as far as the caller may know of it."""
    ids = [party.organization_id for party in parties]
    named = queries.Named(
        acting_id=call.organization_id,
        parent_id=parent_id,
        renews_id=renews_id,
        organization_ids=tuple(ids if also is None else [*ids, also]),
    )
    return await call.database.only(queries.AROUND, named)


def step_of(
    stored: Stored,
    *,
    action: str,
    before: Stored | None = None,
    after: Stored | None = None,
    reason: str | None = None,
) -> Step:
    """Return what the ledger is told of a change of an agreement."""
    return Step(
        noun=Noun.AGREEMENT,
        subject_id=stored.id,
        version=stored.version,
        action=action,
        permissions=rules.PERMISSIONS.get(action, _EDIT),
        stream=stored.id,
        agreement_id=stored.id,
        before=before,
        after=after,
        reason=reason,
        names_persons=any(party.signatory for party in stored.parties),
    )


async def _write(
    call: Call,
    change: Change[queries.Written],
    *,
    before: Stored,
    after: Stored,
    action: str,
    reason: str | None = None,
) -> Agreement:
    reply = rules.reply(after, call.caller)
    step = step_of(after, action=action, before=before, after=after, reason=reason)
    async with call.database.lease() as connection:
        await change.run(connection, written(call, step, stored=after, reply=reply))
    return reply


def written(call: Call, step: Step, *, stored: Stored, reply: object) -> queries.Written:
    """Return the parameters that write an agreement; `reply` is what the caller will be sent."""
    values = {name: getattr(stored, name) for name in queries.COLUMNS}
    values["close_proposal"] = stored.close_proposal and msgspec.json.encode(stored.close_proposal).decode()
    rows = [_row(party) for party in stored.parties]
    return queries.Written(
        **entry(call, step, answer=reply),
        **values,
        search_text=folded(f"{stored.title} {stored.printed_title or ''}"),
        report_document_id=stored.close_proposal and stored.close_proposal.document_id,
        parties=msgspec.json.encode(rows).decode(),
        expected_version=stored.version - 1,
    )


def _row(party: Party) -> dict[str, Any]:
    """Return a party as its row."""
    number, signatory = party.document_number, party.signatory
    return {
        "organization_id": party.organization_id,
        "position": party.position,
        "label": party.label,
        "document_number": number,
        "document_number_key": number and squeezed(number),
        "signatory_name": signatory and signatory.name,
        "signatory_title": signatory and signatory.title,
        "signatory_signed_on": signatory and signatory.signed_on,
        "signatory_signature_kind": signatory and signatory.signature_kind,
        "power_of_attorney": party.power_of_attorney,
        "accepted_terms_version": party.accepted_terms_version,
    }


OPERATIONS = (
    list_agreements,
    get_agreement,
    create_agreement,
    update_agreement,
    delete_agreement,
    put_agreement_party,
    delete_agreement_party,
    list_agreement_transitions,
    transition_agreement,
)
