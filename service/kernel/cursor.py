"""Opaque cursors: where a list goes on, signed for one operation, its filters and one organization."""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from service.kernel.problem import Fault, Problem

T = TypeVar("T")

_TAG_BYTES = 16


def sign(position: Sequence[object], *, scope: bytes, secret: bytes) -> str:
    """Return a cursor for a position in the list that `scope` names."""
    text = msgspec.json.encode(list(position))
    return urlsafe_b64encode(_tag(text, scope, secret=secret) + text).rstrip(b"=").decode()


def read(cursor: str, kind: type[T], *, scope: bytes, secret: bytes) -> T:
    """Return the position a cursor holds, converted to `kind`.

    Raises `validation_failed` when one bit of it was changed or it belongs to another list.
    """
    try:
        raw = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        tag, text = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        # Base64 has spare bits at the end; only the one spelling that we wrote is accepted.
        if (
            hmac.compare_digest(tag, _tag(text, scope, secret=secret))
            and urlsafe_b64encode(raw).rstrip(b"=").decode() == cursor
        ):
            return msgspec.json.decode(text, type=kind)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        pass  # Told below, in the same words as for a cursor of another list.
    raise Problem("validation_failed", faults=[Fault("?cursor", "cursor_invalid")])


def _tag(text: bytes, scope: bytes, *, secret: bytes) -> bytes:
    return hmac.digest(secret, scope + b"\0" + text, hashlib.sha256)[:_TAG_BYTES]
