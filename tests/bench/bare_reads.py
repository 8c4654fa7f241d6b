"""Hand-written SQL of the bare comparator's reads: one statement for a record, two for a page."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from schema.tables.activities import COUNTS
from schema.vocabulary import (
    ActivityKind,
    ActivityState,
    Mode,
    ParticipantUnit,
    Relation,
)
from schema.wire import activities as wire
from schema.wire.agreements import Agreement
from schema.wire.summary import AgreementSummary, HealthCount, RequestSummary, WorkplanYear
from service.access.basis import AgreementFacts, Basis, facts_on
from service.access.figures import Planned, summary
from service.access.principal import Caller
from service.access.standing import Parent
from service.access.tallies import ActivityTally, AttendanceTally, Contribution
from service.activities import rules as activity_rules
from service.activities.queries import PLAIN
from service.activities.records import Stored
from service.agreements import phase
from service.agreements import rules as agreement_rules
from service.agreements.queries import COLUMNS
from tests.bench.aggregate import (
    activity_counts,
    attendance_counts,
    milestone_counts,
    request_figures,
    workplan_counts,
)

_PARENT = ", ".join(Parent.__struct_fields__)

AGREEMENT = f"""
    SELECT row_to_json(doc) FROM (
        SELECT {", ".join(COLUMNS)},
            (SELECT json_agg(json_build_object(
                'organization_id', organization_id, 'position', position, 'label', label,
                'document_number', document_number,
                'signatory', CASE WHEN signatory_name IS NOT NULL THEN json_build_object(
                    'name', signatory_name, 'title', signatory_title, 'signed_on', signatory_signed_on,
                    'signature_kind', signatory_signature_kind) END,
                'power_of_attorney', power_of_attorney, 'accepted_terms_version', accepted_terms_version
            ) ORDER BY position) FROM party WHERE agreement_id = agreement.id) AS parties,
            (SELECT row_to_json(mou) FROM (SELECT {_PARENT} FROM agreement AS above
                WHERE above.id = agreement.parent_id) AS mou) AS parent,
            'party' AS access,
            (SELECT coalesce(json_agg(party.organization_id), '[]'::json)
                FROM party JOIN organization ON organization.id = party.organization_id
                WHERE party.agreement_id = agreement.id
                AND organization.kind IN ('regional_unit', 'inspectorate')) AS unit_ids,
            EXISTS (SELECT FROM milestone WHERE agreement_id = agreement.id
                AND state IN ('open', 'submitted', 'returned')) AS has_open_milestones,
            (SELECT count(*) FROM data_request WHERE agreement_id = agreement.id
                AND state IN ('granted', 'granted_in_part')) AS undelivered_requests
        FROM agreement WHERE id = $1
    ) AS doc
"""

BASIS = f"""
    SELECT agreement.id, agreement.version, agreement.state, agreement.effective_from, agreement.ends_on,
        agreement.notice_months, agreement.suspended_on, agreement.terminated_on, agreement.survives_parent,
        (SELECT row_to_json(mou) FROM (SELECT {_PARENT} FROM agreement AS above
            WHERE above.id = agreement.parent_id) AS mou) AS parent,
        (SELECT json_agg(organization_id) FROM party WHERE agreement_id = agreement.id) AS party_ids
    FROM agreement
"""

_LISTS = ("former_dates", "follow_ups", "external_refs", "evidence")
_WHOLE = ("participant_unit", *(f"participant_{name}" for name in COUNTS))
_CHOSEN = "(activity.starts_on, activity.id) < ($2, $3)"
_NEWEST = "ORDER BY activity.starts_on DESC, activity.id DESC LIMIT $4"

ROWS = f"""
    SELECT {", ".join(f"activity.{name}" for name in (*PLAIN, *_LISTS, *_WHOLE))}, hosts.organizers
    FROM activity LEFT JOIN LATERAL (
        SELECT json_agg(json_build_object('organization_id', organization_id, 'role', role)
            ORDER BY position) AS organizers
        FROM organizer WHERE activity_id = activity.id
    ) AS hosts ON true
"""
PAGE_OF_ONE = f"{ROWS} WHERE activity.agreement_id = $1 AND {_CHOSEN} {_NEWEST}"
PAGE_OF_ALL = f"""
    {ROWS} WHERE activity.agreement_id IN (
        SELECT agreement_id FROM agreement_access WHERE organization_id = $1
    ) AND {_CHOSEN} {_NEWEST}
"""
BEHIND = f"""
    SELECT json_build_object(
        'groups', (SELECT coalesce(json_agg(came), '[]'::json) FROM (
            SELECT activity_id, json_agg(json_build_object('organization_id', organization_id,
                'group_label', group_label, {", ".join(f"'{name}', {name}" for name in COUNTS)})
                ORDER BY position) AS groups
            FROM participant_group WHERE activity_id = ANY ($1) GROUP BY activity_id
        ) AS came),
        'agreements', (SELECT coalesce(json_agg(basis), '[]'::json)
            FROM ({BASIS} WHERE agreement.id = ANY ($2)) AS basis))
