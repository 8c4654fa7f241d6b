from datetime import date, timedelta
from itertools import product

import msgspec
import pytest

from schema.vocabulary import ActivityAction, AgreementPhase, Language, Permission, Role
from schema.wire import activities as wire
from service.access.evidence import MOST_EVIDENCE
from service.activities import rules
from service.activities.checks import MOST_FORMER_DATES
from service.kernel.problem import Problem
from tests.activities.given import (
    NOW,
    OURS,
    OUTSIDE,
    PEOPLE,
    STATES,
    THEIRS,
    TODAY,
    TOMORROW,
    YESTERDAY,
    agreement,
    caller,
    codes,
    faults,
    move,
    people,
    refusal,
    stored,
    suspended,
)

# What the domain says of an activity, written out by hand: nothing of it is read from the service.
ACTIONS = ["plan", "reschedule", "cancel", "mark_held", "report", "verify", "return", "reopen"]
ARROWS = {
    ("draft", "plan"): "planned",
    ("draft", "cancel"): "cancelled",
    ("planned", "reschedule"): "planned",
    ("planned", "cancel"): "cancelled",
    ("planned", "mark_held"): "held",
    ("held", "report"): "reported",
    ("reported", "verify"): "verified",
    ("reported", "return"): "held",
    ("verified", "reopen"): "reported",
}
WHO = {
    "plan": {"coordinator"},
    "reschedule": {"coordinator"},
    "cancel": {"coordinator"},
    "mark_held": {"coordinator"},
    "report": {"coordinator"},
    "verify": {"coordinator", "reviewer", "approver"},
    "return": {"coordinator", "reviewer", "approver"},
    "reopen": {"approver"},
}
ROLES = ["viewer", "coordinator", "reviewer", "approver", "org_admin", "auditor", "platform_admin"]
STANDINGS = {"own": OURS, "other": THEIRS, "none": OUTSIDE}
PLANNABLE = {"upcoming", "active", "expiring"}
PHASES = [phase.value for phase in AgreementPhase]


def expected(state: str, action: str, role: str, standing: str) -> str:
    if role not in WHO[action]:
        return "permission_missing"
    if standing == "none":
        return "not_a_party"
    if (state, action) not in ARROWS:
        return "transition_not_allowed"
    if action in {"verify", "return"} and standing == "own":
        return "same_party"
    return ARROWS[state, action]


def outcome(state: str, action: str, role: str, standing: str) -> str:
    actor = caller(Role(role), organization=STANDINGS[standing])
    try:
        return rules.moved(stored(state), move(action), caller=actor, agreement=agreement()).state
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
    offered = {
        item.action: item.allowed for item in rules.actions(stored(state), actor, agreement=agreement())
    }
    outcomes = {action: expected(state, action, role, standing) for action in ACTIONS}
    refused_for_good = {"permission_missing", "not_a_party", "transition_not_allowed"}
    assert offered == {
        action: result != "same_party"
        for action, result in outcomes.items()
        if result not in refused_for_good
    }


def test_every_action_needs_one_permission_in_every_state():
    for arrow in rules.LIFECYCLE.transitions:
        assert arrow.permissions == (rules.PERMISSIONS[ActivityAction(arrow.action)],)
    assert set(rules.PERMISSIONS) == set(ActivityAction)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("action", ["plan", "reschedule"])
