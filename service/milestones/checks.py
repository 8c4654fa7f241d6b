"""Hard errors of a milestone: what no state of it may hold, and what is worth a second look."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from schema.vocabulary import Language, WarningCode
from schema.wire.common import Warning
from service.access.basis import AgreementFacts
from service.kernel.problem import Fault


def owner_faults(owner_id: UUID, agreement: AgreementFacts) -> Iterator[Fault]:
    """Return a fault when the owner is no party: nobody could submit evidence."""
    if owner_id not in agreement.party_ids:
        yield Fault("/owner_organization_id", "owner_no_party", {"owner": owner_id})


def warnings(due_on: date, agreement: AgreementFacts, *, language: Language) -> tuple[Warning, ...]:
    """Return the facts about a due day that are worth a second look."""
    first, last = agreement.effective_from, agreement.ends_on
    if (first is None or first <= due_on) and (last is None or due_on <= last):
        return ()
    code = WarningCode.DUE_OUTSIDE_AGREEMENT
    values = {"due_on": due_on, "first": first or "…", "last": last or "…"}
    detail = Fault("/due_on", code, values).detail(language)
    return (Warning(code=code.value, detail=detail, pointer="/due_on"),)
