"""Hand-written SQL of the bare comparator over data requests: one document a page, one to move from.

PostgreSQL puts the rows and what stands around them together as JSON, in one statement.
"""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from schema.tables.data_requests import data_request
from schema.vocabulary import Noun, Role
from schema.wire import data_request_moves as moves
from schema.wire.data_requests import DataRequest, DataRequestPage, Delivery
from service import settings
from service.access.basis import AgreementFacts, Basis, facts_on
from service.access.holidays import Correction, calendar_of
from service.access.principal import Caller
from service.data_requests import replies, rules
from service.data_requests.clock import years_from
from service.data_requests.queries import PLAIN, Holder, Page
from service.data_requests.records import Around, ClockPolicy, DatasetFacts, Stored
from service.data_requests.surroundings import due_at
from tests.bench.bare_ledger import record, told_of
from tests.bench.bare_reads import BASIS

_DELIVERY = ", ".join(f"'{name}', {name}" for name in Delivery.__struct_fields__)
_DATASET = ", ".join(DatasetFacts.__struct_fields__)
_HOLDER = ", ".join(Holder.__struct_fields__)
_REQUEST = f"""
    SELECT {", ".join(PLAIN)}, coalesce(exchanges, '[]'::json) AS exchanges,
        (SELECT coalesce(json_agg(json_build_object({_DELIVERY}) ORDER BY position), '[]'::json)
            FROM delivery WHERE data_request_id = data_request.id) AS deliveries
    FROM data_request
"""
_CORRECTIONS = """
    (SELECT coalesce(json_agg(last), '[]'::json) FROM (
        SELECT DISTINCT ON (falls_on, kind) revision, falls_on, kind, name
        FROM holiday_correction ORDER BY falls_on, kind, revision DESC) AS last)
"""
QUEUE = f"""
    WITH page AS MATERIALIZED (
        {_REQUEST} WHERE holder_organization_id = $1 AND state <> 'draft' AND due_at <= $2 AND id < $3
        ORDER BY id DESC LIMIT $4
    )
    SELECT json_build_object(
        'items', (SELECT coalesce(json_agg(page), '[]'::json) FROM page),
        'agreements', (SELECT coalesce(json_agg(basis), '[]'::json)
            FROM ({BASIS} WHERE agreement.id IN (SELECT agreement_id FROM page)) AS basis),
        'datasets', (SELECT coalesce(json_agg(named), '[]'::json)
            FROM (SELECT {_DATASET} FROM dataset WHERE id IN (SELECT dataset_id FROM page)) AS named),
        'holders', (SELECT json_agg(holder)
            FROM (SELECT {_HOLDER} FROM organization WHERE id = $1) AS holder),
        'corrections', {_CORRECTIONS})
"""
MOVING = f"""
    SELECT json_build_object(
        'request', row_to_json(request),
        'agreement', (SELECT row_to_json(basis)
            FROM ({BASIS} WHERE agreement.id = request.agreement_id) AS basis),
        'dataset', (SELECT row_to_json(named)
            FROM (SELECT {_DATASET} FROM dataset WHERE id = request.dataset_id) AS named),
        'holder', (SELECT row_to_json(holder)
            FROM (SELECT {_HOLDER} FROM organization WHERE id = request.holder_organization_id) AS holder),
        'corrections', {_CORRECTIONS},
        'assignable', EXISTS (
            SELECT FROM membership JOIN "user" ON "user".id = membership.user_id
            WHERE membership.user_id = $3 AND membership.organization_id = request.holder_organization_id
            AND 'reviewer' = ANY (membership.roles) AND "user".state = 'active'))
    FROM ({_REQUEST} WHERE id = $1 AND version = $2 FOR UPDATE OF data_request) AS request
"""
_FIXED = {
    "id",
    "created_at",
    "created_by",
    "lane",
    "agreement_id",
    "requester_organization_id",
    "holder_organization_id",
    "client_ref",
    "client_fingerprint",
}
_CHANGED = [column.name for column in data_request.columns if column.name not in _FIXED]
_STATE = f"""
    UPDATE data_request SET {", ".join(f"{name} = ${number}" for number, name in enumerate(_CHANGED, 2))}
    WHERE id = $1
"""


class Moving(msgspec.Struct):
    """A request to move, and what stands around it."""

    request: Stored
    agreement: Basis | None
    dataset: DatasetFacts | None
    holder: Holder
    corrections: tuple[Correction, ...]
    assignable: bool


