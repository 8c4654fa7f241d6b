"""Who comes at the same moment: of many who make one move one wins, and one key has one effect."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from itertools import cycle
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest

from service.kernel.embedded import Cluster
from tests.actors import Actor
from tests.running import running
from tests.trust.examples import CHANGING, EXAMPLES, operation_of, somebody_who_may
from tests.trust.footprint import Left, Tracker
from tests.trust.tally import cases
from tests.trust.world import Ask, World

RACERS, REPEATS, ROUNDS = 16, 50, 1_000
MOVES = tuple(key for key in EXAMPLES if key.startswith("transition_"))
KEYED = tuple(key for key in CHANGING if operation_of(key).keyed)
LEDGER = ("audit_entry", "outbox_event", "idempotency_key")
SHORT = {
    "create_activity",
    "create_agreement",
    "create_document",
    "create_user",
    "transition_activity: verify",
}
# The invitation is shown once: each repeat is answered without it.
SHOWN_ONCE = {"create_user"}
# Records that are written together: a person and the membership, a series and its three milestones, an
# amendment and the agreement that its signing changes.
TOGETHER = {"create_user": 2, "create_milestone_series": 4, "transition_amendment: register_signing": 2}
ENDING = {"document_ref": "Arsip 9", "reason": "Pelanggaran."}
# Each pair leads out of one state; whoever loses finds the record in the state that the other chose.
RIVALS = (
    ("transition_activity: verify", {"action": "return", "reason": "Bukti kurang."}),
    ("transition_activity: reschedule", {"action": "cancel", "reason": "Batal."}),
    ("transition_amendment: register_signing", {"action": "unlock", "reason": "Ada salah ketik."}),
    ("transition_agreement: send_back", {"action": "cancel", "reason": "Batal."}),
    ("transition_agreement: suspend", {"action": "terminate", "effective_on": "2098-01-01", **ENDING}),
)


class Arena(NamedTuple):
    """A world with two services on one database, each with a pool and a memory of its own."""

    world: World
    clients: tuple[httpx.AsyncClient, ...]
    tracker: Tracker

    async def at_once(self, asks: list[Ask], by: Actor) -> list[httpx.Response]:
        """Gives the answers to requests sent together, to each service in turn."""
        return await asyncio.gather(
            *(
                client.request(ask.method, ask.path, headers={**by.headers, **ask.headers}, **ask.sent())
                for client, ask in zip(cycle(self.clients), asks, strict=False)
            )
        )


@pytest.fixture(scope="module")
async def arena(world, cluster: Cluster) -> AsyncGenerator[Arena]:
    connection = world.api.connection
    name = await connection.fetchval("SELECT current_database()")
    async with running(cluster.dsn(name)) as other:
        yield Arena(world, (world.api.client, other), Tracker(connection))


def named(ask: Ask, key: str) -> Ask:
    """Gives a request under an Idempotency-Key."""
    return ask._replace(headers={**ask.headers, "idempotency-key": key})


def assert_one_won(answers: list[httpx.Response]) -> None:
    """Fails unless one made the move and each other was told that the record is no longer as it was."""
    heard = Counter(answer.status_code for answer in answers)
    assert heard[200] == 1, heard
    assert heard.keys() <= {200, 409, 412}, [answer.text for answer in answers if answer.status_code > 412]
    cases["racers"] += len(answers)


@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(1, id="short"),
        pytest.param(-(-ROUNDS // len(MOVES)), id="full", marks=pytest.mark.drill),
    ],
)
@pytest.mark.parametrize("key", MOVES)
async def test_of_sixteen_who_make_one_move_one_wins(arena, key, rounds):
    by = await somebody_who_may(arena.world, key)
    for _ in range(rounds):
        ask = await EXAMPLES[key].made(arena.world, by)
        await arena.tracker.begin()
        answers = await arena.at_once([named(ask, str(uuid4())) for _ in range(RACERS)], by)
        assert_one_won(answers)
        left = await arena.tracker.left()
        assert {name: left[name] for name in LEDGER} == _once(key)
        cases["races"] += 1


def _once(key: str) -> dict[str, Left]:
    """Gives what one effect leaves in the ledger."""
    written = TOGETHER.get(key, 1)
    return {"idempotency_key": Left(1, 1), **dict.fromkeys(LEDGER[:2], Left(written, written))}


@pytest.mark.parametrize(("key", "rival"), RIVALS)
async def test_of_two_moves_out_of_one_state_one_wins(arena, key, rival):
    by = arena.world.own if key != "transition_activity: verify" else arena.world.other
    alone = await EXAMPLES[key].made(arena.world, by)
    assert (await arena.world.send(alone._replace(body=rival), by)).is_success
    ask = await EXAMPLES[key].made(arena.world, by)
    asks = [ask if number % 2 else ask._replace(body=rival) for number in range(RACERS)]
    assert_one_won(await arena.at_once(asks, by))
    cases["races"] += 1


@pytest.mark.parametrize(
    "key", [key if key in SHORT else pytest.param(key, marks=pytest.mark.drill) for key in KEYED]
)
async def test_fifty_repeats_at_once_have_one_effect_and_one_answer(arena, key):
    by = await somebody_who_may(arena.world, key)
    ask = named(await EXAMPLES[key].made(arena.world, by), str(uuid4()))
    await arena.tracker.begin()
    answers = await arena.at_once([ask] * REPEATS, by)
    left = await arena.tracker.left()
    assert {name: left[name].written for name in LEDGER} == {
        name: each.written for name, each in _once(key).items()
    }
    assert {answer.status_code for answer in answers} == {operation_of(key).status}
    first = [answer for answer in answers if "idempotency-replayed" not in answer.headers]
    assert len(first) == 1
    told = first if key not in SHOWN_ONCE else []
    kept = {
        (answer.content, answer.headers.get("etag"), answer.headers.get("location"))
        for answer in answers
        if answer in told or answer not in first
    }
    assert len(kept) == 1
    cases["repeats"] += REPEATS
