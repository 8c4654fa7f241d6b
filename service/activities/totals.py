"""The statement of a summary: the tallies of an agreement, and of what is made under it."""

from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Uuid, or_, select

from schema.tables.activities import activity_tally, attendance_tally
from schema.tables.agreements import agreement
from service.access.visibility import visible_to
from service.activities.tally import ActivityTally, AttendanceTally
from service.kernel.statement import Statement, document, json_list, param


class ById(msgspec.Struct, frozen=True):
    """One agreement, for one organization."""

    agreement_id: UUID
    acting_id: UUID


class Tallies(msgspec.Struct, frozen=True, kw_only=True):
    """All tallies of an agreement, and of its children where they are asked for."""

    activities: tuple[ActivityTally, ...]
    attendance: tuple[AttendanceTally, ...]


def _tallies(name: str, counted: ColumnElement[bool]) -> Statement[ById, Tallies]:
    kept = select(agreement.c.id).where(counted, visible_to(agreement.c.id)).cte("counted")
    lists = [
        json_list(
            row, select(*(table.c[each] for each in row.__struct_fields__)).where(in_counted), name=label
        )
        for label, row, table, in_counted in (
            (
                "activities",
                ActivityTally,
                activity_tally,
                activity_tally.c.agreement_id.in_(select(kept.c.id)),
            ),
            (
                "attendance",
                AttendanceTally,
                attendance_tally,
                attendance_tally.c.agreement_id.in_(select(kept.c.id)),
            ),
        )
    ]
    itself = _visible_itself()
    return Statement(name, document(Tallies, select(*lists).where(itself)), params=ById, row=Tallies)


def _visible_itself() -> ColumnElement[bool]:
    own = agreement.alias("own")
    found: Select[tuple[UUID]] = select(own.c.id).where(
        own.c.id == param("agreement_id", Uuid()), visible_to(own.c.id)
    )
    return found.exists()


_OWN = agreement.c.id == param("agreement_id", Uuid())
_CHILD = agreement.c.parent_id == param("agreement_id", Uuid())

ITS_TALLIES = _tallies("tallies", _OWN)
TALLIES_WITH_CHILDREN = _tallies("tallies_with_children", or_(_OWN, _CHILD))
