"""Signing out, one's own account, first passwords."""

import asyncio
from uuid import UUID

import pytest

from tests import make
from tests.accounts.given import (
    OTHER_PASSWORD,
    PASSWORD,
    email_of,
    new_key,
    new_user,
    person,
    sign_in,
    signed_in,
)
from tests.actors import make_actor
from tests.api import codes

ME = "/v1/me"
CHANGE = "/v1/me/password"
ACCEPT = "/v1/invitations/accept"
LIMIT = 10


@pytest.fixture(autouse=True)
async def _nobody_failed(api):
    """Forgets failed sign-ins: all tests come from one address."""
    await api.connection.execute("DELETE FROM sign_in_throttle")


async def invited(api, by, **values):
    """Gives a new person without a password, and the body that accepts the invitation."""
    made = await api.create("/v1/users", by, body=new_user(by.organization_id, **values))
    return made, {"token": made["invitation_token"], "password": PASSWORD}


# ----------------------------------------------------------------------------------------------- signing out


async def test_whoever_signed_out_reads_and_changes_nothing(api):
    somebody = await signed_in(api, email_of(await person(api, "org_admin")))
    assert (await api.get(ME, somebody)).status_code == 200
    assert (await api.ask("DELETE", "/v1/sessions/current", by=somebody)).status_code == 204
    assert (await api.get(ME, somebody)).status_code == 401
    body = new_user(somebody.organization_id)
    assert (await api.post("/v1/users", somebody, body=body)).status_code == 401
    assert (await api.ask("DELETE", "/v1/sessions/current", by=somebody)).status_code == 401


async def test_signing_out_leaves_other_sessions_alone(api):
    somebody = await person(api)
    other = await signed_in(api, email_of(somebody))
    assert (await api.ask("DELETE", "/v1/sessions/current", by=other)).status_code == 204
    assert (await api.get(ME, somebody)).status_code == 200


async def test_a_key_has_no_session_to_end(api):
    admin = await make_actor(api.connection, roles=["org_admin"])
    made = await api.create("/v1/api-keys", admin, body=new_key("viewer"))
    key = admin._replace(headers={"authorization": f"Bearer {made['token']}"})
    assert (await api.ask("DELETE", "/v1/sessions/current", by=key)).status_code == 404


async def test_signing_in_and_out_stand_in_the_ledger_of_the_organization(api):
    somebody = await person(api, "reviewer")
    session = await signed_in(api, email_of(somebody))
    await api.ask("DELETE", "/v1/sessions/current", by=session)
    entries = await api.connection.fetch(
        "SELECT subject_type, action, actor_id, roles, version FROM audit_entry"
        " WHERE stream = $1 ORDER BY seq",
        somebody.organization_id,
    )
    assert [tuple(each) for each in entries] == [
        ("session", "created", somebody.user_id, ["reviewer"], 1),
        ("session", "revoked", somebody.user_id, ["reviewer"], 2),
    ]


# ------------------------------------------------------------------------------------------ one's own account


async def test_me_tells_what_the_token_may_do(api):
    somebody = await person(api, "org_admin")
    answer = await api.get(ME, somebody)
    me = answer.json()
    assert answer.headers["cache-control"] == "private, no-store"
    assert (me["email"], me["roles"]) == (email_of(somebody), ["org_admin"])
    assert "user.manage" in me["permissions"]
    assert "activity.edit" not in me["permissions"]


async def change_password(api, somebody, current=PASSWORD, new=OTHER_PASSWORD):
    body = {"current_password": current, "new_password": new}
    return await api.post(CHANGE, somebody, body=body)


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(api):
    somebody = await person(api)
    here, there = await signed_in(api, email_of(somebody)), await signed_in(api, email_of(somebody))
    assert (await change_password(api, here)).status_code == 204
    assert [(await api.get(ME, each)).status_code for each in (here, there)] == [200, 401]
    assert (await sign_in(api, email_of(somebody))).status_code == 401
    assert (await sign_in(api, email_of(somebody), OTHER_PASSWORD)).status_code == 201


async def test_a_new_password_leaves_keys_alone(api):
    somebody = await person(api, "org_admin")
    made = await api.create("/v1/api-keys", somebody, body=new_key("viewer"))
    await change_password(api, somebody)
    key = somebody._replace(headers={"authorization": f"Bearer {made['token']}"})
    assert (await api.get(ME, key)).status_code == 200


async def test_the_current_password_is_asked_for_and_guesses_are_counted(api):
    somebody = await person(api)
    answer = await change_password(api, somebody, current="wrong in any case")
    assert codes(answer) == (400, "validation_failed", [("/current_password", "password_wrong")])
    for _ in range(LIMIT - 1):
        await change_password(api, somebody, current="wrong in any case")
    assert codes(await change_password(api, somebody))[:2] == (429, "too_many_requests")
    await api.connection.execute("DELETE FROM sign_in_throttle")
    assert (await sign_in(api, email_of(somebody))).status_code == 201


