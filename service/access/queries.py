"""What the guard asks the database: the principal of a token, and the first answer to a repeated request."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    LargeBinary,
    Text,
    Uuid,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.accounts import installation, membership, token, user
from schema.tables.ledger import idempotency_key
from schema.tables.organizations import organization
from schema.vocabulary import Role, TimeZone, TokenKind
from service.kernel.statement import Statement, document, param


class ByDigest(msgspec.Struct, frozen=True):
    """A token's SHA-256."""

    digest: bytes


class TokenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A live token with its person, organization and both lists of roles."""

    token_id: UUID
    token_kind: TokenKind
    token_roles: tuple[Role, ...] | None
    expires_at: datetime
    user_id: UUID
    user_version: int
    password_change_required: bool
    organization_id: UUID
    time_zone: TimeZone
    membership_version: int
    membership_roles: tuple[Role, ...]
    sees_many: bool


class ByKey(msgspec.Struct, frozen=True, kw_only=True):
    """An Idempotency-Key of a person in an organization."""

    acting_id: UUID
    actor_id: UUID
    key: str


class FirstAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered first; `body` (base64) is null where the record has to be read again."""

    fingerprint: str
    status: int
    subject_id: UUID
    body: str | None


MANY = 200
"""From so many agreements on, a list over them walks the newest records instead of gathering by agreement."""


def _sees_many() -> ColumnElement[bool]:
    """Ask the owner's function: a token is looked up before anybody acts, and then no row is seen."""
    return func.sees_many(organization.c.id, literal_column(str(MANY)), type_=Boolean())


TOKEN_FACTS = Statement(
    "token_facts",
    document(
        TokenFacts,
        select(
            token.c.id.label("token_id"),
            token.c.kind.label("token_kind"),
            token.c.roles.label("token_roles"),
            token.c.expires_at,
            user.c.id.label("user_id"),
            user.c.version.label("user_version"),
            user.c.password_change_required,
            organization.c.id.label("organization_id"),
            organization.c.time_zone,
            membership.c.version.label("membership_version"),
            membership.c.roles.label("membership_roles"),
            _sees_many().label("sees_many"),
        )
        .join_from(token, user, user.c.id == token.c.user_id)
        .join(organization, organization.c.id == token.c.organization_id)
        .join(
            membership,
            (membership.c.user_id == token.c.user_id)
            & (membership.c.organization_id == token.c.organization_id),
        )
        .where(
            token.c.digest == param("digest", LargeBinary()),
            token.c.revoked_at.is_(None),
            user.c.state == "active",
        ),
    ),
    params=ByDigest,
    row=TokenFacts,
)

FIRST_ANSWER = Statement(
    "first_answer",
    document(
        FirstAnswer,
        select(
            func.encode(idempotency_key.c.fingerprint, "hex", type_=Text).label("fingerprint"),
            idempotency_key.c.status,
            idempotency_key.c.subject_id,
            func.encode(idempotency_key.c.body, "base64", type_=Text).label("body"),
        ).where(
            idempotency_key.c.organization_id == param("acting_id", Uuid()),
            idempotency_key.c.user_id == param("actor_id", Uuid()),
            idempotency_key.c.key == param("key", Text()),
        ),
    ),
    params=ByKey,
    row=FirstAnswer,
)


class NewSecret(msgspec.Struct, frozen=True):
    """A secret to keep when there is none."""

    secret: bytes


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


class Secret(msgspec.Struct, frozen=True):
    """The secret in hexadecimal."""

    secret: str


KEEP_SECRET = Statement(
    "keep_secret",
    upsert(installation)
    .from_select([installation.c.secret], select(param("secret", LargeBinary())))
    .on_conflict_do_nothing(),
    params=NewSecret,
    row=Secret,
)

SECRET = Statement(
    "secret",
    document(Secret, select(func.encode(installation.c.secret, "hex", type_=Text).label("secret"))),
    params=Nothing,
    row=Secret,
)


class Confirmed(msgspec.Struct, frozen=True):
    """Where the log of the database ended."""

    position: str


# A transaction that writes next to nothing. Its commit waits for the replica, if commits do, and so does all
# that was committed before.
CONFIRM = Statement(
    "confirm",
    document(
        Confirmed,
        select(
            cast(
                func.pg_logical_emit_message(literal(value=True), literal("tenun"), literal("")), Text
            ).label("position")
        ),
    ),
    params=Nothing,
    row=Confirmed,
)
