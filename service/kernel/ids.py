"""Identifiers made by the service, so that a reply is known before it is written.

PostgreSQL could make them only from version 18 on.
"""

import os
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_LOW = (1 << 62) - 1


def uuid7(at: datetime) -> UUID:
    """Return a UUIDv7 of an instant: 48 bits of milliseconds, then 74 random bits (RFC 9562 §5.7)."""
    milliseconds = int(at.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10))
    high = random >> 68
    low = random & _LOW
    return UUID(int=milliseconds << 80 | _VERSION_7 | high << 64 | _VARIANT | low)
