"""Lists of agreements: filters compiled once per set, keyset pages, and the phase as SQL.

The phase in SQL is the one in `service.access.standing`; a test compares both on every combination.
"""

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from schema.tables.agreements import agreement, party
from schema.tables.common import text_array
from schema.vocabulary import AgreementPhase, AgreementState, Visibility
from schema.wire.agreements import AgreementQuery, AgreementSort
from service.access.call import Call
from service.access.paging import Counted, paged
from service.access.standing import PREPARING
from service.access.visibility import among_visible, is_public
from service.agreements.phase import Stored
from service.agreements.queries import columns_of, parent_rows
from service.kernel.period import LAST_DAY
from service.kernel.statement import Statement, document, param
from service.kernel.text import containing

_NO_END = LAST_DAY
_LAST_ID = UUID(int=(1 << 128) - 1)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the list may be narrowed by; a variant of the statement uses what is given."""

    acting_id: UUID
    today: date
    row_limit: int
    party_id: UUID | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    parent_id: UUID | None = None
    region_code: str | None = None
    ends_before: date | None = None
    visibility: str | None = None
    pattern: str | None = None
    after_on: date = date.min
    after_id: UUID = _LAST_ID


_OPTIONAL = frozenset(Filters.__struct_fields__)


async def page(call: Call, query: AgreementQuery) -> tuple[tuple[Stored, ...], str | None, int | None]:
    """Return the items of a page, the next cursor and, when asked for, the size of the whole list."""
    filters, used = _filters(call, query)
    if query.cursor is not msgspec.UNSET:
        after_on, after_id = call.position(query.cursor, tuple[date, UUID])
        filters = msgspec.structs.replace(filters, after_on=after_on, after_id=after_id)
    public = query.visibility is Visibility.PUBLIC
    rows = await call.database.rows(listing(used, query.sort, public=public), filters)
    items, cursor = paged(
        call, rows, limit=query.limit, position=lambda row: (row.ends_on or _NO_END, row.id)
    )
    total = await call.database.only(counting(used, public=public), filters) if query.count else None
    return items, cursor, total and total.total


def _filters(call: Call, query: AgreementQuery) -> tuple[Filters, frozenset[str]]:
    given: dict[str, Any] = {
        "party_id": query.party_id,
        "kinds": query.kind,
        "states": query.state,
        "phases": query.phase,
        "parent_id": query.parent_id,
        "region_code": query.region_code,
        "ends_before": query.ends_before,
        # All public ones are another list, which starts from their own index.
        "visibility": msgspec.UNSET if query.visibility is Visibility.PUBLIC else query.visibility,
        "pattern": msgspec.UNSET if query.q is msgspec.UNSET else containing(query.q),
    }
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    filters = Filters(
        acting_id=call.organization_id,
        today=call.caller.today,
        row_limit=query.limit + 1,
        after_id=_LAST_ID if query.sort is AgreementSort.NEWEST else UUID(int=0),
        **used,
    )
    return filters, frozenset(used)


@cache
def listing(used: frozenset[str], sort: AgreementSort, *, public: bool) -> Statement[Filters, Stored]:
    """Return the statement of a page for one set of filters."""
    rows = select(*columns_of()).where(*_conditions(used, public=public))
    after_id = param("after_id", Uuid())
    if sort is AgreementSort.NEWEST:
        rows = rows.where(agreement.c.id < after_id).order_by(agreement.c.id.desc())
    else:
        end = func.coalesce(agreement.c.ends_on, cast(_NO_END, Date))
        after = tuple_(param("after_on", Date()), after_id)
        rows = rows.where(tuple_(end, agreement.c.id) > after).order_by(end, agreement.c.id)
    rows = rows.limit(param("row_limit", Integer()))
    return Statement(
        "list_agreements", document(Stored, rows), params=Filters, row=Stored, optional=_OPTIONAL
    )


@cache
def counting(used: frozenset[str], *, public: bool) -> Statement[Filters, Counted]:
    """Return the statement that counts a whole list."""
    rows = select(func.count().label("total")).select_from(agreement)
    return Statement(
        "count_agreements",
        document(Counted, rows.where(*_conditions(used, public=public))),
        params=Filters,
        row=Counted,
        optional=_OPTIONAL,
    )


def _conditions(used: frozenset[str], *, public: bool) -> list[ColumnElement[bool]]:
    member = party.alias("member")
    known: dict[str, ColumnElement[bool]] = {
        "party_id": exists(
            select(member.c.agreement_id).where(
                member.c.agreement_id == agreement.c.id,
                member.c.organization_id == param("party_id", Uuid()),
            )
        ),
        "kinds": agreement.c.kind == any_(param("kinds", text_array())),
        "states": agreement.c.state == any_(param("states", text_array())),
        "phases": phase_expression(_parents_of_public() if public else agreement.alias("mou"))
        == any_(param("phases", text_array())),
        "parent_id": agreement.c.parent_id == param("parent_id", Uuid()),
        "region_code": agreement.c.region_code == param("region_code", Text()),
        "ends_before": agreement.c.ends_on < param("ends_before", Date()),
        "visibility": agreement.c.visibility == param("visibility", Text()),
        "pattern": agreement.c.search_text.like(param("pattern", Text())),
    }
    seen = is_public() if public else among_visible(agreement.c.id)
    return [seen, *(known[name] for name in sorted(used))]


def _parents_of_public() -> FromClause:
    """Return the parent of a public agreement, which row security hides from who is no party."""
    return parent_rows(func.parent_of(agreement.c.id), "mou")


def phase_expression(above: FromClause) -> ColumnElement[Any]:
    """Return the phase of an agreement on the bound `today`, under a parent that is found in `above`."""
    today = param("today", Date())

    def of_parent(value: ColumnElement[Any]) -> ColumnElement[Any]:
        return select(value).where(above.c.id == agreement.c.parent_id).correlate(agreement).scalar_subquery()

    ended = agreement.c.ends_on < today
    start = func.coalesce(agreement.c.effective_from, of_parent(above.c.effective_from))
    notice = cast(agreement.c.ends_on - func.make_interval(0, agreement.c.notice_months), Date)
    decided = _decided(agreement, today)
    return case(
        *decided,
        (ended, AgreementPhase.EXPIRED.value),
        (of_parent(_blocks(above, today)), AgreementPhase.BLOCKED_BY_PARENT.value),
        (start > today, AgreementPhase.UPCOMING.value),
        (today >= notice, AgreementPhase.EXPIRING.value),
        else_=AgreementPhase.ACTIVE.value,
    )


def _decided(record: FromClause, today: ColumnElement[Any]) -> list[tuple[Any, Any]]:
    state, column = record.c.state, record.c
    terminated = state == AgreementState.TERMINATED.value
    in_effect = or_(column.terminated_on.is_(None), column.terminated_on <= today)
    return [
        (
            state == any_(func.string_to_array(",".join(sorted(PREPARING)), ",")),
            AgreementPhase.PREPARATION.value,
        ),
        (state == AgreementState.SUSPENDED.value, AgreementPhase.SUSPENDED.value),
        (state == AgreementState.CANCELLED.value, AgreementPhase.CANCELLED.value),
        (state == AgreementState.CLOSED.value, AgreementPhase.CLOSED.value),
        (and_(terminated, in_effect), AgreementPhase.TERMINATED.value),
        (and_(terminated, column.suspended_on.is_not(None)), AgreementPhase.SUSPENDED.value),
    ]


def _blocks(above: FromClause, today: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a parent stops what is made under it."""
    decided = case(*_decided(above, today), else_=None)
    stopped = decided.in_(_texts(AgreementPhase.SUSPENDED, AgreementPhase.TERMINATED))
    in_force = or_(decided.is_(None), decided == AgreementPhase.CLOSED.value)
    lapsed = and_(in_force, above.c.ends_on < today, ~agreement.c.survives_parent)
    return or_(func.coalesce(stopped, False), func.coalesce(lapsed, False))


def _texts(*phases: AgreementPhase) -> Select[Any]:
    return select(func.unnest(func.string_to_array(",".join(phases), ",")))
