"""What an Idempotency-Key answers, whatever happens between a request and its repeat: a model says it.

Each life is a random history of people who write, repeat, say something else under the same key, sign out,
lose roles or the sight of a record, while keys grow old and the service restarts. The model is this page.
"""

import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import httpx
import pytest

from service.access.retention import ANSWERS_KEPT
from tests.accounts.given import email_of, person, signed_in
from tests.actors import Actor
from tests.api import Api
from tests.partners import held, id_of, parties, planned
from tests.running import running
from tests.trust.tally import cases, unhurried
from tests.trust.world import ACTIVITIES, AGREEMENTS, Ask, World, make_world

FIRST = {"if-match": '"1"'}
ROLE, LESSER = "coordinator", "viewer"
AGE = "UPDATE idempotency_key SET created_at = created_at - $1::interval - interval '1 s' WHERE key = $2"
MADE = """
SELECT (SELECT count(*) FROM activity WHERE title = $1) + (SELECT count(*) FROM agreement WHERE title = $1)
"""
MEMBERSHIP = "SELECT id::text FROM membership WHERE user_id = $1"


class Running:
    """A service on a database that can be restarted, and the world in it."""

    def __init__(self, dsn: str, connection: asyncpg.Connection) -> None:
        """Start nothing yet."""
        self.connection = connection
        self._world: World | None = None
        self._dsn = dsn
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        """Starts the service; the world is made at the first time."""
        client = await self._stack.enter_async_context(running(self._dsn))
        api = Api(client, self.connection)
        self._world = await make_world(api) if self._world is None else self._world._replace(api=api)

    @property
    def world(self) -> World:
        assert self._world is not None, "it was not started"
        return self._world

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest.fixture(scope="module")
async def service(new_database) -> AsyncGenerator[Running]:
    async with new_database() as dsn:
        connection = await asyncpg.connect(dsn)
        service = Running(dsn, connection)
        await service.start()
        yield service
        await service.stop()
        await connection.close()


class Member:
    """Somebody who writes; what they may do at present is what the model knows of them."""

    def __init__(self, actor: Actor) -> None:
        """Take a coordinator with a session."""
        self.actor = actor
        self.signed_in = True
        self.may_write = True


class Sent(NamedTuple):
    """A request that succeeded, by whom, and what it was answered."""

    by: Member
    ask: Ask
    answer: httpx.Response

    @property
    def key(self) -> str:
        return self.ask.headers["idempotency-key"]

    @property
    def record(self) -> str:
        return self.answer.json()["id"]


