"""Examples of milestones: reading, promising, and every action of their life."""

from typing import Any

from schema.vocabulary import Permission
from tests.actors import Actor
from tests.partners import id_of, promised, recurring
from tests.trust.example import OK, UNKNOWN_AGREEMENT, Example, Made, acted, for_all, plain, seen
from tests.trust.world import EVIDENCE, FAR_DAY, MILESTONES, SERIES, Ask, World

_EDIT, _VERIFY = Permission.MILESTONE_EDIT, Permission.MILESTONE_VERIFY
_WAIVE = Permission.MILESTONE_WAIVE
_REASON = {"reason": "Tidak jadi."}


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await world.milestone()
        return Ask("GET", f"{path}{rest}", subject=id_of(path))

    return made


async def _of_agreement(world: World, _by: Actor) -> Ask:
    """Gives the list of one agreement: for whom it does not exist, it is empty."""
    return Ask("GET", f"{MILESTONES}?agreement_id={id_of(world.base)}", subject=id_of(world.base))


async def _promised(world: World, _by: Actor) -> Ask:
    return Ask("POST", MILESTONES, promised(world.base, world.own), subject=id_of(world.base))


async def _change(world: World, path: str, *, method: str, rest: str = "", body: Any = None) -> Ask:
    return Ask(method, f"{path}{rest}", body, await world.version(path, world.own), id_of(path))


async def _edited(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.milestone(), method="PATCH", body={"title": "Lain"})


async def _move(world: World, path: str, *, action: str, **body: Any) -> Ask:
    return await _change(world, path, method="POST", rest="/transitions", body={"action": action, **body})


async def _submit(world: World, _by: Actor) -> Ask:
    path = await world.milestone()
    return await _move(world, path, action="submit", achieved_on="2022-09-02", evidence=EVIDENCE)


async def _verify(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.submitted(), action="verify")


async def _return(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.submitted(), action="return", **_REASON)


async def _replan(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.milestone(), action="replan", due_on=FAR_DAY, **_REASON)


async def _waive(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.milestone(), action="waive", **_REASON)


async def _cancel(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.milestone(), action="cancel", **_REASON)


async def _recurring(world: World, by: Actor) -> Ask:
    body = recurring(world.base, world.own, title=f"Reviu {by.user_id}")
    return Ask("POST", SERIES, body, subject=id_of(world.base))


async def _series(world: World, _by: Actor) -> Ask:
    path = await world.series()
    return Ask("GET", path, subject=id_of(path))


async def _series_of_agreement(world: World, _by: Actor) -> Ask:
    return Ask("GET", f"{SERIES}?agreement_id={id_of(world.base)}", subject=id_of(world.base))


async def _edited_series(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.series(), method="PATCH", body={"title": "Lain"})


EXAMPLES = {
    "list_milestones": Example(plain("GET", f"{MILESTONES}?limit=200"), for_all),
    "list_milestones: of an agreement": Example(_of_agreement, for_all, hidden=OK),
    "get_milestone": Example(_reading(), seen()),
    "create_milestone": Example(_promised, acted(UNKNOWN_AGREEMENT), hidden=UNKNOWN_AGREEMENT),
    "update_milestone": Example(_edited, acted()),
    "list_milestone_transitions": Example(_reading("/transitions"), seen()),
    "transition_milestone: submit": Example(_submit, acted(other="guards_not_met"), _EDIT),
    "transition_milestone: verify": Example(_verify, acted(own="same_party"), _VERIFY),
    "transition_milestone: return": Example(_return, acted(own="same_party"), _VERIFY),
    "transition_milestone: replan": Example(_replan, acted(), _EDIT),
    "transition_milestone: waive": Example(_waive, acted(), _WAIVE),
    "transition_milestone: cancel": Example(_cancel, acted(), _EDIT),
    "list_milestone_series": Example(plain("GET", f"{SERIES}?limit=200"), for_all),
    "list_milestone_series: of an agreement": Example(_series_of_agreement, for_all, hidden=OK),
    "get_milestone_series": Example(_series, seen()),
    "create_milestone_series": Example(_recurring, acted(UNKNOWN_AGREEMENT), hidden=UNKNOWN_AGREEMENT),
    "update_milestone_series": Example(_edited_series, acted()),
}
