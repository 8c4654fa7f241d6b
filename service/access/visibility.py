"""Who sees what of the partners: the one predicate every query over their tables passes.

Who may see an agreement is kept as rows, rewritten when parties or the tree change, so this is one indexed look-up.
"""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, or_, select, true

from schema.tables.agreements import agreement, agreement_access
from schema.vocabulary import Visibility
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


def visible_or_public() -> ColumnElement[bool]:
    """Return whether the acting organization may see an agreement at all: as `visible_to`, or because it is public."""
    return or_(visible_to(agreement.c.id), agreement.c.visibility == Visibility.PUBLIC.value)
