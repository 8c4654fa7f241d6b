"""The key file: made once, whoever starts, and read by its owner alone."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.kernel.signing import kept_keys, key_id_of, read_keys
from service.settings import SettingsError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "audit.key"


def public_pem(keys) -> bytes:
    (first, *_) = keys.public.values()
    return Ed25519PublicKey.from_public_bytes(first).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_key_is_made_at_the_first_start_and_kept(file):
    made = kept_keys(file)
    assert kept_keys(file).public == made.public
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["audit.key"]


def test_starts_at_once_agree_on_one_key(file):
    with ThreadPoolExecutor(16) as pool:
        found = {kept.key_id for kept in pool.map(lambda _: kept_keys(file), range(64))}
    assert len(found) == 1


def test_a_signature_holds_for_its_message_and_key_alone(file, tmp_path):
    keys, other = kept_keys(file), kept_keys(tmp_path / "other.key")
    signature = keys.sign(b"message")
    assert keys.verified(b"message", key_id=keys.key_id, signature=signature)
    assert not keys.verified(b"massage", key_id=keys.key_id, signature=signature)
    assert not keys.verified(b"message", key_id=other.key_id, signature=signature)
    assert not other.verified(b"message", key_id=other.key_id, signature=signature)


def test_a_key_is_named_by_its_hash(file):
    ((key_id, public),) = kept_keys(file).public.items()
    assert (key_id, len(public)) == (key_id_of(public), 32)


def test_an_earlier_key_still_verifies_behind_the_present_one(file, tmp_path):
    earlier = kept_keys(tmp_path / "earlier.key")
    present = kept_keys(file)
    file.write_bytes(file.read_bytes() + public_pem(earlier))
    both = read_keys(file)
    assert list(both.public) == [present.key_id, earlier.key_id]
    assert both.verified(b"m", key_id=earlier.key_id, signature=earlier.sign(b"m"))


def test_a_file_with_public_keys_verifies_and_does_not_sign(file, tmp_path):
    keys = kept_keys(tmp_path / "private.key")
    file.write_bytes(public_pem(keys))
    witness = read_keys(file)
    assert witness.verified(b"m", key_id=keys.key_id, signature=keys.sign(b"m"))
    with pytest.raises(SettingsError, match="public keys only"):
        witness.sign(b"m")


@pytest.mark.parametrize(
    "text", [b"", b"key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_says_so(file, text):
    file.write_bytes(text)
    with pytest.raises(SettingsError, match=r"audit\.key"):
        read_keys(file)


def test_a_key_of_another_kind_says_so(file):
    key = ec.generate_private_key(ec.SECP256R1())
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(SettingsError, match="Ed25519"):
        read_keys(file)


def test_a_file_that_is_missing_names_its_setting(file):
    with pytest.raises(SettingsError, match="TENUN_AUDIT_KEY_FILE"):
        read_keys(file)


def test_a_folder_that_is_missing_says_so(tmp_path):
    with pytest.raises(SettingsError, match="Cannot write"):
        kept_keys(tmp_path / "nowhere" / "audit.key")
