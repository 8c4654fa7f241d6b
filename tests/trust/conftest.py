"""What the trust tests share: the world, a witness of its database, and the count of their cases."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

from service.app import OPERATIONS
from service.kernel.embedded import Cluster
from tests.api import Api
from tests.trust.examples import EXAMPLES
from tests.trust.tally import cases
from tests.trust.witness import Witness
from tests.trust.world import World, make_world


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells how much was tried: a number that shrinks is worth a look."""
    if cases:
        terminalreporter.write_line(
            f"trust: {len(OPERATIONS)} operations, {len(EXAMPLES)} examples, 0 exceptions; cases: "
            + ", ".join(f"{count:,} {name}" for name, count in sorted(cases.items()))
        )
