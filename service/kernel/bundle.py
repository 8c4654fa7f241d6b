"""The files of a backup, and the documents among them: copied out of a store, and back into an empty one.

A document is a file under its id in the folder `documents`, and its bytes are those that its record tells.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from service.kernel.hosts import Connection
from service.kernel.problem import Problem
from service.kernel.programs import BackupError
from service.kernel.progress import Step
from service.kernel.storage import Storage

DOCUMENTS = "documents"

_RECORDS = "SELECT id::text, byte_size, sha256 FROM document ORDER BY id"
_LAST = "~"  # Behind every key.

Tell = Callable[[Step], None]


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of the backup, as it was written."""

    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


def file_at(path: Path) -> File:
    """Give what a file is."""
    with path.open("rb") as content:
        return File(sha256=hashlib.file_digest(content, "sha256").hexdigest(), size=content.tell())


def documents_among(files: Mapping[str, File]) -> dict[str, File]:
    """Give the documents among the files of a backup."""
    return {name: file for name, file in files.items() if name.startswith(f"{DOCUMENTS}/")}


async def documents_of(connection: Connection) -> dict[str, File]:
    """Give the files that the documents of a database are in its backup; none before there were documents."""
    if await connection.fetchval("SELECT to_regclass('document')") is None:
        return {}
    rows = await connection.fetch(_RECORDS)
    return {f"{DOCUMENTS}/{id}": File(size=size, sha256=sha256) for id, size, sha256 in rows}


async def copy_out(storage: Storage, directory: Path, *, files: Mapping[str, File], tell: Tell) -> None:
    """Copy documents from the store into the folder of a backup, durably; every byte is as its record tells.

    Raises BackupError for one that is not.
    """
    (directory / DOCUMENTS).mkdir(mode=0o700)
    for number, (name, file) in enumerate(files.items()):
        tell(Step(number, len(files), name))
        if await _copied(storage, directory / name, size=file.size) != file:
            raise BackupError(
                f"The bytes of document {_key(name)} are not in the store as they were stored. "
                "Put its file back from an older backup, or delete the document, and repeat."
            )
    keep_names(directory / DOCUMENTS)


async def copy_in(storage: Storage, directory: Path, *, files: Mapping[str, File], tell: Tell) -> None:
    """Copy documents from the folder of a backup into a store, and read each again.

    Raises BackupError for a store that does not give back what it was given.
    """
    for number, (name, file) in enumerate(files.items()):
        tell(Step(number, len(files), name))
        with (directory / name).open("rb") as content:
            await storage.put(_key(name), content)
        if await _read(storage, _key(name), size=file.size, heard=len) != file:
            raise BackupError(f"The store did not keep document {_key(name)}. Look after it, and repeat.")


async def demand_room(storage: Storage, *, files: Mapping[str, File]) -> None:
    """Refuse a store that holds what is not of the backup: no record would name it, and it would be swept."""
    ours = {_key(name) for name in files}
    async for keys in storage.keys("", last=_LAST):
        if strange := [key for key in keys if key not in ours]:
            raise BackupError(
                f"The store of documents already holds what is not in the backup, {strange[0]} for one. "
                "Restore into an empty TENUN_STORAGE_URL, or another --data-dir."
            )


def _key(name: str) -> str:
    return name.removeprefix(f"{DOCUMENTS}/")


async def _copied(storage: Storage, path: Path, *, size: int) -> File | None:
    """Copy a document to a path, and give what was copied."""
    with path.open("xb") as copy:
        found = await _read(storage, path.name, size=size, heard=copy.write)
        copy.flush()
        await asyncio.to_thread(os.fsync, copy.fileno())
    return found


async def _read(storage: Storage, key: str, *, size: int, heard: Callable[[bytes], object]) -> File | None:
    """Give what a store holds under a key, None when it cannot be read; `heard` gets every piece."""
    digest, length = hashlib.sha256(), 0
    try:
        async for piece in await storage.read(key, 0, end=size):
            digest.update(piece)
            heard(piece)
            length += len(piece)
    except Problem:
        return None
    return File(size=length, sha256=digest.hexdigest())


def keep_names(directory: Path) -> None:
    """Write the names in a folder to the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
