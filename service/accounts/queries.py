"""Statements over persons and their memberships."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.accounts import invitation, membership, token, user
from schema.tables.organizations import organization
from schema.vocabulary import AccountState, Language, Role
from schema.wire.accounts import Membership, User
from service.accounts.records import Account, Administration
from service.kernel.database import Connection, rows
from service.kernel.ledger import Change, GatedEntry, after, inserted, updated
from service.kernel.statement import Statement, document, json_list, param

_INSTANT = DateTime(timezone=True)
USER_COLUMNS = tuple(name for name in User.__struct_fields__ if name != "memberships")
MEMBERSHIP_COLUMNS = tuple(Membership.__struct_fields__)


class ById(msgspec.Struct, frozen=True):
    """One record."""

    subject_id: UUID


class ByIds(msgspec.Struct, frozen=True):
    """Several records."""

    subject_ids: tuple[UUID, ...]


class Acting(msgspec.Struct, frozen=True, kw_only=True):
    """A person in an organization."""

    actor_id: UUID
    acting_id: UUID


class Found(msgspec.Struct, frozen=True):
    """A record that is there."""

    id: UUID


class Administrator(msgspec.Struct, frozen=True):
    """Who administers an organization."""

    organization_id: UUID
    user_id: UUID


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a person and an organization are called."""

    name: str
    email: str
    language: Language
    organization_name: str


class WrittenUser(GatedEntry, frozen=True, kw_only=True):
    """A new or changed person; a new one without a password has an invitation."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    email: str
    email_key: str
    name: str
    language: str
    state: str
    password_hash: str | None
    password_change_required: bool
    invitation_digest: bytes | None
    invitation_expires_at: datetime | None
    expected_version: int


class WrittenMembership(GatedEntry, frozen=True, kw_only=True):
    """A new, changed or ended membership."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    user_id: UUID
    organization_id: UUID
    roles: tuple[str, ...]
    expected_version: int


def account_columns() -> list[ColumnElement[Any]]:
    """Return the columns of an `Account`."""
    of_user = (
        select(*(membership.c[name] for name in MEMBERSHIP_COLUMNS))
        .where(membership.c.user_id == user.c.id)
        .order_by(membership.c.id)
        .correlate(user)
    )
    return [
        *(user.c[name] for name in USER_COLUMNS),
        user.c.password_hash.is_not(None).label("has_password"),
        json_list(Membership, of_user, name="memberships"),
    ]


USER = Statement(
    "user",
    document(Account, select(*account_columns()).where(user.c.id == param("subject_id", Uuid()))),
    params=ById,
    row=Account,
)

MEMBERSHIP = Statement(
    "membership",
    document(
        Membership,
        select(*(membership.c[name] for name in MEMBERSHIP_COLUMNS)).where(
            membership.c.id == param("subject_id", Uuid())
        ),
    ),
    params=ById,
    row=Membership,
)

NAMED = Statement(
    "named",
    document(
        Named,
        select(user.c.name, user.c.email, user.c.language, organization.c.name.label("organization_name"))
        .join_from(user, organization, organization.c.id == param("acting_id", Uuid()))
        .where(user.c.id == param("actor_id", Uuid())),
    ),
    params=Acting,
    row=Named,
)


# ------------------------------------------------------------------------------------- who administers what

# Roles in one organization change one after the other: whoever counts its administrators holds its row, in a
# statement before the count, because a statement sees what was there when it began to wait.
_HELD = Statement(
    "held_organizations",
    document(
        Found,
        select(organization.c.id)
        .where(organization.c.id == any_(param("subject_ids", ARRAY(Uuid()))))
        .order_by(organization.c.id)
        .with_for_update(key_share=True),
    ),
    params=ByIds,
    row=Found,
)

# A person held so becomes a member of nothing meanwhile: a new membership needs the row for its foreign key.
_HELD_USER = Statement(
    "held_user",
    document(Found, select(user.c.id).where(user.c.id == param("subject_id", Uuid())).with_for_update()),
    params=ById,
    row=Found,
)

_ORGANIZATIONS_OF = Statement(
    "organizations_of",
    document(
        Found,
        select(membership.c.organization_id.label("id")).where(
            membership.c.user_id == param("subject_id", Uuid())
        ),
    ),
    params=ById,
    row=Found,
)

