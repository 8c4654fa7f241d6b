from datetime import date
from itertools import product

import msgspec
import pytest

from schema.vocabulary import AgreementPhase, Language, Role, WorkplanAction, WorkplanState
from schema.wire import workplans as wire
from service.access.evidence import MOST_EVIDENCE
from service.kernel.problem import Problem
from service.workplans import rules
from tests.activities.given import (
    NOW,
    OURS,
    OUTSIDE,
    PEOPLE,
    THEIRS,
    TODAY,
    agreement,
    caller,
    codes,
    faults,
    refusal,
)
from tests.workplans.given import DUE, indicator, item, measured, move

# What the domain says of an item, written out by hand: nothing of it is read from the service.
ACTIONS = ["agree", "start", "complete", "verify", "return", "defer", "resume", "drop"]
ARROWS = {
    ("proposed", "agree"): "agreed",
    ("agreed", "start"): "in_progress",
    ("in_progress", "complete"): "completed",
    ("completed", "verify"): "verified",
    ("completed", "return"): "in_progress",
    ("agreed", "defer"): "deferred",
    ("in_progress", "defer"): "deferred",
    ("deferred", "resume"): "agreed",
    ("proposed", "drop"): "dropped",
    ("agreed", "drop"): "dropped",
    ("deferred", "drop"): "dropped",
}
EDIT, VERIFY = {"coordinator"}, {"coordinator", "reviewer", "approver"}
WHO = {action: VERIFY if action in {"verify", "return"} else EDIT for action in ACTIONS}
ROLES = [role.value for role in Role]
STATES = [state.value for state in WorkplanState]
STANDINGS = {"own": OURS, "other": THEIRS, "none": OUTSIDE}
BY_ANOTHER = {"agree", "verify", "return"}
BY_LEAD = {"start", "complete"}


def expected(state: str, action: str, role: str, standing: str) -> str:
    """Gives the state that a move leads to, or the code of its refusal; OURS put it forward."""
    if role not in WHO[action]:
        return "permission_missing"
    if standing == "none":
        return "not_a_party"
    if (state, action) not in ARROWS:
        return "transition_not_allowed"
    if action in BY_ANOTHER and standing == "own":
        return "same_party"
    if action in BY_LEAD and standing == "other":
        return "guards_not_met"
    # The first key of a drop proposes.
    return state if action == "drop" else ARROWS[state, action]


def moved(stored, action, actor=None, terms=None, **values):
    return rules.moved(
        stored, move(action, **values), caller=actor or caller(), agreement=terms or agreement()
    )


def outcome(state: str, action: str, role: str, standing: str) -> str:
    try:
        return moved(item(state), action, caller(Role(role), organization=STANDINGS[standing])).state
    except Problem as problem:
        return problem.code


@pytest.mark.parametrize(
    ("state", "action", "role", "standing"), list(product(STATES, ACTIONS, ROLES, STANDINGS))
)
def test_a_move_is_carried_out_or_refused_as_the_domain_says(state, action, role, standing):
    assert outcome(state, action, role, standing) == expected(state, action, role, standing)


@pytest.mark.parametrize(("state", "role", "standing"), list(product(STATES, ROLES, STANDINGS)))
def test_actions_name_what_a_move_would_carry_out(state, role, standing):
    actor = caller(Role(role), organization=STANDINGS[standing])
    offered = {each.action: each.allowed for each in rules.actions(item(state), actor, agreement=agreement())}
    outcomes = {action: expected(state, action, role, standing) for action in ACTIONS}
    refused_for_good = {"permission_missing", "not_a_party", "transition_not_allowed"}
    assert offered == {
        action: result not in {"same_party", "guards_not_met"}
        for action, result in outcomes.items()
        if result not in refused_for_good
    }


def test_every_action_needs_one_permission_in_every_state():
    for arrow in rules.LIFECYCLE.transitions:
        assert arrow.permissions == (rules.PERMISSIONS[arrow.action],)
    assert set(rules.PERMISSIONS) == set(WorkplanAction)


# ------------------------------------------------------------------------------------------- its agreement

