"""Rows for tests: each function writes one, from the values a test is about and plain ones for the rest."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from service.kernel.ids import uuid7

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

_numbers = count(1)


async def organization(connection: asyncpg.Connection, **values: object) -> UUID:
    """Writes an organization and gives its id."""
    name = f"Organization {next(_numbers)}"
    row = _record() | {
        "name": name,
        "kind": "cso",
        "time_zone": "Asia/Makassar",
        "search_text": name.casefold(),
    }
    return await _insert(connection, "organization", values=row | values)


async def agreement(connection: asyncpg.Connection, **values: object) -> UUID:
    """Writes a draft MoU without parties and gives its id; without a creator, one is made."""
    if "created_by_organization_id" not in values:
        values["created_by_organization_id"] = await organization(connection)
    title = f"Agreement {next(_numbers)}"
    row = _record() | {
        "kind": "mou",
        "title": title,
        "scope": [],
        "ends_on_is_derived": False,
        "open_ended": False,
        "notice_months": 3,
        "visibility": "parties",
        "survives_parent": False,
        "recorded_from_paper": False,
        "terms_version": 1,
        "state": "draft",
        "search_text": title.casefold(),
    }
    return await _insert(connection, "agreement", values=row | values)


async def party(connection: asyncpg.Connection, agreement_id: UUID, **values: object) -> UUID:
    """Writes a party in the next position and gives the id of its organization; without one, it is made."""
    if "organization_id" not in values:
        values["organization_id"] = await organization(connection)
    row = {
        "agreement_id": agreement_id,
        "position": await connection.fetchval(
            "SELECT count(*) + 1 FROM party WHERE agreement_id = $1", agreement_id
        ),
    }
    return await _insert(connection, "party", values=row | values, returning="organization_id")


async def amendment(connection: asyncpg.Connection, agreement_id: UUID, **values: object) -> UUID:
    """Writes an amendment in discussion with the next number; without an organization, one is made."""
    if "organization_id" not in values:
        values["organization_id"] = await organization(connection)
    row = _record() | {
        "agreement_id": agreement_id,
        "sequence": await connection.fetchval(
            "SELECT count(*) + 1 FROM amendment WHERE agreement_id = $1", agreement_id
        ),
        "kinds": ["other"],
        "changes": "{}",
        "terms_version": 1,
        "base_terms_version": 1,
        "state": "in_discussion",
        "signatures": "[]",
    }
    return await _insert(connection, "amendment", values=row | values)


async def activity(connection: asyncpg.Connection, **values: object) -> UUID:
    """Writes a planned activity and gives its id; without an agreement or organization, one is made."""
    if "agreement_id" not in values:
        values["agreement_id"] = await agreement(connection)
    if "organization_id" not in values:
        values["organization_id"] = await organization(connection)
    row = _record() | {
        "relation": "joint",
        "kind": "workshop",
        "also_kinds": [],
        "title": f"Activity {next(_numbers)}",
        "mode": "in_person",
        "starts_on": date(2026, 2, 2),
        "ends_on": date(2026, 2, 3),
        "topics": [],
        "mcp_areas": [],
        "state": "planned",
    }
    return await _insert(connection, "activity", values=row | values)


async def participant_group(connection: asyncpg.Connection, activity_id: UUID, **values: object) -> int:
    """Writes a labelled group without counts in the next position of the activity; gives that position."""
    if "organization_id" not in values:
        values.setdefault("group_label", f"Group {next(_numbers)}")
    row = {
        "activity_id": activity_id,
        "agreement_id": await connection.fetchval(
            "SELECT agreement_id FROM activity WHERE id = $1", activity_id
        ),
        "position": await connection.fetchval(
            "SELECT count(*) + 1 FROM participant_group WHERE activity_id = $1", activity_id
        ),
    }
    return await _insert(connection, "participant_group", values=row | values, returning="position")


async def workplan_item(connection: asyncpg.Connection, agreement_id: UUID, **values: object) -> UUID:
    """Writes an activity line of the first year in a state, with whom the state asks for; gives its id."""
    proposer, other = uuid4(), uuid4()
    row = _record() | {
        "agreement_id": agreement_id,
        "level": "activity",
        "title": f"Item {next(_numbers)}",
        "agreement_year": 1,
        "state": "proposed",
        "proposed_by": proposer,
        "proposer_id": proposer,
    }
    state = values.get("state", "proposed")
    if state not in {"proposed", "dropped"}:
        row |= {"agreed_by": other, "agreer_id": other, "first_agreed_on": date(2026, 1, 5)}
    if state in {"completed", "verified"}:
        row |= {"completed_by": proposer, "completer_id": proposer}
    if state == "verified":
        row |= {"verified_by": other, "verifier_id": other}
    if state == "dropped":
        row |= {"drop_proposed_by": proposer, "dropped_by": other}
    return await _insert(connection, "workplan_item", values=row | values)


def _record() -> dict[str, object]:
    """Gives the columns of every record; ids rise in the order of making."""
    made = uuid7(AT + timedelta(milliseconds=next(_numbers)))
    return {"id": made, "version": 1, "created_at": AT, "updated_at": AT}


async def _insert(
    connection: asyncpg.Connection, table: str, *, values: Mapping[str, object], returning: str = "id"
) -> Any:
    columns = ", ".join(values)
    binds = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({binds}) RETURNING {returning}"  # noqa: S608 - our names
    return await connection.fetchval(statement, *values.values())
