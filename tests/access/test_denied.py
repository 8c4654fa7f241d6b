"""Changes that somebody known was refused are written down, and never in the way."""

import asyncio
from uuid import uuid4

from schema.roles import WORKER
from service.access.denied import Denied, mailbox, shown, write_denied
from service.kernel import instants
from service.kernel.background import beside
from service.kernel.database import opened
from service.kernel.ids import uuid7
from tests.partners import colleague, in_force, mou
from tests.roles import address

ROWS = "SELECT operation, path, code, user_id, request_id FROM denied_attempt WHERE user_id = $1 ORDER BY id"


async def attempts(api, by) -> list[tuple]:
    """Gives what is written of somebody, once the writer had its turn."""
    await asyncio.sleep(1.5)
    return [tuple(row) for row in await api.connection.fetch(ROWS, by.user_id)]


async def test_a_change_that_is_refused_or_hidden_is_written_down(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw))
    viewer = await colleague(api, partners.icw, "viewer")
    answers = [
        await api.ask("PATCH", pact, by=viewer, body={"title": "T"}, if_match='"1"'),
        await api.ask("DELETE", f"/v1/agreements/{uuid4()}", by=partners.icw, if_match='"1"'),
        await api.ask("PATCH", pact, by=partners.stranger, body={"title": "T"}, if_match='"1"'),
    ]
    assert [answer.status_code for answer in answers] == [403, 404, 404]
    ids = [answer.headers["x-request-id"] for answer in answers]
    expected = (viewer.user_id, ids[0])
    assert await attempts(api, viewer) == [("update_agreement", pact, "permission_missing", *expected)]
    (hidden,) = await attempts(api, partners.stranger)
    assert hidden == ("update_agreement", pact, "not_found", partners.stranger.user_id, ids[2])
    assert len(await attempts(api, partners.icw)) == 1


async def test_reading_and_what_is_refused_for_its_state_is_not_written_down(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw))
    viewer = await colleague(api, partners.icw, "viewer")
    answers = [
        await api.get("/v1/audit-entries", viewer),
        await api.get(f"/v1/agreements/{uuid4()}", viewer),
        await api.move(pact, partners.icw, "accept"),
        await api.client.patch(pact, json={}, headers={"authorization": "Bearer tnn_s_unknown"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 404, 409, 401]
    assert await attempts(api, viewer) == []
    assert await attempts(api, partners.icw) == []


def test_a_path_is_kept_in_ascii_and_cut():
    assert shown("/v1/\x00\ud800é") == "/v1/\\x00\\ud800\\xe9"
    assert len(shown("/" + "é" * 1000)) == 300


async def test_a_flood_costs_a_hundred_rows_a_second(database, connection):
    box, now = mailbox(), instants.now()
    attempt = {"organization_id": uuid4(), "user_id": uuid4(), "operation": "o", "path": "/", "code": "c"}
    for _ in range(5000):
        box.post(Denied(id=uuid7(now), at=now, request_id="request", **attempt))
    async with opened(address(database, WORKER), size=1) as background:
        async with beside(write_denied(background, box)):
            await asyncio.sleep(1.5)
        assert await connection.fetchval("SELECT count(*) FROM denied_attempt") == 100
