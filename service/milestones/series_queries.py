"""Statements over series: one document each, with the days they generated."""

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Date, Integer, LargeBinary, Select, Uuid, func, select, true

from schema.tables.milestones import milestone, milestone_series
from schema.wire.milestones import MilestoneSeriesQuery
from service.access.basis import Basis
from service.access.call import Call
from service.access.holding import basis_of
from service.access.paging import Counted, paged
from service.access.visibility import among_visible, visible_to
from service.kernel.statement import Statement, document, json_list, json_one, json_values, param
from service.milestones.queries import ById, stored_columns
from service.milestones.records import Generated, Series, Stored

_LAST_ID = UUID(int=(1 << 128) - 1)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new series must know: its agreement, and the same series when there is one."""

    agreement: Basis | None
    known: Generated | None


class ToOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement and what makes a series the same, for one organization."""

    acting_id: UUID
    agreement_id: UUID
    fingerprint: bytes


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit of a series must know: it and its agreement, and its milestones that follow it."""

    series: Generated
    agreement: Basis
    followers: tuple[Stored, ...]


class ToEdit(msgspec.Struct, frozen=True, kw_only=True):
    """A series on a day, for one organization."""

    acting_id: UUID
    subject_id: UUID
    today: date


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    row_limit: int
    agreement_id: UUID | None = None
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)
_ID = param("subject_id", Uuid())


def _generated() -> Select[*tuple[Any, ...]]:
    days = (
        select(milestone.c.occurrence_on)
        .where(
            milestone.c.agreement_id == milestone_series.c.agreement_id,
            milestone.c.series_id == milestone_series.c.id,
        )
        .order_by(milestone.c.occurrence_on)
        .correlate(milestone_series)
    )
    return select(
        *(milestone_series.c[name] for name in Series.__struct_fields__),
        json_values(days, name="occurrences"),
    )


SERIES = Statement(
    "milestone_series",
    document(
        Generated,
        _generated().where(milestone_series.c.id == _ID, visible_to(milestone_series.c.agreement_id)),
    ),
    params=ById,
    row=Generated,
)


def _opening() -> Select[*tuple[Any, ...]]:
    agreement_id = param("agreement_id", Uuid())
    known = _generated().where(
        milestone_series.c.agreement_id == agreement_id,
        milestone_series.c.fingerprint == param("fingerprint", LargeBinary()),
        visible_to(milestone_series.c.agreement_id),
    )
    return select(
        json_one(Basis, basis_of(agreement_id), name="agreement"), json_one(Generated, known, name="known")
    )


OPENING = Statement("opening_of_milestone_series", document(Opening, _opening()), params=ToOpen, row=Opening)


def _edited() -> Select[*tuple[Any, ...]]:
    its = milestone_series.alias("its")
    agreement_id = select(its.c.agreement_id).where(its.c.id == _ID).scalar_subquery()
    seen = visible_to(milestone_series.c.agreement_id)
    followers = (
        select(*stored_columns(milestone))
        .where(
            milestone.c.agreement_id == agreement_id,
            milestone.c.series_id == _ID,
            milestone.c.follows_series == true(),
            milestone.c.due_on > param("today", Date()),
            visible_to(milestone.c.agreement_id),
        )
        .order_by(milestone.c.due_on)
    )
    found = select(
        json_one(Generated, _generated().where(milestone_series.c.id == _ID, seen), name="series"),
        json_one(Basis, basis_of(agreement_id), name="agreement"),
        json_list(Stored, followers, name="followers"),
    ).subquery("found")
    return select(found).where(found.c.series.is_not(None))


EDITED = Statement("edited_milestone_series", document(Edited, _edited()), params=ToEdit, row=Edited)


async def page(
    call: Call, query: MilestoneSeriesQuery
) -> tuple[tuple[Generated, ...], str | None, int | None]:
    """Return the items of a page, the next cursor and, when asked for, the size of the whole list."""
    used = frozenset(() if query.agreement_id is msgspec.UNSET else ("agreement_id",))
    filters = Filters(acting_id=call.organization_id, row_limit=query.limit + 1)
    if query.agreement_id is not msgspec.UNSET:
        filters = msgspec.structs.replace(filters, agreement_id=query.agreement_id)
    if query.cursor is not msgspec.UNSET:
        (after_id,) = call.position(query.cursor, tuple[UUID])
        filters = msgspec.structs.replace(filters, after_id=after_id)
    rows = await call.database.rows(listing(used), filters)
    items, cursor = paged(call, rows, limit=query.limit, position=lambda row: (row.id,))
    total = await call.database.only(counting(used), filters) if query.count else None
    return items, cursor, total and total.total


@cache
def listing(used: frozenset[str]) -> Statement[Filters, Generated]:
    """Return the statement of a page for one set of filters."""
    rows = (
        _generated()
        .where(*_conditions(used), milestone_series.c.id < param("after_id", Uuid()))
        .order_by(milestone_series.c.id.desc())
        .limit(param("row_limit", Integer()))
    )
    return Statement(
        "list_milestone_series", document(Generated, rows), params=Filters, row=Generated, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str]) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(milestone_series).where(*_conditions(used))
    return Statement(
        "count_milestone_series", document(Counted, rows), params=Filters, row=Counted, optional=_OPTIONAL
    )


def _conditions(used: frozenset[str]) -> list[ColumnElement[bool]]:
    known: dict[str, ColumnElement[bool]] = {
        "agreement_id": milestone_series.c.agreement_id == param("agreement_id", Uuid()),
    }
    return [among_visible(milestone_series.c.agreement_id), *(known[name] for name in sorted(used))]
