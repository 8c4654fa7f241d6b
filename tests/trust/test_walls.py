"""Two walls stand between organizations: the service's own predicate and row security. Each holds alone."""

import asyncio
import contextlib
import random
import re
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from schema.roles import APP, OWNER, WORKER
from schema.tables.definers import DEFINERS
from schema.tables.security import GRANTS, SECURED
from service.kernel.database import Database, opened
from service.kernel.rights import RightsError, refuse_mighty
from tests import make
from tests.contract.statements import PARTNERS_TABLES
from tests.partners import held, id_of, in_force, mou, pks
from tests.roles import address

ROOT = Path(__file__).parents[2]
WITHOUT_ROW_SECURITY = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT relrowsecurity
"""
WITHOUT_POLICY = """
SELECT relname FROM pg_class
WHERE relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
"""
DEFINER_VIEWS = """
SELECT relname FROM pg_class
WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
  AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
"""
NARROW_KEYS = """
SELECT conname FROM pg_constraint
WHERE contype = 'f' AND cardinality(conkey) = 1
  AND conrelid::regclass::text = ANY ($1) AND confrelid::regclass::text = ANY ($1)
"""
GLOBAL_UNIQUES = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indisunique AND indrelid::regclass::text = ANY ($1) AND NOT EXISTS (
  SELECT FROM pg_attribute
  WHERE attrelid = indrelid AND attnum = ANY (indkey::int2[])
    AND attname IN (
      'agreement_id', 'organization_id', 'stream', 'activity_id', 'workplan_item_id',
      'holder_organization_id', 'requester_organization_id'))
"""
DEFINER_FUNCTIONS = """
SELECT proname FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prosecdef
  AND prorettype <> 'trigger'::regtype AND has_function_privilege($1, oid, 'EXECUTE')
"""
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
PRIVILEGES = "SELECT has_table_privilege($1, $2, $3)"

SHARED_BY_ALL = {
    "organization": "the directory, which every token may read",
    "user": "persons; who is no administrator is shown nobody else",
    "membership": "as user",
    "token": "as user; only a hash of it is there",
    "invitation": "as token",
    "sign_in_throttle": "counts of failures under keyed hashes, before anybody acts",
    "holiday_correction": "holidays, which every token may read",
    "installation": "one row for the whole installation",
    "alembic_version": "the revision of the schema",
}
"""Tables without row security, and why; none of them holds what partners wrote about their work."""

MADE_UNDER = {
    "fk_agreement_parent_id": "an agreement is made under another; a function of the owner decides which",
    "fk_agreement_renews_id": "an agreement renews another, which the rules saw through the predicate",
    "fk_party_agreement_id": "a party belongs to its agreement by the very column its policy asks for",
    "fk_agreement_access_agreement_id": "as party",
    "fk_amendment_agreement_id": "as party",
    "fk_activity_agreement_id": "as party",
    "fk_activity_tally_agreement_id": "as party",
    "fk_workplan_item_agreement_id": "as party",
    "fk_document_agreement_id": "as party",
    "fk_attendance_tally_agreement_id": "as party",
    "fk_milestone_agreement_id": "as party",
    "fk_milestone_series_agreement_id": "as party",
    "fk_data_request_agreement_id": "as party",
    "fk_audit_entry_stream": "a stream is an agreement's id or an organization's, and its head holds neither",
}
"""Foreign keys of one column between partners' tables, and why they let nobody reach what is hidden."""

IDS = {
    "pk_agreement",
    "pk_amendment",
    "pk_activity",
    "pk_milestone",
    "pk_milestone_series",
    "pk_workplan_item",
    "pk_actual",
    "pk_document",
    "pk_document_removal",
    "pk_indicator_series",
}
IDS |= {"pk_denied_attempt", "uq_audit_entry_id", "pk_outbox_event"}
IDS |= {"pk_dataset", "pk_data_request", "pk_delivery", "pk_objection"}
IDS |= {"uq_outbox_event_event_id", "uq_outbox_event_position"}
"""Unique over all organizations: ids that the service makes from 74 random bits, and numbers it gives."""