"""
LIVE = f"""
    SELECT json_build_object(
        'activities', (SELECT coalesce(json_agg(counted), '[]'::json)
            FROM ({activity_counts("activity.agreement_id = $1")}) AS counted),
        'attendance', (SELECT coalesce(json_agg(counted), '[]'::json)
            FROM ({attendance_counts("activity.agreement_id = $1")}) AS counted),
        'milestones', (SELECT coalesce(json_agg(counted), '[]'::json)
            FROM ({milestone_counts("agreement_id = $1", "$2::date")}) AS counted),
        'years', (SELECT coalesce(json_agg(counted), '[]'::json)
            FROM ({workplan_counts("agreement_id = $1", "$2::date")}) AS counted),
        'data_requests', (SELECT row_to_json(counted)
            FROM ({request_figures("agreement_id = $1", "$2::date")}) AS counted))
"""


class Counted(msgspec.Struct):
    """The figures of an agreement, as `LIVE` counts them."""

    activities: tuple[ActivityTally, ...]
    attendance: tuple[AttendanceTally, ...]
    milestones: tuple[HealthCount, ...]
    years: tuple[WorkplanYear, ...]
    data_requests: RequestSummary


class GroupsOf(msgspec.Struct):
    """The groups of one activity."""

    activity_id: UUID
    groups: tuple[wire.ParticipantGroup, ...]


class Behind(msgspec.Struct):
    """What the rows of a page do not hold."""

    groups: tuple[GroupsOf, ...]
    agreements: tuple[Basis, ...]


_agreement = msgspec.json.Decoder(phase.Stored).decode
_behind = msgspec.json.Decoder(Behind).decode
_figures = msgspec.json.Decoder(Counted).decode
_organizers = msgspec.json.Decoder(tuple[wire.Organizer, ...]).decode
_training = msgspec.json.Decoder(wire.Training).decode
_lists = {
    "former_dates": msgspec.json.Decoder(tuple[wire.FormerDates, ...]).decode,
    "follow_ups": msgspec.json.Decoder(tuple[wire.FollowUp, ...]).decode,
    "external_refs": msgspec.json.Decoder(tuple[wire.ExternalRef, ...]).decode,
    "evidence": msgspec.json.Decoder(tuple[wire.Evidence, ...]).decode,
}
_words: dict[str, dict[str, Any]] = {
    name: {member.value: member for member in kind}
    for name, kind in (
        ("relation", Relation),
        ("kind", ActivityKind),
        ("mode", Mode),
        ("state", ActivityState),
        ("unit", ParticipantUnit),
    )
}


async def agreement(pool: asyncpg.Pool, agreement_id: str, *, caller: Caller) -> Agreement:
    """Gives R1."""
    text = await pool.fetchval(AGREEMENT, agreement_id)
    return agreement_rules.reply(_agreement(text), caller)


async def activities(
    pool: asyncpg.Pool, agreement_id: str | None, *, after: tuple[date, UUID], limit: int, caller: Caller
) -> wire.ActivityPage:
    """Gives R2, or R4 without an agreement; `next_cursor` is empty where there is a next page."""
    async with pool.acquire() as connection:
        statement = PAGE_OF_ONE if agreement_id else PAGE_OF_ALL
        rows = await connection.fetch(statement, agreement_id or caller.organization_id, *after, limit + 1)
        shown = rows[:limit]
        ids, agreement_ids = [row["id"] for row in shown], list({row["agreement_id"] for row in shown})
        behind = _behind(await connection.fetchval(BEHIND, ids, agreement_ids))
    groups = {each.activity_id: each.groups for each in behind.groups}
    facts = {basis.id: facts_on(basis, caller.today) for basis in behind.agreements}
    items = tuple([_reply(row, groups, facts=facts, caller=caller) for row in shown])
    return wire.ActivityPage(items=items, next_cursor="" if len(rows) > limit else None, total=None)


def _reply(row, groups, *, facts: dict[UUID, AgreementFacts], caller: Caller) -> wire.Activity:
    stored = stored_of(row, groups.get(row["id"], ()))
    return activity_rules.reply(stored, caller, agreement=facts[stored.agreement_id])


def stored_of(row: asyncpg.Record, groups: tuple[wire.ParticipantGroup, ...]) -> Stored:
    """Gives an activity from its row, whose columns are in the order of `ROWS`."""
    values = dict(row.items())
    unit = values.pop("participant_unit")
    counts = {name: values.pop(f"participant_{name}") for name in COUNTS}
    for name, decode in _lists.items():
        values[name] = decode(values[name]) if values[name] else ()
    for name in ("relation", "kind", "mode", "state"):
        values[name] = _words[name][values[name]]
    values["also_kinds"] = tuple([_words["kind"][kind] for kind in values["also_kinds"]])
    values["training"] = values["training"] and _training(values["training"])
    values["organizers"] = _organizers(values["organizers"]) if values["organizers"] else ()
    values["participants"] = unit and wire.Participants(unit=_words["unit"][unit], groups=groups, **counts)
    return Stored(**values)


async def summary_of(pool: asyncpg.Pool, agreement_id: str, *, caller: Caller) -> AgreementSummary:
    """Gives R3, counted from the rows."""
    found = _figures(await pool.fetchval(LIVE, agreement_id, caller.today))
    tallies = Contribution(found.activities, found.attendance)
    planned = Planned(found.milestones, found.years, found.data_requests)
    return summary(
        UUID(agreement_id), tallies, as_of=caller.today, relations={Relation.JOINT}, planned=planned
    )
