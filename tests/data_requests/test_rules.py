from datetime import date
from itertools import product
from uuid import UUID

import pytest
from msgspec.structs import replace

from schema.vocabulary import RefusalReason, Role
from service.data_requests import replies, rules
from service.data_requests.guards import MOST_DELIVERIES, MOST_EXCHANGES
from service.kernel.problem import Problem
from tests.data_requests.domain import (
    ACTIONS,
    ARROWS,
    BY_ASSIGNEE,
    BY_REQUESTER,
    SIDES,
    attempt,
    expected,
    refusal,
)
from tests.data_requests.given import (
    ASKER,
    ASKS,
    HOLDS,
    NOW,
    OUTSIDE,
    REVIEWER,
    STATES,
    TODAY,
    around,
    caller,
    delivery,
    question,
    stored,
)


def somebody(role, side, action):
    person = REVIEWER if action in BY_ASSIGNEE and side == "holder" else None
    return caller(role, organization=SIDES[side], person=person)


@pytest.mark.parametrize(("state", "action"), list(product(STATES, ACTIONS)))
def test_a_move_is_carried_out_or_refused_as_the_domain_says(state, action):
    for role, side in product(Role, SIDES):
        request = stored(state, conditions="Syarat") if action == "accept_conditions" else stored(state)
        by = somebody(role, side, action)
        try:
            outcome = attempt(request, action, by).state
        except Problem as problem:
            outcome = problem.code
        assert outcome == expected(state, action, role, side), (role, side)


@pytest.mark.parametrize(("state", "side"), list(product(STATES, SIDES)))
def test_actions_name_what_leads_out_of_the_state_for_this_side(state, side):
    by = caller(organization=SIDES[side])
    offered = {item.action for item in rules.actions(stored(state), by, around=around())}
    mine = {action for action in ACTIONS if (action in BY_REQUESTER) == (side == "requester")}
    out = {action for source, action in ARROWS if source == state}
    assert offered == (set() if side == "none" else mine & out)


# --------------------------------------------------------------------------------------------- submission


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({}, []),
        ({"fields": []}, ["data_not_named"]),
        ({"fields": [], "dataset_id": UUID(int=13)}, []),
        ({"period_from": None, "period_to": None}, ["period_needed"]),
        ({"legal_basis": None}, ["legal_basis_needed"]),
        (
            {"fields": [], "period_from": None, "period_to": None, "legal_basis": None},
            ["data_not_named", "period_needed", "legal_basis_needed"],
        ),
    ],
)
def test_a_request_is_handed_in_complete_and_told_all_that_is_missing(values, missing):
    by = caller(organization=ASKS)
    (offered,) = [a for a in rules.actions(stored(**values), by, around=around()) if a.action == "submit"]
    assert [unmet.code for unmet in offered.unmet] == missing
    if missing:
        assert refusal(stored(**values), "submit", by) == ("guards_not_met", missing)


@pytest.mark.parametrize(
    ("phase", "stopped"),
    [("active", False), ("expiring", False), ("upcoming", True), ("expired", True), ("suspended", True)],
)
def test_a_request_under_an_agreement_needs_it_in_force(phase, stopped):
    near, by = around(agreement={"phase": phase}), caller(organization=ASKS)
    if stopped:
        assert refusal(stored(), "submit", by, near=near)[1] == ["request_agreement_not_active"]
    else:
        assert attempt(stored(), "submit", by, near=near).state == "submitted"


def test_submission_gives_the_number_and_the_due_day():
    request = attempt(stored(), "submit", caller(organization=ASKS))
    assert (request.number, request.received_on, request.due_on) == (
        "PD-2025-000001",
        TODAY,
        date(2025, 4, 9),
    )
    assert request.submitted_by == ASKER


# -------------------------------------------------------------------------------------------- the review


@pytest.mark.parametrize("action", ["ask", "recommend"])
def test_only_who_handles_it_asks_and_recommends(action):
    assert refusal(stored("under_review"), action, caller(person=UUID(int=30)))[1] == ["assigned_to_another"]


def test_personal_data_needs_an_assessment():
    request, by = stored("under_review", personal_data=True), caller(person=REVIEWER)
    assert refusal(request, "recommend", by)[1] == ["assessment_needed"]
    assert (
        attempt(request, "recommend", by, personal_data_assessment="Dianonimkan").state == "awaiting_decision"
    )


def test_it_is_extended_once_and_before_the_due_day_has_passed():
    request = attempt(stored("submitted"), "extend", caller())
    assert request.due_on == date(2025, 4, 21)
    assert refusal(request, "extend", caller())[1] == ["extended_already"]
    late = around(today=date(2025, 4, 10))
    assert refusal(stored("submitted"), "extend", caller(), near=late)[1] == ["due_day_passed"]
    assert attempt(stored("submitted"), "extend", caller(), near=around(today=date(2025, 4, 9)))


def test_the_clock_stands_still_while_an_answer_is_awaited():
    asked = attempt(stored("under_review"), "ask", caller(person=REVIEWER))
    assert asked.due_on is None
    near = around(today=date(2025, 3, 19))
    answered = attempt(asked, "answer", caller(organization=ASKS), near=near)
    assert answered.due_on == date(2025, 4, 11)
    assert answered.exchanges[0].answer == "Semua"


def test_a_question_after_the_due_day_does_not_undo_that_it_passed():
    late = around(today=date(2025, 4, 20))
    asked = attempt(stored("under_review"), "ask", caller(person=REVIEWER), near=late)
    assert asked.due_on == date(2025, 4, 9)
    assert replies.overdue(asked, late)


