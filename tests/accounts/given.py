"""People who sign in, and what they send: each is complete, a test changes what it is about."""

from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import argon2
import httpx

from service.kernel import instants
from tests.actors import Actor, make_actor
from tests.api import Api
from tests.canaries import introduce

PASSWORD = "kopi susu di Oesapa"
OTHER_PASSWORD = "kain tenun dari Molo"

_numbers = count(1)


def email() -> str:
    """Gives an e-mail that nobody has."""
    return f"orang-{next(_numbers)}@example.org"


async def person(api: Api, *roles: str, organization_id: UUID | None = None) -> Actor:
    """Writes somebody who can sign in with PASSWORD; a viewer unless roles are named."""
    actor = await make_actor(api.connection, roles=roles or ["viewer"], organization_id=organization_id)
    await api.connection.execute(
        'UPDATE "user" SET password_hash = $2 WHERE id = $1', actor.user_id, _cheap_hash()
    )
    return actor


@cache
def _cheap_hash() -> str:
    """Gives a hash of PASSWORD that is fast to compare with: no test is about guessing it."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def email_of(actor: Actor) -> str:
    """Gives the e-mail of somebody whom `make_actor` wrote."""
    return f"{actor.user_id}@example.org"


async def sign_in(api: Api, given: str, password: str = PASSWORD, **body: Any) -> httpx.Response:
    """Asks for a session."""
    asked = {"email": given, "password": password, **body}
    return await api.client.post("/v1/sessions", json=asked, headers={"accept-language": "en"})


async def signed_in(api: Api, given: str, password: str = PASSWORD, **body: Any) -> Actor:
    """Gives somebody with a new session."""
    answer = await sign_in(api, given, password, **body)
    assert answer.status_code == 201, answer.text
    session = answer.json()
    headers = {"authorization": f"Bearer {session['token']}", "accept-language": "en"}
    introduce(headers["authorization"], UUID(session["organization_id"]), roles=session["roles"])
    return Actor(headers, UUID(session["user_id"]), UUID(session["organization_id"]))


def new_user(*members: UUID, roles: tuple[str, ...] = ("coordinator",), **values: Any) -> dict[str, Any]:
    """Gives the body of a new person with the same roles in each organization."""
    memberships = [{"organization_id": str(each), "roles": list(roles)} for each in members]
    return {"email": email(), "name": "Maria Tamonob", "memberships": memberships} | values


def new_key(*roles: str, **values: Any) -> dict[str, Any]:
    """Gives the body of a key that works for two days, in whatever time zone."""
    expires_on = instants.now().date() + timedelta(days=2)
    return {"name": "dashboard", "roles": list(roles), "expires_on": str(expires_on)} | values
