"""What the tallies of an agreement must say, counted anew from its activities as the API answers them.

Written from the words of the contract and without the code that keeps the tallies.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

TALLIES = """
SELECT relation, agreement_year, kind, state, activities FROM activity_tally
WHERE agreement_id = $1 AND activities <> 0
"""
ATTENDANCE = """
SELECT relation, organization_id, group_label,
  activities, unknown_totals, total, male, male_known, female, female_known FROM attendance_tally
WHERE agreement_id = $1
  AND (activities, unknown_totals, total, male, male_known, female, female_known) <> (0, 0, 0, 0, 0, 0, 0)
"""
TOOK_PLACE = ("held", "reported", "verified")
WHOLE = (UUID(int=0), "")

Counts = dict[str, Any]


def activities(items: Iterable[Counts], first: date | None) -> Counter[tuple[str, int, str, str]]:
    """Gives how many activities share relation, agreement year, kind and state."""
    return Counter(
        (item["relation"], year(first, date.fromisoformat(item["starts_on"])), item["kind"], item["state"])
        for item in items
    )


def attendance(items: Iterable[Counts]) -> dict[tuple[str, UUID, str], list[int]]:
    """Gives activities, unknown totals, total, male, its reports, female and its reports of every name."""
    sums: dict[tuple[str, UUID, str], list[int]] = {}
    for item in items:
        for name, row in _attended(item):
            key = (item["relation"], *name)
            sums[key] = [a + b for a, b in zip(sums.get(key, [0] * 7), row, strict=True)]
    return sums


def year(first: date | None, day: date) -> int:
    """Gives the agreement year of a day, 0 when the first day is unknown or later."""
    if first is None or day < first:
        return 0
    return day.year - first.year + ((day.month, day.day) >= (first.month, first.day))


def _attended(item: Counts) -> Iterator[tuple[tuple[UUID, str], list[int]]]:
    if item["state"] not in TOOK_PLACE:
        return
    counts = item["participants"]
    if counts is None or counts["unit"] != "people":
        yield WHOLE, [1, 1, 0, 0, 0, 0, 0]
        return
    groups = counts["groups"]
    whole = {name: _whole(counts, groups, name) for name in ("total", "male", "female")}
    yield WHOLE, _row(whole)
    for group in groups:
        name = (UUID(group["organization_id"] or WHOLE[0].hex), group["group_label"] or "")
        yield name, _row(group | {"total": _total(group)})


def _whole(counts: Counts, groups: list[Counts], name: str) -> int | None:
    """Gives a count of the whole: the stated one, else what all groups state together."""
    stated = _total if name == "total" else (lambda one: one[name])
    parts = [stated(group) for group in groups]
    known = [part for part in parts if part is not None]
    summed = sum(known) if parts and len(known) == len(parts) else None
    return summed if stated(counts) is None else stated(counts)


def _total(counts: Counts) -> int | None:
    sexes = [counts[name] for name in ("male", "female", "sex_unspecified")]
    summed = None if None in sexes else sum(sexes)
    return summed if counts["total"] is None else counts["total"]


def _row(counts: Counts) -> list[int]:
    if counts["total"] is None:
        return [1, 1, 0, 0, 0, 0, 0]
    sexes = [(counts[name] or 0, int(counts[name] is not None)) for name in ("male", "female")]
    return [1, 0, counts["total"], *sexes[0], *sexes[1]]
