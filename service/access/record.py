"""What the ledger writes of a change: made from the call, the record before and after, and the action."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Role
from service.access.call import Call
from service.kernel.ids import uuid7


class Canonical(msgspec.Struct, frozen=True, kw_only=True):
    """An audit entry as it is written, byte for byte; its number in the stream stands beside it."""

    at: datetime
    actor_id: UUID
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

    `before` and `after` are the stored structs (None: did not exist, or is gone); `names_persons` keeps the answer
    out of the idempotency record.
    """

    noun: Noun
    subject_id: UUID
    version: int
    action: str
    permission: Permission
    stream: UUID
    agreement_id: UUID | None = None
    before: Any = None
    after: Any = None
    reason: str | None = None
    names_persons: bool = False


def entry(call: Call, step: Step, *, answer: object) -> dict[str, Any]:
    """Return the ledger's fields of a change statement; `answer` is what the caller will be sent."""
    principal = call.principal
    role = principal.role_for(step.permission)
    now = call.caller.now
    return {
        "token_id": principal.token_id,
        "membership_version": principal.membership_version,
        "user_version": principal.user_version,
        "actor_id": principal.user_id,
        "acting_id": principal.organization_id,
        "roles": principal.roles,
        "role": role,
        "now": now,
        "request_id": call.request_id,
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
        "canonical": _canonical(call, step, role=role),
        **_key(call, step, answer=answer),
    }


def _state(stored: Any) -> str | None:
    return getattr(stored, "state", None)


def _canonical(call: Call, step: Step, *, role: Role | None) -> str:
    text = msgspec.json.encode(step.after, order="deterministic")
    canonical = Canonical(
        at=call.caller.now,
        actor_id=call.principal.user_id,
        organization_id=call.principal.organization_id,
        role=role,
        request_id=call.request_id,
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


def _changed(before: Any, after: Any) -> tuple[str, ...]:
    """Return the names of the fields that differ; values stay in the record, which may name persons."""
    if before is None or after is None:
        return ()
    names = before.__struct_fields__
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _key(call: Call, step: Step, *, answer: object) -> dict[str, Any]:
    repeat = call.repeat
    if repeat is None:
        return dict.fromkeys(("key", "key_fingerprint", "key_status", "key_body"))
    return {
        "key": repeat.key,
        "key_fingerprint": repeat.fingerprint,
        "key_status": call.operation.status,
        "key_body": None if step.names_persons else call.render(answer),
    }
