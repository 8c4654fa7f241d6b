"""What the trust tests share: the world, a witness of its database, and the count of their cases."""

from collections.abc import AsyncGenerator, Generator

import asyncpg
import pytest

from service.kernel.embedded import Cluster
from tests.api import Api
from tests.canaries import private_in
from tests.conftest import NewDatabase
from tests.running import running
from tests.trust.served import Served
from tests.trust.tally import cases
from tests.trust.witness import Witness
from tests.trust.world import World, make_world
from tests.trust.writers import Member, make_member


@pytest.fixture(scope="module")
async def api(new_database: NewDatabase) -> AsyncGenerator[Api]:
    """Gives a running service that writes its log."""
    async with new_database() as dsn, running(dsn, access_log=True) as client:
        connection = await asyncpg.connect(dsn)
        yield Api(client, connection)
        await connection.close()


@pytest.fixture(autouse=True)
def _discreet(request: pytest.FixtureRequest) -> Generator[None]:
    """Fails a test of the partners' world whose log names anybody, or tells what somebody wrote."""
    if "world" not in request.fixturenames:
        yield
        return
    output, records = (request.getfixturevalue(name) for name in ("capfd", "caplog"))
    yield
    log = output.readouterr()
    cases["log lines"] += len(log.err.splitlines())
    assert private_in(f"{log.out}{log.err}{records.text}") == []


@pytest.fixture(scope="module")
async def world(api: Api) -> World:
    """Gives partners with their records, for all tests of a module."""
    return await make_world(api)


@pytest.fixture(scope="module")
async def witness(api: Api, cluster: Cluster) -> AsyncGenerator[Witness]:
    """Gives whoever tells whether a refusal changed anything."""
    name = await api.connection.fetchval("SELECT current_database()")
    past = await asyncpg.connect(cluster.dsn(name))
    await past.execute("BEGIN")
    yield Witness(past, api.connection)
    await past.close()


@pytest.fixture
def served(tmp_path, monkeypatch) -> Generator[Served]:
    """Gives a running service on a PostgreSQL of its own, even where the environment names another one."""
    monkeypatch.delenv("TENUN_DATABASE_URL", raising=False)
    monkeypatch.setenv("TENUN_ACCESS_LOG", "false")
    served = Served(tmp_path / "tenun")
    try:
        served.start()
        yield served
    finally:
        served.end()


@pytest.fixture
def member(served) -> Member:
    """Gives somebody who may write to that service."""
    return make_member(served)
