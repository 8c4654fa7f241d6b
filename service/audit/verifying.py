"""Walks through chains of audit entries in pages, so that neither memory nor a statement grows with them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.wire.audit import AuditVerification
from service.audit.queries import After, From, Links, Stream
from service.audit.rules import (
    Broken,
    Linked,
    Mark,
    Place,
    Witnessed,
    advanced,
    beginning,
    demand_end,
    demand_signed,
    told,
)
from service.kernel.database import Database
from service.kernel.signing import Keys
from service.kernel.statement import Statement

ENTRIES_AT_ONCE = 20_000
"""About half a second of work; a request that has more to check says where to go on."""

STREAMS_AT_ONCE = 200
_PAGE = 500


class Sight(NamedTuple):
    """The statements of what somebody may check, and who that is; None sees everything."""

    streams: Statement[From, Stream]
    links: Statement[After, Links]
    acting_id: UUID | None = None
    agreement_id: UUID | None = None


class Found(msgspec.Struct):
    """What a walk found so far; `on` is where it goes on, None when it came to the end.

    `streams` are those it checked to their end.
    """

    streams: list[UUID] = msgspec.field(default_factory=list[UUID])
    entries: int = 0
    broken: Broken | None = None
    checkpoints: list[Mark] = msgspec.field(default_factory=list[Mark])
    on: Place | None = None

    def render(self, continue_with: str | None) -> AuditVerification:
        """Return it as it is told."""
        return AuditVerification(
            whole=self.broken is None,
            streams=len(self.streams),
            entries=self.entries,
            first_break=self.broken and self.broken.render(),
            checkpoints=tuple(told(mark) for mark in self.checkpoints),
            continue_with=continue_with,
        )


class Verifier:
    """Checks what a sight shows; holds what is needed to check anything."""

    def __init__(self, database: Database, sight: Sight, *, keys: Keys, hashing_key: bytes) -> None:
        """Check nothing yet."""
        self._database = database
        self._sight = sight
        self._keys = keys
        self._hashing_key = hashing_key

    async def verify(self, start: Place, *, witnessed: Mapping[UUID, Witnessed]) -> Found:
        """Check from a place on, until the first break or for as much as is checked at once."""
        found = Found()
        streams = await self._streams(start.stream)
        try:
            for each in streams[:STREAMS_AT_ONCE]:
                place = start if each == start.stream else beginning(each)
                found.on = await self.walk(place, found, witnessed=witnessed.get(each, {}))
                if found.on is not None:
                    return found
        except Broken as broken:
            found.broken = broken
        else:
            found.on = beginning(streams[-1]) if len(streams) > STREAMS_AT_ONCE else None
        return found

    async def walk(self, place: Place, found: Found, *, witnessed: Witnessed) -> Place | None:
        """Check one stream; return where to go on when there was too much of it.

        Raises `Broken`.
        """
        last: Linked | None = None
        latest: Mark | None = None
        while found.entries < ENTRIES_AT_ONCE:
            links = await self._links(place)
            if latest is None and links.checkpoint is not None:
                latest = links.checkpoint
                demand_signed(latest, self._keys)
            known = {**_by_entry(links.checkpoint), **witnessed}
            place = advanced(place, links.entries, witnessed=known, key=self._hashing_key)
            found.entries += len(links.entries)
            last = links.entries[-1] if links.entries else last
            if len(links.entries) < _PAGE:
                demand_end(place, links.head, last=last, witnessed=known)
                found.streams.append(place.stream)
                found.checkpoints += [] if latest is None else [latest]
                return None
        return place

    async def _streams(self, first: UUID) -> Sequence[UUID]:
        rows = await self._database.rows(
            self._sight.streams,
            From(
                first=first,
                row_limit=STREAMS_AT_ONCE + 1,
                acting_id=self._sight.acting_id,
                agreement_id=self._sight.agreement_id,
            ),
        )
        return [row.stream for row in rows]

    async def _links(self, place: Place) -> Links:
        """Return the next page; where it cannot be read, raise `Broken` at the entry that is at fault."""
        try:
            return await self._page(place, _PAGE)
        except msgspec.ValidationError:
            raise await self._unreadable(place) from None

    async def _unreadable(self, place: Place) -> Broken:
        for seq in range(place.seq, place.seq + _PAGE):
            try:
                await self._page(place._replace(seq=seq), 1)
            except msgspec.ValidationError:
                return Broken(place.stream, seq + 1, code="entry_unreadable")
        return Broken(place.stream, place.seq + 1, code="entry_unreadable")

    async def _page(self, place: Place, limit: int) -> Links:
        after = After(stream=place.stream, seq=place.seq, row_limit=limit, acting_id=self._sight.acting_id)
        return await self._database.only(self._sight.links, after)


def _by_entry(checkpoint: Mark | None) -> Witnessed:
    return {} if checkpoint is None else {checkpoint.seq: checkpoint}
