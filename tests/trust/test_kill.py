"""A 2xx is durable and happened once, whatever is killed meanwhile.

Clients write with an Idempotency-Key and repeat until they hear 201, while the service, its worker,
PostgreSQL or one of PostgreSQL's sessions is killed with `kill -9`. Every second write has a client_ref as
well; the others have nothing but their key that could stop a second activity.
"""

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.trust.served import Served
from tests.trust.tally import unhurried
from tests.trust.writers import Writers, activity, assert_happened_once, kept

CRASH_LOOP = 6  # Seconds within which the death of another worker would make the service give up.


def kill_service(served: Served) -> None:
    served.kill_service()
    served.start()


def kill_postgres(served: Served) -> None:
    served.kill_postgres()
    served.stop()
    served.start()


def kill_both(served: Served) -> None:
    served.kill_postgres()
    served.kill_service()
    served.start()


def kill_worker(served: Served) -> None:
    """The service starts another by itself."""
    served.kill_worker()
    time.sleep(CRASH_LOOP)


def kill_session(served: Served) -> None:
    """Nobody starts anything again: the server and the service recover by themselves."""
    served.kill_session()


Blow = Callable[[Served], None]
CASES = [
    pytest.param(150, [kill_service, kill_postgres], 100, id="short"),
    pytest.param(
        10_000,
        [kill_session] * 50
        + [kill_worker] * 20
        + [kill_service] * 15
        + [kill_postgres] * 8
        + [kill_both] * 7,
        700,
        id="full",
        marks=pytest.mark.drill,
    ),
]


def strike(served: Served, writers: Writers, *, kills: list[Blow], writes: int) -> None:
    """Kills at random moments, one after the other, each while some write is on its way."""
    moments = sorted(random.sample(range(1, writes * 9 // 10), len(kills)))
    for blow, moment in zip(random.sample(kills, len(kills)), moments, strict=True):
        writers.wait_for(moment)
        blow(served)


@pytest.mark.parametrize(("writes", "kills", "seconds"), CASES)
def test_what_was_acknowledged_is_kept_and_happened_once(served, member, tell, writes, kills, seconds):
    unhurried()
    began = time.monotonic()
    writers = Writers(address=served.address, headers=member.headers, deadline=began + seconds)
    with writers.writing([activity(member, number) for number in range(writes)]):
        strike(served, writers, kills=kills, writes=writes)
    served.stop()
    served.start()
    found = kept(member, address=served.address, rows=served.rows)
    tell(
        acknowledged=len(writers.acknowledged),
        lost=found.lost(writers.acknowledged),
        duplicated=found.duplicated,
        kills=dict(Counter(blow.__name__ for blow in kills)),
        heard=dict(writers.heard),
        seconds=round(time.monotonic() - began),
    )
    assert len(writers.acknowledged) == writes
    assert_happened_once(found, writers.acknowledged)
