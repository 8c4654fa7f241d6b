"""Whoever asked, handed in or recommended never decides: over all sequences of moves, and in raw SQL."""

import random
from collections import Counter
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from schema.vocabulary import TokenKind
from service.kernel.problem import Problem
from tests import make
from tests.actors import Actor, acting_for, make_actor
from tests.api import Api
from tests.data_requests.domain import ARROWS, BY_REQUESTER, DECISIONS, attempt, refusal
from tests.data_requests.given import APPROVER, ASKER, ASKS, HOLDS, NEEDED, REVIEWER, around, caller, stored
from tests.partners import asking, colleague, decided, id_of
from tests.trust.tally import cases


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize(
    ("person", "code"), [(ASKER, "own_request"), (REVIEWER, "own_recommendation"), (APPROVER, None)]
)
def test_who_asked_or_recommended_does_not_decide_whatever_they_act_for(decision, person, code):
    by = caller(person=person)
    if code is None:
        assert attempt(stored("awaiting_decision"), decision, by).decided_by == person
    else:
        assert refusal(stored("awaiting_decision"), decision, by) == (code, [])


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_key_does_not_decide(decision):
    by = caller(kind=TokenKind.API_KEY)
    assert refusal(stored("awaiting_decision"), decision, by)[0] == "session_required"


def test_who_ever_recommended_does_not_decide_though_another_recommended_last():
    other = UUID(int=30)
    first = attempt(stored("under_review"), "recommend", caller(person=REVIEWER))
    back = attempt(first, "send_back", caller(), reason="Kurang")
    handed = attempt(back, "assign", caller(person=other), assignee_id=other)
    again = attempt(handed, "recommend", caller(person=other))
    assert again.recommendation is not None
    assert again.recommendation.recommended_by == other
    for person in (REVIEWER, other):
        assert refusal(again, "grant", caller(person=person))[0] == "own_recommendation"


@pytest.mark.parametrize("action", ["take", "recommend"])
def test_who_asked_does_not_handle_it(action):
    request = stored("submitted" if action == "take" else "under_review", assignee_id=ASKER)
    assert refusal(request, action, caller(person=ASKER))[0] == "own_request"


def test_it_is_handed_to_a_reviewer_of_the_holder_who_did_not_ask():
    request = stored("submitted")
    assert refusal(request, "assign", caller(), near=around(assignable=False)) == (
        "guards_not_met",
        ["assignee_no_reviewer"],
    )
    assert refusal(request, "assign", caller(), assignee_id=ASKER)[1] == ["assignee_asked"]


PERSONS = [ASKER, REVIEWER, APPROVER, UUID(int=31)]


ENDS = {"withdraw", "transfer", "extend"}


def onward(state, choice):
    """Gives a move out of a state that does not give the request up, so that walks get somewhere."""
    out = sorted(action for source, action in ARROWS if source == state and action not in ENDS)
    return out[choice % len(out)] if out else None


def test_no_sequence_of_moves_ends_decided_by_who_asked_or_recommended():
    """Any mix of persons, each acting for both sides with every role; refused moves change nothing."""
    reached = Counter[str]()

    @settings(max_examples=500, deadline=None)
    @drawn(
        st.lists(
            st.tuples(st.integers(0, 59), st.sampled_from(PERSONS), st.sampled_from(PERSONS)),
            min_size=12,
            max_size=12,
        ),
        st.sampled_from(PERSONS),
    )
    def walk(steps, writer):
        request, submitter = stored("draft", created_by=writer), None
        recommended = set()
        for choice, person, named in steps:
            action = onward(request.state, choice)
            if action is None:
                break
            side = ASKS if action in BY_REQUESTER else HOLDS
            body = {"assignee_id": named} if action == "assign" else {}
            try:
                request = attempt(request, action, caller(organization=side, person=person), **body)
            except Problem:
                continue
            recommended |= {person} if action == "recommend" else set()
            submitter = person if action == "submit" else submitter
        reached["decided"] += request.decided_by is not None
        assert request.decided_by is None or request.decided_by not in {writer, submitter, *recommended}

    walk()
    assert reached["decided"] >= 20, "where nothing is decided, the property holds for nothing"


@settings(max_examples=200, deadline=None)
@drawn(st.lists(st.sampled_from(PERSONS), min_size=6, max_size=6), st.integers(0, 2))
def test_the_way_to_a_decision_is_open_to_others_alone(persons, rounds):
    writer, submitter, reviewer, sender, second, decider = persons
    request = attempt(
        stored("draft", created_by=writer), "submit", caller(organization=ASKS, person=submitter)
    )
    askers, recommenders = {writer, submitter}, set()
    for person in [reviewer, second][: max(1, rounds)]:
        if person in askers:
            return
        if request.state == "awaiting_decision":
            request = attempt(request, "send_back", caller(person=sender))
        request = attempt(request, "assign", caller(person=person), assignee_id=person)
        request = attempt(request, "recommend", caller(person=person))
        recommenders.add(person)
    if decider in askers | recommenders:
        assert refusal(request, "grant", caller(person=decider))[0] in {"own_request", "own_recommendation"}
    else:
        assert attempt(request, "grant", caller(person=decider)).decided_by == decider


# --------------------------------------------------------------------------------------- on the database

