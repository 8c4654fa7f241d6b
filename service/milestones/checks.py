"""Hard errors of a milestone: what no state of it may hold, and what is worth a second look."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from schema.vocabulary import Language, WarningCode
from schema.wire.activities import Evidence
from schema.wire.common import Warning
from service.access.basis import AgreementFacts
from service.kernel.problem import Fault

MOST_EVIDENCE = 50


def owner_faults(owner_id: UUID, agreement: AgreementFacts) -> Iterator[Fault]:
    """Return a fault when the owner is no party: nobody could submit evidence."""
    if owner_id not in agreement.party_ids:
        yield Fault("/owner_organization_id", "owner_no_party", {"owner": owner_id})


def evidence_faults(evidence: Iterable[Evidence]) -> Iterator[Fault]:
    """Return a fault for each evidence that says neither where to read it nor where it lies."""
    for position, item in enumerate(evidence):
        if item.url is None and item.document_ref is None:
            yield Fault(f"/evidence/{position}", "evidence_empty")


def length_faults(evidence: tuple[Evidence, ...]) -> Iterator[Fault]:
    """Return a fault when moves have made the evidence longer than a reply holds."""
    if len(evidence) > MOST_EVIDENCE:
        yield Fault("/evidence", "too_long", {"limit": MOST_EVIDENCE})


def warnings(due_on: date, agreement: AgreementFacts, *, language: Language) -> tuple[Warning, ...]:
    """Return the facts about a due day that are worth a second look."""
    first, last = agreement.effective_from, agreement.ends_on
    if (first is None or first <= due_on) and (last is None or due_on <= last):
        return ()
    code = WarningCode.DUE_OUTSIDE_AGREEMENT
    values = {"due_on": due_on, "first": first or "…", "last": last or "…"}
    detail = Fault("/due_on", code, values).detail(language)
    return (Warning(code=code.value, detail=detail, pointer="/due_on"),)
