"""The whole audit trail, checked by whoever has its database, against checkpoints kept outside."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import msgspec

from schema.wire.audit import AuditVerification, Checkpoint
from service.access.canonical import hashing_key
from service.access.secret import kept_secret
from service.audit.queries import EVERY_LINK, EVERY_STREAM
from service.audit.rules import Broken, Mark, Place, Witnessed, beginning, demand_signed, kept
from service.audit.verifying import Found, Sight, Verifier
from service.kernel.database import opened
from service.kernel.signing import Keys
from service.settings import SettingsError

_EVERYTHING = Sight(EVERY_STREAM, EVERY_LINK)
_FIRST = UUID(int=0)


class Kept(msgspec.Struct, frozen=True):
    """What a witness kept: an answer of `/v1/audit-entries/verify`, of which only the checkpoints matter."""

    checkpoints: tuple[Checkpoint, ...]


def read_checkpoints(file: Path) -> tuple[Checkpoint, ...]:
    """Return the checkpoints of a file; raise `SettingsError` when it holds none."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Kept).checkpoints
    except (msgspec.DecodeError, OSError) as error:
        raise SettingsError(
            f"Cannot read checkpoints from {file}: {error}. Keep an answer of /v1/audit-entries/verify."
        ) from error


def as_sentence(found: AuditVerification) -> str:
    """Return what was found for a person to read."""
    if found.first_break is None:
        return f"The audit trail is whole; streams: {found.streams}, entries: {found.entries}."
    broken = found.first_break
    return f"The audit trail is broken at stream {broken.stream}, entry {broken.seq}: {broken.detail.en}"


def as_json(found: AuditVerification) -> str:
    """Return what was found as one JSON object, which serves as a file of checkpoints later."""
    return msgspec.json.encode(found).decode()


async def verify_everything(
    dsn: str, keys: Keys, *, checkpoints: Iterable[Checkpoint] = ()
) -> AuditVerification:
    """Return what came of checking every stream, and every one that a checkpoint witnesses."""
    async with opened(dsn, size=1) as database:
        key = hashing_key(await kept_secret(database))
        verifier = Verifier(database, _EVERYTHING, keys=keys, hashing_key=key)
        whole = Found()
        try:
            await _walk_all(verifier, whole, witnessed=_by_stream(map(kept, checkpoints), keys))
        except Broken as broken:
            whole.broken = broken
        return whole.render(None)


async def _walk_all(verifier: Verifier, whole: Found, *, witnessed: dict[UUID, Witnessed]) -> None:
    """Add what is found in every stream, and last in those of which nothing is left but their witness."""
    whole.on = beginning(_FIRST)
    while whole.on is not None:
        found = await verifier.verify(whole.on, witnessed=witnessed)
        whole.streams += found.streams
        whole.entries += found.entries
        whole.checkpoints += found.checkpoints
        whole.on = found.on
        if found.broken is not None:
            raise found.broken
    for stream in witnessed.keys() - set(whole.streams):
        place: Place | None = beginning(stream)
        while place is not None:
            place = await verifier.walk(place, Found(), witnessed=witnessed[stream])


def _by_stream(marks: Iterable[Mark], keys: Keys) -> dict[UUID, Witnessed]:
    by_stream: dict[UUID, dict[int, Mark]] = defaultdict(dict)
    for mark in marks:
        demand_signed(mark, keys)
        by_stream[mark.stream][mark.seq] = mark
    return dict(by_stream)
