"""What a new activity leaves behind, through the ORM: key, audit entry, event and tallies."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, Table, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from schema.tables.activities import activity_tally, attendance_tally
from schema.tables.ledger import audit_head
from schema.wire.activities import Activity
from service.access.basis import AgreementFacts
from service.access.canonical import Told
from service.access.principal import Caller
from service.access.record import canonical_text
from service.activities.records import Stored
from service.activities.tally import contribution, difference, year_of
from service.kernel import chain
from service.kernel.ids import uuid7
from tests.bench import orm_models as models
from tests.bench.bare_ledger import HASHING_KEY, told_of


async def record(
    session: AsyncSession, stored: Stored, reply: Activity, *, caller: Caller, facts: AgreementFacts, key: str
) -> None:
    """Adds all of it to the transaction of a session."""
    who = {"organization_id": caller.organization_id}
    body = msgspec.json.encode(reply)
    session.add(
        models.IdempotencyKey(
            **who,
            user_id=caller.principal.user_id,
            key=key,
            fingerprint=hashlib.sha256(body).digest(),
            status=201,
            subject_id=stored.id,
            body=body,
            created_at=caller.now,
        )
    )
    told = told_of(None, stored, caller=caller, action="created", request_id="orm")
    text = canonical_text(told, HASHING_KEY, before=None, after=stored)
    linked = (await session.execute(_head(told, text))).one()
    subject = {
        "agreement_id": stored.agreement_id,
        "subject_type": "activity",
        "subject_id": stored.id,
        "version": stored.version,
        "at": caller.now,
    }
    link = {"seq": linked.seq, "prev_hash": linked.prev_hash, "hash": linked.hash}
    session.add(models.AuditEntry(**msgspec.structs.asdict(told), canonical=text, **link))
    session.add(models.OutboxEvent(event_id=uuid7(caller.now), type="activity.created", **who, **subject))
    await _add_tallies(session, stored, facts)


def _head(told: Told, text: str):
    written = func.convert_to(text, "UTF8", type_=LargeBinary)
    start = literal(chain.genesis(told.stream), LargeBinary)
    first = {"stream": told.stream, "agreement_id": told.agreement_id, "seq": 1, "prev_hash": start}
    head = insert(audit_head).values(**first, hash=func.sha256(start.op("||")(written)))
    before = audit_head.c.hash
    following = {"seq": audit_head.c.seq + 1, "prev_hash": before}
    chained = {**following, "hash": func.sha256(before.op("||")(written))}
    head = head.on_conflict_do_update(index_elements=["stream"], set_=chained)
    return head.returning(audit_head.c.seq, audit_head.c.prev_hash, audit_head.c.hash)


async def _add_tallies(session: AsyncSession, stored: Stored, facts: AgreementFacts) -> None:
    change = difference(None, contribution(stored, year_of(stored, facts)))
    for table, rows in ((activity_tally, change.activities), (attendance_tally, change.attendance)):
        if rows:
            given = [{"agreement_id": stored.agreement_id, **msgspec.structs.asdict(row)} for row in rows]
            await session.execute(_added(table, given))


def _added(table: Table, rows: list[dict[str, Any]]):
    keys = {column.name for column in table.primary_key}
    statement = insert(table).values(rows)
    sums = {name: table.c[name] + statement.excluded[name] for name in rows[0] if name not in keys}
    return statement.on_conflict_do_update(index_elements=sorted(keys), set_=sums)
