"""What the rules of the work plan are given: items and reported values as stored.

Both are decoded from a JSON document that a statement makes, so a name here is a key there.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import ActualState, WorkplanLevel, WorkplanState
from schema.wire import workplans as wire
from schema.wire.common import Evidence
from service.access.principal import Caller

DONE = frozenset({WorkplanState.COMPLETED, WorkplanState.VERIFIED})
NOT_STARTED = frozenset({WorkplanState.PROPOSED, WorkplanState.AGREED})
UNDER_WAY = frozenset(WorkplanState) - {WorkplanState.PROPOSED, WorkplanState.DROPPED}
"""States of what was agreed and is not given up."""

PARENT_LEVEL: Mapping[WorkplanLevel, WorkplanLevel] = {
    WorkplanLevel.OUTPUT: WorkplanLevel.OUTCOME,
    WorkplanLevel.ACTIVITY: WorkplanLevel.OUTPUT,
}
"""What each level serves; so the tree is three levels deep and has no cycles."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What others say of an item: approved values, the progress of its children, linked activities.

    `summed` adds all approved values up, `latest` is that of the latest period; null when none was approved.
    `children` is the mean progress of those under way, null when none says any. Context events, drafts and
    what was cancelled are not among the `activities`.
    """

    summed: float | None = None
    latest: float | None = None
    children: int | None = None
    activities: int = 0
    activities_held: int = 0
    children_count: int = 0
    activities_count: int = 0
    milestones_count: int = 0


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the work plan."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    parent_id: UUID | None
    level: WorkplanLevel
    code: str | None
    title: str
    agreement_year: int
    quarter: int | None
    due_on: date | None
    baseline_due_on: date | None
    first_agreed_on: date | None
    lead_organization_id: UUID | None
    supporting_organization_ids: tuple[UUID, ...]
    budget: tuple[wire.BudgetLine, ...]
    indicator: wire.Indicator | None
    evidence: tuple[Evidence, ...]
    state: WorkplanState
    state_reason: str | None
    proposed_by: UUID
    proposer_id: UUID
    agreed_by: UUID | None
    agreer_id: UUID | None
    completed_by: UUID | None
    completer_id: UUID | None
    verified_by: UUID | None
    verifier_id: UUID | None
    drop_proposed_by: UUID | None
    drop_proposer_id: UUID | None
    dropped_by: UUID | None
    dropper_id: UUID | None


class StoredActual(msgspec.Struct, frozen=True, kw_only=True):
    """A value of an indicator for a period."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    workplan_item_id: UUID
    starts_on: date
    ends_on: date
    value: float | None
    not_available_reason: str | None
    note: str | None
    state: ActualState
    state_reason: str | None
    submitted_by: UUID | None
    submitter_id: UUID | None
    approved_by: UUID | None
    approver_id: UUID | None


def next_item(stored: Stored, changes: Mapping[str, Any], *, caller: Caller) -> Stored:
    """Return the item with these fields, one version on."""
    return msgspec.structs.replace(stored, **_stamped(stored.version, changes, caller=caller))


def next_actual(stored: StoredActual, changes: Mapping[str, Any], *, caller: Caller) -> StoredActual:
    """Return the reported value with these fields, one version on."""
    return msgspec.structs.replace(stored, **_stamped(stored.version, changes, caller=caller))


def _stamped(version: int, changes: Mapping[str, Any], *, caller: Caller) -> dict[str, Any]:
    return {**changes, "version": version + 1, "updated_at": caller.now}
