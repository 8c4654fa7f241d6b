import asyncio
import csv
import io
import itertools
from uuid import uuid4

import pytest

from service.activities.routes import OPERATIONS as ACTIVITIES
from service.agreements.amendment_routes import OPERATIONS as AMENDMENTS
from service.agreements.routes import OPERATIONS as AGREEMENTS
from service.data_requests.routes import OPERATIONS as DATA_REQUESTS
from service.datasets.routes import OPERATIONS as DATASETS
from service.documents.routes import OPERATIONS as DOCUMENTS
from service.indicators.routes import OPERATIONS as INDICATORS
from service.milestones.routes import OPERATIONS as MILESTONES
from service.organizations.routes import OPERATIONS as ORGANIZATIONS
from service.workplans.routes import OPERATIONS as WORKPLANS
from tests.actors import make_actor
from tests.api import codes
from tests.changes import partner_changes
from tests.partners import colleague, held, id_of, in_force, mou, pks

PATH = "/v1/audit-entries"
STREAMS = "SELECT stream, seq FROM audit_entry ORDER BY stream, seq"
HEADS = "SELECT stream, seq FROM audit_head"
DECLARED = (
    *ORGANIZATIONS,
    *AGREEMENTS,
    *AMENDMENTS,
    *ACTIVITIES,
    *WORKPLANS,
    *MILESTONES,
    *DATASETS,
    *DATA_REQUESTS,
    *DOCUMENTS,
    *INDICATORS,
)
OF_A_SERIES = {"create_milestone_series": 3, "update_milestone_series": 3}
"""Milestones that a series makes or changes, each with an entry and an event of its own."""


async def entries(api, actor, query=""):
    return (await api.read(f"{PATH}?{query}", actor))["items"]


async def actions(api, actor, query=""):
    """Gives the actions of a page, newest first."""
    return [entry["action"] for entry in await entries(api, actor, query)]


async def counts(api):
    """Gives how many audit entries and outbox events there are."""
    tables = ("audit_entry", "outbox_event")
    found = [await api.connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608
    return tuple(found)


# --------------------------------------------------------------------------------------------- reading them


async def test_an_entry_tells_who_did_what_for_whom_in_which_role_and_why(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.city))
    answer = await api.move(path, partners.city, "suspend", reason="Audit")
    (entry, _) = await entries(api, partners.icw, f"subject_id={id_of(path)}")
    assert entry == {
        "id": entry["id"],
        "stream": id_of(path),
        "seq": 2,
        "agreement_id": id_of(path),
        "organization_id": str(partners.city.organization_id),
        "actor_id": str(partners.city.user_id),
        "role": "approver",
        "subject_type": "agreement",
        "subject_id": id_of(path),
        "action": "suspend",
        "from_state": "signed",
        "to_state": "suspended",
        "reason": "Audit",
        "version": 2,
        "request_id": answer.headers["x-request-id"],
        "at": answer.json()["updated_at"],
    }


async def test_the_newest_entry_comes_first(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw))
    await api.moved(path, partners.icw, "suspend", reason="Audit")
    await api.moved(path, partners.icw, "lift_suspension", reason="Selesai")
    assert await actions(api, partners.icw) == ["lift_suspension", "suspend", "created"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("agreement_id={pact}", ["updated", "created", "suspend", "created"]),
        ("subject_id={pact}", ["suspend", "created"]),
        ("subject_id={activity}", ["updated", "created"]),
        ("actor_id={city}", ["updated", "suspend"]),
        ("action=suspend", ["suspend"]),
        ("action=created&subject_id={pact}", ["created"]),
        ("agreement_id={other}", ["created"]),
        ("actor_id={nobody}", []),
    ],
)
async def test_a_filter_keeps_what_it_names(api, partners, query, expected):
    pact, other = [await in_force(api, partners.icw, mou(partners.icw, partners.city)) for _ in range(2)]
    await api.moved(pact, partners.city, "suspend", reason="Audit")
    made = await api.create("/v1/activities", partners.icw, body=held(pact))
    await api.change("PATCH", f"/v1/activities/{made['id']}", partners.city, body={"title": "Judul"})
    ids = {"pact": id_of(pact), "other": id_of(other), "activity": made["id"], "nobody": uuid4()}
    given = query.format(city=partners.city.user_id, **ids)
    assert await actions(api, partners.icw, given) == expected


async def test_pages_give_every_entry_once(api, partners):
    for _ in range(5):
        await in_force(api, partners.icw, mou(partners.icw))
    pages = [page async for page in api.pages(f"{PATH}?limit=2", partners.icw)]
    whole = await api.read(f"{PATH}?count=true", partners.icw)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert ([entry for page in pages for entry in page], whole["total"]) == (whole["items"], 5)


