"""Who a token names: never more than the database says, and in every process at once."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from schema.roles import APP
from schema.vocabulary import Permission, Role
from service.access import authenticate
from service.access.authenticate import Authenticator
from service.access.policy import permissions_of
from service.access.principal import Principal
from service.kernel import instants
from service.kernel.database import Database, connect, opened, recorder
from service.kernel.problem import Problem
from tests import make
from tests.actors import Actor, make_actor
from tests.roles import address

SPOIL = [
    "UPDATE token SET revoked_at = now()",
    "DELETE FROM token",
    "DELETE FROM membership",
    "UPDATE \"user\" SET state = 'disabled', version = version + 1",
]
LISTENERS = "FROM pg_stat_activity WHERE application_name = 'tenun listener'"


@pytest.fixture
async def pool(database) -> AsyncGenerator[Database]:
    async with opened(address(database, APP), size=2) as pool:
        yield pool


@pytest.fixture
async def actor(connection) -> Actor:
    return await make_actor(connection, roles=["coordinator"])


@asynccontextmanager
async def process(pool: Database, dsn: str) -> AsyncGenerator[Authenticator]:
    """Gives what authenticates in one process, once it listens."""
    made = Authenticator(pool)
    async with made.listening(lambda: connect(dsn)):
        await until(lambda: made._listening)  # noqa: SLF001 - nothing else tells when it began.
        yield made


async def until(condition: Callable[[], bool]) -> None:
    """Waits until something holds; fails when it does not within five seconds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it did not happen in time")


async def who(authenticator: Authenticator, actor: Actor, **later: float) -> Principal:
    """Gives who the token of an actor names, now or later."""
    return await authenticator.principal(actor.headers["authorization"], instants.now() + timedelta(**later))


async def asked(authenticator: Authenticator, actor: Actor) -> bool:
    """Tells whether the database was asked who a token names."""
    seen: list[str] = []
    before = recorder.set(seen)
    await who(authenticator, actor)
    recorder.reset(before)
    return seen == ["token_facts"]


async def refused(authenticator: Authenticator, authorization: str | None) -> bool:
    try:
        await authenticator.principal(authorization, instants.now())
    except Problem as problem:
        return problem.code == "authentication_required"
    return False


# ------------------------------------------------------------------------------------------ who a token names


async def test_a_token_names_a_person_an_organization_and_roles(pool, actor):
    principal = await who(Authenticator(pool), actor)
    assert (principal.user_id, principal.organization_id) == (actor.user_id, actor.organization_id)
    assert principal.roles == (Role.COORDINATOR,)
    assert principal.permissions == permissions_of([Role.COORDINATOR])


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "bearer short",
        "Basic dXNlcjpwYXNzd29yZA==",
        "Bearer tnn_s_" + "a" * 43,
        "Bearer " + "a" * 101,
        "Bearer " + "a" * 100_000,
        "Bearer tnn_s_" + "é" * 43,
        "Bearer tnn_s_" + "\x00" * 43,
        "tnn_s_" + "a" * 43,
    ],
)
async def test_what_is_no_token_is_refused(pool, actor, authorization):
    assert await refused(Authenticator(pool), authorization)


async def test_a_token_is_that_token_and_no_other(pool, actor):
    _, token = actor.headers["authorization"].split()
    assert not await refused(Authenticator(pool), f"BEARER {token}")
    for other in (token[:-1], f"{token}a", token.swapcase(), f" {token}", f"{token} ", f"{token},"):
        assert await refused(Authenticator(pool), f"Bearer {other}")


@pytest.mark.parametrize("spoil", SPOIL)
async def test_a_token_ends_with_its_person_membership_or_revocation(pool, actor, connection, spoil):
    authenticator = Authenticator(pool)
    await who(authenticator, actor)
    await connection.execute(spoil)
    assert await refused(authenticator, actor.headers["authorization"])


async def test_a_token_ends_at_its_instant_even_when_it_is_remembered(pool, actor, database):
    async with process(pool, database) as authenticator:
        await who(authenticator, actor, minutes=59)
        with pytest.raises(Problem, match="authentication_required"):
            await who(authenticator, actor, minutes=61)


@pytest.mark.parametrize(
    ("of_key", "of_member", "given"),
    [
        (["viewer"], ["coordinator"], [Role.VIEWER]),
        (["coordinator", "auditor"], ["coordinator"], [Role.COORDINATOR]),
        (["org_admin"], ["viewer"], []),
        (["viewer", "reviewer"], ["approver"], [Role.VIEWER]),
    ],
)
async def test_a_key_gives_at_most_what_its_maker_still_has(pool, connection, of_key, of_member, given):
    actor = await make_actor(connection, roles=of_member)
    await connection.execute("UPDATE token SET kind = 'api_key', name = 'key', roles = $1", of_key)
    principal = await who(Authenticator(pool), actor)
    assert principal.roles == tuple(given)
    assert principal.may(Permission.META_READ) is bool(given)


