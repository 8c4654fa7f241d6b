"""The audit trail: who did what, in which role, for whom."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import Noun, Role
from schema.wire.common import Code, Id, Instant, ListQuery, Page, Reason, Reply, Version

Sequence = Annotated[
    int,
    Meta(ge=1, le=9_223_372_036_854_775_807, description="Number in the stream, without gaps.", examples=[1]),
]
RequestId = Annotated[str, Meta(max_length=100, examples=["01a20661-205e-7e96-9dbe-63d4294a20b7"])]


class AuditEntry(Reply, frozen=True, kw_only=True):
    """One change, as it was written with it."""

    id: Id
    stream: Annotated[Id, Meta(description="The agreement, or an organization for what belongs to none.")]
    seq: Sequence
    agreement_id: Annotated[Id | None, Meta(description="Agreement it belongs to.")]
    organization_id: Annotated[Id, Meta(description="Organization the actor acted for.")]
    actor_id: Annotated[Id | None, Meta(description="User; null for the system.")]
    role: Annotated[Role | None, Meta(description="Role that gave the permission, at that time.")]
    subject_type: Annotated[Noun, Meta(description="Kind of record.", examples=["agreement"])]
    subject_id: Annotated[Id, Meta(description="The record.")]
    action: Annotated[Code, Meta(description="What was done.", examples=["created"])]
    from_state: Annotated[Code | None, Meta(description="State before.")]
    to_state: Annotated[Code | None, Meta(description="State after.")]
    reason: Annotated[Reason | None, Meta(description="Reason given.")]
    version: Annotated[Version, Meta(description="Version of the record after it.")]
    request_id: Annotated[RequestId | None, Meta(description="Request that did it.")]
    at: Annotated[Instant, Meta(description="When.")]


class AuditEntryPage(Page, frozen=True, kw_only=True):
    """A page of audit entries."""

    items: Annotated[tuple[AuditEntry, ...], Meta(max_length=200, description="Newest first.")]


class AuditEntryQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the audit trail."""

    agreement_id: Annotated[Id | UnsetType, Meta(description="Of one agreement.")] = UNSET
    subject_id: Annotated[Id | UnsetType, Meta(description="Of one record.")] = UNSET
    actor_id: Annotated[Id | UnsetType, Meta(description="By one user.")] = UNSET
    action: Annotated[Code | UnsetType, Meta(description="One kind of change.")] = UNSET
