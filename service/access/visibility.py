"""Who sees what of the partners: the one predicate every query over their tables passes.

Who may see an agreement is kept as rows, rewritten when parties or the tree change, so this is one indexed
look-up.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Label, Uuid, literal_column, or_, select, true

from schema.tables.agreements import agreement, agreement_access
from schema.vocabulary import Classification, Visibility
from service.kernel.statement import param


def visible_to(agreement_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether the organization bound as `acting_id` may see what belongs to an agreement."""
    access = agreement_access.alias("access")
    return (
        select(true())
        .where(access.c.agreement_id == agreement_id, access.c.organization_id == param("acting_id", Uuid()))
        .correlate_except(access)
        .scalar_subquery()
    )


def reason_of_access(agreement_id: ColumnElement[Any]) -> Label[Any]:
    """Return why the acting organization sees an agreement; null when only because it is public."""
    access = agreement_access.alias("sight")
    return (
        select(access.c.reason)
        .where(access.c.agreement_id == agreement_id, access.c.organization_id == param("acting_id", Uuid()))
        .correlate_except(access)
        .scalar_subquery()
        .label("access")
    )


def among_visible(agreement_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the same as `visible_to`, as a set to start from.

    The primary key of the access rows gives them in the order of ids, so a party to a few of many thousand
    agreements does not walk through the others.
    """
    access = agreement_access.alias("access")
    mine = select(access.c.agreement_id).where(access.c.organization_id == param("acting_id", Uuid()))
    return agreement_id.in_(mine)


def seen_rows() -> FromClause:
    """Return the access rows of the acting organization, to join from when they are few."""
    access = agreement_access.alias("access")
    columns = select(access.c.agreement_id).where(access.c.organization_id == param("acting_id", Uuid()))
    return columns.subquery("seen")


def is_public() -> ColumnElement[bool]:
    """Return whether an agreement is public; a literal, because a partial index needs one."""
    return agreement.c.visibility == literal_column(f"'{Visibility.PUBLIC}'")


def visible_or_public() -> ColumnElement[bool]:
    """Return whether the acting organization may see an agreement: as `visible_to`, or as a public one."""
    return or_(visible_to(agreement.c.id), is_public())


def request_visible(request: FromClause) -> ColumnElement[bool]:
    """Return whether the acting organization sees a data request: as its agreement, or as one of two sides.

    A request by the law belongs to no agreement: there its requester and its holder alone see it.
    """
    return or_(visible_to(request.c.agreement_id), own_request(request))


def own_request(request: FromClause) -> ColumnElement[bool]:
    """Return whether the acting organization is a side of a data request."""
    acting_id = param("acting_id", Uuid())
    return or_(
        request.c.requester_organization_id == acting_id, request.c.holder_organization_id == acting_id
    )


def catalogued(dataset: FromClause) -> ColumnElement[bool]:
    """Return whether the acting organization finds a dataset: closed ones are the holder's own."""
    closed = dataset.c.classification == literal_column(f"'{Classification.CLOSED}'")
    return or_(~closed, dataset.c.holder_organization_id == param("acting_id", Uuid()))
