"""Statements over the work plan: an item with what is measured of it, as one document with its agreement."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Label,
    Select,
    Uuid,
    case,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from schema.tables.agreements import agreement
from schema.tables.workplans import workplan_budget, workplan_item, workplan_supporter
from schema.vocabulary import WorkplanLevel
from schema.wire.workplans import BudgetLine
from service.access.basis import Basis
from service.access.holding import basis_columns, basis_of
from service.access.visibility import visible_to
from service.kernel.statement import Statement, document, json_list, json_one, json_values, param
from service.workplans.measured import measured_columns
from service.workplans.records import Measured, Stored

_JOINED = {"supporting_organization_ids", "budget", "indicator", "evidence"}
PLAIN = tuple(name for name in Stored.__struct_fields__ if name not in _JOINED)
INDICATOR = {
    "name": "indicator_name",
    "unit": "indicator_unit",
    "accumulation": "indicator_accumulation",
    "baseline": "indicator_baseline",
    "target": "indicator_target",
    "means_of_verification": "means_of_verification",
}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item and what others say of it."""

    stored: Stored
    measured: Measured


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An item with its agreement, and the level of the item that a change would put it under."""

    stored: Stored
    measured: Measured
    agreement: Basis
    new_parent_level: WorkplanLevel | None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new item must know: its agreement, and the level of the item it serves."""

    agreement: Basis | None
    parent_level: WorkplanLevel | None


class ById(msgspec.Struct, frozen=True):
    """One item, for one organization; `new_parent_id` is what a change would put it under."""

    subject_id: UUID
    acting_id: UUID
    new_parent_id: UUID | None = None


class ToOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement and an item to serve, for one organization."""

    acting_id: UUID
    agreement_id: UUID
    parent_id: UUID | None


def stored_columns(item: FromClause) -> list[ColumnElement[Any]]:
    """Return the columns of a stored item, as its struct names them."""
    empty: ColumnElement[Any] = literal_column("'[]'::json")
    return [
        *(item.c[name] for name in PLAIN),
        func.coalesce(item.c.evidence, empty).label("evidence"),
        _supporters(item),
        _budget(item),
        _indicator(item),
    ]


def item_columns(item: FromClause) -> list[ColumnElement[Any]]:
    """Return an item and what others say of it, each as a JSON object."""
    return [
        json_one(Stored, select(*stored_columns(item)).correlate(item), name="stored"),
        json_one(Measured, select(*measured_columns(item)).correlate(item), name="measured"),
    ]


def agreement_of(agreement_id: ColumnElement[Any]) -> Label[Any]:
    """Return the agreement that a row belongs to."""
    rows = select(*basis_columns()).where(agreement.c.id == agreement_id)
    return json_one(Basis, rows.correlate_except(agreement), name="agreement")


def _supporters(item: FromClause) -> Label[Any]:
    rows = (
        select(workplan_supporter.c.organization_id)
        .where(workplan_supporter.c.workplan_item_id == item.c.id)
        .order_by(workplan_supporter.c.position)
        .correlate(item)
    )
    return json_values(rows, name="supporting_organization_ids")


def _budget(item: FromClause) -> Label[Any]:
    rows = (
        select(workplan_budget.c.organization_id, workplan_budget.c.amount, workplan_budget.c.source)
        .where(workplan_budget.c.workplan_item_id == item.c.id)
        .order_by(workplan_budget.c.position)
        .correlate(item)
    )
    return json_list(BudgetLine, rows, name="budget")


def _indicator(item: FromClause) -> Label[Any]:
    pairs: list[Any] = []
    for name, column in INDICATOR.items():
        pairs += [literal_column(f"'{name}'"), item.c[column]]
    whole = func.json_build_object(*pairs, type_=JSON)
    return case((item.c.indicator_name.is_(None), null()), else_=whole).label("indicator")


def _found() -> Select[*tuple[Any, ...]]:
    item, above = workplan_item.alias("item"), workplan_item.alias("serves")
    wanted = param("new_parent_id", Uuid())
    level = (
        select(above.c.level)
        .where(
            above.c.agreement_id == item.c.agreement_id,
            above.c.id == func.coalesce(wanted, item.c.parent_id),
        )
        .correlate(item)
        .scalar_subquery()
        .label("new_parent_level")
    )
    return select(*item_columns(item), agreement_of(item.c.agreement_id), level).where(
        item.c.id == param("subject_id", Uuid()), visible_to(item.c.agreement_id)
    )


ITEM = Statement("workplan_item", document(Found, _found()), params=ById, row=Found)


def _opening() -> Select[*tuple[Any, ...]]:
    above = workplan_item.alias("serves")
    level = select(above.c.level).where(
        above.c.id == param("parent_id", Uuid()),
        above.c.agreement_id == param("agreement_id", Uuid()),
        visible_to(above.c.agreement_id),
    )
    basis = json_one(Basis, basis_of(param("agreement_id", Uuid())), name="agreement")
    return select(basis, level.scalar_subquery().label("parent_level"))


OPENING = Statement("opening_of_workplan_item", document(Opening, _opening()), params=ToOpen, row=Opening)
