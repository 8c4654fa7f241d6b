from datetime import date
from itertools import product

import pytest

from schema.vocabulary import ActivityKind, AgreementPhase, Language, Role
from schema.wire import activities as wire
from service.activities import edits
from service.activities.warnings import warnings
from service.kernel.problem import Problem
from tests.activities.given import (
    ACTIVITY,
    NOW,
    OURS,
    OUTSIDE,
    PERSON,
    STATES,
    THEIRS,
    TODAY,
    TOMORROW,
    YESTERDAY,
    agreement,
    body,
    caller,
    codes,
    faults,
    patch,
    people,
    refusal,
    stored,
    suspended,
)

BLOCKED = ["suspended", "blocked_by_parent", "terminated"]
PHASES = [phase.value for phase in AgreementPhase]
# Of each initial state, the phases in which an activity of yesterday may be made; written out by hand.
ACCEPTED = {
    "draft": {"preparation", "upcoming", "active", "expiring", "expired"},
    "planned": {"upcoming", "active", "expiring"},
    "held": {"upcoming", "active", "expiring", "expired", "blocked_by_parent"},
    "reported": {"upcoming", "active", "expiring", "expired", "blocked_by_parent"},
}


def create(facts=None, actor=None, **values):
    return edits.created(body(**values), actor or caller(), agreement=facts or agreement(), id=ACTIVITY)


def update(activity, **values):
    return edits.updated(activity, patch(**values), caller=caller(), agreement=agreement())


def test_a_new_activity_is_the_first_version_of_its_organization():
    activity = create(state="held", client_ref="phone-7-000123")
    assert (activity.id, activity.version, activity.created_at) == (ACTIVITY, 1, NOW)
    assert (activity.organization_id, activity.created_by) == (OURS, PERSON)
    assert (activity.ends_on, activity.client_ref) == (YESTERDAY, "phone-7-000123")
    assert (activity.reported_by, activity.verified_by) == (None, None)


def test_what_is_created_as_reported_was_reported_by_its_organization():
    assert create(state="reported").reported_by == OURS


@pytest.mark.parametrize("state", ["verified", "cancelled"])
def test_an_activity_does_not_begin_as_verified_or_cancelled(state):
    problem = refusal(lambda: create(state=state))
    assert (problem.code, faults(problem)) == ("validation_failed", [("/state", "not_allowed")])
    assert "draft, planned, held, reported" in problem.render(Language.EN, "test").errors[0].detail


@pytest.mark.parametrize(("state", "phase"), list(product(ACCEPTED, PHASES)))
def test_the_phase_of_the_agreement_says_what_can_be_made(state, phase):
    # A phase of blocked without a day of blocking is that of a parent that expired.
    facts = agreement(
        phase=phase,
        signed=phase not in {"preparation", "cancelled"},
        blocked_from=YESTERDAY if phase in {"suspended", "terminated"} else None,
    )
    if phase in ACCEPTED[state]:
        assert create(facts, state=state).state == state
    else:
        problem = refusal(lambda: create(facts, state=state))
        assert problem.code == "guards_not_met"
        assert codes(problem)[0] == "agreement_not_in_force"
        assert phase in problem.render(Language.EN, "test").errors[0].detail


@pytest.mark.parametrize(("phase", "state"), list(product(BLOCKED, ["held", "reported"])))
def test_what_took_place_before_the_suspension_can_still_be_logged(phase, state):
    before = date(2026, 2, 27)
    assert create(suspended(phase=phase), state=state, starts_on=before).state == state


@pytest.mark.parametrize(("phase", "state"), list(product(BLOCKED, ["draft", "planned", "held", "reported"])))
def test_nothing_is_logged_from_the_day_of_the_suspension_on(phase, state):
    problem = refusal(
        lambda: create(suspended(phase=phase), state=state, starts_on=date(2026, 2, 27), ends_on=YESTERDAY)
    )
    assert "agreement_not_in_force" in codes(problem)


@pytest.mark.parametrize("state", ["held", "reported"])
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "stopped"),
    [
        (TODAY, TODAY, []),
        (TODAY, TOMORROW, ["day_in_future"]),
        (TOMORROW, TOMORROW, ["day_in_future"]),
    ],
)
def test_an_activity_of_the_past_is_over(state, starts_on, ends_on, stopped):
    try:
        found = [] if create(state=state, starts_on=starts_on, ends_on=ends_on) else None
    except Problem as problem:
        found = codes(problem)
    assert found == stopped


def test_an_activity_outside_the_dates_of_its_agreement_is_logged_with_a_warning_only():
    assert create(state="held", starts_on=date(2020, 1, 1)).state == "held"
    assert create(agreement(phase="expired", ends_on=date(2025, 1, 1)), state="held").state == "held"


