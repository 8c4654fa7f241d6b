"""Uploads to a service as an operator runs it: what is killed meanwhile, and how much memory they take."""

import asyncio
import hashlib
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from service.documents.orphans import YOUNGEST, sweep_orphans
from service.kernel import embedded, instants
from service.kernel.database import opened
from service.kernel.storage import Storage
from tests.documents.files import BAD, PDF
from tests.documents.given import PATH, form
from tests.trust.tally import unhurried
from tests.trust.test_kill import kill_both, kill_postgres, kill_service

CLIENTS = 4
CASES = [
    pytest.param(16, [kill_service], 60, id="short"),
    pytest.param(
        200,
        [kill_service] * 5 + [kill_postgres] * 2 + [kill_both] * 2,
        400,
        id="full",
        marks=pytest.mark.drill,
    ),
]


def content(number: int) -> bytes:
    """Gives a file of its own for each number, up to 2 MB."""
    return PDF + random.Random(number).randbytes(number * 9973 % 2_000_000)


def stored(member, address: str, number: int, *, deadline: float, heard: Counter[str]) -> str:
    """Sends a file until it is acknowledged, and gives the id of its document."""
    name = f"berkas-{number}.pdf"
    while time.monotonic() < deadline:
        try:
            answer = httpx.post(
                f"{address}{PATH}",
                headers={**member.headers, "idempotency-key": name},
                data=form(member.agreement),
                files={"file": (name, content(number))},
                timeout=15,
            )
        except httpx.TransportError as error:
            heard[type(error).__name__] += 1
        else:
            heard[str(answer.status_code)] += 1
            if answer.status_code == 201:
                return answer.json()["id"]
            assert answer.status_code in {409, 503}, answer.text
        time.sleep(random.uniform(0.02, 0.1))
    raise AssertionError(f"not acknowledged in time: {name}")


async def swept(dsn: str, folder: Path) -> int:
    """Sweeps as the worker does, when everything that lies there is old enough."""
    later = instants.now() + YOUNGEST + timedelta(minutes=1)
    async with opened(dsn, size=1) as database:
        return await sweep_orphans(database, Storage(folder.as_uri()), now=later)


@pytest.mark.parametrize(("uploads", "kills", "seconds"), CASES)
def test_no_record_is_without_its_bytes_whatever_is_killed(served, member, tell, uploads, kills, seconds):
    unhurried()
    began, heard = time.monotonic(), Counter[str]()
    folder = served.folder / "documents"
    moments = sorted(random.sample(range(1, uploads), len(kills)))

    def upload(number: int) -> str:
        return stored(member, served.address, number, deadline=began + seconds, heard=heard)

    with ThreadPoolExecutor(CLIENTS) as pool:
        tasks = [pool.submit(upload, number) for number in range(uploads)]
        for blow, moment in zip(random.sample(kills, len(kills)), moments, strict=True):
            while sum(task.done() for task in tasks) < moment:
                time.sleep(0.002)
            time.sleep(random.uniform(0, 0.1))
            blow(served)
        acknowledged = {number: task.result() for number, task in enumerate(tasks)}
    rows = served.rows("SELECT id::text, filename, sha256, byte_size FROM document")
    lying = {each.name for each in folder.iterdir()}
    orphans = asyncio.run(swept(embedded.start(served.folder / "postgres").dsn("tenun"), folder))
    damaged = [
        row["id"]
        for row in rows
        if not (folder / row["id"]).is_file()
        or hashlib.sha256((folder / row["id"]).read_bytes()).hexdigest() != row["sha256"]
    ]
    used = served.rows("SELECT sum(byte_size)::bigint AS used FROM document_usage")[0]["used"]
    tell(
        uploads=uploads,
        records=len(rows),
        without_their_bytes=len(damaged),
        lay_there=len(lying),
        swept=orphans,
        kills=len(kills),
        heard=dict(heard),
        seconds=f"{time.monotonic() - began:.0f}",
    )
    assert damaged == []
    assert {row["filename"]: row["id"] for row in rows} == {
        f"berkas-{number}.pdf": found for number, found in acknowledged.items()
    }
    assert len(rows) == uploads
    assert used == sum(row["byte_size"] for row in rows)
    assert {each.name for each in folder.iterdir()} == {row["id"] for row in rows}


# ----------------------------------------------------------------------------------------------------- memory

MEGABYTE = 1024**2
LARGEST = PDF + bytes(25 * MEGABYTE - len(PDF))
MOST_GROWTH = 80
"""MB, of which four uploads of 25 MB at once may take no more: the store is given parts of 5 MB."""


def sent(member, address: str, name: str, content: bytes) -> int:
    """Sends a file and gives the status of the answer."""
    return httpx.post(
        f"{address}{PATH}",
        headers=member.headers,
        data=form(member.agreement),
        files={"file": (name, content)},
        timeout=60,
    ).status_code


def test_no_file_takes_much_memory_of_the_service(served, member, tell):
    unhurried()
    assert sent(member, served.address, "surat.pdf", PDF) == 201
    before = served.peak_memory()
    told = {"before": f"{before} MB"}
    for case, (name, content, _) in BAD.items():
        served.forget_peak()
        assert sent(member, served.address, name, content) == 422
        told[case] = f"+{served.peak_memory() - before}"
    for case, at_once in (("25 MB", 1), ("4 x 25 MB at once", 4)):
        served.forget_peak()
        with ThreadPoolExecutor(at_once) as pool:
            tasks = [pool.submit(sent, member, served.address, "surat.pdf", LARGEST) for _ in range(at_once)]
            assert {task.result() for task in tasks} == {201}
        told[case] = f"+{served.peak_memory() - before}"
    served.forget_peak()
    assert sent(member, served.address, "surat.pdf", LARGEST + b" ") == 413
    told["one byte more"] = f"+{served.peak_memory() - before}"
    tell(**told)
    assert max(int(each) for each in list(told.values())[1:]) < MOST_GROWTH
