"""Plans of what is written."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from schema.vocabulary import ActivityState
from tests.bench.load import Entry, Plan
from tests.bench.request_rows import Asked, movable
from tests.bench.rows import state_of
from tests.bench.sending import LARGE_PARTY, SMALL_PARTY, Ground, post, post_cut
from tests.bench.world import AT, FEW, Member, Noun, Size, activities_of, id_of, parties_of

_RECORDS = 2000
_MOVABLE = (ActivityState.HELD, ActivityState.REPORTED)
_QUIET_SECONDS = 0.2
_BATCH, _BATCHES = 200, 6
_MARK, _FIRST = "@number@", 1_000_000_000
"""What stands for the number of a batch in its references, and the first number: all have ten digits."""


def logged(ground: Ground) -> Plan:
    """Gives W1."""
    series = uuid4().hex

    def of(member: Member, numbers: Iterable[int]) -> Iterator[tuple[bytes, ...]]:
        for number in numbers:
            body = _held(ground.size, number)
            yield post(member, "/v1/activities", around=(f"idempotency-key: {series}-", ""), body=body)

    small, large = list(of(SMALL_PARTY, range(FEW))), of(LARGE_PARTY, range(FEW, ground.size.of_large))
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


def moved(ground: Ground) -> Plan:
    """Gives W2: reports of the small party and returns of the large one, from the states as they are now."""
    numbers = [
        number
        for agreement in range(FEW)
        for number in activities_of(ground.size, agreement)
        if state_of(number) in _MOVABLE
    ]
    # Neighbours in the plan belong to different agreements: writers of one agreement take turns.
    numbers.sort(key=lambda number: (number % ground.size.per_busy, number))
    ids = [id_of(Noun.ACTIVITY, number) for number in numbers[:_RECORDS]]
    found = asyncio.run(_as_they_are(ground.dsn, "activity", ids))
    return Plan([_ping_pong(each, found[each][0], version=found[each][1]) for each in ids])


async def _as_they_are(dsn: str, table: str, ids: list[UUID]) -> dict[UUID, tuple[str, int]]:
    """Gives state and version of records, once nothing of an earlier run is still being written."""
    connection = await asyncpg.connect(dsn)
    before, found = None, await _read(connection, table, ids)
    while before != found:
        await asyncio.sleep(_QUIET_SECONDS)
        before, found = found, await _read(connection, table, ids)
    await connection.close()
    return found


async def _read(connection: asyncpg.Connection, table: str, ids: list[UUID]) -> dict[UUID, tuple[str, int]]:
    rows = await connection.fetch(f"SELECT id, state, version FROM {table} WHERE id = ANY ($1)", ids)
    return {row["id"]: (row["state"], row["version"]) for row in rows}


def _ping_pong(activity_id: UUID, state: str, *, version: int) -> Entry:
    path, around = f"/v1/activities/{activity_id}/transitions", ('if-match: "', '"')
    report = post(SMALL_PARTY, path, around=around, body={"action": "report"})
    back = {"action": "return", "reason": "Daftar hadir belum lengkap."}
    returned = post(LARGE_PARTY, path, around=around, body=back)
    return Entry((report, returned) if state == ActivityState.HELD else (returned, report), version)


def assigned(ground: Ground) -> Plan:
    """Gives W2R: each side hands requests asked of it to its one reviewer and to the other in turn."""
    size = ground.size
    small = _asked_of(SMALL_PARTY, size, range(FEW))
    large = _asked_of(LARGE_PARTY, size, range(FEW, min(size.of_large, size.busy)))
    pairs = list(zip(small, large, strict=False))
    found = asyncio.run(_as_they_are(ground.dsn, "data_request", [one.id for pair in pairs for one in pair]))
    return Plan(
        [
            _handed_on(member, each.id, version=found[each.id][1])
            for pair in pairs
            for member, each in zip((SMALL_PARTY, LARGE_PARTY), pair, strict=True)
        ]
    )


def _asked_of(member: Member, size: Size, agreements: Iterable[int]) -> list[Asked]:
    """Gives requests asked of a party; neighbours are of different agreements, as in `moved`."""
    given = [each for agreement in agreements for each in movable(size, agreement)]
    its_own = [each for each in given if each.holder == member.number]
    return sorted(its_own, key=lambda each: each.number)


def _handed_on(member: Member, request_id: UUID, *, version: int) -> Entry:
    path, around = f"/v1/data-requests/{request_id}/transitions", ('if-match: "', '"')
    turns = (
        post(member, path, around=around, body={"action": "assign", "assignee_id": reviewer_id})
        for reviewer_id in (member.colleague_id, member.user_id)
    )
    return Entry(tuple(turns), version)


def batches(ground: Ground) -> Plan:
    """Gives B3: what a phone brings back, 200 activities of one agreement; no reference comes again."""
    series = uuid4().hex
    senders = cycle((SMALL_PARTY, LARGE_PARTY))
    places = [
        place for pair in zip(range(FEW), range(FEW, ground.size.of_large), strict=False) for place in pair
    ]
    cuts = [
        post_cut(
            member,
            "/v1/activities/batch",
            body=_batch(ground.size, agreement, series=series),
            mark=_MARK,
            digits=len(str(_FIRST)),
        )
        for member, agreement in zip(senders, places[:_BATCHES], strict=False)
    ]
    return Plan([Entry((cut,), _FIRST + place) for place, cut in enumerate(cuts)], step=len(cuts))


def _batch(size: Size, agreement: int, *, series: str) -> dict[str, Any]:
    held = _held(size, agreement)
    return {
        "items": [{**held, "client_ref": f"{series}-{_MARK}-{place}"} for place in range(_BATCH)],
    }
