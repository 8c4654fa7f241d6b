"""Users, memberships, tokens, invitations and the throttle of sign-ins."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from schema.tables.common import day, each_of, in_calendar, metadata, one_of, record_columns, text_array
from schema.vocabulary import AccountState, Language, Role, TokenKind

user = Table(
    "user",
    metadata,
    *record_columns(),
    Column("email", Text, nullable=False, comment="As written; compared by email_key."),
    Column("email_key", Text, nullable=False, comment="NFKC and casefolded."),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("password_hash", Text, comment="argon2id; null while invited."),
    Column("password_change_required", Boolean, nullable=False),
    UniqueConstraint("email_key", name="uq_user_email"),
    one_of("language", Language),
    one_of("state", AccountState),
    CheckConstraint("state <> 'active' OR password_hash IS NOT NULL", name="active_has_password"),
    comment="A person. What the person may do stands in membership.",
)

membership = Table(
    "membership",
    metadata,
    *record_columns(),
    Column("user_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False),
    Column("roles", text_array(), nullable=False),
    ForeignKeyConstraint(["user_id"], ["user.id"]),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    UniqueConstraint("user_id", "organization_id", name="uq_membership_user_organization"),
    each_of("roles", Role),
    CheckConstraint("cardinality(roles) > 0", name="roles_given"),
    Index("ix_membership_organization_id", "organization_id"),
    comment="A person's roles in one organization.",
)

token = Table(
    "token",
    metadata,
    *record_columns(),
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the token; the token is never kept."),
    Column("user_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False),
    Column("name", Text, comment="What an API key is for."),
    Column("roles", text_array(), comment="Roles of an API key; a session has those of the membership."),
    day("expires_on", comment="Last day an API key works."),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    ForeignKeyConstraint(
        ["user_id", "organization_id"],
        ["membership.user_id", "membership.organization_id"],
        ondelete="CASCADE",
    ),
    UniqueConstraint("digest", name="uq_token_digest"),
    one_of("kind", TokenKind),
    each_of("roles", Role),
    in_calendar("expires_on"),
    CheckConstraint("(kind = 'api_key') = (name IS NOT NULL)", name="key_has_name"),
    CheckConstraint("(kind = 'api_key') = (roles IS NOT NULL)", name="key_has_roles"),
    CheckConstraint("NOT 'approver' = ANY (roles)", name="key_never_approves"),
    Index("ix_token_user_id_organization_id", "user_id", "organization_id"),
    Index("ix_token_organization_id", "organization_id"),
    comment="Sessions and API keys: a token acts for one person in one organization.",
)

invitation = Table(
    "invitation",
    metadata,
    Column("digest", LargeBinary, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("digest"),
    ForeignKeyConstraint(["user_id"], ["user.id"], ondelete="CASCADE"),
    Index("ix_invitation_user_id", "user_id"),
    comment="One-time right to set the first password; the row goes when it is used.",
)

sign_in_throttle = Table(
    "sign_in_throttle",
    metadata,
    Column("subject", LargeBinary, nullable=False, comment="Keyed hash of an account or an address."),
    Column("window_started_at", DateTime(timezone=True), nullable=False),
    Column("failures", Integer, nullable=False),
    PrimaryKeyConstraint("subject"),
    comment="Failed sign-ins per account and per address; shared by all copies of the service.",
)

installation = Table(
    "installation",
    metadata,
    Column("singleton", Boolean, nullable=False, server_default="true"),
    Column(
        "secret", LargeBinary, nullable=False, comment="Signs cursors and keys hashes; same for all copies."
    ),
    Column("organization_id", Uuid, comment="The operating organization, once bootstrapped."),
    PrimaryKeyConstraint("singleton"),
    ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    CheckConstraint("singleton", name="one_row"),
    Index("ix_installation_organization_id", "organization_id"),
    comment="What belongs to this installation as a whole.",
)
