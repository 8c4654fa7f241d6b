"""Examples of accounts: signing in, persons, memberships and keys."""

from typing import Any

from schema.vocabulary import Role
from tests.accounts.given import PASSWORD, new_key, new_user, person
from tests.actors import Actor
from tests.trust.example import OK, Example, Made, administered, for_all, plain
from tests.trust.world import Ask, Standing, World

SESSIONS, USERS, MEMBERSHIPS, KEYS = "/v1/sessions", "/v1/users", "/v1/memberships", "/v1/api-keys"
_MEMBERSHIP_OF = "SELECT id::text FROM membership WHERE user_id = $1"


async def _sign_in(world: World, _by: Actor) -> Ask:
    member = await world.member()
    return Ask("POST", SESSIONS, {"email": await world.email_of(member), "password": PASSWORD})


async def _invitation(world: World, _by: Actor) -> Ask:
    made = await world.api.create(USERS, world.own, body=new_user(world.own.organization_id))
    body = {"token": made["invitation_token"], "password": "kain tenun dari Molo"}
    return Ask("POST", "/v1/invitations/accept", body)


async def _new_password(_world: World, _by: Actor) -> Ask:
    body = {"current_password": PASSWORD, "new_password": "kain tenun dari Molo"}
    return Ask("POST", "/v1/me/password", body)


# --------------------------------------------------------------------------------------------------- persons


async def _user(world: World, _by: Actor) -> Ask:
    user_id = str((await world.member()).user_id)
    return Ask("GET", f"{USERS}/{user_id}", subject=user_id)


async def _oneself(_world: World, by: Actor) -> Ask:
    return Ask("GET", f"{USERS}/{by.user_id}")


async def _renamed_oneself(_world: World, by: Actor) -> Ask:
    return Ask("PATCH", f"{USERS}/{by.user_id}", {"name": "Nama Baru"}, {"if-match": '"1"'})


async def _new_person(world: World, _by: Actor) -> Ask:
    return Ask("POST", USERS, new_user(world.own.organization_id))


def _changed_user(method: str, body: Any = None) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        user_id = str((await world.member()).user_id)
        return Ask(method, f"{USERS}/{user_id}", body, {"if-match": '"1"'}, user_id)

    return made


def _manager(role: Role, standing: Standing) -> str:
    """Whoever administers members may see and disable one; the others see themselves only."""
    return administered(role, standing) if role in {Role.ORG_ADMIN, Role.PLATFORM_ADMIN} else "not_found"


# ----------------------------------------------------------------------------------------------- memberships


async def _new_membership(world: World, _by: Actor) -> Ask:
    # Whose name the own organization is then told.
    somebody = await person(world.api, "viewer", organization_id=world.organization(Standing.OUTSIDE))
    own = str(world.own.organization_id)
    body = {"user_id": str(somebody.user_id), "organization_id": own, "roles": ["viewer"]}
    return Ask("POST", MEMBERSHIPS, body)


def _membership(method: str, body: Any = None) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        member = await world.member()
        found = await world.api.connection.fetchval(_MEMBERSHIP_OF, member.user_id)
        headers = {} if method == "GET" else {"if-match": '"1"'}
        return Ask(method, f"{MEMBERSHIPS}/{found}", body, headers, found)

    return made


def _granted(hidden: str) -> Any:
    """Gives the outcome of giving roles: only the own administrator may, once there is one."""

    def outcome(role: Role, standing: Standing) -> str:
        if role is Role.PLATFORM_ADMIN:
            return "role_not_grantable"
        return OK if standing is Standing.OWN else hidden

    return outcome


# ------------------------------------------------------------------------------------------------------ keys


def _key(method: str, body: Any = None) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        key = await world.key()
        headers = {"if-match": '"1"'} if method == "PATCH" else {}
        return Ask(method, f"{KEYS}/{key['id']}", body, headers, key["id"])

    return made


def _key_made(role: Role, _standing: Standing) -> str:
    return "role_not_grantable" if role is Role.PLATFORM_ADMIN else OK


def _key_seen(_role: Role, standing: Standing) -> str:
    """A key is known in its organization alone, to the platform too."""
    return OK if standing is Standing.OWN else "not_found"


EXAMPLES = {
    "create_session": Example(_sign_in, for_all),
    "delete_current_session": Example(plain("DELETE", f"{SESSIONS}/current"), for_all),
    "get_me": Example(plain("GET", "/v1/me"), for_all),
    "change_password": Example(_new_password, for_all),
    "accept_invitation": Example(_invitation, for_all),
    "list_users": Example(plain("GET", f"{USERS}?limit=200"), for_all),
    "get_user": Example(_user, _manager),
    "get_user: oneself": Example(_oneself, for_all),
    "create_user": Example(_new_person, _granted("role_not_grantable")),
    "update_user: oneself": Example(_renamed_oneself, for_all),
    "update_user: disabled": Example(_changed_user("PATCH", {"disabled": True}), _manager),
    "update_user: name": Example(
        _changed_user("PATCH", {"name": "Nama Lain"}),
        lambda role, standing: (
            "permission_missing organization.create"
            if (role, standing) == (Role.ORG_ADMIN, Standing.OWN)
            else _manager(role, standing)
        ),
    ),
    "delete_user": Example(_changed_user("DELETE"), administered),
    "list_memberships": Example(plain("GET", f"{MEMBERSHIPS}?limit=200"), for_all),
    "get_membership": Example(_membership("GET"), administered),
    "create_membership": Example(_new_membership, _granted("role_not_grantable")),
    "update_membership": Example(_membership("PATCH", {"roles": ["viewer"]}), _granted("not_found")),
    "delete_membership": Example(_membership("DELETE"), _granted("not_found")),
    "list_api_keys": Example(plain("GET", f"{KEYS}?limit=200"), for_all),
    "get_api_key": Example(_key("GET"), _key_seen),
    "create_api_key": Example(plain("POST", KEYS, new_key("viewer")), _key_made),
    "update_api_key": Example(_key("PATCH", {"name": "dasbor baru"}), _key_seen),
    "revoke_api_key": Example(_key("DELETE"), _key_seen),
}