@pytest.mark.parametrize(
    ("new", "fault"), [("é" * 65, "password_too_long"), ("elevenchars", "too_short"), ("a" * 129, "too_long")]
)
async def test_a_new_password_has_12_characters_or_more_and_128_bytes_at_most(api, new, fault):
    answer = await change_password(api, await person(api), new=new)
    assert codes(answer) == (400, "validation_failed", [("/new_password", fault)])


async def test_a_changed_password_stands_in_the_ledger_without_it(api):
    somebody = await person(api)
    await change_password(api, somebody)
    entry = await api.connection.fetchrow("SELECT * FROM audit_entry WHERE subject_id = $1", somebody.user_id)
    assert (entry["action"], entry["version"]) == ("password_changed", 2)
    assert email_of(somebody) not in entry["canonical"]


# ------------------------------------------------------------------------------------------- first passwords


async def test_a_first_password_that_an_administrator_gave_opens_nothing_but_its_change(api):
    admin = await person(api, "org_admin")
    body = new_user(admin.organization_id, password=PASSWORD)
    made = await api.create("/v1/users", admin, body=body)
    assert (made["state"], made["password_change_required"], made["invitation_token"]) == (
        "active",
        True,
        None,
    )
    somebody = await signed_in(api, made["email"])
    refusal = await api.get("/v1/organizations", somebody)
    assert codes(refusal)[:2] == (403, "password_change_required")
    assert (await api.read(ME, somebody))["password_change_required"]
    assert (await change_password(api, somebody)).status_code == 204
    assert (await api.get("/v1/organizations", somebody)).status_code == 200


@pytest.mark.parametrize(("said", "must_change"), [({}, False), ({"password_change_required": True}, True)])
async def test_the_platform_says_whether_a_first_password_must_be_changed(api, said, must_change):
    platform = await person(api, "platform_admin")
    body = new_user(await make.organization(api.connection), password=PASSWORD, **said)
    made = await api.create("/v1/users", platform, body=body)
    assert made["password_change_required"] is must_change


async def test_an_administrator_cannot_let_a_first_password_stay(api):
    admin = await person(api, "org_admin")
    body = new_user(admin.organization_id, password=PASSWORD, password_change_required=False)
    assert codes(await api.post("/v1/users", admin, body=body))[:2] == (403, "permission_missing")


async def test_an_invitation_lets_the_person_choose_the_first_password(api):
    admin = await person(api, "org_admin")
    made, body = await invited(api, admin)
    assert made["state"] == "invited"
    assert made["invitation_token"].startswith("tnn_i_")
    assert (await sign_in(api, made["email"])).status_code == 401
    assert (await api.client.post(ACCEPT, json=body)).status_code == 204
    session = await signed_in(api, made["email"])
    assert (await api.read(ME, session))["password_change_required"] is False
    assert (await api.read(f"/v1/users/{made['id']}", admin))["state"] == "active"


async def accept(api, body):
    return codes(await api.client.post(ACCEPT, json=body))


INVALID = (400, "validation_failed", [("/token", "token_invalid")])


async def test_an_invitation_works_once_however_many_try(api):
    _, body = await invited(api, await person(api, "org_admin"))
    others = [
        api.client.post(ACCEPT, json=body | {"password": f"{OTHER_PASSWORD} {each}"}) for each in range(4)
    ]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*others))
    assert statuses == [204, 400, 400, 400]
    assert await accept(api, body) == INVALID


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE invitation SET expires_at = now() WHERE user_id = $1",
        """UPDATE "user" SET state = 'disabled' WHERE id = $1""",
        "DELETE FROM membership WHERE user_id = $1",
    ],
)
async def test_an_invitation_ends_with_its_time_its_person_and_the_membership(api, meanwhile):
    made, body = await invited(api, await person(api, "org_admin"))
    await api.connection.execute(meanwhile, UUID(made["id"]))
    assert await accept(api, body) == INVALID


async def test_an_unknown_invitation_is_like_a_used_one(api):
    assert await accept(api, {"token": "tnn_i_nobody_wrote_this", "password": PASSWORD}) == INVALID


async def test_an_accepted_invitation_stands_in_the_ledger_as_the_persons_own(api):
    admin = await person(api, "org_admin")
    made, body = await invited(api, admin)
    await api.client.post(ACCEPT, json=body)
    entry = await api.connection.fetchrow(
        "SELECT * FROM audit_entry WHERE subject_id = $1 ORDER BY seq DESC LIMIT 1", UUID(made["id"])
    )
    assert (entry["stream"], entry["actor_id"]) == (admin.organization_id, UUID(made["id"]))
    assert (entry["from_state"], entry["to_state"]) == ("invited", "active")
