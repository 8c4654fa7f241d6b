"""Who sees what in a database: the word of the model against what every statement of the service gives.

`differences` asks as whoever a way says, so the same comparison judges the service's predicate and any other
wall: row security is asked by a way that takes the role of the application and says for whom it acts.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from schema.roles import APP
from schema.wire.agreements import AgreementSort
from schema.wire.data_requests import RequestSort
from service.access import history
from service.activities import listing as activity_lists
from service.activities import queries as activities
from service.activities import totals
from service.agreements import amendment_listing as amendment_lists
from service.agreements import amendment_queries as amendments
from service.agreements import listing as agreement_lists
from service.agreements import queries as agreements
from service.audit import queries as audit
from service.data_requests import listing as request_lists
from service.data_requests import queries as requests
from service.data_requests.listing import Side
from service.datasets import queries as datasets
from service.documents import listing as document_lists
from service.documents import queries as documents
from service.kernel.statement import Statement
from service.milestones import listing as milestone_lists
from service.milestones import queries as milestones
from service.milestones import series_queries as series
from service.workplans import actual_queries as actuals
from service.workplans import listing as workplan_lists
from service.workplans import queries as workplans
from tests.trust import model
from tests.trust.model import World

Way = Callable[[asyncpg.Connection, UUID], Awaitable[None]]
"""How a connection is told for which organization it asks."""


async def as_superuser(connection: asyncpg.Connection, organization_id: UUID) -> None:
    """Says for whom the connection acts, and stops at no wall: the statement alone decides."""
    await connection.fetchval("SELECT set_config('tenun.acting', $1, false)", str(organization_id))


async def as_application(connection: asyncpg.Connection, organization_id: UUID) -> None:
    """Says the same with the rights that requests are served with: row security decides as well."""
    await as_superuser(connection, organization_id)
    await connection.execute(f"SET ROLE {APP}")


class Question(NamedTuple):
    """A statement that gives agreements to the organization `$1`, and which the model says it should.

    `$2` are the agreements that it may be asked about, for a statement that is about one at a time.
    """

    sql: str
    expected: Callable[[World, UUID, UUID], str | UUID | None]
    about_each: bool = False


async def differences(
    connection: asyncpg.Connection,
    world: World,
    *,
    questions: Mapping[str, Question],
    way: Way = as_superuser,
) -> list[str]:
    """Gives each answer on which the database and the model do not agree, for every pair of the world."""
    found: list[str] = []
    for organization_id in world.above:
        await way(connection, organization_id)
        expected = {
            word: {id: word(world, organization_id, id) for id in world.agreements}
            for word in {question.expected for question in questions.values()}
        }
        for name, question in questions.items():
            given = [list(world.agreements)] if question.about_each else []
            rows = await connection.fetch(question.sql, organization_id, *given)
            # The trail goes on to tell of an agreement that is gone, which the model does not know any more.
            told = {row[0]: row[-1] for row in rows if row[0] in world.agreements}
            wrong = [id for id, word in expected[question.expected].items() if told.get(id) != word]
            found += [f"{name}: {organization_id} and {id}" for id in wrong]
        await connection.execute("RESET ROLE")
    return found


# ---------------------------------------------------------------------------------------- what the model says


def seen(world: World, who: UUID, id: UUID) -> UUID | None:
    return id if model.sees(world, who, id=id) else None


def why(world: World, who: UUID, id: UUID) -> str | None:
    return model.sees(world, who, id=id)


def on_either_side(world: World, who: UUID, id: UUID) -> UUID | None:
    """Gives the request that it made or that was made to it, and what it sees with an agreement."""
    return id if who in world.agreements[id].key else seen(world, who, id)


def held_by(world: World, who: UUID, id: UUID) -> UUID | None:
    return id if world.agreements[id].key[1] == who else None


def delivered(world: World, who: UUID, id: UUID) -> UUID | None:
    """Gives what its holder stored and delivered to the requester, to these two where they see it."""
    return seen(world, who, id) if who in world.agreements[id].key else None


def public(world: World, _who: UUID, id: UUID) -> UUID | None:
    return id if world.agreements[id].public else None


def seen_or_public(world: World, who: UUID, id: UUID) -> UUID | None:
    return seen(world, who, id) or public(world, who, id)


def of_parties(world: World, who: UUID, id: UUID) -> UUID | None:
    return seen_or_public(world, who, id) if world.agreements[id].parties else None


def derivable(world: World, who: UUID, id: UUID) -> UUID | None:
    return id if model.may_derive(world, who, id=id) else None


# ------------------------------------------------------------------------------ the statements of the service


def _each(statement: Statement[Any, Any], given: str = "true", **constants: str) -> str:
    """Gives a statement about one record asked about many: its subject is each of them in turn.

    What is made under an agreement goes by its id; a parameter that has no constant is null.
    """
    subject = dict.fromkeys(_SUBJECTS, "asked.id")
    values = {"acting_id": "$1::uuid", **_FROM_THE_FIRST, **subject, **constants}
    return (
        "SELECT DISTINCT asked.id FROM unnest($2::uuid[]) AS asked (id), "  # noqa: S608 - our own words.
        f"LATERAL ({_bound(statement, values)}) AS answer (document) WHERE {given}"
    )


def _list(statement: Statement[Any, Any], id: str, **constants: str) -> str:
    """Gives a list as the agreements of its items, as long as it is."""
    values = {"acting_id": "$1::uuid", **_FROM_THE_FIRST, **constants}
    return f"SELECT DISTINCT ({id})::uuid FROM ({_bound(statement, values)}) AS page (document)"  # noqa: S608 - as above.


def _bound(statement: Statement[Any, Any], values: Mapping[str, str]) -> str:
    """Gives the text of a statement with its parameters and constants written into it."""
    arguments = statement.arguments(_Parameters())
    written = [
        values.get(each, "NULL") if isinstance(each, _Parameter) else f"'{each}'" for each in arguments
    ]
    return re.sub(r"\$(\d+)", lambda found: written[int(found[1]) - 1], statement.sql)


class _Parameter(str):
    """The name of a parameter, which no constant is."""

    __slots__ = ()


class _Parameters:
    """Stands for parameters, and gives the name of each as its value."""

    def __getattr__(self, name: str) -> str:
        return _Parameter(name)


_SUBJECTS = (
    "subject_id", "workplan_item_id", "agreement_id", "dataset_id", "parent_id", "renews_id", "stream",
)  # fmt: skip
_FROM_THE_FIRST = {
    "row_limit": "1000000",
    "first": "'00000000-0000-0000-0000-000000000000'",
    "seq": "0",
    "after_on": "'2199-12-31'",
    "after_sequence": "0",
    "after_id": "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    "after_at": "'2199-12-31'",
    "today": "'2026-01-05'",
}
_SOONEST = {"after_on": "'1945-01-01'", "after_id": _FROM_THE_FIRST["first"]}
_FROM_YEAR_ONE = {"after_year": "0", "after_id": _FROM_THE_FIRST["first"]}
_OF_STORED = "json_array_elements(document -> 'items') -> 'stored' ->> 'agreement_id'"
_OF_ITEMS = "json_array_elements(document -> 'items') ->> 'agreement_id'"
_OF_DOCUMENT = "document ->> 'agreement_id'"
_HAS_PLACE = "document ->> 'agreement_id' IS NOT NULL"
_NONE: frozenset[str] = frozenset()

STATEMENTS: Mapping[str, Question] = {
    "access rows": Question(
        "SELECT agreement_id, reason FROM agreement_access WHERE organization_id = $1", why
    ),
    "an agreement": Question(_each(agreements.AGREEMENT), seen_or_public, about_each=True),
    "the MoU of a new PKS": Question(
        _each(agreements.AROUND, "document ->> 'parent' IS NOT NULL"), derivable, about_each=True
    ),
    "an agreement to renew": Question(
        _each(agreements.AROUND, "document ->> 'renews_id' IS NOT NULL"), seen, about_each=True
    ),
    "an agreement to log under": Question(
        _each(activities.OPENING, "document ->> 'agreement' IS NOT NULL"), seen, about_each=True
    ),
    "an agreement to promise under": Question(
        _each(milestones.OPENING, "document ->> 'agreement' IS NOT NULL"), seen, about_each=True
    ),
    "an agreement to plan under": Question(
        _each(workplans.OPENING, "document ->> 'agreement' IS NOT NULL"), seen, about_each=True
    ),
    "an item to serve": Question(
        _each(workplans.OPENING, "document ->> 'parent_level' IS NOT NULL"), seen, about_each=True
    ),
    "an agreement to promise under again and again": Question(
        _each(series.OPENING, "document ->> 'agreement' IS NOT NULL"), seen, about_each=True
    ),
    "the history of an agreement": Question(
        _each(history.HISTORY, subject_type="'agreement'"), seen, about_each=True
    ),
    "the history of an activity": Question(
        _each(history.HISTORY, subject_type="'activity'"), seen, about_each=True
    ),
    "the history of a milestone": Question(
        _each(history.HISTORY, subject_type="'milestone'"), seen, about_each=True
    ),
    "the history of an item": Question(
        _each(history.HISTORY, subject_type="'workplan_item'"), seen, about_each=True
    ),
    "an amendment": Question(_each(amendments.AMENDMENT, sequence="1"), seen, about_each=True),
    "an amendment by its id": Question(_each(amendments.AMENDMENT_BY_ID), seen, about_each=True),
    "an agreement to amend": Question(_each(amendments.AMENDABLE), seen, about_each=True),
    "the list of amendments": Question(
        _each(amendment_lists.listing(_NONE), "document ->> 'agreement' IS NOT NULL"), seen, about_each=True
    ),
    "the items of the list of amendments": Question(
        _each(amendment_lists.listing(_NONE), "json_array_length(document -> 'items') > 0"),
        seen,
        about_each=True,
    ),
    "the stamp of a summary": Question(_each(totals.ITS_STAMP), seen, about_each=True),
    "the stamp with its PKS": Question(_each(totals.STAMP_WITH_CHILDREN), seen, about_each=True),
    "a summary": Question(_each(totals.ITS_TALLIES), seen, about_each=True),
    "a summary with its PKS": Question(_each(totals.TALLIES_WITH_CHILDREN), seen, about_each=True),
    "an activity": Question(_each(activities.ACTIVITY), seen, about_each=True),
    "a milestone": Question(_each(milestones.MILESTONE), seen, about_each=True),
    "a series": Question(_each(series.SERIES), seen, about_each=True),
    "a series to edit": Question(_each(series.EDITED), seen, about_each=True),
    "an item": Question(_each(workplans.ITEM), seen, about_each=True),
    "a value": Question(_each(actuals.ACTUAL), seen, about_each=True),
    "the values of an item": Question(_each(actuals.ACTUALS), seen, about_each=True),
    "a document, which is public": Question(_each(documents.DOCUMENT), seen_or_public, about_each=True),
    "where a document of an agreement belongs": Question(
        _each(documents.PLACE, _HAS_PLACE, subject_type="'agreement'"), seen, about_each=True
    ),
    "where a document of an activity belongs": Question(
        _each(documents.PLACE, _HAS_PLACE, subject_type="'activity'"), seen, about_each=True
    ),
    "a stream of the trail": Question(_each(audit.SEEN_STREAM), seen, about_each=True),
    "the links of a stream": Question(
        _each(audit.SEEN_LINKS, "document ->> 'head' IS NOT NULL"), seen, about_each=True
    ),
    "all streams of the trail": Question(_list(audit.SEEN_STREAMS, "document ->> 'stream'"), seen),
    "the list of agreements": Question(
        _list(agreement_lists.listing(_NONE, AgreementSort.NEWEST, public=False), "document ->> 'id'"), seen
    ),
    "the list of public agreements": Question(
        _list(agreement_lists.listing(_NONE, AgreementSort.NEWEST, public=True), "document ->> 'id'"), public
    ),
    "the list of activities by agreement": Question(
        _list(activity_lists.listing(_NONE, few=True), _OF_ITEMS), seen
    ),
    "the list of activities by day": Question(
        _list(activity_lists.listing(_NONE, few=False), _OF_ITEMS), seen
    ),
    "the list of milestones by agreement": Question(
        _list(milestone_lists.listing(_NONE, few=True), _OF_ITEMS, **_SOONEST), seen
    ),
    "the list of milestones by day": Question(
        _list(milestone_lists.listing(_NONE, few=False), _OF_ITEMS, **_SOONEST), seen
    ),
    "the list of series": Question(_list(series.listing(_NONE), "document ->> 'agreement_id'"), seen),
    "the list of items by agreement": Question(
        _list(workplan_lists.listing(_NONE, few=True), _OF_STORED, **_FROM_YEAR_ONE), seen
    ),
    "the list of items by year": Question(
        _list(workplan_lists.listing(_NONE, few=False), _OF_STORED, **_FROM_YEAR_ONE), seen
    ),
    "the list of documents": Question(_list(document_lists.listing(_NONE), _OF_DOCUMENT), seen),
    "the documents of an agreement, which are public": Question(
        _each(document_lists.listing(frozenset({"agreement_id"}))), seen_or_public, about_each=True
    ),
    "the datasets that were delivered": Question(
        _list(document_lists.listing(frozenset({"kinds"})), _OF_DOCUMENT, kinds="'{dataset}'"), delivered
    ),
    "a data request": Question(_each(requests.DATA_REQUEST), on_either_side, about_each=True),
    "the objections to a data request": Question(
        _each(requests.OBJECTIONS, "json_array_length(document -> 'objections') > 0"),
        on_either_side,
        about_each=True,
    ),
    "the history of a data request": Question(_each(requests.HISTORY), on_either_side, about_each=True),
    "an agreement to ask under": Question(
        _each(requests.OPENING, "document ->> 'agreement' IS NOT NULL"), seen, about_each=True
    ),
    "a closed dataset": Question(_each(datasets.DATASET), held_by, about_each=True),
    "a closed dataset to ask for": Question(_each(requests.DATASET_FACTS), held_by, about_each=True),
    "the list of datasets": Question(_list(datasets.listing(_NONE), "document ->> 'id'"), held_by),
    **{
        f"the list of data requests, {'by agreement' if few else 'by day'}": Question(
            _list(request_lists.listing(_NONE, Side.ANY, sort=RequestSort.NEWEST, few=few), _OF_ITEMS),
            on_either_side,
        )
        for few in (True, False)
    },
    "the audit trail": Question(_list(audit.listing(_NONE), "document ->> 'agreement_id'"), seen),
}
"""Every way in which the service tells that an agreement is there."""

TABLES: Mapping[str, Question] = {
    "agreement": Question("SELECT id FROM agreement WHERE $1::uuid IS NOT NULL", seen_or_public),
    "dataset": Question("SELECT id FROM dataset WHERE $1::uuid IS NOT NULL", held_by),
    **{
        table: Question(f"SELECT DISTINCT agreement_id FROM {table} WHERE $1::uuid IS NOT NULL", expected)  # noqa: S608 - as above.
        for table, expected in (
            ("party", of_parties),
            ("amendment", seen),
            ("amendment_acceptance", seen),
            ("activity", seen),
            ("activity_tally", seen),
            ("milestone_series", seen),
            ("milestone", seen),
            ("workplan_item", seen),
            ("actual", seen),
            ("document", seen_or_public),
            ("evidence_document", seen),
            ("data_request", on_either_side),
            ("delivery", on_either_side),
            ("objection", on_either_side),
            ("audit_head", seen),
            ("audit_entry", on_either_side),
        )
    },
}
"""What stands in the tables, when no statement asks who sees it: that is for row security to answer."""

DATASETS: Mapping[str, Question] = {
    "the datasets among the documents": Question(
        "SELECT agreement_id FROM document WHERE $1::uuid IS NOT NULL AND kind = 'dataset'", delivered
    )
}
"""Rows of a table that fewer may see than its others."""
