"""What the rules of milestones are given: a milestone and a series as stored.

Both are decoded from a JSON document that a statement makes, so a name here is a key there.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import McpArea, MilestoneState
from schema.wire import milestones as wire
from service.access.principal import Caller


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone; `follows_series` says that nobody has touched it since its series generated it."""

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
    evidence: tuple[wire.Evidence, ...]
    mcp_areas: tuple[McpArea, ...]
    series_id: UUID | None
    occurrence_on: date | None
    follows_series: bool
    client_ref: str | None
    state: MilestoneState
    state_reason: str | None
    submitted_by: UUID | None
    verified_by: UUID | None
    submitter_id: UUID | None
    verifier_id: UUID | None
    cancel_proposal: wire.CancelProposal | None
    cancelled_by: UUID | None
    canceller_id: UUID | None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A series; its rule and first day never change."""

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


class Generated(Series, frozen=True, kw_only=True):
    """A series with the days it generated milestones for."""

    occurrences: tuple[date, ...]


def next_version(stored: Stored, changes: Mapping[str, Any], *, caller: Caller) -> Stored:
    """Return the milestone with these fields, one version on, and on its own if a series made it.

    Whoever touches it clears the proposal to cancel, unless that is what the change is about.
    """
    stamped = {
        "follows_series": False,
        "cancel_proposal": None,
        **changes,
        "version": stored.version + 1,
        "updated_at": caller.now,
    }
    return msgspec.structs.replace(stored, **stamped)
