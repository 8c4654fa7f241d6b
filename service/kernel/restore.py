"""A backup becomes a database again: all of it in one transaction, counted, and brought to this version.

folder     every byte is as it was written, and the schema is one that this version knows
database   holds no table, on a server that is not older and has the roles
store      holds no document that is not of the backup: an interrupted restore may be repeated
documents  into the store, and read again: no record is ever without its bytes
restore    one transaction of pg_restore: an interrupted one leaves no table
verify     every table has as many rows as in the snapshot, every document the bytes that its record tells
migrate    when the backup is older
"""

from pathlib import Path

from service.kernel.backup import DUMP, Manifest, connected, counting, row_counts, tables, whole
from service.kernel.bundle import Tell, copy_in, demand_room, documents_among, documents_of
from service.kernel.hosts import Connection
from service.kernel.migrate import TURN_LOCK, head, migrate, revisions
from service.kernel.programs import BackupError, program, run
from service.kernel.storage import Storage

_LOADING = "processing data for table "
_OPTIONS = ("--single-transaction", "--no-owner", "--no-password", "--verbose")


async def restore(
    dsn: str, directory: Path, *, storage: Storage, bin_dir: Path | None, tell: Tell
) -> Manifest:
    """Restore a backup into a database without tables, and give its manifest; the connecting role owns all.

    Raises BackupError; unless the verification found the fault, the database is then as empty as before.
    """
    manifest = whole(directory, tell=tell)
    documents = documents_among(manifest.files)
    _demand_known(manifest)
    async with connected(dsn) as connection:
        await _demand_room(connection, manifest)
        await demand_room(storage, files=documents)
        await copy_in(storage, directory, files=documents, tell=tell)
        major = connection.get_server_version().major
        pg_restore = await program("pg_restore", major=major, bin_dir=bin_dir)
        heard = counting(_LOADING, len(manifest.rows), tell=tell)
        await run([pg_restore, *_OPTIONS, directory / DUMP], dsn=dsn, heard=heard)
        _demand_same(await row_counts(connection), manifest)
        if await documents_of(connection) != documents:
            raise BackupError("The documents are not those that the records tell of. Drop this database.")
    await migrate(dsn)
    async with connected(dsn) as connection:
        await connection.execute("ANALYZE")  # A dump carries no statistics, and plans are poor without.
    return manifest


def _demand_known(manifest: Manifest) -> None:
    if manifest.revision not in revisions():
        raise BackupError(
            f"The backup has the schema {manifest.revision}, and this version of Tenun knows none after "
            f"{head()}. Restore it with Tenun {manifest.version} or newer."
        )


async def _demand_room(connection: Connection, manifest: Manifest) -> None:
    """Keep others from restoring and migrating until the connection ends; refuse what does not fit."""
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", TURN_LOCK):
        raise BackupError("Another process is migrating, backing up or restoring the database. Wait for it.")
    if found := await tables(connection):
        raise BackupError(
            f"The database already holds {len(found)} tables, {found[0]} among them. "
            "Restore into a new database, or another --data-dir."
        )
    server = connection.get_server_version().major
    if server < manifest.postgresql:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest.postgresql}, and the server is of {server}. "
            f"Restore it on PostgreSQL {manifest.postgresql} or newer."
        )
    await _demand_roles(connection, manifest)


async def _demand_roles(connection: Connection, manifest: Manifest) -> None:
    known = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    if missing := [role for role in manifest.roles if role not in known]:
        raise BackupError(
            f"The backup gives rights to roles that this server does not have: {', '.join(missing)}. "
            "Create them (CREATE ROLE) and repeat; passwords of roles are in no backup."
        )


def _demand_same(counted: dict[str, int], manifest: Manifest) -> None:
    names = sorted(counted.keys() | manifest.rows.keys())
    wrong = [name for name in names if counted.get(name) != manifest.rows.get(name)]
    if wrong:
        told = ", ".join(f"{name} {counted.get(name)} instead of {manifest.rows.get(name)}" for name in wrong)
        raise BackupError(f"The restored rows are not those of the backup: {told}. Drop this database.")
