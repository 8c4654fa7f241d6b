from datetime import timedelta
from itertools import product

import msgspec
import pytest

from schema.vocabulary import AgreementPhase, Language, MilestoneAction, Permission, Role
from schema.wire import milestones as wire
from service.access.evidence import MOST_EVIDENCE
from service.kernel.problem import Problem
from service.milestones import edits, rules
from tests.activities.given import (
    NOW,
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
from tests.milestones.given import FAR, MILESTONE, STATES, body, move, patch, proposal, stored

# What the domain says of a milestone, written out by hand: nothing of it is read from the service.
ACTIONS = ["submit", "verify", "return", "replan", "waive", "cancel"]
ARROWS = {
    ("open", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "verify"): "met",
    ("submitted", "return"): "returned",
    ("open", "replan"): "open",
    ("returned", "replan"): "returned",
    ("open", "waive"): "waived",
    ("returned", "waive"): "waived",
    ("open", "cancel"): "cancelled",
    ("returned", "cancel"): "cancelled",
}
WHO = {
    "submit": {"coordinator"},
    "verify": {"coordinator", "reviewer", "approver"},
    "return": {"coordinator", "reviewer", "approver"},
    "replan": {"coordinator"},
    "waive": {"approver"},
    "cancel": {"coordinator"},
}
ROLES = ["viewer", "coordinator", "reviewer", "approver", "org_admin", "auditor", "platform_admin"]
STANDINGS = {"own": OURS, "other": THEIRS, "none": OUTSIDE}
NOT_OPEN = {"suspended", "blocked_by_parent", "terminated", "cancelled", "closed"}
PHASES = [phase.value for phase in AgreementPhase]


def expected(state, action, role, standing):
    if role not in WHO[action]:
        return "permission_missing"
    if standing == "none":
        return "not_a_party"
    if (state, action) not in ARROWS:
        return "transition_not_allowed"
    if action in {"verify", "return"} and standing == "own":
        return "same_party"
    if action == "submit" and standing == "other":
        return "guards_not_met"
    return ARROWS[state, action]


def outcome(milestone, action, role, standing):
    actor = caller(Role(role), organization=STANDINGS[standing])
    try:
        return rules.moved(milestone, move(action), caller=actor, agreement=agreement()).state
    except Problem as problem:
        return problem.code


def moved(milestone, *moves, by=None, **terms):
    """Gives the milestone after moves of one caller."""
    for each in moves:
        milestone = rules.moved(milestone, each, caller=by or caller(), agreement=agreement(**terms))
    return milestone


@pytest.mark.parametrize(
    ("state", "action", "role", "standing"), list(product(STATES, ACTIONS, ROLES, STANDINGS))
)
def test_a_move_is_carried_out_or_refused_as_the_domain_says(state, action, role, standing):
    wanted = expected(state, action, role, standing)
    # The first key of cancelling leaves the state as it is.
    wanted = state if wanted == "cancelled" else wanted
    assert outcome(stored(state), action, role, standing) == wanted


@pytest.mark.parametrize(("state", "role", "standing"), list(product(STATES, ROLES, STANDINGS)))
def test_actions_name_what_a_move_would_carry_out(state, role, standing):
    actor = caller(Role(role), organization=STANDINGS[standing])
    offered = {
        item.action: item.allowed for item in rules.actions(stored(state), actor, agreement=agreement())
    }
    outcomes = {action: expected(state, action, role, standing) for action in ACTIONS}
    refused_for_good = {"permission_missing", "not_a_party", "transition_not_allowed"}
    assert offered == {
        action: result not in {"same_party", "guards_not_met"}
        for action, result in outcomes.items()
        if result not in refused_for_good
    }


def test_every_action_needs_one_permission_in_every_state():
    for arrow in rules.LIFECYCLE.transitions:
        assert arrow.permissions == (rules.PERMISSIONS[MilestoneAction(arrow.action)],)
    assert set(rules.PERMISSIONS) == set(MilestoneAction)


# ------------------------------------------------------------------------------------------------ submitting


def test_a_submission_tells_all_that_is_wrong_at_once():
    bare = stored(evidence=[], owner_organization_id=THEIRS)
    problem = refusal(lambda: moved(bare, move("submit", achieved_on=TOMORROW)))
    assert problem.code == "guards_not_met"
    assert faults(problem) == [
        ("/owner_organization_id", "owner_submits"),
        ("/achieved_on", "day_in_future"),
        ("/evidence", "evidence_required"),
    ]


def test_evidence_is_on_record_or_comes_along_and_is_not_added_twice():
    on_record = stored().evidence
    submission = move("submit", evidence=[{"url": "https://example.org/spi"}, {"document_ref": "Map 12"}])
    assert moved(stored(), submission).evidence == (*on_record, wire.Evidence(document_ref="Map 12"))
    assert len(moved(stored(evidence=[]), submission).evidence) == 2


def test_evidence_that_points_to_nothing_is_refused():
    problem = refusal(lambda: moved(stored(), move("submit", evidence=[{"note": "Foto"}])))
    assert (problem.code, faults(problem)) == ("validation_failed", [("/evidence/0", "evidence_empty")])


def test_a_submission_cannot_bring_more_evidence_than_a_reply_holds():
    full = [{"document_ref": f"Map {number}"} for number in range(MOST_EVIDENCE)]
    submission = move("submit", evidence=[{"document_ref": "Satu lagi"}])
    problem = refusal(lambda: moved(stored(evidence=full), submission))
    assert faults(problem) == [("/evidence", "too_long")]


def test_a_submission_leaves_who_submitted_and_when_it_was_achieved():
    after = moved(stored(), move("submit"))
    assert (after.submitted_by, after.submitter_id, after.achieved_on) == (OURS, PEOPLE[OURS], TODAY)


def test_a_return_takes_the_submission_back_and_keeps_the_evidence():
    after = moved(stored("submitted"), move("return"), by=caller(organization=THEIRS))
    assert (after.submitted_by, after.submitter_id, after.achieved_on) == (None, None, None)
    assert (after.evidence, after.state_reason) == (stored().evidence, "Menunggu hasil audit.")


@pytest.mark.parametrize("action", ["verify", "return"])
def test_one_person_of_two_parties_does_not_check_the_own_submission(action):
    hat = caller(organization=THEIRS, person=PEOPLE[OURS])
    assert refusal(lambda: moved(stored("submitted"), move(action), by=hat)).code == "same_person"


def test_a_verification_leaves_who_verified():
    after = moved(stored("submitted"), move("verify"), by=caller(organization=THEIRS))
    assert (after.state, after.verified_by, after.verifier_id) == ("met", THEIRS, PEOPLE[THEIRS])


# ------------------------------------------------------------------------------------------------ replanning


def test_replanning_keeps_the_day_first_promised_and_shows_the_slip():
    later = FAR + timedelta(days=92)
    after = moved(stored(), move("replan", due_on=FAR + timedelta(days=40)), move("replan", due_on=later))
    reply = rules.reply(after, caller(), agreement=agreement())
    assert (reply.due_on, reply.baseline_due_on, reply.slip_days) == (later, FAR, 92)


def test_what_is_brought_forward_slips_backwards():
    after = moved(stored(), move("replan", due_on=FAR - timedelta(days=10)))
    assert rules.reply(after, caller(), agreement=agreement()).slip_days == -10


@pytest.mark.parametrize("phase", PHASES)
def test_what_is_replanned_or_promised_needs_an_open_agreement(phase):
    terms = agreement(phase=phase)
    attempts = (
        lambda: rules.moved(stored(), move("replan"), caller=caller(), agreement=terms),
        lambda: edits.created(body(), caller(), agreement=terms, id=MILESTONE),
    )
    for attempt in attempts:
        if phase in NOT_OPEN:
            problem = refusal(attempt)
            assert (problem.code, codes(problem)) == ("guards_not_met", ["agreement_not_open"])
            assert phase in problem.render(Language.ID, "test").errors[0].detail
        else:
            assert attempt().state == "open"


@pytest.mark.parametrize("phase", PHASES)
def test_what_was_promised_is_met_or_given_up_whatever_becomes_of_the_agreement(phase):
    submitted = moved(stored(), move("submit"), phase=phase)
    assert moved(submitted, move("verify"), by=caller(organization=THEIRS), phase=phase).state == "met"
    assert moved(stored(), move("waive"), by=caller(Role.APPROVER), phase=phase).state == "waived"


# ------------------------------------------------------------------------------------------------ cancelling


def test_cancelling_takes_two_keys_of_two_parties():
    first = moved(stored(), move("cancel", reason="Dobel."))
    assert first.state == "open"
    assert first.cancel_proposal == wire.CancelProposal(
        organization_id=OURS, user_id=PEOPLE[OURS], at=NOW, reason="Dobel."
    )
    second = moved(first, move("cancel"), by=caller(organization=THEIRS))
    assert (second.state, second.cancelled_by, second.canceller_id) == ("cancelled", THEIRS, PEOPLE[THEIRS])
    assert second.cancel_proposal == first.cancel_proposal


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (caller(), "cancel_needs_another_party"),
        (caller(person=PEOPLE[THEIRS]), "cancel_needs_another_party"),
        (caller(organization=THEIRS, person=PEOPLE[OURS]), "cancel_needs_another_person"),
    ],
    ids=["the same", "a colleague", "the same person with another hat"],
)
def test_both_keys_are_not_of_one_party_or_one_person(by, code):
    proposed = stored(cancel_proposal=proposal())
    problem = refusal(lambda: moved(proposed, move("cancel"), by=by))
    assert faults(problem) == [("/cancel_proposal", code)]
    offered = {each.action: each for each in rules.actions(proposed, by, agreement=agreement())}
    assert [each.code for each in offered["cancel"].unmet] == [code]


