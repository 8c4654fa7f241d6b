"""A backup: a folder with everything the database held at one instant, taken while the service writes.

    manifest.json   what it holds; written last and renamed into place: without it a folder is no backup
    database.dump   by pg_dump, in PostgreSQL's custom format, with the rights of roles, but no role
    documents/…     the bytes of every document that the dump names, by its id

    hold bytes  →  snapshot: rows counted, documents listed, dumped  →  documents copied  →  manifest
                   └ whatever is deleted from here on keeps its bytes in the store until the backup has ended

Not in it: the private key that signs audit checkpoints. Whoever finds a backup could otherwise sign a past of
their own.
"""

import hashlib
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import asyncpg
import msgspec
from msgspec import Meta
from msgspec.structs import replace

from service.kernel.bundle import DOCUMENTS, File, Tell, copy_out, documents_of, file_at, keep_names
from service.kernel.hosts import Connection, Hosts
from service.kernel.migrate import TURN_LOCK, current
from service.kernel.openapi import VERSION
from service.kernel.programs import BackupError, program, run
from service.kernel.progress import Step
from service.kernel.storage import KEPT_LOCK, Storage

DUMP = "database.dump"
MANIFEST = "manifest.json"

_PART = f"{MANIFEST}.part"
_CONNECT_SECONDS = 10
_DUMPING = "dumping contents of table "
_SETTINGS = {
    "application_name": "tenun backup",
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
    # Rows that a policy hides must fail a backup, not be missing from it.
    "row_security": "off",
}
_TABLES = """
SELECT format('%I.%I', nspname, relname) FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND nspname <> 'information_schema' AND nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
ORDER BY 1
"""
_ROLES = """
SELECT DISTINCT rolname FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
WHERE refclassid = 'pg_authid'::regclass AND deptype IN ('a', 'r')
  AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY 1
"""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup holds; `files` by their path in the folder, `rows` by the name of the table."""

    format: Literal[1] = 1
    version: Annotated[str, Meta(description="Of Tenun.")]
    revision: Annotated[str, Meta(description="Of the schema.")]
    postgresql: Annotated[int, Meta(description="Major version of the server.")]
    taken_at: Annotated[datetime, Meta(tz=True, description="What was committed before is in it.")]
    roles: Annotated[tuple[str, ...], Meta(description="Roles that have rights in it.")]
    rows: dict[str, Annotated[int, Meta(ge=0)]]
    files: dict[str, File]
    sha256: Annotated[str, Meta(description="Of the manifest with this field empty.")] = ""


class _Snapshot(NamedTuple):
    """What one transaction sees, and another one that is told its id; `manifest` names the documents."""

    id: str
    manifest: Manifest


async def back_up(
    dsn: str, directory: Path, *, storage: Storage, bin_dir: Path | None, tell: Tell
) -> Manifest:
    """Write a backup into a new or empty folder; the service may run and write meanwhile.

    Raises BackupError; then the folder is as empty as before.
    """
    with _fresh(directory) as dump:
        try:
            async with connected(dsn) as connection:
                await connection.execute("SELECT pg_advisory_lock_shared($1)", KEPT_LOCK)
                async with _snapshot(connection) as snapshot:
                    await _dump(dsn, dump, snapshot=snapshot, bin_dir=bin_dir, tell=tell)
                documents = snapshot.manifest.files
                await copy_out(storage, directory, files=documents, tell=tell)
        except asyncpg.InsufficientPrivilegeError as error:
            raise BackupError(f"{error}. Back up as the role that owns the tables.") from error
        manifest = replace(snapshot.manifest, files={DUMP: file_at(dump), **documents})
        return _write(directory, manifest)


def whole(directory: Path, *, tell: Tell) -> Manifest:
    """Give the manifest of a backup after a look at every byte of it; raise BackupError for what is none."""
    manifest = _read(directory)
    for number, (name, file) in enumerate(manifest.files.items()):
        tell(Step(number, len(manifest.files), f"checking {name}"))
        path = directory / name
        if not path.is_file() or file_at(path) != file:
            raise BackupError(f"{path} is missing or was changed since the backup. Use another backup.")
    return manifest


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator[Connection]:
    """Give a connection to the primary that no timeout ends and no policy shows less."""
    connection = await Hosts(dsn, timeout=_CONNECT_SECONDS).primary({"server_settings": _SETTINGS})
    try:
        yield connection
    finally:
        await connection.close()


async def tables(connection: Connection) -> list[str]:
    """Give the names of all tables of the database, ready to stand in a statement."""
    return [row[0] for row in await connection.fetch(_TABLES)]


async def row_counts(connection: Connection) -> dict[str, int]:
    """Give the number of rows of every table."""
    names = await tables(connection)
    return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in names}  # noqa: S608 - quoted by PostgreSQL.


@contextmanager
def _fresh(directory: Path) -> Generator[Path]:
    """Give the file to dump into, in a folder of its own; without success it is empty again afterwards.

    Only this user can read it, whoever may enter the folder; a second backup into it finds it taken.
    """
    dump = directory / DUMP
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise BackupError(f"{directory} is not empty. Name a new folder; an existing backup is kept.")
        dump.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise BackupError(f"{directory} cannot be used: {error.strerror}. Name another folder.") from error
    try:
        yield dump
    except BaseException:
        for left in (dump, directory / _PART):
            left.unlink(missing_ok=True)
        shutil.rmtree(directory / DOCUMENTS, ignore_errors=True)
        raise


@asynccontextmanager
async def _snapshot(connection: Connection) -> AsyncGenerator[_Snapshot]:
    """Hold one state of the database, and count what it holds.

    Nothing migrates meanwhile: to a snapshot that is older than the rewriting of a table, the table is empty.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_lock_shared($1)", TURN_LOCK):
        raise BackupError("Another process is migrating the database. Repeat when it has finished.")
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        revision = await current(connection)
        if revision is None:
            raise BackupError(
                "The database holds no schema of Tenun. Check TENUN_DATABASE_URL or --data-dir."
            )
        manifest = Manifest(
            version=VERSION,
            revision=revision,
            postgresql=connection.get_server_version().major,
            taken_at=await connection.fetchval("SELECT now()"),
            roles=tuple(row[0] for row in await connection.fetch(_ROLES)),
            rows=await row_counts(connection),
            files=await documents_of(connection),
        )
        yield _Snapshot(snapshot, manifest)