_ADMINISTRATORS = Statement(
    "administrators",
    document(
        Administrator,
        select(membership.c.organization_id, membership.c.user_id)
        .join(user, user.c.id == membership.c.user_id)
        .where(
            membership.c.organization_id == any_(param("subject_ids", ARRAY(Uuid()))),
            membership.c.roles.contains([Role.ORG_ADMIN.value]),
            user.c.state == AccountState.ACTIVE.value,
        ),
    ),
    params=ByIds,
    row=Administrator,
)


async def administration_of(connection: Connection, organization_ids: Collection[UUID]) -> Administration:
    """Return who administers organizations; it stays so until the transaction ends."""
    wanted = ByIds(tuple(organization_ids))
    known = await rows(connection, _HELD, params=wanted)
    found = await rows(connection, _ADMINISTRATORS, params=wanted)
    return Administration(
        organization_ids=frozenset(each.id for each in known),
        administrators=frozenset((each.organization_id, each.user_id) for each in found),
    )


async def administration_around(connection: Connection, user_id: UUID) -> Administration:
    """Return who administers the organizations of a person; it stays so until the transaction ends."""
    await rows(connection, _HELD_USER, params=ById(user_id))
    found = await rows(connection, _ORGANIZATIONS_OF, params=ById(user_id))
    return await administration_of(connection, [each.id for each in found])


# --------------------------------------------------------------------------------------------------- changes

_CHANGED_USER = ("version", "updated_at", "email", "email_key", "name", "language", "state")
_ONLY_NEW = ("id", "created_at", "created_by")


def as_seen(table: Table) -> Select[Any]:
    """Return the record in the version the rules saw, locked."""
    return (
        select(table.c.id)
        .where(
            table.c.id == param("subject_id", Uuid()),
            table.c.version == param("expected_version", Integer()),
        )
        .with_for_update()
    )


def _invited(head: CTE) -> CTE:
    digest = param("invitation_digest", LargeBinary())
    values = select(digest, param("subject_id", Uuid()), param("invitation_expires_at", _INSTANT))
    names = ("digest", "user_id", "expires_at")
    return (
        insert(invitation).from_select(names, values.where(digest.is_not(None), after(head))).cte("invited")
    )


def tokens_ended(head: CTE, *conditions: ColumnElement[bool]) -> CTE:
    """Return the part of a change of a person that revokes the tokens for which the conditions hold."""
    now = param("updated_at", _INSTANT)
    return (
        update(token)
        .where(
            token.c.user_id == param("subject_id", Uuid()),
            token.c.revoked_at.is_(None),
            *conditions,
            after(head),
        )
        .values(revoked_at=now, updated_at=now, version=token.c.version + 1)
        .cte("tokens_ended")
    )


# Being enabled again revives no token.
_DISABLED = param("state", Text()) == AccountState.DISABLED.value

CREATE_USER = Change(
    "create_user",
    params=WrittenUser,
    target=None,
    works=lambda head: [
        inserted(user, (*USER_COLUMNS, "email_key", "password_hash"), head=head),
        _invited(head),
    ],
    unused=("expected_version",),
)

UPDATE_USER = Change(
    "update_user",
    params=WrittenUser,
    target=as_seen(user),
    works=lambda head: [updated(user, _CHANGED_USER, head=head), tokens_ended(head, _DISABLED)],
    unused=(
        *_ONLY_NEW,
        "password_hash",
        "password_change_required",
        "invitation_digest",
        "invitation_expires_at",
    ),
)

CREATE_MEMBERSHIP = Change(
    "create_membership",
    params=WrittenMembership,
    target=None,
    works=lambda head: [inserted(membership, MEMBERSHIP_COLUMNS, head=head)],
    unused=("expected_version",),
)

UPDATE_MEMBERSHIP = Change(
    "update_membership",
    params=WrittenMembership,
    target=as_seen(membership),
    works=lambda head: [updated(membership, ("version", "updated_at", "roles"), head=head)],
    unused=(*_ONLY_NEW, "user_id", "organization_id"),
)

DELETE_MEMBERSHIP = Change(
    "delete_membership",
    params=WrittenMembership,
    target=as_seen(membership),
    works=lambda head: [
        delete(membership).where(membership.c.id == param("subject_id", Uuid()), after(head)).cte("ended")
    ],
    unused=tuple(name for name in WrittenMembership.__struct_fields__ if name in MEMBERSHIP_COLUMNS),
)
