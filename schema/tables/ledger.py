"""What every change leaves behind: an audit entry, an outbox event, and the key it was repeated with."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from schema.tables.common import metadata, one_of, text_array
from schema.vocabulary import Noun, Role

audit_head = Table(
    "audit_head",
    metadata,
    Column("stream", Uuid, nullable=False, comment="An agreement, or an organization for the rest."),
    Column("agreement_id", Uuid, comment="The agreement; null for the stream of an organization."),
    Column("seq", BigInteger, nullable=False, comment="Number of the last entry."),
    Column("prev_hash", LargeBinary, nullable=False, comment="What the last entry was chained to."),
    Column("hash", LargeBinary, nullable=False, comment="Hash of the last entry: the next is chained to it."),
    PrimaryKeyConstraint("stream"),
    CheckConstraint("octet_length(hash) = 32", name="hash_is_sha256"),
    comment=(
        "One row per audit stream; locked by every change of the stream, "
        "so entries are numbered without gaps and chained in their order."
    ),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("stream", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", Uuid, nullable=False, comment="UUIDv7; orders entries of different streams by time."),
    Column("agreement_id", Uuid, comment="Agreement it belongs to; null for accounts and the directory."),
    Column("organization_id", Uuid, nullable=False, comment="Organization the actor acted for."),
    Column("actor_id", Uuid, comment="User; null for the system."),
    Column("roles", text_array(), nullable=False, comment="Roles of the actor at that time."),
    Column("role", Text, comment="Role that gave the permission."),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("reason", Text),
    Column("version", Integer, nullable=False, comment="Version of the record after the change."),
    Column("request_id", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("canonical", Text, nullable=False, comment="What is hashed, in UTF-8; names no person."),
    Column(
        "prev_hash", LargeBinary, nullable=False, comment="Hash of the entry before, or the chain's start."
    ),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 of prev_hash and canonical."),
    PrimaryKeyConstraint("stream", "seq"),
    ForeignKeyConstraint(["stream"], ["audit_head.stream"]),
    UniqueConstraint("id", name="uq_audit_entry_id"),
    one_of("subject_type", Noun),
    one_of("role", Role),
    Index("ix_audit_entry_agreement_id", "agreement_id", "id"),
    Index("ix_audit_entry_organization_id", "organization_id", "id"),
    Index("ix_audit_entry_subject_id", "subject_id", "id"),
    comment="Who did what, in which role, for whom; written with the change or not at all.",
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("stream", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="Entry that was the last one."),
    Column("agreement_id", Uuid, comment="The agreement; null for the stream of an organization."),
    Column("hash", LargeBinary, nullable=False, comment="Hash of that entry."),
    Column("at", DateTime(timezone=True), nullable=False, comment="When it was signed."),
    Column("key_id", Text, nullable=False, comment="Key it was signed with."),
    Column("signature", LargeBinary, nullable=False, comment="Ed25519."),
    PrimaryKeyConstraint("stream", "seq"),
    comment=(
        "How far a stream had come, signed with a key that is not in the database; "
        "without a foreign key, so that it outlives what it tells of."
    ),
)

denied_attempt = Table(
    "denied_attempt",
    metadata,
    Column("id", Uuid, nullable=False, comment="UUIDv7."),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("organization_id", Uuid, nullable=False, comment="Organization the caller acted for."),
    Column("user_id", Uuid, nullable=False, comment="Whose token it was."),
    Column("operation", Text, nullable=False, comment="Operation id."),
    Column("path", Text, nullable=False, comment="Path asked for, without parameters, cut at 300."),
    Column("code", Text, nullable=False, comment="Code of the problem answered."),
    Column("request_id", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    Index("ix_denied_attempt_at", "at"),
    comment="Changes that somebody known was refused; not everything under a flood, and kept 90 days.",
)

outbox_event = Table(
    "outbox_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("event_id", Uuid, nullable=False, comment="UUIDv7, for receivers."),
    Column("agreement_id", Uuid),
    Column("organization_id", Uuid, nullable=False),
    Column("type", Text, nullable=False, comment="`agreement.created`, `activity.verify`, …"),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("position", BigInteger, comment="Stamped by the publisher on committed events."),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("event_id", name="uq_outbox_event_event_id"),
    UniqueConstraint("position", name="uq_outbox_event_position"),
    one_of("subject_type", Noun),
    Index("ix_outbox_event_unpublished", "id", postgresql_where=Column("position", BigInteger).is_(None)),
    comment="What happened, for webhooks and the change feed; written in the transaction of the change.",
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("organization_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="SHA-256 of method, path, query and body."),
    Column("status", SmallInteger, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("body", LargeBinary, comment="First answer; null where it holds personal data and is made again."),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("organization_id", "user_id", "key"),
    Index("ix_idempotency_key_created_at", "created_at"),
    comment="The first answer to a keyed POST, kept for 30 days.",
)
