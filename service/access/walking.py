"""Lists of records under agreements, by a column and the id, walked by the plan that fits the caller."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Label,
    Select,
    Table,
    Uuid,
    asc,
    desc,
    func,
    select,
    true,
    tuple_,
)

from schema.tables.agreements import agreement
from service.access.basis import Basis
from service.access.holding import basis_columns
from service.access.visibility import among_visible, seen_rows, visible_to
from service.kernel.statement import among, json_list, param


class Direction(NamedTuple):
    """Which way a list goes: how a column is ordered, and what lies beyond a position."""

    order: Callable[[Any], ColumnElement[Any]]
    beyond: Callable[[Any, Any], ColumnElement[bool]]


UPWARDS, DOWNWARDS = Direction(asc, operator.gt), Direction(desc, operator.lt)


class Walk(NamedTuple):
    """A list: its table, the column it goes by, the name of the bind for the last value, and its filters."""

    table: Table
    by: Column[Any]
    after: str
    direction: Direction
    conditions: Mapping[str, ColumnElement[bool]]

    def page(self, used: frozenset[str], *, few: bool) -> CTE:
        """Return the ids, agreements and order of a page, with these filters.

        `few`: the caller sees few agreements, so the page is gathered agreement by agreement; otherwise the
        list is walked until the page is full.
        """
        chosen = self._of_few(used) if few and "agreement_id" not in used else self._of_many(used)
        return chosen.cte("page")

    def ordered(self, rows: FromClause) -> list[ColumnElement[Any]]:
        """Return the order of the list, for rows that have its columns."""
        return [self.direction.order(rows.c[name]) for name in (self.by.key, "id")]

    def total(self, used: frozenset[str]) -> Select[*tuple[Any, ...]]:
        """Return how many rows the whole list has, with these filters."""
        seen = among_visible(self.table.c.agreement_id)
        total = func.count().label("total")
        return select(total).select_from(self.table).where(seen, *self._conditions(used))

    def _conditions(self, used: frozenset[str]) -> list[ColumnElement[bool]]:
        return [self.conditions[name] for name in sorted(used)]

    def _first(self, used: frozenset[str], seen: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        after = tuple_(param(self.after, self.by.type), param("after_id", Uuid()))
        beyond = self.direction.beyond(tuple_(self.by, self.table.c.id), after)
        return (
            select(self.table.c.id, self.table.c.agreement_id, self.by)
            .where(seen, beyond, *self._conditions(used))
            .order_by(*self.ordered(self.table))
            .limit(param("row_limit", Integer()))
        )

    def _of_many(self, used: frozenset[str]) -> Select[*tuple[Any, ...]]:
        # Asked once of the one agreement, else of each row.
        one = "agreement_id" in used
        agreement_id = param("agreement_id", Uuid()) if one else self.table.c.agreement_id
        return self._first(used, visible_to(agreement_id))

    def _of_few(self, used: frozenset[str]) -> Select[*tuple[Any, ...]]:
        mine = seen_rows()
        its = self.table.c.agreement_id == mine.c.agreement_id
        each = self._first(used, its).correlate(mine).lateral("each")
        return (
            select(each.c.id, each.c.agreement_id, each.c[self.by.key])
            .select_from(mine.join(each, true()))
            .order_by(*self.ordered(each))
            .limit(param("row_limit", Integer()))
        )


def agreements_on(page: CTE) -> Label[Any]:
    """Return the agreements that the records of a page belong to."""
    rows = select(*basis_columns()).where(among(agreement.c.id, select(page.c.agreement_id)))
    return json_list(Basis, rows, name="agreements")
