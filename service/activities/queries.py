"""Statements over activities: one document each, with organizers, participants and their agreement."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Label,
    Select,
    Text,
    Uuid,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.activities import (
    COUNTS,
    activity,
    activity_tally,
    attendance_tally,
    organizer,
    participant_group,
)
from schema.tables.agreements import agreement, party
from schema.vocabulary import AgreementState
from schema.wire.activities import Organizer, ParticipantGroup
from service.access.standing import PREPARING, Parent, blocked_from, counted_from, phase_of
from service.access.visibility import visible_to
from service.activities.records import AgreementFacts, Stored
from service.activities.tally import ActivityTally, AttendanceTally
from service.kernel.ledger import Change, GatedEntry, after, inserted, rows_of, updated
from service.kernel.statement import Statement, document, json_list, json_one, json_values, param

_LISTS = ("former_dates", "follow_ups", "external_refs", "evidence")
_JOINED = {"organizers", "participants", *_LISTS}
PLAIN = tuple(name for name in Stored.__struct_fields__ if name not in _JOINED)
GROUP_COLUMNS = ("position", "organization_id", "group_label", *COUNTS)
ORGANIZER_COLUMNS = ("position", "organization_id", "role")


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What an activity must know of its agreement, as stored; the day makes facts of it."""

    id: UUID
    version: int
    state: AgreementState
    effective_from: date | None
    ends_on: date | None
    notice_months: int
    suspended_on: date | None
    terminated_on: date | None
    survives_parent: bool
    parent: Parent | None
    party_ids: frozenset[UUID]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An activity with its agreement."""

    activity: Stored
    agreement: Basis


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new activity must know: its agreement, and what its client_ref was used for before."""

    agreement: Basis | None
    known_id: UUID | None
    known_fingerprint: str | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Activities of a page and the agreements they belong to."""

    items: tuple[Stored, ...]
    agreements: tuple[Basis, ...]


class ById(msgspec.Struct, frozen=True):
    """One activity, for one organization."""

    subject_id: UUID
    acting_id: UUID


class ToOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement and a client_ref, for one organization."""

    acting_id: UUID
    agreement_id: UUID
    client_ref: str | None


def facts_on(basis: Basis, today: date) -> AgreementFacts:
    """Return what the rules of activities need to know of an agreement on a day."""
    first, _ = counted_from(basis)
    return AgreementFacts(
        id=basis.id,
        version=basis.version,
        state=basis.state,
        phase=phase_of(basis, today),
        signed=basis.state not in PREPARING and basis.state is not AgreementState.CANCELLED,
        effective_from=first,
        ends_on=basis.ends_on,
        blocked_from=blocked_from(basis),
        party_ids=basis.party_ids,
    )


def _organizers() -> Label[Any]:
    rows = (
        select(organizer.c.organization_id, organizer.c.role)
        .where(organizer.c.activity_id == activity.c.id)
        .order_by(organizer.c.position)
        .correlate(activity)
    )
    return json_list(Organizer, rows, name="organizers")


def _participants() -> Label[Any]:
    names = [name for name in GROUP_COLUMNS if name != "position"]
    rows = (
        select(*(participant_group.c[name] for name in names))
        .where(participant_group.c.activity_id == activity.c.id)
        .order_by(participant_group.c.position)
        .correlate(activity)
    )
    groups = json_list(ParticipantGroup, rows, name="groups")
    pairs: list[Any] = [literal_column("'unit'"), activity.c.participant_unit]
    pairs += [literal_column("'groups'"), groups.element]
    for name in COUNTS:
        pairs += [literal_column(f"'{name}'"), activity.c[f"participant_{name}"]]
    whole = func.json_build_object(*pairs, type_=JSON)
    return case((activity.c.participant_unit.is_(None), null()), else_=whole).label("participants")


