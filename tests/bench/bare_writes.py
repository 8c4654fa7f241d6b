"""Hand-written SQL of the bare comparator's writes: a transaction, a statement for each thing written."""

import hashlib
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from schema.tables.activities import COUNTS
from schema.wire.activities import ActivityMove, CreateActivity
from service.access.basis import AgreementFacts, Basis, facts_on
from service.access.principal import Caller
from service.activities import edits, rules
from service.activities.queries import PLAIN
from service.activities.records import Stored
from service.activities.tally import Contribution, contribution, difference, year_of
from service.kernel.ids import uuid7
from tests.bench.bare_ledger import record, told_of
from tests.bench.bare_reads import BASIS, BEHIND, ROWS, Behind, stored_of

_FIXED = {"id", "created_at", "created_by", "agreement_id", "organization_id", "client_ref"}
_MOVED = [name for name in PLAIN if name not in _FIXED and name != "training"]


def inserting(columns: list[str]) -> str:
    """Gives the statement that writes an activity."""
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO activity ({', '.join(columns)}) VALUES ({places})"


_OPENING = f"SELECT row_to_json(basis) FROM ({BASIS} WHERE agreement.id = $1 FOR SHARE OF agreement) AS basis"
_MOVING = f"{ROWS} WHERE activity.id = $1 AND activity.version = $2 FOR UPDATE OF activity"
_KEY = """
    INSERT INTO idempotency_key
        (organization_id, user_id, key, fingerprint, status, subject_id, body, created_at)
    VALUES ($1, $2, $3, $4, 201, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING key
"""
_WHOLE = [f"participant_{name}" for name in ("unit", *COUNTS)]
INSERTED = [*(name for name in PLAIN if name != "training"), "evidence", *_WHOLE, "document"]
_ACTIVITY = inserting(INSERTED)
_STATE = f"""
    UPDATE activity SET {", ".join(f"{name} = ${number}" for number, name in enumerate(_MOVED, 3))},
        document = $2
    WHERE id = $1
"""
ORGANIZERS = """
    INSERT INTO organizer (activity_id, agreement_id, position, organization_id, role)
    SELECT $1, $2, place, organization_id, role
    FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS given (organization_id, role, place)
"""
GROUPS = f"""
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
        await record(connection, told, before=None, after=stored)
        await connection.execute(_ACTIVITY, *row_of(stored))
        await connection.execute(ORGANIZERS, *organizer_rows(stored))
        await connection.execute(GROUPS, *group_rows(stored))
        await add_tallies(connection, stored.agreement_id, _difference(None, stored, facts=facts))
    return reply


def row_of(stored: Stored) -> list[Any]:
    """Gives the arguments of `inserting(INSERTED)`."""
    whole = stored.participants
    values = [getattr(stored, name) for name in PLAIN if name != "training"]
    evidence = _encode(stored.evidence).decode() if stored.evidence else None
    counts = [whole and getattr(whole, name) for name in COUNTS]
    return [*values, evidence, whole and whole.unit, *counts, _encode(stored).decode()]


def organizer_rows(stored: Stored) -> tuple[Any, ...]:
    """Gives the arguments of `ORGANIZERS`."""
    hosts = stored.organizers
    ids, roles = [each.organization_id for each in hosts], [each.role for each in hosts]
    return (stored.id, stored.agreement_id, ids, roles)


def group_rows(stored: Stored) -> tuple[Any, ...]:
    """Gives the arguments of `GROUPS`."""
    groups = stored.participants.groups if stored.participants else ()
    names = ("organization_id", "group_label", *COUNTS)
    columns = ([getattr(group, name) for group in groups] for name in names)
    return (stored.id, stored.agreement_id, list(range(1, len(groups) + 1)), *columns)


def _difference(before: Stored | None, after: Stored, *, facts: AgreementFacts) -> Contribution:
    return difference(*(each and contribution(each, year_of(each, facts)) for each in (before, after)))


async def add_tallies(connection, agreement_id: UUID, change: Contribution) -> None:
    """Adds a difference to the tallies of an agreement."""
    for statement, rows in ((_COUNTED, change.activities), (_ATTENDED, change.attendance)):
        if rows:
            columns = ([getattr(row, name) for row in rows] for name in rows[0].__struct_fields__)
            await connection.execute(statement, agreement_id, *columns)


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
        await record(connection, told, before=before, after=after)
        changed = [getattr(after, name) for name in _MOVED]
        await connection.execute(_STATE, after.id, _encode(after).decode(), *changed)
        await add_tallies(connection, after.agreement_id, _difference(before, after, facts=facts))
    return _encode(rules.reply(after, caller, agreement=facts))
