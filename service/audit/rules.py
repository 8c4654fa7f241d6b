"""Whether a chain of audit entries is whole: pure, so that it is proven without a database.

An entry must follow the one before it, its hash must be that of its text, and its columns must say what the
text says. The head must be the last entry. What a checkpoint witnesses must be there.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.messages import TEXTS
from schema.vocabulary import Language
from schema.wire.audit import ChainBreak, Checkpoint
from schema.wire.common import BothLanguages
from service.access.canonical import Canonical, Told, canonical
from service.kernel import chain
from service.kernel.signing import Keys

_LONGEST_KEY_ID = 16

_read = msgspec.json.Decoder(Canonical).decode


class Linked(Told, frozen=True, kw_only=True):
    """An audit entry with its text and its links."""

    seq: int
    canonical: str
    prev_hash: str
    hash: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a stream."""

    agreement_id: UUID | None
    seq: int
    prev_hash: str
    hash: str


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint as it was found: nothing of it is believed before its signature is.

    Hash and signature are in hexadecimal.
    """

    stream: UUID
    seq: int
    hash: str
    at: datetime
    key_id: str
    signature: str


class Place(NamedTuple):
    """How far a stream has been checked: the last entry and its hash."""

    stream: UUID
    seq: int
    hash: str


class Broken(Exception):  # noqa: N818 - it is what was looked for.
    """A chain is broken at an entry."""

    def __init__(self, stream: UUID, seq: int, *, code: str, **values: object) -> None:
        """Name the place, what is wrong and the values of its text."""
        super().__init__(code)
        self.stream = stream
        self.seq = seq
        self.code = code
        self.values: dict[str, object] = {"seq": seq, **values}

    def render(self) -> ChainBreak:
        """Return it as it is told."""
        text = TEXTS[self.code]
        detail = BothLanguages(id=text.fill(Language.ID, self.values), en=text.fill(Language.EN, self.values))
        # A number that was altered may be anything.
        return ChainBreak(stream=self.stream, seq=max(self.seq, 0), code=self.code, detail=detail)


Witnessed = Mapping[int, Mark]
"""The checkpoints of one stream by their entry."""


def beginning(stream: UUID) -> Place:
    """Return the place before the first entry of a stream."""
    return Place(stream, 0, chain.genesis(stream).hex())


def advanced(place: Place, entries: Iterable[Linked], *, witnessed: Witnessed, key: bytes) -> Place:
    """Return the place behind the entries that follow; raise `Broken` at the first that does not fit."""
    for entry in entries:
        _demand_link(place, entry)
        _demand_columns(entry, key)
        _demand_witnessed(entry, witnessed.get(entry.seq))
        place = Place(place.stream, entry.seq, entry.hash)
    return place


def _demand_link(place: Place, entry: Linked) -> None:
    expected = place.seq + 1
    if entry.seq != expected:
        raise Broken(place.stream, expected, code="entry_missing")
    if entry.prev_hash != place.hash:
        raise Broken(place.stream, entry.seq, code="link_broken")
    if chain.link(bytes.fromhex(place.hash), entry.canonical.encode()).hex() != entry.hash:
        raise Broken(place.stream, entry.seq, code="entry_altered")


def _demand_columns(entry: Linked, key: bytes) -> None:
    try:
        text = _read(entry.canonical)
    except msgspec.DecodeError:
        raise Broken(entry.stream, entry.seq, code="entry_altered") from None
    said = canonical(entry, key, changed=text.changed, record=text.record)
    for name in Canonical.__struct_fields__:
        if getattr(said, name) != getattr(text, name):
            raise Broken(entry.stream, entry.seq, code="column_altered", column=name)


def _demand_witnessed(entry: Linked, checkpoint: Mark | None) -> None:
    if checkpoint is not None and checkpoint.hash != entry.hash:
        raise Broken(entry.stream, entry.seq, code="checkpoint_differs")


def demand_end(place: Place, head: Head | None, *, last: Linked | None, witnessed: Witnessed) -> None:
    """Raise `Broken` unless a stream ends here: its head is the last entry, and no checkpoint knows more.

    `last` is that entry, None where it was checked in an earlier request.
    """
    ahead = max(witnessed, default=0)
    if ahead > place.seq:
        raise Broken(place.stream, ahead, code="checkpoint_ahead")
    if head is not None and head.seq > place.seq:
        raise Broken(place.stream, place.seq + 1, code="entry_missing")
    if head is None or (head.seq, head.hash) != (place.seq, place.hash) or _strays(head, last):
        raise Broken(place.stream, place.seq, code="head_altered")


def _strays(head: Head, last: Linked | None) -> bool:
    return last is not None and (head.prev_hash, head.agreement_id) != (last.prev_hash, last.agreement_id)


def signed_text(checkpoint: Mark) -> bytes:
    """Return what is signed of a checkpoint."""
    at = instant(checkpoint.at)
    return f"tenun checkpoint {checkpoint.stream} {checkpoint.seq} {checkpoint.hash} {at}".encode()


def instant(at: datetime) -> str:
    """Return an instant as it stands in a reply."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def demand_signed(checkpoint: Mark, keys: Keys) -> None:
    """Raise `Broken` unless a key that is known signed the checkpoint."""
    signature = bytes.fromhex(checkpoint.signature)
    if not keys.verified(signed_text(checkpoint), key_id=checkpoint.key_id, signature=signature):
        shown = checkpoint.key_id[:_LONGEST_KEY_ID]
        raise Broken(checkpoint.stream, checkpoint.seq, code="checkpoint_forged", key_id=shown)


def told(checkpoint: Mark) -> Checkpoint:
    """Return a checkpoint as it is told."""
    return Checkpoint(
        stream=checkpoint.stream,
        seq=checkpoint.seq,
        hash=checkpoint.hash,
        at=checkpoint.at,
        key_id=checkpoint.key_id,
        signature=b64encode(bytes.fromhex(checkpoint.signature)).decode(),
    )


def kept(checkpoint: Checkpoint) -> Mark:
    """Return a checkpoint that was told and comes back; a signature that is no base64 is none."""
    try:
        signature = b64decode(checkpoint.signature, validate=True).hex()
    except ValueError:
        signature = ""
    return Mark(
        stream=checkpoint.stream,
        seq=checkpoint.seq,
        hash=checkpoint.hash,
        at=checkpoint.at,
        key_id=checkpoint.key_id,
        signature=signature,
    )
