"""What a write of the bare comparator leaves behind: a link of the chain, an audit entry and an event."""

from typing import Any, Protocol
from uuid import UUID

from schema.vocabulary import Noun, Role
from service.access.canonical import Told
from service.access.principal import Caller
from service.access.record import canonical_text
from service.kernel import chain
from service.kernel.ids import uuid7

HEAD = """
    INSERT INTO audit_head AS head (stream, agreement_id, seq, prev_hash, hash)
    VALUES ($1, $1, 1, $2::bytea, sha256($2::bytea || convert_to($3, 'UTF8')))
    ON CONFLICT (stream) DO UPDATE SET
        seq = head.seq + 1, prev_hash = head.hash, hash = sha256(head.hash || convert_to($3, 'UTF8'))
    RETURNING seq, prev_hash, hash
"""
ENTRY = """
    INSERT INTO audit_entry (stream, seq, prev_hash, hash, id, agreement_id, organization_id, actor_id, roles,
        role, subject_type, subject_id, action, from_state, to_state, reason, version, request_id, at,
        canonical)
    VALUES ($1, $2, $3, $4, $5, $1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
"""
EVENT = """
    INSERT INTO outbox_event
        (event_id, agreement_id, organization_id, type, subject_type, subject_id, version, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

HASHING_KEY = b"bench" * 6
"""Stands for the installation's."""


class Record(Protocol):
    """What is written under an agreement."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def agreement_id(self) -> Any:
        """Its agreement, whose stream it is written to."""
        ...

    @property
    def version(self) -> int:
        """Its version."""
        ...

    @property
    def state(self) -> str:
        """What persons decided."""
        ...

    @property
    def state_reason(self) -> str | None:
        """Why."""
        ...


def told_of(
    before: Record | None,
    after: Record,
    *,
    caller: Caller,
    action: str,
    request_id: str,
    noun: Noun = Noun.ACTIVITY,
    role: Role = Role.COORDINATOR,
) -> Told:
    """Gives what an audit entry says of a change."""
    return Told(
        stream=after.agreement_id,
        agreement_id=after.agreement_id,
        id=uuid7(caller.now),
        organization_id=caller.organization_id,
        actor_id=caller.principal.user_id,
        roles=caller.principal.roles,
        role=role,
        subject_type=noun,
        subject_id=after.id,
        action=action,
        from_state=None if before is None else before.state,
        to_state=after.state,
        reason=after.state_reason,
        version=after.version,
        request_id=request_id,
        at=caller.now,
    )


async def record(connection, told: Told, *, before: Any, after: Any) -> None:
    """Writes the link, the entry and the event of one change."""
    text = canonical_text(told, HASHING_KEY, before=before, after=after)
    linked = await connection.fetchrow(HEAD, told.stream, chain.genesis(told.stream), text)
    await connection.execute(ENTRY, *entry_row(told, linked, text=text))
    await connection.execute(EVENT, *event_row(told))


def entry_row(told: Told, linked: Any, *, text: str) -> tuple[Any, ...]:
    """Gives the arguments of `ENTRY`; `linked` is number, hash before and hash."""
    who = (told.organization_id, told.actor_id, told.roles, told.role, told.subject_type, told.subject_id)
    states = (told.action, told.from_state, told.to_state, told.reason, told.version)
    return (told.stream, *linked, told.id, *who, *states, told.request_id, told.at, text)


def event_row(told: Told) -> tuple[Any, ...]:
    """Gives the arguments of `EVENT`."""
    kind = f"{told.subject_type}.{told.action}"
    subject = (told.subject_type, told.subject_id, told.version, told.at)
    return (uuid7(told.at), told.stream, told.organization_id, kind, *subject)
