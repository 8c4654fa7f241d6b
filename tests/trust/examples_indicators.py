"""Examples of indicator series: every token reads them, one organization keeps each."""

from uuid import uuid4

from tests.actors import Actor
from tests.indicators.given import SERIES, kept, observation, series
from tests.partners import id_of
from tests.trust.example import Example, Made, by_standing, for_all, plain
from tests.trust.world import Ask, World

_NOT_OURS = "kept_by_another"


async def _made(world: World) -> str:
    """Gives the path of a new series of the own organization."""
    return await kept(world.api, world.own, observation(2022), observation(), title=f"SPI {uuid4()}")


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await _made(world)
        return Ask("GET", f"{path}{rest}", subject=id_of(path))

    return made


async def _begun(_world: World, _by: Actor) -> Ask:
    return Ask("POST", SERIES, series(title=f"SPI {uuid4()}"))


async def _observed(world: World, _by: Actor) -> Ask:
    path = await _made(world)
    body = {"items": [observation(2024)]}
    return Ask("PUT", f"{path}/observations", body, await world.version(path, world.own), id_of(path))


EXAMPLES = {
    "list_indicator_series": Example(plain("GET", f"{SERIES}?limit=200"), for_all),
    "get_indicator_series": Example(_reading(), for_all),
    "create_indicator_series": Example(_begun, for_all),
    "list_indicator_observations": Example(_reading("/observations"), for_all),
    "put_indicator_observations": Example(
        _observed, by_standing(other=_NOT_OURS, above=_NOT_OURS, outside=_NOT_OURS)
    ),
}
