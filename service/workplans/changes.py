"""The changes of the work plan: its rows, with the agreement held that they rest on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Integer, Select, Table, Uuid, delete, exists, func, insert, select

from schema.tables.workplans import actual, workplan_budget, workplan_item, workplan_supporter
from service.access.holding import Behind, agreement_held, locked, to_come
from service.kernel.ledger import Change, after, inserted, rows_of, updated
from service.kernel.statement import param

_LISTS: tuple[tuple[str, Table, tuple[str, ...]], ...] = (
    ("supporters", workplan_supporter, ("position", "organization_id")),
    ("budget", workplan_budget, ("position", "organization_id", "amount", "source")),
)


class WrittenItem(Behind, frozen=True, kw_only=True):
    """A new or changed item, with its lists as JSON rows."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    parent_id: UUID | None
    level: str
    parent_level: str | None
    code: str | None
    title: str
    agreement_year: int
    quarter: int | None
    due_on: date | None
    baseline_due_on: date | None
    first_agreed_on: date | None
    lead_organization_id: UUID | None
    indicator_name: str | None
    indicator_unit: str | None
    indicator_accumulation: str | None
    indicator_baseline: Decimal | None
    indicator_target: Decimal | None
    means_of_verification: str | None
    evidence: str | None
    state: str
    state_reason: str | None
    proposed_by: UUID
    proposer_id: UUID
    agreed_by: UUID | None
    agreer_id: UUID | None
    completed_by: UUID | None
    completer_id: UUID | None
    verified_by: UUID | None
    verifier_id: UUID | None
    drop_proposed_by: UUID | None
    drop_proposer_id: UUID | None
    dropped_by: UUID | None
    dropper_id: UUID | None
    supporters: str
    budget: str


class WrittenActual(Behind, frozen=True, kw_only=True):
    """A new or changed value, and the version of its item that the rules saw."""

    item_version: int
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    workplan_item_id: UUID
    starts_on: date
    ends_on: date
    value: Decimal | None
    not_available_reason: str | None
    note: str | None
    state: str
    state_reason: str | None
    submitted_by: UUID | None
    submitter_id: UUID | None
    approved_by: UUID | None
    approver_id: UUID | None


_ONCE = {"id", "created_at", "created_by", "agreement_id", "level", "workplan_item_id"}
_ITEM_ROW = tuple(column.name for column in workplan_item.columns)
_ITEM_CHANGED = tuple(name for name in _ITEM_ROW if name not in _ONCE)
_ACTUAL_ROW = tuple(column.name for column in actual.columns)
_ACTUAL_CHANGED = tuple(name for name in _ACTUAL_ROW if name not in _ONCE)


def _item_held() -> Select[Any]:
    """Hold the item that a new value belongs to, behind its agreement: both as the rules saw them."""
    held = agreement_held()
    return (
        select(workplan_item.c.id)
        .where(
            workplan_item.c.id == param("workplan_item_id", Uuid()),
            workplan_item.c.version == param("item_version", Integer()),
            exists(select(held.c.id)),
        )
        .with_for_update(read=True)
    )


def _new_lists(head: CTE, *, behind: tuple[CTE, ...] = ()) -> list[CTE]:
    """Insert supporters and budget lines, behind what takes the old ones away."""
    gone = [select(func.count()).select_from(part).scalar_subquery() >= 0 for part in behind]
    return [_new_list(each, conditions=[after(head), *gone]) for each in _LISTS]


def _new_list(each: tuple[str, Table, tuple[str, ...]], *, conditions: list[ColumnElement[bool]]) -> CTE:
    name, table, columns = each
    rows = rows_of(name, table, names=columns)
    owner = (param("subject_id", Uuid()), param("ledger_agreement_id", Uuid()))
    values = select(*owner, *(rows.c[column] for column in columns)).where(*conditions)
    return (
        insert(table).from_select(["workplan_item_id", "agreement_id", *columns], values).cte(f"new_{name}")
    )


def _replaced_lists(head: CTE) -> list[CTE]:
    gone = tuple(
        delete(table)
        .where(table.c.workplan_item_id == param("subject_id", Uuid()), after(head))
        .returning(table.c.position)
        .cte(f"old_{name}")
        for name, table, _ in _LISTS
    )
    return [*gone, *_new_lists(head, behind=gone)]


PROPOSE = Change(
    "create_workplan_item",
    params=WrittenItem,
    target=to_come(),
    works=lambda head: [inserted(workplan_item, _ITEM_ROW, head=head), *_new_lists(head)],
    unused=("expected_version",),
)

EDIT = Change(
    "edit_workplan_item",
    params=WrittenItem,
    target=locked(workplan_item, agreement_held()),
    works=lambda head: [updated(workplan_item, _ITEM_CHANGED, head=head), *_replaced_lists(head)],
    unused=_ONCE,
)

MOVE = Change(
    "move_workplan_item",
    params=WrittenItem,
    target=locked(workplan_item, agreement_held()),
    works=lambda head: [updated(workplan_item, _ITEM_CHANGED, head=head)],
    unused=(*_ONCE, "supporters", "budget"),
)

DELETE = Change(
    "delete_workplan_item",
    params=Behind,
    target=locked(workplan_item, agreement_held()),
    works=lambda head: [
        delete(workplan_item)
        .where(workplan_item.c.id == param("subject_id", Uuid()), after(head))
        .cte("gone")
    ],
)

REPORT = Change(
    "create_actual",
    params=WrittenActual,
    target=_item_held(),
    works=lambda head: [inserted(actual, _ACTUAL_ROW, head=head)],
    unused=("expected_version",),
)

CORRECT = Change(
    "edit_actual",
    params=WrittenActual,
    target=locked(actual, agreement_held()),
    works=lambda head: [updated(actual, _ACTUAL_CHANGED, head=head)],
    unused=(*_ONCE, "item_version"),
)
