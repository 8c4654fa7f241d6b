"""The statement of a report: all of it at one moment."""

from typing import Any

from sqlalchemy import Label, Select, case, func, literal_column, null, select

from schema.tables.agreements import agreement, party
from schema.tables.amendments import amendment
from schema.tables.organizations import organization
from schema.vocabulary import AmendmentState
from schema.wire.report import (
    ReportedAmendment,
    ReportedParent,
    ReportedParty,
)
from service.access.standing import Parent
from service.access.visibility import visible_to
from service.kernel.statement import Statement, document, json_list, json_one
from service.reports import counting, listing
from service.reports.counting import ID
from service.reports.records import Found, Pact, Wanted

_PACT_JOINED = {"parent", "above", "parties", "amendments"}


def _pact() -> Select[*tuple[Any, ...]]:
    pact, above = agreement.alias("pact"), agreement.alias("above")
    parent = select(*(above.c[name] for name in Parent.__struct_fields__)).where(
        above.c.id == pact.c.parent_id, visible_to(above.c.id)
    )
    named = select(above.c.id, above.c.title).where(above.c.id == pact.c.parent_id, visible_to(above.c.id))
    plain = [name for name in Pact.__struct_fields__ if name not in _PACT_JOINED]
    return select(
        *(pact.c[name] for name in plain),
        json_one(Parent, parent.correlate(pact), name="parent"),
        json_one(ReportedParent, named.correlate(pact), name="above"),
        _parties(),
        _amendments(),
    ).where(pact.c.id == ID)


def _parties() -> Label[Any]:
    names = ("name", "title", "signed_on", "signature_kind")
    pairs: list[Any] = []
    for name in names:
        pairs += [literal_column(f"'{name}'"), party.c[f"signatory_{name}"]]
    signatory = func.json_build_object(*pairs)
    rows = (
        select(
            party.c.organization_id,
            organization.c.name,
            party.c.position,
            party.c.label,
            party.c.document_number,
            case((party.c.signatory_name.is_(None), null()), else_=signatory).label("signatory"),
            party.c.power_of_attorney,
        )
        .join(organization, organization.c.id == party.c.organization_id)
        .where(party.c.agreement_id == ID)
        .order_by(party.c.position)
    )
    return json_list(ReportedParty, rows, name="parties")


def _amendments() -> Label[Any]:
    rows = (
        select(amendment.c.sequence, amendment.c.title, amendment.c.signed_on)
        .where(amendment.c.agreement_id == ID, amendment.c.state == AmendmentState.SIGNED.value)
        .order_by(amendment.c.sequence)
        .limit(listing.MOST)
    )
    return json_list(ReportedAmendment, rows, name="amendments")


def _report() -> Select[*tuple[Any, ...]]:
    parts = counting.parts_of()
    came, items = counting.came_of(parts), counting.items_of()
    return select(
        json_one(Pact, _pact(), name="pact"),
        counting.activities().label("activities"),
        counting.attendance(came, parts).label("attendance"),
        counting.milestones().label("milestones"),
        counting.workplan(items).label("workplan"),
        counting.data_requests().label("data_requests"),
        listing.held(came),
        listing.results(items),
        listing.promises(),
        listing.asked(),
        listing.documents(),
        listing.left_out(came, items),
        listing.organizations(parts),
    ).where(agreement.c.id == ID, visible_to(agreement.c.id))


REPORT = Statement("agreement_report", document(Found, _report()), params=Wanted, row=Found)
