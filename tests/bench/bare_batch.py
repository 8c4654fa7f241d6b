"""Hand-written batch of the bare comparator: all activities or none, each statement run for all of them.

What the service does for each item alone is done once here: the agreement is read once, the chain is linked
in this process behind a lock on its end, and the tallies take one sum.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import asyncpg
import msgspec

from schema.wire.activities import ActivityBatch, BatchItem, BatchResult, CreateActivity
from service.access.basis import AgreementFacts, Basis, facts_on
from service.access.canonical import Told
from service.access.principal import Caller
from service.access.record import canonical_text
from service.access.repeat import fingerprint_of
from service.activities import edits
from service.activities.records import Stored
from service.activities.tally import Contribution, contribution, difference, year_of
from service.kernel import chain
from service.kernel.ids import uuid7
from tests.bench.bare_ledger import ENTRY, EVENT, HASHING_KEY, entry_row, event_row, told_of
from tests.bench.bare_reads import BASIS
from tests.bench.bare_writes import (
    GROUPS,
    INSERTED,
    ORGANIZERS,
    add_tallies,
    group_rows,
    inserting,
    organizer_rows,
    row_of,
)

_BASES = f"""
    SELECT row_to_json(basis) AS basis
    FROM ({BASIS} WHERE agreement.id = ANY ($1) ORDER BY agreement.id FOR SHARE OF agreement) AS basis
"""
_HEADS = "SELECT stream, seq, hash FROM audit_head WHERE stream = ANY ($1) ORDER BY stream FOR UPDATE"
_MOVE_HEAD = "UPDATE audit_head SET seq = $2, prev_hash = $3, hash = $4 WHERE stream = $1"
_ACTIVITY = inserting([*INSERTED, "client_fingerprint"])

_batch = msgspec.json.Decoder(ActivityBatch).decode
_basis = msgspec.json.Decoder(Basis).decode
_encode = msgspec.json.Encoder().encode


class Made(NamedTuple):
    """An activity to write, and what its entry says."""

    given: CreateActivity
    stored: Stored
    told: Told
    text: str


async def opened_all(pool: asyncpg.Pool, body: bytes, *, caller: Caller) -> bytes:
    """Gives B3: new activities, written with their entries, events and tallies."""
    items = _batch(body).items
    ids = list({item.agreement_id for item in items})
    async with pool.acquire() as connection, connection.transaction():
        bases = [_basis(row["basis"]) for row in await connection.fetch(_BASES, ids)]
        facts = {basis.id: facts_on(basis, caller.today) for basis in bases}
        made = [_made(item, caller, facts=facts[item.agreement_id]) for item in items]
        rows = [(*row_of(each.stored), fingerprint_of(each.given)) for each in made]
        await connection.executemany(_ACTIVITY, rows)
        await connection.executemany(ORGANIZERS, [organizer_rows(each.stored) for each in made])
        await connection.executemany(GROUPS, [group_rows(each.stored) for each in made])
        for agreement_id in ids:
            of_one = [each.stored for each in made if each.stored.agreement_id == agreement_id]
            await add_tallies(connection, agreement_id, _sum(of_one, facts=facts[agreement_id]))
        await _record(connection, made, streams=ids)
    return _encode(BatchResult(items=tuple([_item(each) for each in made])))


def _made(item: CreateActivity, caller: Caller, *, facts: AgreementFacts) -> Made:
    stored = edits.created(item, caller, agreement=facts, id=uuid7(caller.now))
    told = told_of(None, stored, caller=caller, action="created", request_id="bare")
    return Made(item, stored, told, canonical_text(told, HASHING_KEY, before=None, after=stored))


def _sum(written: list[Stored], *, facts: AgreementFacts) -> Contribution:
    parts = [contribution(each, year_of(each, facts)) for each in written]
    activities = tuple([row for part in parts for row in part.activities])
    attendance = tuple([row for part in parts for row in part.attendance])
    return difference(None, Contribution(activities, attendance))


async def _record(connection, made: list[Made], *, streams: list[Any]) -> None:
    found = await connection.fetch(_HEADS, streams)
    heads = {row["stream"]: (row["seq"], b"", row["hash"]) for row in found}
    await connection.executemany(ENTRY, list(_linked(made, heads)))
    await connection.executemany(EVENT, [event_row(each.told) for each in made])
    await connection.executemany(_MOVE_HEAD, [(stream, *head) for stream, head in heads.items()])


def _linked(made: list[Made], heads: dict[Any, tuple[int, bytes, bytes]]) -> Iterator[tuple[Any, ...]]:
    """Gives the entries, each linked to the one before it; moves the ends of the chains along."""
    for _, _, told, text in made:
        number, _, before = heads[told.stream]
        heads[told.stream] = (number + 1, before, chain.link(before, text.encode()))
        yield entry_row(told, heads[told.stream], text=text)


def _item(made: Made) -> BatchItem:
    return BatchItem(client_ref=made.given.client_ref, status=201, id=made.stored.id, problem=None)
