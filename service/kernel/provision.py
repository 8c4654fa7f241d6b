"""The embedded cluster made ready for the service: its database, owned by a role that is no superuser."""

import asyncio
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from service.kernel import embedded

DATABASE = "tenun"
OWNER = "tenun_owner"


@contextmanager
def embedded_database(data_dir: Path, *, bin_dir: Path | None) -> Generator[str]:
    """Start the embedded PostgreSQL under a folder, or join the one that runs there, and give its address."""
    cluster = embedded.start(data_dir / "postgres", bin_dir=bin_dir)
    try:
        password = _password(data_dir / "owner.password")
        asyncio.run(_provide(cluster.dsn(), password))
        yield cluster.dsn(DATABASE, user=OWNER, password=password)
    finally:
        cluster.stop()


def _password(file: Path) -> str:
    """Return the owner's password, made at the first start; of several starts at once one writes it."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(24))
    except FileExistsError:
        pass  # Another start made it.
    return file.read_text().strip()


async def _provide(dsn: str, password: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        # Two starts at once would both find nothing; the second waits here and then finds it.
        await connection.execute("SELECT pg_advisory_lock(hashtext('tenun.provision'))")
        if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", OWNER):
            await connection.execute(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{password}'")
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    finally:
        await connection.close()