NUMBERS = {"audit_head", "request_number"}
"""Tables of counters, which hold no more than an id and how far it has counted."""


# ------------------------------------------------------------------------------------------- how it is built


async def test_every_table_has_row_security_or_a_reason(connection):
    found = {row["relname"] for row in await connection.fetch(WITHOUT_ROW_SECURITY)}
    assert found == set(SHARED_BY_ALL)
    assert set(PARTNERS_TABLES) <= set(SECURED)


async def test_every_secured_table_has_a_policy(connection):
    assert await connection.fetch(WITHOUT_POLICY) == []


async def test_no_view_has_the_rights_of_its_owner(connection):
    assert await connection.fetch(DEFINER_VIEWS) == []


async def test_foreign_keys_between_partners_tables_carry_the_agreement(connection):
    found = {row["conname"] for row in await connection.fetch(NARROW_KEYS, list(SECURED))}
    assert found == set(MADE_UNDER)


async def test_nothing_is_unique_over_all_organizations_but_ids(connection):
    found = {row["relname"] for row in await connection.fetch(GLOBAL_UNIQUES, list(SECURED))}
    assert found == IDS


async def test_what_looks_past_the_wall_is_listed_and_for_the_application_alone(connection):
    named = {name for routine in DEFINERS for name in re.findall(r"CREATE FUNCTION (\w+)", routine.create)}
    for role, expected in ((APP, named), (WORKER, set())):
        assert {row["proname"] for row in await connection.fetch(DEFINER_FUNCTIONS, role)} == expected


@pytest.mark.parametrize("role", [APP, WORKER])
async def test_a_role_may_do_what_is_granted_and_nothing_else(connection, role):
    found = {
        (row["tablename"], right)
        for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for right in RIGHTS
        if await connection.fetchval(PRIVILEGES, role, f'"{row["tablename"]}"', right)
    }
    granted = {
        (table.strip('"'), right) for table, rights in GRANTS[role].items() for right in rights.split(", ")
    }
    revision = {("alembic_version", "SELECT")} if role == APP else set()
    assert found == granted | revision


async def test_the_trail_can_only_grow(connection):
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert not await connection.fetchval(PRIVILEGES, APP, "audit_entry", right)


@pytest.mark.parametrize("mighty", ["superuser", OWNER, "bypassing"])
async def test_a_role_that_row_security_does_not_bind_is_refused(database, connection, mighty):
    await connection.execute("DROP ROLE IF EXISTS bypassing")
    await connection.execute("CREATE ROLE bypassing LOGIN BYPASSRLS PASSWORD 'tenun'")
    by = {"superuser": database, OWNER: address(database, OWNER)}
    dsn = by.get(mighty, re.sub(r"//[^@]*@", "//bypassing:tenun@", database))
    with pytest.raises(RightsError, match="Row security does not bind"):
        await refuse_mighty(dsn)
    await connection.execute("DROP ROLE bypassing")


async def test_the_roles_of_the_service_are_taken(database):
    for role in (APP, WORKER):
        await refuse_mighty(address(database, role))


# -------------------------------------------------------------------------------------------- what it hides


async def seen(database: Database) -> set[UUID]:
    """Gives the agreements that PostgreSQL shows when nobody narrows the query."""
    async with database.lease() as connection:
        return {row["id"] for row in await connection.fetch("SELECT id FROM agreement")}


@pytest.fixture
async def app(database):
    async with opened(address(database, APP), size=1) as found:
        yield found


async def test_nobody_in_particular_sees_nothing(app, connection):
    await make.activity(connection)
    async with app.lease() as found:
        for table in SECURED:
            if "SELECT" in GRANTS[APP].get(table, "") and table not in NUMBERS:
                assert await found.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608


