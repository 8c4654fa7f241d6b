"""The cases: what each sends, half of it for the small party and half for the large one."""

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.bench import reading, writing
from tests.bench.load import Generator, Plan, by_asyncio
from tests.bench.sending import Ground

CONNECTIONS = 16
_FEW = 2


class Case(NamedTuple):
    """One case; `differing` are fields of the answer that no two servers can give alike.

    `send` is a generator of its own where wrk will not do: it throws away what is not answered within a run.
    """

    name: str
    title: str
    comparators: tuple[str, ...]
    plan: Callable[[Ground], Plan]
    differing: tuple[str, ...] = ()
    connections: int = CONNECTIONS
    send: Generator | None = None

    def comparable(self, body: bytes) -> bytes:
        """Gives an answer without what has to differ."""
        if not self.differing:
            return body
        names = "|".join(self.differing).encode()
        return re.sub(rb'"(%b)":("[^"]*"|[0-9]+)' % names, rb'"\1":null', body)


_STAMPS = ("id", "version", "created_at", "updated_at")
CASES = (
    Case("R1", "GET /v1/agreements/{id}", ("bare", "orm"), reading.agreements),
    Case(
        "R2",
        "GET /v1/activities?agreement_id=…&limit=50, pages 1 and 3",
        ("bare", "orm"),
        reading.pages_of_one,
        ("next_cursor",),
    ),
    Case("R3", "GET /v1/agreements/{id}/summary", ("bare",), reading.summaries),
    Case(
        "R4",
        "GET /v1/activities?limit=50, pages 1 to 20",
        ("bare", "orm"),
        reading.pages_of_all,
        ("next_cursor",),
    ),
    Case(
        "R4Q",
        "GET /v1/data-requests?role=holder&overdue=true&limit=50, pages 1 to 3",
        ("bare",),
        reading.queues,
        ("next_cursor",),
    ),
    Case("W1", "POST /v1/activities", ("bare", "orm"), writing.logged, _STAMPS),
    Case(
        "W2",
        "POST /v1/activities/{id}/transitions",
        ("bare",),
        writing.moved,
        (*_STAMPS, "state_reason"),
    ),
    Case("W2R", "POST /v1/data-requests/{id}/transitions", ("bare",), writing.assigned, _STAMPS),
    Case(
        "B3",
        "POST /v1/activities/batch, 200 a request",
        ("bare",),
        writing.batches,
        ("id", "client_ref"),
        connections=_FEW,
        send=by_asyncio,
    ),
)
