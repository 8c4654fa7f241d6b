"""An amendment as it is stored, and its agreement as it would be with it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import asdict, replace

from schema.vocabulary import AmendmentKind, AmendmentState
from schema.wire import agreements, amendments
from schema.wire.common import UNSET
from service.agreements.phase import Stored, derived_end

OPEN = frozenset({AmendmentState.IN_DISCUSSION, AmendmentState.READY_TO_SIGN})
"""States in which nothing is decided; an agreement has one amendment in them at most."""

_TERM = {"ends_on", "open_ended"}


class StoredAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """An amendment with the acceptances that count, those of its present terms.

    `differences` is null while it is open: then they follow from the agreement as it is.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    sequence: int
    organization_id: UUID
    title: str | None
    kinds: tuple[AmendmentKind, ...]
    changes: amendments.AmendmentChanges
    terms_version: int
    base_terms_version: int
    state: AmendmentState
    state_reason: str | None
    ready_on: date | None
    signed_on: date | None
    signing_registered_on: date | None
    signatures: tuple[agreements.Signature, ...]
    document_ref: str | None
    document_id: UUID | None
    differences: tuple[amendments.Difference, ...] | None
    cancelled_on: date | None
    agreement_version: int | None
    acceptances: tuple[amendments.Acceptance, ...]


def present(changes: amendments.AmendmentChanges) -> dict[str, Any]:
    """Return the fields that are proposed, with what they are to be."""
    return {name: value for name, value in asdict(changes).items() if value is not UNSET}


def amended(stored: Stored, changes: amendments.AmendmentChanges) -> Stored:
    """Return the agreement as these changes make it, in the version and terms it has.

    An end that is stated takes the place of a length in years; a derived one goes on following its start.
    """
    given = present(changes)
    fields = {name: value for name, value in given.items() if name not in {"parties", *_TERM}}
    if "parties" in given:
        fields["parties"] = tuple(_parties(stored, given["parties"]))
    result = replace(stored, **fields)
    if not given.keys().isdisjoint(_TERM):
        return replace(result, **_term(given))
    return replace(result, ends_on=derived_end(result)) if result.ends_on_is_derived else result


def _term(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ends_on": given.get("ends_on"),
        "ends_on_is_derived": False,
        "duration_years": None,
        "open_ended": given.get("open_ended", False),
    }


def _parties(stored: Stored, given: Iterable[agreements.PartyInput]) -> list[agreements.Party]:
    """Give the parties in order: whoever stays keeps what is not said, and the document number always."""
    before = {party.organization_id: party for party in stored.parties}
    return sorted((_party(before.get(each.organization_id), each) for each in given), key=_position)


def _position(party: agreements.Party) -> int:
    return party.position


def _party(before: agreements.Party | None, given: agreements.PartyInput) -> agreements.Party:
    if before is None:
        return agreements.Party(**asdict(given), accepted_terms_version=None)
    return replace(
        before,
        position=given.position,
        label=given.label or before.label,
        document_number=before.document_number or given.document_number,
        signatory=given.signatory or before.signatory,
        power_of_attorney=given.power_of_attorney or before.power_of_attorney,
    )
