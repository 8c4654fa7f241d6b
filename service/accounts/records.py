"""What the rules of accounts are given: persons with all their memberships, and who administers what."""

from datetime import datetime
from uuid import UUID

import msgspec

from schema.wire.accounts import User
from schema.wire.common import Record


class Account(User, frozen=True, kw_only=True):
    """A person with all memberships, whoever asks."""

    has_password: bool


class Credentials(Account, frozen=True, kw_only=True):
    """A person with the hash a password is compared with; null while invited."""

    password_hash: str | None


class SignedIn(Record, frozen=True, kw_only=True):
    """A session as it is kept: without its token."""

    user_id: UUID
    organization_id: UUID
    expires_at: datetime
    revoked_at: datetime | None


class Administration(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the organizations asked for exist, and who administers them: active users with `org_admin`."""

    organization_ids: frozenset[UUID]
    administrators: frozenset[tuple[UUID, UUID]]

    def administered(self, organization_id: UUID) -> bool:
        """Whether an organization has an administrator of its own."""
        return any(where == organization_id for where, _ in self.administrators)

    def last_in(self, user_id: UUID) -> bool:
        """Whether a person is the only administrator of one of the organizations."""
        own = {where for where, who in self.administrators if who == user_id}
        return bool(own - {where for where, who in self.administrators if who != user_id})
