"""The installation's secret: it signs cursors and keys hashes, the same for all copies of the service."""

import secrets

from service.access.queries import KEEP_SECRET, SECRET, NewSecret, Nothing
from service.kernel.database import Database

_BYTES = 32


async def kept_secret(database: Database) -> bytes:
    """Return the secret, made by whoever asks first."""
    await database.rows(KEEP_SECRET, NewSecret(secret=secrets.token_bytes(_BYTES)))
    found = await database.only(SECRET, Nothing())
    return bytes.fromhex(found.secret)
