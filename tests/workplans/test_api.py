import asyncio
from uuid import uuid4

import asyncpg
import pytest

from tests.actors import acting_for
from tests.api import codes
from tests.partners import INDICATOR, VALUE, colleague, held, id_of, in_force, item, mou, pks, promised

PATH = "/v1/workplan-items"
EVIDENCE = [{"url": "https://example.org/laporan"}]


async def proposed(api, by, pact, **values) -> str:
    """Gives the path of a new proposal."""
    return f"{PATH}/{(await api.create(PATH, by, body=item(pact, **values)))['id']}"


async def agreed(api, partners, pact, **values) -> str:
    """Gives the path of an item that ICW proposed and the city agreed to."""
    path = await proposed(api, partners.icw, pact, **values)
    await api.moved(path, partners.city, "agree")
    return path


async def completed(api, partners, pact, **values) -> str:
    """Gives the path of an item that ICW completed."""
    path = await agreed(api, partners, pact, **values)
    await api.moved(path, partners.icw, "start")
    await api.moved(path, partners.icw, "complete", evidence=EVIDENCE)
    return path


async def reported(api, by, path, **values) -> str:
    """Gives the path of a new draft of a value."""
    made = await api.create(f"{path}/actuals", by, body=VALUE | values)
    return f"{path}/actuals/{made['id']}"


# ------------------------------------------------------------------------------------------------ proposing


async def test_all_that_was_given_is_answered_and_kept(api, partners, pact):
    icw, city = str(partners.icw.organization_id), str(partners.city.organization_id)
    given = {
        "agreement_year": 2,
        "quarter": 3,
        "code": "1.1",
        "due_on": "2024-03-31",
        "lead_organization_id": icw,
        "supporting_organization_ids": [city],
        "budget": [
            {"organization_id": icw, "amount": 25_000_000, "source": "Hibah"},
            {"organization_id": city, "amount": 0, "source": None},
        ],
        "indicator": INDICATOR
        | {"accumulation": "cumulative", "target": 30.125, "means_of_verification": "Daftar hadir"},
    }
    answer = await api.post(PATH, partners.icw, body=item(pact, **given))
    record = answer.json()
    assert (answer.status_code, record["state"], record["version"]) == (201, "proposed", 1)
    assert answer.headers["location"] == f"{PATH}/{record['id']}"
    assert {name: record[name] for name in given} == given
    assert (record["starts_on"], record["ends_on"]) == ("2024-02-15", "2024-05-14")
    assert (record["budget_total"], record["proposed_by"]) == (25_000_000, icw)
    assert await api.read(answer.headers["location"], partners.icw) == record


async def test_years_are_counted_from_the_parent_where_the_own_day_is_unknown(api, partners):
    above = await in_force(api, partners.icw, mou(partners.icw))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.icw, effective_from=None))
    record = await api.create(PATH, partners.icw, body=item(below))
    told = (record["effective_from_source"], record["starts_on"])
    assert told == ("parent", "2022-08-15")


async def test_a_stranger_learns_nothing_from_naming_an_agreement(api, partners, pact):
    there = await api.post(PATH, partners.stranger, body=item(pact))
    nowhere = await api.post(PATH, partners.stranger, body=item(f"/v1/agreements/{uuid4()}"))
    assert codes(there) == (400, "validation_failed", [("/agreement_id", "agreement_unknown")])
    assert codes(there) == codes(nowhere)


