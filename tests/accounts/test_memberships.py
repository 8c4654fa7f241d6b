import asyncio
from uuid import uuid4

import pytest

from tests import make
from tests.accounts.given import new_user
from tests.actors import make_actor
from tests.api import codes

PATH = "/v1/memberships"


@pytest.fixture
async def admin(api):
    return await make_actor(api.connection, roles=["org_admin"])


@pytest.fixture
async def platform(api):
    return await make_actor(api.connection, roles=["platform_admin"])


async def colleague(api, admin, *roles):
    return await make_actor(api.connection, roles=roles or ["viewer"], organization_id=admin.organization_id)


async def path_of(api, actor):
    """Gives the path of the membership of somebody."""
    found = await api.connection.fetchval("SELECT id FROM membership WHERE user_id = $1", actor.user_id)
    return f"{PATH}/{found}"


def given(actor, organization_id, *roles):
    return {
        "user_id": str(actor.user_id),
        "organization_id": str(organization_id),
        "roles": list(roles or ["viewer"]),
    }


async def test_a_new_membership_is_read_back_as_answered(api, admin):
    newcomer = await make_actor(api.connection, roles=["viewer"])
    body = given(newcomer, admin.organization_id, "reviewer", "coordinator")
    answer = await api.post(PATH, admin, body=body)
    membership = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{membership['id']}")
    assert membership["roles"] == ["coordinator", "reviewer"]
    assert await api.read(answer.headers["location"], admin) == membership


async def test_a_person_is_a_member_once(api, admin):
    member = await colleague(api, admin)
    answer = await api.post(PATH, admin, body=given(member, admin.organization_id))
    assert codes(answer) == (409, "membership_taken", [])


