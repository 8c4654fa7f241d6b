import asyncio
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.vocabulary import Language
from service.milestones.series import MOST, occurrences, rule_faults
from tests.api import codes
from tests.partners import id_of, in_force, mou, recurring

PATH, MILESTONES = "/v1/milestone-series", "/v1/milestones"
JANUARY = date(2023, 1, 5)
EVERY_MONTH = "FREQ=MONTHLY;BYMONTHDAY=5"


# ------------------------------------------------------------------------------------------------ the days


@pytest.mark.parametrize(
    ("rule", "starts_on", "days"),
    [
        (EVERY_MONTH, "2023-01-05", "2023-01-05 2023-02-05 2023-03-05"),
        (EVERY_MONTH, "2023-01-06", "2023-02-05 2023-03-05"),
        ("FREQ=MONTHLY", "2023-01-28", "2023-01-28 2023-02-28 2023-03-28"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2023-01-31", "2023-01-31 2023-02-28 2023-03-31"),
        ("FREQ=MONTHLY;BYDAY=1MO", "2023-01-01", "2023-01-02 2023-02-06 2023-03-06"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2023-01-01", "2023-01-27 2023-02-24 2023-03-31"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=2", "2022-01-05", "2022-01-05 2022-03-05"),
        ("FREQ=YEARLY;UNTIL=20220630", "2020-06-30", "2020-06-30 2021-06-30 2022-06-30"),
        ("FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=15", "2022-01-01", "2022-06-15 2022-12-15"),
        (EVERY_MONTH, "2023-03-06", ""),
    ],
)
def test_a_rule_gives_its_days_up_to_the_last_one(rule, starts_on, days):
    found = occurrences(rule, date.fromisoformat(starts_on), last=date(2023, 3, 31))
    assert [day.isoformat() for day in found] == days.split()


def test_no_more_days_are_looked_for_than_a_series_may_have_and_one():
    assert len(occurrences(EVERY_MONTH, JANUARY, last=date(2199, 12, 31))) == MOST + 1


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=32", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "rule_skips_months"),
        ("FREQ=MONTHLY;BYMONTHDAY=-29", "rule_skips_months"),
        ("FREQ=YEARLY;BYMONTHDAY=30", "rule_skips_months"),
        ("FREQ=YEARLY;BYMONTH=2,6;BYMONTHDAY=29", "rule_skips_months"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "rule_part_unknown"),
        ("FREQ=MONTHLY;INTERVAL=0", "rule_part_unknown"),
        ("FREQ=MONTHLY;INTERVAL=13", "rule_part_unknown"),
        ("FREQ=MONTHLY;COUNT=0", "rule_part_unknown"),
        ("FREQ=MONTHLY;UNTIL=20230101T000000Z", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYDAY=5MO", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYDAY=XX", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYDAY=MO,-1FR", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYDAY=+MO", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYSETPOS=1", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYHOUR=1", "rule_part_unknown"),
        ("FREQ=YEARLY;BYMONTH=13", "rule_part_unknown"),
        ("FREQ=MONTHLY;BYMONTH=2", "rule_parts_together"),
        ("FREQ=MONTHLY;COUNT=3;UNTIL=20240101", "rule_parts_together"),
        ("FREQ=MONTHLY;BYMONTHDAY=5;BYDAY=MO", "rule_parts_together"),
    ],
)
def test_a_part_that_may_give_no_day_is_refused(rule, code):
    found = list(rule_faults(rule, JANUARY))
    assert [(fault.pointer, fault.code) for fault in found] == [("/rule", code)]
    assert all(fault.detail(language) for fault in found for language in Language)


def test_a_part_that_is_given_twice_is_refused_at_both_places():
    assert len(list(rule_faults("FREQ=MONTHLY;COUNT=1;COUNT=2", JANUARY))) == 2


@pytest.mark.parametrize(
    ("rule", "starts_on", "taken"),
    [
        ("FREQ=MONTHLY", date(2023, 1, 31), False),
        ("FREQ=MONTHLY", date(2023, 1, 28), True),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2023, 1, 31), True),
        ("FREQ=MONTHLY;BYDAY=1MO", date(2023, 1, 31), True),
        ("FREQ=YEARLY", date(2023, 12, 31), True),
        ("FREQ=YEARLY", date(2024, 2, 29), False),
        ("FREQ=YEARLY;BYMONTH=6", date(2023, 12, 31), False),
        ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30", date(2023, 1, 1), True),
    ],
)
def test_a_day_is_one_that_every_month_of_the_rule_has(rule, starts_on, taken):
    assert ([each.code for each in rule_faults(rule, starts_on)] == []) is taken


