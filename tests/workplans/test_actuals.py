from itertools import product

import asyncpg
import pytest

from schema.vocabulary import ActualState, AgreementPhase, Role, WorkplanState
from service.kernel.problem import Problem
from service.workplans import actual_rules
from tests.activities.given import (
    OURS,
    OUTSIDE,
    PEOPLE,
    THEIRS,
    TODAY,
    TOMORROW,
    agreement,
    caller,
    codes,
    faults,
    refusal,
)
from tests.api import codes as told
from tests.partners import INDICATOR, VALUE, colleague, id_of
from tests.workplans.given import ACTUAL, actual, actual_move, indicator, item, new_actual
from tests.workplans.test_api import agreed, proposed, reported

# What the domain says of a reported value, written out by hand: nothing of it is read from the service.
ACTIONS = ["submit", "approve", "return"]
ARROWS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "return"): "returned",
}
EDIT, VERIFY = {"coordinator"}, {"coordinator", "reviewer", "approver"}
ROLES = [role.value for role in Role]
STATES = [state.value for state in ActualState]
STANDINGS = {"own": OURS, "other": THEIRS, "none": OUTSIDE}


def expected(state: str, action: str, role: str, standing: str) -> str:
    if role not in (EDIT if action == "submit" else VERIFY):
        return "permission_missing"
    if standing == "none":
        return "not_a_party"
    if (state, action) not in ARROWS:
        return "transition_not_allowed"
    if action != "submit" and standing == "own":
        return "same_party"
    return ARROWS[state, action]


def moved(stored, action, actor=None, **facts):
    return actual_rules.moved(
        stored, actual_move(action), caller=actor or caller(), agreement=agreement(**facts)
    )


@pytest.mark.parametrize(
    ("state", "action", "role", "standing"), list(product(STATES, ACTIONS, ROLES, STANDINGS))
)
def test_a_value_moves_or_is_refused_as_the_domain_says(state, action, role, standing):
    actor = caller(Role(role), organization=STANDINGS[standing])
    try:
        found = moved(actual(state), action, actor).state
    except Problem as problem:
        found = problem.code
    assert found == expected(state, action, role, standing)


@pytest.mark.parametrize(("state", "role", "standing"), list(product(STATES, ROLES, STANDINGS)))
def test_actions_of_a_value_name_what_a_move_would_carry_out(state, role, standing):
    actor = caller(Role(role), organization=STANDINGS[standing])
    reply = actual_rules.reply(actual(state), actor, agreement=agreement())
    outcomes = {action: expected(state, action, role, standing) for action in ACTIONS}
    assert {each.action: each.allowed for each in reply.actions} == {
        action: result != "same_party"
        for action, result in outcomes.items()
        if result not in {"permission_missing", "not_a_party", "transition_not_allowed"}
    }


@pytest.mark.parametrize("action", ["approve", "return"])
def test_one_person_of_two_parties_does_not_decide_on_the_own_value(action):
    hat = caller(organization=THEIRS, person=PEOPLE[OURS])
    assert refusal(lambda: moved(actual("submitted"), action, hat)).code == "same_person"


def test_a_value_is_submitted_once_its_period_is_over():
    assert moved(actual(ends_on=TODAY), "submit").state == "submitted"
    problem = refusal(lambda: moved(actual(ends_on=TOMORROW), "submit"))
    assert faults(problem) == [("/ends_on", "period_not_over")]


@pytest.mark.parametrize("phase", AgreementPhase)
def test_values_are_reported_until_the_agreement_is_closed(phase):
    if phase in {"cancelled", "closed"}:
        assert codes(refusal(lambda: moved(actual(), "submit", phase=phase))) == ["agreement_not_open"]
    else:
        assert moved(actual(), "submit", phase=phase).submitted_by == OURS


def test_a_returned_value_says_why_and_forgets_who_submitted_it():
    after = moved(actual("submitted"), "return", caller(organization=THEIRS))
    assert (after.state_reason, after.submitted_by, after.submitter_id) == (
        "Daftar hadir kurang.",
        None,
        None,
    )


def drafted(stored=None, **values):
    return actual_rules.reported(
        new_actual(**values),
        stored or item("agreed", indicator=indicator()),
        caller=caller(),
        agreement=agreement(),
        id=ACTUAL,
    )


@pytest.mark.parametrize("state", WorkplanState)
def test_values_are_reported_for_what_was_agreed(state):
    stored = item(state, indicator=indicator())
    if state in {"proposed", "dropped"}:
        assert codes(refusal(lambda: drafted(stored))) == ["item_not_agreed"]
    else:
        assert drafted(stored).state == "draft"


def test_a_value_needs_an_indicator():
    assert codes(refusal(lambda: drafted(item("agreed")))) == ["indicator_missing"]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"value": None}, [("/value", "value_or_reason")]),
        ({"not_available_reason": "Rapat ditunda"}, [("/value", "value_or_reason")]),
        ({"value": None, "not_available_reason": "Rapat ditunda"}, []),
        ({"value": 0.1234}, [("/value", "measure_too_fine")]),
        ({"ends_on": "2026-01-31"}, [("/ends_on", "end_before_start")]),
    ],
)
def test_a_value_or_the_reason_why_there_is_none(values, found):
    if found:
        assert faults(refusal(lambda: drafted(**values))) == found
    else:
        assert drafted(**values).value is None


# ------------------------------------------------------------------------------------------ on the database


