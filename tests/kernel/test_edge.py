"""The outermost layer: request ids, HEAD and OPTIONS, the bound on what runs at once, timing and logs."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from service.app import OPERATIONS
from service.kernel.database import database_seconds
from service.kernel.edge import Edge
from service.kernel.http import Answer, read_body
from service.kernel.metrics import exposition
from service.kernel.problem import Problem
from tests.actors import make_actor
from tests.running import running

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PATHS = sorted({re.sub(r"\{\w+\}", ID, operation.path) for operation in OPERATIONS})


async def echo(scope, receive, send) -> None:
    """Answers the method that it was asked by, having spent 12 ms in the database."""
    database_seconds.get()[0] += 0.012
    await Answer(200, [(b"x-method", scope["method"].encode())], body=b"body")(scope, receive, send)


def edge_of(app: Any, *, limit: int = 10, body_seconds: float = 5, logged: bool = False) -> Edge:
    """Gives an edge around an application whose one path `/here` has GET."""
    allowed = {"/here": "GET, HEAD, OPTIONS"}.get
    return Edge(app, allowed=allowed, limit=limit, body_seconds=body_seconds, logged=logged)


def client_of(app: Any, **given: Any) -> httpx.AsyncClient:
    """Gives a client of such an edge."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=edge_of(app, **given)), base_url="http://tenun.test"
    )


# ----------------------------------------------------------------------------------------- HEAD, OPTIONS, 405


async def test_head_is_a_get_without_its_body():
    async with client_of(echo) as client:
        answer = await client.head("/here")
    assert (answer.headers["x-method"], answer.headers["content-length"], answer.content) == ("GET", "4", b"")


async def test_options_of_a_path_that_is_there_tells_its_methods():
    async with client_of(echo) as client:
        answer = await client.options("/here")
        assert (answer.status_code, answer.headers["allow"], answer.content) == (
            204,
            "GET, HEAD, OPTIONS",
            b"",
        )
        assert (await client.options("/nowhere")).headers["x-method"] == "OPTIONS"


@pytest.mark.parametrize("path", PATHS)
async def test_allow_names_exactly_the_methods_that_a_path_has(api, path):
    answers = {method: await api.client.request(method, path) for method in METHODS}
    allowed = set((await api.client.options(path)).headers["allow"].split(", "))
    assert {method for method, answer in answers.items() if answer.status_code != 405} == allowed - {
        "OPTIONS"
    }
    refused = [answer for answer in answers.values() if answer.status_code == 405]
    assert {answer.headers["allow"] for answer in refused} <= {", ".join(sorted(allowed))}


@pytest.mark.parametrize("path", ["/v1/agreements/", "/v1//agreements", "//v1/agreements//"])
async def test_slashes_too_many_change_nothing(api, path):
    answers = [await api.client.request(method, f"http://tenun.test{path}") for method in ("GET", "PATCH")]
    assert [answer.status_code for answer in answers] == [401, 405]
    options = await api.client.options(f"http://tenun.test{path}")
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/agreements", "/v1/agreements/a/b", "/docs/assets", "/V1/me"]
)
@pytest.mark.parametrize("method", [*METHODS, "OPTIONS", "TRACE", "BREW"])
async def test_what_is_nowhere_is_not_found_by_any_method(api, path, method):
    answer = await api.client.request(method, path)
    assert answer.status_code == 404
    assert method == "HEAD" or answer.json()["code"] == "not_found"


# ------------------------------------------------------------------------------------ headers of every answer


@pytest.mark.parametrize("given", ["request-1", "a.b_C-99", "x" * 64, ID])
async def test_a_request_id_of_the_caller_is_kept(given):
    async with client_of(echo) as client:
        answer = await client.get("/here", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space", "a\tbcdefgh", "schön-und-gut", 'a"bcdefg']
)
async def test_any_other_request_id_is_replaced(given):
    async with client_of(echo) as client:
        answer = await client.get("/here", headers={"x-request-id": given.encode()})
    assert UUID(answer.headers["x-request-id"]).version == 7


async def test_every_answer_is_timed_and_not_to_be_sniffed():
    async with client_of(echo) as client:
        answer = await client.get("/here")
    assert re.fullmatch(r"app;dur=\d{1,3}\.\d, db;dur=12\.0", answer.headers["server-timing"])
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/agreements"])
async def test_problems_have_the_same_headers_and_name_the_request(api, path):
    answer = await api.client.get(path, headers={"x-request-id": "request-1"})
    assert {"x-request-id", "server-timing", "x-content-type-options"} <= answer.headers.keys()
    assert answer.json().get("instance", "request-1") == "request-1"


# -------------------------------------------------------------------------------------- how much runs at once