_DAYS = st.integers(1, 28) | st.integers(-28, -1)
_WEEKDAYS = st.sampled_from([["MO", "TU", "SU"], ["1TU", "-1FR", "4SU", "+2WE"]]).flatmap(
    lambda sort: st.lists(st.sampled_from(sort), min_size=1, max_size=2)
)
_DAY_PARTS = st.one_of(
    st.lists(_DAYS, min_size=1, max_size=3).map(lambda days: f"BYMONTHDAY={','.join(map(str, days))}"),
    _WEEKDAYS.map(lambda days: f"BYDAY={','.join(days)}"),
)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["MONTHLY", "YEARLY"]),
    st.integers(1, 12),
    _DAY_PARTS,
    st.dates(date(1945, 1, 1), date(2190, 1, 1)),
)
def test_every_rule_that_is_taken_gives_days_in_order_and_soon(freq, interval, part, starts_on):
    rule = f"FREQ={freq};INTERVAL={interval};{part}"
    assert list(rule_faults(rule, starts_on)) == []
    days = occurrences(rule, starts_on, last=date(2199, 12, 31))
    assert all(before < after for before, after in pairwise(days))
    longest = timedelta(days=31 * interval * (12 if freq == "YEARLY" else 1) + 31)
    if starts_on + 2 * longest <= date(2199, 12, 31):
        assert starts_on <= days[0] <= starts_on + 2 * longest


# ------------------------------------------------------------------------------------------------ the series


DAYS = ["2098-01-05", "2098-02-05", "2098-03-05"]


async def milestones(api, by, made):
    """Gives the milestones of a series, soonest first."""
    return (await api.read(f"{MILESTONES}?series_id={made['id']}&limit=200", by))["items"]


async def test_a_series_promises_each_of_its_days(api, partners, pact):
    answer = await api.post(PATH, partners.icw, body=recurring(pact, partners.city))
    made = answer.json()
    assert (answer.status_code, made["occurrences"], made["version"]) == (201, DAYS, 1)
    assert await api.read(answer.headers["location"], partners.appek) == made
    found = await milestones(api, partners.appek, made)
    assert [(each["due_on"], each["baseline_due_on"], each["occurrence_on"]) for each in found] == [
        (day, day, day) for day in DAYS
    ]
    city = str(partners.city.organization_id)
    assert {(each["title"], each["owner_organization_id"], each["state"]) for each in found} == {
        ("Reviu TEPRA", city, "open")
    }
    assert all(each["follows_series"] for each in found)
    history = await api.read(f"{MILESTONES}/{found[0]['id']}/transitions", partners.appek)
    assert [item["action"] for item in history["items"]] == ["created"]


async def test_a_series_ends_with_its_agreement(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.city, ends_on="2027-08-14"))
    body = recurring(pact, partners.icw, rule="FREQ=YEARLY", starts_on="2023-06-30")
    made = await api.create(PATH, partners.icw, body=body)
    assert made["occurrences"] == [f"{year}-06-30" for year in range(2023, 2028)]


async def test_the_same_series_again_makes_nothing(api, partners, pact):
    body = recurring(pact, partners.icw)
    first = await api.create(PATH, partners.icw, body=body)
    assert await api.create(PATH, partners.icw, body=body) == first
    assert await api.create(PATH, partners.city, body=body) == first
    assert len(await milestones(api, partners.icw, first)) == 3
    another = await api.create(PATH, partners.icw, body=body | {"title": "Lain"})
    assert another["id"] != first["id"]


async def test_eight_at_once_make_one_series(api, partners, pact):
    answers = await asyncio.gather(
        *(api.post(PATH, partners.icw, body=recurring(pact, partners.icw)) for _ in range(8))
    )
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(await milestones(api, partners.icw, answers[0].json())) == 3