def test_an_area_is_named_once():
    problem = refusal(lambda: create(state="held", mcp_areas=["perencanaan", "perencanaan"]))
    assert (problem.code, faults(problem)) == ("validation_failed", [("/mcp_areas/1", "repeated")])


@pytest.mark.parametrize(
    ("starts_on", "areas", "warned"),
    [
        (date(2023, 12, 31), ["perizinan_ptsp"], []),
        (date(2024, 1, 1), ["perizinan_ptsp", "perencanaan"], ["area_of_other_years"]),
        (date(2024, 1, 1), ["perencanaan"], []),
    ],
)
def test_an_area_of_other_years_is_a_warning(starts_on, areas, warned):
    held = create(state="held", starts_on=starts_on, mcp_areas=areas)
    found = [each.code for each in warnings(held, agreement(), language=Language.EN)]
    assert [code for code in found if code.startswith("area")] == warned


def test_what_is_created_as_reported_has_evidence():
    problem = refusal(lambda: create(state="reported", evidence=[]))
    assert (problem.code, codes(problem)) == ("guards_not_met", ["evidence_required"])


def test_a_held_activity_is_logged_with_as_little_as_is_known():
    assert create(state="held", venue=None, organizers=[], evidence=[]).participants is None


def test_a_plan_is_created_with_a_place_and_a_host():
    problem = refusal(lambda: create(state="planned", venue=None, organizers=[]))
    assert (problem.code, codes(problem)) == ("guards_not_met", ["venue_required", "host_required"])


@pytest.mark.parametrize("state", ["draft", "planned"])
def test_participants_are_counted_once_it_took_place(state):
    problem = refusal(lambda: create(state=state, participants=people(37)))
    assert (problem.code, faults(problem)) == (
        "validation_failed",
        [("/participants", "participants_before_held")],
    )


def test_all_hard_errors_are_told_at_once():
    problem = refusal(
        lambda: create(
            state="verified",
            starts_on=TODAY,
            ends_on=YESTERDAY,
            also_kinds=["bimtek", "fgd", "fgd"],
            organizers=[{"organization_id": OURS, "role": "host"}] * 2,
            evidence=[{"note": "Foto"}],
            participants=people(37, {"organization_id": OURS, "total": 30}),
        )
    )
    assert faults(problem) == [
        ("/state", "not_allowed"),
        ("/ends_on", "end_before_start"),
        ("/also_kinds/0", "repeated"),
        ("/also_kinds/2", "repeated"),
        ("/organizers/1", "repeated"),
        ("/evidence/0", "evidence_empty"),
        ("/participants/total", "groups_do_not_sum"),
    ]


def test_an_organization_may_have_several_roles():
    organizers = [{"organization_id": OUTSIDE, "role": role} for role in ("host", "speaker")]
    assert len(create(organizers=organizers).organizers) == 2


@pytest.mark.parametrize(
    ("role", "organization", "code"),
    [
        (Role.VIEWER, OURS, "permission_missing"),
        (Role.APPROVER, OURS, "permission_missing"),
        (Role.VIEWER, OUTSIDE, "permission_missing"),
        (Role.COORDINATOR, OUTSIDE, "not_a_party"),
    ],
)
def test_only_a_coordinator_of_a_party_makes_edits_counts_and_deletes(role, organization, code):
    actor, draft, held = caller(role, organization=organization), stored(), stored("held")
    calls = [
        lambda: create(actor=actor),
        lambda: edits.updated(draft, patch(title="Lain"), caller=actor, agreement=agreement()),
        lambda: edits.with_participants(held, people(1), caller=actor, agreement=agreement()),
        lambda: edits.demand_deletable(draft, actor, agreement=agreement()),
    ]
    assert [refusal(call).code for call in calls] == [code] * 4


@pytest.mark.parametrize("state", ["draft", "planned", "held"])
def test_any_party_edits_what_is_not_reported_yet(state):
    actor = caller(organization=THEIRS)
    change = patch(title="Bimtek lanjutan", outcome="SOP disusun", region_code=None)
    after = edits.updated(stored(state), change, caller=actor, agreement=agreement())
    assert (after.title, after.outcome, after.region_code) == ("Bimtek lanjutan", "SOP disusun", None)
    assert (after.state, after.version, after.updated_at) == (state, 8, NOW)
    assert (after.venue, after.organization_id) == ("Kristal Hotel, Kupang", OURS)


@pytest.mark.parametrize(
    ("state", "hint", "action"),
    [
        ("reported", "return_first", "return"),
        ("verified", "reopen_first", "reopen"),
        ("cancelled", "cancelled_is_final", "dibatalkan"),
    ],
)
def test_what_is_reported_is_edited_only_after_a_move(state, hint, action):
    activity = stored(state)
    for call in (
        lambda: update(activity, title="Lain"),
        lambda: edits.with_participants(activity, people(1), caller=caller(), agreement=agreement()),
    ):
        problem = refusal(call)
        assert (problem.code, codes(problem)) == ("state_forbids_edit", [hint])
        assert action in problem.render(Language.ID, "test").errors[0].detail


