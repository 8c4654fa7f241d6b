"""Statements over what opens the door: passwords, invitations, sessions and API keys."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    delete,
    exists,
    select,
)

from schema.tables.accounts import invitation, membership, sign_in_throttle, token, user
from schema.vocabulary import AccountState, TokenKind
from schema.wire.accounts import ApiKey
from service.accounts.queries import account_columns, as_seen, tokens_ended
from service.accounts.records import Credentials, SignedIn
from service.accounts.throttle import blocking
from service.kernel.ledger import Change, Entry, GatedEntry, after, inserted, updated
from service.kernel.statement import Statement, document, param

_INSTANT = DateTime(timezone=True)
KEY_COLUMNS = tuple(ApiKey.__struct_fields__)
_SESSION_COLUMNS = tuple(SignedIn.__struct_fields__)


class ByEmail(msgspec.Struct, frozen=True):
    """Whoever signs in with an e-mail."""

    email_key: str


class ByUser(msgspec.Struct, frozen=True):
    """One person."""

    user_id: UUID


class ByInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever was handed an invitation that still counts."""

    digest: bytes
    now: datetime


class ByToken(msgspec.Struct, frozen=True, kw_only=True):
    """One token of the acting organization."""

    token_id: UUID
    acting_id: UUID


class NewSession(Entry, frozen=True, kw_only=True):
    """A session, provided that person and membership are what they were and nobody is throttled."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    kind: str
    digest: bytes
    user_id: UUID
    organization_id: UUID
    expires_at: datetime
    revoked_at: datetime | None
    user_version: int
    membership_version: int
    account: bytes
    subjects: tuple[bytes, ...]
    window_start: datetime
    failure_limit: int


class NewPassword(GatedEntry, frozen=True, kw_only=True):
    """Another password of one's own."""

    version: int
    updated_at: datetime
    password_hash: str
    password_change_required: bool
    expected_version: int


class FirstPassword(Entry, frozen=True, kw_only=True):
    """The password of an invited person."""

    version: int
    updated_at: datetime
    password_hash: str
    state: str
    digest: bytes
    expected_version: int


class NewKey(GatedEntry, frozen=True, kw_only=True):
    """An API key."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    kind: str
    digest: bytes
    user_id: UUID
    organization_id: UUID
    name: str
    roles: tuple[str, ...]
    expires_on: date
    expires_at: datetime
    revoked_at: datetime | None


class RenamedKey(GatedEntry, frozen=True, kw_only=True):
    """An API key that is called something else."""

    version: int
    updated_at: datetime
    name: str
    expected_version: int


class Revoked(GatedEntry, frozen=True, kw_only=True):
    """The end of a session or an API key."""

    version: int
    updated_at: datetime
    revoked_at: datetime


# ------------------------------------------------------------------------------------------ whose door it is


def _credentials() -> list[ColumnElement[Any]]:
    return [*account_columns(), user.c.password_hash]


BY_EMAIL = Statement(
    "credentials_by_email",
    document(Credentials, select(*_credentials()).where(user.c.email_key == param("email_key", Text()))),
    params=ByEmail,
    row=Credentials,
)

BY_USER = Statement(
    "credentials_by_user",
    document(Credentials, select(*_credentials()).where(user.c.id == param("user_id", Uuid()))),
    params=ByUser,
    row=Credentials,
)

BY_INVITATION = Statement(
    "credentials_by_invitation",
    document(
        Credentials,
        select(*_credentials())
        .join(invitation, invitation.c.user_id == user.c.id)
        .where(
            invitation.c.digest == param("digest", LargeBinary()),
            invitation.c.expires_at > param("now", _INSTANT),
            user.c.state == AccountState.INVITED.value,
        ),
    ),
    params=ByInvitation,
    row=Credentials,
)

SESSION = Statement(
    "session",
    document(
        SignedIn,
        select(*(token.c[name] for name in _SESSION_COLUMNS)).where(
            token.c.id == param("token_id", Uuid()),
            token.c.organization_id == param("acting_id", Uuid()),
            token.c.kind == TokenKind.SESSION.value,
        ),
    ),
    params=ByToken,
    row=SignedIn,
)

KEY = Statement(
    "api_key",
    document(
        ApiKey,
        select(*(token.c[name] for name in KEY_COLUMNS)).where(
            token.c.id == param("token_id", Uuid()),
            token.c.organization_id == param("acting_id", Uuid()),
            token.c.kind == TokenKind.API_KEY.value,
        ),
    ),
    params=ByToken,
    row=ApiKey,
)

# --------------------------------------------------------------------------------------------------- changes


def _forgiven(head: CTE) -> CTE:
    """Return the part that forgets the failures of an account; those of the address stay."""
    of_account = sign_in_throttle.c.subject == param("account", LargeBinary())
    return delete(sign_in_throttle).where(of_account, after(head)).cte("forgiven")


def _invitations_used(head: CTE) -> CTE:
    of_user = invitation.c.user_id == param("subject_id", Uuid())
    return delete(invitation).where(of_user, after(head)).cte("invitations_used")


CREATE_SESSION = Change(
    "create_session",
    params=NewSession,
    # Shared locks: a disabling or a new role that is being written is waited for, and then seen.
    target=select(membership.c.id)
    .join(user, user.c.id == membership.c.user_id)
    .where(
        membership.c.user_id == param("user_id", Uuid()),
        membership.c.organization_id == param("organization_id", Uuid()),
        membership.c.version == param("membership_version", Integer()),
        user.c.version == param("user_version", Integer()),
        user.c.state == AccountState.ACTIVE.value,
        ~exists(select(sign_in_throttle.c.subject).where(blocking())),
    )
    .with_for_update(read=True, of=[membership, user]),
    works=lambda head: [inserted(token, (*_SESSION_COLUMNS, "kind", "digest"), head=head), _forgiven(head)],
)

CHANGE_PASSWORD = Change(
    "change_password",
    params=NewPassword,
    target=as_seen(user),
    works=lambda head: [
        updated(user, ("version", "updated_at", "password_hash", "password_change_required"), head=head),
        tokens_ended(head, token.c.kind == TokenKind.SESSION.value, token.c.id != param("token_id", Uuid())),
    ],
)

ACCEPT_INVITATION = Change(
    "accept_invitation",
    params=FirstPassword,
    target=select(user.c.id)
    .join(invitation, invitation.c.user_id == user.c.id)
    .where(
        user.c.id == param("subject_id", Uuid()),
        user.c.version == param("expected_version", Integer()),
        user.c.state == AccountState.INVITED.value,
        invitation.c.digest == param("digest", LargeBinary()),
        invitation.c.expires_at > param("now", _INSTANT),
    )
    .with_for_update(),
    works=lambda head: [
        updated(user, ("version", "updated_at", "password_hash", "state"), head=head),
        _invitations_used(head),
    ],
)

CREATE_KEY = Change(
    "create_api_key",
    params=NewKey,
    target=None,
    works=lambda head: [inserted(token, (*KEY_COLUMNS, "kind", "digest", "expires_at"), head=head)],
)

RENAME_KEY = Change(
    "rename_api_key",
    params=RenamedKey,
    target=as_seen(token),
    works=lambda head: [updated(token, ("version", "updated_at", "name"), head=head)],
)

REVOKE = Change(
    "revoke_token",
    params=Revoked,
    target=select(token.c.id)
    .where(token.c.id == param("subject_id", Uuid()), token.c.revoked_at.is_(None))
    .with_for_update(),
    works=lambda head: [updated(token, ("version", "updated_at", "revoked_at"), head=head)],
)