async def test_a_key_replays_a_series(api, partners, pact):
    body = recurring(pact, partners.icw)
    first, again = [await api.post(PATH, partners.icw, body=body, idempotency_key="k") for _ in range(2)]
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    ("values", "terms", "fault"),
    [
        ({"rule": "FREQ=MONTHLY;BYMONTHDAY=31"}, {}, ("/rule", "rule_skips_months")),
        ({"rule": "FREQ=MONTHLY;UNTIL=20990230"}, {}, ("/rule", "rule_part_unknown")),
        ({"rule": "FREQ=MONTHLY"}, {"ends_on": None, "open_ended": True}, ("/rule", "series_endless")),
        ({"rule": "FREQ=MONTHLY", "starts_on": "2030-01-05"}, {}, ("/rule", "series_too_long")),
        ({"starts_on": "2099-09-05"}, {}, ("/rule", "series_empty")),
    ],
)
async def test_a_series_that_cannot_be_promised_is_refused(api, partners, values, terms, fault):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.city, **terms))
    answer = await api.post(PATH, partners.icw, body=recurring(pact, partners.icw, **values))
    assert codes(answer) == (400, "validation_failed", [fault])


async def test_a_series_of_the_greatest_length_is_made_at_once(api, partners, pact):
    body = recurring(pact, partners.icw, rule="FREQ=MONTHLY;COUNT=120", starts_on="2085-01-05")
    made = await api.create(PATH, partners.icw, body=body)
    assert len(made["occurrences"]) == len(await milestones(api, partners.icw, made)) == MOST


async def test_an_edit_reaches_future_milestones_that_nobody_has_touched(api, partners, pact):
    body = recurring(pact, partners.icw, rule="FREQ=YEARLY;COUNT=4", starts_on="2024-01-05")
    far = await api.create(PATH, partners.icw, body=body | {"starts_on": "2096-01-05"})
    past = await api.create(PATH, partners.icw, body=body)
    one, _, two, _ = await milestones(api, partners.icw, far)
    await api.change("PATCH", f"{MILESTONES}/{one['id']}", partners.icw, body={"title": "Sendiri"})
    await api.moved(f"{MILESTONES}/{two['id']}", partners.icw, "replan", due_on="2098-02-05", reason="Banjir")
    patch = {"title": "Baru", "owner_organization_id": str(partners.city.organization_id)}
    edited = (await api.change("PATCH", f"{PATH}/{far['id']}", partners.city, body=patch)).json()
    assert (edited["title"], edited["version"], edited["occurrences"]) == ("Baru", 2, far["occurrences"])
    titles = [each["title"] for each in await milestones(api, partners.icw, far)]
    assert titles == ["Sendiri", "Baru", "Reviu TEPRA", "Baru"]
    await api.change("PATCH", f"{PATH}/{past['id']}", partners.icw, body={"title": "Baru"})
    found = {each["due_on"]: each["title"] for each in await milestones(api, partners.icw, past)}
    assert found["2024-01-05"] == "Reviu TEPRA"


async def test_an_edit_can_follow_an_edit(api, partners, pact):
    made = await api.create(PATH, partners.icw, body=recurring(pact, partners.icw))
    for title in ("Satu", "Dua"):
        await api.change("PATCH", f"{PATH}/{made['id']}", partners.icw, body={"title": title})
        found = await milestones(api, partners.icw, made)
        assert {(each["title"], each["follows_series"]) for each in found} == {(title, True)}


async def test_an_edit_promises_what_an_extension_added(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.city, ends_on="2097-12-31"))
    body = recurring(pact, partners.icw, rule="FREQ=YEARLY", starts_on="2096-06-30")
    made = await api.create(PATH, partners.icw, body=body)
    await api.change("PATCH", pact, partners.icw, body={"ends_on": "2099-12-31"})
    edited = (await api.change("PATCH", f"{PATH}/{made['id']}", partners.icw, body={})).json()
    assert made["occurrences"] == ["2096-06-30", "2097-06-30"]
    assert edited["occurrences"] == [f"{year}-06-30" for year in (2096, 2097, 2098, 2099)]
    assert len(await milestones(api, partners.icw, made)) == 4


async def test_a_series_is_hidden_from_strangers_and_listed_for_parties(api, partners, pact):
    made = await api.create(PATH, partners.icw, body=recurring(pact, partners.icw))
    assert (await api.get(f"{PATH}/{made['id']}", partners.stranger)).status_code == 404
    assert (await api.read(PATH, partners.stranger))["items"] == []
    page = await api.read(f"{PATH}?agreement_id={id_of(pact)}&count=true", partners.appek)
    assert (page["items"], page["total"]) == ([made], 1)


async def test_series_are_listed_newest_first_page_by_page(api, partners, pact):
    for title in "abc":
        await api.create(PATH, partners.icw, body=recurring(pact, partners.icw, title=title))
    pages = [page async for page in api.pages(f"{PATH}?limit=2", partners.icw)]
    assert [[item["title"] for item in page] for page in pages] == [["c", "b"], ["a"]]
