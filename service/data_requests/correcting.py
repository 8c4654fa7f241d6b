"""The holidays corrected by the operator: due days of open requests move, each with an event of its own.

A correction is there once it is committed: every clock that is told or set from then on observes it. The due
days that were set before follow one by one, each in a statement with its audit entry and its event. What is
interrupted is finished by the next run; a run that finds nothing to move changes nothing.
"""

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace
from sqlalchemy import Integer, Select, Uuid, func, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from schema.tables.data_requests import data_request
from schema.tables.holidays import holiday_correction
from schema.tables.organizations import organization
from schema.vocabulary import HolidayKind, Language, Noun, Verb
from service.access.canonical import hashing_key
from service.access.holidays import Correction, calendar_of, correction_rows
from service.access.queries import Nothing
from service.access.record import Actor, Step, open_entry
from service.access.secret import kept_secret
from service.data_requests import clock
from service.data_requests.queries import Given, Holder, holder_columns, stored_columns
from service.data_requests.records import Stored
from service.data_requests.surroundings import due_at, years_of
from service.kernel import instants
from service.kernel.database import Database, opened
from service.kernel.ids import uuid7
from service.kernel.ledger import Change, Entry, FactsMoved, updated
from service.kernel.operation import OPEN
from service.kernel.period import FIRST_DAY, LAST_DAY
from service.kernel.problem import Fault, refuse
from service.kernel.statement import Statement, document, json_one, param

_PAGE = 500
_FIRST = UUID(int=0)


class NewCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is a holiday, or none, and where that is decreed."""

    falls_on: date
    kind: HolidayKind
    name: str | None
    source: str
    now: datetime


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose clock runs, and who holds the data."""

    request: Stored
    holder: Holder


class Moved(Entry, frozen=True, kw_only=True):
    """A request with another due day."""

    expected_version: int
    version: int
    updated_at: datetime
    due_on: date
    due_at: datetime | None


class _Run(NamedTuple):
    """One run: all that it moves has the same time, request and reason."""

    database: Database
    corrections: tuple[Correction, ...]
    key: bytes
    now: datetime
    request_id: str
    reason: str


class _After(msgspec.Struct, frozen=True):
    after_id: UUID
    row_limit: int


async def correct(dsn: str, day: date | None, *, kind: HolidayKind, name: str | None, source: str) -> int:
    """Correct a day, None for no day, and return how many due days moved; `dsn` is the owner's.

    Raises `validation_failed` for a day that no clock can reach.
    """
    now = instants.now()
    async with opened(dsn, size=1) as database:
        if day is not None:
            _demand_within_calendar(day)
            given = NewCorrection(falls_on=day, kind=kind, name=name, source=source, now=now)
            await database.only(_ADD, given)
        corrections = tuple(await database.rows(_CORRECTIONS, Nothing()))
        key = hashing_key(await kept_secret(database))
        run = _Run(database, corrections, key, now, str(uuid7(now)), source)
        return await _moved(run)


def _demand_within_calendar(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        refuse([Fault("/day", "out_of_range", {"given": day, "expected": f"{FIRST_DAY} … {LAST_DAY}"})])


async def _moved(run: _Run) -> int:
    moved, after_id = 0, _FIRST
    while page := await run.database.rows(_OPEN, _After(after_id, _PAGE)):
        moved += sum([await _followed(run, each) for each in page])
        after_id = page[-1].request.id
    return moved


async def _followed(run: _Run, found: Open) -> bool:
    """Move one due day where it must; whoever changed the request meanwhile set it by these holidays."""
    before = found.request
    today = instants.day_in(found.holder.time_zone, run.now)
    calendar = await calendar_of(years_of(before, today), Language.ID, corrections=run.corrections)
    due_on = clock.due_on(before, calendar)
    if due_on is None or due_on == before.due_on:
        return False
    after = replace(before, due_on=due_on, version=before.version + 1, updated_at=run.now)
    try:
        async with run.database.lease() as connection:
            await _MOVE_DUE_DAY.run(connection, _written(run, before, after=after, holder=found.holder))
    except FactsMoved:
        return False
    return True


def _written(run: _Run, before: Stored, *, after: Stored, holder: Holder) -> Moved:
    step = Step(
        noun=Noun.DATA_REQUEST,
        subject_id=after.id,
        version=after.version,
        action=Verb.DUE_DAY_MOVED,
        permissions=OPEN,
        stream=after.agreement_id or after.holder_organization_id,
        agreement_id=after.agreement_id,
        before=before,
        after=after,
        reason=run.reason,
    )
    system = Actor(user_id=None, organization_id=after.holder_organization_id)
    assert after.due_on is not None  # noqa: S101 - it is what was moved.
    return Moved(
        **open_entry(step, system, now=run.now, request_id=run.request_id, key=run.key),
        expected_version=before.version,
        version=after.version,
        updated_at=after.updated_at,
        due_on=after.due_on,
        due_at=due_at(after, holder),
    )


# ------------------------------------------------------------------------------------------------ statements


def _adding() -> ReturningInsert[Any]:
    table = holiday_correction.c
    given = ("falls_on", "kind", "name", "source")
    revision = select(func.coalesce(func.max(table.revision), 0) + 1).scalar_subquery()
    values = {name: param(name, table[name].type) for name in given}
    row = {**values, "created_at": param("now", table.created_at.type), "revision": revision}
    return insert(holiday_correction).values(row).returning(table.revision.label("last"))


def _open() -> Select[*tuple[Any, ...]]:
    request = select(*stored_columns()).correlate(data_request)
    holder = select(*holder_columns()).where(organization.c.id == data_request.c.holder_organization_id)
    return (
        select(
            json_one(Stored, request, name="request"),
            json_one(Holder, holder.correlate(data_request), name="holder"),
        )
        .select_from(data_request)
        .where(data_request.c.due_at.is_not(None), data_request.c.id > param("after_id", Uuid()))
        .order_by(data_request.c.id)
        .limit(param("row_limit", Integer()))
    )


_added = _adding().cte("added")
_ADD = Statement(
    "add_holiday_correction", document(Given, select(_added.c.last)), params=NewCorrection, row=Given
)
_CORRECTIONS = Statement(
    "holiday_corrections", document(Correction, correction_rows()), params=Nothing, row=Correction
)
_OPEN = Statement("open_requests", document(Open, _open()), params=_After, row=Open)
_MOVE_DUE_DAY = Change(
    "move_due_day",
    params=Moved,
    target=select(data_request.c.id)
    .where(
        data_request.c.id == param("subject_id", Uuid()),
        data_request.c.version == param("expected_version", Integer()),
    )
    .with_for_update(),
    works=lambda head: [
        updated(data_request, ("version", "updated_at", "due_on", "due_at"), head=head),
    ],
)
