"""The tables the service works by, as they are published."""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import UNSET

from schema import vocabulary
from schema.messages import PROBLEMS, Message
from schema.vocabulary import Noun, Permission, Role
from schema.wire import meta as wire
from schema.wire.common import BothLanguages
from service.access.policy import POLICY
from service.kernel import clock, scales
from service.kernel.lifecycle import Lifecycle, Transition
from service.kernel.operation import OPEN, Operation
from service.kernel.period import FIRST_DAY, LAST_DAY, OutOfCalendar
from service.kernel.problem import Fault, Problem
from service.kernel.signing import Keys

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")
_MOST_YEARS = 3  # 366 working days are two years at most, and may begin in December.


def vocabularies() -> wire.Vocabularies:
    """Return every closed vocabulary with all its words, and the scales and areas of indicators by year."""
    kinds = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and kind is not StrEnum]
    return wire.Vocabularies(
        items=tuple(_vocabulary(kind) for kind in kinds if issubclass(kind, StrEnum)),
        scales=tuple(map(_scale, scales.SCALES)),
        area_lists=tuple(map(_area_list, scales.AREA_LISTS)),
    )


def _vocabulary(kind: type[StrEnum]) -> wire.Vocabulary:
    return wire.Vocabulary(
        name=_WORD_START.sub("_", kind.__name__).lower(),
        description=(kind.__doc__ or "").partition("\n")[0],
        values=tuple(member.value for member in kind),
    )


def _scale(scale: scales.Scale) -> wire.Scale:
    return wire.Scale(
        instrument=scale.instrument,
        first_year=scale.years.first,
        last_year=scale.years.last,
        bands=tuple(
            wire.ScaleBand(
                band=band.band,
                colour=band.colour,
                at_least=str(band.at_least),
                below=None if band.below is None else str(band.below),
                at_most=None if band.at_most is None else str(band.at_most),
            )
            for band in scale.bands
        ),
        source=scale.source,
    )


def _area_list(listed: scales.AreaList) -> wire.AreaList:
    return wire.AreaList(
        instrument=listed.instrument,
        first_year=listed.years.first,
        last_year=listed.years.last,
        areas=listed.areas,
        source=listed.source,
    )


def permission_matrix(operations: Iterable[Operation]) -> wire.PermissionMatrix:
    """Return what each role gives and what each operation asks for."""
    return wire.PermissionMatrix(
        roles=tuple(wire.RolePermissions(role=role, permissions=_ordered(POLICY[role])) for role in Role),
        operations=tuple(
            wire.OperationPermissions(
                operation_id=operation.id,
                method=operation.method,
                path=operation.path,
                token_required=operation.permissions is not OPEN,
                permissions=_ordered(operation.permissions),
            )
            for operation in operations
        ),
    )


def _ordered(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    held = set(permissions)
    return tuple(permission for permission in Permission if permission in held)


def state_machines(lifecycles: Mapping[Noun, Lifecycle[Any]]) -> wire.StateMachines:
    """Return the state machine of every kind of record that has one."""
    return wire.StateMachines(
        items=tuple(_machine(noun, lifecycle.transitions) for noun, lifecycle in lifecycles.items())
    )


def _machine(noun: Noun, transitions: tuple[Transition, ...]) -> wire.StateMachine:
    states = tuple(type(transitions[0].source))
    left = {transition.source for transition in transitions}
    return wire.StateMachine(
        noun=noun.value,
        states=tuple(state.value for state in states),
        final_states=tuple(state.value for state in states if state not in left),
        transitions=tuple(_arrow(transition) for transition in transitions),
    )


def _arrow(transition: Transition) -> wire.Arrow:
    wanted = set(transition.permissions)
    return wire.Arrow(
        action=transition.action.value,
        from_state=transition.source.value,
        to_state=transition.target.value,
        permissions=_ordered(transition.permissions),
        roles=tuple(role for role in Role if not wanted.isdisjoint(POLICY[role])),
        note=transition.note,
    )


def calendar_years(start: date) -> range:
    """Return the years a count of working days from a day may touch."""
    return range(start.year, min(start.year + _MOST_YEARS, LAST_DAY.year + 1))


def working_days(query: wire.WorkingDaysQuery, calendar: clock.Calendar, *, shut: bool) -> wire.WorkingDays:
    """Return the deadline with every day on the way; raise when it lies after the calendar.

    `shut` says whether offices are shut on joint leave where the query does not.
    """
    observed = shut if query.joint_leave is UNSET else query.joint_leave
    used = calendar if observed else clock.without_joint_leave(calendar)
    try:
        deadline = clock.working_days(query.start, query.days, calendar=used)
    except OutOfCalendar as error:
        raise Problem("validation_failed", faults=[_too_late(query.start)]) from error
    years = range(query.start.year, deadline.due_on.year + 1)
    return wire.WorkingDays(
        due_on=deadline.due_on,
        days=tuple(
            wire.WorkingDay(on=day.on, counted=day.counted is not None, reason=day.reason)
            for day in deadline.days
        ),
        calendar_version=used.version,
        estimated=not used.estimated_years.isdisjoint(years),
    )


def _too_late(start: date) -> Fault:
    expected = f"{FIRST_DAY.isoformat()} … {LAST_DAY.isoformat()}"
    return Fault("?from", "out_of_range", {"given": start.isoformat(), "expected": expected})


def explanation(code: str) -> wire.Explanation:
    """Return what a problem code means, or raise `not_found`."""
    text = PROBLEMS.get(code)
    if text is None:
        raise Problem("not_found")
    return wire.Explanation(
        code=code,
        status=text.status,
        title=_both(text.title),
        detail=_both(text.detail),
        advice=_both(text.advice),
    )


def _both(message: Message) -> BothLanguages:
    """Return a text in both languages; what an occurrence would fill in is left open."""
    gaps: Mapping[str, str] = defaultdict(lambda: "[…]")
    return BothLanguages(id=message.id.format_map(gaps), en=message.en.format_map(gaps))


def audit_keys(keys: Keys) -> wire.AuditKeys:
    """Return the public keys that audit checkpoints are held against."""
    return wire.AuditKeys(
        items=tuple(
            wire.AuditKey(key_id=key_id, algorithm="Ed25519", public_key=b64encode(public).decode())
            for key_id, public in keys.public.items()
        )
    )
