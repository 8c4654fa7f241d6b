"""The holidays as the operator corrected them: read along with whatever is due, so that none is stale."""

import asyncio
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Label, Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from schema.tables.holidays import holiday_correction
from schema.vocabulary import HolidayKind, Language
from service.kernel import clock
from service.kernel.statement import json_list

_MOST = 300
_calendars: dict[tuple[range, Language, tuple["Correction", ...]], clock.Calendar] = {}
"""Calendars by years, language and corrections: about a hundred, because years come in whole blocks."""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What the last correction of a day says; a name of null makes it a working day."""

    revision: int
    falls_on: date
    kind: HolidayKind
    name: str | None


def correction_rows() -> Select[*tuple[Any, ...]]:
    """Return the corrections that count, as `Correction` names their columns."""
    table = holiday_correction.c
    return (
        select(*(table[name] for name in Correction.__struct_fields__))
        .ext(distinct_on(table.falls_on, table.kind))
        .order_by(table.falls_on, table.kind, table.revision.desc())
    )


def corrections_column() -> Label[Any]:
    """Return the corrections that count as one column of a statement."""
    return json_list(Correction, correction_rows(), name="corrections")


async def calendar_of(
    years: range, language: Language, *, corrections: tuple[Correction, ...]
) -> clock.Calendar:
    """Return the calendar of some years with the corrections on top."""
    key = (years, language, corrections)
    if key not in _calendars:
        # A calendar that nobody asked for yet takes long to build, most of all the first.
        found = corrected(await asyncio.to_thread(clock.indonesia, years, language), corrections)
        if len(_calendars) >= _MOST:
            _calendars.clear()  # Each correction leaves those before it behind.
        _calendars[key] = found
    return _calendars[key]


def corrected(calendar: clock.Calendar, corrections: tuple[Correction, ...]) -> clock.Calendar:
    """Return a calendar with the corrections on top; its version names the last of them."""
    if not corrections:
        return calendar
    public, joint = (
        {each.falls_on: each.name for each in corrections if each.kind is kind}
        for kind in (HolidayKind.PUBLIC, HolidayKind.JOINT_LEAVE)
    )
    revision = max(each.revision for each in corrections)
    return clock.corrected(calendar, str(revision), holidays=public, joint_leave=joint)
