"""Users, their memberships, sessions and API keys."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import AccountState, Language, Permission, Role
from schema.wire.common import Day, Email, Id, Input, Instant, ListQuery, Name, Page, Record, Reply

Password = Annotated[
    str,
    Meta(
        min_length=12,
        max_length=128,
        description="12 characters or more, 128 bytes at most.",
        examples=["kopi susu di Oesapa"],
    ),
]
GivenPassword = Annotated[str, Meta(min_length=1, max_length=128, description="128 bytes at most.")]
TokenText = Annotated[
    str,
    Meta(
        min_length=10,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="Opaque; only its digest is kept here.",
        examples=["tnn_s_2Qd8hX0vK4mJ"],
    ),
]
Roles = Annotated[tuple[Role, ...], Meta(min_length=1, max_length=7, description="Roles, each once.")]
Permissions = Annotated[tuple[Permission, ...], Meta(max_length=100, description="What the roles give.")]


class MembershipInput(Input, frozen=True, kw_only=True):
    """Roles in one organization."""

    organization_id: Id
    roles: Roles


class CreateUser(Input, frozen=True, kw_only=True):
    """A person; without a password, a one-time invitation is made."""

    email: Email
    name: Annotated[Name, Meta(description="Name of the person.", examples=["Maria Tamonob"])]
    memberships: Annotated[
        tuple[MembershipInput, ...], Meta(min_length=1, max_length=20, description="Where, and as what.")
    ]
    password: Annotated[Password | None, Meta(description="First password; must be changed.")] = None
    password_change_required: Annotated[
        bool | None,
        Meta(description="Whether the first password must be changed; only platform_admin may say false."),
    ] = None
    language: Annotated[Language, Meta(description="Language of notices.")] = Language.ID


class UpdateUser(Input, frozen=True, kw_only=True):
    """Changed fields; name and e-mail only by the person or the platform."""

    name: Annotated[Name | UnsetType, Meta(description="Name of the person.")] = UNSET
    email: Annotated[Email | UnsetType, Meta(description="E-mail to sign in with.")] = UNSET
    language: Annotated[Language | UnsetType, Meta(description="Language of notices.")] = UNSET
    disabled: Annotated[bool | UnsetType, Meta(description="A disabled user cannot sign in.")] = UNSET


class Membership(Record, frozen=True, kw_only=True):
    """A person's roles in one organization."""

    user_id: Id
    organization_id: Id
    roles: Roles


class User(Record, frozen=True, kw_only=True):
    """A person who can act for organizations."""

    email: Email
    name: Annotated[Name, Meta(description="Name of the person.")]
    language: Annotated[Language, Meta(description="Language of notices.")]
    state: Annotated[AccountState, Meta(description="invited, active or disabled.")]
    password_change_required: Annotated[bool, Meta(description="Must change the password first.")]
    memberships: Annotated[
        tuple[Membership, ...], Meta(max_length=200, description="Those the caller may see.")
    ]


class CreatedUser(User, frozen=True, kw_only=True):
    """A new person, with the invitation when there was no password."""

    invitation_token: Annotated[
        TokenText | None,
        Meta(description="Shown once; hand it to the person.", examples=["tnn_i_7Wc1pR9zB3nT"]),
    ]
    invitation_expires_at: Annotated[Instant | None, Meta(description="7 days after creation.")]


class UserPage(Page, frozen=True, kw_only=True):
    """A page of users."""

    items: Annotated[tuple[User, ...], Meta(max_length=200, description="By id.")]


class UserQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of users."""

    organization_id: Annotated[Id | UnsetType, Meta(description="Members of this organization.")] = UNSET
    state: Annotated[
        Annotated[tuple[AccountState, ...], Meta(max_length=20)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET


class CreateMembership(Input, frozen=True, kw_only=True):
    """Roles for a user in an organization."""

    user_id: Id
    organization_id: Id
    roles: Roles


class UpdateMembership(Input, frozen=True, kw_only=True):
    """Other roles."""

    roles: Roles


class MembershipQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of memberships."""

    user_id: Annotated[Id | UnsetType, Meta(description="Of this user.")] = UNSET
    organization_id: Annotated[Id | UnsetType, Meta(description="In this organization.")] = UNSET


class MembershipPage(Page, frozen=True, kw_only=True):
    """A page of memberships."""

    items: Annotated[tuple[Membership, ...], Meta(max_length=200, description="By id.")]


class CreateSession(Input, frozen=True, kw_only=True):
    """Sign in for one organization."""

    email: Email
    password: GivenPassword
    organization_id: Annotated[Id | None, Meta(description="Needed with several memberships.")] = None


class Session(Reply, frozen=True, kw_only=True):
    """A session; its token is shown here only."""

    token: TokenText
    expires_at: Annotated[Instant, Meta(description="12 hours after signing in.")]
    user_id: Id
    organization_id: Id
    roles: Roles
    password_change_required: Annotated[
        bool, Meta(description="Only the password can be changed until then.")
    ]


class CreateApiKey(Input, frozen=True, kw_only=True):
    """A key for a program; its roles are at most its maker's and never approver."""

    name: Annotated[Name, Meta(description="What it is for.", examples=["dashboard"])]
    roles: Roles
    expires_on: Annotated[Day, Meta(description="Last day it works, one year at most.")]


class ApiKey(Record, frozen=True, kw_only=True):
    """A key of the acting organization."""

    name: Annotated[Name, Meta(description="What it is for.")]
    user_id: Annotated[Id, Meta(description="Who made it.")]
    organization_id: Id
    roles: Roles
    expires_on: Annotated[Day, Meta(description="Last day it works.")]
    revoked_at: Annotated[Instant | None, Meta(description="When it was revoked.")]


class CreatedApiKey(ApiKey, frozen=True, kw_only=True):
    """A new key; its token is shown here only."""

    token: Annotated[TokenText, Meta(description="Shown once.", examples=["tnn_k_5Ga6yL2sF8eU"])]


class UpdateApiKey(Input, frozen=True, kw_only=True):
    """Another name."""

    name: Annotated[Name, Meta(description="What it is for.")]


class ApiKeyQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the keys of the acting organization."""

    user_id: Annotated[Id | UnsetType, Meta(description="Made by this user.")] = UNSET


class ApiKeyPage(Page, frozen=True, kw_only=True):
    """A page of API keys."""

    items: Annotated[tuple[ApiKey, ...], Meta(max_length=200, description="By id.")]


class ChangePassword(Input, frozen=True, kw_only=True):
    """A new password for oneself."""

    current_password: GivenPassword
    new_password: Password


class AcceptInvitation(Input, frozen=True, kw_only=True):
    """The first password of an invited person."""

    token: TokenText
    password: Password


class Me(Reply, frozen=True, kw_only=True):
    """Who the token acts for."""

    user_id: Id
    name: Annotated[Name, Meta(description="Name of the person.")]
    email: Email
    language: Annotated[Language, Meta(description="Language of notices.")]
    organization_id: Annotated[Id, Meta(description="Organization the token acts for.")]
    organization_name: Annotated[Name, Meta(description="Its name.")]
    roles: Roles
    permissions: Permissions
    password_change_required: Annotated[bool, Meta(description="Must change the password first.")]
    expires_at: Annotated[Instant, Meta(description="When the token ends.")]
