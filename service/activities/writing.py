"""How a change of an activity is written: its rows, its difference in the tallies, and the ledger at once."""

from typing import Any
from uuid import UUID

import msgspec

from schema.tables.activities import COUNTS
from schema.vocabulary import Noun, Permission, Verb
from schema.wire.activities import Activity, CreateActivity, Participants
from service.access.basis import AgreementFacts, Basis, facts_on, known_agreement
from service.access.call import Call
from service.access.holding import behind
from service.access.record import Revision, Step, entry
from service.access.repeat import demand_same, fingerprint_of
from service.access.tallies import Contribution
from service.activities import changes, edits, queries, rules
from service.activities.records import Stored
from service.activities.tally import contribution, difference, year_of
from service.kernel.ids import uuid7
from service.kernel.ledger import Change

_encode = msgspec.json.Encoder().encode


async def opened(call: Call, body: CreateActivity) -> Activity:
    """Return the activity a body makes, or the one its client_ref made before."""
    where = queries.ToOpen(
        acting_id=call.organization_id, agreement_id=body.agreement_id, client_ref=body.client_ref
    )
    opening = await call.database.only(queries.OPENING, where)
    if opening.known_id is not None:
        return await _known(call, body, known_id=opening.known_id, fingerprint=opening.known_fingerprint)
    basis = known_agreement(opening.agreement, body.agreement_id)
    facts = facts_on(basis, call.caller.today)
    stored = edits.created(body, call.caller, agreement=facts, id=uuid7(call.caller.now))
    made = Revision(None, stored, Verb.CREATED)
    return await write(call, changes.CREATE, basis=basis, revision=made, fingerprint=fingerprint_of(body))


async def _known(call: Call, body: CreateActivity, *, known_id: UUID, fingerprint: str | None) -> Activity:
    """Return what the client_ref made first."""
    await demand_same(call, body, known_id=known_id, fingerprint=fingerprint)
    found = await call.found(queries.ACTIVITY, queries.ById(known_id, call.organization_id))
    facts = facts_on(found.agreement, call.caller.today)
    return rules.reply(found.activity, call.caller, agreement=facts)


async def write(
    call: Call,
    change: Change[changes.Written],
    *,
    basis: Basis,
    revision: Revision[Stored],
    fingerprint: bytes | None = None,
) -> Activity:
    """Write a new or changed activity and return the reply."""
    before, after, action, reason = revision
    facts = facts_on(basis, call.caller.today)
    reply = rules.reply(after, call.caller, agreement=facts)
    step = _step(after, action=action, before=before, after=after, reason=reason)
    params = changes.Written(
        **entry(call, step, answer=reply),
        **behind(basis),
        **_tallies(_difference(facts, before=before, after=after)),
        **_row(after),
        document=_encode(after).decode(),
        expected_version=after.version - 1,
        client_fingerprint=fingerprint if after.client_ref else None,
    )
    async with call.database.lease() as connection:
        await change.run(connection, params)
    return reply


async def removed(call: Call, stored: Stored, *, basis: Basis) -> None:
    """Delete an activity."""
    step = _step(stored, action=Verb.DELETED, before=stored, after=None)
    params = changes.Tallied(
        **entry(call, step, answer=None),
        **behind(basis),
        **_tallies(_difference(facts_on(basis, call.caller.today), before=stored, after=None)),
        expected_version=stored.version,
    )
    async with call.database.lease() as connection:
        await changes.DELETE.run(connection, params)


def _step(
    subject: Stored, *, action: str, before: Stored | None, after: Stored | None, reason: str | None = None
) -> Step:
    return Step(
        noun=Noun.ACTIVITY,
        subject_id=subject.id,
        version=subject.version,
        action=action,
        permissions=(rules.PERMISSIONS.get(action, Permission.ACTIVITY_EDIT),),
        stream=subject.agreement_id,
        agreement_id=subject.agreement_id,
        before=before,
        after=after,
        reason=reason,
        names_persons=bool(subject.training and any(trainer.name for trainer in subject.training.trainers)),
    )


def _difference(facts: AgreementFacts, *, before: Stored | None, after: Stored | None) -> Contribution:
    parts = [each and contribution(each, year_of(each, facts)) for each in (before, after)]
    return difference(*parts)


def _tallies(change: Contribution) -> dict[str, Any]:
    return {
        "activity_tallies": _encode(change.activities).decode(),
        "attendance_tallies": _encode(change.attendance).decode(),
    }


def _row(stored: Stored) -> dict[str, Any]:
    """Return an activity as its row, with its lists as JSON."""
    values: dict[str, Any] = {name: getattr(stored, name) for name in queries.PLAIN}
    for name in ("former_dates", "follow_ups", "external_refs", "evidence"):
        values[name] = _json(getattr(stored, name))
    values["training"] = stored.training and _encode(stored.training).decode()
    organizers = [
        {"position": place, "organization_id": each.organization_id, "role": each.role}
        for place, each in enumerate(stored.organizers, 1)
    ]
    return {**values, **_counts(stored.participants), "organizers": _encode(organizers).decode()}


def _json(values: tuple[Any, ...]) -> str | None:
    return _encode(values).decode() if values else None


def _counts(participants: Participants | None) -> dict[str, Any]:
    """Return participants as columns of the activity and rows of groups."""
    names = [f"participant_{name}" for name in COUNTS]
    if participants is None:
        return {"participant_unit": None, **dict.fromkeys(names), "groups": "[]"}
    groups = [
        {"position": place, **msgspec.structs.asdict(group)}
        for place, group in enumerate(participants.groups, 1)
    ]
    whole = {f"participant_{name}": getattr(participants, name) for name in COUNTS}
    return {"participant_unit": participants.unit, **whole, "groups": _encode(groups).decode()}
