"""Who gets what: every operation × every credential, role and standing, about what exists and what does not.

Each refusal leaves the database as it was, and each example succeeds for somebody first: else a refusal would
prove nothing. What is hidden is answered byte for byte like what does not exist. There are no exceptions.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import httpx
import pytest

from schema.vocabulary import Role
from service.access.policy import POLICY
from service.app import OPERATIONS
from tests.actors import Actor, make_actor
from tests.trust.example import OK, told
from tests.trust.examples import EXAMPLES, GUARDED, WITHOUT_TOKEN, expected, missing, operation_of
from tests.trust.tally import cases
from tests.trust.world import Ask, Standing, World

SAME_ID = {"x-request-id": "the-same-request"}
PER_ANSWER = {"server-timing"}
SECRETS = """
SELECT id::text FROM agreement WHERE NOT EXISTS (
  SELECT FROM agreement_access WHERE agreement_id = agreement.id AND organization_id = $1)
UNION ALL SELECT id::text FROM amendment WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = amendment.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM activity WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = activity.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM milestone WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = milestone.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM milestone_series AS series WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = series.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM workplan_item AS w WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = w.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM actual AS v WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = v.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM document WHERE NOT EXISTS (
  SELECT FROM agreement_access AS a WHERE a.agreement_id = document.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM data_request
  WHERE $1 NOT IN (requester_organization_id, holder_organization_id) AND NOT EXISTS (
    SELECT FROM agreement_access AS a
    WHERE a.agreement_id = data_request.agreement_id AND organization_id = $1)
UNION ALL SELECT id::text FROM dataset WHERE classification = 'closed' AND holder_organization_id <> $1
UNION ALL SELECT id::text FROM token WHERE organization_id <> $1
UNION ALL SELECT id::text FROM membership WHERE organization_id <> $1
UNION ALL SELECT id::text FROM "user" WHERE NOT EXISTS (
  SELECT FROM membership WHERE user_id = "user".id AND organization_id = $1)
"""


@pytest.fixture(scope="module")
async def dead(world) -> dict[str, str | None]:
    """Gives every way not to be somebody: the Authorization header of each."""
    actors = {
        name: await make_actor(world.api.connection, roles=["coordinator"])
        for name in ("expired", "revoked", "disabled", "ended")
    }
    spoil = {
        "expired": "UPDATE token SET expires_at = now() - interval '1 second' WHERE user_id = $1",
        "revoked": "UPDATE token SET revoked_at = now() WHERE user_id = $1",
        "disabled": "UPDATE \"user\" SET state = 'disabled', version = 2 WHERE id = $1",
        "ended": "DELETE FROM membership WHERE user_id = $1",
    }
    for name, statement in spoil.items():
        await world.api.connection.execute(statement, actors[name].user_id)
    token = world.own.headers["authorization"].split()[1]
    return {name: actor.headers["authorization"] for name, actor in actors.items()} | {
        "none": None,
        "empty": "",
        "no scheme": token,
        "another scheme": f"Basic {token}",
        "no token": "Bearer",
        "too short": "Bearer tnn_s_1",
        "unknown": f"Bearer tnn_s_{'a' * 43}",
        "cut": f"Bearer {token[:-1]}",
    }


async def send(world: World, ask: Ask, by: Actor) -> httpx.Response:
    """Gives the answer to a request of somebody, under the same name each time."""
    return await world.send(ask, by, **SAME_ID)


def bytes_of(answer: httpx.Response, ask: Ask) -> tuple[Any, ...]:
    """Gives all of an answer but how long it took, with the id that was asked for masked."""
    headers = {name: value for name, value in answer.headers.items() if name not in PER_ANSWER}
    return answer.status_code, headers, answer.text.replace(ask.subject or "", "…")


# ------------------------------------------------------------------------------------------------- the table


def test_every_operation_and_every_action_has_an_example():
    assert missing() == set()


def test_every_example_is_of_an_operation():
    assert {operation_of(key) for key in EXAMPLES} == set(OPERATIONS)


# ----------------------------------------------------------------------------------------------- credentials


@pytest.mark.parametrize("key", WITHOUT_TOKEN)
async def test_what_needs_no_token_is_answered_whoever_asks(world, dead, key):
    for authorization in (None, dead["expired"], dead["unknown"]):
        ask = await EXAMPLES[key].made(world, world.own)
        headers = {} if authorization is None else {"authorization": authorization}
        answer = await world.api.client.request(ask.method, ask.path, headers=headers, **ask.sent())
        assert answer.is_success, answer.text
        cases["credentials"] += 1


@pytest.mark.parametrize("key", GUARDED)
async def test_without_a_valid_token_nothing_is_told_or_done(world, witness, dead, key):
    ask = await EXAMPLES[key].made(world, world.own)
    await witness.look()
    seen = set()
    for authorization, wrong in product(dead.values(), WRONG):
        headers = {} if authorization is None else {"authorization": authorization}
        answer = await world.api.client.request(
            ask.method,
            f"{ask.of_nothing().path}{wrong.query}" if wrong.query else ask.path,
            headers={**SAME_ID, **headers, **wrong.headers},
            content=wrong.content,
        )
        assert (answer.status_code, told(answer)) == (401, "authentication_required")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert await witness.unchanged()
        seen.add(answer.text)
        cases["credentials"] += 1
    assert len(seen) == 1


class Wrong(NamedTuple):
    """What else may be wrong with a request: it must not be told before who asks is known."""

    content: bytes = b"{}"
    query: str = ""
    headers: Mapping[str, str] = {}


WRONG = (
    Wrong(),
    Wrong(b"\xff[[[", "?unknown=1", {"content-type": "text/plain", "accept": "image/png", "if-match": "x"}),
    Wrong(b"[" * 300_000),
)


@pytest.mark.parametrize("key", GUARDED)
async def test_who_must_change_the_password_first_can_do_nothing_else(world, witness, key):
    operation = operation_of(key)
    by = await world.somebody(Role.ORG_ADMIN, Standing.OWN)
    await world.api.connection.execute(
        'UPDATE "user" SET password_change_required = true WHERE id = $1', by.user_id
    )
    ask = await EXAMPLES[key].made(world, by)
    await witness.look()
    answer = await send(world, ask, by)
    assert (told(answer) != "password_change_required") is operation.unlocked
    assert operation.unlocked or await witness.unchanged()
    cases["credentials"] += 1


# --------------------------------------------------------------------------------------- roles and standings


@pytest.mark.parametrize("key", GUARDED)
async def test_each_role_gets_what_is_its_own_and_nothing_else(world, witness, key):
    example = EXAMPLES[key]
    succeeded: list[tuple[Standing, Role]] = []
    for standing in Standing:
        secrets = await secrets_from(world, standing)
        refused = await example.made(world, await world.anybody(Role.COORDINATOR, standing))
        for role in Role:
            code, named = expected(key, role, standing=standing)
            by = await (world.somebody if code == OK else world.anybody)(role, standing)
            ask = await example.made(world, by) if code == OK else refused
            await witness.look()
            answer = await send(world, ask, by)
            assert told(answer) == code, (standing, role, answer.text)
            assert named in answer.text
            assert code == OK or await witness.unchanged(), (standing, role)
            assert role is Role.PLATFORM_ADMIN or strays(answer, ask, secrets=secrets) == []
            succeeded += [(standing, role)] if code == OK else []
            cases["roles and standings"] += 1
    assert succeeded, "nobody gets it, so its refusals prove nothing"


async def secrets_from(world: World, standing: Standing) -> list[str]:
    """Gives the ids that an organization may not be told: none for those who share records."""
    if standing is not Standing.OUTSIDE:
        return []
    rows = await world.api.connection.fetch(SECRETS, world.organization(standing))
    return [row[0] for row in rows]


def strays(answer: httpx.Response, ask: Ask, *, secrets: list[str]) -> list[str]:
    """Gives the ids that an answer must not hold; what somebody wrote is found by its canary."""
    sent = f"{ask.path} {ask.body} {ask.content}"
    return [each for each in secrets if each in answer.text and each not in sent]


@pytest.mark.parametrize("key", GUARDED)
async def test_what_is_hidden_is_answered_like_what_does_not_exist(world, witness, key):
    operation, example = operation_of(key), EXAMPLES[key]
    for standing in Standing:
        ask = await example.made(world, await world.anybody(Role.COORDINATOR, standing))
        if ask.subject is None:
            return
        nothing = ask.of_nothing()
        for role in Role:
            by = await world.anybody(role, standing)
            await witness.look()
            absent = await send(world, nothing, by)
            given = not POLICY[role].isdisjoint(operation.permissions)
            assert told(absent) == (example.hidden if given else "permission_missing"), (standing, role)
            code, _ = expected(key, role, standing=standing)
            if code == example.hidden and (code != OK or standing is Standing.OUTSIDE):
                assert bytes_of(await send(world, ask, by), ask) == bytes_of(absent, nothing)
            assert await witness.unchanged()
            cases["existing and not"] += 1
