"""Series of milestones: which days a rule gives, and what making or editing a series makes of it.

Of RFC 5545 only what gives a day at every step is taken: a rule that skips months without the day would leave
promises out in silence, and one that never gives a day would be searched to the end of the calendar.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice, takewhile
from typing import NamedTuple
from uuid import UUID

from dateutil.rrule import rrulestr
from msgspec import UNSET
from msgspec.structs import asdict, replace

from schema.vocabulary import Permission
from schema.wire.milestones import CreateMilestone, CreateMilestoneSeries, UpdateMilestoneSeries
from service.access.basis import AgreementFacts, demand_party
from service.access.principal import Caller
from service.kernel.ids import uuid7
from service.kernel.period import LAST_DAY
from service.kernel.problem import Fault, Problem, refuse
from service.milestones.checks import owner_faults
from service.milestones.edits import demand_open, opened
from service.milestones.records import Series, Stored, next_version

MOST = 120
"""Milestones of one series: ten years of months."""

_DAY = r"[+-]?([1-9]|[12][0-9]|3[01])"
_WEEKDAY = r"(MO|TU|WE|TH|FR|SA|SU)"
_NTH_WEEKDAY = rf"[+-]?[1-4]{_WEEKDAY}"
_MONTH = r"([1-9]|1[0-2])"
_PARTS: Mapping[str, re.Pattern[str]] = {
    "FREQ": re.compile("MONTHLY|YEARLY"),
    "INTERVAL": re.compile(_MONTH),
    "COUNT": re.compile("[1-9][0-9]{0,2}"),
    "UNTIL": re.compile("(19|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"),
    "BYMONTH": re.compile(f"{_MONTH}(,{_MONTH})*"),
    "BYMONTHDAY": re.compile(f"{_DAY}(,{_DAY})*"),
    # Of both sorts in one rule the library takes the days that are of both, which are none.
    "BYDAY": re.compile(f"{_WEEKDAY}(,{_WEEKDAY})*|{_NTH_WEEKDAY}(,{_NTH_WEEKDAY})*"),
}
_APART = (("COUNT", "UNTIL"), ("BYMONTHDAY", "BYDAY"))
_EVERY_MONTH = range(1, 13)
_COMMON_YEAR = 2023


class Draft(NamedTuple):
    """What a series becomes, the milestones it adds, and those it changes, before and after."""

    series: Series
    added: tuple[Stored, ...]
    changed: tuple[tuple[Stored, Stored], ...] = ()


def created(body: CreateMilestoneSeries, caller: Caller, *, agreement: AgreementFacts, id: UUID) -> Draft:
    """Return a new series with its milestones up to the end of the agreement.

    Raises `permission_missing`, `not_a_party`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.MILESTONE_EDIT)
    refuse([*owner_faults(body.owner_organization_id, agreement), *rule_faults(body.rule, body.starts_on)])
    series = Series(
        **asdict(body),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        organization_id=caller.organization_id,
    )
    added = _promised(series, _days(series, agreement), caller=caller)
    demand_open(added[0], caller, agreement=agreement)
    return Draft(series, added)