def stored_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a stored activity, as its struct names them."""
    empty: ColumnElement[Any] = literal_column("'[]'::json")
    return [
        *(activity.c[name] for name in PLAIN),
        *(func.coalesce(activity.c[name], empty).label(name) for name in _LISTS),
        _organizers(),
        _participants(),
    ]


def basis_columns() -> list[ColumnElement[Any]]:
    """Return the columns of the agreement an activity belongs to."""
    above = agreement.alias("above")
    parent = select(*(above.c[name] for name in Parent.__struct_fields__)).where(
        above.c.id == agreement.c.parent_id
    )
    members = select(party.c.organization_id).where(party.c.agreement_id == agreement.c.id)
    plain = [name for name in Basis.__struct_fields__ if name not in {"parent", "party_ids"}]
    return [
        *(agreement.c[name] for name in plain),
        json_one(Parent, parent.correlate(agreement), name="parent"),
        json_values(members.correlate(agreement), name="party_ids"),
    ]


def _found() -> Select[*tuple[Any, ...]]:
    one = select(*stored_columns()).where(
        activity.c.id == param("subject_id", Uuid()), visible_to(activity.c.agreement_id)
    )
    its = activity.alias("its")
    of_one = select(*basis_columns()).where(
        agreement.c.id
        == select(its.c.agreement_id).where(its.c.id == param("subject_id", Uuid())).scalar_subquery(),
        visible_to(agreement.c.id),
    )
    found = select(
        json_one(Stored, one, name="activity"), json_one(Basis, of_one, name="agreement")
    ).subquery("found")
    return select(found).where(found.c.activity.is_not(None))


ACTIVITY = Statement("activity", document(Found, _found()), params=ById, row=Found)


def _opening() -> Select[*tuple[Any, ...]]:
    of_agreement = select(*basis_columns()).where(
        agreement.c.id == param("agreement_id", Uuid()), visible_to(agreement.c.id)
    )

    def known(value: ColumnElement[Any]) -> ColumnElement[Any]:
        mine = (
            activity.c.organization_id == param("acting_id", Uuid()),
            activity.c.client_ref == param("client_ref", Text()),
        )
        return select(value).where(*mine).scalar_subquery()

    fingerprint = func.encode(activity.c.client_fingerprint, "hex", type_=Text)
    return select(
        json_one(Basis, of_agreement, name="agreement"),
        known(activity.c.id).label("known_id"),
        known(fingerprint).label("known_fingerprint"),
    )


OPENING = Statement("opening_of_activity", document(Opening, _opening()), params=ToOpen, row=Opening)


class Behind(GatedEntry, frozen=True, kw_only=True):
    """A change that rests on an agreement as it was read."""

    agreement_version: int
    parent_id: UUID | None
    parent_version: int | None
    expected_version: int
    activity_tallies: str
    attendance_tallies: str


class Written(Behind, frozen=True, kw_only=True):
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


def _agreement_held() -> CTE:
    """Hold the agreement and its parent in the versions the rules saw, parent first, until it is done."""
    parent_id = param("parent_id", Uuid())
    above = agreement.alias("mou")
    parent = (
        select(above.c.id)
        .where(above.c.id == parent_id, above.c.version == param("parent_version", Integer()))
        .with_for_update(read=True)
        .cte("held_parent")
    )
    return (
        select(agreement.c.id)
        .where(
            agreement.c.id == param("ledger_agreement_id", Uuid()),
            agreement.c.version == param("agreement_version", Integer()),
            or_(parent_id.is_(None), exists(select(parent.c.id))),
        )
        .with_for_update(read=True)
        .cte("held_agreement")
    )


def _locked() -> Select[Any]:
    held = _agreement_held()
    return (
        select(activity.c.id)
        .where(
            activity.c.id == param("subject_id", Uuid()),
            activity.c.version == param("expected_version", Integer()),
            exists(select(held.c.id)),
        )
        .with_for_update()
    )


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


def _held_agreement() -> Select[Any]:
    held = _agreement_held()
    return select(held.c.id)


CREATE = Change(
    "create_activity",
    params=Written,
    target=_held_agreement(),
    works=lambda head: [inserted(activity, _ROW, head=head), *_children(head), *_tallies(head)],
    unused=("expected_version",),
)

EDIT = Change(
    "edit_activity",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(activity, _CHANGED, head=head), *_replaced_children(head), *_tallies(head)],
    unused=_ONCE,
)

MOVE = Change(
    "move_activity",
    params=Written,
    target=_locked(),
    works=lambda head: [updated(activity, _CHANGED, head=head), *_tallies(head)],
    unused=(*_ONCE, "organizers", "groups"),
)

DELETE = Change(
    "delete_activity",
    params=Behind,
    target=_locked(),
    works=lambda head: [
        delete(activity).where(activity.c.id == param("subject_id", Uuid()), after(head)).cte("gone"),
        *_tallies(head),
    ],
)
