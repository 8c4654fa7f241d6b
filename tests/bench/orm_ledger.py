"""What a new activity leaves behind, through the ORM: key, audit entry, event and tallies."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from schema.tables.activities import activity_tally, attendance_tally
from schema.tables.ledger import audit_head
from schema.vocabulary import Noun
from schema.wire.activities import Activity
from service.access.principal import Caller
from service.access.record import Canonical
from service.activities.records import AgreementFacts, Stored
from service.activities.tally import contribution, difference, year_of
from service.kernel.ids import uuid7
from tests.bench import orm_models as models


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
    head = insert(audit_head).values(stream=stored.agreement_id, seq=1)
    head = head.on_conflict_do_update(index_elements=["stream"], set_={"seq": audit_head.c.seq + 1})
    seq = await session.scalar(head.returning(audit_head.c.seq))
    subject = {
        "agreement_id": stored.agreement_id,
        "subject_type": "activity",
        "subject_id": stored.id,
        "version": stored.version,
        "at": caller.now,
    }
    session.add(_entry(stored, caller, seq=seq, subject=who | subject))
    session.add(models.OutboxEvent(event_id=uuid7(caller.now), type="activity.created", **who, **subject))
    await _add_tallies(session, stored, facts)


def _entry(stored: Stored, caller: Caller, *, seq: int | None, subject: dict[str, Any]) -> models.AuditEntry:
    return models.AuditEntry(
        stream=stored.agreement_id,
        seq=seq,
        id=uuid7(caller.now),
        actor_id=caller.principal.user_id,
        roles=list(caller.principal.roles),
        role=caller.principal.roles[0],
        action="created",
        to_state=stored.state,
        request_id="orm",
        canonical=_canonical(stored, caller),
        **subject,
    )


def _canonical(stored: Stored, caller: Caller) -> str:
    canonical = Canonical(
        at=caller.now,
        actor_id=caller.principal.user_id,
        organization_id=caller.organization_id,
        role=caller.principal.roles[0],
        request_id="orm",
        subject_type=Noun.ACTIVITY,
        subject_id=stored.id,
        action="created",
        from_state=None,
        to_state=stored.state,
        reason=None,
        version=stored.version,
        changed=(),
        record_sha256=hashlib.sha256(msgspec.json.encode(stored, order="deterministic")).hexdigest(),
    )
    return msgspec.json.encode(canonical).decode()


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
