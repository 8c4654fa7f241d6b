"""Copies of a whole installation: a backup of the database and its documents, and the way back."""

import argparse
import asyncio
import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from service.commands import places
from service.commands.exits import BROKEN, OK
from service.kernel import progress
from service.kernel.bundle import documents_among
from service.kernel.migrate import head
from service.kernel.provision import Addresses
from service.kernel.storage import Storage

if TYPE_CHECKING:
    from schema.wire.audit import AuditVerification
    from service.kernel.backup import Manifest

_UNAUDITED = "The audit trail was not verified: put its key at {file} and run `tenun audit verify`."


def backup(given: argparse.Namespace) -> None:
    """Write a backup of the database and its documents into a new folder, while the service may run.

    The private key that signs audit checkpoints is not part of a backup: keep a copy of it elsewhere.
    """
    from service.kernel.backup import back_up  # noqa: PLC0415 - it imports what the documents are made of.

    began = perf_counter()
    with places.database(given) as addresses, progress.shown() as tell:
        manifest = asyncio.run(back_up(places.owner(addresses), given.directory, **_places(given), tell=tell))
    told = _told(given.directory, manifest, seconds=perf_counter() - began)
    if given.json:
        print(json.dumps(told))
    else:
        print(
            "Backed up {tables} tables with {rows} rows and {documents} document(s), as of {taken_at}, "
            "in {seconds} s: {directory}\n"
            "The key that signs audit checkpoints is not in it: keep a copy of that elsewhere.".format(**told)
        )


def restore(given: argparse.Namespace) -> int:
    """Make a backup the database, which must be empty, and verify it; migrates it when it is older.

    Where the key of the audit trail is, that is verified as well: exit 3 when it is broken.
    """
    from service.audit import witness  # noqa: PLC0415 - it compiles statements at import.
    from service.kernel.restore import restore as bring_back  # noqa: PLC0415 - as in `backup`.

    began = perf_counter()
    with places.database(given) as addresses, progress.shown() as tell:
        manifest = asyncio.run(
            bring_back(places.owner(addresses), given.directory, **_places(given), tell=tell)
        )
        found = _audited(given, addresses)
    told = _told(given.directory, manifest, seconds=perf_counter() - began)
    if given.json:
        print(json.dumps(told | {"migrated_to": head(), "audit_whole": found and found.whole}))
    else:
        print(
            "Restored {tables} tables with {rows} rows and {documents} document(s), as of {taken_at}, "
            "in {seconds} s.\n"
            "Verified: {files} file(s) by their hashes, the rows of every table by their number; "
            "schema {revision}, now {now}.".format(**told, now=head())
        )
        print(witness.as_sentence(found) if found else _UNAUDITED.format(file=places.audit_key_file(given)))
    return BROKEN if found and not found.whole else OK


def _audited(given: argparse.Namespace, addresses: Addresses) -> "AuditVerification | None":
    """Return what came of checking the audit trail, None without the key that signed it."""
    from service.audit import witness  # noqa: PLC0415 - as in `restore`.
    from service.kernel.signing import read_keys  # noqa: PLC0415 - as in `restore`.

    file = places.audit_key_file(given)
    if not file.exists():
        return None
    return asyncio.run(witness.verify_everything(addresses.worker, read_keys(file)))


def _places(given: argparse.Namespace) -> dict[str, Any]:
    """Return where documents lie and PostgreSQL's programs, as copying in either direction needs them."""
    return {"storage": Storage(places.storage(given)), "bin_dir": places.programs()}


def _told(directory: Path, manifest: "Manifest", *, seconds: float) -> dict[str, object]:
    """Return what to tell of a backup that was written, or restored."""
    return {
        "directory": str(directory),
        "taken_at": manifest.taken_at.isoformat(),
        "revision": manifest.revision,
        "tables": len(manifest.rows),
        "rows": sum(manifest.rows.values()),
        "documents": len(documents_among(manifest.files)),
        "files": len(manifest.files),
        "seconds": round(seconds, 2),
    }
