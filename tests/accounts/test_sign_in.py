"""Signing in, and how often a password may be wrong."""

import asyncio
import threading
from datetime import timedelta
from uuid import uuid4

import argon2
import pytest

from service.accounts import passwords
from tests import make
from tests.accounts.given import (
    OTHER_PASSWORD,
    PASSWORD,
    email,
    email_of,
    person,
    sign_in,
    signed_in,
)
from tests.api import Api, codes
from tests.running import running

ME = "/v1/me"
LIMIT = 10


@pytest.fixture(autouse=True)
async def _nobody_failed(api):
    """Forgets failed sign-ins: all tests come from one address."""
    await api.connection.execute("DELETE FROM sign_in_throttle")


# ------------------------------------------------------------------------------------------------ signing in


async def test_a_session_acts_with_the_roles_of_its_membership(api):
    somebody = await person(api, "coordinator", "reviewer")
    answer = await sign_in(api, email_of(somebody).upper())
    session = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "private, no-store")
    assert session["token"].startswith("tnn_s_")
    assert (session["roles"], session["organization_id"]) == (
        ["coordinator", "reviewer"],
        str(somebody.organization_id),
    )
    me = await api.read(ME, await signed_in(api, email_of(somebody)))
    assert (me["user_id"], me["roles"]) == (str(somebody.user_id), session["roles"])


async def test_only_the_digest_of_a_token_is_kept(api):
    somebody = await person(api)
    session = (await sign_in(api, email_of(somebody))).json()
    kept = await api.connection.fetchval(
        "SELECT sha256($1::text::bytea) IN (SELECT digest FROM token)", session["token"]
    )
    assert kept
    lasts = await api.connection.fetchval(
        "SELECT expires_at - created_at FROM token WHERE digest = sha256($1::text::bytea)", session["token"]
    )
    assert lasts == timedelta(hours=12)


async def refused(api, somebody, case):
    """Asks for a session in one of the ways that must all look the same."""
    given, body = email_of(somebody), {}
    if case == "unknown e-mail":
        given = email()
    elif case == "not a member":
        body["organization_id"] = str(await make.organization(api.connection))
    elif case == "no membership":
        await api.connection.execute("DELETE FROM membership WHERE user_id = $1", somebody.user_id)
    elif case in {"disabled", "invited"}:
        await api.connection.execute('UPDATE "user" SET state = $2 WHERE id = $1', somebody.user_id, case)
    password = OTHER_PASSWORD if case == "wrong password" else PASSWORD
    return await sign_in(api, given, password, **body)


@pytest.fixture
def compared(monkeypatch):
    """Gives the hashes that passwords were compared with."""
    hashes = []
    verify = argon2.PasswordHasher.verify

    def spied(self, kept, password):
        hashes.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", spied)
    return hashes


@pytest.mark.parametrize(
    "case", ["unknown e-mail", "wrong password", "disabled", "invited", "not a member", "no membership"]
)
async def test_nobody_learns_why_a_sign_in_failed(api, compared, case):
    somebody = await person(api)
    plain = (await sign_in(api, email_of(somebody), "wrong in any case")).json()
    answer = await refused(api, somebody, case)
    assert answer.status_code == 401
    assert answer.json() | {"instance": ""} == plain | {"instance": ""}
    # One hash is compared whatever is wrong, so that the time tells nothing either.
    assert len(compared) == 2


async def test_the_password_of_an_unknown_person_is_compared_at_the_same_cost(api, compared):
    await sign_in(api, email())
    await sign_in(api, email())
    cost = (await passwords.hashed(PASSWORD)).rsplit("$", 2)[0]
    assert cost == "$argon2id$v=19$m=19456,t=2,p=1"
    assert [each.rsplit("$", 2)[0] for each in compared] == [cost, cost]


async def test_a_member_of_several_organizations_names_one(api):
    somebody = await person(api, "viewer")
    second = await make.organization(api.connection)
    await api.connection.execute(
        "INSERT INTO membership SELECT $1, 1, now(), now(), NULL, $2, $3, '{auditor}'",
        uuid4(),
        somebody.user_id,
        second,
    )
    answer = await sign_in(api, email_of(somebody))
    assert codes(answer) == (400, "validation_failed", [("/organization_id", "organization_required")])
    assert str(second) in answer.json()["errors"][0]["detail"]
    session = (await sign_in(api, email_of(somebody), organization_id=str(second))).json()
    assert (session["organization_id"], session["roles"]) == (str(second), ["auditor"])