def edited(
    series: Series,
    patch: UpdateMilestoneSeries,
    *,
    followers: tuple[Stored, ...],
    known: frozenset[date],
    caller: Caller,
    agreement: AgreementFacts,
) -> Draft:
    """Return the series with the fields the body gives, for `followers` and the days it has yet to promise.

    `followers` are its future milestones that nobody has touched, `known` the days it has promised.
    Raises `permission_missing`, `not_a_party`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.MILESTONE_EDIT)
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = replace(series, **given, version=series.version + 1, updated_at=caller.now)
    refuse(owner_faults(after.owner_organization_id, agreement))
    said = {"title": after.title, "owner_organization_id": after.owner_organization_id}
    revised = [(one, next_version(one, {**said, "follows_series": True}, caller=caller)) for one in followers]
    # A milestone that says the same already is left alone.
    changed = tuple(pair for pair in revised if any(getattr(pair[0], name) != said[name] for name in said))
    ahead = [day for day in _days(after, agreement) if day > caller.today and day not in known]
    added = _promised(after, tuple(ahead), caller=caller)
    for one in added[:1]:
        demand_open(one, caller, agreement=agreement)
    return Draft(after, added, changed)


def rule_faults(rule: str, starts_on: date) -> Iterator[Fault]:
    """Return what is wrong with a rule: its parts, else those that must not stand together, else its days."""
    pairs = [part.split("=") for part in rule.split(";")]
    parts = {pair[0]: pair[1] for pair in pairs}
    faults = [*_part_faults(pairs)] or [*_together_faults(parts)] or [*_skip_faults(parts, starts_on)]
    yield from faults


def _part_faults(pairs: Sequence[Sequence[str]]) -> Iterator[Fault]:
    names = [name for name, _ in pairs]
    for name, value in pairs:
        pattern = _PARTS.get(name)
        if pattern is None or not pattern.fullmatch(value) or names.count(name) > 1:
            yield Fault("/rule", "rule_part_unknown", {"given": f"{name}={value}", "expected": _ACCEPTED})


def _together_faults(parts: Mapping[str, str]) -> Iterator[Fault]:
    if parts["FREQ"] == "MONTHLY" and "BYMONTH" in parts:
        yield Fault("/rule", "rule_parts_together", {"given": "FREQ=MONTHLY, BYMONTH"})
    for pair in _APART:
        if parts.keys() >= set(pair):
            yield Fault("/rule", "rule_parts_together", {"given": ", ".join(pair)})


def _skip_faults(parts: Mapping[str, str], starts_on: date) -> Iterator[Fault]:
    """Give a fault for each day that one of the months meant does not have in every year."""
    if "BYDAY" in parts:
        return
    said = parts.get("BYMONTHDAY")
    days = [starts_on.day] if said is None else [int(day) for day in said.split(",")]
    yearly_on_its_day = parts["FREQ"] == "YEARLY" and said is None
    months = [starts_on.month] if yearly_on_its_day else _EVERY_MONTH
    if "BYMONTH" in parts:
        months = [int(month) for month in parts["BYMONTH"].split(",")]
    shortest = min(monthrange(_COMMON_YEAR, month)[1] for month in months)
    for day in days:
        if abs(day) > shortest:
            yield Fault("/starts_on" if said is None else "/rule", "rule_skips_months", {"day": day})


_ACCEPTED = (
    "FREQ=MONTHLY or YEARLY, INTERVAL=1…12, COUNT=1…999, UNTIL=YYYYMMDD,"
    " BYMONTH=1…12, BYMONTHDAY=1…31 or -1…-31, BYDAY=MO…SU or 1MO…-4SU"
)


def occurrences(rule: str, starts_on: date, *, last: date) -> tuple[date, ...]:
    """Return the days of a rule from its first one to the last, one more than a series may have at most.

    Raises ValueError for a rule that is none.
    """
    found = rrulestr(rule, dtstart=datetime.combine(starts_on, time()))
    days = takewhile(lambda day: day <= last, (each.date() for each in found))
    return tuple(islice(days, MOST + 1))


def _days(series: Series, agreement: AgreementFacts) -> tuple[date, ...]:
    """Give the days of a series up to the end of its agreement; raise for none, or more than it may have."""
    bounded = "COUNT=" in series.rule or "UNTIL=" in series.rule
    if agreement.ends_on is None and not bounded:
        raise Problem("validation_failed", faults=[Fault("/rule", "series_endless")])
    last = agreement.ends_on or LAST_DAY
    try:
        days = occurrences(series.rule, series.starts_on, last=last)
    except ValueError as error:  # UNTIL may be a day that its month does not have.
        values = {"given": series.rule, "expected": _ACCEPTED}
        raise Problem("validation_failed", faults=[Fault("/rule", "rule_part_unknown", values)]) from error
    if not days:
        values = {"start": series.starts_on, "end": last}
        raise Problem("validation_failed", faults=[Fault("/rule", "series_empty", values)])
    if len(days) > MOST:
        raise Problem("validation_failed", faults=[Fault("/rule", "series_too_long", {"limit": MOST})])
    return days


def _promised(series: Series, days: tuple[date, ...], *, caller: Caller) -> tuple[Stored, ...]:
    bodies = [
        CreateMilestone(
            agreement_id=series.agreement_id,
            title=series.title,
            due_on=day,
            owner_organization_id=series.owner_organization_id,
        )
        for day in days
    ]
    return tuple(opened(body, caller, id=uuid7(caller.now), of=series) for body in bodies)