class Life:
    """One history: what was sent, and what must come back."""

    def __init__(self, service: Running, seed: int) -> None:
        """Begin with nobody."""
        self.chance = random.Random(seed)
        self.service = service
        self.title = f"Hidup {seed} {uuid4()}"
        self.made = 0
        self.members: list[Member] = []
        self.kept: dict[tuple[Member, str], Sent] = {}
        self.opened: list[str] = []
        self.hidden: set[str] = set()

    @property
    def world(self) -> World:
        return self.service.world

    async def begin(self) -> None:
        for _ in range(2):
            organization_id = self.world.own.organization_id
            self.members.append(Member(await person(self.world.api, ROLE, organization_id=organization_id)))

    # ------------------------------------------------------------------------------------------- the model

    async def send(self, by: Member, ask: Ask) -> None:
        """Sends a request and holds the answer against the model."""
        answer = await self.world.send(ask, by.actor)
        before = self.kept.get((by, ask.headers["idempotency-key"]))
        status = self.expected(by, ask, before=before)
        told = {name: answer.headers.get(name) for name in ("etag", "location")}
        assert answer.status_code == status, f"{answer.status_code}, not {status}: {answer.text}"
        cases[f"keys {status}"] += 1
        if before is not None and answer.is_success:
            assert answer.headers["idempotency-replayed"] == "true"
            assert answer.content == before.answer.content
            assert told == {name: before.answer.headers.get(name) for name in told}
        elif answer.is_success:
            assert "idempotency-replayed" not in answer.headers
            self.made += answer.status_code == 201
            self.kept[by, ask.headers["idempotency-key"]] = Sent(by, ask, answer)

    def expected(self, by: Member, ask: Ask, *, before: Sent | None) -> int:
        """Gives the status that must come back."""
        if not by.signed_in:
            return 401
        if not by.may_write:
            return 403
        if before is None:
            return 201 if ask.path in {ACTIVITIES, AGREEMENTS} else 200
        if (ask.path, ask.body) != (before.ask.path, before.ask.body):
            return 422
        return 404 if before.record in self.hidden else before.answer.status_code

    # ------------------------------------------------------------------------------------------- the steps

    def somebody(self) -> Member:
        return self.chance.choice(self.members)

    def some(self, *paths: str) -> Sent | None:
        """Gives something that was sent, to one of these paths if any are named."""
        found = [sent for sent in self.kept.values() if not paths or sent.ask.path in paths]
        return self.chance.choice(found) if found else None

    def keyed(self, path: str, body: Any, **headers: str) -> Ask:
        return Ask("POST", path, body, {"idempotency-key": str(uuid4()), **headers})

    async def log_activity(self) -> None:
        await self.send(self.somebody(), self.keyed(ACTIVITIES, held(self.world.base, title=self.title)))

    async def draft_agreement(self) -> None:
        await self.send(self.somebody(), self.keyed(AGREEMENTS, self.world.terms(title=self.title)))

    async def plan(self) -> None:
        draft = planned(self.world.base, self.world.own, state="draft")
        made = await self.world.api.create(ACTIVITIES, self.world.own, body=draft)
        path = f"{ACTIVITIES}/{made['id']}/transitions"
        await self.send(self.somebody(), self.keyed(path, {"action": "plan"}, **FIRST))

    async def open_discussion(self) -> None:
        """Moves an agreement that another organization drafted: only parties see it."""
        sides = parties(self.world.other, self.world.own, self.world.partners.icw)
        made = await self.world.api.create(AGREEMENTS, self.world.other, body=self.world.terms(parties=sides))
        self.opened.append(made["id"])
        path = f"{AGREEMENTS}/{made['id']}/transitions"
        await self.send(self.somebody(), self.keyed(path, {"action": "open_discussion"}, **FIRST))

    async def repeat(self) -> None:
        if sent := self.some():
            await self.send(sent.by, sent.ask)

    async def say_something_else(self) -> None:
        if sent := self.some(ACTIVITIES, AGREEMENTS):
            await self.send(sent.by, sent.ask._replace(body=sent.ask.body | {"title": f"{self.title} lain"}))

    async def use_the_key_elsewhere(self) -> None:
        if sent := self.some(ACTIVITIES):
            body = self.world.terms(title=f"{self.title} lain")
            await self.send(sent.by, sent.ask._replace(path=AGREEMENTS, body=body))

    async def repeat_under_another_key(self) -> None:
        if sent := self.some(ACTIVITIES, AGREEMENTS):
            await self.send(sent.by, self.keyed(sent.ask.path, sent.ask.body))

    async def repeat_for_somebody_else(self) -> None:
        if sent := self.some(ACTIVITIES, AGREEMENTS):
            await self.send(next(each for each in self.members if each is not sent.by), sent.ask)

    async def sign_out_or_in(self) -> None:
        # Whoever is out comes back first: else most of a life is 401.
        member = next((each for each in self.members if not each.signed_in), self.somebody())
        if member.signed_in:
            ended = await self.world.api.ask("DELETE", "/v1/sessions/current", by=member.actor)
            assert ended.status_code in {204, 401}
        else:
            member.actor = await signed_in(self.world.api, email_of(member.actor))
        member.signed_in = not member.signed_in

    async def lose_or_regain_the_role(self) -> None:
        member = next((each for each in self.members if not each.may_write), self.somebody())
        found = await self.service.connection.fetchval(MEMBERSHIP, member.actor.user_id)
        roles = [LESSER if member.may_write else ROLE]
        path = f"/v1/memberships/{found}"
        changed = await self.world.api.change("PATCH", path, self.world.own, body={"roles": roles})
        assert changed.status_code == 200, changed.text
        member.may_write = not member.may_write

    async def lose_sight(self) -> None:
        """Whoever drafted an agreement takes the organization out of it."""
        seen = [each for each in self.opened if each not in self.hidden]
        if seen:
            path = f"{AGREEMENTS}/{self.chance.choice(seen)}"
            gone = f"{path}/parties/{self.world.own.organization_id}"
            left = await self.world.api.change("DELETE", gone, self.world.other, record=path)
            assert left.status_code == 200, left.text
            self.hidden.add(id_of(path))

    async def grow_old(self) -> None:
        """Thirty days pass for one key, and the next start sweeps it away: it is new again."""
        if sent := self.some(ACTIVITIES, AGREEMENTS):
            await self.service.connection.execute(AGE, ANSWERS_KEPT, sent.key)
            await self.restart()
            while await self.service.connection.fetchval(
                "SELECT count(*) FROM idempotency_key WHERE created_at < now() - $1::interval", ANSWERS_KEPT
            ):
                await self.world.api.client.get("/healthz")
            self.kept = {name: each for name, each in self.kept.items() if each.key != sent.key}

    async def restart(self) -> None:
        await self.service.stop()
        await self.service.start()


WEIGHTS: dict[Callable[[Life], Awaitable[None]], int] = {
    Life.log_activity: 4,
    Life.draft_agreement: 3,
    Life.plan: 2,
    Life.open_discussion: 3,
    Life.repeat: 14,
    Life.say_something_else: 3,
    Life.use_the_key_elsewhere: 2,
    Life.repeat_under_another_key: 2,
    Life.repeat_for_somebody_else: 2,
    Life.sign_out_or_in: 2,
    Life.lose_or_regain_the_role: 2,
    Life.lose_sight: 2,
    Life.grow_old: 1,
    Life.restart: 1,
}


@pytest.mark.parametrize(
    ("seeds", "steps"),
    [
        pytest.param(range(6), 40, id="short"),
        pytest.param(range(100, 250), 60, id="full", marks=pytest.mark.drill),
    ],
)
async def test_a_key_answers_what_the_model_says(service, tell, seeds, steps):
    unhurried()
    done: Counter[str] = Counter()
    for seed in seeds:
        life = Life(service, seed)
        await life.begin()
        for step in life.chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=steps):
            done[step.__name__] += 1
            try:
                await step(life)
            except AssertionError as error:
                error.add_note(f"seed {seed}, {step.__name__}")
                raise
        assert await service.connection.fetchval(MADE, life.title) == life.made
    tell(lives=len(seeds), steps=done.total())
