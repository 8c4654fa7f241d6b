"""Queues of a desk stay fast among 50,000 requests: each reads its index and little else."""

import json
import re
from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import uuid4

import asyncpg
import pytest

from schema.roles import APP
from schema.wire.data_requests import RequestSort
from service.data_requests import listing
from service.data_requests.listing import Filters, Side
from tests import make
from tests.roles import address
from tests.trust.tally import p99

MANY = """
INSERT INTO data_request (id, version, created_at, updated_at, lane, requester_organization_id,
  holder_organization_id, title, purpose, fields, personal_data, state, number, received_on, submitted_by,
  policy, reviewer_ids, recommender_ids, due_on, due_at, assignee_id)
SELECT gen_random_uuid(), 1, now(), now(), 'ppid',
  one.ids[1 + n % 40], one.ids[1 + (n + 1 + n / 40 % 38) % 40],
  'RUP', 'Pemantauan', '{pagu}', false, CASE WHEN n % 10 = 0 THEN 'submitted' ELSE 'withdrawn' END,
  'N-' || n, DATE '2025-01-01' + n % 300, one.persons[1 + n % 400], '{}', '{}', '{}',
  DATE '2025-01-15' + n / 10 % 300,
  CASE WHEN n % 10 = 0 THEN timestamptz '2025-01-16' + (n / 10 % 300) * interval '1 day' END,
  one.persons[1 + n % 400]
FROM generate_series(1, 50000) AS n, (SELECT $1::uuid[] AS ids, $2::uuid[] AS persons) AS one
"""
ASSIGNED = "SELECT assignee_id FROM data_request WHERE holder_organization_id = $1 LIMIT 1"


@pytest.fixture
async def crowded(database, connection):
    """Gives a connection as the application, and an organization that is a side of a few of many requests."""
    ids = [await make.organization(connection) for _ in range(40)]
    persons = [uuid4() for _ in range(400)]
    await connection.execute(MANY, ids, persons)
    await connection.execute("ANALYZE data_request")
    app = await asyncpg.connect(address(database, APP))
    await app.execute("SELECT set_config('tenun.acting', $1, false)", str(ids[0]))
    yield app, ids[0], await connection.fetchval(ASSIGNED, ids[0])
    await app.close()


def filters(acting_id, person):
    now = datetime(2025, 4, 1, tzinfo=UTC)
    return Filters(
        acting_id=acting_id,
        row_limit=51,
        now=now,
        soon_until=now + timedelta(days=3),
        caller_id=person,
        states=("submitted",),
    )


VIEWS = {
    "holder, overdue": (Side.HOLDER, RequestSort.DUE, {"now"}, "ix_data_request_holder_due"),
    "holder, overdue, newest": (Side.HOLDER, RequestSort.NEWEST, {"now"}, "ix_data_request_holder_due"),
    "holder, due soon": (Side.HOLDER, RequestSort.DUE, {"soon_until"}, "ix_data_request_holder_due"),
    "requester, overdue": (Side.REQUESTER, RequestSort.DUE, {"now"}, "ix_data_request_requester_due"),
    "requester, newest": (
        Side.REQUESTER,
        RequestSort.NEWEST,
        set[str](),
        "ix_data_request_requester_organization_id",
    ),
    "holder, mine": (Side.HOLDER, RequestSort.NEWEST, {"caller_id"}, "ix_data_request_assignee"),
    "both sides, overdue": (Side.ANY, RequestSort.DUE, {"now"}, "ix_data_request_holder_due"),
}
"""What a desk asks for, and the index it has for that."""


async def explained(app, statement, given):
    """Gives the plan of a statement as it ran: that for whatever is asked, which a connection soon keeps."""
    await app.execute(f"SET plan_cache_mode = force_generic_plan; PREPARE queue AS {statement.sql}")
    values = ", ".join(map(literal, given))
    plan = await app.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE queue ({values})")
    await app.execute("DEALLOCATE queue; RESET plan_cache_mode")
    return plan, json.loads(plan)[0]["Execution Time"]


def literal(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"'{{{','.join(map(str, value))}}}'"
    return "NULL" if value is None else f"'{value}'"


@pytest.mark.parametrize(("side", "sort", "used", "index"), VIEWS.values(), ids=VIEWS)
async def test_a_queue_reads_its_index_and_little_else(crowded, side, sort, used, index):
    app, acting_id, person = crowded
    statement = listing.listing(frozenset(used), side, sort=sort, few=True)
    plan, milliseconds = await explained(app, statement, statement.arguments(filters(acting_id, person)))
    assert index in plan
    assert not re.search(r'"Seq Scan",[^}]*?"Relation Name": "data_request"', plan)
    assert milliseconds < 250


@pytest.mark.drill
@pytest.mark.alone
async def test_how_long_the_queues_take(crowded, tell):
    app, acting_id, person = crowded
    for name, (side, sort, used, index) in VIEWS.items():
        statement = listing.listing(frozenset(used), side, sort=sort, few=True)
        given, seconds = statement.arguments(filters(acting_id, person)), list[float]()
        for _ in range(300):
            started = perf_counter()
            found = json.loads(await app.fetchval(statement.sql, *given))
            seconds.append(perf_counter() - started)
        plan, milliseconds = await explained(app, statement, given)
        indexes = sorted(set(re.findall(r"ix_data_request_\w+|pk_data_request", plan)))
        median = sorted(seconds)[len(seconds) // 2]
        tell(
            queue=name,
            items=len(found["items"]),
            p50_ms=f"{median * 1e3:.2f}",
            p99_ms=f"{p99(seconds) * 1e3:.2f}",
            in_plan_ms=f"{milliseconds:.2f}",
            reads=" ".join(indexes),
        )
        assert index in indexes
        assert found["items"]
        assert p99(seconds) < 0.25
