"""What the ledger writes of a change: made from the call, the record before and after, and the action."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Role
from service.access.call import Call
from service.kernel.ids import uuid7

_KEY_FIELDS = ("key", "key_fingerprint", "key_status", "key_body")


class Canonical(msgspec.Struct, frozen=True, kw_only=True):
    """An audit entry as it is written, byte for byte; its number in the stream stands beside it."""

    at: datetime
    actor_id: UUID | None
    organization_id: UUID
    role: Role | None
    request_id: str
    subject_type: Noun
    subject_id: UUID
    action: str
    from_state: str | None
    to_state: str | None
    reason: str | None
    version: int
    changed: tuple[str, ...]
    record_sha256: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one record, told by the noun.

    `before` and `after` are the stored structs (None: did not exist, or is gone); `names_persons` keeps the
    answer out of the idempotency record.
    """

    noun: Noun
    subject_id: UUID
    version: int
    action: str
    permissions: tuple[Permission, ...]
    stream: UUID
    agreement_id: UUID | None = None
    before: msgspec.Struct | None = None
    after: msgspec.Struct | None = None
    reason: str | None = None
    names_persons: bool = False


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it and for whom: without a person, the system; `role` is the one that gave the permission."""

    user_id: UUID | None
    organization_id: UUID
    roles: tuple[Role, ...] = ()
    role: Role | None = None


def entry(call: Call, step: Step, *, answer: object) -> dict[str, Any]:
    """Return the ledger's fields of a change statement; `answer` is what the caller will be sent."""
    principal = call.principal
    actor = Actor(
        user_id=principal.user_id,
        organization_id=principal.organization_id,
        roles=principal.roles,
        role=principal.role_for(step.permissions),
    )
    return {
        "token_id": principal.token_id,
        "membership_version": principal.membership_version,
        "user_version": principal.user_version,
        **_told(step, actor, now=call.caller.now, request_id=call.request_id),
        **_key(call, step, answer=answer),
    }


def open_entry(step: Step, actor: Actor, *, now: datetime, request_id: str) -> dict[str, Any]:
    """Return the ledger's fields of a change that no token gates and no Idempotency-Key names."""
    return {**_told(step, actor, now=now, request_id=request_id), **dict.fromkeys(_KEY_FIELDS)}


def _told(step: Step, actor: Actor, *, now: datetime, request_id: str) -> dict[str, Any]:
    return {
        "actor_id": actor.user_id,
        "acting_id": actor.organization_id,
        "actor_roles": actor.roles,
        "role": actor.role,
        "now": now,
        "request_id": request_id,
        "stream": step.stream,
        "ledger_agreement_id": step.agreement_id,
        "subject_type": step.noun,
        "subject_id": step.subject_id,
        "subject_version": step.version,
        "action": step.action,
        "from_state": _state(step.before),
        "to_state": _state(step.after),
        "ledger_reason": step.reason,
        "entry_id": uuid7(now),
        "event_id": uuid7(now),
        "event_type": f"{step.noun}.{step.action}",
        "canonical": _canonical(step, actor, now=now, request_id=request_id),
    }


def _state(stored: msgspec.Struct | None) -> str | None:
    return getattr(stored, "state", None)


def _canonical(step: Step, actor: Actor, *, now: datetime, request_id: str) -> str:
    text = msgspec.json.encode(step.after, order="deterministic")
    canonical = Canonical(
        at=now,
        actor_id=actor.user_id,
        organization_id=actor.organization_id,
        role=actor.role,
        request_id=request_id,
        subject_type=step.noun,
        subject_id=step.subject_id,
        action=step.action,
        from_state=_state(step.before),
        to_state=_state(step.after),
        reason=step.reason,
        version=step.version,
        changed=_changed(step.before, step.after),
        record_sha256=hashlib.sha256(text).hexdigest(),
    )
    return msgspec.json.encode(canonical).decode()


def _changed(before: msgspec.Struct | None, after: msgspec.Struct | None) -> tuple[str, ...]:
    """Return the names of the fields that differ; values stay in the record, which may name persons."""
    if before is None or after is None:
        return ()
    names = before.__struct_fields__
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _key(call: Call, step: Step, *, answer: object) -> dict[str, Any]:
    repeat = call.repeat
    if repeat is None:
        return dict.fromkeys(_KEY_FIELDS)
    return {
        "key": repeat.key,
        "key_fingerprint": repeat.fingerprint,
        "key_status": call.operation.status,
        "key_body": None if step.names_persons else call.render(answer),
    }
