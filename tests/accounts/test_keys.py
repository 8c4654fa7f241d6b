from datetime import timedelta
from uuid import uuid4

import pytest

from service.kernel import instants
from tests import make
from tests.accounts.given import new_key
from tests.actors import make_actor
from tests.api import codes

PATH = "/v1/api-keys"


@pytest.fixture
async def admin(api):
    return await make_actor(api.connection, roles=["org_admin", "coordinator", "approver"])


async def made_key(api, admin, *roles):
    """Gives a new key as answered, and whoever holds it."""
    made = await api.create(PATH, admin, body=new_key(*roles))
    return made, admin._replace(headers={"authorization": f"Bearer {made['token']}", "accept-language": "en"})


async def test_a_key_shows_its_token_once_and_acts_with_its_roles(api, admin):
    answer = await api.post(PATH, admin, body=new_key("viewer"))
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{made['id']}")
    assert answer.headers["cache-control"] == "private, no-store"
    token = made.pop("token")
    assert token.startswith("tnn_k_")
    assert await api.read(f"{PATH}/{made['id']}", admin) == made
    key = admin._replace(headers={"authorization": f"Bearer {token}"})
    me = await api.read("/v1/me", key)
    assert (me["user_id"], me["roles"]) == (str(admin.user_id), ["viewer"])


@pytest.mark.parametrize("role", ["approver", "auditor", "platform_admin"])
async def test_a_key_for_more_than_its_maker_or_to_approve_is_refused(api, admin, role):
    answer = await api.post(PATH, admin, body=new_key("viewer", role))
    assert codes(answer)[:2] == (403, "role_not_grantable")
    assert role in answer.json()["detail"]


async def test_a_key_loses_what_its_maker_loses(api, admin):
    other = await make_actor(api.connection, roles=["org_admin"], organization_id=admin.organization_id)
    _, key = await made_key(api, admin, "coordinator", "viewer")
    assert (await api.read("/v1/me", key))["roles"] == ["viewer", "coordinator"]
    membership = await api.connection.fetchval("SELECT id FROM membership WHERE user_id = $1", admin.user_id)
    changed = await api.change("PATCH", f"/v1/memberships/{membership}", other, body={"roles": ["auditor"]})
    assert changed.status_code == 200
    assert (await api.read("/v1/me", key))["roles"] == ["viewer"]


@pytest.mark.parametrize("days", [0, 400])
async def test_a_key_lasts_from_tomorrow_to_one_year(api, admin, days):
    expires_on = str(instants.now().date() + timedelta(days=days))
    answer = await api.post(PATH, admin, body=new_key("viewer", expires_on=expires_on))
    assert codes(answer) == (400, "validation_failed", [("/expires_on", "expiry_too_far")])


async def test_a_key_works_to_the_end_of_its_day_where_the_organization_is(api):
    there = await make.organization(api.connection, time_zone="Asia/Jayapura")
    admin = await make_actor(api.connection, roles=["org_admin"], organization_id=there)
    await api.create(PATH, admin, body=new_key("viewer"))
    ends = await api.connection.fetchval(
        "SELECT expires_at AT TIME ZONE 'Asia/Jayapura' = expires_on + 1 FROM token WHERE kind = 'api_key'"
        " AND user_id = $1",
        admin.user_id,
    )
    assert ends is True


async def test_a_revoked_key_reads_and_changes_nothing_from_the_next_request_on(api, admin):
    made, key = await made_key(api, admin, "org_admin")
    assert (await api.get("/v1/me", key)).status_code == 200
    assert (await api.ask("DELETE", f"{PATH}/{made['id']}", by=admin)).status_code == 204
    assert (await api.get("/v1/me", key)).status_code == 401
    assert (await api.post(PATH, key, body=new_key("viewer"))).status_code == 401
    assert (await api.read(f"{PATH}/{made['id']}", admin))["revoked_at"] is not None


