"""Who is asking: a person, for one organization, with the roles held there."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from schema.vocabulary import Language, Permission, Role, TimeZone, TokenKind
from service.access.policy import role_giving


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A token's person, organization and roles as loaded; the database looks again at every change.

    `sees_many`: the organization sees so many agreements that lists over all of them need another plan.
    """

    token_id: UUID
    token_kind: TokenKind
    expires_at: datetime
    user_id: UUID
    organization_id: UUID
    time_zone: TimeZone
    roles: tuple[Role, ...]
    membership_version: int
    user_version: int
    password_change_required: bool
    sees_many: bool
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles gives the permission."""
        return permission in self.permissions

    def role_for(self, permissions: tuple[Permission, ...]) -> Role | None:
        """Return the role that gives one of the permissions, for the record."""
        return role_giving(permissions, self.roles)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """A principal at one moment: what every rule gets instead of a clock and a request.

    `today` is the date in the acting organization's time zone.
    """

    principal: Principal
    now: datetime
    today: date
    language: Language

    @property
    def organization_id(self) -> UUID:
        """Organization the caller acts for."""
        return self.principal.organization_id
