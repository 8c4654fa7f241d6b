"""The embedded cluster made ready for the service: its database, its owner, and the roles that serve.

The owner migrates. The service connects as a role that owns nothing, so row security holds for it; what
works in the background has a role of its own. None of them is a superuser.
"""

import asyncio
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg

from schema.roles import APP, OWNER, WORKER
from service.kernel import embedded

DATABASE = "tenun"


class Addresses(NamedTuple):
    """One database as its three roles; the owner is None where nobody may migrate."""

    app: str
    worker: str
    owner: str | None


@contextmanager
def embedded_database(data_dir: Path, *, bin_dir: Path | None) -> Generator[Addresses]:
    """Start the embedded PostgreSQL under a folder, or join the one that runs; give its addresses."""
    cluster = embedded.start(data_dir / "postgres", bin_dir=bin_dir)
    try:
        passwords = {role: _password(data_dir, role) for role in (OWNER, APP, WORKER)}
        asyncio.run(provide(cluster.dsn(), passwords, database=DATABASE))
        app, worker, owner = (
            cluster.dsn(DATABASE, user=role, password=passwords[role]) for role in (APP, WORKER, OWNER)
        )
        yield Addresses(app, worker, owner)
    finally:
        cluster.stop()


def _password(data_dir: Path, role: str) -> str:
    """Return the password of a role, made at the first start; of several starts at once one writes it."""
    file = data_dir / f"{role.removeprefix('tenun_')}.password"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(24))
    except FileExistsError:
        pass  # Another start made it.
    return file.read_text().strip()


async def provide(dsn: str, passwords: dict[str, str], *, database: str) -> None:
    """Make the roles that are missing, with these passwords, and the database, as a superuser."""
    connection = await asyncpg.connect(dsn)
    try:
        # Two starts at once would both find nothing; the second waits here and then finds it.
        await connection.execute("SELECT pg_advisory_lock(hashtext('tenun.provision'))")
        for role, password in passwords.items():
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            await connection.execute(f"CREATE DATABASE {database} OWNER {OWNER}")
    finally:
        await connection.close()
