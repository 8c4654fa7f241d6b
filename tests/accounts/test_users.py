from uuid import uuid4

import pytest

from tests import make
from tests.accounts.given import PASSWORD, email_of, new_key, new_user, person, sign_in, signed_in
from tests.actors import make_actor
from tests.api import codes

PATH = "/v1/users"


@pytest.fixture(autouse=True)
async def _nobody_failed(api):
    await api.connection.execute("DELETE FROM sign_in_throttle")


@pytest.fixture
async def admin(api):
    return await make_actor(api.connection, roles=["org_admin"])


@pytest.fixture
async def platform(api):
    return await make_actor(api.connection, roles=["platform_admin"])


async def colleague(api, admin, *roles):
    """Writes another member of the organization of an administrator."""
    return await person(api, *roles, organization_id=admin.organization_id)


def at(actor):
    return f"{PATH}/{actor.user_id}"


async def joins(api, actor, *roles):
    """Makes somebody a member of one more organization and gives its id."""
    second = await make.organization(api.connection)
    await api.connection.execute(
        "INSERT INTO membership SELECT $1, 1, now(), now(), NULL, $2, $3, $4",
        uuid4(),
        actor.user_id,
        second,
        list(roles or ["viewer"]),
    )
    return second


# ------------------------------------------------------------------------------------------------- new users


async def test_a_new_user_is_read_back_as_answered(api, admin):
    answer = await api.post(PATH, admin, body=new_user(admin.organization_id, roles=("auditor", "viewer")))
    user = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{user['id']}")
    assert answer.headers["cache-control"] == "private, no-store"
    assert user["memberships"][0]["roles"] == ["viewer", "auditor"]
    read = await api.read(answer.headers["location"], admin)
    assert user == read | {name: user[name] for name in ("invitation_token", "invitation_expires_at")}


async def test_an_email_is_taken_whatever_its_case(api, admin):
    body = new_user(admin.organization_id)
    await api.create(PATH, admin, body=body)
    again = await api.post(PATH, admin, body=body | {"email": body["email"].upper()})
    assert codes(again) == (409, "email_taken", [])
    assert body["email"] not in again.text.lower()


async def test_all_or_nothing_of_a_new_user_is_written(api, platform):
    first, second = [await make.organization(api.connection) for _ in range(2)]
    body = new_user(first, second)
    made = await api.create(PATH, platform, body=body)
    assert [each["organization_id"] for each in made["memberships"]] == [str(first), str(second)]
    entries = await api.connection.fetch(
        "SELECT stream, subject_type FROM audit_entry WHERE actor_id = $1 ORDER BY id", platform.user_id
    )
    assert {tuple(each) for each in entries} == {
        (platform.organization_id, "user"),
        (first, "membership"),
        (second, "membership"),
    }
    unknown = new_user(first, uuid4())
    answer = await api.post(PATH, platform, body=unknown)
    assert codes(answer)[2] == [("/memberships/1/organization_id", "organization_unknown")]
    found = await api.connection.fetchval(
        'SELECT count(*) FROM "user" WHERE email_key = $1', unknown["email"]
    )
    assert found == 0