ROLES = ("coordinator", "reviewer", "approver")
NEEDS = {name: {key: str(value) for key, value in body.items()} for name, body in NEEDED.items()}
INVOLVED = """
SELECT decided_by = ANY (recommender_ids || created_by || submitted_by) AS own,
  decided_by IS NOT NULL AS decided
FROM data_request WHERE id = $1
"""


class Crowd(NamedTuple):
    """Persons who each act for both sides, in roles that change as they go."""

    api: Api
    asks: list[Actor]
    holds: list[Actor]
    chance: random.Random

    async def change_roles(self) -> None:
        """Gives somebody other roles, as an administrator would between two calls."""
        somebody = self.chance.choice([*self.asks, *self.holds])
        roles = self.chance.sample(ROLES, self.chance.randint(1, 3))
        change = """
        UPDATE membership SET roles = $3, version = version + 1 WHERE user_id = $1 AND organization_id = $2
        """
        await self.api.connection.execute(change, somebody.user_id, somebody.organization_id, roles)

    async def step(self, path: str) -> None:
        """Lets somebody take an action out of the state; whether it is refused or not, all go on."""
        stored = await self.api.read(path, self.asks[0])
        action = onward(stored["state"], self.chance.randrange(60))
        if action is None:
            return
        somebody = self.chance.choice(self.asks if action in BY_REQUESTER else self.holds)
        body = NEEDS.get(action, {}) | ({"assignee_id": str(self._named())} if action == "assign" else {})
        answer = await self.api.post(
            f"{path}/transitions",
            somebody,
            body={"action": action, **body},
            if_match=f'"{stored["version"]}"',
        )
        assert answer.status_code in {200, 400, 403, 409}, answer.text

    def _named(self) -> UUID:
        return self.chance.choice(self.holds).user_id


async def crowd(api: Api, seed: str) -> Crowd:
    """Gives four persons of two organizations, with any roles."""
    chance = random.Random(seed)
    ids = [await make.organization(api.connection) for _ in range(2)]
    asks = [await make_actor(api.connection, roles=ROLES, organization_id=ids[0]) for _ in range(4)]
    holds = [
        await acting_for(api.connection, each.user_id, organization_id=ids[1], roles=ROLES) for each in asks
    ]
    return Crowd(api, asks, holds, chance)


async def walked(api: Api, seed: str) -> bool:
    """Lets a crowd make twelve calls on a new request; tells whether it was decided, by nobody involved."""
    people = await crowd(api, seed)
    writer = people.chance.choice(people.asks)
    made = await api.create("/v1/data-requests", writer, body=asking(people.holds[0]))
    for _ in range(11):
        if people.chance.random() < 0.3:
            await people.change_roles()
        await people.step(f"/v1/data-requests/{made['id']}")
    found = await api.connection.fetchrow(INVOLVED, made["id"])
    assert found is not None
    assert not found["own"], seed
    return found["decided"]


@pytest.mark.parametrize(
    "count", [pytest.param(25, id="short"), pytest.param(1_000, id="full", marks=pytest.mark.drill)]
)
async def test_twelve_calls_of_anybody_in_any_roles_never_end_decided_by_who_asked(api, count):
    decided = sum([await walked(api, f"walk {number}") for number in range(count)])
    cases["walks of twelve calls"] += count
    cases["walks that were decided"] += decided
    assert decided >= count // 25


FORGED = {
    "decided by": "decided_by = $2",
    "and forgets who wrote it": "decided_by = $2, created_by = gen_random_uuid()",
    "and forgets who handed it in": "decided_by = $2, submitted_by = gen_random_uuid()",
    "and has none hand it in": "decided_by = $2, submitted_by = NULL",
    "and forgets who recommended": "decided_by = $2, recommender_ids = ARRAY[gen_random_uuid()]",
    "and forgets all": "decided_by = $2, recommender_ids = ARRAY[gen_random_uuid()],"
    " submitted_by = gen_random_uuid(), created_by = gen_random_uuid()",
}
DECIDED = """
UPDATE data_request SET state = 'granted', decision = 'granted', decided_on = current_date,
  working_days = 1, {} WHERE id = $1
"""


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_raw_sql_of_the_application_does_not_write_it_either(api, partners, app, forged):
    writer = await colleague(api, partners.icw, "coordinator")
    made = await api.create("/v1/data-requests", writer, body=asking(partners.inspectorate))
    path = f"/v1/data-requests/{made['id']}"
    await api.moved(path, partners.icw, "submit")
    reviewer = await colleague(api, partners.inspectorate, "reviewer")
    await api.moved(path, reviewer, "take")
    await api.moved(path, reviewer, "recommend", recommendation="grant")
    for person in (writer, partners.icw, reviewer):
        async with app(partners.inspectorate) as connection:
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(DECIDED.format(forged), made["id"], person.user_id)
    async with app(partners.inspectorate) as connection:
        decided = DECIDED.format("decided_by = $2")
        assert await connection.execute(decided, made["id"], partners.inspectorate.user_id) == "UPDATE 1"
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE data_request SET decided_by = $2 WHERE id = $1", made["id"], uuid4()
            )


async def test_raw_sql_of_the_application_makes_drafts_alone(api, partners, app):
    path = await decided(api, partners.icw, partners.inspectorate)
    copied = """
    INSERT INTO data_request
    SELECT (json_populate_record(one, json_build_object('id', $2::uuid, 'number', 'X'))).*
    FROM data_request AS one WHERE id = $1
    """
    async with app(partners.icw) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(copied, id_of(path), uuid4())
