"""Runs Alembic on one asyncpg connection, which stays open for its owner.

Alembic speaks to SQLAlchemy's own connections, so here, and only here, its async engine is used: that
is why `greenlet` is installed. A second driver beside asyncpg would read database addresses in its own way.
Importing this takes longer than a start that finds nothing to do: `service.kernel.migrate` imports it late.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import StaticPool


async def upgrade(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Runs every revision the database has not seen, each in its own transaction; raises asyncpg's errors."""
    await _run(connection, lambda config: command.upgrade(config, "head"))


async def downgrade(connection: asyncpg.Connection[asyncpg.Record], revision: str) -> None:
    """Takes back every revision after the given one, each in its own transaction; raises asyncpg's errors."""
    await _run(connection, lambda config: command.downgrade(config, revision))


async def _run(connection: asyncpg.Connection[asyncpg.Record], work: Callable[[Config], None]) -> None:
    async def give() -> asyncpg.Connection[asyncpg.Record]:
        return connection

    engine = create_async_engine("postgresql+asyncpg://", async_creator=give, poolclass=StaticPool)
    async with engine.connect() as bound:
        try:
            await bound.run_sync(lambda borrowed: work(_config(borrowed)))
        except DBAPIError as error:
            raise error.driver_exception from error


def _config(connection: Connection) -> Config:
    """Gives what stands in alembic.ini elsewhere; a percent sign in a path would begin an interpolation."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
