import asyncio
import re
import tempfile
from collections.abc import AsyncGenerator, Generator
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from schema import vocabulary
from schema.messages import PROBLEMS
from schema.roles import OWNER
from service.access.authenticate import token_digest
from service.access.policy import POLICY
from service.app import LIFECYCLES, OPERATIONS
from service.kernel import embedded, migrate, openapi
from service.kernel.ids import uuid7
from service.kernel.provision import provide
from tests import make
from tests.roles import PASSWORDS, address
from tests.running import running

TOKEN = "tnn_k_read-the-tables"
AUTHORIZED = {"authorization": f"Bearer {TOKEN}"}
TABLES = ("state-machines", "vocabulary", "permissions", "working-days?from=2025-03-17&days=10")


@pytest.fixture
async def client(database: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Gives a client of a service on this test's database."""
    async with running(database) as client:
        yield client


@pytest.fixture
async def organization(connection: asyncpg.Connection):
    """Gives an organization with a key, TOKEN, that may read."""
    organization_id = await make.organization(connection)
    person, membership, key = (uuid7(make.AT) for _ in range(3))
    await connection.execute(
        """INSERT INTO "user" (id, version, created_at, updated_at, email, email_key, name, language, state,
               password_hash, password_change_required)
           VALUES ($1, 1, now(), now(), 'a@example.org', 'a@example.org', 'A', 'id', 'active', 'x', false)""",
        person,
    )
    await connection.execute(
        """INSERT INTO membership (id, version, created_at, updated_at, user_id, organization_id, roles)
           VALUES ($1, 1, now(), now(), $2, $3, '{viewer}')""",
        membership,
        person,
        organization_id,
    )
    await connection.execute(
        """INSERT INTO token (id, version, created_at, updated_at, kind, digest, user_id, organization_id,
               name, roles, expires_on, expires_at)
           VALUES ($1, 1, now(), now(), 'api_key', $2, $3, $4, 'tests', '{viewer}', current_date + 1,
               now() + interval '1 day')""",
        key,
        token_digest(TOKEN),
        person,
        organization_id,
    )
    return organization_id


async def test_a_process_that_answers_is_healthy(client):
    response = await client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_migrated_database_makes_the_service_ready(client):
    response = await client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_an_older_schema_makes_the_service_unready_and_names_both_revisions(client, connection):
    await connection.execute("UPDATE alembic_version SET version_num = '0001_organizations'")

    response = await client.get("/readyz", headers={"accept-language": "en"})

    assert (response.status_code, response.json()["code"]) == (503, "not_ready")
    assert "0001_organizations" in response.json()["detail"]
    assert migrate.head() in response.json()["detail"]
    assert response.headers["retry-after"] == "5"


async def test_a_newer_schema_leaves_the_service_ready(client, connection):
    await connection.execute("UPDATE alembic_version SET version_num = '9999_later'")

    assert (await client.get("/readyz")).status_code == 200


@pytest.fixture
def own_cluster(pg_bin: Path) -> Generator[embedded.Cluster]:
    """Gives a server that a test may stop."""
    with tempfile.TemporaryDirectory(prefix="tenun-") as folder:
        running = embedded.start(Path(folder), bin_dir=pg_bin, durability=embedded.Durability.NONE)
        try:
            yield running
        finally:
            running.stop()


async def test_a_database_that_is_away_makes_the_service_unready_and_leaves_it_healthy(own_cluster):
    await provide(own_cluster.dsn(), PASSWORDS, database="tenun")
    dsn = own_cluster.dsn("tenun")
    await migrate.migrate(address(dsn, OWNER))
    async with running(dsn) as client:
        before = await client.get("/readyz")
        await asyncio.to_thread(own_cluster.stop)
        after = await client.get("/readyz")
        healthy = await client.get("/healthz")

    assert before.status_code == 200
    assert (after.status_code, after.json()["code"]) == (503, "unavailable")
    assert healthy.status_code == 200


async def test_metrics_count_requests_by_operation(client):
    await client.get("/healthz")
    response = await client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'tenun_request_seconds_count{method="GET",operation="get_health",status="200"}' in response.text


async def test_the_document_is_served_as_it_is_committed(client):
    response = await client.get("/openapi.json")

    assert response.json() == openapi.document(OPERATIONS)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/assets/tenun.css"])
async def test_what_the_client_has_already_is_not_sent_again(client, path):
    first = await client.get(path)
    again = await client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-length" not in again.headers


class Page(HTMLParser):
    """What a page loads and says: its language, its headings, its own scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.languages: list[str] = []
        self.tags: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.loaded += [values[name] for name in ("src", "href") if name in values and tag != "a"]
        self.languages += [values["lang"]] if "lang" in values else []
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in values) else []
        self.inline += [name for name in values if name == "style" or name.startswith("on")]


async def test_the_reference_page_loads_everything_from_this_service(client):
    page = Page((await client.get("/docs")).text)

    assert page.inline == []
    assert len(page.loaded) >= 5
    for path in page.loaded:
        assert path.startswith("/docs/assets/")
        assert (await client.get(path)).status_code == 200


async def test_the_reference_page_is_introduced_in_both_languages(client):
    page = Page((await client.get("/docs", headers={"accept-language": "en"})).text)

    assert page.languages[0] == "en"
    assert {"id", "en"} <= set(page.languages[1:])
    assert page.tags.count("h1") == 1


@pytest.mark.parametrize("path", ["/docs", "/problems/not_found"])
async def test_a_page_forbids_the_browser_to_load_anything_from_elsewhere(client, path):
    response = await client.get(path, headers={"accept": "text/html"})
    policy = dict(
        rule.strip().split(" ", 1) for rule in response.headers["content-security-policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not any("unsafe" in sources or "http" in sources or "*" in sources for sources in policy.values())


@pytest.mark.parametrize("name", ["nothing.js", "reference.html", "..%2fpages.py", "..%2Fstatic%2Ftenun.css"])
async def test_only_files_of_the_pages_are_served(client, name):
    response = await client.get(f"/docs/assets/{name}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("code", PROBLEMS)
async def test_every_problem_is_explained_in_both_languages(client, code):
    texts = PROBLEMS[code]
    told = (await client.get(f"/problems/{code}")).json()
    page = (await client.get(f"/problems/{code}", headers={"accept": "text/html"})).text

    assert (told["code"], told["status"]) == (code, texts.status)
    assert told["title"] == {"id": texts.title.id, "en": texts.title.en}
    assert told["advice"] == {"id": texts.advice.id, "en": texts.advice.en}
    assert not re.search(r"[{}]", told["detail"]["id"] + told["detail"]["en"])
    assert {"id", "en"} <= set(Page(page).languages)
    assert Page(page).inline == []


async def test_a_problem_page_begins_with_the_language_that_is_asked_for(client):
    english = await client.get(
        "/problems/not_found", headers={"accept": "text/html", "accept-language": "en"}
    )
    indonesian = await client.get("/problems/not_found", headers={"accept": "text/html"})

    assert Page(english.text).languages == ["en", "en", "id"]
    assert Page(indonesian.text).languages == ["id", "id", "en"]
    assert english.headers["content-language"] == "en"


async def test_an_unknown_problem_code_is_not_found(client):
    response = await client.get("/problems/no_such_code")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("table", TABLES)
async def test_published_tables_need_a_token(client, table):
    assert (await client.get(f"/v1/meta/{table}")).status_code == 401


async def test_state_machines_are_the_ones_the_service_decides_by(client, organization):
    machines = (await client.get("/v1/meta/state-machines", headers=AUTHORIZED)).json()["items"]

    published = {
        (machine["noun"], arrow["action"], arrow["from_state"], arrow["to_state"])
        for machine in machines
        for arrow in machine["transitions"]
    }
    assert published == {
        (noun.value, arrow.action.value, arrow.source.value, arrow.target.value)
        for noun, lifecycle in LIFECYCLES.items()
        for arrow in lifecycle.transitions
    }


async def test_a_state_machine_names_its_last_states_and_who_moves(client, organization):
    machines = (await client.get("/v1/meta/state-machines", headers=AUTHORIZED)).json()["items"]
    agreement = next(machine for machine in machines if machine["noun"] == "agreement")
    suspend = next(arrow for arrow in agreement["transitions"] if arrow["action"] == "suspend")

    assert agreement["states"][0] == "draft"
    assert agreement["final_states"] == ["terminated", "cancelled", "closed"]
    assert (suspend["permissions"], suspend["roles"]) == (["agreement.decide"], ["approver"])


async def test_every_closed_vocabulary_is_published(client, organization):
    items = (await client.get("/v1/meta/vocabulary", headers=AUTHORIZED)).json()["items"]
    published = {item["name"]: item["values"] for item in items}
    kinds = [kind for kind in vars(vocabulary).values() if isinstance(kind, type)]
    declared = [kind for kind in kinds if kind is not StrEnum]

    assert len(published) == len(declared) > 20
    assert published["agreement_phase"] == [phase.value for phase in vocabulary.AgreementPhase]
    assert all(item["description"] for item in items)


async def test_permissions_are_those_of_the_policy_and_the_operations(client, organization):
    matrix = (await client.get("/v1/meta/permissions", headers=AUTHORIZED)).json()

    assert {row["role"]: set(row["permissions"]) for row in matrix["roles"]} == POLICY
    assert {row["operation_id"]: set(row["permissions"]) for row in matrix["operations"]} == {
        operation.id: set(operation.permissions) for operation in OPERATIONS
    }
    assert {row["operation_id"] for row in matrix["operations"] if not row["token_required"]} >= {
        "get_health"
    }


async def working_days(client: httpx.AsyncClient, **query: Any) -> httpx.Response:
    given: dict[str, Any] = {"from": "2025-03-17", "days": 10, **query}
    return await client.get("/v1/meta/working-days", params=given, headers=AUTHORIZED)


async def test_a_deadline_is_explained_day_by_day(client, organization):
    told = (await working_days(client)).json()
    by_day = {day["on"]: day for day in told["days"]}

    assert told["due_on"] == "2025-04-09"
    assert told["calendar_version"].startswith("holidays-")
    assert told["estimated"] is False
    assert told["days"][0] == {"on": "2025-03-18", "counted": True, "reason": None}
    assert by_day["2025-03-22"] == {"on": "2025-03-22", "counted": False, "reason": "weekend"}
    assert "Idul Fitri" in by_day["2025-03-31"]["reason"]
    assert sum(day["counted"] for day in told["days"]) == 10


@pytest.mark.parametrize(("joint_leave", "due_on"), [("true", "2025-04-09"), ("false", "2025-04-02")])
async def test_joint_leave_counts_as_a_holiday_unless_refused(client, organization, joint_leave, due_on):
    assert (await working_days(client, joint_leave=joint_leave)).json()["due_on"] == due_on


async def test_holidays_are_named_in_the_language_of_the_caller(client, organization):
    client.headers["accept-language"] = "en"
    told = (await working_days(client)).json()

    assert "Eid al-Fitr" in next(day["reason"] for day in told["days"] if day["on"] == "2025-03-31")


async def test_a_year_that_is_not_decreed_yet_is_said_to_be_an_estimate(client, organization):
    assert (await working_days(client, **{"from": "2030-03-01"})).json()["estimated"] is True


async def test_a_deadline_may_be_asked_for_an_organization_that_exists(client, organization):
    assert (await working_days(client, organization_id=organization)).json()["due_on"] == "2025-04-09"


async def test_a_deadline_for_an_unknown_organization_is_not_found(client, organization):
    unknown = "01890a5d-ac96-774b-bcce-b302099a8057"

    response = await working_days(client, organization_id=unknown)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"days": 0}, "?days", "out_of_range"),
        ({"days": 367}, "?days", "out_of_range"),
        ({"from": "2025-02-30"}, "?from", "wrong_type"),
        ({"from": "1944-12-31"}, "?from", "out_of_range"),
        ({"from": "2199-12-30"}, "?from", "out_of_range"),
        ({"jurisdiction": "MY"}, "?jurisdiction", "not_allowed"),
        ({"start": "2025-03-17"}, "?start", "unknown_parameter"),
    ],
)
async def test_a_deadline_that_cannot_be_counted_names_the_parameter(
    client, organization, query, pointer, code
):
    response = await working_days(client, **query)

    assert response.status_code == 400
    assert [(fault["pointer"], fault["code"]) for fault in response.json()["errors"]] == [(pointer, code)]


async def test_the_longest_count_ends_on_the_last_day_of_a_long_explanation(client, organization):
    told = (await working_days(client, days=366)).json()

    assert sum(day["counted"] for day in told["days"]) == 366
    assert told["days"][-1] == {"on": told["due_on"], "counted": True, "reason": None}
