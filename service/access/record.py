"""What the ledger writes of a change: made from the call, the record before and after, and the action."""

from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Role
from service.access.call import Call
from service.access.canonical import Told, canonical, keyed
from service.kernel import chain
from service.kernel.ids import uuid7

R = TypeVar("R")

_KEY_FIELDS = ("key", "key_fingerprint", "key_status", "key_body")


class Revision(NamedTuple, Generic[R]):
    """What a record was, None when it is new, what it becomes, by which action and why."""

    before: R | None
    after: R
    action: str
    reason: str | None = None


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
    if _moved(step):
        call.moved_streams.append(step.stream)
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
        **_written(
            step, actor, now=call.caller.now, request_id=call.request_id, key=call.services.hashing_key
        ),
        **_key(call, step, answer=answer),
    }


def open_entry(step: Step, actor: Actor, *, now: datetime, request_id: str, key: bytes) -> dict[str, Any]:
    """Return the ledger's fields of a change that no token gates and no Idempotency-Key names."""
    written = _written(step, actor, now=now, request_id=request_id, key=key)
    return {**written, **dict.fromkeys(_KEY_FIELDS)}


def _written(step: Step, actor: Actor, *, now: datetime, request_id: str, key: bytes) -> dict[str, Any]:
    told = _told(step, actor, now=now, request_id=request_id)
    return {
        "actor_id": told.actor_id,
        "acting_id": told.organization_id,
        "actor_roles": told.roles,
        "role": told.role,
        "now": now,
        "request_id": request_id,
        "stream": told.stream,
        "ledger_agreement_id": told.agreement_id,
        "subject_type": told.subject_type,
        "subject_id": told.subject_id,
        "subject_version": told.version,
        "action": told.action,
        "from_state": told.from_state,
        "to_state": told.to_state,
        "ledger_reason": told.reason,
        "entry_id": told.id,
        "event_id": uuid7(now),
        "event_type": f"{step.noun}.{step.action}",
        "canonical": canonical_text(told, key, before=step.before, after=step.after),
        "genesis": chain.genesis(step.stream),
    }


def _told(step: Step, actor: Actor, *, now: datetime, request_id: str) -> Told:
    return Told(
        stream=step.stream,
        agreement_id=step.agreement_id,
        id=uuid7(now),
        organization_id=actor.organization_id,
        actor_id=actor.user_id,
        roles=actor.roles,
        role=actor.role,
        subject_type=step.noun,
        subject_id=step.subject_id,
        action=step.action,
        from_state=_state(step.before),
        to_state=_state(step.after),
        reason=step.reason,
        version=step.version,
        request_id=request_id,
        at=now,
    )


def _moved(step: Step) -> bool:
    """Whether a record went from one state to another."""
    states = (_state(step.before), _state(step.after))
    return None not in states and states[0] != states[1]


def _state(stored: msgspec.Struct | None) -> str | None:
    return getattr(stored, "state", None)


def canonical_text(
    told: Told, key: bytes, *, before: msgspec.Struct | None, after: msgspec.Struct | None
) -> str:
    """Return the text of an entry that is hashed."""
    record = keyed(key, msgspec.json.encode(after, order="deterministic")).hex()
    return msgspec.json.encode(canonical(told, key, changed=_changed(before, after), record=record)).decode()


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
