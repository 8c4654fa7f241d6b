"""Who may sign in, who makes whom a member of what, and what a key may do."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict, replace

from schema.vocabulary import AccountState, Permission, Role, TokenKind
from schema.wire.accounts import (
    ApiKey,
    CreateApiKey,
    CreateMembership,
    CreateUser,
    Membership,
    MembershipInput,
    UpdateUser,
    User,
)
from service.access.policy import roles_within
from service.access.principal import Caller
from service.accounts.records import Account, Administration, Credentials, SignedIn
from service.kernel.period import years_after
from service.kernel.problem import Fault, Problem, refuse

INVITATION_LASTS = timedelta(days=7)
_SESSION_LASTS = timedelta(hours=12)
_KEY_YEARS = 1
_PASSWORD_BYTES = 128
_THE_PERSONS_OWN = frozenset({"name", "email", "language"})


def runs_platform(caller: Caller) -> bool:
    """Whether the caller keeps the directory and the accounts of everybody."""
    return caller.principal.may(Permission.ORGANIZATION_CREATE)


# ----------------------------------------------------------------------------------- passwords and signing in


def password_faults(password: str, pointer: str) -> Iterator[Fault]:
    """Give a fault when a password is too long to be hashed: more than 128 bytes of UTF-8."""
    if len(password.encode()) > _PASSWORD_BYTES:
        yield Fault(pointer, "password_too_long")


def open_to(found: Credentials | None, organization_id: UUID | None) -> tuple[Membership, ...]:
    """Return the memberships that somebody whose password was right may sign in to; none for who may not."""
    if found is None or found.state is not AccountState.ACTIVE:
        return ()
    return tuple(each for each in found.memberships if organization_id in {None, each.organization_id})


def only(memberships: Sequence[Membership]) -> Membership:
    """Return the one membership to sign in to; ask a member of several organizations for one of them."""
    if len(memberships) > 1:
        ids = ", ".join(str(each.organization_id) for each in memberships)
        refuse([Fault("/organization_id", "organization_required", {"ids": ids})])
    return memberships[0]


def session(membership: Membership, now: datetime, *, session_id: UUID) -> SignedIn:
    """Return a session of 12 hours for the organization of a membership."""
    return SignedIn(
        id=session_id,
        version=1,
        created_at=now,
        updated_at=now,
        created_by=membership.user_id,
        user_id=membership.user_id,
        organization_id=membership.organization_id,
        expires_at=now + _SESSION_LASTS,
        revoked_at=None,
    )


def revoked(stored: SignedIn | ApiKey, now: datetime) -> SignedIn | ApiKey:
    """Return a session or key as it is once revoked."""
    return replace(stored, revoked_at=now, version=stored.version + 1, updated_at=now)


def with_password(stored: Credentials, now: datetime) -> User:
    """Return a person who has just chosen a password: active, and nobody else knows it."""
    chosen = replace(stored, state=AccountState.ACTIVE, password_change_required=False)
    return user_of(replace(chosen, version=stored.version + 1, updated_at=now))


# ------------------------------------------------------------------------------------------------------ users


def seen(account: Account, caller: Caller) -> User:
    """Return what the caller may see of a person, or raise `not_found`.

    The platform and the person see all memberships, an administrator those in the own organization.
    """
    shown = account.memberships
    if not runs_platform(caller) and account.id != caller.principal.user_id:
        shown = tuple(each for each in shown if each.organization_id == caller.organization_id)
        if not shown or not caller.principal.may(Permission.USER_MANAGE):
            raise Problem("not_found")
    return user_of(replace(account, memberships=shown))


def user_of(account: Account) -> User:
    """Return a person without what only the rules need to know."""
    return User(**{name: getattr(account, name) for name in User.__struct_fields__})


def created_user(given: CreateUser, caller: Caller, *, user_id: UUID, membership_ids: Sequence[UUID]) -> User:
    """Return the new person, invited when no password is given; raise all faults."""
    refuse(_user_faults(given))
    return User(
        id=user_id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        email=given.email,
        name=given.name,
        language=given.language,
        state=AccountState.INVITED if given.password is None else AccountState.ACTIVE,
        password_change_required=_must_change(given, caller),
        memberships=tuple(
            _membership(each, caller, user_id=user_id, membership_id=membership_id)
            for each, membership_id in zip(given.memberships, membership_ids, strict=True)
        ),
    )


def updated_user(stored: Account, patch: UpdateUser, *, caller: Caller) -> Account:
    """Return the person with the patch: absent stays.

    Name, e-mail and language are changed by the platform, or by the person in a session: a key that may only
    read shall not. An administrator disables whom nobody else counts on: a member of the own organization
    alone, and none of the platform's administrators.
    """
    changes = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    mine = stored.id == caller.principal.user_id and caller.principal.token_kind is TokenKind.SESSION
    if not changes.keys().isdisjoint(_THE_PERSONS_OWN) and not (mine or runs_platform(caller)):
        raise Problem("permission_missing", permission=Permission.ORGANIZATION_CREATE)
    disabled = changes.pop("disabled", UNSET)
    if disabled is not UNSET:
        _demand_disabling(stored, caller)
        changes["state"] = AccountState.DISABLED if disabled else _enabled(stored)
    return replace(stored, **changes, version=stored.version + 1, updated_at=caller.now)


def _user_faults(given: CreateUser) -> Iterator[Fault]:
    if given.password is not None:
        yield from password_faults(given.password, "/password")
    known: set[UUID] = set()
    for index, each in enumerate(given.memberships):
        yield from _role_faults(each.roles, f"/memberships/{index}/roles")
        if each.organization_id in known:
            yield Fault(f"/memberships/{index}/organization_id", "repeated", {"given": each.organization_id})
        known.add(each.organization_id)


def _must_change(given: CreateUser, caller: Caller) -> bool:
    """Return whether the first password is only for the first time: always, unless the platform gave it."""
    if given.password is None:
        return False
    if runs_platform(caller):
        return given.password_change_required is True
    if given.password_change_required is False:
        raise Problem("permission_missing", permission=Permission.ORGANIZATION_CREATE)
    return True


def _demand_disabling(stored: Account, caller: Caller) -> None:
    if runs_platform(caller):
        return
    own = all(each.organization_id == caller.organization_id for each in stored.memberships)
    above = any(Role.PLATFORM_ADMIN in each.roles for each in stored.memberships)
    if not caller.principal.may(Permission.USER_MANAGE):
        raise Problem("permission_missing", permission=Permission.USER_MANAGE)
    if above or not own:
        raise Problem("permission_missing", permission=Permission.ORGANIZATION_CREATE)


def _enabled(stored: Account) -> AccountState:
    if stored.state is not AccountState.DISABLED:
        return stored.state
    return AccountState.ACTIVE if stored.has_password else AccountState.INVITED


# ------------------------------------------------------------------------------------------------ memberships


def demand_visible(membership: Membership, caller: Caller) -> None:
    """Raise `not_found` for a membership in another organization, unless the platform asks."""
    if not runs_platform(caller) and membership.organization_id != caller.organization_id:
        raise Problem("not_found")


def created_membership(given: CreateMembership, caller: Caller, *, membership_id: UUID) -> Membership:
    """Return the new membership; raise all faults."""
    refuse(_role_faults(given.roles, "/roles"))
    return _membership(given, caller, user_id=given.user_id, membership_id=membership_id)


def updated_membership(stored: Membership, roles: Sequence[Role], *, caller: Caller) -> Membership:
    """Return the membership with other roles."""
    refuse(_role_faults(roles, "/roles"))
    return replace(stored, roles=_ordered(roles), version=stored.version + 1, updated_at=caller.now)


def demand_grants(
    wanted: Mapping[str, Membership], caller: Caller, *, administration: Administration
) -> None:
    """Raise unless the caller may make all of the memberships, which stand where the pointers say."""
    refuse(
        Fault(pointer, "organization_unknown", {"id": each.organization_id})
        for pointer, each in wanted.items()
        if each.organization_id not in administration.organization_ids
    )
    for each in wanted.values():
        _demand_grant(each.organization_id, each.roles, caller=caller, administration=administration)


def demand_change(
    stored: Membership, roles: Collection[Role], *, caller: Caller, administration: Administration
) -> None:
    """Raise unless the caller may change the roles of a member to these; none end the membership."""
    touched = set(stored.roles) ^ set(roles) or set(roles)
    _demand_grant(stored.organization_id, touched, caller=caller, administration=administration)
    if Role.ORG_ADMIN in set(stored.roles) - set(roles):
        demand_administrator(administration, stored.user_id)


def demand_administrator(administration: Administration, user_id: UUID) -> None:
    """Raise `last_administrator` when an organization would be left without the person as its only one."""
    if administration.last_in(user_id):
        raise Problem("last_administrator")


def _demand_grant(
    organization_id: UUID, roles: Iterable[Role], *, caller: Caller, administration: Administration
) -> None:
    """Raise `role_not_grantable` unless the caller may give and take all of the roles in an organization.

    An administrator does in the own organization, the platform while an organization has no administrator;
    `platform_admin` is given by the platform, in its own organization.
    """
    own = organization_id == caller.organization_id
    platform = runs_platform(caller)
    administers = own and Role.ORG_ADMIN in caller.principal.roles
    grantable: set[Role] = set()
    if administers or (platform and not administration.administered(organization_id)):
        grantable |= set(Role) - {Role.PLATFORM_ADMIN}
    if own and platform:
        grantable.add(Role.PLATFORM_ADMIN)
    _refuse_roles(set(roles) - grantable)


def _membership(
    given: CreateMembership | MembershipInput, caller: Caller, *, user_id: UUID, membership_id: UUID
) -> Membership:
    return Membership(
        id=membership_id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        user_id=user_id,
        organization_id=given.organization_id,
        roles=_ordered(given.roles),
    )


def _role_faults(roles: Sequence[Role], pointer: str) -> Iterator[Fault]:
    for role in Role:
        if roles.count(role) > 1:
            yield Fault(pointer, "repeated", {"given": role})


def _refuse_roles(roles: Iterable[Role]) -> None:
    refused = _ordered(roles)
    if refused:
        raise Problem("role_not_grantable", roles=", ".join(refused))


def _ordered(roles: Iterable[Role]) -> tuple[Role, ...]:
    held = set(roles)
    return tuple(role for role in Role if role in held)


# --------------------------------------------------------------------------------------------------- API keys


def created_key(given: CreateApiKey, caller: Caller, *, key_id: UUID) -> ApiKey:
    """Return the new key of the acting organization; raise all faults.

    Its roles give at most what its maker's do, and never a decision: an approver is a person in a session.
    """
    refuse((*_role_faults(given.roles, "/roles"), *_expiry_faults(given.expires_on, caller.today)))
    within = set(roles_within(given.roles, caller.principal.roles))
    _refuse_roles(set(given.roles) - (within - {Role.APPROVER}))
    return ApiKey(
        id=key_id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        name=given.name,
        user_id=caller.principal.user_id,
        organization_id=caller.organization_id,
        roles=_ordered(given.roles),
        expires_on=given.expires_on,
        revoked_at=None,
    )


def _expiry_faults(expires_on: date, today: date) -> Iterator[Fault]:
    limit = years_after(today, _KEY_YEARS)
    if not today < expires_on <= limit:
        yield Fault("/expires_on", "expiry_too_far", {"limit": limit})
