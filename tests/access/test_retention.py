"""What is kept for a time only."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from schema.roles import WORKER
from service.access.retention import ANSWERS_KEPT, ATTEMPTS_KEPT, FAILURES_KEPT, sweep
from service.kernel.database import opened
from tests.roles import address

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def swept(database, connection):
    """Gives what sweeps the database at NOW."""

    async def run() -> None:
        async with opened(address(database, WORKER), size=1) as background:
            await sweep(background, NOW)

    return run


async def test_first_answers_are_kept_for_thirty_days(swept, connection):
    for key, age in (("old", ANSWERS_KEPT + SECOND), ("young", ANSWERS_KEPT - SECOND)):
        await connection.execute(
            "INSERT INTO idempotency_key"
            " (organization_id, user_id, key, fingerprint, status, subject_id, created_at)"
            " VALUES ($1, $1, $2, '', 201, $1, $3)",
            uuid4(),
            key,
            NOW - age,
        )
    await swept()
    assert [row["key"] for row in await connection.fetch("SELECT key FROM idempotency_key")] == ["young"]


async def test_failed_sign_ins_are_kept_for_a_day(swept, connection):
    for subject, age in ((b"old", FAILURES_KEPT + SECOND), (b"young", FAILURES_KEPT - SECOND)):
        await connection.execute("INSERT INTO sign_in_throttle VALUES ($1, $2, 1)", subject, NOW - age)
    await swept()
    assert [row["subject"] for row in await connection.fetch("SELECT subject FROM sign_in_throttle")] == [
        b"young"
    ]


async def test_denied_attempts_are_kept_for_ninety_days(swept, connection):
    for code, age in (("old", ATTEMPTS_KEPT + SECOND), ("young", ATTEMPTS_KEPT - SECOND)):
        await connection.execute(
            "INSERT INTO denied_attempt VALUES ($1, $2, $1, $1, 'o', '/', $3, 'r')", uuid4(), NOW - age, code
        )
    await swept()
    assert [row["code"] for row in await connection.fetch("SELECT code FROM denied_attempt")] == ["young"]
