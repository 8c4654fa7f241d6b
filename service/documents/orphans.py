"""Bytes that no record names: those of an upload that ended before its record, and of a deleted document.

While a backup reads the store, nothing is deleted from it.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from service.documents.queries import FORGET, REMOVED, UNKNOWN, Ids, Some
from service.kernel.database import Database
from service.kernel.ids import uuid7
from service.kernel.storage import Storage

YOUNGEST = timedelta(hours=1)
"""Bytes are this old when looked for: no request lasts so long, so their record is there or never."""

OLDEST = timedelta(days=30)
"""Bytes older than this were looked for hundreds of times."""

_AT_ONCE = 1000


async def sweep_orphans(database: Database, storage: Storage, *, now: datetime) -> int:
    """Delete bytes that no document names, and say how many."""
    swept = 0
    async for removed in _removed(database):
        swept += await _delete(storage, removed)
        await database.rows(FORGET, removed)
    async for unknown in _unknown(database, storage, now=now):
        swept += await _delete(storage, unknown)
    return swept


async def _removed(database: Database) -> AsyncIterator[Ids]:
    """Give deleted documents; what was given is forgotten before more is asked for."""
    while (removed := await database.only(REMOVED, Some(_AT_ONCE))).ids:
        yield removed


async def _unknown(database: Database, storage: Storage, *, now: datetime) -> AsyncIterator[Ids]:
    """Give what no record was written for; a key is a UUIDv7, so it tells how old it is."""
    first, last = (str(uuid7(now - age)) for age in (OLDEST, YOUNGEST))
    await storage.discard_parts(last)
    async for keys in storage.keys(first, last=last):
        ids = tuple(found for key in keys if (found := _id(key)) is not None)
        yield await database.only(UNKNOWN, Ids(ids))


async def _delete(storage: Storage, orphans: Ids) -> int:
    for orphan in orphans.ids:
        await storage.delete(str(orphan))
    return len(orphans.ids)


def _id(key: str) -> UUID | None:
    """Return the id that a key is; what is no key of ours is left alone."""
    try:
        return UUID(key)
    except ValueError:
        return None
