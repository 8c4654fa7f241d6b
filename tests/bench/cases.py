"""The cases: what each sends, half of it for the small party and half for the large one."""

import asyncio
import random
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import cycle
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import msgspec

from schema.vocabulary import ActivityState
from tests.bench.load import Entry, Plan, fetched
from tests.bench.rows import state_of
from tests.bench.servers import Server
from tests.bench.world import (
    AT,
    FEW,
    MEMBERS,
    Member,
    Noun,
    Size,
    activities_of,
    id_of,
    parties_of,
)

_SEED = 20260105
_SMALL, _LARGE = MEMBERS
_DEEP_OF_ONE, _DEEP_OF_ALL = 3, 20
_RECORDS, _LISTS = 2000, 200
_MOVABLE = (ActivityState.HELD, ActivityState.REPORTED)


class Ground(NamedTuple):
    """Where requests are made for: a size, its database, and the service, whose cursors they use."""

    size: Size
    dsn: str
    service: Server


class Case(NamedTuple):
    """One case; `differing` are fields of the answer that no two servers can give alike."""

    name: str
    title: str
    comparators: tuple[str, ...]
    plan: Callable[[Ground], Plan]
    differing: tuple[str, ...] = ()

    def comparable(self, body: bytes) -> bytes:
        """Gives an answer without what has to differ."""
        if not self.differing:
            return body
        names = "|".join(self.differing).encode()
        return re.sub(rb'"(%b)":("[^"]*"|[0-9]+)' % names, rb'"\1":null', body)


def _headers(member: Member, *more: str) -> str:
    lines = ("host: bench", f"authorization: Bearer {member.token}", "accept: application/json", *more)
    return "\r\n".join(lines)


def _get(member: Member, path: str) -> Entry:
    return Entry(((f"GET {path} HTTP/1.1\r\n{_headers(member)}\r\n\r\n".encode(), None),))


def _post(member: Member, path: str, *, around: tuple[str, str], body: object) -> tuple[bytes, bytes]:
    """Gives a request cut in two inside the header `around`."""
    text = msgspec.json.encode(body)
    sent = _headers(member, "content-type: application/json", f"content-length: {len(text)}", around[0])
    return f"POST {path} HTTP/1.1\r\n{sent}".encode(), f"{around[1]}\r\n\r\n".encode() + text


def _halves(small: Iterable[Entry], large: Iterable[Entry]) -> list[Entry]:
    """Gives the entries of both parties in turn, those of the small one over and over."""
    return [entry for pair in zip(cycle(list(small)), large, strict=False) for entry in pair]


def _chosen(first: int, last: int, *, amount: int) -> list[int]:
    return random.Random(_SEED).choices(range(first, last), k=amount)


def _agreements(ground: Ground) -> Plan:
    def of(member: Member, numbers: Iterable[int]) -> Iterator[Entry]:
        return (_get(member, f"/v1/agreements/{id_of(Noun.AGREEMENT, number)}") for number in numbers)

    large = _chosen(0, ground.size.agreements, amount=_RECORDS)
    return Plan(_halves(of(_SMALL, range(FEW)), of(_LARGE, large)))


def _summaries(ground: Ground) -> Plan:
    def of(member: Member, numbers: Iterable[int]) -> Iterator[Entry]:
        return (_get(member, f"/v1/agreements/{id_of(Noun.AGREEMENT, number)}/summary") for number in numbers)

    large = _chosen(0, ground.size.busy, amount=_RECORDS)
    return Plan(_halves(of(_SMALL, range(FEW)), of(_LARGE, large)))


@cache
def _pages_of_one(ground: Ground) -> Plan:
    def of(member: Member, numbers: Iterable[int]) -> Iterator[Entry]:
        for number in numbers:
            path = f"/v1/activities?agreement_id={id_of(Noun.AGREEMENT, number)}&limit=50"
            pages = list(_walked(ground, member, path, most=_DEEP_OF_ONE))
            yield from (pages[0], pages[-1])

    return Plan(_halves(of(_SMALL, range(FEW)), of(_LARGE, _chosen(0, ground.size.busy, amount=_LISTS))))


@cache
def _pages_of_all(ground: Ground) -> Plan:
    small, large = (
        _walked(ground, member, "/v1/activities?limit=50", most=_DEEP_OF_ALL) for member in MEMBERS
    )
    return Plan(_halves(small, large))


