"""A state machine as a table of data.

The same table refuses illegal moves, fills `actions[]`, is published at `/v1/meta/state-machines`, and is
what the tests enumerate.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from schema.vocabulary import Language, Permission
from schema.wire.common import AvailableAction, Unmet
from service.kernel.problem import Fault, Problem

Facts = TypeVar("Facts")

_DUTIES = frozenset(
    {"same_party", "same_person", "own_request", "own_recommendation", "own_decision", "session_required"}
)
"""Faults that are a matter of who asks, not of the record: 403 instead of 409."""


class Transition(NamedTuple):
    """One arrow: which action leads from where to where, and which permissions it takes, any one of them.

    `note` tells in English what else must hold, for the published table.
    """

    action: StrEnum
    source: StrEnum
    target: StrEnum
    permissions: tuple[Permission, ...]
    note: str = ""


class Lifecycle(NamedTuple, Generic[Facts]):
    """All arrows of a noun, and the guards of each action."""

    transitions: tuple[Transition, ...]
    guards: Mapping[StrEnum, tuple[Callable[[Facts], Iterable[Fault]], ...]]

    def arrow(self, action: StrEnum, state: StrEnum) -> Transition:
        """Return the arrow of an action out of a state.

        Raises `transition_not_allowed` when there is none.
        """
        for transition in self.transitions:
            if transition.action == action and transition.source == state:
                return transition
        raise Problem("transition_not_allowed", action=action, state=state)

    def unmet(self, action: StrEnum, facts: Facts) -> tuple[Fault, ...]:
        """Return all guards that stop the action now."""
        return tuple(fault for guard in self.guards.get(action, ()) for fault in guard(facts))

    def demand(self, action: StrEnum, facts: Facts) -> None:
        """Raise the first duty that fails, or else `guards_not_met` with all failed guards, if any."""
        faults = self.unmet(action, facts)
        for fault in faults:
            if fault.code in _DUTIES:
                raise Problem(fault.code, action=action)
        if faults:
            raise Problem("guards_not_met", faults=faults, action=action)

    def available(
        self, state: StrEnum, facts: Facts, *, permissions: frozenset[Permission], language: Language
    ) -> tuple[AvailableAction, ...]:
        """Return every action out of the state that the permissions allow, with what stops it."""
        return tuple(
            _available(transition.action, self.unmet(transition.action, facts), language=language)
            for transition in self.transitions
            if transition.source == state and not permissions.isdisjoint(transition.permissions)
        )


def _available(action: StrEnum, faults: tuple[Fault, ...], *, language: Language) -> AvailableAction:
    unmet = tuple(Unmet(code=fault.code, detail=fault.detail(language)) for fault in faults)
    return AvailableAction(action=action.value, allowed=not unmet, unmet=unmet)