def test_the_days_of_a_plan_move_by_rescheduling_only():
    problem = refusal(lambda: update(stored("planned"), starts_on=YESTERDAY, ends_on=TODAY))
    assert (problem.code, codes(problem)) == ("state_forbids_edit", ["use_reschedule"])


def test_the_days_of_a_plan_may_be_sent_back_unchanged():
    assert update(stored("planned"), starts_on=YESTERDAY, title="Lain").title == "Lain"


def test_the_days_of_a_draft_can_be_edited():
    after = update(stored(), starts_on=TODAY, ends_on=TOMORROW)
    assert (after.starts_on, after.ends_on, after.former_dates) == (TODAY, TOMORROW, ())


def test_a_plan_stays_a_plan_when_it_is_edited():
    problem = refusal(lambda: update(stored("planned"), mode="hybrid", organizers=[]))
    assert problem.code == "state_forbids_edit"
    assert codes(problem) == ["online_url_required", "host_required"]


def test_the_days_of_a_held_activity_are_corrected_within_the_past():
    assert update(stored("held"), starts_on=date(2026, 2, 1)).starts_on == date(2026, 2, 1)
    problem = refusal(lambda: update(stored("held"), starts_on=TOMORROW, ends_on=TOMORROW))
    assert (problem.code, codes(problem)) == ("state_forbids_edit", ["day_in_future"])


def test_the_days_of_a_held_activity_are_not_moved_behind_a_suspension():
    activity = stored("held", starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 1))
    problem = refusal(
        lambda: edits.updated(activity, patch(ends_on=TODAY), caller=caller(), agreement=suspended())
    )
    assert codes(problem) == ["agreement_not_in_force", "days_not_before_block"]


def test_other_facts_of_a_held_activity_are_corrected_under_a_suspension():
    after = edits.updated(stored("held"), patch(title="Lain"), caller=caller(), agreement=suspended())
    assert after.title == "Lain"


def test_an_edit_is_checked_together_with_what_it_leaves_alone():
    problem = refusal(lambda: update(stored(also_kinds=["fgd"]), kind="fgd", ends_on=date(2020, 1, 1)))
    assert problem.code == "validation_failed"
    assert faults(problem) == [("/ends_on", "end_before_start"), ("/also_kinds/0", "repeated")]


def test_an_edit_of_a_draft_brings_no_participants():
    problem = refusal(lambda: update(stored(), participants=people(37)))
    assert (problem.code, codes(problem)) == ("state_forbids_edit", ["participants_before_held"])


def test_counts_are_put_in_their_place_as_a_whole():
    activity = stored("held", participants=people(37, {"organization_id": OURS, "total": 37}))
    counts = people(None, {"group_label": "Warga", "female": 4})
    after = edits.with_participants(activity, counts, caller=caller(), agreement=agreement())
    assert (after.participants, after.version) == (counts, 8)


def test_counts_that_contradict_one_another_are_pointed_out_in_the_body():
    counts = people(37, {"organization_id": OURS, "total": 3, "male": 4})
    problem = refusal(
        lambda: edits.with_participants(stored("held"), counts, caller=caller(), agreement=agreement())
    )
    assert faults(problem) == [("/groups/0/total", "sexes_exceed_total"), ("/total", "groups_do_not_sum")]


@pytest.mark.parametrize("state", ["draft", "planned"])
def test_counts_wait_until_it_took_place(state):
    problem = refusal(
        lambda: edits.with_participants(stored(state), people(1), caller=caller(), agreement=agreement())
    )
    assert (problem.code, codes(problem)) == ("state_forbids_edit", ["participants_before_held"])


@pytest.mark.parametrize("state", STATES)
def test_only_a_draft_is_deleted(state):
    def attempt():
        edits.demand_deletable(stored(state), caller(), agreement=agreement())

    if state == "draft":
        attempt()
    else:
        problem = refusal(attempt)
        assert (problem.code, codes(problem)) == ("state_forbids_edit", ["not_a_draft"])


def test_a_draft_is_deleted_by_the_party_that_logged_it():
    theirs = caller(organization=THEIRS)
    problem = refusal(lambda: edits.demand_deletable(stored(), theirs, agreement=agreement()))
    assert (problem.code, codes(problem)) == ("guards_not_met", ["logged_by_another"])


def test_every_field_of_an_activity_can_be_created_and_edited_but_for_what_moves_it():
    created = set(wire.CreateActivity.__struct_fields__)
    edited = set(wire.UpdateActivity.__struct_fields__)
    assert created - edited == {"agreement_id", "state", "client_ref"}
    assert edited < set(stored().__struct_fields__)
    assert create(kind=ActivityKind.FGD).kind is ActivityKind.FGD
