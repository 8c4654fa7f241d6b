"""Amendments: proposed by a party, accepted and signed by all, and then part of the agreement."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from schema.vocabulary import AmendmentState, Noun, Permission, Verb
from schema.wire.amendments import (
    Amendment,
    AmendmentChanges,
    AmendmentDiff,
    AmendmentMove,
    AmendmentPage,
    AmendmentQuery,
    CreateAmendment,
    Sequence,
    UpdateAmendment,
)
from service.access.call import Call
from service.access.holding import behind
from service.access.record import Step, entry
from service.agreements import amendment_listing as listing
from service.agreements import amendment_queries as queries
from service.agreements import amendment_rules as rules
from service.agreements import amendment_terms as terms
from service.agreements.amendment_records import StoredAmendment, present
from service.agreements.faults import Around
from service.agreements.phase import Stored
from service.agreements.queries import EDIT as EDIT_AGREEMENT
from service.agreements.routes import named_in, step_of, written
from service.kernel.ids import uuid7
from service.kernel.ledger import Change
from service.kernel.operation import operation

TAG = "amendments"
_READ = (Permission.AGREEMENT_READ,)
_EDIT = (Permission.AGREEMENT_EDIT,)
_MOVE = tuple(sorted({permission for each in rules.PERMISSIONS.values() for permission in each}))
_PATH = "/v1/agreements/{agreement_id}/amendments"

_encode = msgspec.json.Encoder().encode


class _Revision(NamedTuple):
    """What an amendment was, None when it is new, what it becomes, by which action and why."""

    agreement: Stored
    before: StoredAmendment | None
    after: StoredAmendment
    action: str
    reason: str | None = None


async def amendment_by_id(call: Call, amendment_id: UUID) -> Amendment:
    """Return the reply for an amendment the caller may see."""
    wanted = queries.ById(amendment_id, call.organization_id)
    found = await call.found(queries.AMENDMENT_BY_ID, wanted)
    return rules.reply(found.amendment, call.caller, agreement=found.agreement)


async def found_amendment(call: Call, agreement_id: UUID, *, sequence: int) -> queries.Found:
    """Return an amendment the caller may see with its agreement, or raise `not_found`."""
    wanted = queries.BySequence(agreement_id=agreement_id, sequence=sequence, acting_id=call.organization_id)
    return await call.found(queries.AMENDMENT, wanted)


@operation("GET", _PATH, permissions=_READ, tag=TAG)
async def list_amendments(call: Call, agreement_id: UUID, *, query: AmendmentQuery) -> AmendmentPage:
    """List the amendments of an agreement in the order of their numbers."""
    items, agreement, cursor, total = await listing.page(call, agreement_id, query=query)
    replies = tuple(rules.reply(stored, call.caller, agreement=agreement) for stored in items)
    return AmendmentPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", f"{_PATH}/{{sequence}}", permissions=_READ, tag=TAG)
async def get_amendment(call: Call, agreement_id: UUID, *, sequence: Sequence) -> Amendment:
    """Read one amendment with what it changes and who has accepted it."""
    found = await found_amendment(call, agreement_id, sequence=sequence)
    return rules.reply(found.amendment, call.caller, agreement=found.agreement)


@operation("GET", f"{_PATH}/{{sequence}}/diff", permissions=_READ, tag=TAG)
async def get_amendment_diff(call: Call, agreement_id: UUID, *, sequence: Sequence) -> AmendmentDiff:
    """Read what an amendment changes, item by item, before and after.

    While it is open, it is held against the agreement as it is now; once it is signed or cancelled, it tells
    what was different then.
    """
    found = await found_amendment(call, agreement_id, sequence=sequence)
    return rules.diff(found.amendment, call.caller, agreement=found.agreement)


@operation(
    "POST",
    _PATH,
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=amendment_by_id,
    problems=("not_a_party", "amendment_open", "guards_not_met"),
)
async def create_amendment(call: Call, agreement_id: UUID, *, body: CreateAmendment) -> Amendment:
    """Propose to change a signed agreement; an agreement has one open amendment at most.

    All parties see it at once, and any of them may edit it until all have accepted it. An extension gives the
    new last day. What would not be valid in the agreement is refused here, with all faults.
    """
    wanted = queries.ById(agreement_id, call.organization_id)
    found = await call.found(queries.AMENDABLE, wanted)
    around = await _around(call, body.changes)
    id = uuid7(call.caller.now)
    stored = terms.proposed(found, body, caller=call.caller, id=id, around=around)
    return await _write(call, queries.CREATE, revision=_Revision(found.agreement, None, stored, Verb.CREATED))


@operation(
    "PATCH",
    f"{_PATH}/{{sequence}}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit"),
)
async def update_amendment(
    call: Call, agreement_id: UUID, *, sequence: Sequence, body: UpdateAmendment
) -> Amendment:
    """Change a proposal in discussion; `changes` takes the place of all that was proposed before.

    Where the terms of the agreement have moved since, it looks at them again, also with an empty body.
    """
    found = await _matching(call, agreement_id, sequence=sequence)
    stored, agreement = found.amendment, found.agreement
    around = await _around(call, body.changes)
    edited = terms.edited(stored, body, agreement=agreement, caller=call.caller, around=around)
    return await _write(call, queries.EDIT, revision=_Revision(agreement, stored, edited, Verb.UPDATED))


@operation(
    "POST",
    f"{_PATH}/{{sequence}}/transitions",
    permissions=_MOVE,
    tag=TAG,
    conditional=True,
    revisit=amendment_by_id,
    problems=("not_a_party", "document_number_taken"),
)
async def transition_amendment(
    call: Call, agreement_id: UUID, *, sequence: Sequence, body: AmendmentMove
) -> Amendment:
    """Carry out an action of the state machine; `register_signing` changes the agreement in the same moment.

    Every party accepts the same proposal, each for itself and by a person of its own. What is signed holds
    from then on: the agreement has the new terms, and its phase is derived from them.
    """
    found = await _matching(call, agreement_id, sequence=sequence)
    stored, agreement = found.amendment, found.agreement
    moved = rules.moved(stored, body, agreement=agreement, caller=call.caller)
    action = rules.action_of(body)
    revision = _Revision(agreement, stored, moved, action, getattr(body, "reason", None))
    if moved.state is AmendmentState.SIGNED:
        return await _merge(call, revision)
    change = queries.EDIT if moved.acceptances in ((), stored.acceptances) else queries.ACCEPT
    return await _write(call, change, revision=revision)


async def _matching(call: Call, agreement_id: UUID, *, sequence: int) -> queries.Found:
    found = await found_amendment(call, agreement_id, sequence=sequence)
    call.match(found.amendment.version)
    return found


async def _around(call: Call, changes: AmendmentChanges | msgspec.UnsetType) -> Around:
    """Return what the changes name; nothing is asked when they name no party."""
    parties = () if changes is msgspec.UNSET else present(changes).get("parties", ())
    return await named_in(call, parties) if parties else Around()


async def _write(call: Call, change: Change[queries.Written], *, revision: _Revision) -> Amendment:
    reply = rules.reply(revision.after, call.caller, agreement=revision.agreement)
    async with call.database.lease() as connection:
        await change.run(connection, _written(call, revision, reply=reply))
    return reply


async def _merge(call: Call, revision: _Revision) -> Amendment:
    """Write a signed amendment and the agreement it changes, in one transaction and with an entry for each.

    The amendment comes first: it locks the agreement, and whoever leaves by it sees it no more afterwards.
    """
    before = revision.agreement
    after = terms.merged(before, revision.after.changes, now=call.caller.now)
    reply = rules.reply(revision.after, call.caller, agreement=after)
    step = step_of(after, action=Verb.AMENDED, before=before, after=after)
    # The amendment's own change claims the Idempotency-Key.
    changed = written(replace(call, repeat=None), step, stored=after, reply=reply)
    async with call.database.transaction() as connection:
        await queries.SIGN.run(connection, _written(call, revision, reply=reply))
        await EDIT_AGREEMENT.run(connection, changed)
    return reply


def _written(call: Call, revision: _Revision, *, reply: Amendment) -> queries.Written:
    after = revision.after
    values: dict[str, Any] = {name: getattr(after, name) for name in queries.COLUMNS}
    for name in ("changes", "signatures", "differences"):
        values[name] = None if values[name] is None else _encode(values[name]).decode()
    return queries.Written(
        **entry(call, _step(revision), answer=reply),
        **behind(revision.agreement),
        **values,
        expected_version=after.version - 1,
    )


def _step(revision: _Revision) -> Step:
    after = revision.after
    parties = present(after.changes).get("parties", ())
    return Step(
        noun=Noun.AMENDMENT,
        subject_id=after.id,
        version=after.version,
        action=revision.action,
        permissions=rules.PERMISSIONS.get(revision.action, _EDIT),
        stream=after.agreement_id,
        agreement_id=after.agreement_id,
        before=revision.before,
        after=after,
        reason=revision.reason,
        names_persons=bool(after.signatures) or any(party.signatory for party in parties),
    )


OPERATIONS = (
    list_amendments,
    get_amendment,
    get_amendment_diff,
    create_amendment,
    update_amendment,
    transition_amendment,
)