_NOBODY = UUID(int=0)
_GIVEN = settings.Settings()
_POLICIES = {
    joint_leave: ClockPolicy(
        name=_GIVEN.request_policy,
        answer_days=_GIVEN.answer_days,
        extension_days=_GIVEN.extension_days,
        objection_days=_GIVEN.objection_days,
        objection_answer_days=_GIVEN.objection_answer_days,
        due_soon_days=_GIVEN.due_soon_days,
        joint_leave=joint_leave,
    )
    for joint_leave in (True, False)
}

_encode = msgspec.json.Encoder().encode
_page = msgspec.json.Decoder(Page).decode
_moving = msgspec.json.Decoder(Moving).decode
_move = msgspec.json.Decoder(moves.DataRequestMove).decode


async def queue(pool: asyncpg.Pool, *, after: UUID, limit: int, caller: Caller) -> DataRequestPage:
    """Gives R4Q; `next_cursor` is empty where there is a next page."""
    found = _page(await pool.fetchval(QUEUE, caller.organization_id, caller.now, after, limit + 1))
    (holder,) = found.holders
    known = _Known(caller, holder, found.corrections)
    agreements = {each.id: facts_on(each, known.today) for each in found.agreements}
    datasets = {each.id: each for each in found.datasets}
    items: list[DataRequest] = []
    for each in found.items[:limit]:
        agreement = agreements[each.agreement_id] if each.agreement_id else None
        dataset = datasets[each.dataset_id] if each.dataset_id else None
        around = await known.around(each, agreement, dataset=dataset)
        items.append(replies.reply(each, caller, around=around))
    return DataRequestPage(
        items=tuple(items), next_cursor="" if len(found.items) > limit else None, total=None
    )


class _Known(NamedTuple):
    """What the requests of one holder have in common, for one caller."""

    caller: Caller
    holder: Holder
    corrections: tuple[Correction, ...]

    @property
    def today(self) -> date:
        """The day of the caller, who is in the holder's time zone."""
        return self.caller.today

    async def around(
        self,
        stored: Stored,
        agreement: AgreementFacts | None,
        *,
        dataset: DatasetFacts | None,
        assignable: bool = False,
    ) -> Around:
        """Gives what the rules must know besides a request."""
        years = years_from(stored.received_on or self.today, self.today)
        language = self.caller.language
        return Around(
            today=self.today,
            agreement=agreement,
            dataset=dataset,
            calendar=await calendar_of(years, language, corrections=self.corrections),
            policy=_POLICIES[self.holder.joint_leave],
            assignable=assignable,
            new_id=_NOBODY,
        )


async def moved(pool: asyncpg.Pool, request_id: str, *, body: bytes, expected: int, caller: Caller) -> bytes:
    """Gives W2R: a transition, written with its audit entry and event."""
    move = _move(body)
    candidate_id = move.assignee_id if isinstance(move, moves.Assign) else None
    async with pool.acquire() as connection, connection.transaction():
        text = await connection.fetchval(MOVING, UUID(request_id), expected, candidate_id)
        if text is None:
            raise LookupError(request_id)
        found = _moving(text)
        known = _Known(caller, found.holder, found.corrections)
        agreement = found.agreement and facts_on(found.agreement, known.today)
        around = await known.around(
            found.request, agreement, dataset=found.dataset, assignable=found.assignable
        )
        after = rules.moved(found.request, move, caller=caller, around=around)
        await connection.execute(_STATE, after.id, *_changes(after, found.holder))
        action, role = rules.action_of(move), Role.REVIEWER
        told = told_of(
            found.request,
            after,
            caller=caller,
            action=action,
            request_id="bare",
            noun=Noun.DATA_REQUEST,
            role=role,
        )
        await record(connection, told, before=found.request, after=after)
    return _encode(replies.reply(after, caller, around=around))


def _changes(stored: Stored, holder: Holder) -> list[Any]:
    values: dict[str, Any] = {name: getattr(stored, name) for name in PLAIN}
    for name in ("policy", "recommendation", "exchanges"):
        given = getattr(stored, name)
        values[name] = _encode(given).decode() if given else None
    values["due_at"] = due_at(stored, holder)
    return [values[name] for name in _CHANGED]
