"""The changes of a milestone, with the agreement it rests on held."""

from datetime import date, datetime
from uuid import UUID

from schema.tables.milestones import milestone, milestone_series
from service.access.holding import Behind, agreement_held, locked, to_come
from service.kernel.ledger import Change, inserted, updated


class Written(Behind, frozen=True, kw_only=True):
    """A new or changed milestone, with its lists as JSON."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    organization_id: UUID
    owner_organization_id: UUID
    title: str
    workplan_item_id: UUID | None
    due_on: date
    baseline_due_on: date
    achieved_on: date | None
    evidence: str | None
    mcp_areas: tuple[str, ...]
    series_id: UUID | None
    occurrence_on: date | None
    follows_series: bool
    client_ref: str | None
    client_fingerprint: bytes | None
    state: str
    state_reason: str | None
    submitted_by: UUID | None
    verified_by: UUID | None
    submitter_id: UUID | None
    verifier_id: UUID | None
    cancel_proposal: str | None
    cancelled_by: UUID | None
    canceller_id: UUID | None


class WrittenSeries(Behind, frozen=True, kw_only=True):
    """A new or changed series."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    organization_id: UUID
    owner_organization_id: UUID
    title: str
    rule: str
    starts_on: date
    fingerprint: bytes | None


_ROW = tuple(column.name for column in milestone.columns)
_ONCE = {
    "id",
    "created_at",
    "created_by",
    "agreement_id",
    "organization_id",
    "baseline_due_on",
    "series_id",
    "occurrence_on",
    "client_ref",
    "client_fingerprint",
}
_CHANGED = tuple(name for name in _ROW if name not in _ONCE)


CREATE = Change(
    "create_milestone",
    params=Written,
    target=to_come(),
    works=lambda head: [inserted(milestone, _ROW, head=head)],
    unused=("expected_version",),
)

CHANGE = Change(
    "change_milestone",
    params=Written,
    target=locked(milestone, agreement_held()),
    works=lambda head: [updated(milestone, _CHANGED, head=head)],
    unused=_ONCE,
)

_SERIES = tuple(column.name for column in milestone_series.columns)
_SERIES_CHANGED = ("version", "updated_at", "owner_organization_id", "title")

CREATE_SERIES = Change(
    "create_milestone_series",
    params=WrittenSeries,
    target=to_come(),
    works=lambda head: [inserted(milestone_series, _SERIES, head=head)],
    unused=("expected_version",),
)

CHANGE_SERIES = Change(
    "change_milestone_series",
    params=WrittenSeries,
    target=locked(milestone_series, agreement_held()),
    works=lambda head: [updated(milestone_series, _SERIES_CHANGED, head=head)],
    unused=set(_SERIES) - set(_SERIES_CHANGED),
)
