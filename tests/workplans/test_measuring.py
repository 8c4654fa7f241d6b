import pytest

from tests.api import codes
from tests.partners import INDICATOR, held, id_of, in_force, mou, planned
from tests.workplans.test_api import agreed, proposed, reported


async def approved(api, partners, path, **values) -> None:
    """Has a value of ICW approved by the city."""
    value = await reported(api, partners.icw, path, **values)
    await api.moved(value, partners.icw, "submit")
    await api.moved(value, partners.city, "approve")


async def progress(api, by, path) -> tuple[int | None, str | None, float | None]:
    record = await api.read(path, by)
    return record["progress"], record["progress_source"], record["achieved"]


async def test_only_approved_values_count(api, partners, pact):
    path = await agreed(api, partners, pact, indicator=INDICATOR)
    draft = await reported(api, partners.icw, path)
    assert await progress(api, partners.icw, path) == (0, "indicator", None)
    await api.moved(draft, partners.icw, "submit")
    assert await progress(api, partners.icw, path) == (0, "indicator", None)
    await api.moved(draft, partners.city, "approve")
    assert await progress(api, partners.icw, path) == (40, "indicator", 12)


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ({}, (66, "indicator", 20)),
        ({"accumulation": "cumulative"}, (26, "indicator", 8)),
        ({"baseline": 10, "target": 40}, (66, "indicator", 30)),
        ({"baseline": 10, "target": 2, "accumulation": "cumulative"}, (25, "indicator", 8)),
        ({"baseline": None, "target": 10}, (100, "indicator", 20)),
        ({"target": None}, (0, "state", 20)),
        ({"target": 0}, (0, "state", 20)),
    ],
)
async def test_values_add_up_or_say_where_it_stands(api, partners, pact, indicator, expected):
    path = await agreed(api, partners, pact, indicator=INDICATOR | indicator)
    for month, value in (("09", 12), ("11", 8)):
        days = {"starts_on": f"2022-{month}-01", "ends_on": f"2022-{month}-30"}
        await approved(api, partners, path, **days, value=value)
    nothing = {"value": None, "not_available_reason": "Rapat ditunda"}
    await approved(api, partners, path, starts_on="2022-12-01", ends_on="2022-12-31", **nothing)
    assert await progress(api, partners.icw, path) == expected


async def test_decimals_add_up_exactly(api, partners, pact):
    path = await agreed(api, partners, pact, indicator=INDICATOR | {"target": 0.3})
    for month, value in (("09", 0.1), ("11", 0.2)):
        days = {"starts_on": f"2022-{month}-01", "ends_on": f"2022-{month}-30"}
        await approved(api, partners, path, **days, value=value)
    assert await progress(api, partners.icw, path) == (100, "indicator", 0.3)


async def test_activities_feed_the_item_they_carry_out(api, partners, pact):
    path = await agreed(api, partners, pact)
    link = {"workplan_item_id": id_of(path)}
    await api.create("/v1/activities", partners.icw, body=planned(pact, partners.icw, **link))
    for values in ({}, {}, {"relation": "related"}, {"state": "draft"}):
        made = await api.create("/v1/activities", partners.icw, body=held(pact, **link, **values))
        assert made["workplan_item_id"] == id_of(path)
    assert await progress(api, partners.icw, path) == (66, "activities", None)


async def test_an_activity_carries_out_an_item_of_its_own_agreement(api, partners, pact):
    other = await in_force(api, partners.icw, mou(partners.icw))
    link = {"workplan_item_id": id_of(await proposed(api, partners.icw, other))}
    answer = await api.post("/v1/activities", partners.icw, body=held(pact, **link))
    assert codes(answer) == (400, "validation_failed", [("/workplan_item_id", "reference_unknown")])


async def test_a_parent_shows_the_mean_of_its_children_and_never_their_values(api, partners, pact):
    outcome = await agreed(api, partners, pact, level="outcome", indicator=INDICATOR | {"target": None})
    parent = {"parent_id": id_of(outcome)}
    outputs = [await agreed(api, partners, pact, level="output", **parent) for _ in range(3)]
    await proposed(api, partners.icw, pact, level="output", **parent)
    lines = {"parent_id": id_of(outputs[0]), "indicator": INDICATOR}
    line = await agreed(api, partners, pact, **lines)
    await agreed(api, partners, pact, **lines)
    await approved(api, partners, line, value=15)
    assert await progress(api, partners.icw, outputs[0]) == (25, "children", None)
    assert await progress(api, partners.icw, outcome) == (8, "children", None)


async def test_an_indicator_of_its_own_speaks_before_the_children(api, partners, pact):
    output = await agreed(api, partners, pact, level="output", indicator=INDICATOR)
    line = await agreed(api, partners, pact, parent_id=id_of(output), indicator=INDICATOR)
    await approved(api, partners, line, value=30)
    assert await progress(api, partners.icw, output) == (0, "indicator", None)
