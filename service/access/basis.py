"""What a record made under an agreement must know of it: read as stored, seen on a day. Pure.

Activities, milestones and work plans rest on their agreement: its phase, its days, its parties. A statement
that writes one holds the agreement and its parent in the versions the rules saw (`holding`).
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from schema.vocabulary import AgreementPhase, AgreementState, DateSource, Permission
from service.access.principal import Caller
from service.access.standing import PREPARING, Parent, blocked_from, counted_from, phase_of
from service.kernel.problem import Fault, Problem

FINISHED = frozenset({AgreementPhase.CANCELLED, AgreementPhase.CLOSED})
"""Phases in which nothing is recorded any more."""

IN_FORCE = frozenset({AgreementPhase.ACTIVE, AgreementPhase.EXPIRING})
"""Phases in which an agreement binds its parties today."""

_NOT_OPEN = FINISHED | {
    AgreementPhase.SUSPENDED,
    AgreementPhase.BLOCKED_BY_PARENT,
    AgreementPhase.TERMINATED,
}


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as stored, as far as what is made under it depends on it; the day makes facts of it."""

    id: UUID
    version: int
    state: AgreementState
    effective_from: date | None
    ends_on: date | None
    notice_months: int
    suspended_on: date | None
    terminated_on: date | None
    survives_parent: bool
    parent: Parent | None
    party_ids: frozenset[UUID]


class AgreementFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as the rules of what is made under it see it today.

    `signed` says that it was, or went further. `effective_from` is its own or its parent's, as its source
    says; null is unknown, an `ends_on` of null also open. `blocked_from` is the first day on which nothing
    may lie: the day it or its parent was suspended or terminated; null when neither was.
    """

    id: UUID
    version: int
    state: AgreementState
    phase: AgreementPhase
    signed: bool
    effective_from: date | None
    effective_from_source: DateSource
    ends_on: date | None
    blocked_from: date | None
    party_ids: frozenset[UUID]


def facts_on(basis: Basis, today: date) -> AgreementFacts:
    """Return what rules need to know of an agreement on a day."""
    first, source = counted_from(basis)
    return AgreementFacts(
        id=basis.id,
        version=basis.version,
        state=basis.state,
        phase=phase_of(basis, today),
        signed=basis.state not in PREPARING and basis.state is not AgreementState.CANCELLED,
        effective_from=first,
        effective_from_source=source,
        ends_on=basis.ends_on,
        blocked_from=blocked_from(basis),
        party_ids=basis.party_ids,
    )


def demand_party(caller: Caller, agreement: AgreementFacts, *, permission: Permission) -> None:
    """Raise `permission_missing`, or `not_a_party` when the caller's own organization is none."""
    if not caller.principal.may(permission):
        raise Problem("permission_missing", permission=permission)
    if caller.organization_id not in agreement.party_ids:
        raise Problem("not_a_party")


def known_agreement(basis: Basis | None, agreement_id: UUID) -> Basis:
    """Return the agreement a body names; raise `validation_failed` when the caller does not see it."""
    if basis is None:
        fault = Fault("/agreement_id", "agreement_unknown", {"id": agreement_id})
        raise Problem("validation_failed", faults=[fault])
    return basis


def open_faults(phase: AgreementPhase) -> Iterator[Fault]:
    """Return a fault when nothing new is promised or planned under an agreement of this phase."""
    if phase in _NOT_OPEN:
        yield Fault("", "agreement_not_open", {"phase": phase})