async def test_who_is_no_party_reads_and_proposes_nothing(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    path = await proposed(api, partners.icw, pact)
    assert (await api.read(path, partners.city))["actions"] == []
    assert codes(await api.post(PATH, partners.city, body=item(pact))) == (403, "not_a_party", [])
    assert codes(await api.get(path, partners.stranger)) == (404, "not_found", [])


async def test_all_that_is_wrong_is_told_at_once(api, partners, pact):
    stranger = str(partners.stranger.organization_id)
    body = item(
        pact,
        agreement_year=78,
        lead_organization_id=stranger,
        supporting_organization_ids=[stranger],
        budget=[{"organization_id": stranger, "amount": 1}],
        indicator=INDICATOR | {"target": 0.0001},
        parent_id=str(uuid4()),
    )
    answer = await api.post(PATH, partners.icw, body=body)
    assert codes(answer) == (
        400,
        "validation_failed",
        [
            ("/lead_organization_id", "party_unknown"),
            ("/supporting_organization_ids/0", "party_unknown"),
            ("/budget/0", "party_unknown"),
            ("/supporting_organization_ids/0", "lead_supports"),
            ("/indicator/target", "measure_too_fine"),
            ("/agreement_year", "year_after_end"),
            ("/parent_id", "parent_not_fitting"),
        ],
    )


async def test_a_tree_has_an_outcome_its_outputs_and_their_activity_lines(api, partners, pact):
    outcome = id_of(await proposed(api, partners.icw, pact, level="outcome"))
    output = id_of(await proposed(api, partners.icw, pact, level="output", parent_id=outcome))
    line = await proposed(api, partners.icw, pact, parent_id=output)
    assert (await api.read(line, partners.icw))["parent_id"] == output
    wrong = {"outcome": output, "output": output, "activity": outcome}
    for level, parent in wrong.items():
        answer = await api.post(PATH, partners.icw, body=item(pact, level=level, parent_id=parent))
        assert codes(answer)[2][0][0] == "/parent_id"


async def test_an_item_of_another_agreement_is_served_by_none(api, partners, pact):
    other = await in_force(api, partners.icw, mou(partners.icw))
    outcome = id_of(await proposed(api, partners.icw, other, level="outcome"))
    body = item(pact, level="output", parent_id=outcome)
    answer = await api.post(PATH, partners.icw, body=body)
    assert codes(answer) == (400, "validation_failed", [("/parent_id", "parent_not_fitting")])


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE workplan_item SET parent_id = id, parent_level = level", "serves_the_level_above"),
        ("UPDATE workplan_item SET agreed_by = proposed_by", "agreed_by_another"),
        ("UPDATE workplan_item SET agreer_id = proposer_id", "agreed_by_another_person"),
        ("UPDATE workplan_item SET state = 'agreed'", "agreed_by_somebody"),
        ("UPDATE workplan_item SET state = 'dropped'", "dropped_by_somebody"),
    ],
)
async def test_the_database_refuses_a_cycle_and_a_decision_of_ones_own(
    api, partners, pact, statement, constraint
):
    path = await proposed(api, partners.icw, pact)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await api.connection.execute(f"{statement} WHERE id = $1", id_of(path))
    assert caught.value.constraint_name == f"ck_workplan_item_{constraint}"


async def test_a_party_that_leads_an_item_stays(api, partners):
    draft = await api.create("/v1/agreements", partners.icw, body=mou(partners.icw, partners.city))
    pact, city = f"/v1/agreements/{draft['id']}", str(partners.city.organization_id)
    await proposed(api, partners.icw, pact, lead_organization_id=city)
    answer = await api.change("DELETE", f"{pact}/parties/{city}", partners.icw, record=pact)
    assert codes(answer) == (409, "record_in_use", [])


# -------------------------------------------------------------------------------------------------- its life


async def test_an_item_goes_from_proposal_to_verified(api, partners, pact):
    path = await proposed(api, partners.icw, pact, due_on="2023-01-31")
    steps = [
        await api.moved(path, partners.city, "agree"),
        await api.moved(path, partners.icw, "start"),
        await api.moved(path, partners.icw, "complete", evidence=EVIDENCE),
        await api.moved(path, partners.city, "return", reason="Lampiran kurang"),
        await api.moved(path, partners.icw, "complete"),
        await api.moved(path, partners.appek, "verify"),
    ]
    states = ["agreed", "in_progress", "completed", "in_progress", "completed", "verified"]
    assert [step["state"] for step in steps] == states
    assert [step["progress"] for step in steps] == [0, None, 100, None, 100, 100]
    assert [step["health"] for step in steps[:3]] == ["late", "late", "done"]
    assert await api.read(path, partners.city) == steps[-1]
    history = (await api.read(f"{path}/transitions", partners.appek))["items"]
    assert [each["action"] for each in history] == [
        *("created", "agree", "start", "complete", "return", "complete", "verify")
    ]


