"""What the chain says of a change: everything the entry's columns say, and no person's name.

A person stands in it as a keyed hash, a reason and the record as well, because both may name persons. Whoever
erases a person therefore changes nothing that is chained.
"""

import hashlib
import hmac
from datetime import datetime
from uuid import UUID

import msgspec

from schema.vocabulary import Noun


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of an audit entry that say what was done.

    Plain texts, because what is read again may have been altered.
    """

    stream: UUID
    agreement_id: UUID | None
    id: UUID
    organization_id: UUID
    actor_id: UUID | None
    roles: tuple[str, ...]
    role: str | None
    subject_type: str
    subject_id: UUID
    action: str
    from_state: str | None
    to_state: str | None
    reason: str | None
    version: int
    request_id: str | None
    at: datetime


class Canonical(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The JSON that is hashed; `actor`, `reason`, `record` and a person as `subject` are keyed hashes.

    `changed` names the fields that the change touched.
    """

    stream: UUID
    agreement_id: UUID | None
    id: UUID
    organization_id: UUID
    actor: str | None
    roles: tuple[str, ...]
    role: str | None
    subject_type: str
    subject: str
    action: str
    from_state: str | None
    to_state: str | None
    reason: str | None
    version: int
    request_id: str | None
    at: datetime
    changed: tuple[str, ...]
    record: str


def hashing_key(secret: bytes) -> bytes:
    """Return the key of the hashes, made from the installation's secret."""
    return keyed(secret, b"tenun audit persons")


def keyed(key: bytes, text: bytes) -> bytes:
    """Return a hash that nobody can try names on who does not have the key."""
    return hmac.digest(key, text, hashlib.sha256)


def canonical(told: Told, key: bytes, *, changed: tuple[str, ...], record: str) -> Canonical:
    """Return what the chain says of an entry."""
    person = told.subject_type == Noun.USER
    return Canonical(
        stream=told.stream,
        agreement_id=told.agreement_id,
        id=told.id,
        organization_id=told.organization_id,
        actor=None if told.actor_id is None else _person(key, told.actor_id),
        roles=told.roles,
        role=told.role,
        subject_type=told.subject_type,
        subject=_person(key, told.subject_id) if person else str(told.subject_id),
        action=told.action,
        from_state=told.from_state,
        to_state=told.to_state,
        reason=None if told.reason is None else keyed(key, told.reason.encode()).hex(),
        version=told.version,
        request_id=told.request_id,
        at=told.at,
        changed=changed,
        record=record,
    )


def _person(key: bytes, user_id: UUID) -> str:
    return keyed(key, user_id.bytes).hex()
