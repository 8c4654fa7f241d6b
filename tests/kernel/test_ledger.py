"""A change writes its record, audit entry, event and key in one statement, or nothing at all."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Integer, Uuid, select

from schema.tables.organizations import organization
from service.kernel import chain, instants, ledger
from service.kernel.ids import uuid7
from service.kernel.ledger import Change, Entry, FactsMoved, GatedEntry, KeyClaimed, StalePrincipal
from service.kernel.statement import param
from tests import make
from tests.actors import make_actor

COUNTS = """
SELECT (SELECT count(*) FROM audit_entry) AS entries, (SELECT count(*) FROM outbox_event) AS events,
  (SELECT count(*) FROM idempotency_key) AS keys, (SELECT coalesce(max(seq), 0) FROM audit_head) AS seq,
  (SELECT name FROM organization WHERE id = $1) AS name
"""
LOCKED = (
    select(organization.c.id)
    .where(
        organization.c.id == param("subject_id", Uuid()),
        organization.c.version == param("expected_version", Integer()),
    )
    .with_for_update()
)
NAMES = ("name", "version")


class Renamed(GatedEntry, frozen=True, kw_only=True):
    name: str
    version: int
    expected_version: int


class RenamedBySystem(Entry, frozen=True, kw_only=True):
    name: str
    version: int
    expected_version: int


RENAME = Change(
    "rename",
    params=Renamed,
    target=LOCKED,
    works=lambda head: [ledger.updated(organization, NAMES, head=head)],
)
RENAME_BY_SYSTEM = Change(
    "rename_by_system",
    params=RenamedBySystem,
    target=LOCKED,
    works=lambda head: [ledger.updated(organization, NAMES, head=head)],
)


class Desk(NamedTuple):
    """Somebody with an organization to rename, and a way to do it."""

    connection: asyncpg.Connection
    token_id: UUID
    user_id: UUID
    subject_id: UUID

    def params(self, **values: Any) -> Renamed:
        """Gives a change to a new name in the first version, unless a test says otherwise."""
        now = instants.now()
        fields = {
            "actor_id": self.user_id,
            "acting_id": self.subject_id,
            "actor_roles": ("org_admin",),
            "role": "org_admin",
            "now": now,
            "request_id": "request",
            "stream": self.subject_id,
            "ledger_agreement_id": None,
            "subject_type": "organization",
            "subject_id": self.subject_id,
            "subject_version": 2,
            "action": "updated",
            "from_state": None,
            "to_state": None,
            "ledger_reason": None,
            "entry_id": uuid7(now),
            "event_id": uuid7(now),
            "event_type": "organization.updated",
            "canonical": "{}",
            "genesis": chain.genesis(self.subject_id),
            "key": None,
            "key_fingerprint": None,
            "key_status": None,
            "key_body": None,
            "token_id": self.token_id,
            "membership_version": 1,
            "user_version": 1,
            "name": "New",
            "version": 2,
            "expected_version": 1,
        }
        return Renamed(**fields | values)

    def keyed(self, key: str = "k", **values: Any) -> Renamed:
        """Gives the same under an Idempotency-Key."""
        answer = {"key_fingerprint": b"f", "key_status": 200, "key_body": b"{}"}
        return self.params(key=key, **answer, **values)

    async def written(self) -> tuple[int, int, int, int, str]:
        """Gives how many entries, events and keys there are, the number of the last entry, and the name."""
        (row,) = await self.connection.fetch(COUNTS, self.subject_id)
        return tuple(row)


@pytest.fixture
async def desk(connection) -> Desk:
    subject_id = await make.organization(connection, name="Old")
    actor = await make_actor(connection, roles=["org_admin"], organization_id=subject_id)
    token_id = await connection.fetchval("SELECT id FROM token")
    return Desk(connection, token_id, actor.user_id, subject_id)


@pytest.fixture
async def connections(database) -> AsyncGenerator[list[asyncpg.Connection]]:
    """Gives connections for eight clients at once."""
    opened = [await asyncpg.connect(database) for _ in range(8)]
    yield opened
    for each in opened:
        await each.close()


NOTHING = (0, 0, 0, 0, "Old")


async def test_a_change_writes_its_record_entry_and_event(desk):
    await RENAME.run(desk.connection, desk.params())
    assert await desk.written() == (1, 1, 0, 1, "New")


async def test_a_keyed_change_keeps_its_answer(desk):
    await RENAME.run(desk.connection, desk.keyed())
    assert await desk.written() == (1, 1, 1, 1, "New")
    kept = await desk.connection.fetchrow("SELECT * FROM idempotency_key")
    assert (kept["key"], kept["fingerprint"], kept["status"], kept["body"]) == ("k", b"f", 200, b"{}")
    assert (kept["user_id"], kept["subject_id"]) == (desk.user_id, desk.subject_id)


async def test_an_entry_says_what_was_given(desk):
    given = desk.params(ledger_reason="why", from_state="draft", to_state="signed", canonical='{"a":1}')
    await RENAME.run(desk.connection, given)
    entry = await desk.connection.fetchrow("SELECT * FROM audit_entry")
    assert entry["roles"] == ["org_admin"]
    assert {name: entry[name] for name in ("id", "actor_id", "reason", "from_state", "to_state", "at")} == {
        "id": given.entry_id,
        "actor_id": desk.user_id,
        "reason": "why",
        "from_state": "draft",
        "to_state": "signed",
        "at": given.now,
    }
    assert (entry["canonical"], entry["version"], entry["seq"]) == ('{"a":1}', 2, 1)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE token SET revoked_at = now()",
        "UPDATE token SET expires_at = now() - interval '1 second'",
        "UPDATE membership SET version = 2",
        "DELETE FROM membership",
        'UPDATE "user" SET version = 2',
        "DELETE FROM token",
    ],
)
async def test_a_principal_who_changed_changes_nothing(desk, spoil):
    await desk.connection.execute(spoil)
    with pytest.raises(StalePrincipal):
        await RENAME.run(desk.connection, desk.keyed())
    assert await desk.written() == NOTHING


@pytest.mark.parametrize("values", [{"expected_version": 2}, {"subject_id": UUID(int=1)}])
async def test_a_record_that_moved_on_is_not_changed_and_no_key_is_burnt(desk, values):
    with pytest.raises(FactsMoved):
        await RENAME.run(desk.connection, desk.keyed(**values))
    assert await desk.written() == NOTHING


async def test_a_stale_principal_is_told_before_facts_that_moved(desk):
    await desk.connection.execute("UPDATE token SET revoked_at = now()")
    with pytest.raises(StalePrincipal):
        await RENAME.run(desk.connection, desk.params(expected_version=9))


async def test_a_claimed_key_changes_nothing(desk):
    await RENAME.run(desk.connection, desk.keyed())
    with pytest.raises(KeyClaimed):
        await RENAME.run(desk.connection, desk.keyed(name="Newer", version=3, expected_version=2))
    assert await desk.written() == (1, 1, 1, 1, "New")


async def test_a_key_belongs_to_one_person_in_one_organization(desk):
    await RENAME.run(desk.connection, desk.keyed())
    again = desk.keyed(name="Newer", version=3, expected_version=2, actor_id=UUID(int=1))
    await RENAME.run(desk.connection, again)
    elsewhere = desk.keyed(name="Newest", version=4, expected_version=3, acting_id=UUID(int=2))
    await RENAME.run(desk.connection, elsewhere)
    assert await desk.written() == (3, 3, 3, 3, "Newest")


@pytest.mark.parametrize(
    "values", [{"subject_type": "treaty"}, {"role": "king"}, {"name": None}, {"entry_id": None}]
)
async def test_what_cannot_be_written_down_does_not_happen(desk, values):
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await RENAME.run(desk.connection, desk.keyed(**values))
    assert await desk.written() == NOTHING


async def test_a_change_without_a_token_has_an_open_gate(desk):
    fields = {name: getattr(desk.params(actor_id=None), name) for name in RenamedBySystem.__struct_fields__}
    await RENAME_BY_SYSTEM.run(desk.connection, RenamedBySystem(**fields))
    assert await desk.written() == (1, 1, 0, 1, "New")
    assert await desk.connection.fetchval("SELECT actor_id FROM audit_entry") is None


async def together(
    connections: list[asyncpg.Connection], params: Callable[[int], Renamed]
) -> list[BaseException | None]:
    """Gives what became of a change on every connection at once; the n-th sends `params(n)`."""
    return await asyncio.gather(
        *(RENAME.run(each, params(place)) for place, each in enumerate(connections)), return_exceptions=True
    )


async def test_of_changes_at_once_of_one_version_one_wins(desk, connections):
    outcomes = await together(connections, lambda place: desk.keyed(f"k{place}", name=f"New {place}"))
    assert outcomes.count(None) == 1
    assert sum(isinstance(each, FactsMoved) for each in outcomes) == 7
    assert (await desk.written())[:4] == (1, 1, 1, 1)


async def test_of_changes_at_once_with_one_key_one_wins(desk, connections):
    others = [await make.organization(desk.connection) for _ in connections]
    outcomes = await together(
        connections, lambda place: desk.keyed(subject_id=others[place], stream=desk.subject_id)
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(each, KeyClaimed) for each in outcomes) == 7
    assert await desk.written() == (1, 1, 1, 1, "Old")


async def test_entries_of_a_stream_are_numbered_without_gaps_whoever_writes(desk, connections):
    async def write(connection: asyncpg.Connection) -> None:
        for _ in range(10):
            subject_id = await make.organization(connection)
            await RENAME.run(connection, desk.params(subject_id=subject_id))

    await asyncio.gather(*(write(each) for each in connections))
    rows = await desk.connection.fetch("SELECT seq FROM audit_entry ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, 81))
    assert (await desk.written())[3] == 80


async def test_writers_of_one_stream_wait_no_longer_than_the_lock_timeout(desk, connections):
    await RENAME.run(desk.connection, desk.params())
    blocker, waiting = connections[:2]
    await waiting.execute("SET lock_timeout = '100ms'")
    started = instants.now()
    async with blocker.transaction():
        await blocker.execute("SELECT FROM audit_head FOR UPDATE")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await RENAME.run(waiting, desk.params(expected_version=2, version=3))
    assert instants.now() - started < timedelta(seconds=1)
    assert (await desk.written())[:2] == (1, 1)