async def test_the_trail_is_a_sheet_with_a_line_for_each_entry(api, partners):
    await in_force(api, partners.icw, mou(partners.icw))
    answer = await api.get(PATH, partners.icw, accept="text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["action"], line["role"], line["reason"]) == ("created", "coordinator", "")


# -------------------------------------------------------------------------------------------- who reads them


@pytest.mark.parametrize(
    "role", ["viewer", "coordinator", "reviewer", "approver", "org_admin", "platform_admin"]
)
async def test_the_trail_is_read_by_auditors_alone(api, role):
    actor = await make_actor(api.connection, roles=[role])
    answer = await api.get(PATH, actor)
    assert codes(answer) == (403, "permission_missing", [])
    assert "audit.read" in answer.json()["detail"]


async def test_an_auditor_sees_what_the_organization_sees(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    below = await in_force(api, partners.icw, pks(id_of(path), partners.icw, partners.appek))
    for by, expected in (
        (partners.city, [id_of(path)]),
        (partners.inspectorate, [id_of(path)]),
        (partners.appek, [id_of(below), id_of(path)]),
        (partners.stranger, []),
    ):
        auditor = await colleague(api, by, "auditor")
        assert [entry["subject_id"] for entry in await entries(api, auditor)] == expected


async def test_a_public_agreement_does_not_make_its_trail_public(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw, visibility="public"))
    assert await entries(api, partners.stranger, f"agreement_id={id_of(path)}") == []


async def test_a_change_of_an_organization_is_seen_by_it_and_by_who_made_it(api, partners):
    platform = await make_actor(api.connection, roles=["platform_admin", "auditor"])
    path = f"/v1/organizations/{partners.icw.organization_id}"
    await api.change("PATCH", path, platform, body={"short_name": "ICW"})
    seen = [
        await actions(api, by, f"subject_id={partners.icw.organization_id}")
        for by in (partners.icw, platform, partners.appek)
    ]
    assert seen == [["updated"], ["updated"], []]


async def test_what_was_deleted_stays_in_the_trail_of_who_did_it(api, partners):
    made = await api.create("/v1/agreements", partners.icw, body=mou(partners.icw, partners.city))
    await api.change("DELETE", f"/v1/agreements/{made['id']}", partners.city)
    seen = [await actions(api, by) for by in (partners.icw, partners.city, partners.stranger)]
    assert seen == [["created"], ["deleted"], []]


# ------------------------------------------------------------------------------------ every change leaves one


async def test_every_change_leaves_one_entry_and_one_event(api, partners):
    steps = await partner_changes(api, partners)
    assert set(steps) == {operation.id for operation in DECLARED if operation.method != "GET"}
    for name, step in steps.items():
        before = await counts(api)
        answer = await step()
        assert answer.is_success, (name, answer.text)
        made = 1 + OF_A_SERIES.get(name, 0)
        assert await counts(api) == (before[0] + made, before[1] + made), name


async def test_an_event_names_its_entry_by_subject_version_and_kind(api, partners):
    path = await in_force(api, partners.icw, mou(partners.icw))
    await api.moved(path, partners.icw, "suspend", reason="Audit")
    events = await api.connection.fetch(
        "SELECT type, version, position FROM outbox_event WHERE subject_id = $1 ORDER BY id", id_of(path)
    )
    assert [tuple(row) for row in events] == [
        ("agreement.created", 1, None),
        ("agreement.suspend", 2, None),
    ]


async def test_every_item_of_a_batch_leaves_its_own_entry(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw))
    items = [held(pact, client_ref=ref) for ref in "abc"] + [held(pact, client_ref="d", ends_on="2022-01-01")]
    await api.post("/v1/activities/batch", partners.icw, body={"items": items})
    assert await actions(api, partners.icw) == ["created"] * 4


async def test_what_was_refused_or_repeated_leaves_nothing(api, partners):
    icw, key = partners.icw, str(uuid4())
    pact = await in_force(api, icw, mou(icw))
    body = held(pact, client_ref="one")
    await api.post("/v1/activities", icw, body=body, idempotency_key=key)
    before = await counts(api)
    again = [
        await api.post("/v1/activities", icw, body=body, idempotency_key=key),
        await api.post("/v1/activities", icw, body=body),
        await api.post("/v1/activities", icw, body=held(pact, client_ref="one", title="Lain")),
        await api.ask("PATCH", pact, by=icw, body={"notice_months": 6}, if_match='"9"'),
        await api.move(pact, icw, "accept"),
        await api.post("/v1/activities", partners.stranger, body=body),
    ]
    assert [answer.status_code for answer in again] == [201, 201, 409, 412, 409, 400]
    assert await counts(api) == before


async def test_entries_of_a_stream_are_numbered_without_gaps(api, partners):
    pacts = [await in_force(api, partners.icw, mou(partners.icw, partners.city)) for _ in range(2)]
    refused = held(pacts[0], state="verified")
    bodies = [body for pact in pacts * 4 for body in (held(pact), refused)]
    await asyncio.gather(*(api.post("/v1/activities", partners.city, body=body) for body in bodies))
    rows = await api.connection.fetch(STREAMS)
    numbers = {
        stream: [row["seq"] for row in group]
        for stream, group in itertools.groupby(rows, key=lambda row: row["stream"])
    }
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert {stream: found[-1] for stream, found in numbers.items()} == dict(await api.connection.fetch(HEADS))
