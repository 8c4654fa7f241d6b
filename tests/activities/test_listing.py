import csv
import io
from datetime import date

import msgspec
import pytest

from service.activities.listing import Filters, counting, listing
from service.kernel.database import only
from tests.api import codes
from tests.partners import colleague, held, id_of, in_force, mou, pks, planned

PATH = "/v1/activities"


async def titles(api, actor, query=""):
    """Gives the titles of a page, in its order."""
    page = await api.read(f"{PATH}?{query}", actor)
    return [item["title"] for item in page["items"]]


async def logged(api, by, pact, *days):
    """Logs an activity for each day, named for it."""
    for day in days:
        await api.create(PATH, by, body=held(pact, title=day, starts_on=day))


# ------------------------------------------------------------------------------------------------- filters


@pytest.fixture
async def season(api, partners, pact):
    """Logs what the filters are tried on, under an agreement and under another one."""
    icw, city = partners.icw, partners.city
    group = {"organization_id": str(partners.appek.organization_id)}
    kinds = {"kind": "fgd", "starts_on": "2022-10-01", "region_code": "53.71"}
    bodies = [
        held(pact, title="Bimtek", participants={"groups": [group]}),
        held(pact, title="FGD", **kinds),
        held(pact, title="Konteks", relation="related", kind="socialization", starts_on="2022-11-01"),
        planned(pact, city, title="Rencana", kind="workshop"),
    ]
    for body in bodies:
        await api.create(PATH, icw, body=body)
    other = await in_force(api, icw, mou(icw))
    await api.create(PATH, icw, body=held(other, title="Lain", starts_on="2022-12-01"))
    return pact


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Rencana", "Lain", "Konteks", "FGD", "Bimtek"]),
        ("agreement_id={pact}", ["Rencana", "Konteks", "FGD", "Bimtek"]),
        ("kind=fgd", ["FGD"]),
        ("kind=fgd&kind=bimtek", ["Lain", "FGD", "Bimtek"]),
        ("state=planned", ["Rencana"]),
        ("state=planned&state=held&kind=workshop", ["Rencana"]),
        ("relation=related", ["Konteks"]),
        ("relation=joint&agreement_id={pact}", ["Rencana", "FGD", "Bimtek"]),
        ("organization_id={appek}", ["Bimtek"]),
        ("organization_id={city}", ["Rencana"]),
        ("starts_on_from=2022-11-01", ["Rencana", "Lain", "Konteks"]),
        ("starts_on_to=2022-10-01", ["FGD", "Bimtek"]),
        ("starts_on_from=2022-10-01&starts_on_to=2022-11-01", ["Konteks", "FGD"]),
        ("region_code=53.71", ["FGD"]),
        ("region_code=53", []),
    ],
)
async def test_a_filter_keeps_what_it_names(api, partners, season, query, expected):
    given = query.format(
        pact=id_of(season), appek=partners.appek.organization_id, city=partners.city.organization_id
    )
    assert await titles(api, partners.icw, given) == expected


