"""A hash chain: each link is the SHA-256 of the link before it and of what it holds.

The statement of a change computes links in PostgreSQL (`service.kernel.ledger`); here they are checked.
"""

import hashlib
from uuid import UUID


def genesis(stream: UUID) -> bytes:
    """Return what the first entry of a stream is chained to; of another stream it is another."""
    return hashlib.sha256(b"tenun audit stream " + stream.bytes).digest()


def link(before: bytes, canonical: bytes) -> bytes:
    """Return the hash of an entry; `before` always has 32 bytes, so no two pairs read alike."""
    return hashlib.sha256(before + canonical).digest()
