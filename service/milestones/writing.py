"""How a change of a milestone is written: its row and the ledger at once."""

from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.milestones import CreateMilestone, Milestone
from service.access.basis import Basis, facts_on, known_agreement
from service.access.call import Call
from service.access.holding import behind
from service.access.record import Revision, Step, entry
from service.access.repeat import demand_same, fingerprint_of
from service.kernel.ids import uuid7
from service.kernel.ledger import Change
from service.milestones import changes, edits, queries, rules
from service.milestones.records import Stored

_encode = msgspec.json.Encoder().encode


async def created(call: Call, body: CreateMilestone) -> Milestone:
    """Return the milestone a body makes, or the one its client_ref made before."""
    where = queries.ToOpen(
        acting_id=call.organization_id, agreement_id=body.agreement_id, client_ref=body.client_ref
    )
    opening = await call.database.only(queries.OPENING, where)
    if opening.known_id is not None:
        return await _known(call, body, known_id=opening.known_id, fingerprint=opening.known_fingerprint)
    basis = known_agreement(opening.agreement, body.agreement_id)
    facts = facts_on(basis, call.caller.today)
    stored = edits.created(body, call.caller, agreement=facts, id=uuid7(call.caller.now))
    revision = Revision(None, stored, Verb.CREATED)
    fingerprint = fingerprint_of(body) if body.client_ref else None
    return await write(call, changes.CREATE, basis=basis, revision=revision, fingerprint=fingerprint)


async def _known(call: Call, body: CreateMilestone, *, known_id: UUID, fingerprint: str | None) -> Milestone:
    """Return what the client_ref made first."""
    await demand_same(call, body, known_id=known_id, fingerprint=fingerprint)
    return await milestone_by_id(call, known_id)


async def found_milestone(call: Call, milestone_id: UUID) -> queries.Found:
    """Return a milestone the caller may see with its agreement; raise `not_found`."""
    return await call.found(queries.MILESTONE, queries.ById(milestone_id, call.organization_id))


async def milestone_by_id(call: Call, milestone_id: UUID) -> Milestone:
    """Return the reply for a milestone the caller may see."""
    found = await found_milestone(call, milestone_id)
    facts = facts_on(found.agreement, call.caller.today)
    return rules.reply(found.milestone, call.caller, agreement=facts)


async def write(
    call: Call,
    change: Change[changes.Written],
    *,
    basis: Basis,
    revision: Revision[Stored],
    fingerprint: bytes | None = None,
) -> Milestone:
    """Write a new or changed milestone and return the reply."""
    facts = facts_on(basis, call.caller.today)
    reply = rules.reply(revision.after, call.caller, agreement=facts)
    ledger = entry(call, step_of(revision), answer=reply)
    params = written(ledger, revision.after, basis=basis, fingerprint=fingerprint)
    async with call.database.lease() as connection:
        await change.run(connection, params)
    return reply


def step_of(revision: Revision[Stored]) -> Step:
    """Return what the ledger is told of a revision."""
    before, after, action, reason = revision
    return Step(
        noun=Noun.MILESTONE,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=(rules.PERMISSIONS.get(action, Permission.MILESTONE_EDIT),),
        stream=after.agreement_id,
        agreement_id=after.agreement_id,
        before=before,
        after=after,
        reason=reason,
    )


def written(
    ledger: dict[str, Any], stored: Stored, *, basis: Basis, fingerprint: bytes | None = None
) -> changes.Written:
    """Return the parameters of a change that writes a milestone as it stands."""
    values = msgspec.structs.asdict(stored)
    values["evidence"] = _encode(stored.evidence).decode() if stored.evidence else None
    values["cancel_proposal"] = stored.cancel_proposal and _encode(stored.cancel_proposal).decode()
    return changes.Written(
        **ledger,
        **behind(basis),
        **values,
        client_fingerprint=fingerprint,
        expected_version=stored.version - 1,
    )