# ------------------------------------------------------------------------------------------------ remembering


async def test_a_principal_is_remembered_while_listening(pool, actor, database):
    async with process(pool, database) as authenticator:
        assert await asked(authenticator, actor)
        assert not await asked(authenticator, actor)


async def test_without_a_listener_nothing_is_remembered(pool, actor):
    authenticator = Authenticator(pool)
    assert [await asked(authenticator, actor) for _ in range(3)] == [True, True, True]


async def test_a_principal_is_remembered_for_five_seconds_at_most(pool, actor, database, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(authenticate, "monotonic", lambda: clock[0])
    async with process(pool, database) as authenticator:
        await who(authenticator, actor)
        clock[0] += 4.9
        assert not await asked(authenticator, actor)
        clock[0] += 0.2
        assert await asked(authenticator, actor)


@pytest.mark.parametrize("spoil", [*SPOIL, "UPDATE membership SET roles = '{viewer}', version = 2"])
async def test_what_changes_in_one_process_is_forgotten_in_the_others_at_once(
    pool, actor, connection, database, spoil
):
    async with process(pool, database) as one, process(pool, database) as other:
        for authenticator in (one, other):
            await who(authenticator, actor)
        await connection.execute(spoil)
        await until(lambda: not one._known and not other._known)  # noqa: SLF001 - what is remembered.
        for authenticator in (one, other):
            try:
                assert (await who(authenticator, actor)).roles == (Role.VIEWER,)
            except Problem as problem:
                assert problem.code == "authentication_required"  # noqa: PT017 - the other lawful outcome.


async def test_a_load_that_began_before_a_change_is_not_remembered(pool, actor, connection, database):
    async with process(pool, database) as authenticator:
        loading = asyncio.create_task(who(authenticator, actor))
        await asyncio.sleep(0)
        authenticator.forget(actor.user_id)
        await loading
        assert await asked(authenticator, actor)


async def test_somebody_elses_change_forgets_nobody_else(pool, actor, connection, database):
    other = await make_actor(connection, roles=["viewer"])
    async with process(pool, database) as authenticator:
        await who(authenticator, actor)
        await who(authenticator, other)
        await connection.execute("UPDATE token SET revoked_at = now() WHERE user_id = $1", other.user_id)
        await until(lambda: len(authenticator._known) == 1)  # noqa: SLF001 - counts what is remembered.
        assert not await asked(authenticator, actor)


async def test_when_the_listener_is_lost_nothing_is_remembered_until_it_is_back(
    pool, actor, connection, database, monkeypatch
):
    monkeypatch.setattr(authenticate, "_RECONNECT_SECONDS", 0.3)
    async with process(pool, database) as authenticator:
        await who(authenticator, actor)
        await connection.execute(f"SELECT pg_terminate_backend(pid) {LISTENERS}")
        await until(lambda: not authenticator._listening)  # noqa: SLF001 - nothing else tells.
        assert await asked(authenticator, actor)
        assert await asked(authenticator, actor)
        await until(lambda: authenticator._listening)  # noqa: SLF001 - as above.
        assert await asked(authenticator, actor)
        assert not await asked(authenticator, actor)


async def test_a_listener_whose_server_froze_is_not_trusted(pool, connection, database, monkeypatch):
    monkeypatch.setattr(authenticate, "_SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(authenticate, "_RECONNECT_SECONDS", 0.3)
    async with process(pool, database) as authenticator:
        frozen = await connection.fetchval(f"SELECT pid {LISTENERS}")
        os.kill(frozen, signal.SIGSTOP)
        try:
            await until(lambda: not authenticator._listening)  # noqa: SLF001 - nothing else tells.
            await until(lambda: authenticator._listening)  # noqa: SLF001 - as above.
        finally:
            os.kill(frozen, signal.SIGCONT)


@pytest.mark.parametrize(
    "said", [ConnectionRefusedError, asyncpg.CannotConnectNowError, asyncpg.InternalClientError]
)
async def test_a_database_that_is_away_stops_neither_start_nor_end(pool, said):
    async def away() -> asyncpg.Connection:
        raise said("away")

    async with Authenticator(pool).listening(away):
        await asyncio.sleep(0.05)


async def test_the_listener_is_closed_with_the_process(pool, connection, database):
    async with process(pool, database):
        assert await connection.fetchval(f"SELECT count(*) {LISTENERS}") == 1
    for _ in range(500):
        if await connection.fetchval(f"SELECT count(*) {LISTENERS}") == 0:
            return
        await asyncio.sleep(0.01)
    pytest.fail("the listener is still connected")


async def test_the_time_zone_of_the_organization_is_known(pool, connection):
    organization_id = await make.organization(connection, time_zone="Asia/Jayapura")
    actor = await make_actor(connection, roles=["viewer"], organization_id=organization_id)
    assert (await who(Authenticator(pool), actor)).time_zone.value == "Asia/Jayapura"
