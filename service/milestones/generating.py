"""How a series is written: it and each of its milestones with an audit entry of their own, all or nothing."""

from typing import Any
from uuid import UUID

from msgspec.structs import asdict

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.milestones import CreateMilestoneSeries, MilestoneSeries, UpdateMilestoneSeries
from service.access.basis import Basis, facts_on, known_agreement
from service.access.call import Call
from service.access.holding import behind
from service.access.record import Revision, Step, entry
from service.access.repeat import fingerprint_of, tell_again
from service.kernel.database import Connection
from service.kernel.ids import uuid7
from service.kernel.ledger import Change
from service.milestones import changes, series, series_queries
from service.milestones.records import Series, Stored
from service.milestones.series import Draft
from service.milestones.writing import step_of, written

# The Idempotency-Key of a request is claimed by the series, not by each of its milestones.
_NO_KEY: dict[str, Any] = dict.fromkeys(("key", "key_fingerprint", "key_status", "key_body"))


async def generated(call: Call, body: CreateMilestoneSeries) -> MilestoneSeries:
    """Return the series a body makes with its milestones, or the one that the same body made before."""
    fingerprint = fingerprint_of(body)
    where = series_queries.ToOpen(
        acting_id=call.organization_id, agreement_id=body.agreement_id, fingerprint=fingerprint
    )
    opening = await call.database.only(series_queries.OPENING, where)
    if opening.known is not None:
        await tell_again(call)
        return MilestoneSeries(**asdict(opening.known))
    basis = known_agreement(opening.agreement, body.agreement_id)
    facts = facts_on(basis, call.caller.today)
    draft = series.created(body, call.caller, agreement=facts, id=uuid7(call.caller.now))
    reply = _reply(draft)
    ledger = entry(call, _step(None, draft.series, action=Verb.CREATED), answer=reply)
    params = _row(draft.series, ledger, basis=basis, fingerprint=fingerprint)
    await _write(call, changes.CREATE_SERIES, params=params, draft=draft, basis=basis)
    return reply


async def series_by_id(call: Call, series_id: UUID) -> MilestoneSeries:
    """Return the reply for a series the caller may see; raise `not_found`."""
    where = series_queries.ById(series_id, call.organization_id)
    found = await call.found(series_queries.SERIES, where)
    return MilestoneSeries(**asdict(found))


async def regenerated(call: Call, series_id: UUID, *, body: UpdateMilestoneSeries) -> MilestoneSeries:
    """Return a series after an edit, which its future untouched milestones follow."""
    today = call.caller.today
    where = series_queries.ToEdit(acting_id=call.organization_id, subject_id=series_id, today=today)
    found = await call.found(series_queries.EDITED, where)
    call.match(found.series.version)
    before = Series(**{name: getattr(found.series, name) for name in Series.__struct_fields__})
    draft = series.edited(
        before,
        body,
        followers=found.followers,
        known=frozenset(found.series.occurrences),
        caller=call.caller,
        agreement=facts_on(found.agreement, today),
    )
    reply = _reply(draft, found.series.occurrences)
    ledger = entry(call, _step(before, draft.series, action=Verb.UPDATED), answer=reply)
    params = _row(draft.series, ledger, basis=found.agreement, fingerprint=None)
    await _write(call, changes.CHANGE_SERIES, params=params, draft=draft, basis=found.agreement)
    return reply


def _reply(draft: Draft, known: tuple[Any, ...] = ()) -> MilestoneSeries:
    days = sorted({*known, *(one.due_on for one in draft.added)})
    return MilestoneSeries(**asdict(draft.series), occurrences=tuple(days))


async def _write(
    call: Call,
    change: Change[changes.WrittenSeries],
    *,
    params: changes.WrittenSeries,
    draft: Draft,
    basis: Basis,
) -> None:
    added = [Revision(None, one, Verb.CREATED) for one in draft.added]
    changed = [Revision(before, after, Verb.UPDATED) for before, after in draft.changed]
    async with call.database.transaction() as connection:
        await change.run(connection, params)
        for each in (*added, *changed):
            await _write_milestone(call, connection, revision=each, basis=basis)


async def _write_milestone(
    call: Call, connection: Connection, *, revision: Revision[Stored], basis: Basis
) -> None:
    change = changes.CREATE if revision.before is None else changes.CHANGE
    ledger = entry(call, step_of(revision), answer=None) | _NO_KEY
    await change.run(connection, written(ledger, revision.after, basis=basis))


def _step(before: Series | None, after: Series, *, action: str) -> Step:
    return Step(
        noun=Noun.MILESTONE_SERIES,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=(Permission.MILESTONE_EDIT,),
        stream=after.agreement_id,
        agreement_id=after.agreement_id,
        before=before,
        after=after,
    )


def _row(
    stored: Series, ledger: dict[str, Any], *, basis: Basis, fingerprint: bytes | None
) -> changes.WrittenSeries:
    return changes.WrittenSeries(
        **ledger,
        **behind(basis),
        **asdict(stored),
        fingerprint=fingerprint,
        expected_version=stored.version - 1,
    )
