"""Hard errors of a milestone: what no state of it may hold, and what is worth a second look."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from schema.vocabulary import Language, WarningCode
from schema.wire.common import Warning
from service.access.areas import area_doubts
from service.access.basis import AgreementFacts
from service.kernel.problem import Fault
from service.milestones.records import Stored


def owner_faults(owner_id: UUID, agreement: AgreementFacts) -> Iterator[Fault]:
    """Return a fault when the owner is no party: nobody could submit evidence."""
    if owner_id not in agreement.party_ids:
        yield Fault("/owner_organization_id", "owner_no_party", {"owner": owner_id})


def warnings(stored: Stored, agreement: AgreementFacts, *, language: Language) -> tuple[Warning, ...]:
    """Return the facts about a milestone that are worth a second look."""
    doubts = (*_day_doubts(stored.due_on, agreement), *area_doubts(stored.mcp_areas, stored.due_on.year))
    return tuple(doubt.warning(language) for doubt in doubts)


def _day_doubts(due_on: date, agreement: AgreementFacts) -> Iterator[Fault]:
    first, last = agreement.effective_from, agreement.ends_on
    if (first is not None and due_on < first) or (last is not None and last < due_on):
        values = {"due_on": due_on, "first": first or "…", "last": last or "…"}
        yield Fault("/due_on", WarningCode.DUE_OUTSIDE_AGREEMENT, values)