def _walked(ground: Ground, member: Member, path: str, *, most: int) -> Iterator[Entry]:
    """Gives the pages of a list, by the cursors of the service."""
    entry = _get(member, path)
    for _ in range(most):
        yield entry
        status, body = fetched(ground.service.port, entry.request(0, 0))
        following = msgspec.json.decode(body).get("next_cursor")
        if status != 200 or following is None:
            return
        entry = _get(member, f"{path}&cursor={following}")


def _logged(ground: Ground) -> Plan:
    series = uuid4().hex

    def of(member: Member, numbers: Iterable[int]) -> Iterator[tuple[bytes, bytes]]:
        for number in numbers:
            body = _held(ground.size, number)
            yield _post(member, "/v1/activities", around=(f"idempotency-key: {series}-", ""), body=body)

    small, large = list(of(_SMALL, range(FEW))), of(_LARGE, range(FEW, ground.size.of_large))
    cuts = [cut for pair in zip(cycle(small), large, strict=False) for cut in pair]
    return Plan([Entry((cut,), first) for first, cut in enumerate(cuts)], step=len(cuts))


def _held(size: Size, agreement: int) -> dict[str, object]:
    """Gives the body of a held activity with three groups."""
    government, cso, unit = (id_of(Noun.ORGANIZATION, each) for each in parties_of(size, agreement))
    groups: list[dict[str, object]] = [
        {"organization_id": government, "total": 12, "male": 5, "female": 7},
        {"organization_id": unit, "total": 9, "female": 4},
        {"group_label": "Warga", "total": 5},
    ]
    return {
        "agreement_id": id_of(Noun.AGREEMENT, agreement),
        "kind": "bimtek",
        "title": "Bimbingan teknis pemantauan pengadaan",
        "mode": "in_person",
        "starts_on": AT.date(),
        "state": "held",
        "venue": "Aula kantor inspektorat",
        "organizers": [{"organization_id": cso, "role": "host"}],
        "topics": ["opentender.net"],
        "participants": {"total": 26, "groups": groups},
        "evidence": [{"url": "https://example.org/hadir.pdf", "note": "Daftar hadir"}],
    }


def _moved(ground: Ground) -> Plan:
    """Gives reports of the small party and returns of the large one, from the states as they are now."""
    numbers = [
        number
        for agreement in range(FEW)
        for number in activities_of(ground.size, agreement)
        if state_of(number) in _MOVABLE
    ]
    # Neighbours in the plan belong to different agreements: writers of one agreement take turns.
    numbers.sort(key=lambda number: (number % ground.size.per_busy, number))
    ids = [id_of(Noun.ACTIVITY, number) for number in numbers[:_RECORDS]]
    found = asyncio.run(_states(ground.dsn, ids))
    return Plan([_ping_pong(each, found[each][0], version=found[each][1]) for each in ids])


async def _states(dsn: str, ids: list[UUID]) -> dict[UUID, tuple[str, int]]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT id, state, version FROM activity WHERE id = ANY ($1)", ids)
    await connection.close()
    return {row["id"]: (row["state"], row["version"]) for row in rows}


def _ping_pong(activity_id: UUID, state: str, *, version: int) -> Entry:
    path, around = f"/v1/activities/{activity_id}/transitions", ('if-match: "', '"')
    report = _post(_SMALL, path, around=around, body={"action": "report"})
    back = {"action": "return", "reason": "Daftar hadir belum lengkap."}
    returned = _post(_LARGE, path, around=around, body=back)
    return Entry((report, returned) if state == ActivityState.HELD else (returned, report), version)


_STAMPS = ("id", "version", "created_at", "updated_at")
CASES = (
    Case("R1", "GET /v1/agreements/{id}", ("bare", "orm"), _agreements),
    Case(
        "R2",
        "GET /v1/activities?agreement_id=…&limit=50, pages 1 and 3",
        ("bare", "orm"),
        _pages_of_one,
        ("next_cursor",),
    ),
    Case("R3", "GET /v1/agreements/{id}/summary", ("bare",), _summaries),
    Case(
        "R4", "GET /v1/activities?limit=50, pages 1 to 20", ("bare", "orm"), _pages_of_all, ("next_cursor",)
    ),
    Case("W1", "POST /v1/activities", ("bare", "orm"), _logged, _STAMPS),
    Case("W2", "POST /v1/activities/{id}/transitions", ("bare",), _moved, (*_STAMPS, "state_reason")),
)
