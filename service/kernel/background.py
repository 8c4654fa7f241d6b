"""Work that runs beside the requests of a process, for as long as it serves."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from service.kernel.problem import Problem

log = logging.getLogger("tenun")


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run works beside the context, and end them with it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@contextmanager
def tolerated(what: str) -> Generator[None]:
    """Log that the database was away or refused something; the work goes on with its next turn."""
    try:
        yield
    except (Problem, asyncpg.PostgresError) as error:
        log.warning("%s failed and goes on later: %r", what, error)
