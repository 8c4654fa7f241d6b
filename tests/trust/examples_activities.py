"""Examples of activities: reading, logging, and every action of their life."""

from typing import Any

from schema.vocabulary import Permission
from tests.actors import Actor
from tests.partners import held, id_of
from tests.trust.example import OK, Example, Made, acted, for_all, plain, seen
from tests.trust.example import UNKNOWN_AGREEMENT as _UNKNOWN
from tests.trust.world import ACTIVITIES, EVIDENCE, FAR_DAY, Ask, World

_EDIT, _VERIFY, _REOPEN = Permission.ACTIVITY_EDIT, Permission.ACTIVITY_VERIFY, Permission.ACTIVITY_REOPEN
_REASON = {"reason": "Salah tanggal."}


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await world.activity()
        return Ask("GET", f"{path}{rest}", subject=id_of(path))

    return made


async def _of_agreement(world: World, _by: Actor) -> Ask:
    """Gives the list of one agreement: for whom it does not exist, it is empty."""
    return Ask("GET", f"{ACTIVITIES}?agreement_id={id_of(world.base)}", subject=id_of(world.base))


async def _logged(world: World, _by: Actor) -> Ask:
    return Ask("POST", ACTIVITIES, held(world.base), subject=id_of(world.base))


async def _batch(world: World, by: Actor) -> Ask:
    item = held(world.base, client_ref=f"ref-{by.user_id}")
    return Ask("POST", f"{ACTIVITIES}/batch", {"items": [item]}, subject=id_of(world.base))


async def _change(world: World, path: str, *, method: str, rest: str = "", body: Any = None) -> Ask:
    return Ask(method, f"{path}{rest}", body, await world.version(path, world.own), id_of(path))


async def _edited(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.activity(), method="PATCH", body={"outcome": "Selesai"})


async def _counted(world: World, _by: Actor) -> Ask:
    path = await world.activity()
    return await _change(world, path, method="PUT", rest="/participants", body={"total": 37})


async def _deleted(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.activity(state="draft"), method="DELETE")


async def _move(world: World, path: str, *, action: str, **body: Any) -> Ask:
    return await _change(world, path, method="POST", rest="/transitions", body={"action": action, **body})


async def _plan(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.plan(state="draft"), action="plan")


async def _reschedule(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.plan(), action="reschedule", starts_on=FAR_DAY, **_REASON)


async def _cancel(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.plan(), action="cancel", **_REASON)


async def _mark_held(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.plan(starts_on="2022-09-02"), action="mark_held")


async def _report(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.activity(), action="report", evidence=EVIDENCE)


async def _verify(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.reported(), action="verify")


async def _return(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.reported(), action="return", **_REASON)


async def _reopen(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.verified(), action="reopen", **_REASON)


EXAMPLES = {
    "list_activities": Example(plain("GET", f"{ACTIVITIES}?limit=200"), for_all),
    "list_activities: of an agreement": Example(_of_agreement, for_all, hidden=OK),
    "get_activity": Example(_reading(), seen()),
    "create_activity": Example(_logged, acted(_UNKNOWN), hidden=_UNKNOWN),
    "create_activity_batch": Example(_batch, acted(_UNKNOWN), hidden=_UNKNOWN),
    "update_activity": Example(_edited, acted()),
    "put_activity_participants": Example(_counted, acted()),
    "delete_activity": Example(_deleted, acted(other="guards_not_met")),
    "list_activity_transitions": Example(_reading("/transitions"), seen()),
    "transition_activity: plan": Example(_plan, acted(), _EDIT),
    "transition_activity: reschedule": Example(_reschedule, acted(), _EDIT),
    "transition_activity: cancel": Example(_cancel, acted(), _EDIT),
    "transition_activity: mark_held": Example(_mark_held, acted(), _EDIT),
    "transition_activity: report": Example(_report, acted(), _EDIT),
    "transition_activity: verify": Example(_verify, acted(own="same_party"), _VERIFY),
    "transition_activity: return": Example(_return, acted(own="same_party"), _VERIFY),
    "transition_activity: reopen": Example(_reopen, acted(), _REOPEN),
}
