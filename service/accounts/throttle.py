"""How often a password may be wrong: counted per account and address, by all copies of the service together.

    read the counts     at the limit: 429, and no password is looked at
    compare             wrong: counted, in one statement
    write the session   only if the counts are still below the limit, so that guesses at once win nothing

Neither e-mail nor address is kept: a subject is their hash with the installation's secret.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from math import ceil

import msgspec
from sqlalchemy import ColumnElement, DateTime, Integer, LargeBinary, any_, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.accounts import sign_in_throttle
from service.access.call import Visit
from service.kernel.problem import Problem
from service.kernel.statement import Statement, document, param

_INSTANT = DateTime(timezone=True)
_WINDOW = timedelta(minutes=15)


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who offers a password; `subjects` are the account and the address, in order."""

    account: bytes
    subjects: tuple[bytes, ...]
    now: datetime
    window_start: datetime
    failure_limit: int


class Throttled(msgspec.Struct, frozen=True):
    """Since when the latest window lasts that is full; null when none is."""

    since: datetime | None


def attempt_of(visit: Visit, email_key: str) -> Attempt:
    """Return an attempt on the account of an e-mail."""
    secret = visit.services.secret
    account = _subject(f"account:{email_key}", secret)
    address = _subject(f"address:{visit.peer}", secret)
    return Attempt(
        account=account,
        # Whoever counts locks the rows in this order, so no two of them wait for each other.
        subjects=tuple(sorted((account, address))),
        now=visit.now,
        window_start=visit.now - _WINDOW,
        failure_limit=visit.services.settings.sign_in_limit,
    )


async def refuse_throttled(visit: Visit, attempt: Attempt) -> None:
    """Raise `too_many_requests` when account or address has failed too often."""
    _refuse(await visit.database.only(_FULL, attempt), attempt)


async def count_failure(visit: Visit, attempt: Attempt) -> None:
    """Count a wrong password; raise `too_many_requests` when others at the same time filled the window."""
    _refuse(await visit.database.only(_COUNT, attempt), attempt)


def blocking() -> ColumnElement[bool]:
    """Return whether a row of the throttle stops an attempt."""
    return (
        (sign_in_throttle.c.subject == any_(param("subjects", ARRAY(LargeBinary()))))
        & (sign_in_throttle.c.window_started_at > param("window_start", _INSTANT))
        & (sign_in_throttle.c.failures >= param("failure_limit", Integer()))
    )


def _subject(text: str, secret: bytes) -> bytes:
    return hmac.digest(secret, text.encode(), hashlib.sha256)


def _refuse(found: Throttled, attempt: Attempt) -> None:
    if found.since is None:
        return
    seconds = max(1, ceil((found.since - attempt.window_start).total_seconds()))
    headers = {
        "retry-after": str(seconds),
        "ratelimit": f'"sign-in";r=0;t={seconds}',
        "ratelimit-policy": f'"sign-in";q={attempt.failure_limit};w={int(_WINDOW.total_seconds())}',
    }
    raise Problem("too_many_requests", headers=headers, seconds=seconds)


_FULL = Statement(
    "throttled",
    document(
        Throttled, select(func.max(sign_in_throttle.c.window_started_at).label("since")).where(blocking())
    ),
    params=Attempt,
    row=Throttled,
    optional=frozenset({"account", "now"}),
)


def _counted() -> Statement[Attempt, Throttled]:
    one_each = select(
        func.unnest(param("subjects", ARRAY(LargeBinary())), type_=LargeBinary()), param("now", _INSTANT), 1
    )
    over = sign_in_throttle.c.window_started_at <= param("window_start", _INSTANT)
    counted = (
        upsert(sign_in_throttle)
        .from_select(["subject", "window_started_at", "failures"], one_each)
        .on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "window_started_at": case(
                    (over, param("now", _INSTANT)), else_=sign_in_throttle.c.window_started_at
                ),
                "failures": case((over, 1), else_=sign_in_throttle.c.failures + 1),
            },
        )
        .returning(sign_in_throttle.c.window_started_at, sign_in_throttle.c.failures)
        .cte("counted")
    )
    too_many = counted.c.failures > param("failure_limit", Integer())
    since = func.max(counted.c.window_started_at).filter(too_many)
    return Statement(
        "count_failure",
        document(Throttled, select(since.label("since"))),
        params=Attempt,
        row=Throttled,
        optional=frozenset({"account"}),
    )


_COUNT = _counted()