async def test_what_belongs_to_another_cannot_be_written(app, connection):
    mine, other = await make.organization(connection), await make.organization(connection)
    pact = await make.agreement(connection, created_by_organization_id=other)
    await make.party(connection, pact, organization_id=other)
    async with app.acting(mine).lease() as found:
        assert await found.execute("UPDATE agreement SET title = 'Taken'") == "UPDATE 0"
        assert await found.execute("DELETE FROM party") == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await make.party(found, pact, organization_id=mine)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await make.agreement(found, created_by_organization_id=other)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await found.execute("INSERT INTO agreement_access VALUES ($1, $2, 'party')", pact, mine)


@pytest.mark.parametrize("seed", range(3))
async def test_two_organizations_on_one_connection_never_see_each_other(app, connection, seed):
    """Random leases with errors, rollbacks, cancelled statements and killed sessions: 0 foreign rows."""
    chance = random.Random(seed)
    owners = [await make.organization(connection) for _ in range(2)]
    own = {each: await make.agreement(connection, created_by_organization_id=each) for each in owners}
    for _ in range(150):
        each = chance.choice(owners)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(chance.choice((0.0005, 0.002, 5))):
                await disturbed(app.acting(each), chance)
        assert await seen(app.acting(each)) == {own[each]}
    assert await seen(app) == set()


async def disturbed(database: Database, chance: random.Random) -> None:
    """Uses a connection in one of the ways that could leave something behind."""
    match chance.randrange(4):
        case 0:
            async with database.transaction() as connection:
                await connection.execute("SELECT set_config('tenun.other', '1', true)")
                raise RuntimeError
        case 1:
            async with database.lease() as connection:
                await connection.execute("SELECT 1 / 0")
        case 2:
            async with database.lease() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        case _:
            async with database.lease() as connection:
                await connection.execute("SELECT pg_sleep(0.001)")


# -------------------------------------------------------------------- what the service tells in spite of it


async def test_a_public_pks_says_that_its_hidden_mou_stops_it(api, partners):
    above = await in_force(api, partners.icw, mou(partners.icw))
    public = pks(id_of(above), partners.icw, visibility="public", title="PKS yang terbuka")
    below = await in_force(api, partners.icw, public)
    await api.moved(above, partners.icw, "suspend", reason="Pemeriksaan")
    assert (await api.read(below, partners.stranger))["phase"] == "blocked_by_parent"
    found = await api.read("/v1/agreements?visibility=public&phase=blocked_by_parent", partners.stranger)
    assert id_of(below) in [item["id"] for item in found["items"]]
    assert (await api.get(above, partners.stranger)).status_code == 404


async def test_activities_are_logged_behind_both_walls(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.appek))
    await api.create("/v1/activities", partners.appek, body=held(pact))
    assert len((await api.read("/v1/activities", partners.icw))["items"]) == 1
    assert (await api.read("/v1/activities", partners.stranger))["items"] == []


# ------------------------------------------------------------------------------------------- each wall alone


def accessed(without: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the enumerated access test with a wall taken away."""
    command = [sys.executable, "-m", "pytest", "-n0", "-p", "tests.trust.breach", "--without", without]
    return subprocess.run(
        [*command, "tests/trust/test_access.py", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip


SHORT = ("-k", "agreement and (each_role or hidden)")


@pytest.mark.parametrize("without", ["sight", "rows"])
def test_each_wall_holds_alone(without):
    done = accessed(without, *SHORT)
    assert done.returncode == 0, done.stdout[-3000:]


def test_without_both_walls_the_access_test_finds_leaks():
    done = accessed("both", *SHORT)
    assert done.returncode == 1, done.stdout[-3000:]
    assert " failed" in done.stdout


@pytest.mark.drill
@pytest.mark.parametrize("without", ["sight", "rows"])
def test_each_wall_holds_alone_for_every_operation(tell, without):
    done = accessed(without)
    assert done.returncode == 0, done.stdout[-3000:]
    tell(without=without, ended=done.stdout.splitlines()[-1])
