"""Counted activities and attendances of an agreement, as summaries keep them and reports count them. Pure."""

from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from schema.vocabulary import ActivityKind, ActivityState, Relation

NOBODY = UUID(int=0)
"""Stands in `organization_id` of a tally where there is no organization."""

UNKNOWN_YEAR = 0

TOOK_PLACE = frozenset({ActivityState.HELD, ActivityState.REPORTED, ActivityState.VERIFIED})
"""States of activities to which people came."""


class ActivityTally(Struct, frozen=True):
    """How many activities share the first four; in a difference, how many more or fewer."""

    relation: Relation
    agreement_year: int
    kind: ActivityKind
    state: ActivityState
    activities: int


class AttendanceTally(Struct, frozen=True):
    """Attendance of an organization, of a labelled group, or (`NOBODY`, empty label) of the whole."""

    relation: Relation
    organization_id: UUID
    group_label: str
    activities: int
    unknown_totals: int
    total: int
    male: int
    male_known: int
    female: int
    female_known: int


class Contribution(NamedTuple):
    """Rows to add to the tallies of one agreement, in the order of their keys."""

    activities: tuple[ActivityTally, ...] = ()
    attendance: tuple[AttendanceTally, ...] = ()
