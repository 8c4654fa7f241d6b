"""Examples of the work plan: reading, proposing, every action of an item, and the values of its indicator."""

from typing import Any

from schema.vocabulary import Permission
from tests.actors import Actor
from tests.partners import VALUE, id_of, item
from tests.trust.example import OK, Example, Made, acted, for_all, plain, seen
from tests.trust.example import UNKNOWN_AGREEMENT as _UNKNOWN
from tests.trust.world import EVIDENCE, FAR_DAY, WORKPLAN_ITEMS, Ask, World

_EDIT, _VERIFY = Permission.WORKPLAN_EDIT, Permission.WORKPLAN_VERIFY
_REASON = {"reason": "Tidak ada dana."}


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await world.proposal()
        return Ask("GET", f"{path}{rest}", subject=id_of(path))

    return made


async def _of_agreement(world: World, _by: Actor) -> Ask:
    """Gives the list of one agreement: for whom it does not exist, it is empty."""
    return Ask("GET", f"{WORKPLAN_ITEMS}?agreement_id={id_of(world.base)}", subject=id_of(world.base))


async def _proposed(world: World, _by: Actor) -> Ask:
    return Ask("POST", WORKPLAN_ITEMS, item(world.base), subject=id_of(world.base))


async def _change(world: World, path: str, *, method: str, rest: str = "", body: Any = None) -> Ask:
    return Ask(method, f"{path}{rest}", body, await world.version(path, world.own), id_of(path))


async def _edited(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.proposal(), method="PATCH", body={"code": "1.1"})


async def _deleted(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.proposal(), method="DELETE")


async def _move(world: World, path: str, *, action: str, **body: Any) -> Ask:
    return await _change(world, path, method="POST", rest="/transitions", body={"action": action, **body})


async def _agree(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.proposal(), action="agree")


async def _start(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.line(), action="start")


async def _complete(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.line("start"), action="complete", evidence=EVIDENCE)


async def _verify(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.line("start", "complete"), action="verify")


async def _return(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.line("start", "complete"), action="return", **_REASON)


async def _defer(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.line(), action="defer", due_on=FAR_DAY, **_REASON)


async def _resume(world: World, _by: Actor) -> Ask:
    path = await world.line()
    await world.api.moved(path, world.own, "defer", due_on=FAR_DAY, **_REASON)
    return await _move(world, path, action="resume")


async def _drop(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.line(), action="drop", **_REASON)


async def _second_drop(world: World, _by: Actor) -> Ask:
    path = await world.line()
    await world.api.moved(path, world.own, "drop", **_REASON)
    return await _move(world, path, action="drop", **_REASON)


async def _values(world: World, _by: Actor) -> Ask:
    path = (await world.value()).rpartition("/")[0]
    later = VALUE | {"starts_on": "2022-10-01", "ends_on": "2022-10-31", "note": world.word}
    await world.api.create(path, world.own, body=later)
    return Ask("GET", path, subject=id_of(path.removesuffix("/actuals")))


async def _value(world: World, _by: Actor) -> Ask:
    path = await world.value()
    return Ask("GET", path, subject=id_of(path))


async def _reported(world: World, _by: Actor) -> Ask:
    path = await world.line()
    return Ask("POST", f"{path}/actuals", VALUE, subject=id_of(path))


async def _corrected(world: World, _by: Actor) -> Ask:
    return await _change(world, await world.value(), method="PATCH", body={"value": 3})


async def _submit(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.value(), action="submit")


async def _approve(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.submitted_value(), action="approve")


async def _send_back(world: World, _by: Actor) -> Ask:
    return await _move(world, await world.submitted_value(), action="return", **_REASON)


_ITEM, _ACTUAL = "transition_workplan_item", "transition_actual"
_BY_LEAD = "guards_not_met"

EXAMPLES = {
    "list_workplan_items": Example(plain("GET", f"{WORKPLAN_ITEMS}?limit=200"), for_all),
    "list_workplan_items: of an agreement": Example(_of_agreement, for_all, hidden=OK),
    "get_workplan_item": Example(_reading(), seen()),
    "create_workplan_item": Example(_proposed, acted(_UNKNOWN), hidden=_UNKNOWN),
    "update_workplan_item": Example(_edited, acted()),
    "delete_workplan_item": Example(_deleted, acted(other="guards_not_met")),
    "list_workplan_item_transitions": Example(_reading("/transitions"), seen()),
    f"{_ITEM}: agree": Example(_agree, acted(own="same_party"), _EDIT),
    f"{_ITEM}: start": Example(_start, acted(other=_BY_LEAD), _EDIT),
    f"{_ITEM}: complete": Example(_complete, acted(other=_BY_LEAD), _EDIT),
    f"{_ITEM}: verify": Example(_verify, acted(own="same_party"), _VERIFY),
    f"{_ITEM}: return": Example(_return, acted(own="same_party"), _VERIFY),
    f"{_ITEM}: defer": Example(_defer, acted(), _EDIT),
    f"{_ITEM}: resume": Example(_resume, acted(), _EDIT),
    f"{_ITEM}: drop": Example(_drop, acted(), _EDIT),
    f"{_ITEM}: second key of drop": Example(_second_drop, acted(own="guards_not_met"), _EDIT),
    "list_actuals": Example(_values, seen()),
    "get_actual": Example(_value, seen()),
    "create_actual": Example(_reported, acted()),
    "update_actual": Example(_corrected, acted()),
    f"{_ACTUAL}: submit": Example(_submit, acted(), _EDIT),
    f"{_ACTUAL}: approve": Example(_approve, acted(own="same_party"), _VERIFY),
    f"{_ACTUAL}: return": Example(_send_back, acted(own="same_party"), _VERIFY),
}
