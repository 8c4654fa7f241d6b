"""A PostgreSQL for the benchmark, with databases that are built once and copied for each run."""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import update
from sqlalchemy.dialects import postgresql

import migrations
from schema.roles import OWNER
from schema.tables.activities import activity
from service.activities.queries import put_together
from service.kernel import embedded
from service.kernel.migrate import migrate
from service.kernel.provision import provide
from tests.bench import aggregate, plan_rows, request_rows, rows, world
from tests.bench.world import Noun, Size, id_of, sized
from tests.roles import PASSWORDS, address

_TABLES: tuple[tuple[str, Callable[[Size], Iterator[rows.Row]]], ...] = (
    ("organization", rows.organizations),
    ("user", rows.users),
    ("membership", rows.memberships),
    ("token", rows.tokens),
    ("agreement", rows.agreements),
    ("party", rows.parties),
    ("activity", rows.activities),
    ("organizer", rows.organizers),
    ("participant_group", rows.participant_groups),
    ("workplan_item", plan_rows.workplan_items),
    ("milestone", plan_rows.milestones),
    ("dataset", request_rows.datasets),
    ("data_request", request_rows.data_requests),
    ("delivery", request_rows.deliveries),
)
_CHUNK = 500
"""Agreements whose access is made in one statement."""
_SETTLE_SECONDS = 120
_UNSIGNED = """
    SELECT EXISTS (
        SELECT FROM audit_head LEFT JOIN audit_checkpoint USING (stream) WHERE audit_checkpoint.stream IS NULL
    )
"""


@contextmanager
def cluster(data_dir: Path | None) -> Generator[embedded.Cluster]:
    """Gives a server with fsync on, in a kept folder or in one that goes with it; stops it afterwards."""
    with tempfile.TemporaryDirectory(prefix="tenun-bench-") as temporary:
        running = embedded.start(data_dir or Path(temporary), durability=embedded.Durability.FULL)
        if not running.is_owner:
            raise SystemExit(f"{data_dir} is used by another process.")
        try:
            asyncio.run(provide(running.dsn(), PASSWORDS, database="tenun"))
            yield running
        finally:
            running.stop()


def postmaster(running: embedded.Cluster) -> int:
    """Gives the process id of the server."""
    return int((running.root / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def copied(running: embedded.Cluster, scale: float) -> Generator[str]:
    """Gives the address of a copy of the database of a scale, which is built first where it is missing."""
    built = asyncio.run(_built(running, scale))
    name = f"run_{built}"
    asyncio.run(_administer(running, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    asyncio.run(_administer(running, f"CREATE DATABASE {name} TEMPLATE {built} STRATEGY file_copy"))
    try:
        yield running.dsn(name)
    finally:
        asyncio.run(_administer(running, f"DROP DATABASE {name} WITH (FORCE)"))


async def settled(dsn: str) -> None:
    """Waits until the service has signed the streams of the copy, as it does at its first start."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(_SETTLE_SECONDS):
            while True:
                if not await connection.fetchval(_UNSIGNED):
                    return
                await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _built(running: embedded.Cluster, scale: float) -> str:
    """Gives the name of the database of a scale; it has that name only when it is complete."""
    name = f"x{scale:g}_{_fingerprint()}".replace(".", "_")
    connection = await asyncpg.connect(running.dsn())
    known = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name)
    await connection.close()
    if not known:
        await _administer(running, f"DROP DATABASE IF EXISTS new_{name} WITH (FORCE)")
        await _administer(running, f"CREATE DATABASE new_{name} OWNER {OWNER}")
        await migrate(address(running.dsn(f"new_{name}"), OWNER))
        await _fill(running.dsn(f"new_{name}"), sized(scale))
        await _administer(running, f"ALTER DATABASE new_{name} RENAME TO {name}")
    return name


def _fingerprint() -> str:
    """Gives what changes when the rows, the tables or what is derived from the rows do."""
    modules = (world, rows, plan_rows, request_rows, aggregate)
    ours = (Path(__file__), *(Path(module.__file__ or "") for module in modules))
    files = chain(ours, sorted(Path(migrations.__file__ or "").parent.glob("versions/*.py")))
    sources = chain((file.read_bytes() for file in files), [_documents().encode()])
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:8]


async def _administer(running: embedded.Cluster, command: str) -> None:
    connection = await asyncpg.connect(running.dsn())
    try:
        await connection.execute(command)
    finally:
        await connection.close()


async def _fill(dsn: str, size: Size) -> None:
    """Writes all rows without triggers, then what the triggers and the service would have made of them."""
    connection = await asyncpg.connect(
        dsn, server_settings={"session_replication_role": "replica", "work_mem": "256MB"}
    )
    try:
        for table, made in _TABLES:
            await _copy(connection, table, made(size))
        for start in range(0, size.agreements, _CHUNK):
            ids = [id_of(Noun.AGREEMENT, each) for each in range(start, min(start + _CHUNK, size.agreements))]
            await connection.execute("SELECT agreement_access_refresh($1)", ids)
        await connection.execute(f"INSERT INTO activity_tally {aggregate.activity_counts('true')}")
        await connection.execute(f"INSERT INTO attendance_tally {aggregate.attendance_counts('true')}")
        await connection.execute(_documents())
        await connection.execute(
            "INSERT INTO audit_head SELECT id, id, 1, link, link FROM agreement, sha256(uuid_send(id)) link"
        )
        await connection.execute("VACUUM (FULL) activity")
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _documents() -> str:
    """Gives the statement that writes the document of every activity, as the service does with each row."""
    seen: Any = activity.alias("seen")
    statement = update(seen).values(document=put_together(seen))
    return str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))


async def _copy(connection: asyncpg.Connection, table: str, made: Iterator[rows.Row]) -> None:
    first = next(made)
    columns = list(first)
    records = (tuple(row.values()) for row in chain([first], made))
    await connection.copy_records_to_table(table, records=records, columns=columns)
