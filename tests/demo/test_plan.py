"""What the Kupang case planned: the work plan, reported values, milestones and the addendum."""

from collections import Counter

import pytest

from tests.demo.given import CASE

DONE = {
    "wp-1": "in_progress",
    **dict.fromkeys(("wp-2", "wp-3", "wp-4", "wp-5", "wp-6", "wp-7"), "verified"),
    "wp-8": "completed",
    **dict.fromkeys(("wp-9", "wp-10", "wp-11", "wp-12"), "agreed"),
}


async def test_the_whole_plan_is_there_and_every_item_says_that_it_is_invented(loaded):
    items = await loaded.items("/v1/workplan-items")
    assert len(items) == len(CASE.workplan) == 12
    assert all(item["title"].endswith(" (contoh)") for item in items)
    assert all("illustrative" in item["indicator"]["means_of_verification"] for item in items)
    assert Counter(item["agreement_year"] for item in items) == {1: 4, 2: 2, 3: 2, 4: 2, 5: 2}


async def test_items_stand_where_the_facts_carry_them(loaded):
    items = await loaded.items("/v1/workplan-items")
    assert {item["code"]: item["state"] for item in items} == DONE


async def test_nobody_agrees_to_or_verifies_what_is_their_own(loaded):
    for item in await loaded.items("/v1/workplan-items"):
        assert item["agreed_by"] not in {None, item["proposed_by"]}
        assert item["state"] != "verified" or item["verified_by"] not in {None, item["completed_by"]}


async def test_a_lead_that_is_no_party_stays_unknown(loaded):
    items = await loaded.items("/v1/workplan-items")
    unknown = [item for item in items if item["lead_organization_id"] is None]
    assert [item["code"] for item in unknown] == ["wp-10", "wp-11"]
    assert all("Bagian Kerja Sama" in item["indicator"]["means_of_verification"] for item in unknown)
    assert all("lead_unknown" in [each["code"] for each in item["warnings"]] for item in unknown)


async def test_reported_values_are_those_of_the_sources_and_the_rest_stays_unknown(loaded):
    items = await loaded.items("/v1/workplan-items")
    reached = {item["code"]: item["achieved"] for item in items}
    assert {code: value for code, value in reached.items() if value is not None} == {
        "wp-2": 30,
        "wp-3": 1,
        "wp-5": 1,
        "wp-7": 10,
    }
    (trained,) = [item["indicator"] for item in items if item["code"] == "wp-2"]
    assert (trained["baseline"], trained["target"]) == (0, 30)


async def test_every_value_but_the_last_was_approved_by_another_party(loaded):
    values = [
        value
        for item in await loaded.items("/v1/workplan-items")
        for value in await loaded.items(f"/v1/workplan-items/{item['id']}/actuals")
    ]
    assert Counter(value["state"] for value in values) == {"approved": 7, "submitted": 1}
    approved = [value for value in values if value["state"] == "approved"]
    assert all(value["approved_by"] not in {None, value["submitted_by"]} for value in approved)


@pytest.mark.parametrize(
    ("client_ref", "code"),
    [
        ("kupang-2022-09-01", "wp-1"),
        ("kupang-2022-09-02", "wp-2"),
        ("kupang-2023-06-14", "wp-4"),
        ("kupang-2024-06-19", None),
    ],
)
async def test_activities_carry_out_the_items_of_their_own_agreement(loaded, client_ref, code):
    codes = {item["id"]: item["code"] for item in await loaded.items("/v1/workplan-items")}
    (activity,) = [each for each in await loaded.items("/v1/activities") if each["client_ref"] == client_ref]
    assert codes.get(activity["workplan_item_id"]) == code


async def test_the_milestones_that_were_reached_are_met_and_show_where_it_was_read(loaded):
    milestones = await loaded.items("/v1/milestones")
    assert len(milestones) == len(CASE.milestones) == 9
    met = [milestone for milestone in milestones if milestone["state"] == "met"]
    assert [milestone["client_ref"].removeprefix("kupang-ms-") for milestone in met] == [
        "audiensi",
        "kb",
        "agenda",
        "sop",
        "juknis",
        "10proyek",
    ]
    known = {source.address for source in CASE.sources.values()}
    for milestone in met:
        assert milestone["verified_by"] not in {None, milestone["submitted_by"]}
        assert {shown["url"] for shown in milestone["evidence"]} <= known
        assert milestone["health"] == "met"


async def test_a_day_that_was_not_reported_is_said_to_be_the_latest(loaded):
    notes = {each["client_ref"]: each["evidence"] for each in await loaded.items("/v1/milestones")}
    for key in ("sop", "juknis", "10proyek"):
        (shown,) = notes[f"kupang-ms-{key}"]
        assert "hari selesainya tidak diberitakan" in shown["note"]
        assert "paling lambat hari itu" in shown["note"]


async def test_invented_milestones_are_open_and_marked(loaded):
    milestones = await loaded.items("/v1/milestones")
    invented = [each for each in milestones if each["title"].endswith(" (contoh)")]
    assert [(each["due_on"], each["state"]) for each in invented] == [
        ("2027-05-14", "open"),
        ("2027-05-16", "open"),
        ("2027-08-14", "open"),
    ]


async def test_the_addendum_is_signed_and_what_it_added_is_marked(loaded):
    (pks,) = await loaded.items("/v1/agreements?kind=pks")
    (addendum,) = await loaded.items(f"/v1/agreements/{pks['id']}/amendments")
    assert (addendum["state"], addendum["signed_on"]) == ("signed", "2025-09-15")
    assert "illustrative" in addendum["document_ref"]
    assert all(each["name"].startswith("Contoh ") for each in addendum["signatures"])
    assert pks["scope"] == ["kajian tata kelola persampahan (contoh)"]
