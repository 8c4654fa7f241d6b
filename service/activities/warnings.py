"""What is worth a second look in an activity; it stops nobody."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from schema.vocabulary import Language, Relation, WarningCode
from schema.wire import activities as wire
from schema.wire.common import Warning
from service.access.areas import area_doubts
from service.access.basis import AgreementFacts
from service.access.tallies import TOOK_PLACE
from service.activities.participants import implied, people_total
from service.activities.records import Stored
from service.kernel.problem import Fault
from service.kernel.regions import in_known_province

_REMEMBERED = 4096  # Entries, a few MB when full.


class _Doubt(NamedTuple):
    """A warning before it is put into words."""

    code: WarningCode
    pointer: str
    values: tuple[tuple[str, object], ...] = ()


def warnings(stored: Stored, agreement: AgreementFacts, *, language: Language) -> tuple[Warning, ...]:
    """Return the facts about the activity that are worth a second look."""
    return tuple([_warning(doubt, language) for doubt in _doubts(stored, agreement)])


@lru_cache(maxsize=_REMEMBERED)
def _warning(doubt: _Doubt, language: Language) -> Warning:
    return Fault(doubt.pointer, doubt.code, dict(doubt.values)).warning(language)


def _doubts(stored: Stored, agreement: AgreementFacts) -> Iterator[_Doubt]:
    if _outside(stored, agreement):
        yield _outside_dates(stored, agreement)
    if stored.state in TOOK_PLACE:
        yield from _count_doubts(stored)
    if stored.region_code is not None and not in_known_province(stored.region_code):
        yield _Doubt(WarningCode.REGION_CODE_UNKNOWN, "/region_code", (("code", stored.region_code),))
    for fault in area_doubts(stored.mcp_areas, stored.starts_on.year):
        yield _Doubt(WarningCode(fault.code), fault.pointer, tuple(fault.values.items()))


def _outside(stored: Stored, agreement: AgreementFacts) -> bool:
    first, last = agreement.effective_from, agreement.ends_on
    early = first is not None and stored.starts_on < first
    return early or (last is not None and stored.ends_on > last)


def _outside_dates(stored: Stored, agreement: AgreementFacts) -> _Doubt:
    values = (
        ("starts_on", stored.starts_on),
        ("ends_on", stored.ends_on),
        ("first", agreement.effective_from or "…"),
        ("last", agreement.ends_on or "…"),
    )
    return _Doubt(WarningCode.OUTSIDE_AGREEMENT_DATES, "/starts_on", values)


def _count_doubts(stored: Stored) -> Iterator[_Doubt]:
    participants = stored.participants
    people = people_total(participants)
    if people is None and stored.relation is Relation.JOINT:
        yield _Doubt(WarningCode.COUNTS_UNKNOWN, "/participants")
    if people and participants is not None and not _has_sexes(participants):
        yield _Doubt(WarningCode.COUNTS_WITHOUT_SEX_SPLIT, "/participants", (("total", people),))


def _has_sexes(participants: wire.Participants) -> bool:
    return implied(participants, "male") is not None and implied(participants, "female") is not None
