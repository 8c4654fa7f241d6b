"""Ed25519 keys in a file: the first PEM block signs, further public keys are earlier ones.

The file lies beside the data and not in the database, so whoever alters the database cannot sign.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.settings import SettingsError

_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----.+?-----END \1-----", re.DOTALL)
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class Keys:
    """A key that signs, and the public keys that signatures are held against."""

    def __init__(self, private: Ed25519PrivateKey | None, earlier: tuple[Ed25519PublicKey, ...] = ()) -> None:
        """Keep the keys; without a private one nothing is signed, only verified."""
        self._private = private
        known = earlier if private is None else (private.public_key(), *earlier)
        self._known = {key_id_of(key.public_bytes(*_RAW)): key for key in known}

    @property
    def public(self) -> Mapping[str, bytes]:
        """The 32 bytes of every public key by its id, the present one first."""
        return {key_id: key.public_bytes(*_RAW) for key_id, key in self._known.items()}

    @property
    def key_id(self) -> str:
        """The name of the key that signs."""
        return next(iter(self._known))

    def sign(self, message: bytes) -> bytes:
        """Return a signature of the present key."""
        if self._private is None:
            raise SettingsError("The key file has public keys only; signing needs the private one.")
        return self._private.sign(message)

    def verified(self, message: bytes, *, key_id: str, signature: bytes) -> bool:
        """Whether a key made a signature; it is not when the key is unknown."""
        key = self._known.get(key_id)
        if key is None:
            return False
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def key_id_of(public: bytes) -> str:
    """Return the name of a key: the beginning of its hash."""
    return hashlib.sha256(public).hexdigest()[:16]


def kept_keys(file: Path) -> Keys:
    """Return the keys of a file, with a new one when there is no file yet."""
    if not file.exists():
        _make(file)
    return read_keys(file)


def read_keys(file: Path) -> Keys:
    """Return the keys of a file; raise `SettingsError` when it cannot be used."""
    try:
        keys = list(_keys(file.read_bytes()))
    except OSError as error:
        raise SettingsError(
            f"Cannot read the audit key {file}: {error.strerror}. TENUN_AUDIT_KEY_FILE names the file."
        ) from error
    except (ValueError, TypeError) as error:
        raise SettingsError(f"The audit key {file} cannot be used: {error}") from error
    first, earlier = (keys[0], keys[1:]) if keys and isinstance(keys[0], Ed25519PrivateKey) else (None, keys)
    public = tuple(key for key in earlier if isinstance(key, Ed25519PublicKey))
    if len(public) < len(earlier) or not keys:
        raise SettingsError(f"{file} must hold an Ed25519 key in PEM, and after it public keys only.")
    return Keys(first, public)


def _keys(text: bytes) -> Iterator[object]:
    for block in _BLOCK.finditer(text):
        if block[1] == b"PRIVATE KEY":
            yield serialization.load_pem_private_key(block[0], password=None)
        else:
            yield serialization.load_pem_public_key(block[0])


def _make(file: Path) -> None:
    """Write a new key; of several starts at once one wins, and no other ever reads half a file."""
    text = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        # A temporary file is readable by its owner alone.
        with tempfile.NamedTemporaryFile(dir=file.parent) as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(new.name, file)
    except OSError as error:
        raise SettingsError(f"Cannot write the audit key {file}: {error.strerror}.") from error