async def test_a_repeated_request_makes_one_user_and_shows_the_invitation_once(api, admin):
    body, key = new_user(admin.organization_id), str(uuid4())
    first = await api.post(PATH, admin, body=body, idempotency_key=key)
    again = await api.post(PATH, admin, body=body, idempotency_key=key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == first.json() | {"invitation_token": None, "invitation_expires_at": None}
    kept = await api.connection.fetch("SELECT body FROM idempotency_key WHERE key = $1", key)
    assert [each["body"] for each in kept] == [None]
    other = await api.post(PATH, admin, body=body | {"name": "Lain"}, idempotency_key=key)
    assert codes(other)[:2] == (422, "idempotency_key_reused")


async def test_a_user_for_another_organization_is_refused(api, admin):
    answer = await api.post(PATH, admin, body=new_user(await make.organization(api.connection)))
    assert codes(answer)[:2] == (403, "role_not_grantable")


async def test_the_platform_gives_roles_until_there_is_an_administrator(api, platform):
    organization_id = await make.organization(api.connection)
    before = new_user(organization_id)
    await api.create(PATH, platform, body=before)
    await api.create(PATH, platform, body=new_user(organization_id, roles=("org_admin",), password=PASSWORD))
    answer = await api.post(PATH, platform, body=new_user(organization_id))
    assert codes(answer)[:2] == (403, "role_not_grantable")


@pytest.mark.parametrize("role", ["viewer", "coordinator", "reviewer", "approver", "auditor"])
async def test_whoever_does_not_manage_users_makes_and_lists_none(api, role):
    somebody = await make_actor(api.connection, roles=[role])
    body = new_user(somebody.organization_id)
    assert codes(await api.post(PATH, somebody, body=body))[:2] == (403, "permission_missing")
    assert codes(await api.get(PATH, somebody))[:2] == (403, "permission_missing")


# --------------------------------------------------------------------------------------------- who sees whom


async def test_a_stranger_is_like_nobody(api, admin):
    stranger, nobody = await make_actor(api.connection, roles=["viewer"]), f"{PATH}/{uuid4()}"
    hidden, missing = await api.get(at(stranger), admin), await api.get(nobody, admin)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json() | {"instance": ""} == missing.json() | {"instance": ""}
    change = await api.ask("PATCH", at(stranger), by=admin, body={"disabled": True}, if_match='"1"')
    assert change.status_code == 404


async def test_an_administrator_sees_only_the_own_organization_of_a_member(api, admin):
    member = await colleague(api, admin)
    second = await joins(api, member)
    shown = (await api.read(at(member), admin))["memberships"]
    assert [each["organization_id"] for each in shown] == [str(admin.organization_id)]
    own = (await api.read(at(member), member))["memberships"]
    assert {each["organization_id"] for each in own} == {str(admin.organization_id), str(second)}
    elsewhere = await api.read(f"{PATH}?organization_id={second}", admin)
    assert elsewhere["items"] == []


async def test_a_member_sees_oneself_and_no_colleague(api, admin):
    member, other = await colleague(api, admin), await colleague(api, admin)
    assert (await api.read(at(member), member))["email"] == email_of(member)
    assert (await api.get(at(other), member)).status_code == 404


async def test_a_list_has_the_members_of_the_own_organization_page_by_page(api, admin):
    members = [await colleague(api, admin) for _ in range(4)]
    await make_actor(api.connection, roles=["viewer"])
    pages = [page async for page in api.pages(f"{PATH}?limit=2", admin)]
    assert [len(page) for page in pages] == [2, 2, 1]
    listed = [each["id"] for page in pages for each in page]
    assert listed == sorted(str(each.user_id) for each in (admin, *members))
    counted = await api.read(f"{PATH}?count=true&limit=1", admin)
    assert counted["total"] == 5


async def test_the_platform_lists_everybody_by_organization_and_state(api, admin, platform):
    member = await colleague(api, admin)
    await api.connection.execute("""UPDATE "user" SET state = 'disabled' WHERE id = $1""", member.user_id)
    of_both = await api.read(f"{PATH}?organization_id={admin.organization_id}", platform)
    disabled = await api.read(f"{PATH}?organization_id={admin.organization_id}&state=disabled", platform)
    assert {each["id"] for each in of_both["items"]} == {str(admin.user_id), str(member.user_id)}
    assert [each["id"] for each in disabled["items"]] == [str(member.user_id)]


async def test_a_list_is_a_sheet_too(api, admin):
    answer = await api.get(PATH, admin, accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert email_of(admin) in answer.text


# --------------------------------------------------------------------------------------------------- changes


async def test_a_person_changes_the_own_name_and_email(api, admin):
    member = await colleague(api, admin)
    body = {"name": "Maria T.", "email": f"Baru.{email_of(member)}"}
    changed = await api.change("PATCH", at(member), member, body=body)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await sign_in(api, body["email"].lower())).status_code == 201
    assert (await sign_in(api, email_of(member))).status_code == 401


async def test_a_key_does_not_change_the_email_of_its_maker(api, admin):
    made = await api.create("/v1/api-keys", admin, body=new_key("viewer"))
    key = admin._replace(headers={"authorization": f"Bearer {made['token']}"})
    answer = await api.change("PATCH", at(admin), key, body={"email": "lain@example.org"})
    assert codes(answer)[:2] == (403, "permission_missing")


async def test_an_administrator_does_not_change_who_a_member_is(api, admin):
    member = await colleague(api, admin)
    answer = await api.change("PATCH", at(member), admin, body={"email": "lain@example.org"})
    assert codes(answer)[:2] == (403, "permission_missing")
    assert (await api.read(at(member), admin))["email"] == email_of(member)


async def test_a_taken_email_is_refused_in_a_change(api, admin):
    member, other = await colleague(api, admin), await colleague(api, admin)
    answer = await api.change("PATCH", at(member), member, body={"email": email_of(other)})
    assert codes(answer)[:2] == (409, "email_taken")


async def test_a_change_needs_the_current_version(api, admin):
    member = await colleague(api, admin)
    stale = await api.ask("PATCH", at(member), by=admin, body={"disabled": True}, if_match='"7"')
    assert codes(stale)[:2] == (412, "stale_version")
    missing = await api.ask("PATCH", at(member), by=admin, body={"disabled": True})
    assert codes(missing)[:2] == (428, "if_match_required")


async def test_a_disabled_person_does_nothing_more_and_old_tokens_stay_dead(api, admin):
    member = await colleague(api, admin, "org_admin")
    session = await signed_in(api, email_of(member))
    made = await api.create("/v1/api-keys", session, body=new_key("viewer"))
    key = session._replace(headers={"authorization": f"Bearer {made['token']}"})
    assert [(await api.get("/v1/me", each)).status_code for each in (session, key)] == [200, 200]
    disabled = await api.change("PATCH", at(member), admin, body={"disabled": True})
    assert (disabled.status_code, disabled.json()["state"]) == (200, "disabled")
    assert [(await api.get("/v1/me", each)).status_code for each in (session, key)] == [401, 401]
    assert (await sign_in(api, email_of(member))).status_code == 401
    enabled = await api.change("PATCH", at(member), admin, body={"disabled": False})
    assert enabled.json()["state"] == "active"
    assert [(await api.get("/v1/me", each)).status_code for each in (session, key)] == [401, 401]
    assert (await sign_in(api, email_of(member))).status_code == 201


async def test_whoever_others_count_on_is_not_disabled_by_one_administrator(api, admin):
    member = await colleague(api, admin)
    await joins(api, member)
    answer = await api.change("PATCH", at(member), admin, body={"disabled": True})
    assert codes(answer)[:2] == (403, "permission_missing")


async def test_the_last_administrator_is_not_disabled(api, admin, platform):
    answer = await api.change("PATCH", at(admin), platform, body={"disabled": True})
    assert codes(answer)[:2] == (409, "last_administrator")
    await colleague(api, admin, "org_admin")
    assert (await api.change("PATCH", at(admin), platform, body={"disabled": True})).status_code == 200


async def test_deleting_a_person_disables_and_keeps_the_record(api, admin, platform):
    member = await colleague(api, admin)
    refusal = await api.change("DELETE", at(member), admin)
    assert codes(refusal)[:2] == (403, "permission_missing")
    assert (await api.change("DELETE", at(member), platform)).status_code == 204
    assert (await api.read(at(member), platform))["state"] == "disabled"
    assert (await api.get("/v1/me", member)).status_code == 401


async def test_a_change_is_told_without_personal_data(api, admin):
    member = await colleague(api, admin)
    await api.change("PATCH", at(member), member, body={"name": "Nama Baru", "language": "en"})
    entry = await api.connection.fetchrow("SELECT * FROM audit_entry WHERE subject_id = $1", member.user_id)
    assert (entry["action"], entry["actor_id"]) == ("updated", member.user_id)
    assert "Nama Baru" not in entry["canonical"]
    assert '"changed":["version","updated_at","name","language"]' in entry["canonical"]
