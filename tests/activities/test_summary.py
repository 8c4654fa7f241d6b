import asyncio
import random
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.activities import routes
from tests.activities import counted
from tests.partners import held, id_of, in_force, mou, pks, planned

PATH = "/v1/activities"
STEPS = 150
MOVE_FIRST_DAY = "UPDATE agreement SET effective_from = $2, version = version + 1 WHERE id = $1"


async def summary(api, agreement, by, query=""):
    return await api.read(f"{agreement}/summary?{query}", by)


async def all_of(api, agreement, by):
    """Gives every activity of an agreement."""
    pages = api.pages(f"{PATH}?agreement_id={id_of(agreement)}&limit=200", by)
    return [item async for page in pages for item in page]


async def first_day(api, agreement, by):
    """Gives the day that agreement years are counted from: its own, else its parent's."""
    record = await api.read(agreement, by)
    if record["effective_from"] is None and record["parent_id"] is not None:
        return await first_day(api, f"/v1/agreements/{record['parent_id']}", by)
    return record["effective_from"] and date.fromisoformat(record["effective_from"])


async def assert_tallies_are_true(api, agreement, by):
    """Compares what is stored beside an agreement with what its activities say."""
    items = await all_of(api, agreement, by)
    tallies = await api.connection.fetch(counted.TALLIES, id_of(agreement))
    stored = {tuple(row)[:4]: row["activities"] for row in tallies}
    assert stored == counted.activities(items, await first_day(api, agreement, by))
    attended = await api.connection.fetch(counted.ATTENDANCE, id_of(agreement))
    assert {tuple(row)[:3]: list(row)[3:] for row in attended} == counted.attendance(items)


# --------------------------------------------------------------------------------------------- the first case


@pytest.fixture
def bimtek(partners) -> dict[str, Any]:
    """Gives who came on 2 September 2022, whose sexes nobody reported."""
    came = ((partners.inspectorate, 30), (partners.appek, 4), (partners.icw, 3))
    groups = [{"organization_id": str(actor.organization_id), "total": total} for actor, total in came]
    return {"total": 37, "groups": groups}


async def test_thirty_four_and_three_are_thirty_seven_of_unknown_sex(api, partners, pact, bimtek):
    await api.create(PATH, partners.icw, body=held(pact, participants=bimtek))
    found = (await summary(api, pact, partners.city))["attendance"]
    groups = found.pop("by_organization")
    sexes = {"male": None, "female": None, "sex_unspecified": 37}
    assert found == {"total": 37, "unknown_total_activities": 0} | sexes
    assert [(group["organization_id"], group["total"], group["male"]) for group in groups] == [
        (str(partners.inspectorate.organization_id), 30, None),
        (str(partners.appek.organization_id), 4, None),
        (str(partners.icw.organization_id), 3, None),
    ]


async def test_a_summary_counts_by_kind_state_and_agreement_year(api, partners, pact):
    for day, kind in (("2022-08-14", "fgd"), ("2022-08-15", "fgd"), ("2023-08-15", "audience")):
        await api.create(PATH, partners.icw, body=held(pact, starts_on=day, kind=kind))
    await api.create(PATH, partners.icw, body=planned(pact, partners.icw, starts_on="2023-08-15"))
    found = (await summary(api, pact, partners.icw))["activities"]
    pairs = {name: [(row["key"], row["count"]) for row in found[name]] for name in found if name != "total"}
    assert found["total"] == 4
    assert pairs == {
        "by_kind": [("bimtek", 1), ("fgd", 2), ("audience", 1)],
        "by_state": [("planned", 1), ("held", 3)],
        "by_agreement_year": [("unknown", 1), ("1", 1), ("2", 2)],
    }


async def test_nobody_came_to_an_agreement_without_activities(api, partners, pact):
    found = await summary(api, pact, partners.icw)
    assert found["activities"]["total"] == 0
    assert (found["attendance"]["total"], found["attendance"]["by_organization"]) == (0, [])


async def test_an_activity_nobody_counted_is_an_unknown_total_and_no_zero(api, partners, pact):
    await api.create(PATH, partners.icw, body=held(pact))
    found = (await summary(api, pact, partners.icw))["attendance"]
    assert (found["total"], found["unknown_total_activities"]) == (None, 1)


async def test_a_plan_brings_no_attendance(api, partners, pact):
    await api.create(PATH, partners.icw, body=planned(pact, partners.icw))
    assert (await summary(api, pact, partners.icw))["attendance"]["unknown_total_activities"] == 0


async def test_context_events_are_counted_only_when_they_are_asked_for(api, partners, pact):
    await api.create(PATH, partners.icw, body=held(pact, participants={"total": 3}))
    event = held(pact, relation="related", participants={"total": 100})
    await api.create(PATH, partners.icw, body=event)
    told = {
        query: (found["activities"]["total"], found["attendance"]["total"])
        for query in ("", "include=related")
        for found in [await summary(api, pact, partners.icw, query)]
    }
    assert told == {"": (1, 3), "include=related": (2, 103)}


