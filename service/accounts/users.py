"""Persons who can act for organizations."""

from typing import Any
from uuid import UUID

from msgspec.structs import asdict

from schema.vocabulary import AccountState, Noun, Permission, Verb
from schema.wire.accounts import CreatedUser, CreateUser, UpdateUser, User, UserPage, UserQuery
from service.access.call import Call
from service.access.record import Step, entry
from service.accounts import listing, memberships, passwords, queries, rules
from service.accounts.records import Account
from service.accounts.tokens import Token, new_invitation_token
from service.kernel.ids import uuid7
from service.kernel.operation import operation
from service.kernel.text import squeezed

TAG = "users"
_MANAGE = (Permission.USER_MANAGE,)
_MANAGE_OR_OWN = (Permission.USER_MANAGE, Permission.SELF)
_PLATFORM = (Permission.ORGANIZATION_CREATE,)


async def account_by_id(call: Call, user_id: UUID) -> Account:
    """Return a person the caller may see, or raise `not_found`."""
    found = await call.found(queries.USER, queries.ById(user_id))
    rules.seen(found, call.caller)
    return found


async def created_before(call: Call, user_id: UUID) -> CreatedUser:
    """Return the person whom the first request with this key created; only then was the invitation shown."""
    return _created(rules.seen(await account_by_id(call, user_id), call.caller), None)


@operation("GET", "/v1/users", permissions=_MANAGE, tag=TAG, private=True)
async def list_users(call: Call, query: UserQuery) -> UserPage:
    """List the members of the acting organization; the platform lists everybody."""
    items, cursor, total = await listing.users(call, query)
    return UserPage(items=items, next_cursor=cursor, total=total)


@operation("GET", "/v1/users/{user_id}", permissions=_MANAGE_OR_OWN, tag=TAG, private=True)
async def get_user(call: Call, user_id: UUID) -> User:
    """Read oneself, or a member of the organization one administers."""
    return rules.seen(await account_by_id(call, user_id), call.caller)


@operation(
    "POST",
    "/v1/users",
    permissions=_MANAGE,
    tag=TAG,
    status=201,
    private=True,
    revisit=created_before,
    problems=("role_not_grantable", "email_taken"),
)
async def create_user(call: Call, body: CreateUser) -> CreatedUser:
    """Add a person with roles in organizations.

    An administrator gives roles in the own organization, the platform while an organization has none.
    Without a password the reply holds a one-time invitation for 7 days, shown here only. With one, the
    person must change it first, unless the platform gave it.
    """
    now = call.caller.now
    ids = sorted(uuid7(now) for _ in body.memberships)
    user = rules.created_user(body, call.caller, user_id=uuid7(now), membership_ids=ids)
    token = new_invitation_token() if body.password is None else None
    password_hash = None if body.password is None else await passwords.hashed(body.password)
    created = _created(user, token)
    step = _step(call, Verb.CREATED, after=user)
    written = queries.WrittenUser(
        **entry(call, step, answer=created),
        **_columns(user),
        password_hash=password_hash,
        invitation_digest=token and token.digest,
        invitation_expires_at=created.invitation_expires_at,
        expected_version=0,
    )
    wanted = {f"/memberships/{index}/organization_id": each for index, each in enumerate(user.memberships)}
    async with call.database.transaction() as connection:
        await memberships.demand_grants(connection, call, wanted=wanted)
        await queries.CREATE_USER.run(connection, written)
        await memberships.write_first(connection, call, made=user.memberships)
    return created


@operation(
    "PATCH",
    "/v1/users/{user_id}",
    permissions=_MANAGE_OR_OWN,
    tag=TAG,
    private=True,
    conditional=True,
    problems=("email_taken", "last_administrator"),
)
async def update_user(call: Call, user_id: UUID, *, body: UpdateUser) -> User:
    """Change a person.

    Name, e-mail and language are changed by that person in a session, or by the platform. `disabled` ends
    all sessions and keys of the person at once; an administrator sets it for members of the own organization
    alone.
    """
    return rules.seen(await _update(call, user_id, patch=body), call.caller)


@operation(
    "DELETE",
    "/v1/users/{user_id}",
    permissions=_PLATFORM,
    tag=TAG,
    conditional=True,
    problems=("last_administrator",),
)
async def delete_user(call: Call, user_id: UUID) -> None:
    """Disable a person: nobody signs in as them, and all their tokens are revoked.

    The record stays, because what they did stays.
    """
    await _update(call, user_id, patch=UpdateUser(disabled=True))


async def _update(call: Call, user_id: UUID, *, patch: UpdateUser) -> Account:
    stored = await account_by_id(call, user_id)
    call.match(stored.version)
    record = rules.updated_user(stored, patch, caller=call.caller)
    step = _step(call, Verb.UPDATED, before=stored, after=record)
    written = queries.WrittenUser(
        **entry(call, step, answer=record),
        **_columns(record),
        password_hash=None,
        invitation_digest=None,
        invitation_expires_at=None,
        expected_version=call.expected or 0,
    )
    async with call.database.transaction() as connection:
        if record.state is AccountState.DISABLED:
            administration = await queries.administration_around(connection, user_id)
            rules.demand_administrator(administration, user_id)
        await queries.UPDATE_USER.run(connection, written)
    call.changed_users.append(user_id)
    return record


def _step(call: Call, action: Verb, *, after: User, before: User | None = None) -> Step:
    return Step(
        noun=Noun.USER,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=_MANAGE_OR_OWN,
        stream=call.organization_id,
        before=before,
        after=after,
        names_persons=True,
    )


def _columns(user: User) -> dict[str, Any]:
    values = {name: getattr(user, name) for name in queries.USER_COLUMNS}
    return values | {"email_key": squeezed(user.email)}


def _created(user: User, token: Token | None) -> CreatedUser:
    return CreatedUser(
        **asdict(user),
        invitation_token=token and token.text,
        invitation_expires_at=token and user.created_at + rules.INVITATION_LASTS,
    )
