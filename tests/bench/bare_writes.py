"""Hand-written SQL of the bare comparator's writes: a transaction, a statement for each thing written."""

import hashlib
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from schema.tables.activities import COUNTS
from schema.vocabulary import Noun
from schema.wire.activities import ActivityMove, CreateActivity
from service.access.basis import AgreementFacts, Basis, facts_on
from service.access.canonical import Told
from service.access.principal import Caller
from service.access.record import canonical_text
from service.activities import edits, rules
from service.activities.queries import PLAIN
from service.activities.records import Stored
from service.activities.tally import contribution, difference, year_of
from service.kernel import chain
from service.kernel.ids import uuid7
from tests.bench.bare_reads import BASIS, BEHIND, ROWS, Behind, stored_of

_FIXED = {"id", "created_at", "created_by", "agreement_id", "organization_id", "client_ref"}
_MOVED = [name for name in PLAIN if name not in _FIXED and name != "training"]

_OPENING = f"SELECT row_to_json(basis) FROM ({BASIS} WHERE agreement.id = $1 FOR SHARE OF agreement) AS basis"
_MOVING = f"{ROWS} WHERE activity.id = $1 AND activity.version = $2 FOR UPDATE OF activity"
_KEY = """
    INSERT INTO idempotency_key
        (organization_id, user_id, key, fingerprint, status, subject_id, body, created_at)
    VALUES ($1, $2, $3, $4, 201, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING key
"""
_HEAD = """
    INSERT INTO audit_head AS head (stream, agreement_id, seq, prev_hash, hash)
    VALUES ($1, $1, 1, $2::bytea, sha256($2::bytea || convert_to($3, 'UTF8')))
    ON CONFLICT (stream) DO UPDATE SET
        seq = head.seq + 1, prev_hash = head.hash, hash = sha256(head.hash || convert_to($3, 'UTF8'))
    RETURNING seq, prev_hash, hash
"""
_WHOLE = [f"participant_{name}" for name in ("unit", *COUNTS)]
_INSERTED = [*(name for name in PLAIN if name != "training"), "evidence", *_WHOLE, "document"]
_ACTIVITY = f"""
    INSERT INTO activity ({", ".join(_INSERTED)})
    VALUES ({", ".join(f"${number}" for number in range(1, len(_INSERTED) + 1))})
"""
_STATE = f"""
    UPDATE activity SET {", ".join(f"{name} = ${number}" for number, name in enumerate(_MOVED, 3))},
        document = $2
    WHERE id = $1
"""
_ORGANIZERS = """
    INSERT INTO organizer (activity_id, agreement_id, position, organization_id, role)
    SELECT $1, $2, place, organization_id, role
    FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS given (organization_id, role, place)
"""
_GROUPS = f"""
    INSERT INTO participant_group
        (activity_id, agreement_id, position, organization_id, group_label, {", ".join(COUNTS)})
    SELECT $1, $2, given.* FROM unnest(
        $3::smallint[], $4::uuid[], $5::text[],
        $6::int[], $7::int[], $8::int[], $9::int[], $10::int[], $11::int[]
    ) AS given
"""
_COUNTED = """
    INSERT INTO activity_tally AS known (agreement_id, relation, agreement_year, kind, state, activities)
    SELECT $1, given.* FROM unnest($2::text[], $3::smallint[], $4::text[], $5::text[], $6::int[]) AS given
    ON CONFLICT (agreement_id, relation, agreement_year, kind, state)
    DO UPDATE SET activities = known.activities + excluded.activities
"""
_SUMS = ("activities", "unknown_totals", "total", "male", "male_known", "female", "female_known")
_ATTENDED = f"""
    INSERT INTO attendance_tally AS known
        (agreement_id, relation, organization_id, group_label, {", ".join(_SUMS)})
    SELECT $1, given.* FROM unnest($2::text[], $3::uuid[], $4::text[], $5::int[], $6::int[], $7::bigint[],
        $8::bigint[], $9::int[], $10::bigint[], $11::int[]) AS given
    ON CONFLICT (agreement_id, relation, organization_id, group_label)
    DO UPDATE SET {", ".join(f"{name} = known.{name} + excluded.{name}" for name in _SUMS)}
"""
_ENTRY = """
    INSERT INTO audit_entry (stream, seq, prev_hash, hash, id, agreement_id, organization_id, actor_id, roles,
        role, subject_type, subject_id, action, from_state, to_state, reason, version, request_id, at,
        canonical)
    VALUES ($1, $2, $3, $4, $5, $1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
"""
_EVENT = """
    INSERT INTO outbox_event
        (event_id, agreement_id, organization_id, type, subject_type, subject_id, version, at)
    VALUES ($1, $2, $3, $4, 'activity', $5, $6, $7)
"""

HASHING_KEY = b"bench" * 6
"""Stands for the installation's."""

_encode = msgspec.json.Encoder().encode
_created = msgspec.json.Decoder(CreateActivity).decode
_move = msgspec.json.Decoder(ActivityMove).decode
_basis = msgspec.json.Decoder(Basis).decode
_behind = msgspec.json.Decoder(Behind).decode


