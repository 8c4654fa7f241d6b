"""What is kept for a time only: denied attempts 90 days, first answers 30, failed sign-ins one, invitations.

Every worker sweeps when it starts and then every hour; sweeping twice does no harm, so none is chosen for it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.types import DateTime

from schema.tables.accounts import invitation, sign_in_throttle
from schema.tables.ledger import denied_attempt, idempotency_key
from service.kernel.database import Database
from service.kernel.problem import Problem
from service.kernel.statement import Statement, document, param

ATTEMPTS_KEPT = timedelta(days=90)
ANSWERS_KEPT = timedelta(days=30)
FAILURES_KEPT = timedelta(days=1)
_PAUSE_SECONDS = 3600
_INSTANT = DateTime(timezone=True)


Sweep = Callable[[datetime], Awaitable[object]]
"""Deletes, at a moment, what is no longer kept; twice does no harm."""


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """Instants before which the kinds of row are no longer kept."""

    attempts: datetime
    answers: datetime
    failures: datetime
    now: datetime


class Swept(msgspec.Struct, frozen=True):
    """That it was done."""

    done: bool


def _sweep() -> Statement[Ends, Swept]:
    parts = (
        delete(denied_attempt).where(denied_attempt.c.at < param("attempts", _INSTANT)),
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
    ends = Ends(
        attempts=now - ATTEMPTS_KEPT, answers=now - ANSWERS_KEPT, failures=now - FAILURES_KEPT, now=now
    )
    await database.only(SWEEP, ends)


async def sweep_hourly(clock: Callable[[], datetime], *sweeps: Sweep) -> None:
    """Sweep now and every hour, for ever."""
    while True:
        for each in sweeps:
            # What is away is swept an hour later.
            with contextlib.suppress(Problem):
                await each(clock())
        await asyncio.sleep(_PAUSE_SECONDS)
