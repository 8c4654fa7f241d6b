"""Who reads a document beside seeing its agreement: its own organization, and whom it was delivered to.

A `dataset` is its holder's until a data request delivers it. Whatever was delivered to an organization, of
any kind, it reads while access lasts: asked anew in each statement, so what is revoked is not read any more.
Only a paper that records of the agreement rest on, a signing or evidence, is not taken from anybody that way.
"""

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Uuid,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.types import DateTime

from schema.tables.agreements import agreement
from schema.tables.amendments import amendment
from schema.tables.data_requests import data_request, delivery
from schema.tables.documents import document as kept
from schema.tables.documents import evidence_document
from schema.tables.organizations import organization
from schema.vocabulary import DataRequestState, DocumentKind, Visibility
from service.access.visibility import is_public, visible_to
from service.kernel.statement import param


def readable_document() -> ColumnElement[bool]:
    """Return whether the acting organization may read a document: it is among those it sees, or all may."""
    public = select(true()).where(agreement.c.id == kept.c.agreement_id, is_public()).correlate(kept)
    shown = kept.c.visibility == Visibility.PUBLIC.value
    return or_(visible_to(kept.c.agreement_id) & handed(kept), shown & public.scalar_subquery())


def handed(document: FromClause) -> ColumnElement[bool]:
    """Return whether who sees the agreement of a document may read it, at the instant bound as `now`."""
    own = document.c.organization_id == param("acting_id", Uuid())
    dataset: ColumnElement[str] = literal_column(f"'{DocumentKind.DATASET}'")
    shared = document.c.kind != dataset
    return or_(own, func.coalesce(_delivered(document), shared), shared & _rested_on(document))


def _delivered(document: FromClause) -> ColumnElement[bool]:
    """Return whether access lasts to what delivered it to the acting organization; null when nothing did."""
    asked, pact = data_request.alias("asked"), agreement.alias("pact")
    revoked: ColumnElement[str] = literal_column(f"'{DataRequestState.REVOKED}'")
    end = func.coalesce(asked.c.access_ends_on, pact.c.ends_on)
    now = param("now", DateTime(timezone=True))
    today = cast(func.timezone(organization.c.time_zone, now), Date)
    return (
        select(func.bool_or((asked.c.state != revoked) & func.coalesce(end >= today, True)))
        .select_from(delivery)
        .join(asked, asked.c.id == delivery.c.data_request_id)
        .join(pact, pact.c.id == delivery.c.agreement_id)
        .join(organization, organization.c.id == asked.c.holder_organization_id)
        .where(
            delivery.c.agreement_id == document.c.agreement_id,
            delivery.c.document_id == document.c.id,
            asked.c.requester_organization_id == param("acting_id", Uuid()),
        )
        .correlate(document)
        .scalar_subquery()
    )


def _rested_on(document: FromClause) -> ColumnElement[bool]:
    """Return whether records other than deliveries name a document."""
    shown, pact, change = (table.alias() for table in (evidence_document, agreement, amendment))
    papers = (pact.c.document_id, pact.c.termination_document_id, pact.c.report_document_id)
    named = (
        select(shown.c.document_id).where(
            shown.c.agreement_id == document.c.agreement_id, shown.c.document_id == document.c.id
        ),
        select(pact.c.id).where(
            pact.c.id == document.c.agreement_id, or_(*(paper == document.c.id for paper in papers))
        ),
        select(change.c.id).where(
            change.c.agreement_id == document.c.agreement_id, change.c.document_id == document.c.id
        ),
    )
    return or_(*(exists(each.correlate(document)) for each in named))