async def test_who_proposed_does_not_agree(api, partners, pact):
    path = await proposed(api, partners.icw, pact)
    another = await colleague(api, partners.icw, "coordinator")
    assert codes(await api.move(path, another, "agree")) == (403, "same_party", [])
    other = partners.city.organization_id
    hat = await acting_for(api.connection, partners.icw.user_id, organization_id=other, roles=["coordinator"])
    assert codes(await api.move(path, hat, "agree")) == (403, "same_person", [])


async def test_eight_coordinators_race_one_agreement_and_one_wins(api, partners, pact):
    path = await proposed(api, partners.icw, pact)
    racers = [
        await colleague(api, party, "coordinator")
        for party in (partners.city, partners.appek)
        for _ in range(4)
    ]
    move = {"action": "agree"}
    answers = await asyncio.gather(
        *(api.post(f"{path}/transitions", racer, body=move, if_match='"1"') for racer in racers)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_planning_anew_keeps_the_baseline_and_asks_for_agreement_again(api, partners, pact):
    path = await agreed(api, partners, pact, due_on="2023-01-31")
    again = (await api.change("PATCH", path, partners.city, body={"due_on": "2023-06-30"})).json()
    told = (again["due_on"], again["baseline_due_on"], again["state"], again["agreed_by"])
    assert told == ("2023-06-30", "2023-01-31", "proposed", None)
    assert codes(await api.move(path, partners.city, "agree")) == (403, "same_party", [])
    assert (await api.moved(path, partners.icw, "agree"))["baseline_due_on"] == "2023-01-31"


async def test_a_due_day_before_any_agreement_is_no_slip(api, partners, pact):
    path = await proposed(api, partners.icw, pact, due_on="2023-01-31")
    again = (await api.change("PATCH", path, partners.icw, body={"due_on": "2023-06-30"})).json()
    assert again["baseline_due_on"] == "2023-06-30"


async def test_a_deferred_item_is_resumed_with_its_new_day(api, partners, pact):
    path = await agreed(api, partners, pact, due_on="2023-01-31")
    await api.moved(path, partners.icw, "defer", due_on="2098-01-31", reason="Pemilu")
    record = await api.moved(path, partners.city, "resume")
    told = (record["state"], record["due_on"], record["baseline_due_on"], record["health"])
    assert told == ("agreed", "2098-01-31", "2023-01-31", "on_track")


async def test_a_drop_takes_the_keys_of_two_parties(api, partners, pact):
    path = await agreed(api, partners, pact)
    first = await api.moved(path, partners.icw, "drop", reason="Tidak ada dana")
    assert (first["state"], first["drop_proposed_by"]) == ("agreed", str(partners.icw.organization_id))
    refused = await api.move(path, partners.icw, "drop", reason="Tidak ada dana")
    assert codes(refused) == (
        409,
        "guards_not_met",
        [("/drop_proposed_by", "drop_needs_another_party")],
    )
    second = await api.moved(path, partners.city, "drop", reason="Setuju")
    assert (second["state"], second["health"], second["actions"]) == ("dropped", None, [])


# ------------------------------------------------------------------------------------- editing and deleting


async def test_a_patch_changes_what_it_names_and_clears_what_it_nulls(api, partners, pact):
    city = str(partners.city.organization_id)
    path = await proposed(
        api,
        partners.icw,
        pact,
        code="1",
        indicator=INDICATOR,
        supporting_organization_ids=[city],
        budget=[{"organization_id": city, "amount": 5}],
    )
    before = await api.read(path, partners.city)
    patch = {"title": "Judul", "code": None, "indicator": None, "supporting_organization_ids": []}
    patch["budget"] = [{"organization_id": city, "amount": 7, "source": None}]
    after = (await api.change("PATCH", path, partners.city, body=patch)).json()
    derived = {"version": 2, "updated_at": after["updated_at"], "actions": after["actions"]}
    assert after == before | patch | derived | {
        "proposed_by": city,
        "budget_total": 7,
        "progress_source": "state",
    }
    assert await api.read(path, partners.city) == after


async def test_what_is_under_way_is_not_edited(api, partners, pact):
    path = await completed(api, partners, pact)
    answer = await api.change("PATCH", path, partners.icw, body={"title": "Judul"})
    assert codes(answer) == (409, "state_forbids_edit", [("", "agreed_is_kept")])


async def test_an_item_moves_to_another_output(api, partners, pact):
    output = id_of(await proposed(api, partners.icw, pact, level="output"))
    path = await proposed(api, partners.icw, pact)
    moved = await api.change("PATCH", path, partners.icw, body={"parent_id": output})
    assert moved.json()["parent_id"] == output
    kept = await api.change("PATCH", path, partners.icw, body={"title": "Judul"})
    assert kept.json()["parent_id"] == output
    wrong = await api.change("PATCH", path, partners.icw, body={"parent_id": id_of(path)})
    assert codes(wrong) == (400, "validation_failed", [("/parent_id", "parent_not_fitting")])
    alone = await api.change("PATCH", path, partners.icw, body={"parent_id": None})
    assert alone.json()["parent_id"] is None


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("PATCH", "", {"title": "Judul"}),
        ("POST", "/transitions", {"action": "drop", "reason": "Batal"}),
        ("DELETE", "", None),
    ],
)
async def test_a_change_names_the_version_it_rests_on(api, partners, pact, method, part, body):
    path = await proposed(api, partners.icw, pact)
    without = await api.ask(method, path + part, by=partners.icw, body=body)
    stale = await api.ask(method, path + part, by=partners.icw, body=body, if_match='"2"')
    assert codes(without) == (428, "if_match_required", [])
    assert codes(stale) == (412, "stale_version", [])


