"""The Kupang case: the file in the package, and what entering it through the API leaves behind."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from schema.vocabulary import Role
from service.demo.case import Listed, Moved, Step
from service.demo.desk import Answer, LoadError
from tests.demo.given import CASE, Running, service

IN_KUPANG = "53.71"
ALL = (
    *CASE.organizations,
    *CASE.agreements,
    *CASE.amendments,
    *CASE.workplan,
    *CASE.actuals(),
    *CASE.milestones,
    *CASE.activities,
    *CASE.datasets,
    *CASE.data_requests,
    *CASE.indicator_series,
)
"""Every record of the file."""


class CutOff(Exception):  # noqa: N818 - what happens to a run, not a fault of the loader.
    """The machine went away in the middle of a run."""


# ----------------------------------------------------------------------------------------------- the file


def test_every_record_has_a_source_or_says_that_it_is_invented():
    for record in ALL:
        assert record.illustrative or sources_of(record), record.key


def test_every_invented_record_is_marked_where_people_read_it():
    for record in ALL:
        if record.illustrative:
            assert "(contoh)" in str(record.body.get("title", record.body.get("name"))), record.key


def test_what_is_invented_says_so_in_english_too():
    for record in (*CASE.amendments, *CASE.workplan, *CASE.activities, *CASE.datasets, *CASE.data_requests):
        if record.illustrative:
            assert "illustrative" in msgspec.json.encode(record.body | {"steps": steps_of(record)}).decode()


def test_every_source_is_used_and_known():
    assert {key for record in ALL for key in sources_of(record)} == set(CASE.sources)


def test_invented_persons_say_so_and_have_addresses_that_nobody_has():
    for person in CASE.persons:
        assert person.name.startswith("Contoh ")
        assert person.email.endswith("@example.org")


def test_administrators_come_last_because_they_end_the_right_of_the_platform_to_give_roles():
    roles = [person.role for person in CASE.persons]
    assert roles.index("org_admin") == len(roles) - roles.count("org_admin")


def test_no_key_is_used_twice():
    assert max(Counter(record.key for record in ALL).values()) == 1


def test_what_was_agreed_and_done_lies_in_kupang():
    assert {record.body["region_code"][:5] for record in CASE.activities} == {IN_KUPANG}
    assert {record.body["region_code"] for record in CASE.agreements} == {IN_KUPANG}
    regions = {record.body.get("region_code") for record in CASE.organizations}
    assert regions == {IN_KUPANG, "53", None}


# ------------------------------------------------------------------------------------------ what it leaves


async def test_the_whole_case_is_there(loaded):
    agreements = await loaded.items("/v1/agreements")
    activities = await loaded.items("/v1/activities")
    directory = await loaded.read("/v1/organizations?count=true")
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
    mou = await agreement_of(loaded, "mou")
    related = await loaded.items(f"/v1/activities?relation=related&agreement_id={mou['id']}")
    assert [record["client_ref"] for record in related] == [
        "kupang-2025-03-27",
        "kupang-2024-11-01",
        "kupang-2024-09-26",
        "kupang-2024-06-26",
        "kupang-2022-04-05",
        "kupang-2021-11-18",
    ]


async def test_the_pks_summary_is_the_reported_count_without_sexes(loaded):
    pks = await agreement_of(loaded, "pks")
    figures = await loaded.read(f"/v1/agreements/{pks['id']}/summary")
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
    assert set(loaded.tokens) == set(Role)
    for role, token in loaded.tokens.items():
        me = await loaded.service.read(token.token, "/v1/me")
        assert (me["roles"], me["email"], me["password_change_required"]) == ([role], token.email, False)


# ----------------------------------------------------------------------------------------- run it again


async def test_a_second_run_changes_nothing(loaded):
    before = await loaded.service.everything()
    await loaded.service.load()
    assert await loaded.service.everything() == before


async def test_what_an_earlier_release_said_under_a_client_ref_stays(loaded):
    before = await loaded.service.everything()
    await loaded.service.load(send_with_other_titles(loaded.service))
    assert await loaded.service.everything() == before


@pytest.mark.parametrize("requests", [3, 40, 56, 64, 90, 150, 200, 230, 241])
async def test_a_run_that_was_cut_off_is_completed_by_the_next(loaded, new_database, requests):
    async with service(new_database) as cut:
        with pytest.raises(CutOff):
            await cut.load(send_until(cut, requests))
        assert len(await cut.load()) == len(Role)
        assert sizes(await cut.everything()) == sizes(await loaded.service.everything())


async def test_a_refusal_names_the_request_and_the_problem(loaded):
    stranger = msgspec.structs.replace(loaded.service, admin_token="tnn_k_nobody_at_all")
    with pytest.raises(LoadError, match=r"^GET /v1/organizations: authentication_required: "):
        await stranger.load()


def sources_of(record: Listed) -> set[str]:
    """Gives the sources of a record and of what was done to it."""
    return {*record.sources, *(key for step in steps_of(record) for key in step.sources)}


def steps_of(record: Listed) -> tuple[Step, ...]:
    """Gives what was done to a record after it was entered."""
    return record.steps if isinstance(record, Moved) else ()


async def agreement_of(loaded, kind: str) -> dict[str, Any]:
    """Gives the agreement of a kind as a viewer of Bengkel APPeK reads it."""
    (record,) = await loaded.items(f"/v1/agreements?kind={kind}")
    return record


async def activity_of(loaded, client_ref: str) -> dict[str, Any]:
    """Gives an activity as a viewer of Bengkel APPeK reads it."""
    items = await loaded.items("/v1/activities")
    (record,) = [item for item in items if item["client_ref"] == client_ref]
    return record


def sizes(rows: Mapping[str, list[str]]) -> dict[str, int]:
    """Gives the number of rows of each table."""
    return {table: len(texts) for table, texts in rows.items()}


def send_until(service_: Running, requests: int):
    """Gives a way to the service that breaks after so many requests."""
    sent = []

    async def send(method: str, path: str, **rest) -> Answer:
        if len(sent) == requests:
            raise CutOff
        sent.append(path)
        return await service_.send(method, path, **rest)

    return send


def send_with_other_titles(service_: Running):
    """Gives a way to the service on which every activity gets another title."""

    async def send(method: str, path: str, *, headers, body) -> Answer:
        if (method, path) == ("POST", "/v1/activities"):
            body = json.dumps(json.loads(body) | {"title": "Judul lain"}).encode()
        return await service_.send(method, path, headers=headers, body=body)

    return send
