"""The database as the application sees it, for raw SQL."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import pytest

from schema.roles import APP
from service.kernel.embedded import Cluster
from tests.actors import Actor
from tests.api import Api
from tests.roles import address


@pytest.fixture
async def app(
    api: Api, cluster: Cluster
) -> Callable[[Actor], AbstractAsyncContextManager[asyncpg.Connection]]:
    """Gives connections with the rights that requests are served with, acting for somebody's organization."""
    name = await api.connection.fetchval("SELECT current_database()")

    @asynccontextmanager
    async def acting(by: Actor) -> AsyncGenerator[asyncpg.Connection]:
        connection = await asyncpg.connect(address(cluster.dsn(name), APP))
        await connection.execute("SELECT set_config('tenun.acting', $1, false)", str(by.organization_id))
        try:
            yield connection
        finally:
            await connection.close()

    return acting
