"""What an organization or a person wrote is read by those it is for, and stands in no log.

Canaries stand in all texts of the world (`tests.canaries`) and are looked for in every answer of every test;
here everybody reads every page and sheet of every list, and what should be found out is.
"""

from itertools import product
from typing import Any

import pytest

from schema.vocabulary import Role
from service.access.policy import POLICY
from service.app import OPERATIONS
from service.kernel.embedded import Cluster
from tests.accounts.given import new_user
from tests.actors import Actor, acting_for
from tests.canaries import found_in, of_account, private_in
from tests.partners import id_of
from tests.trust.example import OK
from tests.trust.examples import EXAMPLES, expected
from tests.trust.tally import cases
from tests.trust.world import Standing, World

USERS = "/v1/users"
LISTS = [each.id for each in OPERATIONS if each.is_list]
LISTED = ("/v1/agreements", "/v1/activities", "/v1/milestones", "/v1/workplan-items")
SHEET = {"accept": "text/csv"}
LET_IN = "INSERT INTO agreement_access VALUES ($1, $2, 'party')"
SURPRISE = """ALTER TABLE "user" ADD CONSTRAINT surprise CHECK (name NOT LIKE 'kanari%') NOT VALID"""
NO_SURPRISE = 'ALTER TABLE "user" DROP CONSTRAINT surprise'


async def everything_told(world: World, path: str, by: Actor) -> str:
    """Gives all pages and the sheet of a list."""
    pages = [f"{page}" async for page in world.api.pages(f"{path}?limit=3", by)]
    sheet = await world.api.get(f"{path}?limit=200", by, **SHEET)
    assert sheet.status_code == 200
    return "".join([*pages, sheet.text])


@pytest.mark.parametrize("key", LISTS)
async def test_a_list_tells_nobody_of_what_others_wrote(world, key):
    path = (await EXAMPLES[key].made(world, world.own)).path.partition("?")[0]
    for role, standing in product(Role, Standing):
        if expected(key, role, standing=standing)[0] == OK:
            told = await everything_told(world, path, await world.anybody(role, standing))
            cases["canaries in lists"] += len(found_in(told))


@pytest.mark.parametrize("path", LISTED)
@pytest.mark.parametrize("standing", Standing)
async def test_everybody_finds_what_the_own_organization_wrote(world, path, standing):
    by = await world.anybody(Role.VIEWER, standing)
    pages, sheet = await world.api.get(path, by), await world.api.get(path, by, **SHEET)
    for answer in (pages, sheet):
        assert world.words[by.organization_id] in answer.text


async def test_the_trail_tells_reasons_to_those_they_are_for(world):
    await world.suspended()
    auditor = await world.anybody(Role.AUDITOR, Standing.OTHER)
    assert world.word in (await world.api.get("/v1/audit-entries", auditor)).text


# ------------------------------------------------------------------------------------------ what is found out


async def test_an_agreement_that_a_stranger_is_shown_is_found_out(world):
    path = await world.draft()
    stranger = await world.somebody(Role.VIEWER, Standing.OUTSIDE)
    await world.api.connection.execute(LET_IN, id_of(path), stranger.organization_id)
    for asked in (path, "/v1/agreements"):
        with pytest.raises(AssertionError, match=f"what {world.own.organization_id} wrote"):
            await world.api.get(asked, stranger)
    with pytest.raises(AssertionError, match=f"what {world.own.organization_id} wrote"):
        await world.api.get("/v1/agreements", stranger, **SHEET)


async def test_a_person_whom_another_organization_is_shown_is_found_out(world):
    member = await world.member()
    await acting_for(
        world.api.connection,
        member.user_id,
        organization_id=world.organization(Standing.OUTSIDE),
        roles=["viewer"],
    )
    administrator = await world.somebody(Role.ORG_ADMIN, Standing.OUTSIDE)
    with pytest.raises(AssertionError, match="a person"):
        await world.api.get(USERS, administrator)


async def test_the_platform_that_is_shown_what_partners_wrote_is_found_out(world, monkeypatch):
    monkeypatch.setitem(POLICY, Role.PLATFORM_ADMIN, frozenset(POLICY[Role.VIEWER]))
    by = await world.somebody(Role.PLATFORM_ADMIN, Standing.OWN)
    with pytest.raises(AssertionError, match="platform_admin"):
        await world.api.get(world.base, by)


async def test_who_is_nobody_reads_nothing(world):
    by = await world.somebody(Role.VIEWER, Standing.OWN)
    unknown = {**by.headers, "authorization": by.headers["authorization"].replace("Bearer", "bearer")}
    with pytest.raises(AssertionError, match="tells None"):
        await world.api.get(world.base, by._replace(headers=unknown))


@pytest.mark.parametrize("told", ["maria.t@example.org", "tnn_s_geheim", "kanari0123456789"])
def test_a_log_that_names_somebody_is_found_out(told):
    assert private_in(f'{{"method":"GET","ms":1.2}}\nKey (email_key)=({told})\n') == [told]
    assert private_in('{"at":"2026-01-05T01:00:00Z","method":"GET","operation":"get_me","status":200}') == []


# ------------------------------------------------------------------------------------------------------- logs


async def test_a_request_has_its_line_in_the_log(world, capfd):
    await world.api.get(f"/v1/agreements?q={world.word}", world.own)
    assert '"operation":"list_agreements"' in capfd.readouterr().err


def named_anew(world: World) -> dict[str, Any]:
    """Gives the body of a new person of the own organization."""
    own = world.own.organization_id
    word = of_account("a new person", own)
    return new_user(own, name=word, email=f"{word}@example.org")


async def test_a_failure_nobody_expected_is_logged_without_what_was_sent(world, caplog):
    await world.api.connection.execute(SURPRISE)
    with pytest.raises(AssertionError, match="create_user does not document 500"):
        await world.api.post(USERS, world.own, body=named_anew(world))
    await world.api.connection.execute(NO_SURPRISE)
    assert "CheckViolationError" in caplog.text
    assert "surprise" in caplog.text
    assert "create_user" in caplog.text
    assert private_in(caplog.text) == []


async def test_what_the_database_refuses_is_not_in_its_log(world, cluster: Cluster):
    log = cluster.root / "postgres.log"
    before, body = log.stat().st_size, named_anew(world)
    await world.api.create(USERS, world.own, body=body)
    assert (await world.api.post(USERS, world.own, body=body)).status_code == 409
    said = log.read_bytes()[before:].decode(errors="replace")
    assert "uq_user_email" in said
    assert private_in(said) == []