async def test_a_password_of_more_than_128_bytes_is_refused_before_it_is_hashed(api):
    answer = await sign_in(api, email(), "é" * 65)
    assert codes(answer) == (400, "validation_failed", [("/password", "password_too_long")])


async def test_a_sign_in_for_which_there_is_no_place_to_wait_is_refused_early(api, monkeypatch):
    somebody = await person(api)
    queue, free = passwords.Queue(limit=1), threading.Event()
    monkeypatch.setattr(passwords, "queue", queue)
    working = asyncio.create_task(queue.run(free.wait))
    await asyncio.sleep(0)
    answer = await sign_in(api, email_of(somebody))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    free.set()
    await working
    assert (await sign_in(api, email_of(somebody))).status_code == 201


# ------------------------------------------------------------------------------------------------ throttling


async def fail(api, given, times):
    return [(await sign_in(api, given, "wrong in any case")).status_code for _ in range(times)]


async def test_an_account_that_failed_too_often_waits_even_with_the_right_password(api):
    somebody = await person(api)
    assert await fail(api, email_of(somebody), LIMIT) == [401] * LIMIT
    answer = await sign_in(api, email_of(somebody))
    assert codes(answer) == (429, "too_many_requests", [])
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert answer.headers["ratelimit-policy"] == f'"sign-in";q={LIMIT};w=900'
    assert answer.headers["ratelimit"] == f'"sign-in";r=0;t={answer.headers["retry-after"]}'


async def test_an_address_that_failed_too_often_waits_whoever_it_asks_for(api):
    for _ in range(LIMIT):
        await fail(api, email(), 1)
    assert (await sign_in(api, email_of(await person(api)))).status_code == 429


async def test_the_window_ends_after_a_quarter_of_an_hour(api):
    somebody = await person(api)
    await fail(api, email_of(somebody), LIMIT)
    await api.connection.execute(
        "UPDATE sign_in_throttle SET window_started_at = window_started_at - interval '15 minutes'"
    )
    assert await fail(api, email_of(somebody), 1) == [401]
    assert (await sign_in(api, email_of(somebody))).status_code == 201
    assert await api.connection.fetch("SELECT failures FROM sign_in_throttle") == [(1,)]


async def test_signing_in_forgets_the_failures_of_the_account(api):
    somebody = await person(api)
    await fail(api, email_of(somebody), LIMIT - 1)
    await signed_in(api, email_of(somebody))
    assert await api.connection.fetch("SELECT failures FROM sign_in_throttle") == [(LIMIT - 1,)]


async def test_guesses_at_the_same_time_win_nothing(database, connection):
    async with running(database, sign_in_limit=3) as client:
        api = Api(client, connection)
        somebody = await person(api)
        wrong = [sign_in(api, email_of(somebody), f"guess number {each}") for each in range(12)]
        answers = await asyncio.gather(*wrong, sign_in(api, email_of(somebody)))
    statuses = [answer.status_code for answer in answers]
    assert statuses[:12].count(401) == 3
    assert statuses[-1] == 429


async def test_copies_of_the_service_count_together(database, connection):
    async with running(database, sign_in_limit=2) as one, running(database, sign_in_limit=2) as other:
        given = email_of(await person(Api(one, connection)))
        assert await fail(Api(one, connection), given, 1) + await fail(Api(other, connection), given, 1) == [
            401,
            401,
        ]
        assert (await sign_in(Api(one, connection), given)).status_code == 429


async def test_the_throttle_keeps_neither_e_mail_nor_address(api):
    somebody = await person(api)
    await fail(api, email_of(somebody), 1)
    subjects = await api.connection.fetch("SELECT subject FROM sign_in_throttle")
    assert [len(each["subject"]) for each in subjects] == [32, 32]


@pytest.mark.parametrize("kept", ["", "no hash"])
async def test_what_is_kept_but_is_no_hash_opens_to_nobody(kept):
    assert not await passwords.verified("kata sandi yang panjang", kept)