async def _dump(dsn: str, dump: Path, *, snapshot: _Snapshot, bin_dir: Path | None, tell: Tell) -> None:
    pg_dump = await program("pg_dump", major=snapshot.manifest.postgresql, bin_dir=bin_dir)
    # A lock that somebody waits for, whom our own transaction keeps waiting, would never be had.
    options = ("--format=custom", "--no-password", "--verbose", "--lock-wait-timeout=30s")
    places = (f"--snapshot={snapshot.id}", f"--file={dump}")
    heard = counting(_DUMPING, len(snapshot.manifest.rows), tell=tell)
    await run([pg_dump, *options, *places], dsn=dsn, heard=heard)


def counting(sign: str, of: int, *, tell: Tell) -> Callable[[str], None]:
    """Give what hears the lines of a program and tells a step at each that contains the sign."""
    done = 0

    def heard(line: str) -> None:
        nonlocal done
        _, found, name = line.partition(sign)
        if found:
            tell(Step(done, of, name.replace('"', "")))
            done += 1

    return heard


def _sealed(manifest: Manifest) -> Manifest:
    text = msgspec.json.encode(replace(manifest, sha256=""))
    return replace(manifest, sha256=hashlib.sha256(text).hexdigest())


def _write(directory: Path, manifest: Manifest) -> Manifest:
    """Put the manifest in its place whole, after everything that it names has reached the disk."""
    manifest, part = _sealed(manifest), directory / _PART
    with part.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(directory / MANIFEST)
    keep_names(directory)
    return manifest


def _read(directory: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((directory / MANIFEST).read_bytes(), type=Manifest)
    except OSError as error:
        raise BackupError(
            f"{directory} is no backup: {MANIFEST} cannot be read ({error.strerror}), "
            "as when a backup was interrupted. Name the folder of a finished backup."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupError(
            f"{directory / MANIFEST} is none of this version of Tenun: {error}. Use another backup."
        ) from error
    if _sealed(manifest) != manifest:
        raise BackupError(f"{directory / MANIFEST} was changed since the backup. Use another backup.")
    return manifest
