"""Queues of a desk: what each view shows."""

from datetime import datetime

from tests.partners import asking, colleague, decided, id_of, in_force, mou, requested

REQUESTS = "/v1/data-requests"
LATE = """
UPDATE data_request SET due_on = due_on - $2::int, due_at = due_at - make_interval(days => $2) WHERE id = $1
"""


async def shown(api, by, query=""):
    """Gives the ids of a list in its order."""
    return [item["id"] for item in (await api.read(f"{REQUESTS}?{query}", by))["items"]]


async def late(api, path, days):
    """Moves a due day into the past, as time would."""
    await api.connection.execute(LATE, id_of(path), days)


async def test_each_side_has_its_own_queue(api, partners):
    icw, holder = partners.icw, partners.inspectorate
    draft = await api.create(REQUESTS, icw, body=asking(holder))
    sent = id_of(await requested(api, icw, holder))
    assert await shown(api, icw, "role=requester") == [sent, draft["id"]]
    assert await shown(api, holder, "role=holder") == [sent]
    assert await shown(api, holder) == [sent, draft["id"]]
    assert await shown(api, holder, "role=requester") == await shown(api, partners.stranger) == []


async def test_what_is_late_stands_first_and_what_is_decided_never(api, partners):
    icw, holder = partners.icw, partners.inspectorate
    paths = [await requested(api, icw, holder) for _ in range(3)]
    for path, days in zip(paths, (60, 90, 0), strict=True):
        await late(api, path, days)
    first, second, third = map(id_of, paths)
    assert await shown(api, holder, "role=holder&overdue=true&sort=due") == [second, first]
    assert await shown(api, holder, "sort=due") == [second, first, third]
    told = await api.read(paths[0], icw)
    assert (told["overdue"], told["warnings"][0]["code"]) == (True, "request_overdue")
    await decided(api, icw, holder)
    assert len(await shown(api, holder, "role=holder&sort=due")) == 3


async def test_silence_is_objected_to(api, partners):
    path = await requested(api, partners.icw, partners.inspectorate)
    await late(api, path, 40)
    made = await api.create(f"{path}/objections", partners.icw, body={"reason": "Belum dijawab"})
    assert made["ground"] == "overdue"


async def test_a_desk_sees_what_is_due_soon_and_what_is_its_own(api, partners):
    holder, reviewer = partners.inspectorate, await colleague(api, partners.inspectorate, "reviewer")
    path = await requested(api, partners.icw, holder)
    await requested(api, partners.icw, holder)
    await api.moved(path, reviewer, "take")
    assert await shown(api, reviewer, "mine=true") == [id_of(path)]
    assert await shown(api, holder, f"assignee_id={reviewer.user_id}") == [id_of(path)]
    due_on = datetime.fromisoformat((await api.read(path, holder))["due_on"]).date()
    today = datetime.fromisoformat((await api.read(path, holder))["received_on"]).date()
    await late(api, path, (due_on - today).days - 1)
    assert await shown(api, holder, "due_soon=true") == [id_of(path)]


async def test_pages_go_on_where_the_last_one_ended(api, partners):
    pact = await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate))
    made = [id_of(await requested(api, partners.appek, partners.inspectorate)) for _ in range(3)]
    made += [
        id_of(await requested(api, partners.appek, partners.inspectorate, agreement=pact)) for _ in range(2)
    ]
    for query in ("", "role=requester", "sort=due"):
        pages = [page async for page in api.pages(f"{REQUESTS}?limit=2&{query}", partners.appek)]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert {item["id"] for page in pages for item in page} == set(made)
    assert (await api.read(f"{REQUESTS}?agreement_id={id_of(pact)}&count=true", partners.appek))["total"] == 2
    assert len(await shown(api, partners.city)) == 2


async def test_a_list_is_also_csv(api, partners):
    await requested(api, partners.icw, partners.inspectorate)
    sent = await api.get(REQUESTS, partners.icw, accept="text/csv")
    assert sent.headers["content-type"].startswith("text/csv")
    assert "holder_organization_id" in sent.text.splitlines()[0]


async def test_the_yearly_table_counts_what_became_of_requests(api, partners):
    icw, holder = partners.icw, partners.inspectorate
    for decision in ("grant", "refuse", "refuse", "grant_in_part"):
        await decided(api, icw, holder, decision=decision)
    await late(api, await requested(api, icw, holder), 60)
    (line,) = (await api.read("/v1/statistics/data-requests", holder))["items"]
    names = ("received", "granted", "granted_in_part", "refused", "open", "overdue")
    assert [line[name] for name in names] == [5, 1, 1, 2, 1, 1]
    assert (line["reasons"]["not_held"], line["reasons"]["kip_17_h"]) == (2, 1)
    assert (line["median_working_days"], line["p90_working_days"]) == (0, 0)
    sheet = await api.get("/v1/statistics/data-requests", holder, accept="text/csv")
    assert "reasons.kip_17_a" in sheet.text
    assert (await api.read("/v1/statistics/data-requests?year=1999", holder))["items"] == []


async def test_the_summary_of_an_agreement_counts_its_requests(api, partners):
    pact = await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate))
    before = (await api.read(f"{pact}/summary", partners.appek))["data_requests"]
    await decided(api, partners.appek, partners.inspectorate, agreement=pact)
    await late(api, await requested(api, partners.appek, partners.inspectorate, agreement=pact), 60)
    await requested(api, partners.appek, partners.inspectorate)
    after = (await api.read(f"{pact}/summary", partners.appek))["data_requests"]
    assert (before["received"], before["median_working_days"]) == (0, None)
    assert after == {
        "received": 2, "granted": 1, "granted_in_part": 0, "refused": 0, "open": 1, "overdue": 1,
        "median_working_days": 0, "p90_working_days": 0,
    }  # fmt: skip
