"""The audit trail, outbox events and idempotency keys; down drops them, the audit trail with them."""

from migrations.steps import describe, execute, set_timeouts

revision = "0003_ledger"
down_revision = "0002_accounts"

TABLES = (
    """
CREATE TABLE audit_head (
  stream uuid NOT NULL,
  agreement_id uuid,
  seq bigint NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT pk_audit_head PRIMARY KEY (stream),
  CONSTRAINT ck_audit_head_hash_is_sha256 CHECK (octet_length(hash) = 32)
)
""",
    """
CREATE TABLE audit_entry (
  stream uuid NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  agreement_id uuid,
  organization_id uuid NOT NULL,
  actor_id uuid,
  roles text[] NOT NULL,
  role text,
  subject_type text NOT NULL,
  subject_id uuid NOT NULL,
  action text NOT NULL,
  from_state text,
  to_state text,
  reason text,
  version integer NOT NULL,
  request_id text,
  at timestamptz NOT NULL,
  canonical text NOT NULL,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT pk_audit_entry PRIMARY KEY (stream, seq),
  CONSTRAINT fk_audit_entry_stream FOREIGN KEY (stream) REFERENCES audit_head (stream),
  CONSTRAINT uq_audit_entry_id UNIQUE (id),
  CONSTRAINT ck_audit_entry_subject_type_known CHECK (
    subject_type IN ('organization', 'user', 'membership', 'session', 'api_key', 'agreement',
    'activity')
  ),
  CONSTRAINT ck_audit_entry_role_known CHECK (
    role IN ('viewer', 'coordinator', 'reviewer', 'approver', 'org_admin', 'auditor',
    'platform_admin')
  )
)
""",
    "CREATE INDEX ix_audit_entry_agreement_id ON audit_entry (agreement_id, id)",
    "CREATE INDEX ix_audit_entry_organization_id ON audit_entry (organization_id, id)",
    "CREATE INDEX ix_audit_entry_subject_id ON audit_entry (subject_id, id)",
    """
CREATE TABLE audit_checkpoint (
  stream uuid NOT NULL,
  seq bigint NOT NULL,
  agreement_id uuid,
  hash bytea NOT NULL,
  at timestamptz NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL,
  CONSTRAINT pk_audit_checkpoint PRIMARY KEY (stream, seq)
)
""",
    """
CREATE TABLE denied_attempt (
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  operation text NOT NULL,
  path text NOT NULL,
  code text NOT NULL,
  request_id text NOT NULL,
  CONSTRAINT pk_denied_attempt PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_denied_attempt_at ON denied_attempt (at)",
    """
CREATE TABLE outbox_event (
  id bigint GENERATED ALWAYS AS IDENTITY,
  event_id uuid NOT NULL,
  agreement_id uuid,
  organization_id uuid NOT NULL,
  type text NOT NULL,
  subject_type text NOT NULL,
  subject_id uuid NOT NULL,
  version integer NOT NULL,
  at timestamptz NOT NULL,
  position bigint,
  CONSTRAINT pk_outbox_event PRIMARY KEY (id),
  CONSTRAINT uq_outbox_event_event_id UNIQUE (event_id),
  CONSTRAINT uq_outbox_event_position UNIQUE (position),
  CONSTRAINT ck_outbox_event_subject_type_known CHECK (
    subject_type IN ('organization', 'user', 'membership', 'session', 'api_key', 'agreement',
    'activity')
  )
)
""",
    "CREATE INDEX ix_outbox_event_unpublished ON outbox_event (id) WHERE position IS NULL",
    """
CREATE TABLE idempotency_key (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  key text NOT NULL,
  fingerprint bytea NOT NULL,
  status smallint NOT NULL,
  subject_id uuid NOT NULL,
  body bytea,
  created_at timestamptz NOT NULL,
  CONSTRAINT pk_idempotency_key PRIMARY KEY (organization_id, user_id, key)
)
""",
    "CREATE INDEX ix_idempotency_key_created_at ON idempotency_key (created_at)",
)

COMMENTS = {
    "TABLE audit_head": (
        "One row per audit stream; locked by every change of the stream, so entries are numbered without "
        "gaps and chained in their order."
    ),
    "COLUMN audit_head.stream": "An agreement, or an organization for the rest.",
    "COLUMN audit_head.agreement_id": "The agreement; null for the stream of an organization.",
    "COLUMN audit_head.seq": "Number of the last entry.",
    "COLUMN audit_head.prev_hash": "What the last entry was chained to.",
    "COLUMN audit_head.hash": "Hash of the last entry: the next is chained to it.",
    "TABLE audit_entry": "Who did what, in which role, for whom; written with the change or not at all.",
    "COLUMN audit_entry.id": "UUIDv7; orders entries of different streams by time.",
    "COLUMN audit_entry.agreement_id": "Agreement it belongs to; null for accounts and the directory.",
    "COLUMN audit_entry.organization_id": "Organization the actor acted for.",
    "COLUMN audit_entry.actor_id": "User; null for the system.",
    "COLUMN audit_entry.roles": "Roles of the actor at that time.",
    "COLUMN audit_entry.role": "Role that gave the permission.",
    "COLUMN audit_entry.version": "Version of the record after the change.",
    "COLUMN audit_entry.canonical": "What is hashed, in UTF-8; names no person.",
    "COLUMN audit_entry.prev_hash": "Hash of the entry before, or the chain's start.",
    "COLUMN audit_entry.hash": "SHA-256 of prev_hash and canonical.",
    "TABLE audit_checkpoint": (
        "How far a stream had come, signed with a key that is not in the database; without a foreign key, so "
        "that it outlives what it tells of."
    ),
    "COLUMN audit_checkpoint.seq": "Entry that was the last one.",
    "COLUMN audit_checkpoint.agreement_id": "The agreement; null for the stream of an organization.",
    "COLUMN audit_checkpoint.hash": "Hash of that entry.",
    "COLUMN audit_checkpoint.at": "When it was signed.",
    "COLUMN audit_checkpoint.key_id": "Key it was signed with.",
    "COLUMN audit_checkpoint.signature": "Ed25519.",
    "TABLE denied_attempt": (
        "Changes that somebody known was refused; not everything under a flood, and kept 90 days."
    ),
    "COLUMN denied_attempt.id": "UUIDv7.",
    "COLUMN denied_attempt.organization_id": "Organization the caller acted for.",
    "COLUMN denied_attempt.user_id": "Whose token it was.",
    "COLUMN denied_attempt.operation": "Operation id.",
    "COLUMN denied_attempt.path": "Path asked for, without parameters, cut at 300.",
    "COLUMN denied_attempt.code": "Code of the problem answered.",
    "TABLE outbox_event": (
        "What happened, for webhooks and the change feed; written in the transaction of the change."
    ),
    "COLUMN outbox_event.event_id": "UUIDv7, for receivers.",
    "COLUMN outbox_event.type": "`agreement.created`, `activity.verify`, …",
    "COLUMN outbox_event.position": "Stamped by the publisher on committed events.",
    "TABLE idempotency_key": "The first answer to a keyed POST, kept for 30 days.",
    "COLUMN idempotency_key.fingerprint": "SHA-256 of method, path, query and body.",
    "COLUMN idempotency_key.body": "First answer; null where it holds personal data and is made again.",
}

DROPS = (
    "DROP TABLE idempotency_key, outbox_event, denied_attempt, audit_checkpoint, audit_entry, audit_head",
)


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)


def downgrade() -> None:
    set_timeouts()
    execute(DROPS)