OPEN = {"preparation", "upcoming", "active", "expiring", "expired"}
KEPT = {phase.value for phase in AgreementPhase} - {"cancelled", "closed"}
NEEDS = {
    "agree": OPEN,
    "start": {"active", "expiring"},
    "complete": KEPT,
    "verify": KEPT,
    "return": KEPT,
    "defer": OPEN,
    "resume": OPEN,
    "drop": KEPT,
}


@pytest.mark.parametrize(("action", "phase"), list(product(ACTIONS, AgreementPhase)))
def test_a_move_needs_an_agreement_of_a_fitting_phase_and_the_refusal_names_it(action, phase):
    state = next(source for source, name in ARROWS if name == action)
    actor = caller(organization=THEIRS) if action in BY_ANOTHER else caller()
    terms = agreement(phase=phase)
    if phase in NEEDS[action]:
        assert moved(item(state), action, actor, terms).version == 8
    else:
        problem = refusal(lambda: moved(item(state), action, actor, terms))
        code = "agreement_not_running" if action == "start" else "agreement_not_open"
        assert (problem.code, codes(problem)) == ("guards_not_met", [code])
        assert phase in problem.render(Language.ID, "test").errors[0].detail


# -------------------------------------------------------------------------------------- who and with what


@pytest.mark.parametrize(("state", "action"), [("proposed", "agree"), ("completed", "verify")])
def test_one_person_of_two_parties_does_not_decide_what_they_put_forward(state, action):
    hat = caller(organization=THEIRS, person=PEOPLE[OURS])
    assert refusal(lambda: moved(item(state), action, hat)).code == "same_person"


@pytest.mark.parametrize("action", ["start", "complete"])
def test_without_a_lead_any_party_carries_an_item_out(action):
    stored = item("agreed" if action == "start" else "in_progress", lead_organization_id=None)
    assert moved(stored, action, caller(organization=THEIRS)).version == 8


def test_completing_needs_evidence():
    problem = refusal(lambda: moved(item("in_progress", evidence=[]), "complete"))
    assert faults(problem) == [("/evidence", "evidence_required")]


def test_completing_may_bring_its_evidence_along():
    after = moved(item("in_progress", evidence=[]), "complete", evidence=[{"document_ref": "Map 12"}])
    assert [each.document_ref for each in after.evidence] == ["Map 12"]
    assert (after.completed_by, after.completer_id) == (OURS, PEOPLE[OURS])


def test_evidence_that_points_to_nothing_is_refused():
    problem = refusal(lambda: moved(item("in_progress"), "complete", evidence=[{"note": "Foto"}]))
    assert (problem.code, faults(problem)) == ("validation_failed", [("/evidence/0", "evidence_empty")])


def test_completing_cannot_bring_more_evidence_than_a_reply_holds():
    full = [{"document_ref": f"Map {number}"} for number in range(MOST_EVIDENCE)]
    stored = item("in_progress", evidence=full)
    problem = refusal(lambda: moved(stored, "complete", evidence=[{"document_ref": "Satu lagi"}]))
    assert faults(problem) == [("/evidence", "too_long")]


def test_what_was_returned_has_no_result_and_says_why():
    after = moved(item("completed"), "return", caller(organization=THEIRS))
    assert (after.completed_by, after.completer_id) == (None, None)
    assert after.state_reason == "Menunggu hasil audit."


def test_a_move_makes_the_next_version():
    after = moved(item("agreed"), "start")
    assert (after.version, after.updated_at) == (8, NOW)


# ------------------------------------------------------------------------------------------ planned anew


def test_the_first_agreement_fixes_the_baseline():
    after = moved(item(), "agree", caller(organization=THEIRS))
    assert (after.agreed_by, after.first_agreed_on, after.baseline_due_on) == (THEIRS, TODAY, DUE)


def test_deferring_keeps_the_baseline():
    after = moved(item("in_progress"), "defer", due_on=date(2027, 3, 31))
    assert (after.due_on, after.baseline_due_on, after.state) == (date(2027, 3, 31), DUE, "deferred")


