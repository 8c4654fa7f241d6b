from datetime import date
from typing import Any

import pytest

from service.kernel.database import only
from service.workplans.listing import Filters, listing
from tests.api import codes
from tests.partners import agreed_line, id_of, in_force, item, mou, pks

PATH = "/v1/workplan-items"
EVIDENCE = [{"url": "https://example.org/laporan"}]
AHEAD = "2098-01-31"


async def titles(api, actor, query=""):
    """Gives the titles of a page, in its order."""
    page = await api.read(f"{PATH}?{query}", actor)
    return [each["title"] for each in page["items"]]


@pytest.fixture
async def plan(api, partners, pact):
    """Writes what the filters are tried on, under an agreement and under another one."""
    lead: dict[str, Any] = {"lead_organization_id": str(partners.icw.organization_id)}
    outcome = await api.create(PATH, partners.icw, body=item(pact, level="outcome", title="Hasil"))
    served = {"parent_id": outcome["id"], "level": "output"}
    bodies = [
        item(pact, title="Lewat", due_on="2023-01-31", **lead),
        item(pact, title="Nanti", agreement_year=70, due_on=AHEAD),
        item(pact, title="Keluaran", agreement_year=2, **served),
    ]
    for body in bodies:
        await api.create(PATH, partners.icw, body=body)
    by: dict[str, Any] = {"by": partners.icw, "other": partners.city}
    done = await agreed_line(api, pact, **by, **lead, title="Selesai", agreement_year=3)
    await api.moved(done, partners.icw, "start")
    await api.moved(done, partners.icw, "complete", evidence=EVIDENCE)
    year = {"agreement_year": 76, "due_on": "2098-12-31"}
    await agreed_line(api, pact, **by, title="Jauh", **year)
    other = await in_force(api, partners.icw, mou(partners.icw))
    await api.create(PATH, partners.icw, body=item(other, title="Lain", agreement_year=4))
    return pact, outcome["id"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Hasil", "Lewat", "Keluaran", "Selesai", "Lain", "Nanti", "Jauh"]),
        ("agreement_id={pact}", ["Hasil", "Lewat", "Keluaran", "Selesai", "Nanti", "Jauh"]),
        ("agreement_year=1", ["Hasil", "Lewat"]),
        ("level=output&level=outcome", ["Hasil", "Keluaran"]),
        ("parent_id={outcome}", ["Keluaran"]),
        ("state=agreed&state=completed", ["Selesai", "Jauh"]),
        ("lead_organization_id={icw}", ["Lewat", "Selesai"]),
        ("health=done", ["Selesai"]),
        ("health=on_track", ["Nanti", "Jauh"]),
        ("health=late&agreement_id={pact}&agreement_year=1", ["Hasil", "Lewat"]),
        ("health=at_risk", []),
    ],
)
async def test_a_filter_keeps_what_it_names(api, partners, plan, query, expected):
    pact, outcome = plan
    given = query.format(pact=id_of(pact), outcome=outcome, icw=partners.icw.organization_id)
    assert await titles(api, partners.icw, given) == expected


async def test_the_health_of_a_filter_is_the_health_of_the_reply(api, partners, plan):
    everything = (await api.read(f"{PATH}?limit=200", partners.icw))["items"]
    for health in ("on_track", "at_risk", "late", "done"):
        kept = [each["title"] for each in everything if each["health"] == health]
        assert await titles(api, partners.icw, f"health={health}") == kept


async def test_pages_give_every_item_once_by_agreement_year(api, partners, plan):
    pages = [page async for page in api.pages(f"{PATH}?limit=3", partners.icw)]
    items = [each for page in pages for each in page]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert items == sorted(items, key=lambda each: (each["agreement_year"], each["id"]))
    total = (await api.read(f"{PATH}?limit=1&count=true&health=late", partners.icw))["total"]
    assert total == len(await titles(api, partners.icw, "health=late"))


async def test_a_list_hides_what_an_organization_may_not_see(api, partners, plan):
    pact, _ = plan
    page = await api.read(f"{PATH}?agreement_id={id_of(pact)}&count=true", partners.stranger)
    assert (page["items"], page["total"]) == ([], 0)


async def test_a_cursor_belongs_to_its_filters(api, partners, plan):
    cursor = (await api.read(f"{PATH}?limit=1", partners.icw))["next_cursor"]
    answer = await api.get(f"{PATH}?limit=1&health=late&cursor={cursor}", partners.icw)
    assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


async def test_a_list_is_a_sheet_with_a_line_for_each_item(api, partners, pact):
    await api.create(PATH, partners.icw, body=item(pact, title="=HYPERLINK()"))
    answer = await api.get(PATH, partners.icw, accept="text/csv")
    assert "'=HYPERLINK()" in answer.text


@pytest.mark.parametrize("used", [(), ("levels",), ("healths",)])
async def test_the_plan_for_few_agreements_and_the_plan_for_many_give_the_same(api, partners, plan, used):
    filters = Filters(
        acting_id=partners.icw.organization_id,
        today=date(2026, 3, 1),
        row_limit=4,
        levels=("activity",),
        healths=("late", "on_track"),
    )
    few, many = [
        await only(api.connection, listing(frozenset(used), few=each), params=filters)
        for each in (True, False)
    ]
    assert few.items == many.items != ()


# ----------------------------------------------------------------------------------------------- the summary


async def years(api, agreement, by, query=""):
    found = (await api.read(f"{agreement}/summary?{query}", by))["workplan"]["by_agreement_year"]
    return [tuple(each.values()) for each in found]


async def test_a_summary_counts_the_work_plan_by_agreement_year(api, partners, pact):
    assert await years(api, pact, partners.icw) == []
    by = {"by": partners.icw, "other": partners.city}
    done = await agreed_line(api, pact, **by)
    await agreed_line(api, pact, **by, due_on=AHEAD)
    dropped = await agreed_line(api, pact, **by)
    for party in (partners.icw, partners.city):
        await api.moved(dropped, party, "drop", reason="Tidak ada dana")
    await api.create(PATH, partners.icw, body=item(pact, agreement_year=2))
    assert await years(api, pact, partners.icw) == [(1, 2, 0, 0, 1), (2, 1, 0, 0, 1)]
    await api.moved(done, partners.icw, "start")
    await api.moved(done, partners.icw, "complete", evidence=EVIDENCE)
    assert await years(api, pact, partners.icw) == [(1, 2, 1, 0, 0), (2, 1, 0, 0, 1)]
    await api.moved(done, partners.city, "verify")
    assert await years(api, pact, partners.icw) == [(1, 2, 1, 1, 0), (2, 1, 0, 0, 1)]
    assert await years(api, pact, partners.icw, "as_of=2023-08-15") == [(1, 2, 1, 1, 0), (2, 1, 0, 0, 0)]


async def test_a_summary_has_the_work_plans_of_children_only_when_they_are_asked_for(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    for pact in (above, below):
        await api.create(PATH, partners.icw, body=item(pact, due_on=AHEAD))
    assert await years(api, above, partners.city) == [(1, 1, 0, 0, 0)]
    assert await years(api, above, partners.city, "include=children") == [(1, 2, 0, 0, 0)]