async def test_a_proposal_is_deleted_by_who_proposed_it(api, partners, pact):
    path = await proposed(api, partners.icw, pact)
    by_another = await api.change("DELETE", path, partners.city)
    assert codes(by_another) == (409, "guards_not_met", [("", "proposed_by_another")])
    assert (await api.change("DELETE", path, partners.icw)).status_code == 204
    for gone in (path, f"{path}/transitions"):
        assert codes(await api.get(gone, partners.icw)) == (404, "not_found", [])


async def test_what_is_agreed_or_referred_to_is_not_deleted(api, partners, pact):
    agreed_item = await agreed(api, partners, pact)
    answer = await api.change("DELETE", agreed_item, partners.icw)
    assert codes(answer) == (409, "state_forbids_edit", [("", "not_proposed")])
    output = await proposed(api, partners.icw, pact, level="output")
    await proposed(api, partners.icw, pact, parent_id=id_of(output))
    link = {"workplan_item_id": id_of(output)}
    await api.create("/v1/activities", partners.icw, body=held(pact, **link))
    await api.create("/v1/milestones", partners.icw, body=promised(pact, partners.icw, **link))
    answer = await api.change("DELETE", output, partners.icw)
    found = [("", "item_has_children"), ("", "item_has_activities"), ("", "item_has_milestones")]
    assert codes(answer) == (409, "guards_not_met", found)


async def test_a_repeat_with_a_key_makes_one_item(api, partners, pact):
    answers = [
        await api.post(PATH, partners.icw, body=item(pact), idempotency_key=f"key-{pact}") for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true"]
    assert answers[0].headers["location"] == answers[1].headers["location"]
