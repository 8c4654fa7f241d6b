"""What the rules of activities are given: an activity as stored.

A stored activity is decoded from a JSON document that a statement makes, so a name here is a key there.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import ActivityKind, ActivityState, McpArea, Mode, OrganizerRole, Relation
from schema.wire import activities as wire
from service.access.principal import Caller


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """An activity with its organizers and participants, null when nothing is known of them.

    Documents written before activities could name an item or a milestone know none: hence their defaults.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    organization_id: UUID
    relation: Relation
    kind: ActivityKind
    also_kinds: tuple[ActivityKind, ...]
    title: str
    mode: Mode
    starts_on: date
    ends_on: date
    former_dates: tuple[wire.FormerDates, ...]
    starts_at_local: str | None
    venue: str | None
    online_url: str | None
    region_code: str | None
    organizers: tuple[wire.Organizer, ...]
    topics: tuple[str, ...]
    outcome: str | None
    follow_ups: tuple[wire.FollowUp, ...]
    participants: wire.Participants | None
    training: wire.Training | None
    external_refs: tuple[wire.ExternalRef, ...]
    mcp_areas: tuple[McpArea, ...]
    evidence: tuple[wire.Evidence, ...]
    workplan_item_id: UUID | None = None
    milestone_id: UUID | None = None
    client_ref: str | None
    state: ActivityState
    state_reason: str | None
    reported_by: UUID | None
    verified_by: UUID | None
    reporter_id: UUID | None
    verifier_id: UUID | None


def has_host(stored: Stored) -> bool:
    """Whether an organization is named as host."""
    return OrganizerRole.HOST in [organizer.role for organizer in stored.organizers]


def next_version(stored: Stored, changes: Mapping[str, Any], *, caller: Caller) -> Stored:
    """Return the activity with these fields, one version on."""
    stamped = {**changes, "version": stored.version + 1, "updated_at": caller.now}
    return msgspec.structs.replace(stored, **stamped)
