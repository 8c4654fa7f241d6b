"""The Kupang case: the file in the package, and what entering it through the API leaves behind."""

import json
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import anyio.from_thread
import anyio.to_thread
import asyncpg
import httpx
import msgspec
import pytest

from schema.vocabulary import Role
from service.demo.load import Answer, DemoToken, LoadError, enter, kupang, over_http
from tests.actors import make_actor
from tests.running import running

CASE = kupang()
IN_KUPANG = "53.71"


class CutOff(Exception):  # noqa: N818 - what happens to a run, not a fault of the loader.
    """The machine went away in the middle of a run."""


class Running(msgspec.Struct):
    """A service, its database, and the token of its first administrator."""

    client: httpx.AsyncClient
    connection: asyncpg.Connection
    admin_token: str

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Carries a request of the loader, in its thread, to the service in the event loop."""

        async def requested() -> httpx.Response:
            return await self.client.request(method, path, headers=headers, content=body)

        answer = anyio.from_thread.run(requested)
        return Answer(answer.status_code, answer.content)

    async def load(self, send=None) -> tuple[DemoToken, ...]:
        """Enters the case and gives the ready tokens."""
        return await anyio.to_thread.run_sync(
            lambda: enter(send or self.send, admin_token=self.admin_token, password=password_of)
        )

    async def read(self, token: str, path: str) -> Any:
        """Gives what a token reads."""
        answer = await self.client.get(
            path, headers={"authorization": f"Bearer {token}", "accept-language": "en"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everything(self) -> dict[str, list[str]]:
        """Gives all rows but sessions and what signing in leaves behind, each as text."""
        return {
            table: [row["text"] for row in await self.connection.fetch(statement)]
            for table, statement in EVERYTHING.items()
        }


EVERYTHING = {
    "organization": "SELECT o::text AS text FROM organization o ORDER BY id",
    "user": 'SELECT u::text AS text FROM "user" u ORDER BY id',
    "membership": "SELECT m::text AS text FROM membership m ORDER BY id",
    "agreement": "SELECT a::text AS text FROM agreement a ORDER BY id",
    "party": "SELECT p::text AS text FROM party p ORDER BY agreement_id, position",
    "activity": "SELECT a::text AS text FROM activity a ORDER BY id",
    "organizer": "SELECT o::text AS text FROM organizer o ORDER BY activity_id, position",
    "participant_group": "SELECT g::text AS text FROM participant_group g ORDER BY activity_id, position",
    "audit_entry": "SELECT e::text AS text FROM audit_entry e WHERE subject_type <> 'session' ORDER BY id",
    "outbox_event": "SELECT e::text AS text FROM outbox_event e WHERE subject_type <> 'session' ORDER BY id",
}


def password_of(email: str) -> str:
    """Gives the password of a demo person."""
    return f"only for tests: {email}"


@asynccontextmanager
async def service(new_database) -> AsyncGenerator[Running]:
    """Gives a service that knows nobody but its administrator."""
    async with new_database() as dsn, running(dsn) as client:
        connection = await asyncpg.connect(dsn)
        try:
            administrator = await make_actor(connection, roles=["platform_admin"])
            token = administrator.headers["authorization"].removeprefix("Bearer ")
            yield Running(client, connection, token)
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def loaded(anyio_backend, new_database) -> AsyncGenerator[tuple[Running, dict[str, DemoToken]]]:
    """Gives a service with the case loaded once, and the ready tokens by role."""
    async with service(new_database) as kupang_service:
        tokens = await kupang_service.load()
        yield kupang_service, {token.role: token for token in tokens}


# ----------------------------------------------------------------------------------------------- the file


def test_every_record_has_a_source_or_says_that_it_is_invented():
    for record in (*CASE.organizations, *CASE.agreements, *CASE.activities):
        if getattr(record, "illustrative", False):
            assert "(contoh)" in record.body["title"]
            assert "illustrative" in record.body["outcome"]
            assert record.sources == ()
        else:
            assert record.sources, record.key


def test_every_source_is_used_and_known():
    records = (*CASE.organizations, *CASE.agreements, *CASE.activities)
    assert {key for record in records for key in record.sources} == set(CASE.sources)


def test_invented_persons_say_so_and_have_addresses_that_nobody_has():
    for person in CASE.persons:
        assert person.name.startswith("Contoh ")
        assert person.email.endswith("@example.org")


def test_administrators_come_last_because_they_end_the_right_of_the_platform_to_give_roles():
    roles = [person.role for person in CASE.persons]
    assert roles.index("org_admin") == len(roles) - roles.count("org_admin")


def test_no_key_is_used_twice():
    records = (*CASE.organizations, *CASE.agreements, *CASE.activities)
    assert max(Counter(record.key for record in records).values()) == 1


def test_nothing_outside_kupang_is_in_the_case():
    assert {record.body["region_code"][:5] for record in CASE.activities} == {IN_KUPANG}
    assert {record.body["region_code"] for record in CASE.agreements} == {IN_KUPANG}
    regions = {record.body.get("region_code") for record in CASE.organizations}
    assert regions == {IN_KUPANG, "53", None}


# ------------------------------------------------------------------------------------------ what it leaves


async def test_the_whole_case_is_there(loaded):
    service_, tokens = loaded
    token = tokens["viewer"].token
    agreements = (await service_.read(token, "/v1/agreements"))["items"]
    activities = (await service_.read(token, "/v1/activities"))["items"]
    directory = await service_.read(token, "/v1/organizations?count=true")
    assert [record["kind"] for record in agreements] == ["pks", "mou"]
    assert Counter(record["relation"] for record in activities) == {"joint": 6, "related": 7}
    assert {record["starts_on"][:4] for record in activities} == {
        "2021",
        "2022",
        "2023",
        "2024",
        "2025",
        "2026",
    }
    assert directory["total"] == len(CASE.organizations) + 1


async def test_what_had_no_agreement_is_related_to_the_mou(loaded):
    service_, tokens = loaded
    mou = await agreement_of(loaded, "mou")
    path = f"/v1/activities?relation=related&agreement_id={mou['id']}"
    related = (await service_.read(tokens["viewer"].token, path))["items"]
    assert [record["client_ref"] for record in related] == [
        "kupang-2025-03-27",
        "kupang-2024-11-01",
        "kupang-2024-09-26",
        "kupang-2024-06-26",
        "kupang-2022-04-05",
        "kupang-2021-11-18",
    ]


async def test_the_pks_summary_is_the_reported_count_without_sexes(loaded):
    service_, tokens = loaded
    pks = await agreement_of(loaded, "pks")
    figures = await service_.read(tokens["viewer"].token, f"/v1/agreements/{pks['id']}/summary")
    attendance = figures["attendance"]
    assert attendance["total"] == 37
    assert (attendance["male"], attendance["female"], attendance["sex_unspecified"]) == (None, None, 37)
    assert [group["total"] for group in attendance["by_organization"]] == [30, 4, 3]
    assert attendance["unknown_total_activities"] == 2


async def test_what_the_press_leaves_unknown_of_the_pks_becomes_warnings(loaded):
    pks = await agreement_of(loaded, "pks")
    assert (pks["state"], pks["phase"]) == ("signed", "active")
    assert (pks["signed_on"], pks["signed_not_after"]) == (None, "2022-09-02")
    assert (pks["effective_from"], pks["effective_from_source"], pks["ends_on"]) == (None, "parent", None)
    assert Counter(warning["code"] for warning in pks["warnings"]) == {
        "signing_day_unknown": 1,
        "effective_day_unknown": 1,
        "end_day_unknown": 1,
        "document_not_stored": 1,
        "document_number_unknown": 3,
        "signatory_unknown": 3,
    }


async def test_the_mou_keeps_its_day_its_derived_end_and_its_one_known_signatory(loaded):
    mou = await agreement_of(loaded, "mou")
    assert (mou["signed_on"], mou["ends_on"], mou["ends_on_is_derived"]) == ("2022-08-15", "2027-08-14", True)
    assert [bool(party["signatory"]) for party in mou["parties"]] == [True, False, False]
    assert [party["document_number"] for party in mou["parties"]] == [None, None, None]
    for key in ("prontt", "mediantt", "appek_bimtek", "appek_workshop"):
        assert CASE.sources[key].address in mou["source_note"]


@pytest.mark.parametrize(
    ("client_ref", "warnings"),
    [
        ("kupang-2022-09-02", ["counts_without_sex_split"]),
        ("kupang-2023-06-14", ["counts_unknown"]),
        ("kupang-2025-03-27", ["counts_without_sex_split"]),
        ("kupang-2022-04-05", ["outside_agreement_dates"]),
        ("kupang-2026-09-10", []),
    ],
)
async def test_unknown_counts_become_warnings(loaded, client_ref, warnings):
    record = await activity_of(loaded, client_ref)
    assert [warning["code"] for warning in record["warnings"]] == warnings


@pytest.mark.parametrize(
    ("client_ref", "key", "url"),
    [
        ("kupang-2022-09-02", "appek_bimtek", CASE.sources["appek_bimtek"].address),
        ("kupang-2021-11-18", "bkd_ntt", None),
    ],
    ids=["a page", "a site whose page nobody noted"],
)
async def test_an_activity_names_where_it_was_read(loaded, client_ref, key, url):
    record = await activity_of(loaded, client_ref)
    assert record["external_refs"] == [{"system": "news", "ref": CASE.sources[key].title, "url": url}]


async def test_what_was_only_announced_stays_a_draft(loaded):
    record = await activity_of(loaded, "kupang-2024-09-26")
    assert (record["state"], record["participants"]) == ("draft", None)
    assert "tidak terverifikasi" in record["outcome"]


async def test_there_is_a_ready_token_for_each_role(loaded):
    service_, tokens = loaded
    assert set(tokens) == set(Role)
    for role, token in tokens.items():
        me = await service_.read(token.token, "/v1/me")
        assert (me["roles"], me["email"], me["password_change_required"]) == ([role], token.email, False)


# ----------------------------------------------------------------------------------------- run it again


async def test_a_second_run_changes_nothing(loaded):
    service_, _ = loaded
    before = await service_.everything()
    await service_.load()
    assert await service_.everything() == before


async def test_what_an_earlier_release_said_under_a_client_ref_stays(loaded):
    service_, _ = loaded
    before = await service_.everything()
    await service_.load(send_with_other_titles(service_))
    assert await service_.everything() == before


@pytest.mark.parametrize("requests", [3, 40, 52, 62])
async def test_a_run_that_was_cut_off_is_completed_by_the_next(loaded, new_database, requests):
    complete, _ = loaded
    async with service(new_database) as cut:
        with pytest.raises(CutOff):
            await cut.load(send_until(cut, requests))
        assert len(await cut.load()) == len(Role)
        assert sizes(await cut.everything()) == sizes(await complete.everything())


async def test_a_refusal_names_the_request_and_the_problem(loaded):
    service_, _ = loaded
    stranger = msgspec.structs.replace(service_, admin_token="tnn_k_nobody_at_all")
    with pytest.raises(LoadError, match=r"^GET /v1/organizations: authentication_required: "):
        await stranger.load()


def test_a_request_over_http_arrives_whole_and_its_answer_comes_back():
    with listening() as (address, seen):
        answer = over_http(address)("POST", "/v1/x?y=1", headers={"authorization": "Bearer t"}, body=b"{}")
    assert answer == Answer(409, b"no")
    assert seen == [("POST", "/v1/x?y=1", "Bearer t", b"{}")]


async def agreement_of(loaded, kind: str) -> dict[str, Any]:
    """Gives the agreement of a kind as a viewer of Bengkel APPeK reads it."""
    service_, tokens = loaded
    (record,) = (await service_.read(tokens["viewer"].token, f"/v1/agreements?kind={kind}"))["items"]
    return record


async def activity_of(loaded, client_ref: str) -> dict[str, Any]:
    """Gives an activity as a viewer of Bengkel APPeK reads it."""
    service_, tokens = loaded
    items = (await service_.read(tokens["viewer"].token, "/v1/activities"))["items"]
    (record,) = [item for item in items if item["client_ref"] == client_ref]
    return record


def sizes(rows: Mapping[str, list[str]]) -> dict[str, int]:
    """Gives the number of rows of each table."""
    return {table: len(texts) for table, texts in rows.items()}


def send_until(service_: Running, requests: int):
    """Gives a way to the service that breaks after so many requests."""
    sent = []

    def send(method: str, path: str, **rest) -> Answer:
        if len(sent) == requests:
            raise CutOff
        sent.append(path)
        return service_.send(method, path, **rest)

    return send


def send_with_other_titles(service_: Running):
    """Gives a way to the service on which every activity gets another title."""

    def send(method: str, path: str, *, headers, body) -> Answer:
        if (method, path) == ("POST", "/v1/activities"):
            body = json.dumps(json.loads(body) | {"title": "Judul lain"}).encode()
        return service_.send(method, path, headers=headers, body=body)

    return send


@contextmanager
def listening():
    """Gives the address of a server that refuses one POST, and what it saw of it."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.command, self.path, self.headers["authorization"], body))
            self.send_response(409)
            self.end_headers()
            self.wfile.write(b"no")

        def log_message(self, *_):
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        thread.join()
