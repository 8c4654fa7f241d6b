"""A primary that dies or freezes takes no acknowledged write with it, and none happens twice.

The service has an address that names both servers. Every commit waits for the standby, clients write with an
Idempotency-Key and repeat until they hear 201. The primary is killed with `kill -9`, or stands still; the
standby is promoted, and the old primary becomes its standby.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.roles import environment_of
from tests.trust.pair import Pair
from tests.trust.served import Served, wait_until
from tests.trust.tally import unhurried
from tests.trust.writers import (
    ACTIVITIES,
    Member,
    Writers,
    activity,
    assert_happened_once,
    kept,
    make_member,
)

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
INTERRUPT = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
TITLED = "SELECT id FROM activity WHERE title = $1"
LATEST = 9  # Seconds until an answer: a loan of a connection, the watch over loans, and the end of the loan.
CONNECTED = 3  # Seconds to find that the old server says nothing, and the new one.


@pytest.fixture(scope="module")
def pair(pg_bin) -> Generator[Pair]:
    """Gives two servers; their folder's name is short because their sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="tenun-") as folder:
        pair = Pair(Path(folder), pg_bin)
        try:
            pair.start()
            yield pair
        finally:
            pair.end()


@pytest.fixture(scope="module")
def served(pair, tmp_path_factory) -> Generator[Served]:
    """Gives a running service on both servers."""
    served = Served(tmp_path_factory.mktemp("served") / "tenun")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in environment_of(pair.dsn).items():
            environment.setenv(name, value)
        environment.setenv("TENUN_ACCESS_LOG", "false")
        try:
            served.start()
            yield served
        finally:
            served.end()


@pytest.fixture(scope="module")
def member(served) -> Member:
    return make_member(served)


# ------------------------------------------------------------------------------------- a server that goes


def kill(pair: Pair) -> None:
    """The machine loses its power: connections break."""
    pair.primary.kill()


def freeze(pair: Pair) -> None:
    """The machine stands still: connections stay open, new ones are taken, and nobody answers."""
    pair.primary.freeze()


def failover(pair: Pair, writers: Writers, *, blow: Callable[[Pair], None]) -> float:
    """Gives the seconds from the blow to the first write that the other server took."""
    began = time.monotonic()
    blow(pair)
    pair.promote()
    before = len(writers.acknowledged)
    wait_until(lambda: len(writers.acknowledged) > before)
    seconds = time.monotonic() - began
    pair.standby.kill()  # What was frozen must never wake up as a second primary.
    pair.rebuild()
    return seconds


CASES = [
    pytest.param([kill], 60, id="short"),
    pytest.param([kill] * 20 + [freeze] * 5, 900, id="full", marks=pytest.mark.drill),
]


@pytest.mark.parametrize(("blows", "seconds"), CASES)
def test_a_failover_loses_nothing_that_was_acknowledged_and_does_nothing_twice(
    pair, served, member, tell, blows, seconds
):
    unhurried()
    deadline = time.monotonic() + seconds
    writers = Writers(address=served.address, headers=member.headers, deadline=deadline)
    waits: list[float] = []
    with writers.writing([activity(member, number) for number in range(50_000)]):
        for blow in blows:
            writers.wait_for(len(writers.acknowledged) + 20)
            waits.append(failover(pair, writers, blow=blow))
        writers.wait_for(len(writers.acknowledged) + 20)
        writers.begin_no_more()
    found = kept(member, address=served.address, rows=pair.rows)
    lost = found.lost(writers.acknowledged)
    tell(
        acknowledged=len(writers.acknowledged),
        lost=lost,
        duplicated=found.duplicated,
        heard=dict(writers.heard),
        waits=waited(waits, blows),
    )
    assert_happened_once(found, writers.acknowledged)
    assert max(waits) < LATEST + CONNECTED


def waited(waits: list[float], blows: list[Callable[[Pair], None]]) -> str:
    """Gives how long it took until the next accepted write, by what befell the primary."""
    told: list[str] = []
    for kind in dict.fromkeys(blows):
        took = [wait for wait, blow in zip(waits, blows, strict=True) if blow is kind]
        median = statistics.median(took)
        told.append(f"{kind.__name__} {len(took)}: median {median:.2f} s, worst {max(took):.2f} s")
    return "; ".join(told)


# ------------------------------------------------------------------------------------ a standby that goes


def interrupted(pair: Pair, answer: Future[httpx.Response]) -> None:
    """An administrator ends every wait, and PostgreSQL tells the client a warning and success."""
    while not answer.done():
        pair.rows(INTERRUPT)


def left_alone(_: Pair, answer: Future[httpx.Response]) -> None:
    """Nobody ends the wait but the service itself."""


UNKNOWN = [
    pytest.param(interrupted, {"idempotency-key": "unknown"}, {}, id="a key"),
    pytest.param(interrupted, {}, {"client_ref": "phone-unknown"}, id="a client_ref"),
    pytest.param(left_alone, {"idempotency-key": "unknown"}, {}, id="left alone", marks=pytest.mark.drill),
]


@pytest.mark.parametrize(("meanwhile", "headers", "values"), UNKNOWN)
def test_a_change_that_no_standby_confirms_is_unknown_until_one_does(
    pair, served, member, meanwhile, headers, values
):
    title = f"Tidak pasti {uuid4()}"
    body = activity(member, 0) | {"title": title} | values
    with httpx.Client(base_url=served.address, headers=member.headers, timeout=30) as client:

        def posted() -> httpx.Response:
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(client.post, ACTIVITIES, json=body, headers=headers)
                meanwhile(pair, answer)
                return answer.result()

        pair.standby.kill()
        for _ in range(2):
            began = time.monotonic()
            answer = posted()
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), answer.text
            assert time.monotonic() - began < LATEST
            assert len(pair.rows(TITLED, title)) == 1
        assert pair.rows(WAITING) == []
        pair.standby.launch()
        pair.await_standby()
        answer = client.post(ACTIVITIES, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert [str(row["id"]) for row in pair.rows(TITLED, title)] == [answer.json()["id"]]