@pytest.fixture
async def measured(api, partners, pact) -> str:
    """Gives the path of an agreed item with an indicator."""
    return await agreed(api, partners, pact, indicator=INDICATOR)


async def test_a_value_goes_from_draft_to_approved(api, partners, measured):
    answer = await api.post(f"{measured}/actuals", partners.icw, body=VALUE)
    path = answer.headers["location"]
    assert (answer.status_code, path) == (201, f"{measured}/actuals/{answer.json()['id']}")
    assert await api.read(path, partners.icw) == answer.json()
    steps = [
        await api.moved(path, partners.icw, "submit"),
        await api.moved(path, partners.city, "return", reason="Daftar hadir kurang"),
        (await api.change("PATCH", path, partners.icw, body={"value": 11, "note": "Lampiran"})).json(),
        await api.moved(path, partners.icw, "submit"),
        await api.moved(path, partners.city, "approve"),
    ]
    states = ["submitted", "returned", "returned", "submitted", "approved"]
    assert [step["state"] for step in steps] == states
    assert (steps[-1]["value"], steps[-1]["approved_by"]) == (11, str(partners.city.organization_id))
    assert (await api.read(f"{measured}/actuals", partners.city))["items"] == [
        await api.read(path, partners.city)
    ]


async def test_what_was_submitted_is_not_edited(api, partners, measured):
    path = await reported(api, partners.icw, measured)
    await api.moved(path, partners.icw, "submit")
    answer = await api.change("PATCH", path, partners.icw, body={"value": 1})
    assert told(answer) == (409, "state_forbids_edit", [("", "submitted_is_kept")])


async def test_periods_of_an_indicator_share_no_day(api, partners, pact, measured):
    await reported(api, partners.icw, measured)
    for days in (("2022-09-30", "2022-10-31"), ("2022-08-15", "2022-12-31"), ("2022-09-10", "2022-09-10")):
        body = VALUE | dict(zip(("starts_on", "ends_on"), days, strict=True))
        answer = await api.post(f"{measured}/actuals", partners.city, body=body)
        assert told(answer) == (409, "period_taken", [])
    path = await reported(api, partners.icw, measured, starts_on="2022-10-01", ends_on="2022-10-31")
    answer = await api.change("PATCH", path, partners.icw, body={"starts_on": "2022-09-30"})
    assert told(answer) == (409, "period_taken", [])
    other = await agreed(api, partners, pact, indicator=INDICATOR)
    await reported(api, partners.icw, other)


async def test_a_value_is_found_under_its_own_item_alone(api, partners, pact, measured):
    path = await reported(api, partners.icw, measured)
    other = await agreed(api, partners, pact, indicator=INDICATOR)
    assert (await api.get(f"{other}/actuals/{id_of(path)}", partners.icw)).status_code == 404
    assert (await api.get(path, partners.stranger)).status_code == 404
    assert (await api.get(f"{measured}/actuals", partners.stranger)).status_code == 404


async def test_pages_give_every_value_once_earliest_period_first(api, partners, measured):
    for month in ("11", "09", "10"):
        days = {"starts_on": f"2022-{month}-01", "ends_on": f"2022-{month}-28"}
        await reported(api, partners.icw, measured, **days)
    pages = [page async for page in api.pages(f"{measured}/actuals?limit=2", partners.icw)]
    starts = [[each["starts_on"] for each in page] for page in pages]
    assert starts == [["2022-09-01", "2022-10-01"], ["2022-11-01"]]
    assert (await api.read(f"{measured}/actuals?count=true&limit=1", partners.icw))["total"] == 3


async def test_a_repeated_value_is_answered_again_at_its_address(api, partners, measured):
    answers = [
        await api.post(f"{measured}/actuals", partners.icw, body=VALUE, idempotency_key=measured)
        for _ in range(2)
    ]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert (answers[1].status_code, answers[1].json()) == (201, answers[0].json())


async def test_a_reviewer_of_another_party_approves(api, partners, measured):
    path = await reported(api, partners.icw, measured)
    await api.moved(path, partners.icw, "submit")
    assert told(await api.move(path, partners.icw, "approve")) == (403, "same_party", [])
    reviewer = await colleague(api, partners.city, "reviewer")
    assert (await api.moved(path, reviewer, "approve"))["state"] == "approved"


async def test_a_proposal_has_no_values(api, partners, pact):
    path = await proposed(api, partners.icw, pact, indicator=INDICATOR)
    answer = await api.post(f"{path}/actuals", partners.icw, body=VALUE)
    assert told(answer) == (409, "guards_not_met", [("", "item_not_agreed")])


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE actual SET submitted_by = approved_by WHERE id = $1", "approved_by_another"),
        ("UPDATE actual SET submitter_id = approver_id WHERE id = $1", "approved_by_another_person"),
        ("UPDATE actual SET value = NULL WHERE id = $1", "value_or_reason"),
        ("UPDATE actual SET approved_by = NULL WHERE id = $1", "approved_by_somebody"),
    ],
)
async def test_the_database_refuses_an_approval_of_ones_own(api, partners, measured, statement, constraint):
    path = await reported(api, partners.icw, measured)
    await api.moved(path, partners.icw, "submit")
    await api.moved(path, partners.city, "approve")
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await api.connection.execute(statement, id_of(path))
    assert caught.value.constraint_name == f"ck_actual_{constraint}"