@pytest.mark.parametrize("action", ["submit", "replan", "waive"])
def test_every_other_move_clears_a_proposal_to_cancel(action):
    by = caller(Role.COORDINATOR, Role.APPROVER)
    assert moved(stored(cancel_proposal=proposal(THEIRS)), move(action), by=by).cancel_proposal is None


def test_an_edit_clears_a_proposal_to_cancel():
    proposed = stored(cancel_proposal=proposal(THEIRS))
    after = edits.updated(proposed, patch(title="Lain"), caller=caller(), agreement=agreement())
    assert after.cancel_proposal is None


# --------------------------------------------------------------------------------------- making and editing


def test_a_new_milestone_is_open_and_its_day_is_the_baseline():
    made = edits.created(body(client_ref="phone-1"), caller(), agreement=agreement(), id=MILESTONE)
    assert (made.state, made.version, made.due_on, made.baseline_due_on) == ("open", 1, FAR, FAR)
    assert (made.organization_id, made.client_ref, made.follows_series) == (OURS, "phone-1", False)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: edits.created(
            body(owner_organization_id=OUTSIDE), caller(), agreement=agreement(), id=MILESTONE
        ),
        lambda: edits.updated(
            stored(), patch(owner_organization_id=OUTSIDE), caller=caller(), agreement=agreement()
        ),
    ],
    ids=["created", "updated"],
)
def test_an_owner_is_a_party(attempt):
    assert faults(refusal(attempt)) == [("/owner_organization_id", "owner_no_party")]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("submitted", "milestone_submitted"),
        ("met", "milestone_is_final"),
        ("waived", "milestone_is_final"),
        ("cancelled", "milestone_is_final"),
    ],
)
def test_what_was_submitted_or_finished_is_not_edited(state, code):
    problem = refusal(
        lambda: edits.updated(stored(state), patch(title="Lain"), caller=caller(), agreement=agreement())
    )
    assert (problem.code, codes(problem)) == ("state_forbids_edit", [code])


