"""Three devices that were offline for days say the same in any order, any number of times: it is kept once.

Each device has a clock of its own, wrong by days, and dates what it notes by it. What it noted goes out late,
alone or in batches that overlap, in any order and repeatedly: its acknowledgement may have been lost.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from service.kernel import instants
from tests.activities import counted
from tests.actors import Actor
from tests.partners import colleague, held, id_of, in_force, make_partners, mou
from tests.trust.tally import cases, unhurried
from tests.trust.world import ACTIVITIES

NOTES = 12
LATE = timedelta(days=3)
CLOCKS = (timedelta(days=-9), timedelta(0), timedelta(days=2))
AHEAD = timedelta(days=30)  # For a part of its notes, a device believes to be in the future.
FIRST_DAY = "2022-08-15"
ROWS = """
SELECT count(*) AS activities, count(DISTINCT (organization_id, client_ref)) AS refs,
  (SELECT count(*) FROM audit_entry WHERE agreement_id = $1 AND subject_type = 'activity') AS entries,
  (SELECT count(*) FROM outbox_event WHERE agreement_id = $1 AND subject_type = 'activity') AS events
FROM activity WHERE agreement_id = $1
"""

Body = dict[str, Any]


class Note(NamedTuple):
    """What a device noted; what is dated in the future can never be kept."""

    ref: str
    body: Body
    possible: bool


class Delivery(NamedTuple):
    """One request of a device: a batch, or one note, perhaps with an Idempotency-Key."""

    by: Actor
    notes: tuple[Note, ...]
    batch: bool
    key: str | None


def noted(device: int, agreement: str, today: date) -> list[Note]:
    """Gives what a device noted three days ago, by its own clock."""
    notes: list[Note] = []
    for number in range(NOTES):
        ahead = number % 6 == 5
        day = today - LATE + CLOCKS[device] + (AHEAD if ahead else timedelta(0))
        ref = f"gawai-{device % 2}-{number}"  # The first and the last are of two organizations.
        body = held(
            agreement,
            title=f"Kegiatan {device}.{number}",
            starts_on=str(day),
            client_ref=ref,
            participants={"total": number, "female": number // 2},
        )
        notes.append(Note(ref, body, not ahead))
    return notes


def deliveries(by: Actor, notes: list[Note], chance: random.Random) -> list[Delivery]:
    """Gives every note several times: in overlapping batches, and alone, with a key and without."""
    alone = [
        Delivery(by, (note,), batch=False, key=chance.choice((None, f"kunci-{note.ref}")))
        for note in notes
        for _ in range(chance.randint(1, 2))
    ]
    starts = [*range(0, NOTES, 3), *chance.sample(range(NOTES - 3), 2)]
    batches = [Delivery(by, tuple(notes[start : start + 5]), batch=True, key=None) for start in starts]
    return [*alone, *batches, *chance.sample(batches, 2)]


class Answers:
    """What the devices were answered; one reference has one answer for ever."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.ids: dict[tuple[UUID, str], set[str]] = {}

    def take(self, by: Actor, note: Note, *, status: int, id: str | None) -> None:
        """Remembers an answer, which must be the only possible one."""
        assert status == (201 if note.possible else 409), (note.ref, status)
        if id is not None:
            self.ids.setdefault((by.user_id, note.ref), set()).add(id)
        cases["deliveries"] += 1


async def delivered(api, each: Delivery, answers: Answers) -> None:
    """Sends a delivery and remembers its answers."""
    if each.batch:
        body = {"items": [note.body for note in each.notes]}
        answer = await api.post(f"{ACTIVITIES}/batch", each.by, body=body)
        assert answer.status_code == 200, answer.text
        for note, item in zip(each.notes, answer.json()["items"], strict=True):
            answers.take(each.by, note, status=item["status"], id=item["id"])
    else:
        (note,) = each.notes
        headers = {} if each.key is None else {"idempotency_key": each.key}
        answer = await api.post(ACTIVITIES, each.by, body=note.body, **headers)
        answers.take(each.by, note, status=answer.status_code, id=answer.json().get("id"))


async def synchronized(api, plans: Iterable[list[Delivery]]) -> Answers:
    """Lets all devices send at once, each its own deliveries in their order."""
    answers = Answers()

    async def device(plan: list[Delivery]) -> None:
        for each in plan:
            await delivered(api, each, answers)

    await asyncio.gather(*(device(plan) for plan in plans))
    return answers


def content(items: Iterable[Body]) -> set[tuple[Any, ...]]:
    """Gives what was noted, without what the service adds."""
    return {
        (each["client_ref"], each["title"], each["starts_on"], each["state"], each["participants"]["total"])
        for each in items
    }


@pytest.mark.parametrize(
    "orders",
    [pytest.param(range(5), id="short"), pytest.param(range(100, 300), id="full", marks=pytest.mark.drill)],
)
async def test_devices_that_were_offline_converge_in_any_order(api, tell, orders):
    unhurried()
    for seed in orders:
        chance = random.Random(seed)
        partners = await make_partners(api)
        people = (partners.icw, await colleague(api, partners.icw, "coordinator"), partners.appek)
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek, effective_from=FIRST_DAY))
        today = instants.now().date()
        devices = [noted(number, pact, today) for number in range(len(people))]
        plans = [deliveries(by, notes, chance) for by, notes in zip(people, devices, strict=True)]
        for plan in plans:
            chance.shuffle(plan)
        answers = await synchronized(api, plans)
        possible = [note for notes in devices for note in notes if note.possible]
        await assert_kept_once(api, partners.icw, pact=pact, notes=possible)
        assert Counter(map(len, answers.ids.values())) == {1: len(possible)}
    tell(orders=len(orders), activities=len(orders) * len(possible), deliveries=cases["deliveries"])


async def assert_kept_once(api, by: Actor, *, pact: str, notes: list[Note]) -> None:
    """Fails unless an agreement holds these notes, each with one entry and event, and counts them."""
    path = f"{ACTIVITIES}?agreement_id={id_of(pact)}"
    items = [item async for page in api.pages(path, by) for item in page]
    assert content(items) == content(note.body for note in notes)
    row = await api.connection.fetchrow(ROWS, id_of(pact))
    assert set(row.values()) == {len(items)} == {len(notes)}
    await assert_tallies_are_true(api, pact, items)


async def assert_tallies_are_true(api, pact: str, items: list[Body]) -> None:
    """Compares what is stored beside the agreement with what its activities say."""
    rows = await api.connection.fetch(counted.TALLIES, id_of(pact))
    found = {tuple(row)[:4]: row["activities"] for row in rows}
    assert found == counted.activities(items, date.fromisoformat(FIRST_DAY))
    rows = await api.connection.fetch(counted.ATTENDANCE, id_of(pact))
    assert {tuple(row)[:3]: list(row)[3:] for row in rows} == counted.attendance(items)