def test_there_is_room_for_so_many_questions_and_deliveries():
    request = stored("under_review", exchanges=[question(TODAY, TODAY)] * MOST_EXCHANGES)
    assert refusal(request, "ask", caller(person=REVIEWER))[1] == ["too_long"]
    full = stored("granted", deliveries=[delivery()] * MOST_DELIVERIES)
    assert refusal(full, "deliver", caller())[1] == ["too_long"]


# ------------------------------------------------------------------------------------------ the decision


@pytest.mark.parametrize("code", list(RefusalReason))
def test_an_exception_of_the_law_needs_its_consequence_test(code):
    request = stored("awaiting_decision")
    if code.startswith("kip_17"):
        assert refusal(request, "refuse", caller(), reason_code=code)[1] == ["consequence_test_needed"]
    made = attempt(request, "refuse", caller(), reason_code=code, consequence_test_ref="UK-3/2025")
    assert (made.decision, made.reason_code) == ("refused", code)


@pytest.mark.parametrize("action", ["grant", "grant_in_part"])
@pytest.mark.parametrize(
    ("end", "faults"),
    [
        (None, []),
        (TODAY, []),
        (date(2025, 3, 16), ["access_end_passed"]),
        (date(2027, 8, 14), []),
        (date(2027, 8, 15), ["access_outlives_agreement"]),
    ],
)
def test_access_ends_between_today_and_the_end_of_the_agreement(action, end, faults):
    request, body = stored("awaiting_decision"), {"access_ends_on": end}
    if faults:
        assert refusal(request, action, caller(), **body)[1] == faults
    else:
        assert attempt(request, action, caller(), **body).access_ends_on == end


@pytest.mark.parametrize("action", ["grant", "grant_in_part"])
@pytest.mark.parametrize(
    ("phase", "over"),
    [
        ("active", False),
        ("suspended", False),
        ("blocked_by_parent", False),
        ("expired", True),
        ("terminated", True),
        ("closed", True),
    ],
)
def test_nothing_is_granted_under_an_agreement_that_is_over(action, phase, over):
    request, near = stored("awaiting_decision"), around(agreement={"phase": phase})
    if over:
        assert refusal(request, action, caller(), near=near)[1] == ["request_agreement_over"]
    else:
        assert attempt(request, action, caller(), near=near).decision
    assert attempt(request, "refuse", caller(), near=near).state == "refused"


def test_who_no_longer_sees_the_agreement_acts_under_it_no_more():
    near = replace(around(), agreement=None)
    assert refusal(stored("submitted"), "withdraw", caller(organization=ASKS), near=near)[0] == "not_a_party"
    assert refusal(stored("awaiting_decision"), "refuse", caller(), near=near)[0] == "not_a_party"


def test_a_decision_tells_how_many_working_days_it_took():
    near = around(today=date(2025, 4, 9))
    assert attempt(stored("awaiting_decision"), "grant", caller(), near=near).working_days == 10


# ------------------------------------------------------------------------------------------ the delivery


def test_conditions_are_accepted_before_anything_is_delivered():
    granted = stored("granted", conditions="Hanya untuk pemantauan")
    assert refusal(granted, "deliver", caller())[1] == ["conditions_not_accepted"]
    accepted = attempt(granted, "accept_conditions", caller(organization=ASKS))
    assert attempt(accepted, "deliver", caller()).state == "granted"
    assert refusal(accepted, "accept_conditions", caller(organization=ASKS))[1] == ["conditions_accepted"]
    assert refusal(stored("granted"), "accept_conditions", caller(organization=ASKS))[1] == ["no_conditions"]


def test_a_complete_delivery_fulfils():
    assert attempt(stored("granted"), "deliver", caller(), complete=True).state == "fulfilled"


def test_each_delivery_is_acknowledged_once():
    by = caller(organization=ASKS)
    request = attempt(stored("granted"), "acknowledge", by)
    assert (request.deliveries[0].acknowledged_by, request.deliveries[0].acknowledged_at) == (ASKER, NOW)
    assert refusal(request, "acknowledge", by)[1] == ["acknowledged_already"]
    assert refusal(stored("granted"), "acknowledge", by, delivery_id=UUID(int=9))[1] == ["delivery_unknown"]


def test_links_are_shown_to_both_sides_while_access_lasts():
    def links(request, organization, near):
        return [
            each.url
            for each in replies.reply(request, caller(organization=organization), around=near).deliveries
        ]

    granted, url = stored("granted", access_ends_on=TODAY), ["https://example.org/rup.csv"]
    later = around(today=date(2025, 3, 18))
    assert links(granted, ASKS, around()) == links(granted, HOLDS, around()) == url
    assert links(granted, OUTSIDE, around()) == links(granted, ASKS, later) == [None]
    assert links(stored("revoked"), ASKS, around()) == [None]
    assert refusal(granted, "deliver", caller(), near=later)[1] == ["access_ended"]


def test_access_ends_with_the_agreement_unless_the_decision_says_otherwise():
    told = replies.reply(stored("granted"), caller(), around=around())
    assert (told.access_ends_on, told.access_ended) == (date(2027, 8, 14), False)
    after = replies.reply(stored("closed"), caller(), around=around(today=date(2027, 8, 15)))
    assert after.access_ended


def test_the_recommendation_is_the_holders_own():
    request = attempt(stored("under_review"), "recommend", caller(person=REVIEWER))
    told = {
        each: replies.reply(request, caller(organization=each), around=around()) for each in SIDES.values()
    }
    assert told[HOLDS].recommendation is not None
    assert told[ASKS].recommendation is told[OUTSIDE].recommendation is None
