import csv
import io
from datetime import date, timedelta
from itertools import product

import msgspec
import pytest
from sqlalchemy import literal_column, select

from schema.vocabulary import MilestoneHealth, MilestoneState
from service.access.health import health_of
from service.access.health_query import health_expression
from service.kernel.database import only, rows
from service.kernel.statement import Statement, document
from service.milestones.listing import Filters, counting, listing
from tests.api import codes
from tests.partners import id_of, in_force, mou, pks, promised

PATH = "/v1/milestones"
TODAY = date(2026, 3, 1)


async def titles(api, actor, query=""):
    """Gives the titles of a page, in its order."""
    page = await api.read(f"{PATH}?{query}", actor)
    return [item["title"] for item in page["items"]]


async def promise(api, by, pact, *days):
    """Promises something for each day, named for it."""
    for day in days:
        await api.create(PATH, by, body=promised(pact, by, title=day, due_on=day))


# ------------------------------------------------------------------------------------------------- filters


@pytest.fixture
async def season(api, partners, pact):
    """Promises what the filters are tried on, under an agreement and under another one."""
    icw, city = partners.icw, partners.city
    bodies = {
        "Lewat": promised(pact, icw, due_on="2023-06-30"),
        "Jauh": promised(pact, city, due_on="2098-06-30"),
        "Bebas": promised(pact, icw, due_on="2024-06-30"),
    }
    made = {
        title: await api.create(PATH, icw, body=body | {"title": title}) for title, body in bodies.items()
    }
    await api.moved(f"{PATH}/{made['Bebas']['id']}", icw, "waive", reason="Tak perlu")
    other = await in_force(api, icw, mou(icw))
    await api.create(PATH, icw, body=promised(other, icw, title="Lain", due_on="2097-01-01"))
    return pact


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Lewat", "Bebas", "Lain", "Jauh"]),
        ("agreement_id={pact}", ["Lewat", "Bebas", "Jauh"]),
        ("state=waived", ["Bebas"]),
        ("state=waived&state=open&agreement_id={pact}", ["Lewat", "Bebas", "Jauh"]),
        ("health=late", ["Lewat"]),
        ("health=late&health=not_started", ["Lewat", "Lain", "Jauh"]),
        ("health=met", []),
        ("owner_organization_id={city}", ["Jauh"]),
        ("due_before=2024-06-30", ["Lewat"]),
        ("due_before=2024-07-01&state=open", ["Lewat"]),
        ("series_id={pact}", []),
    ],
)
async def test_a_filter_keeps_what_it_names(api, partners, season, query, expected):
    given = query.format(pact=id_of(season), city=partners.city.organization_id)
    assert await titles(api, partners.icw, given) == expected
    total = (await api.read(f"{PATH}?{given}&count=true&limit=1", partners.icw))["total"]
    assert total == len(expected)


async def test_a_list_has_the_milestones_of_all_agreements_that_are_seen(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await promise(api, partners.icw, above, "2098-01-02")
    await promise(api, partners.icw, below, "2098-01-01")
    assert await titles(api, partners.inspectorate) == ["2098-01-01", "2098-01-02"]
    assert await titles(api, partners.city) == ["2098-01-01", "2098-01-02"]
    assert await titles(api, partners.appek) == []


async def test_a_public_agreement_does_not_make_its_milestones_public(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, visibility="public"))
    await promise(api, partners.icw, pact, "2098-01-01")
    assert await titles(api, partners.stranger, f"agreement_id={id_of(pact)}") == []


async def test_pages_give_every_milestone_once_soonest_first(api, partners, pact):
    await promise(api, partners.icw, pact, "2098-01-05", "2098-01-02", "2098-01-05", "2098-01-03")
    pages = [page async for page in api.pages(f"{PATH}?limit=3", partners.icw)]
    items = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [3, 1]
    assert items == sorted(items, key=lambda item: (item["due_on"], item["id"]))
    assert len({item["id"] for item in items}) == 4


async def test_a_cursor_belongs_to_its_filters(api, partners, season):
    cursor = (await api.read(f"{PATH}?limit=1", partners.icw))["next_cursor"]
    answer = await api.get(f"{PATH}?limit=1&health=late&cursor={cursor}", partners.icw)
    assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


async def test_a_list_is_a_sheet_with_a_line_for_each_milestone(api, partners, pact):
    await api.create(PATH, partners.icw, body=promised(pact, partners.icw, title="=HYPERLINK()"))
    answer = await api.get(PATH, partners.icw, accept="text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["title"], line["health"], line["slip_days"]) == ("'=HYPERLINK()", "not_started", "0")


@pytest.mark.parametrize("given", [{}, {"healths": ("late", "at_risk")}, {"states": ("open",)}], ids=str)
async def test_the_plan_for_few_agreements_and_the_plan_for_many_give_the_same(api, partners, given):
    pacts = [await in_force(api, partners.icw, mou(partners.icw)) for _ in range(3)]
    for number in range(18):
        await promise(api, partners.icw, pacts[number % 3], f"2026-{number % 9 + 1:02}-15")
    acting = partners.icw.organization_id
    filters = Filters(acting_id=acting, today=TODAY, row_limit=7, **given)
    few, many = [
        await only(api.connection, listing(frozenset(given), few=plan), params=filters)
        for plan in (True, False)
    ]
    assert few.items == many.items
    counted = await only(api.connection, counting(frozenset(given)), params=filters)
    assert len(few.items) == min(counted.total, 7) > 0


# --------------------------------------------------------------------------------------- health, told twice


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone as far as its health goes."""

    number: int
    state: MilestoneState
    due_on: date
    baseline_due_on: date
    achieved_on: date | None


class Told(msgspec.Struct, frozen=True):
    number: int
    health: MilestoneHealth | None


class Asked(msgspec.Struct, frozen=True):
    today: date


CASES = """
CREATE TEMPORARY TABLE milestone ON COMMIT DROP AS
SELECT * FROM json_to_recordset($1)
AS cases (number integer, state text, due_on date, baseline_due_on date, achieved_on date)
"""
TOLD = Statement(
    "told",
    document(Told, select(literal_column("number").label("number"), health_expression().label("health"))),
    params=Asked,
    row=Told,
)


def every_case() -> list[Case]:
    """Gives every state with days on both sides of every threshold."""
    days = [TODAY + timedelta(days=shift) for shift in (-40, -1, 0, 1, 6, 7, 8, 29, 30, 31, 90)]
    achieved = [None, TODAY - timedelta(days=41), *days]
    cases = product(MilestoneState, days, days, achieved)
    return [
        Case(number=number, state=state, due_on=due, baseline_due_on=baseline, achieved_on=done)
        for number, (state, due, baseline, done) in enumerate(cases)
    ]


async def test_the_health_in_sql_is_the_health_of_the_rules_on_every_combination(connection):
    cases = every_case()
    async with connection.transaction():
        # A temporary table of this name stands before the real one, whose checks refuse most cases.
        await connection.execute(CASES.replace("$1", f"'{msgspec.json.encode(cases).decode()}'"))
        found = {each.number: each.health for each in await rows(connection, TOLD, params=Asked(TODAY))}
    assert found == {case.number: health_of(case, TODAY) for case in cases}
    assert set(found.values()) == {*MilestoneHealth, None}
    assert len(found) > 9_000
