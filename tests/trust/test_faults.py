"""Whichever call to the database fails, a change is made wholly or not at all, and a repeat tells which.

Every changing operation and every move is tried with its first call failing, then its second, until it
succeeds because it makes no more.
"""

from collections.abc import AsyncGenerator
from itertools import count
from typing import NamedTuple
from uuid import uuid4

import asyncpg
import httpx
import pytest

from service.kernel.embedded import Cluster
from tests.actors import Actor
from tests.api import Api
from tests.running import running
from tests.trust.example import problem_in
from tests.trust.examples import CHANGING, EXAMPLES, operation_of, somebody_who_may
from tests.trust.faulty import Befall, Faulty, Trouble, ended_by, refused, trouble, unanswered
from tests.trust.footprint import Footprint, Tracker
from tests.trust.tally import cases
from tests.trust.world import Ask, World, make_world

# What a repeat without an Idempotency-Key hears after the change was made.
# Where it is not here, its method says it.
DONE_BEFORE = {
    "create_session": 201,
    "create_api_key": 201,
    "create_activity_batch": 200,  # Its client_ref is known.
    "change_password": 400,  # The current password is another.
    "accept_invitation": 400,  # It is used up.
    "delete_current_session": 401,
    "delete_agreement_party": 412,
    "delete_user": 412,  # The record stays, without the person.
    "revoke_api_key": 204,
}
BY_METHOD = {"PATCH": 412, "PUT": 412, "DELETE": 404}
# A token is shown once, so who did not see it gets another; a wrong password is counted.
LEAVE_MORE = {"create_session", "create_api_key", "change_password"}
SHORT = {
    "create_activity",
    "create_user",
    "delete_current_session",
    "transition_agreement: accept",
    "transition_data_request: submit",
}


class Troubled(NamedTuple):
    """A world whose service can be befallen, and what tells what a request left."""

    world: World
    tracker: Tracker
    befalls: dict[str, Befall]


@pytest.fixture(scope="module")
async def troubled(new_database, cluster: Cluster) -> AsyncGenerator[Troubled]:
    connect = asyncpg.connect

    async def faulty(*args, **kwargs) -> asyncpg.Connection:
        return await connect(*args, **kwargs, connection_class=Faulty)

    async with new_database() as dsn:
        connection, administrator = await connect(dsn), await connect(cluster.dsn())
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(asyncpg, "connect", faulty)
            async with running(dsn) as client:
                world = await make_world(Api(client, connection))
                befalls = {
                    "ended": ended_by(administrator),
                    "unanswered": unanswered,
                    "refused": refused,
                }
                yield Troubled(world, Tracker(connection), befalls)
        await administrator.close()
        await connection.close()


async def asked(troubled: Troubled, key: str) -> tuple[Actor, Ask]:
    """Gives a request that succeeds and nobody sent before, by somebody of whom nothing is remembered."""
    by = await somebody_who_may(troubled.world, key)
    ask = await EXAMPLES[key].made(troubled.world, by)
    keyed = {"idempotency-key": str(uuid4())} if operation_of(key).keyed else {}
    return by, ask._replace(headers={**ask.headers, **keyed})


async def undisturbed(troubled: Troubled, key: str) -> Footprint:
    """Gives what the request leaves when nothing befalls it, and was not the first of its kind.

    The first one makes the tallies that the others count up.
    """
    for _ in range(2):
        by, ask = await asked(troubled, key)
        await troubled.tracker.begin()
        assert_done(await troubled.world.send(ask, by))
    return await troubled.tracker.left()


async def sent_in(troubled: Troubled, befallen: Trouble, *, ask: Ask, by: Actor) -> httpx.Response:
    """Gives the answer to a request in trouble."""
    token = trouble.set(befallen)
    try:
        return await troubled.world.send(ask, by)
    finally:
        trouble.reset(token)


def assert_done(answer: httpx.Response) -> None:
    assert answer.is_success, answer.text
    assert problem_in(answer) is None


def assert_told(answer: httpx.Response) -> None:
    """Fails unless the answer, or that of the one item of a batch, invites to come back."""
    problem = problem_in(answer)
    assert problem is not None, "a call failed, and nobody was told"
    assert (problem["status"], problem["code"]) == (503, "unavailable"), problem
    assert answer.is_success or int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("befall", ["ended", "unanswered", "refused"])
@pytest.mark.parametrize(
    "key", [key if key in SHORT else pytest.param(key, marks=pytest.mark.drill) for key in CHANGING]
)
async def test_a_call_that_fails_leaves_all_or_nothing_and_a_repeat_tells_which(troubled, key, befall):
    whole = await undisturbed(troubled, key)
    for number in count(1):
        by, ask = await asked(troubled, key)
        befallen = Trouble(number, troubled.befalls[befall])
        await troubled.tracker.begin()
        answer = await sent_in(troubled, befallen, ask=ask, by=by)
        if not befallen.struck:
            break
        assert_told(answer)
        left = await troubled.tracker.left()
        assert left in ({}, whole), f"between before and after at call {number}"
        assert befall == "unanswered" or left == {}, "it was done though it was not sent"
        again = await troubled.world.send(ask, by)
        if left == {}:
            assert_done(again)
        else:
            assert_repeated(key, again)
        assert await troubled.tracker.left() == whole or (left and key in LEAVE_MORE)
        cases[f"calls {befall}"] += 1
    assert_done(answer)
    assert number > 1, "it made no call"


def assert_repeated(key: str, again: httpx.Response) -> None:
    """Fails unless a repeat hears that the change was made before."""
    operation = operation_of(key)
    if operation.keyed:
        assert again.headers["idempotency-replayed"] == "true"
        assert again.status_code == operation.status
    else:
        assert again.status_code == DONE_BEFORE.get(key, BY_METHOD.get(operation.method)), again.text