async def test_a_repeated_request_makes_one_membership(api, admin):
    newcomer, key = await make_actor(api.connection, roles=["viewer"]), str(uuid4())
    body = given(newcomer, admin.organization_id)
    first = await api.post(PATH, admin, body=body, idempotency_key=key)
    again = await api.post(PATH, admin, body=body, idempotency_key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"


async def test_nobody_is_a_fault_at_user_id(api, admin):
    body = given(admin, admin.organization_id) | {"user_id": str(uuid4())}
    answer = await api.post(PATH, admin, body=body)
    assert codes(answer) == (400, "validation_failed", [("/user_id", "reference_unknown")])


async def test_an_organization_that_is_not_in_the_directory_is_a_fault(api, platform):
    answer = await api.post(PATH, platform, body=given(platform, uuid4()))
    assert codes(answer) == (400, "validation_failed", [("/organization_id", "organization_unknown")])


async def test_an_administrator_gives_roles_in_the_own_organization_only(api, admin):
    newcomer, elsewhere = (
        await make_actor(api.connection, roles=["viewer"]),
        await make.organization(api.connection),
    )
    answer = await api.post(PATH, admin, body=given(newcomer, elsewhere))
    assert codes(answer)[:2] == (403, "role_not_grantable")


async def test_the_platform_gives_no_roles_where_an_administrator_does(api, admin, platform):
    member = await colleague(api, admin)
    newcomer = await make_actor(api.connection, roles=["viewer"])
    added = await api.post(PATH, platform, body=given(newcomer, admin.organization_id))
    changed = await api.change("PATCH", await path_of(api, member), platform, body={"roles": ["approver"]})
    ended = await api.change("DELETE", await path_of(api, member), platform)
    assert [codes(each)[:2] for each in (added, changed, ended)] == [(403, "role_not_grantable")] * 3


async def test_platform_admin_is_given_by_the_platform_in_its_own_organization(api, admin, platform):
    own = await api.post(PATH, platform, body=given(admin, platform.organization_id, "platform_admin"))
    elsewhere = await api.post(
        PATH, platform, body=given(platform, await make.organization(api.connection), "platform_admin")
    )
    assert own.status_code == 201
    assert codes(elsewhere)[:2] == (403, "role_not_grantable")


async def test_a_membership_elsewhere_is_like_none(api, admin):
    stranger = await path_of(api, await make_actor(api.connection, roles=["viewer"]))
    hidden, missing = await api.get(stranger, admin), await api.get(f"{PATH}/{uuid4()}", admin)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json() | {"instance": ""} == missing.json() | {"instance": ""}
    assert (await api.ask("DELETE", stranger, by=admin, if_match='"1"')).status_code == 404


async def test_lists_are_of_the_own_organization_and_narrowed_by_person(api, admin, platform):
    member = await colleague(api, admin)
    await make_actor(api.connection, roles=["viewer"])
    everybody = await api.read(f"{PATH}?count=true", admin)
    one = await api.read(f"{PATH}?user_id={member.user_id}", admin)
    elsewhere = await api.read(f"{PATH}?organization_id={platform.organization_id}", admin)
    assert everybody["total"] == 2
    assert {each["user_id"] for each in everybody["items"]} == {str(admin.user_id), str(member.user_id)}
    assert [each["user_id"] for each in one["items"]] == [str(member.user_id)]
    assert elsewhere["items"] == []
    of_platform = await api.read(f"{PATH}?organization_id={platform.organization_id}", platform)
    assert [each["user_id"] for each in of_platform["items"]] == [str(platform.user_id)]


async def test_whoever_does_not_manage_users_sees_no_memberships(api, admin):
    member = await colleague(api, admin)
    for path in (PATH, await path_of(api, member)):
        assert codes(await api.get(path, member))[:2] == (403, "permission_missing")


async def test_other_roles_count_from_the_next_request_on(api, admin):
    member = await colleague(api, admin, "org_admin")
    assert (await api.get("/v1/users", member)).status_code == 200
    changed = await api.change("PATCH", await path_of(api, member), admin, body={"roles": ["auditor"]})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert codes(await api.get("/v1/users", member))[:2] == (403, "permission_missing")
    body = new_user(admin.organization_id)
    assert codes(await api.post("/v1/users", member, body=body))[:2] == (403, "permission_missing")
    assert (await api.read("/v1/me", member))["roles"] == ["auditor"]


async def test_a_change_decided_with_old_roles_is_not_written(api, admin):
    """The database takes the role away without a notice that this process could have heard yet."""
    member = await colleague(api, admin, "org_admin")
    assert (await api.get("/v1/users", member)).status_code == 200
    await api.connection.execute("ALTER TABLE membership DISABLE TRIGGER membership_changed")
    await api.connection.execute(
        "UPDATE membership SET roles = '{viewer}', version = version + 1 WHERE user_id = $1", member.user_id
    )
    await api.connection.execute("ALTER TABLE membership ENABLE TRIGGER membership_changed")
    body = new_user(admin.organization_id)
    assert codes(await api.post("/v1/users", member, body=body))[:2] == (403, "permission_missing")


async def test_an_ended_membership_ends_its_tokens(api, admin):
    member = await colleague(api, admin)
    assert (await api.get("/v1/me", member)).status_code == 200
    assert (await api.change("DELETE", await path_of(api, member), admin)).status_code == 204
    assert (await api.get("/v1/me", member)).status_code == 401
    entry = await api.connection.fetchrow(
        "SELECT subject_type, action FROM audit_entry WHERE stream = $1", admin.organization_id
    )
    assert tuple(entry) == ("membership", "deleted")


@pytest.mark.parametrize(("method", "body"), [("DELETE", None), ("PATCH", {"roles": ["viewer"]})])
async def test_the_last_administrator_stays(api, admin, method, body):
    path = await path_of(api, admin)
    assert codes(await api.change(method, path, admin, body=body))[:2] == (409, "last_administrator")
    kept = await api.change("PATCH", path, admin, body={"roles": ["org_admin", "viewer"]})
    assert kept.status_code == 200
    await colleague(api, admin, "org_admin")
    assert (await api.change(method, path, admin, body=body)).status_code in {200, 204}


async def test_of_administrators_who_leave_at_the_same_time_one_stays(api, platform):
    for _ in range(5):
        first = await make_actor(api.connection, roles=["org_admin"])
        others = [await colleague(api, first, "org_admin") for _ in range(3)]
        everybody = [first, *others]
        paths = [await path_of(api, each) for each in everybody]
        answers = await asyncio.gather(
            *[
                api.ask("DELETE", path, by=each, if_match='"1"')
                for each, path in zip(everybody[:2], paths[:2], strict=True)
            ],
            *[
                api.ask(
                    "PATCH", f"/v1/users/{each.user_id}", by=platform, body={"disabled": True}, if_match='"1"'
                )
                for each in everybody[2:]
            ],
        )
        refused = [codes(each)[:2] for each in answers if each.status_code >= 400]
        assert refused == [(409, "last_administrator")]