def test_a_plan_needs_an_agreement_in_force_and_the_refusal_names_the_phase(action, phase):
    activity = stored("draft" if action == "plan" else "planned")

    def attempt():
        return rules.moved(activity, move(action), caller=caller(), agreement=agreement(phase=phase))

    if phase in PLANNABLE:
        assert attempt().state == "planned"
    else:
        problem = refusal(attempt)
        assert problem.code == "guards_not_met"
        assert codes(problem) == ["agreement_not_in_force"]
        assert phase in problem.render(Language.ID, "test").errors[0].detail


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"mode": "in_person", "venue": None}, ["venue_required"]),
        ({"mode": "in_person", "online_url": None}, []),
        ({"mode": "online", "venue": None}, ["online_url_required"]),
        ({"mode": "online", "venue": None, "online_url": "https://example.org/rapat"}, []),
        ({"mode": "hybrid"}, ["online_url_required"]),
        ({"mode": "hybrid", "venue": None}, ["venue_required", "online_url_required"]),
        ({"mode": "hybrid", "online_url": "https://example.org/rapat"}, []),
        ({"organizers": []}, ["host_required"]),
        ({"organizers": [{"organization_id": OURS, "role": "co_host"}]}, ["host_required"]),
        ({"organizers": [{"organization_id": OUTSIDE, "role": "host"}]}, []),
        ({"venue": None, "organizers": []}, ["venue_required", "host_required"]),
    ],
)
def test_a_plan_says_where_it_is_and_who_hosts_it(values, missing):
    (plan, _) = rules.actions(stored(**values), caller(), agreement=agreement())
    assert [item.code for item in plan.unmet] == missing
    assert plan.allowed == (not missing)


def test_a_refused_plan_tells_all_that_is_missing_at_once():
    activity = stored(venue=None, organizers=[])
    problem = refusal(
        lambda: rules.moved(activity, move("plan"), caller=caller(), agreement=agreement(phase="expired"))
    )
    assert faults(problem) == [
        ("", "agreement_not_in_force"),
        ("/venue", "venue_required"),
        ("/organizers", "host_required"),
    ]


def test_a_plan_cannot_lie_in_days_after_an_announced_termination():
    announced = agreement(blocked_from=date(2026, 3, 10))
    plan = stored(starts_on=date(2026, 3, 9), ends_on=date(2026, 3, 10))
    problem = refusal(lambda: rules.moved(plan, move("plan"), caller=caller(), agreement=announced))
    assert faults(problem) == [("/ends_on", "days_not_before_block")]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "stopped"),
    [
        (YESTERDAY, YESTERDAY, []),
        (TODAY, TODAY, []),
        (TODAY, TOMORROW, []),
        (TOMORROW, TOMORROW, ["day_in_future"]),
    ],
)
def test_what_has_begun_can_be_marked_as_held(starts_on, ends_on, stopped):
    activity = stored("planned", starts_on=starts_on, ends_on=ends_on)
    offered = {item.action: item for item in rules.actions(activity, caller(), agreement=agreement())}
    assert [item.code for item in offered["mark_held"].unmet] == stopped


@pytest.mark.parametrize(
    ("facts", "stopped"),
    [
        (agreement(phase="expired"), []),
        (agreement(phase="upcoming"), []),
        (agreement(phase="blocked_by_parent"), []),
        (agreement(phase="preparation", signed=False), ["agreement_not_in_force"]),
        (agreement(phase="closed"), ["agreement_not_in_force"]),
        (suspended(blocked_from=TODAY), []),
        (suspended(), ["agreement_not_in_force", "days_not_before_block"]),
        (suspended(phase="blocked_by_parent"), ["agreement_not_in_force", "days_not_before_block"]),
        (suspended(phase="terminated"), ["agreement_not_in_force", "days_not_before_block"]),
    ],
)
def test_what_took_place_before_a_suspension_can_be_marked_as_held(facts, stopped):
    activity = stored("planned")
    offered = {item.action: item for item in rules.actions(activity, caller(), agreement=facts)}
    assert [item.code for item in offered["mark_held"].unmet] == stopped


def test_a_report_needs_evidence():
    bare = stored("held", evidence=[])
    problem = refusal(lambda: rules.moved(bare, move("report"), caller=caller(), agreement=agreement()))
    assert faults(problem) == [("/evidence", "evidence_required")]


