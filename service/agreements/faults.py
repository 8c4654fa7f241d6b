"""What is wrong with an input about an agreement: every fault as a pointer, a code and its values."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import AgreementKind, AgreementState, Precision
from schema.wire import agreements as wire
from service.access.standing import Parent
from service.agreements.phase import Stored, derived_end, is_party, named
from service.kernel.problem import Fault

SIGNING_FIELDS = ("signed_on", "signed_on_precision", "signed_not_after")
"""How a record of the past says when it was signed."""

_SIGNING_DAYS: Mapping[Precision, tuple[str, ...]] = {
    Precision.DAY: ("signed_on",),
    Precision.MONTH: ("signed_on",),
    Precision.NOT_AFTER: ("signed_not_after",),
    Precision.UNKNOWN: (),
}


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What an input names, as the caller may see it; all of it is empty when it names nothing.

    `parent` and `renews_id` are null when the caller does not see the agreement named; `below` are the
    organizations below the caller's; `unknown_ids` are organizations named that the directory does not have;
    `unit_ids` are organizations named that are units of a government.
    """

    parent: Parent | None = None
    parent_party_ids: frozenset[UUID] = frozenset()
    renews_id: UUID | None = None
    below: frozenset[UUID] = frozenset()
    unknown_ids: frozenset[UUID] = frozenset()
    unit_ids: frozenset[UUID] = frozenset()


def party_faults(
    parties: Sequence[wire.PartyInput], *, today: date, unknown_ids: frozenset[UUID]
) -> Iterator[Fault]:
    """Give what is wrong with a list of parties: an organization or a place twice, nobody's organization."""
    organizations: set[UUID] = set()
    positions: set[int] = set()
    for index, party in enumerate(parties):
        at = f"/parties/{index}"
        if party.organization_id in organizations:
            yield Fault(f"{at}/organization_id", "repeated", {"given": party.organization_id})
        if party.organization_id in unknown_ids:
            yield Fault(f"{at}/organization_id", "organization_unknown", {"id": party.organization_id})
        if party.position in positions:
            yield Fault(f"{at}/position", "repeated", {"given": party.position})
        organizations.add(party.organization_id)
        positions.add(party.position)
        yield from signatory_faults(party, at=at, today=today)


def place_faults(others: Sequence[wire.Party], put: wire.PutParty) -> Iterator[Fault]:
    """Give a fault when another party has the place already."""
    for party in others:
        if party.position == put.position:
            yield Fault("/position", "position_taken", {"position": put.position, "party": named(party)})


def signatory_faults(party: wire.PartyInput | wire.PutParty, *, at: str, today: date) -> Iterator[Fault]:
    """Give a fault when somebody is said to have signed on a day to come."""
    day = party.signatory.signed_on if party.signatory else None
    if day is not None and day > today:
        yield Fault(f"{at}/signatory/signed_on", "signing_day_in_future", {"day": day, "today": today})


def leaving_faults(stored: Stored, merged: Stored) -> Iterator[Fault]:
    """Give a fault for each party that an edit would take out of a signed agreement."""
    if stored.state is not AgreementState.SIGNED:
        return
    for party in stored.parties:
        if not is_party(merged, party.organization_id):
            yield Fault("/parties", "party_stays", {"party": named(party)})


def reference_faults(record: Stored, said: Mapping[str, Any], *, around: Around) -> Iterator[Fault]:
    """Give what is wrong with the agreements it names: unknown to the caller, or of the wrong kind."""
    if said.get("parent_id"):
        yield from _parent_faults(record, around.parent)
    if not said.get("renews_id"):
        return
    if record.renews_id == record.id:
        yield Fault("/renews_id", "renews_itself")
    elif record.renews_id != around.renews_id:
        yield Fault("/renews_id", "agreement_unknown", {"id": record.renews_id})


def signing_faults(record: Stored, said: Mapping[str, Any], *, today: date) -> Iterator[Fault]:
    """Give what is wrong with the signing days of a record of the past; another record has none to say."""
    if not record.recorded_from_paper or record.signed_on_precision is None:
        yield from (Fault(f"/{name}", "only_from_paper") for name in SIGNING_FIELDS if said.get(name))
        return
    wanted = _SIGNING_DAYS[record.signed_on_precision]
    for name, day in (("signed_on", record.signed_on), ("signed_not_after", record.signed_not_after)):
        if (day is None) == (name in wanted):
            code = "signing_day_needed" if name in wanted else "signing_day_excluded"
            yield Fault(f"/{name}", code, {"field": name, "precision": record.signed_on_precision})
        if day is not None and day > today:
            yield Fault(f"/{name}", "signing_day_in_future", {"day": day, "today": today})


def term_faults(record: Stored, said: date | None) -> Iterator[Fault]:
    """Give what is wrong with its dates; `said` is the end somebody stated, None where it is derived."""
    if record.open_ended:
        ends = {"ends_on": said, "duration_years": record.duration_years}
        yield from (Fault(f"/{name}", "open_and_ending", {"field": name}) for name in ends if ends[name])
        return
    start, years, derived = record.effective_from, record.duration_years, derived_end(record)
    if start is not None and years is not None and derived is None:
        yield Fault("/duration_years", "end_out_of_calendar", {"start": start, "years": years})
    if said is not None and derived is not None and said != derived:
        values = {"end": said, "start": start, "years": years, "derived": derived}
        yield Fault("/duration_years", "duration_disagrees", values)
    if said is not None and start is not None and said < start:
        yield Fault("/ends_on", "end_before_start", {"end": said, "start": start})


def _parent_faults(record: Stored, parent: Parent | None) -> Iterator[Fault]:
    if record.kind is not AgreementKind.PKS:
        yield Fault("/parent_id", "parent_not_allowed", {"kind": record.kind})
    elif parent is None or parent.id != record.parent_id:
        yield Fault("/parent_id", "agreement_unknown", {"id": record.parent_id})
    elif parent.kind is not AgreementKind.MOU:
        yield Fault("/parent_id", "parent_not_mou", {"kind": parent.kind})
