import asyncio
from datetime import timedelta

import pytest

from schema.roles import APP
from service.accounts.bootstrap import bootstrap, installation_secret
from service.kernel import instants
from service.kernel.problem import Problem
from tests.actors import make_actor
from tests.roles import address
from tests.running import running

EMAIL = "pengelola@example.org"


async def run(dsn, email=EMAIL):
    return await bootstrap(address(dsn, APP), email, now=instants.now())


def bearer(made):
    return {"authorization": f"Bearer {made.token}", "accept-language": "en"}


async def test_the_first_administrator_keeps_the_directory(database):
    made = await run(database)
    async with running(database) as client:
        body = {"name": "Inspektorat", "kind": "inspectorate"}
        answer = await client.post("/v1/organizations", headers=bearer(made), json=body)
        me = (await client.get("/v1/me", headers=bearer(made))).json()
    assert answer.status_code == 201, answer.text
    assert (me["email"], me["roles"]) == (EMAIL, ["platform_admin"])
    assert (me["user_id"], me["organization_id"]) == (str(made.user_id), str(made.organization_id))


async def test_a_second_run_gives_the_same_person_another_key(database):
    first, second = await run(database), await run(database, EMAIL.upper())
    assert (first.user_id, first.organization_id) == (second.user_id, second.organization_id)
    async with running(database) as client:
        for made in (first, second):
            assert (await client.get("/v1/me", headers=bearer(made))).status_code == 200


async def test_another_e_mail_makes_another_administrator_of_the_same_organization(database):
    first, second = await run(database), await run(database, "kedua@example.org")
    assert first.user_id != second.user_id
    assert first.organization_id == second.organization_id


async def test_runs_at_the_same_time_make_one_organization_and_one_person(database, connection):
    made = await asyncio.gather(*[run(database) for _ in range(4)])
    assert len({each.organization_id for each in made}) == 1
    assert len({each.user_id for each in made}) == 1
    assert await connection.fetchval("SELECT count(*) FROM token") == 4


async def test_a_running_service_knows_the_new_administrator_at_once(database):
    async with running(database) as client:
        made = await run(database)
        assert (await client.get("/v1/users", headers=bearer(made))).status_code == 200


async def test_the_key_lasts_one_day_and_is_named_for_its_origin(database, connection):
    await run(database)
    name, lasts = await connection.fetchrow("SELECT name, expires_at - created_at FROM token")
    assert (name, lasts) == ("bootstrap", timedelta(days=1))


async def test_everything_made_stands_in_the_ledger_as_the_systems(database, connection):
    made = await run(database)
    entries = await connection.fetch(
        "SELECT subject_type, action, actor_id, stream FROM audit_entry ORDER BY seq"
    )
    assert [(each["subject_type"], each["action"]) for each in entries] == [
        ("organization", "created"),
        ("user", "created"),
        ("membership", "created"),
        ("api_key", "created"),
    ]
    assert {each["actor_id"] for each in entries} == {None}
    assert {each["stream"] for each in entries} == {made.organization_id}


async def test_a_member_becomes_an_administrator_and_keeps_the_other_roles(database, connection):
    first = await run(database)
    member = await make_actor(connection, roles=["org_admin"], organization_id=first.organization_id)
    again = await run(database, f"{member.user_id}@example.org")
    assert again.user_id == member.user_id
    async with running(database) as client:
        me = (await client.get("/v1/me", headers=member.headers)).json()
    assert me["roles"] == ["org_admin", "platform_admin"]


@pytest.mark.parametrize("state", ["invited", "disabled"])
async def test_whoever_could_not_sign_in_is_brought_back(database, connection, state):
    first = await run(database)
    await connection.execute('UPDATE "user" SET state = $1', state)
    again = await run(database)
    assert again.user_id == first.user_id
    async with running(database) as client:
        assert (await client.get("/v1/me", headers=bearer(again))).status_code == 200


async def test_what_is_no_e_mail_makes_nobody(database, connection):
    with pytest.raises(Problem, match="validation_failed"):
        await run(database, "pengelola")
    assert await connection.fetchval('SELECT count(*) FROM "user"') == 0


async def test_the_secret_is_made_once(database):
    assert await installation_secret(database) == await installation_secret(database)