async def test_a_summary_has_the_children_only_when_they_are_asked_for(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await api.create(PATH, partners.icw, body=held(above, participants={"total": 1}))
    await api.create(PATH, partners.icw, body=held(below, participants={"total": 10}))
    alone = await summary(api, above, partners.city)
    family = await summary(api, above, partners.city, "include=children")
    assert [found["attendance"]["total"] for found in (alone, family)] == [1, 11]
    assert [found["activities"]["total"] for found in (alone, family)] == [1, 2]


async def test_a_child_that_the_reader_does_not_see_is_not_counted(api, partners):
    above = await in_force(api, partners.icw, mou(partners.city, partners.icw, partners.appek))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.inspectorate, partners.icw))
    await api.create(PATH, partners.icw, body=held(below, participants={"total": 10}))
    seen = [
        (await summary(api, above, by, "include=children"))["attendance"]["total"]
        for by in (partners.icw, partners.appek)
    ]
    assert seen == [10, 0]


async def test_a_summary_is_put_together_once_while_nothing_changes(api, partners, pact, monkeypatch):
    await api.create(PATH, partners.icw, body=held(pact))
    first = await summary(api, pact, partners.icw)
    with monkeypatch.context() as patched:
        patched.setattr(routes, "summary", None)
        assert await summary(api, pact, partners.icw) == first
        assert await summary(api, pact, partners.city) == first
        assert (await api.get(f"{pact}/summary", partners.stranger)).status_code == 404
    await api.create(PATH, partners.icw, body=held(pact))
    assert (await summary(api, pact, partners.city))["activities"]["total"] == 2


async def test_another_first_day_of_the_parent_moves_the_activities_of_the_child(api, partners):
    above = await in_force(api, partners.icw, mou(partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.icw, effective_from=None))
    await api.create(PATH, partners.icw, body=held(below, starts_on="2023-08-15"))
    years = [(await summary(api, below, partners.icw))["activities"]["by_agreement_year"]]
    await api.change("PATCH", above, partners.icw, body={"effective_from": "2021-08-15"})
    years.append((await summary(api, below, partners.icw))["activities"]["by_agreement_year"])
    assert [year[0]["key"] for year in years] == ["2", "3"]


async def test_the_figures_of_a_public_agreement_are_not_public(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, visibility="public"))
    assert (await api.get(f"{pact}/summary", partners.stranger)).status_code == 404


async def test_another_first_day_moves_activities_to_other_years(api, partners, pact):
    await api.create(PATH, partners.icw, body=held(pact, starts_on="2023-08-14"))
    years = [(await summary(api, pact, partners.icw))["activities"]["by_agreement_year"]]
    for day in ("2022-08-14", None):
        await api.change("PATCH", pact, partners.icw, body={"effective_from": day})
        years.append((await summary(api, pact, partners.icw))["activities"]["by_agreement_year"])
    assert [year[0]["key"] for year in years] == ["1", "2", "unknown"]


# ------------------------------------------------------------------------- tallies after any history are true