def test_a_report_may_bring_its_evidence_along():
    report = move("report", evidence=[{"document_ref": "Map 12"}])
    after = rules.moved(stored("held", evidence=[]), report, caller=caller(), agreement=agreement())
    assert after.evidence == (wire.Evidence(document_ref="Map 12"),)


def test_evidence_that_is_there_already_is_not_added_again():
    activity = stored("held")
    report = move("report", evidence=[{"url": "https://example.org/berita"}, {"document_ref": "Map 12"}])
    after = rules.moved(activity, report, caller=caller(), agreement=agreement())
    assert after.evidence == (*activity.evidence, wire.Evidence(document_ref="Map 12"))


def test_evidence_that_points_to_nothing_is_refused():
    report = move("report", evidence=[{"url": "https://example.org/foto"}, {"note": "Foto"}])
    problem = refusal(lambda: rules.moved(stored("held"), report, caller=caller(), agreement=agreement()))
    assert problem.code == "validation_failed"
    assert faults(problem) == [("/evidence/1", "evidence_empty")]


def test_a_report_cannot_bring_more_evidence_than_a_reply_holds():
    full = [{"document_ref": f"Map {number}"} for number in range(MOST_EVIDENCE)]
    report = move("report", evidence=[{"document_ref": "Satu lagi"}])
    problem = refusal(
        lambda: rules.moved(stored("held", evidence=full), report, caller=caller(), agreement=agreement())
    )
    assert faults(problem) == [("/evidence", "too_long")]


def test_rescheduling_keeps_the_old_days_with_the_reason():
    first = move("reschedule", starts_on=TOMORROW, reason="Banjir")
    second = move("reschedule", starts_on=TODAY, ends_on=TOMORROW, reason="Jalan terbuka")
    after = stored("planned")
    for step in (first, second):
        after = rules.moved(after, step, caller=caller(), agreement=agreement())
    assert (after.starts_on, after.ends_on, after.state_reason) == (TODAY, TOMORROW, "Jalan terbuka")
    assert after.former_dates == (
        wire.FormerDates(starts_on=YESTERDAY, ends_on=YESTERDAY, reason="Banjir"),
        wire.FormerDates(starts_on=TOMORROW, ends_on=TOMORROW, reason="Jalan terbuka"),
    )


def test_a_plan_cannot_be_moved_to_end_before_it_starts():
    backwards = move("reschedule", starts_on=TOMORROW, ends_on=TODAY)
    problem = refusal(
        lambda: rules.moved(stored("planned"), backwards, caller=caller(), agreement=agreement())
    )
    assert problem.code == "validation_failed"
    assert faults(problem) == [("/ends_on", "end_before_start")]


def test_the_guards_of_rescheduling_look_at_the_new_days():
    announced = agreement(blocked_from=TODAY)
    problem = refusal(
        lambda: rules.moved(stored("planned"), move("reschedule"), caller=caller(), agreement=announced)
    )
    assert faults(problem) == [("/ends_on", "days_not_before_block")]


def test_a_plan_is_not_moved_more_often_than_a_reply_can_tell():
    days = {"starts_on": YESTERDAY, "ends_on": YESTERDAY, "reason": "Hujan"}
    restless = stored("planned", former_dates=[days] * MOST_FORMER_DATES)
    problem = refusal(
        lambda: rules.moved(restless, move("reschedule"), caller=caller(), agreement=agreement())
    )
    assert codes(problem) == ["rescheduled_too_often"]


@pytest.mark.parametrize(
    ("state", "action", "reported_by", "verified_by", "reason"),
    [
        ("held", "report", THEIRS, None, None),
        ("reported", "verify", OURS, THEIRS, None),
        ("reported", "return", None, None, "Menunggu hasil audit."),
        ("verified", "reopen", OURS, None, "Menunggu hasil audit."),
        ("planned", "cancel", None, None, "Menunggu hasil audit."),
    ],
)
def test_a_move_leaves_who_reported_who_verified_and_why(state, action, reported_by, verified_by, reason):
    actor = caller(Role.COORDINATOR, Role.APPROVER, organization=THEIRS)
    after = rules.moved(stored(state), move(action), caller=actor, agreement=agreement())
    assert (after.reported_by, after.verified_by, after.state_reason) == (reported_by, verified_by, reason)


