"""A PostgreSQL of its own for the test run, and databases copied from one that was migrated once."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from schema.roles import OWNER
from service import settings
from service.kernel import embedded
from service.kernel.migrate import migrate
from service.kernel.provision import provide
from tests.api import Api
from tests.partners import Partners, make_partners
from tests.roles import BREACH, PASSWORDS, address
from tests.running import running
from tests.side_by_side import SideBySide
from tests.trust.tally import Teller

TEMPLATE = "tenun_template"

NewDatabase = Callable[[], AbstractAsyncContextManager[str]]


def pytest_configure(config: pytest.Config) -> None:
    """Adds what a run in several processes needs."""
    config.pluginmanager.register(SideBySide(config))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Runs every async test on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="session")
def pg_bin() -> Path:
    """Gives the folder of PostgreSQL's programs: TENUN_PG_BIN, else those that come with the package."""
    chosen = settings.load().pg_bin
    return embedded.find_binaries(Path(chosen) if chosen else None)


@pytest.fixture(scope="session")
def cluster(pg_bin: Path) -> Generator[embedded.Cluster]:
    """Gives a server that forgets everything when the machine stops, for the whole run."""
    with tempfile.TemporaryDirectory(prefix="tenun-") as folder:
        running = embedded.start(Path(folder), bin_dir=pg_bin, durability=embedded.Durability.NONE)
        try:
            asyncio.run(provide(running.dsn(), PASSWORDS, database=TEMPLATE))
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="session")
async def template(anyio_backend: str, cluster: embedded.Cluster, pytestconfig: pytest.Config) -> str:
    """Gives the name of a migrated database that nobody is connected to."""
    await migrate(address(cluster.dsn(TEMPLATE), OWNER))
    if breach := pytestconfig.stash.get(BREACH, ""):  # A run that takes a wall away on purpose.
        await _administer(cluster, breach, TEMPLATE)
    return TEMPLATE


@pytest.fixture(scope="session")
def new_database(cluster: embedded.Cluster, template: str) -> NewDatabase:
    """Gives a context manager that makes a migrated database without rows and gives its address.

    Copying files instead of writing pages to the log takes a third off the time.
    """
    return lambda: _temporary(cluster, f"TEMPLATE {template} STRATEGY file_copy")


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncGenerator[str]:
    """Gives the address of a migrated database of this test alone."""
    async with new_database() as dsn:
        yield dsn


@pytest.fixture
async def empty_database(cluster: embedded.Cluster) -> AsyncGenerator[str]:
    """Gives the address of a database without tables."""
    async with _temporary(cluster, f"OWNER {OWNER}") as dsn:
        yield dsn


@pytest.fixture
async def connection(database: str) -> AsyncGenerator[asyncpg.Connection]:
    """Gives a connection to this test's database."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def api(new_database: NewDatabase) -> AsyncGenerator[Api]:
    """Gives a running service that the tests of a module share; each test makes its own organizations."""
    async with new_database() as dsn, running(dsn) as client:
        connection = await asyncpg.connect(dsn)
        yield Api(client, connection)
        await connection.close()


@pytest.fixture
async def partners(api: Api) -> Partners:
    """Gives the partners of the first case, known to this test alone."""
    return await make_partners(api)


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Teller:
    """Gives what takes the figures of a test."""
    return Teller(request.node)


@asynccontextmanager
async def _temporary(cluster: embedded.Cluster, options: str) -> AsyncGenerator[str]:
    name = f"test_{uuid4().hex}"
    await _administer(cluster, f"CREATE DATABASE {name} {options}")
    try:
        yield cluster.dsn(name)
    finally:
        await _administer(cluster, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(cluster: embedded.Cluster, command: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(cluster.dsn(database))
    try:
        await connection.execute(command)
    finally:
        await connection.close()
