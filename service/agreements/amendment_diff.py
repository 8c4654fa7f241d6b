"""What two versions of an agreement say differently, and which kind of amendment that makes. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from schema.vocabulary import AmendmentKind
from schema.wire.agreements import Party
from schema.wire.amendments import Difference
from service.agreements.phase import Stored

_PLAIN = (
    "scheme",
    "title",
    "printed_title",
    "objective",
    "region_code",
    "effective_from",
    "ends_on",
    "duration_years",
    "open_ended",
    "survives_parent",
)
_OF_PARTY = ("position", "label", "document_number", "power_of_attorney")
_OF_SIGNATORY = ("name", "title", "signed_on", "signature_kind")

COVERING: Final = frozenset({AmendmentKind.CORRECTION, AmendmentKind.OTHER})
"""Kinds that any change may be."""


def differences(before: Stored, after: Stored) -> tuple[Difference, ...]:
    """Return all that the second says differently; the other way round it gives the same, turned round."""
    old, new = dict(_said(before)), dict(_said(after))
    places = dict.fromkeys((*old, *new))
    return tuple(
        Difference(pointer=place[0], before=old.get(place), after=new.get(place))
        for place in places
        if old.get(place) != new.get(place)
    )


def kind_of(difference: Difference, before: Stored, *, after: Stored) -> AmendmentKind | None:
    """Return the kind of amendment that a difference makes; None for one that has no kind of its own."""
    field, *rest = difference.pointer.split("/")[1:]
    if field in {"ends_on", "open_ended", "duration_years"}:
        return AmendmentKind.EXTENSION if lasts_longer(before, after) else None
    if field in {"scope", "objective"}:
        return AmendmentKind.SCOPE
    return _kind_of_party(rest, before, after=after) if field == "parties" else None


def lasts_longer(before: Stored, after: Stored) -> bool:
    """Whether the second ends later, or never, or on a day where the first knew none."""
    if before.open_ended:
        return False
    known = after.open_ended or after.ends_on is not None
    return known and (before.ends_on is None or _last(after) > before.ends_on)


def _last(stored: Stored) -> date:
    return date.max if stored.ends_on is None else stored.ends_on


def _kind_of_party(rest: Sequence[str], before: Stored, *, after: Stored) -> AmendmentKind | None:
    organization_id, name, *_ = rest
    both = [{str(party.organization_id) for party in stored.parties} for stored in (before, after)]
    if name == "position" or any(organization_id not in ids for ids in both):
        return AmendmentKind.PARTIES
    return AmendmentKind.SIGNATORY if name in {"signatory", "power_of_attorney"} else None


def _said(stored: Stored) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield all that an agreement says, by where it stands."""
    for name in _PLAIN:
        yield from _text(f"/{name}", getattr(stored, name))
    for item in stored.scope:
        yield ("/scope", item), item
    for party in stored.parties:
        yield from _of_party(party)


def _of_party(party: Party) -> Iterator[tuple[tuple[str, str], str]]:
    at = f"/parties/{party.organization_id}"
    for name in _OF_PARTY:
        yield from _text(f"{at}/{name}", getattr(party, name))
    for name in _OF_SIGNATORY if party.signatory else ():
        yield from _text(f"{at}/signatory/{name}", getattr(party.signatory, name))


def _text(pointer: str, value: object) -> Iterator[tuple[tuple[str, str], str]]:
    if value is not None:
        yield (pointer, ""), str(value).lower() if isinstance(value, bool) else str(value)