def test_an_edit_changes_what_it_names_and_leaves_the_series():
    generated = stored(series_id=MILESTONE, occurrence_on=FAR, follows_series=True)
    after = edits.updated(generated, patch(title="Lain"), caller=caller(), agreement=agreement())
    assert (after.title, after.owner_organization_id, after.version) == ("Lain", OURS, 8)
    assert (after.series_id, after.follows_series) == (MILESTONE, False)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda areas: edits.created(body(**areas), caller(), agreement=agreement(), id=MILESTONE),
        lambda areas: edits.updated(stored(), patch(**areas), caller=caller(), agreement=agreement()),
    ],
    ids=["created", "updated"],
)
def test_an_area_is_named_once(attempt):
    assert attempt({"mcp_areas": ["perencanaan", "manajemen_asn"]}).mcp_areas[1] == "manajemen_asn"
    twice = refusal(lambda: attempt({"mcp_areas": ["perencanaan", "manajemen_asn", "perencanaan"]}))
    assert faults(twice) == [("/mcp_areas/2", "repeated")]


@pytest.mark.parametrize(
    ("role", "organization", "code"),
    [(Role.VIEWER, OURS, "permission_missing"), (Role.COORDINATOR, OUTSIDE, "not_a_party")],
)
def test_only_a_coordinator_of_a_party_makes_and_edits(role, organization, code):
    actor = caller(role, organization=organization)
    made = refusal(lambda: edits.created(body(), actor, agreement=agreement(), id=MILESTONE))
    edited = refusal(lambda: edits.updated(stored(), patch(), caller=actor, agreement=agreement()))
    assert (made.code, edited.code) == (code, code)


