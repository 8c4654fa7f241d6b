"""A full disk: nothing is half written, whoever asks is told to come back, and with room all goes on.

The data of PostgreSQL lie on a small disk of their own, which is filled while clients write.
"""

import contextlib
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import asyncpg
import httpx
import pytest

from service.kernel.embedded import EmbeddedError
from tests.trust.served import Served
from tests.trust.tally import unhurried
from tests.trust.writers import ACTIVITIES, Writers, activity, assert_happened_once, kept

DISK = 256 * 1024 * 1024
SECONDS = 120  # For all writes of a case; the drill fails when they are not acknowledged by then.
LONG = 2_000  # Bytes of an outcome, as hexadecimal digits, which do not compress well.
LOG_FILES = DISK // (16 * 1024 * 1024)
NEXT_LOG_FILE = "SELECT pg_logical_emit_message(false, 'drill', '')::text, pg_switch_wal()::text"
RECOVERED = 10.0


@pytest.fixture
def disk(tmp_path) -> Generator[Path]:
    """Gives the folder of a small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = f"size={DISK},mode=0755"
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", "--lazy", folder], check=True)


@pytest.fixture
def served(disk, monkeypatch) -> Generator[Served]:
    monkeypatch.delenv("TENUN_DATABASE_URL", raising=False)
    monkeypatch.setenv("TENUN_ACCESS_LOG", "false")
    served = Served(disk / "tenun")
    try:
        served.start()
        yield served
    finally:
        served.end()


def fill(disk: Path) -> Path:
    """Leaves no room on a disk, and gives the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        with contextlib.suppress(OSError):  # Writers may take a part meanwhile.
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free)
        with contextlib.suppress(OSError):
            file.seek(0, os.SEEK_END)
            while True:
                os.write(file.fileno(), bytes(4096))
    return filler


def data(_served: Served) -> None:
    """Nothing more: the first table that needs a page does not get it."""


def log(served: Served) -> None:
    """PostgreSQL's log of changes needs a new file: it stops without one, and cannot even recover.

    It keeps some files to use again, so those are used up first.
    """
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, EmbeddedError):
        for _ in range(LOG_FILES):
            served.rows(NEXT_LOG_FILE)
        raise AssertionError("the disk has room")


Filling = Callable[[Served], None]


def overfill(served: Served, writers: Writers, *, disk: Path, need: Filling) -> None:
    """Fills the disk until no write is acknowledged any more, and makes room again."""
    filler = fill(disk)
    need(served)
    seen = -1
    while seen != len(writers.acknowledged):
        seen = len(writers.acknowledged)
        time.sleep(1)
    assert asked(served, writers) == (200, {200} if need is data else {503})
    filler.unlink()
    if need is log:
        served.stop()
        served.start()


def asked(served: Served, writers: Writers) -> tuple[int, set[int]]:
    """Gives the statuses of /healthz, and of a read and of readiness, while the disk is full."""
    with httpx.Client(base_url=served.address, headers=writers.headers, timeout=10) as client:
        reads = {client.get(path).status_code for path in ("/readyz", ACTIVITIES)}
        return client.get("/healthz").status_code, reads


@pytest.mark.parametrize(
    ("needs", "writes"),
    [
        pytest.param([data], 400, id="short"),
        pytest.param([data, log] * 3, 3_000, id="full", marks=pytest.mark.drill),
    ],
)
def test_a_full_disk_stops_writes_and_leaves_no_half_of_one(served, member, disk, tell, needs, writes):
    unhurried()
    began = time.monotonic()
    bodies = [activity(member, number, outcome=random.randbytes(LONG).hex()) for number in range(writes)]
    writers = Writers(
        address=served.address, headers=member.headers, deadline=began + SECONDS * (1 + len(needs))
    )
    slowest = 0.0
    with writers.writing(bodies):
        for number, need in enumerate(needs):
            writers.wait_for(20 + writes * number // len(needs))
            overfill(served, writers, disk=disk, need=need)
            slowest = max(slowest, recovery(writers, writes=writes))
    found = kept(member, address=served.address, rows=served.rows)
    tell(
        acknowledged=len(writers.acknowledged),
        lost=found.lost(writers.acknowledged),
        duplicated=found.duplicated,
        filled=dict(Counter(need.__name__ for need in needs)),
        heard=dict(writers.heard),
        slowest_recovery=f"{slowest:.2f} s",
        seconds=round(time.monotonic() - began),
    )
    assert writers.heard["503"] > 0
    assert slowest < RECOVERED
    assert len(writers.acknowledged) == writes
    assert_happened_once(found, writers.acknowledged)


def recovery(writers: Writers, *, writes: int) -> float:
    """Gives the seconds until the next write is acknowledged, if there is any."""
    began = time.monotonic()
    writers.wait_for(min(len(writers.acknowledged) + 1, writes))
    return time.monotonic() - began
