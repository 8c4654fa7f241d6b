"""What is kept for a time only: first answers 30 days, failed sign-ins a day, invitations until they end.

Every worker sweeps when it starts and then every hour; sweeping twice does no harm, so none is chosen for it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.types import DateTime

from schema.tables.accounts import invitation, sign_in_throttle
from schema.tables.ledger import idempotency_key
from service.kernel.database import Database
from service.kernel.problem import Problem
from service.kernel.statement import Statement, document, param

ANSWERS_KEPT = timedelta(days=30)
FAILURES_KEPT = timedelta(days=1)
_PAUSE_SECONDS = 3600
_INSTANT = DateTime(timezone=True)


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """Instants before which the kinds of row are no longer kept."""

    answers: datetime
    failures: datetime
    now: datetime


class Swept(msgspec.Struct, frozen=True):
    """That it was done."""

    done: bool


def _sweep() -> Statement[Ends, Swept]:
    parts = (
        delete(idempotency_key).where(idempotency_key.c.created_at < param("answers", _INSTANT)),
        delete(sign_in_throttle).where(sign_in_throttle.c.window_started_at < param("failures", _INSTANT)),
        delete(invitation).where(invitation.c.expires_at < param("now", _INSTANT)),
    )
    done = document(Swept, select((param("now", _INSTANT).is_not(None)).label("done")))
    for number, part in enumerate(parts):
        done = done.add_cte(part.cte(f"swept_{number}"))
    return Statement("sweep", done, params=Ends, row=Swept)


SWEEP = _sweep()


async def sweep(database: Database, now: datetime) -> None:
    """Delete what is older than it is kept."""
    ends = Ends(answers=now - ANSWERS_KEPT, failures=now - FAILURES_KEPT, now=now)
    await database.only(SWEEP, ends)


@asynccontextmanager
async def sweeping(database: Database, clock: Callable[[], datetime]) -> AsyncGenerator[None]:
    """Sweep now and every hour for as long as the context lasts."""
    task = asyncio.create_task(_sweep_hourly(database, clock))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _sweep_hourly(database: Database, clock: Callable[[], datetime]) -> None:
    while True:
        # A database that is away is swept an hour later.
        with contextlib.suppress(Problem):
            await sweep(database, clock())
        await asyncio.sleep(_PAUSE_SECONDS)