async def test_what_is_more_than_the_limit_is_told_to_come_back():
    running = asyncio.Event()

    async def slow(scope, receive, send) -> None:
        await running.wait()
        await echo(scope, receive, send)

    async with client_of(slow, limit=2) as client:
        first = [asyncio.create_task(client.get("/here")) for _ in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        refused = await client.get("/here")
        running.set()
        answers = await asyncio.gather(*first)
        again = await client.get("/here")
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["code"]) == (
        503,
        "1",
        "unavailable",
    )
    assert [answer.status_code for answer in (*answers, again)] == [200, 200, 200]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_are_answered_beyond_the_limit(path):
    running = asyncio.Event()

    async def slow(scope, receive, send) -> None:
        if scope["path"] == "/here":
            await running.wait()
        await echo(scope, receive, send)

    async with client_of(slow, limit=1) as client:
        first = asyncio.create_task(client.get("/here"))
        await asyncio.sleep(0)
        probe = await client.get(path)
        running.set()
        await first
    assert probe.status_code == 200


async def reading(scope, receive, send) -> None:
    """Answers once the whole body is there."""
    await read_body(scope, receive, limit=100)
    await echo(scope, receive, send)


async def sent_after(release: asyncio.Event) -> AsyncGenerator[bytes]:
    """Gives a body whose second half comes when it may."""
    yield b"half"
    await release.wait()
    yield b"whole"


async def test_who_still_sends_takes_no_place_of_others():
    release = asyncio.Event()
    async with client_of(reading, limit=1) as client:
        slow = [asyncio.create_task(client.post("/here", content=sent_after(release))) for _ in range(3)]
        await asyncio.sleep(0.01)
        quick = await client.get("/here")
        release.set()
        answers = await asyncio.gather(*slow)
    assert {answer.status_code for answer in (quick, *answers)} == {200}


async def test_bodies_that_arrive_all_at_once_run_no_more_than_the_limit():
    release, over = asyncio.Event(), asyncio.Event()

    async def lasting(scope, receive, send) -> None:
        await read_body(scope, receive, limit=100)
        await over.wait()
        await echo(scope, receive, send)

    async with client_of(lasting, limit=2) as client:
        tasks = [asyncio.create_task(client.post("/here", content=sent_after(release))) for _ in range(5)]
        await asyncio.sleep(0.01)
        release.set()
        await asyncio.sleep(0.01)
        refused = [task.exception() for task in tasks if task.done()]
        over.set()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(problem) for problem in refused] == ["unavailable"] * 3


async def test_a_body_must_be_whole_in_time_and_its_connection_ends():
    async with client_of(reading, body_seconds=0.02) as client:
        with pytest.raises(Problem, match="body_too_slow") as told:
            await client.post("/here", content=sent_after(asyncio.Event()))
    assert (told.value.status, told.value.headers) == (408, {"connection": "close"})


async def test_a_large_body_may_take_as_long_as_it_is_large():
    async def arriving() -> AsyncGenerator[bytes]:
        for _ in range(5):
            yield bytes(64 * 1024)
            await asyncio.sleep(0.02)

    async def storing(scope, receive, send) -> None:
        await read_body(scope, receive, limit=1024**2)
        await echo(scope, receive, send)

    async with client_of(storing, body_seconds=0.03) as client:
        assert (await client.post("/here", content=arriving())).is_success


async def test_a_request_that_failed_leaves_its_place():
    async def broken(scope, receive, send) -> None:
        raise ConnectionResetError

    async with client_of(broken, limit=1) as client:
        for _ in range(3):
            with pytest.raises(ConnectionResetError):
                await client.get("/here")


# ----------------------------------------------------------------------------------------------- what is kept


async def test_the_log_has_a_line_per_request_without_what_was_sent(capfd, database, connection):
    actor = await make_actor(connection, roles=["viewer"])
    async with running(database, access_log=True) as client:
        sent = {**actor.headers, "x-request-id": "request-1", "user-agent": "canary-agent"}
        await client.get("/v1/organizations?q=canary-query", headers=sent)
        await client.get("/healthz")
    (line,) = capfd.readouterr().err.splitlines()
    entry = msgspec.json.decode(line)
    assert {name: entry[name] for name in ("request_id", "method", "operation", "status")} == {
        "request_id": "request-1",
        "method": "GET",
        "operation": "list_organizations",
        "status": 200,
    }
    assert entry["organization_id"] == str(actor.organization_id)
    assert "canary" not in line
    assert actor.headers["authorization"].split()[1] not in line


async def test_methods_that_nobody_knows_make_one_series_of_metrics():
    async with client_of(echo) as client:
        for number in range(50):
            await client.request(f"BREW{number}", "/here")
    assert b"BREW" not in exposition()
    assert b'method="OTHER"' in exposition()
