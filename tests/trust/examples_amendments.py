"""Examples of amendments: reading, proposing, and every action of their life."""

from typing import Any

from schema.vocabulary import Permission
from tests.actors import Actor
from tests.partners import addendum
from tests.trust.example import Example, Made, acted, seen
from tests.trust.world import Ask, World

_EDIT, _ACCEPT = Permission.AGREEMENT_EDIT, Permission.AGREEMENT_ACCEPT
_REASON = {"reason": "Tidak jadi."}


def _agreement_of(path: str) -> str:
    """Gives the id of the agreement in a path: what nobody else may know exists."""
    return path.split("/")[3]


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        return Ask("GET", f"{world.base}/amendments{rest}", subject=_agreement_of(world.base))

    return made


async def _proposed(world: World, _by: Actor) -> Ask:
    path = await world.signed()
    return Ask("POST", f"{path}/amendments", addendum(), subject=_agreement_of(path))


async def _edited(world: World, _by: Actor) -> Ask:
    path = await world.amendment()
    headers = await world.version(path, world.own)
    return Ask("PATCH", path, {"title": "Judul"}, headers, _agreement_of(path))


async def _move(world: World, path: str, *, action: str, **body: Any) -> Ask:
    headers = await world.version(path, world.own)
    return Ask("POST", f"{path}/transitions", {"action": action, **body}, headers, _agreement_of(path))


async def _accept(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.amendment(), action="accept")


async def _last_accept(world: World, by: Actor) -> Ask:
    path = await world.amendment()
    first = world.other if by.organization_id == world.own.organization_id else world.own
    await world.api.moved(path, first, "accept")
    return await _move(world, path, action="accept")


async def _unlock(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.accepted_amendment(), action="unlock", **_REASON)


async def _sign(world: World, _by: Actor) -> Ask:
    path = await world.accepted_amendment()
    return await _move(world, path, action="register_signing", **world.signed_by_both())


async def _cancel(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.amendment(), action="cancel", **_REASON)


EXAMPLES = {
    "list_amendments": Example(_reading("?limit=200"), seen()),
    "get_amendment": Example(_reading("/2"), seen()),
    "get_amendment_diff": Example(_reading("/1/diff"), seen()),
    "create_amendment": Example(_proposed, acted()),
    "update_amendment": Example(_edited, acted()),
    "transition_amendment: accept": Example(_accept, acted(), _ACCEPT),
    "transition_amendment: accept as the last": Example(_last_accept, acted(), _ACCEPT),
    "transition_amendment: unlock": Example(_unlock, acted(), _ACCEPT),
    "transition_amendment: register_signing": Example(_sign, acted(), _EDIT),
    "transition_amendment: cancel": Example(_cancel, acted(), _EDIT),
}
