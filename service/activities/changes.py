"""The changes of an activity: its rows and its part in the tallies, with the agreement it rests on held."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CTE, Uuid, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.activities import activity, activity_tally, attendance_tally, organizer, participant_group
from service.access.holding import Behind, agreement_held, locked, to_come
from service.access.tallies import ActivityTally, AttendanceTally
from service.activities.queries import GROUP_COLUMNS
from service.kernel.ledger import Change, after, inserted, rows_of, updated
from service.kernel.statement import param

ORGANIZER_COLUMNS = ("position", "organization_id", "role")


class Tallied(Behind, frozen=True, kw_only=True):
    """A change of what is counted."""

    activity_tallies: str
    attendance_tallies: str


class Written(Tallied, frozen=True, kw_only=True):
    """A new or changed activity, with its lists as JSON rows."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    organization_id: UUID
    relation: str
    kind: str
    also_kinds: tuple[str, ...]
    title: str
    mode: str
    starts_on: date
    ends_on: date
    former_dates: str | None
    starts_at_local: str | None
    venue: str | None
    online_url: str | None
    region_code: str | None
    topics: tuple[str, ...]
    outcome: str | None
    follow_ups: str | None
    training: str | None
    external_refs: str | None
    mcp_areas: tuple[str, ...]
    evidence: str | None
    workplan_item_id: UUID | None
    milestone_id: UUID | None
    client_ref: str | None
    client_fingerprint: bytes | None
    state: str
    state_reason: str | None
    reported_by: UUID | None
    verified_by: UUID | None
    reporter_id: UUID | None
    verifier_id: UUID | None
    participant_unit: str | None
    participant_total: int | None
    participant_male: int | None
    participant_female: int | None
    participant_sex_unspecified: int | None
    participant_with_disability: int | None
    participant_under_30: int | None
    document: str
    organizers: str
    groups: str


_ROW = tuple(column.name for column in activity.columns)
_ONCE = {
    "id",
    "created_at",
    "created_by",
    "agreement_id",
    "organization_id",
    "client_ref",
    "client_fingerprint",
}
_CHANGED = tuple(name for name in _ROW if name not in _ONCE)


def _tallies(head: CTE) -> list[CTE]:
    """Add a difference to the tallies; behind the head, so writers of an agreement take turns."""
    parts: list[CTE] = []
    for name, table, row in (
        ("activity_tallies", activity_tally, ActivityTally),
        ("attendance_tallies", attendance_tally, AttendanceTally),
    ):
        names = row.__struct_fields__
        keys = [column.name for column in table.primary_key]
        rows = rows_of(name, table, names=names)
        values = select(param("ledger_agreement_id", Uuid()), *(rows.c[each] for each in names)).where(
            after(head)
        )
        statement = upsert(table).from_select(["agreement_id", *names], values)
        sums = {each: table.c[each] + statement.excluded[each] for each in names if each not in keys}
        parts.append(statement.on_conflict_do_update(index_elements=keys, set_=sums).cte(f"added_{name}"))
    return parts


def _children(head: CTE, *, behind: tuple[CTE, ...] = ()) -> list[CTE]:
    """Insert organizers and groups, behind what takes the old ones away."""
    parts: list[CTE] = []
    for name, table, columns in (
        ("organizers", organizer, ORGANIZER_COLUMNS),
        ("groups", participant_group, GROUP_COLUMNS),
    ):
        rows = rows_of(name, table, names=columns)
        gone = [select(func.count()).select_from(part).scalar_subquery() >= 0 for part in behind]
        values = select(
            param("subject_id", Uuid()),
            param("ledger_agreement_id", Uuid()),
            *(rows.c[each] for each in columns),
        ).where(after(head), *gone)
        target = ["activity_id", "agreement_id", *columns]
        parts.append(insert(table).from_select(target, values).cte(f"new_{name}"))
    return parts


def _replaced_children(head: CTE) -> list[CTE]:
    gone = tuple(
        delete(table)
        .where(table.c.activity_id == param("subject_id", Uuid()), after(head))
        .returning(table.c.position)
        .cte(f"old_{table.name}")
        for table in (organizer, participant_group)
    )
    return [*gone, *_children(head, behind=gone)]


CREATE = Change(
    "create_activity",
    params=Written,
    target=to_come(),
    works=lambda head: [inserted(activity, _ROW, head=head), *_children(head), *_tallies(head)],
    unused=("expected_version",),
)

EDIT = Change(
    "edit_activity",
    params=Written,
    target=locked(activity, agreement_held()),
    works=lambda head: [updated(activity, _CHANGED, head=head), *_replaced_children(head), *_tallies(head)],
    unused=_ONCE,
)

MOVE = Change(
    "move_activity",
    params=Written,
    target=locked(activity, agreement_held()),
    works=lambda head: [updated(activity, _CHANGED, head=head), *_tallies(head)],
    unused=(*_ONCE, "organizers", "groups"),
)

DELETE = Change(
    "delete_activity",
    params=Tallied,
    target=locked(activity, agreement_held()),
    works=lambda head: [
        delete(activity).where(activity.c.id == param("subject_id", Uuid()), after(head)).cte("gone"),
        *_tallies(head),
    ],
)
