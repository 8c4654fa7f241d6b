"""Plans of what is read."""

from collections.abc import Iterable, Iterator
from functools import cache

from tests.bench.load import Entry, Plan
from tests.bench.sending import LARGE_PARTY, SMALL_PARTY, Ground, chosen, get, halves, walked
from tests.bench.world import FEW, MEMBERS, Member, Noun, id_of

_DEEP_OF_ONE, _DEEP_OF_ALL, _DEEP_OF_QUEUE = 3, 20, 3
_RECORDS, _LISTS = 2000, 200


def agreements(ground: Ground) -> Plan:
    """Gives R1."""

    def of(member: Member, numbers: Iterable[int]) -> Iterator[Entry]:
        return (get(member, f"/v1/agreements/{id_of(Noun.AGREEMENT, number)}") for number in numbers)

    large = chosen(0, ground.size.agreements, amount=_RECORDS)
    return Plan(halves(of(SMALL_PARTY, range(FEW)), of(LARGE_PARTY, large)))


def summaries(ground: Ground) -> Plan:
    """Gives R3: of busy agreements."""

    def of(member: Member, numbers: Iterable[int]) -> Iterator[Entry]:
        return (get(member, f"/v1/agreements/{id_of(Noun.AGREEMENT, number)}/summary") for number in numbers)

    large = chosen(0, ground.size.busy, amount=_RECORDS)
    return Plan(halves(of(SMALL_PARTY, range(FEW)), of(LARGE_PARTY, large)))


@cache
def pages_of_one(ground: Ground) -> Plan:
    """Gives R2: a first and a deep page of the activities of busy agreements."""

    def of(member: Member, numbers: Iterable[int]) -> Iterator[Entry]:
        for number in numbers:
            path = f"/v1/activities?agreement_id={id_of(Noun.AGREEMENT, number)}&limit=50"
            pages = list(walked(ground, member, path, most=_DEEP_OF_ONE))
            yield from (pages[0], pages[-1])

    large = chosen(0, ground.size.busy, amount=_LISTS)
    return Plan(halves(of(SMALL_PARTY, range(FEW)), of(LARGE_PARTY, large)))


@cache
def pages_of_all(ground: Ground) -> Plan:
    """Gives R4: the activities of all agreements, page by page."""
    return _pages(ground, "/v1/activities?limit=50", most=_DEEP_OF_ALL)


@cache
def queues(ground: Ground) -> Plan:
    """Gives R4Q: what a desk has to answer and should have answered, page by page."""
    return _pages(ground, "/v1/data-requests?role=holder&overdue=true&limit=50", most=_DEEP_OF_QUEUE)


def _pages(ground: Ground, path: str, *, most: int) -> Plan:
    small, large = (walked(ground, member, path, most=most) for member in MEMBERS)
    return Plan(halves(small, large))