async def test_a_key_revoked_unheard_of_changes_nothing(api, admin):
    """The database revokes it without a notice that this process could have heard yet."""
    made, key = await made_key(api, admin, "org_admin")
    assert (await api.get("/v1/me", key)).status_code == 200
    await api.connection.execute("ALTER TABLE token DISABLE TRIGGER token_changed")
    await api.connection.execute("UPDATE token SET revoked_at = now() WHERE id = $1", made["id"])
    await api.connection.execute("ALTER TABLE token ENABLE TRIGGER token_changed")
    assert (await api.post(PATH, key, body=new_key("viewer"))).status_code == 401


async def test_revoking_again_changes_nothing(api, admin):
    made, _ = await made_key(api, admin, "viewer")
    path = f"{PATH}/{made['id']}"
    assert (await api.ask("DELETE", path, by=admin)).status_code == 204
    once = await api.read(path, admin)
    assert (await api.ask("DELETE", path, by=admin)).status_code == 204
    assert await api.read(path, admin) == once


async def test_a_renamed_key_goes_on_working(api, admin):
    made, key = await made_key(api, admin, "viewer")
    renamed = await api.change("PATCH", f"{PATH}/{made['id']}", admin, body={"name": "laporan"})
    assert (renamed.status_code, renamed.json()["name"], renamed.json()["version"]) == (200, "laporan", 2)
    assert (await api.get("/v1/me", key)).status_code == 200
    stale = await api.ask("PATCH", f"{PATH}/{made['id']}", by=admin, body={"name": "x"}, if_match='"1"')
    assert codes(stale)[:2] == (412, "stale_version")


async def test_the_keys_of_another_organization_are_like_none(api, admin):
    stranger = await make_actor(api.connection, roles=["org_admin"])
    made, key = await made_key(api, admin, "viewer")
    path = f"{PATH}/{made['id']}"
    hidden, missing = await api.get(path, stranger), await api.get(f"{PATH}/{uuid4()}", stranger)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json() | {"instance": ""} == missing.json() | {"instance": ""}
    assert (await api.ask("DELETE", path, by=stranger)).status_code == 404
    assert (await api.get("/v1/me", key)).status_code == 200
    assert (await api.read(PATH, stranger))["items"] == []


async def test_sessions_are_no_keys(api, admin):
    assert (await api.read(f"{PATH}?count=true", admin))["total"] == 0


async def test_keys_are_listed_by_maker(api, admin):
    other = await make_actor(api.connection, roles=["org_admin"], organization_id=admin.organization_id)
    (mine, _), (theirs, _) = await made_key(api, admin, "viewer"), await made_key(api, other, "viewer")
    everybody = await api.read(f"{PATH}?count=true", admin)
    assert {each["id"] for each in everybody["items"]} == {mine["id"], theirs["id"]}
    assert everybody["total"] == 2
    own = await api.read(f"{PATH}?user_id={admin.user_id}", admin)
    assert [each["id"] for each in own["items"]] == [mine["id"]]


async def test_whoever_does_not_manage_keys_sees_and_makes_none(api):
    coordinator = await make_actor(api.connection, roles=["coordinator"])
    assert codes(await api.get(PATH, coordinator))[:2] == (403, "permission_missing")
    assert codes(await api.post(PATH, coordinator, body=new_key("viewer")))[:2] == (403, "permission_missing")


async def test_the_life_of_a_key_stands_in_the_ledger_without_its_token(api, admin):
    made, _ = await made_key(api, admin, "viewer")
    await api.ask("DELETE", f"{PATH}/{made['id']}", by=admin)
    entries = await api.connection.fetch(
        "SELECT action, role, canonical FROM audit_entry WHERE subject_id = $1 ORDER BY seq", made["id"]
    )
    assert [(each["action"], each["role"]) for each in entries] == [
        ("created", "org_admin"),
        ("revoked", "org_admin"),
    ]
    assert all(made["token"] not in each["canonical"] for each in entries)