class History:
    """A history of changes by several organizations; the same seed makes the same one."""

    def __init__(self, api, seed: int, members: dict[str, tuple[Any, ...]]) -> None:
        """Know the parties of an MoU and of a PKS under it, by their paths."""
        self.api = api
        self.random = random.Random(seed)
        self.members = members
        self.records: dict[str, dict[str, Any]] = {}
        self.done: Counter[str] = Counter()

    async def step(self) -> None:
        """Tries one change; most succeed, the others are refused and must leave no trace."""
        names = ("create", "edit", "count", "move", "delete", "agreement")
        name = self.random.choices(names, weights=(5, 4, 3, 4, 1, 1))[0]
        answer = await getattr(self, name)() if self.records else await self.create()
        assert answer.status_code in {200, 201, 204, 400, 403, 409}, answer.text
        if answer.is_success:
            self.done[name] += 1
        if answer.is_success and name not in {"delete", "agreement"}:
            record = answer.json()
            self.records[f"{PATH}/{record['id']}"] = record

    def day(self) -> str:
        days = ("2022-08-14", "2022-08-15", "2023-08-14", "2023-08-15", "2024-02-29", "2024-03-01")
        return self.random.choice(days)

    def which(self, *states: str) -> tuple[str, Any]:
        """Gives an activity, in one of these states if there is any, and a party to its agreement."""
        likely = [path for path, record in self.records.items() if record["state"] in states]
        path = self.random.choice(likely or list(self.records))
        return path, self.party(f"/v1/agreements/{self.records[path]['agreement_id']}")

    def party(self, agreement: str) -> Any:
        return self.random.choice(self.members[agreement])

    async def create(self):
        agreement = self.random.choice(list(self.members))
        state = self.random.choice(("draft", "held", "held", "reported"))
        body = held(agreement, state=state, **self.described(), evidence=[{"document_ref": "Arsip"}])
        if state == "draft":
            body |= {"participants": None}
        return await self.api.post(PATH, self.party(agreement), body=body)

    async def edit(self):
        path, by = self.which("draft", "held")
        fields = self.described()
        fields["ends_on"] = fields["starts_on"]
        names = self.random.sample(sorted(fields), 2)
        names += ["ends_on"] if "starts_on" in names else []
        return await self.api.change("PATCH", path, by, body={name: fields[name] for name in names})

    async def count(self):
        path, by = self.which("held")
        body = self.participants() or {"total": 5}
        return await self.api.change("PUT", f"{path}/participants", by, body=body, record=path)

    async def move(self):
        path, by = self.which()
        record = await self.api.read(path, by)
        allowed = [each["action"] for each in record["actions"] if each["allowed"]]
        action = self.random.choice(allowed or ["verify"])
        texts = {"reason": "Alasan"} if action in {"return", "cancel", "reopen", "reschedule"} else {}
        days = {"starts_on": self.day()} if action == "reschedule" else {}
        return await self.api.move(path, by, action, **texts, **days)

    async def delete(self):
        path, by = self.which("draft")
        answer = await self.api.change("DELETE", path, by)
        if answer.is_success:
            del self.records[path]
        return answer

    async def agreement(self):
        """Moves a first day, or puts the PKS under its MoU or under none."""
        above, below = self.members
        path = self.random.choice((above, below))
        body = {"effective_from": self.random.choice((None, self.day(), "2020-02-29"))}
        if path == below and self.random.random() < 0.3:
            body = {"parent_id": self.random.choice((None, id_of(above)))}
        return await self.api.change("PATCH", path, self.party(path), body=body)

    def described(self) -> dict[str, Any]:
        return {
            "kind": self.random.choice(("bimtek", "fgd", "audience")),
            "relation": self.random.choice(("joint", "joint", "related")),
            "starts_on": self.day(),
            "participants": self.participants(),
        }

    def participants(self) -> dict[str, Any] | None:
        """Gives counts that do not contradict one another, of which more or less is known."""
        if self.random.random() < 0.2:
            return None
        names = [{"group_label": "Warga"}, {"group_label": "Pers"}]
        members = self.members[next(iter(self.members))]
        names += [{"organization_id": str(each.organization_id)} for each in members]
        chosen = self.random.sample(names, self.random.randrange(4))
        groups = [name | self.split() for name in chosen]
        whole = {} if groups else self.split()
        unit = self.random.choice(("people", "people", "people", "organizations"))
        return {"unit": unit, "groups": groups} | whole

    def split(self) -> dict[str, int]:
        total = self.random.randrange(40)
        male = self.random.randrange(total + 1)
        counts = {"total": total, "male": male, "female": total - male, "sex_unspecified": 0}
        return {name: count for name, count in counts.items() if self.random.random() < 0.6}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_tallies_say_what_the_activities_say_after_any_history(api, partners, seed):
    three = (partners.city, partners.icw, partners.appek)
    others = (partners.inspectorate, partners.icw, partners.appek)
    above = await in_force(api, partners.icw, mou(*three))
    below = await in_force(api, partners.icw, pks(id_of(above), *others, effective_from=None))
    history = History(api, seed, {above: three, below: others})
    for number in range(STEPS):
        await history.step()
        if number % 15 == 14:
            await assert_tallies_are_true(api, above, partners.icw)
            await assert_tallies_are_true(api, below, partners.icw)
    assert set(history.done) == {"create", "edit", "count", "move", "delete", "agreement"}


@pytest.mark.parametrize("moved", ["own", "parent"])
async def test_tallies_are_true_after_eight_writers_at_once(api, partners, moved):
    members = (partners.icw, partners.city, partners.appek)
    above = await in_force(api, partners.icw, mou(*members))
    below = await in_force(api, partners.icw, pks(id_of(above), *members, effective_from=None))

    async def writer(number: int) -> None:
        by = members[number % 3]
        for turn in range(10):
            groups = [{"group_label": f"Kelompok {turn % 2}", "total": number}]
            body = held(below, starts_on="2023-08-14", participants={"groups": groups})
            await api.create(PATH, by, body=body)

    async def mover() -> None:
        path = below if moved == "own" else above
        # Three moves at most, because a writer whom a fourth one overtakes is told to come again.
        for day in (date(2022, 8, 14), None, date(2021, 8, 15)):
            await asyncio.sleep(0.03)
            async with api.connection.transaction():
                await api.connection.execute(MOVE_FIRST_DAY, id_of(path), day)
                # Whoever read the old first day meanwhile must not write by it afterwards.
                await asyncio.sleep(0.05)

    await asyncio.gather(*(writer(number) for number in range(8)), mover())
    assert (await summary(api, below, partners.icw))["activities"]["total"] == 80
    await assert_tallies_are_true(api, below, partners.icw)


async def test_a_tally_that_is_not_true_is_seen(api, partners, pact):
    await api.create(PATH, partners.icw, body=held(pact))
    await assert_tallies_are_true(api, pact, partners.icw)
    wrong = "UPDATE activity_tally SET activities = activities + 1 WHERE agreement_id = $1"
    await api.connection.execute(wrong, UUID(id_of(pact)))
    with pytest.raises(AssertionError):
        await assert_tallies_are_true(api, pact, partners.icw)
