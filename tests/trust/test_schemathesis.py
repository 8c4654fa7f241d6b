"""The document against the service: Schemathesis makes requests from it and judges every answer by it.

It runs as its users run it, against a service on a port, with the committed schemathesis.toml; all its checks
are on. CI tries the boundaries of every field and a few invented requests; the drill invents many more.
"""

import re
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from service.app import OPERATIONS
from tests.accounts.given import person
from tests.api import Api
from tests.partners import (
    EVERYTHING,
    decided,
    held,
    in_force,
    line_with_value,
    make_partners,
    mou,
    planned,
    promised,
    proposed,
    recurring,
    requested,
)
from tests.roles import environment_of
from tests.trust.served import Served
from tests.trust.tally import unhurried

HERE = Path(__file__).parent
SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml", "run")
REPORTED = {"state": "reported", "evidence": [{"url": "https://example.org/daftar-hadir"}]}
KNOWN_EMAIL = """
UPDATE "user" SET email = 'masuk@example.org', email_key = 'masuk@example.org' WHERE id = $1
"""
COUNTED = re.compile(r'tenun_request_seconds_count\{.*operation="(\w+)",status="[23]\d\d"\} [1-9]')


@pytest.fixture
def address(database, tmp_path, monkeypatch) -> Generator[str]:
    """Gives where a service listens that lets passwords be guessed: 429 would hide all other answers."""
    values = environment_of(database) | {"TENUN_ACCESS_LOG": "false", "TENUN_SIGN_IN_LIMIT": "1000000"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    served = Served(tmp_path / "tenun")
    try:
        served.start()
        yield served.address
    finally:
        served.end()


@pytest.fixture
async def tokens(address, connection, monkeypatch) -> None:
    """Writes partners with agreements and activities, and hands tokens of two persons with every role on."""
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        api = Api(client, connection)
        partners = await make_partners(api)
        ours = partners.appek.organization_id
        by, spare = [await person(api, *EVERYTHING, "platform_admin", organization_id=ours) for _ in range(2)]
        pact = await in_force(api, by, mou(by, partners.inspectorate))
        await api.create("/v1/agreements", by, body=mou(by, partners.inspectorate))
        for body in (held(pact), held(pact, **REPORTED), held(pact, state="draft"), planned(pact, by)):
            await api.create("/v1/activities", by, body=body)
        await api.create("/v1/milestones", by, body=promised(pact, by))
        await api.create("/v1/milestone-series", by, body=recurring(pact, by))
        await line_with_value(api, pact, by=by, other=partners.inspectorate)
        await proposed(api, pact, by)
        await api.create("/v1/datasets", by, body={"title": "RUP", "classification": "open"})
        await requested(api, by, partners.inspectorate)
        await requested(api, partners.inspectorate, by)
        refused = await decided(api, by, partners.inspectorate, decision="refuse")
        await api.create(f"{refused}/objections", by, body={"reason": "Data itu ada"})
    await connection.execute(KNOWN_EMAIL, spare.user_id)
    monkeypatch.setenv("TOKEN", by.headers["authorization"].removeprefix("Bearer "))
    monkeypatch.setenv("SPARE_TOKEN", spare.headers["authorization"].removeprefix("Bearer "))


@pytest.mark.parametrize(
    ("examples", "seconds"),
    [pytest.param(3, 300, id="short"), pytest.param(100, 1800, id="full", marks=pytest.mark.drill)],
)
def test_every_answer_is_one_the_document_tells(address, tokens, tell, examples, seconds):
    unhurried()
    began = time.monotonic()
    arguments = (f"{address}/openapi.json", "--no-color", "--max-examples", str(examples))
    run = subprocess.run(
        [*SCHEMATHESIS, *arguments],
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    succeeded = set(COUNTED.findall(httpx.get(f"{address}/metrics").text)) & {each.id for each in OPERATIONS}
    told = re.search(r"(?<=Test cases:\n).*", run.stdout)
    tell(
        test_cases=told[0].strip() if told else "none",
        operations=len(OPERATIONS),
        never_succeeded=sorted({each.id for each in OPERATIONS} - succeeded),
        seconds=f"{time.monotonic() - began:.0f}",
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(succeeded) > 0.85 * len(OPERATIONS), "where nothing succeeds, every check passes"