async def test_a_list_has_the_activities_of_all_agreements_that_are_seen(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await logged(api, partners.icw, above, "2022-09-02")
    await logged(api, partners.icw, below, "2022-09-03")
    assert await titles(api, partners.inspectorate) == ["2022-09-03", "2022-09-02"]
    assert await titles(api, partners.city) == ["2022-09-03", "2022-09-02"]
    assert await titles(api, partners.appek) == []


async def test_an_agreement_that_is_not_seen_has_an_empty_list(api, partners, season):
    page = await api.read(f"{PATH}?agreement_id={id_of(season)}&count=true", partners.stranger)
    assert (page["items"], page["total"]) == ([], 0)


async def test_a_list_shows_each_reader_the_own_actions(api, partners, pact):
    await logged(api, partners.icw, pact, "2022-09-02")
    viewer = await colleague(api, partners.icw, "viewer")
    found = [(await api.read(PATH, by))["items"][0]["actions"] for by in (partners.icw, viewer)]
    assert ([action["action"] for action in found[0]], found[1]) == (["report"], [])


# ------------------------------------------------------------------------------------------- order and pages


async def test_pages_give_every_activity_once_newest_day_first(api, partners, pact):
    await logged(
        api, partners.icw, pact, "2022-09-05", "2022-09-02", "2022-09-05", "2022-09-03", "2022-09-05"
    )
    pages = [page async for page in api.pages(f"{PATH}?limit=2", partners.icw)]
    items = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert items == sorted(items, key=lambda item: (item["starts_on"], item["id"]), reverse=True)
    assert len({item["id"] for item in items}) == 5


async def test_inserts_between_pages_neither_repeat_nor_hide_what_was_there(api, partners, pact):
    await logged(api, partners.icw, pact, "2022-09-02", "2022-09-04", "2022-09-06")
    found = []
    async for page in api.pages(f"{PATH}?limit=1", partners.icw):
        found += [item["title"] for item in page]
        await logged(api, partners.icw, pact, "2022-09-07")
    assert found == ["2022-09-06", "2022-09-04", "2022-09-02"]


async def test_the_total_is_of_the_whole_filtered_list(api, partners, season):
    page = await api.read(f"{PATH}?relation=joint&limit=1&count=true", partners.icw)
    assert (page["total"], len(page["items"])) == (4, 1)


async def test_a_cursor_belongs_to_its_filters(api, partners, season):
    cursor = (await api.read(f"{PATH}?limit=1", partners.icw))["next_cursor"]
    answer = await api.get(f"{PATH}?limit=1&kind=fgd&cursor={cursor}", partners.icw)
    assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


async def test_a_cursor_with_one_letter_changed_is_refused(api, partners, season):
    cursor = (await api.read(f"{PATH}?limit=1", partners.icw))["next_cursor"]
    for place in (0, len(cursor) // 2, len(cursor) - 1):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        answer = await api.get(f"{PATH}?limit=1&cursor={changed}", partners.icw)
        assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


async def test_a_list_is_a_sheet_with_a_line_for_each_activity(api, partners, pact):
    body = held(pact, title="=HYPERLINK()", topics=["a", "b"], participants={"total": 0})
    await api.create(PATH, partners.icw, body=body)
    answer = await api.get(PATH, partners.icw, accept="text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["title"], line["topics"]) == ("'=HYPERLINK()", "a; b")
    assert (line["participants.total"], line["participants.male"]) == ("0", "")


async def test_a_sheet_goes_on_where_its_link_says(api, partners, pact):
    await logged(api, partners.icw, pact, "2022-09-02", "2022-09-03")
    first = await api.get(f"{PATH}?limit=1", partners.icw, accept="text/csv")
    second = await api.get(first.links["next"]["url"], partners.icw, accept="text/csv")
    assert ("2022-09-03" in first.text, "2022-09-02" in second.text) == (True, True)
    assert "next" not in second.links


# ------------------------------------------------------------------------------------ one list, two plans


@pytest.fixture
async def crowd(api, partners) -> tuple[str, str]:
    """Logs two dozen activities under four agreements; gives one of them, and an organization that hosts."""
    pacts = [await in_force(api, partners.icw, mou(partners.icw)) for _ in range(4)]
    hidden = await in_force(api, partners.appek, mou(partners.appek))
    await logged(api, partners.appek, hidden, "2022-09-15")
    host = {"organization_id": str(partners.appek.organization_id), "role": "host"}
    for number in range(24):
        body = held(
            pacts[number % 4],
            starts_on=f"2022-09-{number % 12 + 10}",
            kind=("fgd", "bimtek", "workshop")[number % 3],
            state=("held", "draft")[number % 2],
            relation="related" if number % 5 == 0 else "joint",
            region_code="53.71" if number % 7 == 0 else None,
            organizers=[host][number % 2 :],
        )
        await api.create(PATH, partners.icw, body=body)
    return id_of(pacts[1]), host["organization_id"]


async def both(connection, used, filters):
    """Gives the same page by the plan for few agreements and by the plan for many."""
    return [await only(connection, listing(used, few=few), params=filters) for few in (True, False)]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kinds": ("fgd", "bimtek")},
        {"states": ("held",)},
        {"relation": "related"},
        {"starts_on_from": date(2022, 9, 12), "starts_on_to": date(2022, 9, 20)},
        {"region_code": "53.71"},
        {"agreement_id": None},
        {"organization_id": None},
    ],
    ids=str,
)
async def test_the_plan_for_few_agreements_and_the_plan_for_many_give_the_same(api, partners, crowd, given):
    ids = dict(zip(("agreement_id", "organization_id"), crowd, strict=True))
    filled = {name: ids.get(name, value) for name, value in given.items()}
    filters = Filters(acting_id=partners.icw.organization_id, row_limit=9, **filled)
    few, many = await both(api.connection, frozenset(given), filters)
    assert few.items == many.items
    assert {basis.id: basis for basis in few.agreements} == {basis.id: basis for basis in many.agreements}
    counted = await only(api.connection, counting(frozenset(given)), params=filters)
    assert len(few.items) == min(counted.total, 9) > 0


async def test_both_plans_go_on_behind_the_same_activity(api, partners, crowd):
    filters = Filters(acting_id=partners.icw.organization_id, row_limit=9)
    last = (await both(api.connection, frozenset(), filters))[0].items[-1]
    behind = msgspec.structs.replace(filters, after_on=last.starts_on, after_id=last.id)
    few, many = await both(api.connection, frozenset(), behind)
    assert few.items == many.items
    assert (few.items[0].starts_on, few.items[0].id) < (last.starts_on, last.id)