# ------------------------------------------------------------------------------------------------- replies


@pytest.mark.parametrize(
    ("due_on", "terms", "warned"),
    [
        ("2022-08-15", {}, []),
        ("2027-08-14", {}, []),
        ("2022-08-14", {}, ["due_outside_agreement"]),
        ("2027-08-15", {}, ["due_outside_agreement"]),
        ("2040-01-01", {"ends_on": None}, []),
        ("1950-01-01", {"effective_from": None}, []),
        ("2040-01-01", {"effective_from": None}, ["due_outside_agreement"]),
    ],
)
def test_a_due_day_outside_the_agreement_is_a_warning(due_on, terms, warned):
    for language in Language:
        reply = rules.reply(stored(due_on=due_on), caller(language=language), agreement=agreement(**terms))
        assert [each.code for each in reply.warnings] == warned


@pytest.mark.parametrize(
    ("due_on", "areas", "warned"),
    [
        ("2023-12-31", ["perizinan_ptsp", "manajemen_asn"], []),
        ("2024-01-01", ["perizinan_ptsp", "manajemen_asn"], ["area_of_other_years"]),
        ("2024-01-01", ["pelayanan_publik", "manajemen_asn"], []),
        ("2023-12-31", ["pelayanan_publik"], ["area_of_other_years"]),
        ("2024-01-01", [], []),
    ],
)
def test_an_area_of_other_years_is_a_warning(due_on, areas, warned):
    reply = rules.reply(stored(due_on=due_on, mcp_areas=areas), caller(), agreement=agreement())
    assert [each.code for each in reply.warnings] == warned


def test_a_reply_carries_every_field_as_it_is_stored():
    milestone = stored("met", state_reason="Foto kurang")
    reply = msgspec.structs.asdict(rules.reply(milestone, caller(), agreement=agreement()))
    # Who acted in person is told by the history, to those who may read it.
    sent = set(milestone.__struct_fields__) - {"submitter_id", "verifier_id", "canceller_id"}
    assert {name: reply[name] for name in sent} == {name: getattr(milestone, name) for name in sent}
    assert (reply["health"], reply["slip_days"]) == ("met", 0)


@pytest.mark.parametrize("state", STATES)
def test_a_reply_survives_the_wire(state):
    reply = rules.reply(stored(state), caller(), agreement=agreement(ends_on=None))
    assert msgspec.json.decode(msgspec.json.encode(reply), type=wire.Milestone) == reply


def test_replies_of_one_page_do_not_borrow_from_one_another():
    owners = [OURS, THEIRS, OURS]
    offered = [
        rules.actions(stored(owner_organization_id=owner), caller(), agreement=agreement())[0].allowed
        for owner in owners
    ]
    assert offered == [True, False, True]


def test_a_party_that_may_only_verify_is_not_offered_to_edit():
    assert rules.actions(stored(), caller(Role.REVIEWER), agreement=agreement()) == ()
    assert rules.PERMISSIONS[MilestoneAction.VERIFY] is Permission.MILESTONE_VERIFY