def test_deferring_without_a_baseline_begins_one():
    stored = item("agreed", due_on=None, baseline_due_on=None)
    assert moved(stored, "defer", due_on=date(2027, 3, 31)).baseline_due_on == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("due_on", "present"),
    [
        (TODAY, date(2026, 1, 1)),  # Not ahead.
        (DUE, DUE),  # Not later.
        (DUE, None),  # Not later than the end of its agreement year.
    ],
)
def test_an_item_is_put_off_to_a_later_day_that_is_ahead(due_on, present):
    problem = refusal(lambda: moved(item("agreed", due_on=present), "defer", due_on=due_on))
    assert faults(problem) == [("/due_on", "due_not_later")]


def test_a_drop_takes_two_parties():
    first = moved(item("agreed"), "drop")
    assert (first.state, first.drop_proposed_by, first.dropped_by) == ("agreed", OURS, None)
    again = refusal(lambda: moved(first, "drop"))
    assert faults(again) == [("/drop_proposed_by", "drop_needs_another_party")]
    hat = caller(organization=THEIRS, person=PEOPLE[OURS])
    assert codes(refusal(lambda: moved(first, "drop", hat))) == ["drop_needs_another_person"]
    second = moved(first, "drop", caller(organization=THEIRS))
    assert (second.state, second.drop_proposed_by, second.dropped_by) == ("dropped", OURS, THEIRS)


def test_another_move_takes_the_proposal_to_drop_away():
    first = moved(item("agreed"), "drop")
    assert moved(first, "start").drop_proposed_by is None


# --------------------------------------------------------------------------------------------- the reply


def shown(stored, **facts):
    terms = agreement(**facts)
    return rules.reply(rules.Shown(stored, measured(), terms), caller())


def test_a_reply_carries_every_field_as_it_is_stored():
    stored = item("verified", indicator=indicator(), budget=[{"organization_id": OURS, "amount": 5}])
    reply, kept = msgspec.structs.asdict(shown(stored)), msgspec.structs.asdict(stored)
    # Who did it in person is told by the history, to those who may read it.
    persons = {name for name in kept if name.endswith("er_id") and name != "created_by"}
    assert {name: reply[name] for name in kept.keys() - persons} == {
        name: kept[name] for name in kept.keys() - persons
    }
    assert not persons & reply.keys()


def test_a_reply_survives_the_wire():
    reply = shown(item("agreed", indicator=indicator(), quarter=2))
    assert msgspec.json.decode(msgspec.json.encode(reply), type=wire.WorkplanItem) == reply


def test_a_budget_is_summed_over_its_own_lines():
    lines = [{"organization_id": each, "amount": amount} for each, amount in ((OURS, 5), (THEIRS, 7))]
    assert shown(item(budget=lines)).budget_total == 12
    assert shown(item()).budget_total is None


def test_a_reply_says_whose_day_counts_the_years():
    told = shown(item(), effective_from_source="parent")
    assert (told.effective_from_source, told.starts_on, told.ends_on) == (
        "parent",
        date(2025, 8, 15),
        date(2026, 8, 14),
    )
    assert told.calendar_quarters == ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")


@pytest.mark.parametrize(
    ("values", "facts", "warned"),
    [
        ({}, {}, []),
        ({"lead_organization_id": None}, {}, ["lead_unknown"]),
        ({}, {"effective_from": None, "effective_from_source": "unknown"}, ["agreement_years_unknown"]),
        ({"due_on": date(2027, 8, 14)}, {}, []),
        ({"due_on": date(2027, 8, 15)}, {}, ["due_after_agreement"]),
        ({"due_on": date(2027, 8, 15)}, {"ends_on": None}, []),
    ],
)
def test_warnings_tell_what_is_worth_a_second_look(values, facts, warned):
    assert [warning.code for warning in shown(item(**values), **facts).warnings] == warned


def test_an_unknown_effective_day_leaves_the_days_of_the_year_unknown():
    told = shown(item(), effective_from=None, effective_from_source="unknown")
    assert (told.starts_on, told.ends_on, told.calendar_quarters) == (None, None, ())
