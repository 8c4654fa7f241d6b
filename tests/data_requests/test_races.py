"""Two transitions at once never both win: on a request, and between a request and its agreement."""

import asyncio

import pytest

from tests.api import codes
from tests.partners import GIVES, colleague, id_of, in_force, mou, recommended

ENDED = """
UPDATE agreement SET ends_on = '2024-08-14', close_proposal = json_build_object(
  'organization_id', $2::uuid, 'user_id', $3::uuid, 'at', now(), 'document_ref', 'Laporan') WHERE id = $1
"""
CLOSED = (
    "UPDATE agreement SET state = 'closed', version = version + 1, closed_on = current_date WHERE id = $1"
)
HELD = "SELECT FROM agreement WHERE id = $1 FOR SHARE"
GRANTED = """
UPDATE data_request SET state = 'granted', version = version + 1, decision = 'granted',
  decided_on = current_date, decided_by = $2, working_days = 1, due_at = NULL WHERE id = $1
"""
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
async def pact(api, partners):
    """Gives the path of an agreement in force between APPeK and the inspectorate."""
    return await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate))


async def blocked(connection):
    """Waits until somebody waits for a lock."""
    for _ in range(300):
        if await connection.fetchval(WAITING):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_closing_waits_for_a_grant_and_is_refused(api, partners, pact, app):
    appek, holder = partners.appek, partners.inspectorate
    path = await recommended(api, appek, holder, agreement=pact)
    await api.connection.execute(ENDED, id_of(pact), holder.organization_id, holder.user_id)
    async with app(holder) as granting, granting.transaction():
        await granting.execute(HELD, id_of(pact))
        await granting.execute(GRANTED, id_of(path), holder.user_id)
        closing = asyncio.create_task(api.move(pact, appek, "close"))
        await blocked(api.connection)
    assert codes(await closing) == (409, "guards_not_met", [("/state", "data_undelivered")])
    assert (await api.read(pact, appek))["state"] == "signed"


async def test_a_grant_waits_for_the_closing_and_is_refused(api, partners, pact, app):
    appek, holder = partners.appek, partners.inspectorate
    path = await recommended(api, appek, holder, agreement=pact)
    async with app(holder) as closing, closing.transaction():
        await closing.execute(CLOSED, id_of(pact))
        granting = asyncio.create_task(api.move(path, holder, "grant"))
        await blocked(api.connection)
    assert codes(await granting) == (409, "guards_not_met", [("/agreement_id", "request_agreement_over")])
    assert (await api.read(path, appek))["state"] == "awaiting_decision"


@pytest.mark.parametrize("rival", ["grant", "grant_in_part", "refuse", "send_back", "withdraw", "extend"])
async def test_of_two_who_move_a_request_at_once_one_wins(api, partners, rival):
    icw, holder = partners.icw, partners.inspectorate
    other = icw if rival == "withdraw" else await colleague(api, holder, "approver", "reviewer")
    for _ in range(3):
        path = await recommended(api, icw, holder)
        body = GIVES.get(rival, {} if rival == "withdraw" else {"reason": "Perlu waktu"})
        version = (await api.read(path, icw))["version"]
        answers = await asyncio.gather(
            *(
                api.post(f"{path}/transitions", by, body=move, if_match=f'"{version}"')
                for by, move in ((holder, {"action": "grant"}), (other, {"action": rival, **body})) * 4
            )
        )
        heard = sorted(answer.status_code for answer in answers)
        assert heard.count(200) == 1, heard
        assert set(heard) <= {200, 409, 412}, heard
