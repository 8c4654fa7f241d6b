"""What guards an activity: the facts they look at, and each guard with the faults of what it asks for.

Start ≤ end and consistent counts hold in every state (`checks`), so no guard repeats them. The dates of an
agreement never stop what took place: outside them it gets a warning. What stops it is a suspension or
termination from one of its days on.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from schema.vocabulary import AgreementPhase, Mode
from service.access.basis import IN_FORCE, AgreementFacts
from service.access.principal import Caller
from service.activities.records import Stored, has_host
from service.kernel.problem import Fault

_PLANNABLE = IN_FORCE | {AgreementPhase.UPCOMING}
_BLOCKED = frozenset({AgreementPhase.SUSPENDED, AgreementPhase.BLOCKED_BY_PARENT, AgreementPhase.TERMINATED})
_FINISHED = frozenset({AgreementPhase.CANCELLED, AgreementPhase.CLOSED})


class Facts(NamedTuple):
    """All that guards look at: small and the same for many activities, so that it can be the key of a cache.

    A day stands here only when a guard stops on it.
    """

    phase: AgreementPhase
    signed: bool
    today: date
    start_ahead: date | None
    end_ahead: date | None
    blocked: tuple[date, date] | None
    mode: Mode
    has_venue: bool
    has_online_url: bool
    has_host: bool
    has_evidence: bool
    reported_here: bool
    reported_myself: bool


def facts_of(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> Facts:
    """Return what the guards look at when this caller wants to move the activity today."""
    blocked_from, today = agreement.blocked_from, caller.today
    return Facts(
        phase=agreement.phase,
        signed=agreement.signed,
        today=today,
        start_ahead=stored.starts_on if stored.starts_on > today else None,
        end_ahead=stored.ends_on if stored.ends_on > today else None,
        blocked=(stored.ends_on, blocked_from) if blocked_from and stored.ends_on >= blocked_from else None,
        mode=stored.mode,
        has_venue=stored.venue is not None,
        has_online_url=stored.online_url is not None,
        has_host=has_host(stored),
        has_evidence=bool(stored.evidence),
        reported_here=stored.reported_by == caller.principal.organization_id,
        reported_myself=stored.reporter_id == caller.principal.user_id,
    )


Guard = Callable[[Facts], Iterator[Fault]]


def agreement_in_force(facts: Facts) -> Iterator[Fault]:
    """An agreement that plans can still be carried out under: upcoming, active or expiring."""
    if facts.phase not in _PLANNABLE:
        yield _not_in_force(facts)


def agreement_open(facts: Facts) -> Iterator[Fault]:
    """An agreement that is neither blocked nor finished."""
    if facts.phase in _BLOCKED | _FINISHED:
        yield _not_in_force(facts)


def agreement_was_in_force(facts: Facts) -> Iterator[Fault]:
    """An agreement that was signed and, when it is blocked today, was not yet on the days of the activity."""
    blocked = facts.phase in _BLOCKED and facts.blocked is not None
    if not facts.signed or blocked or facts.phase in _FINISHED:
        yield _not_in_force(facts)


def _not_in_force(facts: Facts) -> Fault:
    return Fault("", "agreement_not_in_force", {"phase": facts.phase})


def days_before_block(facts: Facts) -> Iterator[Fault]:
    """All days before any suspension or termination."""
    if facts.blocked is not None:
        ends_on, blocked_from = facts.blocked
        yield Fault("/ends_on", "days_not_before_block", {"ends_on": ends_on, "blocked_from": blocked_from})


def place_known(facts: Facts) -> Iterator[Fault]:
    """Venue and link, as the mode needs them."""
    if facts.mode is not Mode.ONLINE and not facts.has_venue:
        yield Fault("/venue", "venue_required", {"mode": facts.mode})
    if facts.mode is not Mode.IN_PERSON and not facts.has_online_url:
        yield Fault("/online_url", "online_url_required", {"mode": facts.mode})


def host_named(facts: Facts) -> Iterator[Fault]:
    """At least one host."""
    if not facts.has_host:
        yield Fault("/organizers", "host_required")


def started(facts: Facts) -> Iterator[Fault]:
    """A first day that is not ahead."""
    if facts.start_ahead is not None:
        yield Fault("/starts_on", "day_in_future", {"day": facts.start_ahead, "today": facts.today})


def over(facts: Facts) -> Iterator[Fault]:
    """A last day that is not ahead."""
    if facts.end_ahead is not None:
        yield Fault("/ends_on", "day_in_future", {"day": facts.end_ahead, "today": facts.today})


def evidence_given(facts: Facts) -> Iterator[Fault]:
    """At least one evidence."""
    if not facts.has_evidence:
        yield Fault("/evidence", "evidence_required")


def reported_elsewhere(facts: Facts) -> Iterator[Fault]:
    """A report of another party than the caller's, made by another person."""
    if facts.reported_here:
        yield Fault("", "same_party")
    elif facts.reported_myself:
        yield Fault("", "same_person")


TO_PLAN: tuple[Guard, ...] = (agreement_in_force, days_before_block, place_known, host_named)
TO_RESCHEDULE: tuple[Guard, ...] = (agreement_in_force, days_before_block)
TO_HOLD: tuple[Guard, ...] = (started, agreement_was_in_force, days_before_block)
TO_LOG: tuple[Guard, ...] = (over, agreement_was_in_force, days_before_block)


def unmet(guards: Iterable[Guard], facts: Facts) -> tuple[Fault, ...]:
    """Return the faults of all these guards."""
    return tuple(fault for guard in guards for fault in guard(facts))
