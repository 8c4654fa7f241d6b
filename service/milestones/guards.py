"""What guards a milestone: the facts they look at, and each guard with the faults of what it asks for.

What a move must bring along is asked for once there is a move: `actions[]` knows none yet.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple
from uuid import UUID

from schema.vocabulary import AgreementPhase
from schema.wire import milestones as wire
from service.access.basis import AgreementFacts, open_faults
from service.access.principal import Caller
from service.kernel.problem import Fault
from service.milestones.records import Stored


class Facts(NamedTuple):
    """All that guards look at: small and the same for many milestones, so that it can be the key of a cache.

    `other_owner` is the owner when it is another party than the caller's; `achieved_ahead` is the day a
    submission says when it is still to come, and `lacks_evidence` that neither it nor the record has any.
    """

    phase: AgreementPhase
    today: date
    other_owner: UUID | None
    achieved_ahead: date | None
    lacks_evidence: bool
    submitted_here: bool
    submitted_myself: bool
    proposed_here: bool
    proposed_myself: bool


Guard = Callable[[Facts], Iterator[Fault]]


def facts_of(
    stored: Stored, caller: Caller, *, agreement: AgreementFacts, move: wire.MilestoneMove | None = None
) -> Facts:
    """Return what the guards look at when this caller makes this move, or any, today."""
    own, person, today = caller.organization_id, caller.principal.user_id, caller.today
    submits = isinstance(move, wire.SubmitMilestone)
    achieved_on = move.achieved_on if isinstance(move, wire.SubmitMilestone) else today
    proposal = stored.cancel_proposal
    return Facts(
        phase=agreement.phase,
        today=today,
        other_owner=None if stored.owner_organization_id == own else stored.owner_organization_id,
        achieved_ahead=achieved_on if achieved_on > today else None,
        lacks_evidence=submits and not stored.evidence,
        submitted_here=stored.submitted_by == own,
        submitted_myself=stored.submitter_id == person,
        proposed_here=proposal is not None and proposal.organization_id == own,
        proposed_myself=proposal is not None and proposal.user_id == person,
    )


def agreement_open(facts: Facts) -> Iterator[Fault]:
    """An agreement that is neither blocked nor finished."""
    yield from open_faults(facts.phase)


def by_owner(facts: Facts) -> Iterator[Fault]:
    """The party that promised it."""
    if facts.other_owner is not None:
        yield Fault("/owner_organization_id", "owner_submits", {"owner": facts.other_owner})


def achieved(facts: Facts) -> Iterator[Fault]:
    """A day of achievement that is not ahead."""
    if facts.achieved_ahead is not None:
        yield Fault("/achieved_on", "day_in_future", {"day": facts.achieved_ahead, "today": facts.today})


def evidence_given(facts: Facts) -> Iterator[Fault]:
    """At least one evidence, on record or in the body."""
    if facts.lacks_evidence:
        yield Fault("/evidence", "evidence_required")


def submitted_elsewhere(facts: Facts) -> Iterator[Fault]:
    """What another party submitted, by another person."""
    if facts.submitted_here:
        yield Fault("", "same_party")
    elif facts.submitted_myself:
        yield Fault("", "same_person")


def second_key(facts: Facts) -> Iterator[Fault]:
    """A proposal of another party, by another person; without one, this is the first key."""
    if facts.proposed_here:
        yield Fault("/cancel_proposal", "cancel_needs_another_party")
    elif facts.proposed_myself:
        yield Fault("/cancel_proposal", "cancel_needs_another_person")
