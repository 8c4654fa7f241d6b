"""Actors, agreements and activities for the tests of the rules, complete until a test takes something."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schema.vocabulary import ActivityState, Language, Role, TimeZone, TokenKind
from schema.wire import activities as wire
from service.access.basis import AgreementFacts
from service.access.policy import permissions_of
from service.access.principal import Caller, Principal
from service.activities.records import Stored
from service.kernel.problem import Problem

OURS, THEIRS, OUTSIDE = UUID(int=1), UUID(int=2), UUID(int=3)
AGREEMENT, ACTIVITY, PERSON = UUID(int=11), UUID(int=12), UUID(int=13)
PEOPLE = {OURS: PERSON, THEIRS: UUID(int=15), OUTSIDE: UUID(int=16)}
TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
YESTERDAY, TOMORROW = date(2026, 2, 28), date(2026, 3, 2)


def caller(
    *roles: Role, organization: UUID = OURS, person: UUID | None = None, language: Language = Language.EN
) -> Caller:
    """Gives someone with these roles, a coordinator when none is named; each organization has its person."""
    roles = roles or (Role.COORDINATOR,)
    principal = Principal(
        token_id=UUID(int=14),
        token_kind=TokenKind.SESSION,
        expires_at=NOW,
        user_id=person or PEOPLE[organization],
        organization_id=organization,
        time_zone=TimeZone.MAKASSAR,
        roles=roles,
        membership_version=1,
        user_version=1,
        password_change_required=False,
        permissions=permissions_of(roles),
        sees_many=False,
    )
    return Caller(principal=principal, now=NOW, today=TODAY, language=language)


def agreement(**values: Any) -> AgreementFacts:
    """Gives an agreement in force whose parties are OURS and THEIRS."""
    document = {
        "id": AGREEMENT,
        "version": 1,
        "state": "signed",
        "phase": "active",
        "signed": True,
        "effective_from": date(2022, 8, 15),
        "effective_from_source": "own",
        "ends_on": date(2027, 8, 14),
        "blocked_from": None,
        "party_ids": [OURS, THEIRS],
    }
    return msgspec.convert(document | values, AgreementFacts)


def suspended(**values: Any) -> AgreementFacts:
    """Gives an agreement that was suspended yesterday."""
    facts = {"state": "suspended", "phase": "suspended", "blocked_from": YESTERDAY}
    return agreement(**(facts | values))


def stored(state: str = "draft", **values: Any) -> Stored:
    """Gives an activity of yesterday that nothing stops from going on to any state; OURS reported it."""
    reported = state in {"reported", "verified"}
    document = {
        "id": ACTIVITY,
        "version": 7,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": PERSON,
        "agreement_id": AGREEMENT,
        "organization_id": OURS,
        "relation": "joint",
        "kind": "bimtek",
        "title": "Bimtek penggunaan opentender.net",
        "mode": "in_person",
        "starts_on": YESTERDAY,
        "ends_on": YESTERDAY,
        "venue": "Kristal Hotel, Kupang",
        "region_code": "53.71",
        "organizers": [{"organization_id": OURS, "role": "host"}],
        "evidence": [{"url": "https://example.org/berita"}],
        "state": state,
        "reported_by": OURS if reported else None,
        "verified_by": THEIRS if state == "verified" else None,
        "reporter_id": PEOPLE[OURS] if reported else None,
        "verifier_id": PEOPLE[THEIRS] if state == "verified" else None,
    }
    empty = dict.fromkeys(
        ("also_kinds", "former_dates", "topics", "follow_ups", "external_refs", "mcp_areas"), ()
    )
    unknown = dict.fromkeys(
        (
            "starts_at_local",
            "online_url",
            "outcome",
            "participants",
            "training",
            "client_ref",
            "state_reason",
        )
    )
    return msgspec.convert(unknown | empty | document | values, Stored)


def body(**values: Any) -> wire.CreateActivity:
    """Gives what a client sends for an activity of yesterday that is complete for any state."""
    document = {
        "agreement_id": AGREEMENT,
        "kind": "bimtek",
        "title": "Bimtek penggunaan opentender.net",
        "mode": "in_person",
        "starts_on": YESTERDAY,
        "venue": "Kristal Hotel, Kupang",
        "organizers": [{"organization_id": OURS, "role": "host"}],
        "evidence": [{"document_ref": "Map 12/2026"}],
    }
    return msgspec.convert(document | values, wire.CreateActivity)


def patch(**values: Any) -> wire.UpdateActivity:
    """Gives a change of these fields."""
    return msgspec.convert(values, wire.UpdateActivity)


def people(total: int | None = None, *groups: dict[str, Any], **values: Any) -> wire.Participants:
    """Gives counts of people."""
    return msgspec.convert({"total": total, "groups": groups, **values}, wire.Participants)


def move(action: str, **values: Any) -> wire.ActivityMove:
    """Gives the body of an action, with a reason and days where it needs some."""
    needed: dict[str, Any] = {"action": action}
    if action in {"reschedule", "cancel", "return", "reopen"}:
        needed["reason"] = "Menunggu hasil audit."
    if action == "reschedule":
        needed["starts_on"] = TOMORROW
    return msgspec.convert(needed | values, wire.ActivityMove)


def refusal(call: Callable[[], object]) -> Problem:
    """Gives the problem a call raises."""
    with pytest.raises(Problem) as caught:
        call()
    return caught.value


def faults(problem: Problem) -> list[tuple[str, str]]:
    """Gives pointer and code of each fault, after all of them were put into both languages."""
    for language in Language:
        for fault in problem.render(language, "test").errors:
            assert fault.detail
    return [(fault.pointer, fault.code) for fault in problem.faults]


def codes(problem: Problem) -> list[str]:
    """Gives the code of each fault."""
    return [code for _, code in faults(problem)]


STATES = [state.value for state in ActivityState]
