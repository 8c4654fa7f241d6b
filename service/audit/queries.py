"""Statements over the audit trail."""

from functools import cache
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Integer, Text, Uuid, and_, exists, func, or_, select

from schema.tables.agreements import agreement
from schema.tables.ledger import audit_entry
from schema.wire.audit import AuditEntry
from service.access.paging import Counted
from service.access.visibility import visible_to
from service.kernel.statement import Statement, document, param

_LAST_ID = UUID(int=(1 << 128) - 1)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the trail may be narrowed by."""

    acting_id: UUID
    row_limit: int
    agreement_id: UUID | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)


@cache
def listing(used: frozenset[str]) -> Statement[Filters, AuditEntry]:
    """Return the statement of a page for one set of filters."""
    rows = (
        select(*(audit_entry.c[name] for name in AuditEntry.__struct_fields__))
        .where(*_conditions(used), audit_entry.c.id < param("after_id", Uuid()))
        .order_by(audit_entry.c.id.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement(
        "list_audit_entries", document(AuditEntry, rows), params=Filters, row=AuditEntry, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(audit_entry).where(*_conditions(used))
    return Statement(
        "count_audit_entries", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    acting_id = param("acting_id", Uuid())
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": audit_entry.c.agreement_id == param("agreement_id", Uuid()),
        "subject_id": audit_entry.c.subject_id == param("subject_id", Uuid()),
        "actor_id": audit_entry.c.actor_id == param("actor_id", Uuid()),
        "action": audit_entry.c.action == param("action", Text()),
    }
    # What belongs to no agreement, or to none any more, is seen by the organization it was done for or about.
    own = or_(audit_entry.c.stream == acting_id, audit_entry.c.organization_id == acting_id)
    there = exists(select(agreement.c.id).where(agreement.c.id == audit_entry.c.agreement_id))
    seen = or_(visible_to(audit_entry.c.agreement_id), and_(own, ~there))
    return [seen, *(known[name] for name in sorted(used))]