def test_a_move_leaves_the_persons_who_reported_and_verified():
    reported = rules.moved(stored("held"), move("report"), caller=caller(), agreement=agreement())
    verified = rules.moved(
        reported, move("verify"), caller=caller(organization=THEIRS), agreement=agreement()
    )
    assert (verified.reporter_id, verified.verifier_id) == (PEOPLE[OURS], PEOPLE[THEIRS])


@pytest.mark.parametrize("action", ["verify", "return"])
def test_one_person_of_two_parties_does_not_check_the_own_report(action):
    hat = caller(organization=THEIRS, person=PEOPLE[OURS])
    problem = refusal(
        lambda: rules.moved(stored("reported"), move(action), caller=hat, agreement=agreement())
    )
    assert problem.code == "same_person"


def test_a_move_without_a_reason_keeps_the_last_one():
    returned = stored("held", state_reason="Foto kurang")
    after = rules.moved(returned, move("report"), caller=caller(), agreement=agreement())
    assert after.state_reason == "Foto kurang"


def test_a_move_makes_the_next_version():
    before = stored("planned", updated_at=NOW - timedelta(days=1))
    after = rules.moved(before, move("mark_held"), caller=caller(), agreement=agreement())
    assert (after.version, after.updated_at, after.created_at) == (8, NOW, before.created_at)


def test_a_returned_report_can_be_verified_by_the_party_that_reported_first():
    activity, terms = stored("reported"), agreement()
    theirs = caller(organization=THEIRS)
    for step, actor in ((move("return"), theirs), (move("report"), theirs), (move("verify"), caller())):
        activity = rules.moved(activity, step, caller=actor, agreement=terms)
    assert (activity.state, activity.reported_by, activity.verified_by) == ("verified", THEIRS, OURS)


def test_a_reply_carries_every_field_as_it_is_stored():
    activity = stored(
        "verified", participants=people(37), state_reason="Foto kurang", topics=["opentender.net"]
    )
    reply = msgspec.structs.asdict(rules.reply(activity, caller(), agreement=agreement()))
    # Who reported and verified in person is told by the history, to those who may read it.
    sent = set(activity.__struct_fields__) - {"reporter_id", "verifier_id"}
    expected = {name: value for name, value in msgspec.structs.asdict(activity).items() if name in sent}
    assert {name: reply[name] for name in sent} == expected


def test_a_reply_survives_the_wire():
    activity = stored("held", participants=people(37))
    reply = rules.reply(activity, caller(), agreement=agreement(ends_on=None, effective_from=TODAY))
    assert msgspec.json.decode(msgspec.json.encode(reply), type=wire.Activity) == reply


def test_replies_of_one_page_do_not_borrow_from_one_another():
    drafts = [stored(venue=None), stored(), stored(organizers=[])]
    unmet = [
        [item.code for item in rules.actions(draft, caller(), agreement=agreement())[0].unmet]
        for draft in drafts
    ]
    assert unmet == [["venue_required"], [], ["host_required"]]


def test_actions_are_told_in_the_language_of_the_caller():
    draft = stored(organizers=[])
    details = {
        language: rules.actions(draft, caller(language=language), agreement=agreement())[0].unmet[0].detail
        for language in Language
    }
    assert "tuan rumah" in details[Language.ID]
    assert "hosts" in details[Language.EN]


def test_a_party_that_may_only_verify_is_not_offered_to_edit():
    offered = rules.actions(stored("held"), caller(Role.REVIEWER), agreement=agreement())
    assert offered == ()
    assert rules.PERMISSIONS[ActivityAction.VERIFY] is Permission.ACTIVITY_VERIFY
