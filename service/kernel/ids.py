"""Identifiers made by the service, so that a reply is known before it is written.

PostgreSQL could make them only from version 18 on.
"""

import secrets
from datetime import datetime
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62


def uuid7(at: datetime) -> UUID:
    """Return a UUIDv7 of an instant: 48 bits of milliseconds, then 74 random bits (RFC 9562 §5.7)."""
    milliseconds = int(at.timestamp() * 1000)
    random = secrets.randbits(74)
    high = random >> 62
    low = random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | _VERSION_7 | high << 64 | _VARIANT | low)
