"""Work plans and milestones: each agreement has as many in a large database as in a small one."""

from collections.abc import Iterator
from datetime import timedelta

from schema.vocabulary import MilestoneState, WorkplanLevel, WorkplanState
from tests.bench.rows import Row, record
from tests.bench.world import AT, PER_PLAN, Noun, Size, colleague_of, id_of, parties_of, person_of

_ITEM_STATES = (
    *(WorkplanState.VERIFIED,) * 4,
    *(WorkplanState.COMPLETED,) * 3,
    *(WorkplanState.IN_PROGRESS,) * 5,
    *(WorkplanState.AGREED,) * 7,
    WorkplanState.PROPOSED,
)
_DONE = {WorkplanState.VERIFIED, WorkplanState.COMPLETED}
_MILESTONE_STATES = (
    *(MilestoneState.MET,) * 9,
    *(MilestoneState.SUBMITTED,) * 2,
    *(MilestoneState.OPEN,) * 8,
    MilestoneState.WAIVED,
)
_SUBMITTED = {MilestoneState.MET, MilestoneState.SUBMITTED}
_OUTCOMES, _OUTPUTS = 2, 4
"""The first items of a plan; the others are activity lines."""


def workplan_items(size: Size) -> Iterator[Row]:
    """Gives a tree of items for each agreement: outcomes, outputs and activity lines."""
    for agreement in range(size.agreements):
        for place in range(PER_PLAN):
            yield _item(size, agreement, place=place)


def _item(size: Size, agreement: int, *, place: int) -> Row:
    number = agreement * PER_PLAN + place
    first, cso, _ = parties_of(size, agreement)
    state = _ITEM_STATES[(place + agreement) % len(_ITEM_STATES)]
    agreed, done, verified = (
        state is not WorkplanState.PROPOSED,
        state in _DONE,
        state is WorkplanState.VERIFIED,
    )
    started = AT.date() - timedelta(days=200 + agreement % 900)
    due_on = started + timedelta(days=60 * place) if place % 3 else None
    return (
        record(Noun.WORKPLAN_ITEM, number)
        | {"agreement_id": id_of(Noun.AGREEMENT, agreement)}
        | _branch(agreement, place)
        | {
            "code": f"{place + 1}",
            "title": f"Butir rencana kerja {place + 1}",
            "agreement_year": 1 + place % 3,
            "quarter": 1 + place % 4 if place % 5 else None,
            "due_on": due_on,
            "baseline_due_on": due_on,
            "first_agreed_on": started if agreed else None,
            "lead_organization_id": id_of(Noun.ORGANIZATION, cso),
            "state": state.value,
            "proposed_by": id_of(Noun.ORGANIZATION, cso),
            "proposer_id": person_of(cso),
            "agreed_by": id_of(Noun.ORGANIZATION, first) if agreed else None,
            "agreer_id": person_of(first) if agreed else None,
            "completed_by": id_of(Noun.ORGANIZATION, cso) if done else None,
            "completer_id": person_of(cso) if done else None,
            "verified_by": id_of(Noun.ORGANIZATION, first) if verified else None,
            "verifier_id": colleague_of(first) if verified else None,
        }
    )


def _branch(agreement: int, place: int) -> Row:
    """Gives the level of an item, and the item above it."""
    start = agreement * PER_PLAN
    if place < _OUTCOMES:
        return {"level": WorkplanLevel.OUTCOME, "parent_id": None, "parent_level": None}
    if place < _OUTCOMES + _OUTPUTS:
        above, level, parent_level = place % _OUTCOMES, WorkplanLevel.OUTPUT, WorkplanLevel.OUTCOME
    else:
        above = _OUTCOMES + place % _OUTPUTS
        level, parent_level = WorkplanLevel.ACTIVITY, WorkplanLevel.OUTPUT
    return {
        "level": level.value,
        "parent_id": id_of(Noun.WORKPLAN_ITEM, start + above),
        "parent_level": parent_level.value,
    }


def milestones(size: Size) -> Iterator[Row]:
    """Gives the milestones of each agreement: two parties promise in turn, and the other verifies."""
    for agreement in range(size.agreements):
        for place in range(PER_PLAN):
            yield _milestone(size, agreement, place=place)


def _milestone(size: Size, agreement: int, *, place: int) -> Row:
    first, cso, _ = parties_of(size, agreement)
    owner, other = (first, cso) if place % 2 else (cso, first)
    state = _MILESTONE_STATES[(place + agreement) % len(_MILESTONE_STATES)]
    submitted, met = state in _SUBMITTED, state is MilestoneState.MET
    due_on = AT.date() + timedelta(days=50 * place - 200 - agreement % 900)
    return record(Noun.MILESTONE, agreement * PER_PLAN + place) | {
        "agreement_id": id_of(Noun.AGREEMENT, agreement),
        "organization_id": id_of(Noun.ORGANIZATION, cso),
        "owner_organization_id": id_of(Noun.ORGANIZATION, owner),
        "title": f"Tonggak {place + 1}",
        "due_on": due_on,
        "baseline_due_on": due_on - timedelta(days=30 * (place % 4 == 0)),
        "achieved_on": due_on + timedelta(days=place % 5 - 3) if submitted else None,
        "follows_series": False,
        "state": state.value,
        "submitted_by": id_of(Noun.ORGANIZATION, owner) if submitted else None,
        "submitter_id": person_of(owner) if submitted else None,
        "verified_by": id_of(Noun.ORGANIZATION, other) if met else None,
        "verifier_id": person_of(other) if met else None,
    }
