"""Examples of agreements: reading, drafting, and every action of their life."""

from typing import Any

from schema.vocabulary import Permission
from tests.actors import Actor
from tests.partners import id_of, parties, pks
from tests.trust.example import UNKNOWN_AGREEMENT as _UNKNOWN
from tests.trust.example import Example, Made, acted, for_all, plain, seen
from tests.trust.world import AGREEMENTS, SIGNATORY, Ask, World

_DECIDE, _CANCEL = Permission.AGREEMENT_DECIDE, Permission.AGREEMENT_CANCEL
_EDIT, _ACCEPT = Permission.AGREEMENT_EDIT, Permission.AGREEMENT_ACCEPT
_REASON = {"reason": "Menunggu audit."}


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        return Ask("GET", f"{world.base}{rest}", subject=id_of(world.base))

    return made


async def _created(world: World, by: Actor) -> Ask:
    return Ask("POST", AGREEMENTS, world.terms(title="Usulan", parties=parties(by, world.partners.icw)))


async def _derived(world: World, by: Actor) -> Ask:
    """Gives a PKS under the partners' MoU; nobody is told of the MoU who does not see it."""
    parent = id_of(world.base)
    return Ask("POST", AGREEMENTS, pks(parent, by, world.partners.icw), subject=parent)


async def _renewed(world: World, by: Actor) -> Ask:
    before = id_of(world.base)
    body = world.terms(title="Usulan", parties=parties(by, world.partners.icw), renews_id=before)
    return Ask("POST", AGREEMENTS, body, subject=before)


def _changed(method: str, body: Any = None) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await world.draft()
        return Ask(method, path, body, await world.version(path, world.own), id_of(path))

    return made


async def _joined(world: World, _by: Actor) -> Ask:
    path = await world.draft()
    rest = f"/parties/{world.partners.icw.organization_id}"
    headers = await world.version(path, world.own)
    return Ask("PUT", f"{path}{rest}", {"position": 3}, headers, id_of(path))


async def _left(world: World, _by: Actor) -> Ask:
    path = await world.draft(parties=parties(world.own, world.other, world.partners.icw))
    rest = f"/parties/{world.partners.icw.organization_id}"
    return Ask("DELETE", f"{path}{rest}", None, await world.version(path, world.own), id_of(path))


async def _move(world: World, path: str, *, action: str, **body: Any) -> Ask:
    headers = await world.version(path, world.own)
    return Ask("POST", f"{path}/transitions", {"action": action, **body}, headers, id_of(path))


async def _open(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.draft(), action="open_discussion")


async def _send_back(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.discussed(), action="send_back", **_REASON)


async def _accept(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.discussed(), action="accept")


async def _unlock(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.accepted(), action="unlock", **_REASON)


async def _sign(world: World, _by: Actor) -> Ask:
    ids = [str(party.organization_id) for party in (world.own, world.other)]
    signing = {
        "signed_on": "2022-08-15",
        "document_ref": "Arsip 1",
        "signatures": [{"organization_id": each, **SIGNATORY} for each in ids],
    }
    return await _move(world, await world.accepted(), action="register_signing", **signing)


async def _suspend(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.signed(), action="suspend", **_REASON)


async def _lift(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.suspended(), action="lift_suspension", **_REASON)


async def _terminate(world: World, _by: Actor) -> Ask:
    ending = {"effective_on": "2098-01-01", "document_ref": "Arsip 2", **_REASON}
    return await _move(world, await world.signed(), action="terminate", **ending)


async def _cancel(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.discussed(), action="cancel", **_REASON)


async def _close(world: World, _by: Actor) -> Ask:
    path = await world.signed(ends_on="2023-08-14")
    return await _move(world, path, action="close", document_ref="Arsip 3")


EXAMPLES = {
    "list_agreements": Example(plain("GET", f"{AGREEMENTS}?limit=200"), for_all),
    "list_agreements: public": Example(plain("GET", f"{AGREEMENTS}?visibility=public"), for_all),
    "get_agreement": Example(_reading(), seen()),
    "create_agreement": Example(_created, for_all),
    "create_agreement: under an MoU": Example(_derived, seen(_UNKNOWN), hidden=_UNKNOWN),
    "create_agreement: renewing": Example(_renewed, seen(_UNKNOWN), hidden=_UNKNOWN),
    "update_agreement": Example(_changed("PATCH", {"objective": "Pengawasan"}), acted()),
    "delete_agreement": Example(_changed("DELETE"), acted()),
    "put_agreement_party": Example(_joined, acted()),
    "delete_agreement_party": Example(_left, acted()),
    "list_agreement_transitions": Example(_reading("/transitions"), seen()),
    "get_agreement_summary": Example(_reading("/summary"), seen()),
    "get_agreement_report": Example(_reading("/report"), seen()),
    "get_agreement_summary: with its PKS": Example(_reading("/summary?include=children"), seen()),
    "transition_agreement: open_discussion": Example(_open, acted(), _EDIT),
    "transition_agreement: send_back": Example(_send_back, acted(), _EDIT),
    "transition_agreement: accept": Example(_accept, acted(), _ACCEPT),
    "transition_agreement: unlock": Example(_unlock, acted(), _ACCEPT),
    "transition_agreement: register_signing": Example(_sign, acted(), _EDIT),
    "transition_agreement: suspend": Example(_suspend, acted(), _DECIDE),
    "transition_agreement: lift_suspension": Example(_lift, acted(other="guards_not_met"), _DECIDE),
    "transition_agreement: terminate": Example(_terminate, acted(), _DECIDE),
    "transition_agreement: cancel": Example(_cancel, acted(other="not_a_party"), _CANCEL),
    "transition_agreement: close": Example(_close, acted(), _EDIT),
}