async def opened(pool: asyncpg.Pool, body: bytes, *, key: str, caller: Caller) -> bytes:
    """Gives W1: a new activity, written with its key, audit entry, event and tallies."""
    given = _created(body)
    fingerprint = hashlib.sha256(body).digest()
    async with pool.acquire() as connection, connection.transaction():
        basis = _basis(await connection.fetchval(_OPENING, given.agreement_id))
        facts = facts_on(basis, caller.today)
        stored = edits.created(given, caller, agreement=facts, id=uuid7(caller.now))
        reply = _encode(rules.reply(stored, caller, agreement=facts))
        who = (caller.organization_id, caller.principal.user_id)
        claimed = await connection.fetchval(_KEY, *who, key, fingerprint, stored.id, reply, caller.now)
        if claimed is None:
            raise ValueError(key)
        told = told_of(None, stored, caller=caller, action="created", request_id="bare")
        text = canonical_text(told, HASHING_KEY, before=None, after=stored)
        linked = await connection.fetchrow(_HEAD, told.stream, chain.genesis(told.stream), text)
        await connection.execute(_ACTIVITY, *_row(stored))
        await _add_children(connection, stored)
        await _add_tallies(connection, None, stored, facts=facts)
        await _add_entry(connection, told, text, linked=linked)
    return reply


def _row(stored: Stored) -> list[Any]:
    whole = stored.participants
    values = [getattr(stored, name) for name in PLAIN if name != "training"]
    evidence = _encode(stored.evidence).decode() if stored.evidence else None
    counts = [whole and getattr(whole, name) for name in COUNTS]
    return [*values, evidence, whole and whole.unit, *counts, _encode(stored).decode()]


async def _add_children(connection, stored: Stored) -> None:
    where = (stored.id, stored.agreement_id)
    hosts = stored.organizers
    ids, roles = [each.organization_id for each in hosts], [each.role for each in hosts]
    await connection.execute(_ORGANIZERS, *where, ids, roles)
    groups = stored.participants.groups if stored.participants else ()
    names = ("organization_id", "group_label", *COUNTS)
    columns = ([getattr(group, name) for group in groups] for name in names)
    await connection.execute(_GROUPS, *where, list(range(1, len(groups) + 1)), *columns)


async def _add_tallies(connection, before: Stored | None, after: Stored, *, facts: AgreementFacts) -> None:
    parts = [each and contribution(each, year_of(each, facts)) for each in (before, after)]
    change = difference(*parts)
    for statement, rows in ((_COUNTED, change.activities), (_ATTENDED, change.attendance)):
        if rows:
            columns = ([getattr(row, name) for row in rows] for name in rows[0].__struct_fields__)
            await connection.execute(statement, after.agreement_id, *columns)


async def _add_entry(connection, told: Told, text: str, *, linked) -> None:
    who = (told.organization_id, told.actor_id, told.roles, told.role, told.subject_type, told.subject_id)
    states = (told.action, told.from_state, told.to_state, told.reason, told.version)
    await connection.execute(
        _ENTRY, told.stream, *linked, told.id, *who, *states, told.request_id, told.at, text
    )
    event = (told.stream, who[0], f"activity.{told.action}", told.subject_id, told.version, told.at)
    await connection.execute(_EVENT, uuid7(told.at), *event)


def told_of(before: Stored | None, after: Stored, *, caller: Caller, action: str, request_id: str) -> Told:
    """Gives what an audit entry says of a change of an activity."""
    return Told(
        stream=after.agreement_id,
        agreement_id=after.agreement_id,
        id=uuid7(caller.now),
        organization_id=caller.organization_id,
        actor_id=caller.principal.user_id,
        roles=caller.principal.roles,
        role=caller.principal.roles[0],
        subject_type=Noun.ACTIVITY,
        subject_id=after.id,
        action=action,
        from_state=before and before.state,
        to_state=after.state,
        reason=after.state_reason,
        version=after.version,
        request_id=request_id,
        at=caller.now,
    )


async def moved(pool: asyncpg.Pool, activity_id: str, *, body: bytes, expected: int, caller: Caller) -> bytes:
    """Gives W2: a transition, written with its audit entry, event and tallies."""
    move = _move(body)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_MOVING, UUID(activity_id), expected)
        if row is None:
            raise LookupError(activity_id)
        behind = _behind(await connection.fetchval(BEHIND, [row["id"]], [row["agreement_id"]]))
        before = stored_of(row, behind.groups[0].groups)
        facts = facts_on(behind.agreements[0], caller.today)
        after = rules.moved(before, move, caller=caller, agreement=facts)
        told = told_of(before, after, caller=caller, action=rules.action_of(move), request_id="bare")
        text = canonical_text(told, HASHING_KEY, before=before, after=after)
        linked = await connection.fetchrow(_HEAD, told.stream, chain.genesis(told.stream), text)
        changed = [getattr(after, name) for name in _MOVED]
        await connection.execute(_STATE, after.id, _encode(after).decode(), *changed)
        await _add_tallies(connection, before, after, facts=facts)
        await _add_entry(connection, told, text, linked=linked)
    return _encode(rules.reply(after, caller, agreement=facts))
