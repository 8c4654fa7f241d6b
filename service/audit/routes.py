"""The audit trail, for auditors."""

from uuid import UUID

import msgspec

from schema.vocabulary import Permission
from schema.wire.audit import AuditEntryPage, AuditEntryQuery, AuditVerification, AuditVerifyQuery
from service.access.call import Call
from service.access.paging import paged
from service.audit import queries
from service.audit.rules import Place, beginning
from service.audit.verifying import Sight, Verifier
from service.kernel.operation import operation

TAG = "audit"
_FIRST = UUID(int=0)
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


@operation("GET", "/v1/audit-entries/verify", permissions=(Permission.AUDIT_READ,), tag=TAG)
async def get_audit_verification(call: Call, query: AuditVerifyQuery) -> AuditVerification:
    """Check that nothing in the trail was altered: of what the organization shares, and of its own accounts.

    Each entry is chained to the one before it, and the last ones are signed. Whoever keeps the checkpoints
    outside can prove later that the trail said the same (`tenun audit verify --checkpoint FILE`).
    """
    verifier = Verifier(
        call.database, _sight(call, query), keys=call.services.keys, hashing_key=call.services.hashing_key
    )
    start = beginning(_FIRST)
    if query.cursor is not msgspec.UNSET:
        start = Place(*call.position(query.cursor, tuple[UUID, int, str]))
    found = await verifier.verify(start, witnessed={})
    return found.render(None if found.on is None else call.cursor(found.on))


def _sight(call: Call, query: AuditVerifyQuery) -> Sight:
    if query.agreement_id is msgspec.UNSET:
        return Sight(queries.SEEN_STREAMS, queries.SEEN_LINKS, acting_id=call.organization_id)
    return Sight(queries.SEEN_STREAM, queries.SEEN_LINKS, call.organization_id, query.agreement_id)


OPERATIONS = (list_audit_entries, get_audit_verification)
