"""The audit trail, for auditors."""

from uuid import UUID

import msgspec

from schema.vocabulary import Permission
from schema.wire.audit import AuditEntryPage, AuditEntryQuery
from service.access.call import Call
from service.access.paging import paged
from service.audit import queries
from service.kernel.operation import operation

TAG = "audit"
_FILTERS = ("agreement_id", "subject_id", "actor_id", "action")


@operation("GET", "/v1/audit-entries", permissions=(Permission.AUDIT_READ,), tag=TAG)
async def list_audit_entries(call: Call, query: AuditEntryQuery) -> AuditEntryPage:
    """List who did what, newest first: of every agreement the organization sees, and of its own accounts."""
    used = {name: value for name in _FILTERS if (value := getattr(query, name)) is not msgspec.UNSET}
    filters = queries.Filters(acting_id=call.organization_id, row_limit=query.limit + 1, **used)
    if query.cursor is not msgspec.UNSET:
        (after_id,) = call.position(query.cursor, tuple[UUID])
        filters = msgspec.structs.replace(filters, after_id=after_id)
    rows = await call.database.rows(queries.listing(frozenset(used)), filters)
    items, cursor = paged(call, rows, limit=query.limit, position=lambda row: (row.id,))
    total = await call.database.only(queries.counting(frozenset(used)), filters) if query.count else None
    return AuditEntryPage(items=items, next_cursor=cursor, total=total and total.total)


OPERATIONS = (list_audit_entries,)
