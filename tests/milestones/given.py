"""Milestones and moves for the tests of the rules, complete until a test takes something."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import MilestoneState
from schema.wire import milestones as wire
from service.milestones.records import Stored
from tests.activities.given import AGREEMENT, NOW, OURS, PEOPLE, THEIRS, TODAY

MILESTONE = UUID(int=21)
FAR = date(2026, 6, 30)
STATES = [state.value for state in MilestoneState]


def proposal(organization: UUID = OURS, **values: Any) -> dict[str, Any]:
    """Gives the first key of cancelling, turned by the person who acts for the organization."""
    return {
        "organization_id": organization,
        "user_id": PEOPLE[organization],
        "at": NOW,
        "reason": "Tidak jadi.",
    } | values


def stored(state: str = "open", **values: Any) -> Stored:
    """Gives a milestone of OURS due in four months; OURS submitted it, THEIRS verified it."""
    submitted, met = state in {"submitted", "met"}, state == "met"
    cancelled = state == "cancelled"
    document = {
        "id": MILESTONE,
        "version": 7,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": PEOPLE[OURS],
        "agreement_id": AGREEMENT,
        "organization_id": OURS,
        "owner_organization_id": OURS,
        "title": "Survei SPI 2026 selesai",
        "workplan_item_id": None,
        "due_on": FAR,
        "baseline_due_on": FAR,
        "achieved_on": TODAY if submitted or met else None,
        "evidence": [{"url": "https://example.org/spi"}],
        "mcp_areas": [],
        "series_id": None,
        "occurrence_on": None,
        "follows_series": False,
        "client_ref": None,
        "state": state,
        "state_reason": None,
        "submitted_by": OURS if submitted or met else None,
        "verified_by": THEIRS if met else None,
        "submitter_id": PEOPLE[OURS] if submitted or met else None,
        "verifier_id": PEOPLE[THEIRS] if met else None,
        "cancel_proposal": proposal() if cancelled else None,
        "cancelled_by": THEIRS if cancelled else None,
        "canceller_id": PEOPLE[THEIRS] if cancelled else None,
    }
    return msgspec.convert(document | values, Stored)


def body(**values: Any) -> wire.CreateMilestone:
    """Gives what a client sends for a milestone."""
    document = {
        "agreement_id": AGREEMENT,
        "title": "Survei SPI 2026 selesai",
        "due_on": FAR,
        "owner_organization_id": OURS,
    }
    return msgspec.convert(document | values, wire.CreateMilestone)


def patch(**values: Any) -> wire.UpdateMilestone:
    """Gives a change of these fields."""
    return msgspec.convert(values, wire.UpdateMilestone)


def move(action: str, **values: Any) -> wire.MilestoneMove:
    """Gives the body of an action, with a reason, days and evidence where it needs some."""
    needed: dict[str, Any] = {"action": action}
    if action in {"return", "replan", "waive", "cancel"}:
        needed["reason"] = "Menunggu hasil audit."
    if action == "replan":
        needed["due_on"] = date(2026, 9, 30)
    if action == "submit":
        needed["achieved_on"] = TODAY
    return msgspec.convert(needed | values, wire.MilestoneMove)
