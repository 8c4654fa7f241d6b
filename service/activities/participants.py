"""Counts of participants: what follows from the reported ones, and which of them contradict one another.

Null is a count nobody reported. It is never taken for 0 and nothing is filled in: what follows from reported
counts is derived here each time it is read.
"""

from collections.abc import Iterator

from schema.vocabulary import ParticipantUnit
from schema.wire.activities import ParticipantGroup, Participants
from service.kernel.problem import Fault

Counts = Participants | ParticipantGroup

_OF_WHOLE_AND_GROUPS = ("total", "male", "female", "sex_unspecified", "with_disability", "under_30")
_SEXES = ("male", "female", "sex_unspecified")
_WITHIN_TOTAL = ("with_disability", "under_30")


def stated_total(counts: Counts) -> int | None:
    """Return the reported total, or the sum of the sexes when all three of them were reported."""
    if counts.total is not None:
        return counts.total
    if counts.male is None or counts.female is None or counts.sex_unspecified is None:
        return None
    return counts.male + counts.female + counts.sex_unspecified


def implied(participants: Participants, name: str) -> int | None:
    """Return a count of the whole: as stated, or the sum of the groups when every group states it."""
    stated = _stated(participants, name)
    if stated is not None or not participants.groups:
        return stated
    total = 0
    for group in participants.groups:
        part = _stated(group, name)
        if part is None:
            return None
        total += part
    return total


def people_total(participants: Participants | None) -> int | None:
    """Return how many people came; null when nobody reported it or only organizations were counted."""
    if participants is None or participants.unit is not ParticipantUnit.PEOPLE:
        return None
    return implied(participants, "total")


def participant_faults(participants: Participants, *, at: str) -> Iterator[Fault]:
    """Return every contradiction in the counts and every group not named once; `at` is their pointer."""
    told, total = _told_by_sex(participants), implied(participants, "total")
    yield from _split_faults(participants, told, total=total, at=at)
    for position, group in enumerate(participants.groups):
        told = sum(_at_least(group, name) for name in _SEXES)
        yield from _split_faults(group, told, total=stated_total(group), at=f"{at}/groups/{position}")
    yield from _name_faults(participants, at=at)
    for name in _OF_WHOLE_AND_GROUPS:
        yield from _sum_faults(participants, name, at=at)


def _stated(counts: Counts, name: str) -> int | None:
    return stated_total(counts) if name == "total" else getattr(counts, name)


def _split_faults(counts: Counts, told: int, *, total: int | None, at: str) -> Iterator[Fault]:
    """Return the faults of splits against a total; `told` is how many people the sexes tell of at least."""
    if total is None:
        return
    if None not in (counts.male, counts.female, counts.sex_unspecified) and told != total:
        yield Fault(f"{at}/total", "sexes_do_not_sum", {"sum": told, "total": total})
    elif told > total:
        yield Fault(f"{at}/total", "sexes_exceed_total", {"sum": told, "total": total})
    for name in _WITHIN_TOTAL:
        count = _stated(counts, name)
        if count is not None and count > total:
            yield Fault(f"{at}/{name}", "split_exceeds_total", {"name": name, "given": count, "total": total})


def _told_by_sex(participants: Participants) -> int:
    """Return how many people the sexes of the whole tell of at least.

    A sex that the whole does not state counts as in the groups. When it states none, there is nothing to say
    that the groups do not say of themselves.
    """
    stated = {name: getattr(participants, name) for name in _SEXES}
    if all(count is None for count in stated.values()):
        return 0
    return sum(
        sum(_at_least(group, name) for group in participants.groups) if count is None else count
        for name, count in stated.items()
    )


def _name_faults(participants: Participants, *, at: str) -> Iterator[Fault]:
    seen: set[object] = set()
    for position, group in enumerate(participants.groups):
        pointer = f"{at}/groups/{position}"
        if (group.organization_id is None) == (group.group_label is None):
            yield Fault(pointer, "organization_or_label")
            continue
        name = group.organization_id or group.group_label
        if name in seen:
            field = "group_label" if group.organization_id is None else "organization_id"
            yield Fault(f"{pointer}/{field}", "repeated", {"given": name})
        seen.add(name)


def _sum_faults(participants: Participants, name: str, *, at: str) -> Iterator[Fault]:
    """Return the fault of a count of the whole against the groups; one that does not state it is open."""
    given = _stated(participants, name)
    if given is None or not participants.groups:
        return
    stated = [_stated(group, name) for group in participants.groups]
    found = sum(_at_least(group, name) for group in participants.groups)
    values = {"name": name, "sum": found, "given": given}
    if None not in stated and found != given:
        yield Fault(f"{at}/{name}", "groups_do_not_sum", values)
    elif found > given:
        yield Fault(f"{at}/{name}", "groups_exceed_whole", values)


def _at_least(group: ParticipantGroup, name: str) -> int:
    """Return the least a count can be: as stated, else, of a total, the sexes that were reported."""
    stated = _stated(group, name)
    if stated is not None:
        return stated
    if name != "total":
        return 0
    return (group.male or 0) + (group.female or 0) + (group.sex_unspecified or 0)
