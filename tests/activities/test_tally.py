from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.vocabulary import ActivityKind, ActivityState, ParticipantUnit, Relation
from schema.wire.activities import ParticipantGroup, Participants
from schema.wire.summary import AgreementSummary, KeyCount
from service.access.figures import summary
from service.access.tallies import NOBODY, ActivityTally, AttendanceTally, Contribution
from service.activities.participants import participant_faults
from service.activities.tally import contribution, difference, year_of
from tests.activities.given import AGREEMENT, OURS, OUTSIDE, THEIRS, TODAY, agreement, people, stored

JOINT, ANY = frozenset({Relation.JOINT}), frozenset(Relation)
KUPANG = people(
    37,
    {"organization_id": OURS, "total": 30},
    {"organization_id": THEIRS, "total": 4},
    {"organization_id": OUTSIDE, "total": 3},
)


def attended(state="held", participants=None, **values):
    """Gives the attendance rows of an activity without its relation, keyed by who they are about."""
    rows = contribution(stored(state, participants=participants, **values), 1).attendance
    return {row.group_label or row.organization_id: msgspec.structs.astuple(row)[3:] for row in rows}


def summed(*activities, relations=JOINT, year=1):
    """Gives the summary of these activities."""
    parts = [contribution(activity, year) for activity in activities]
    tallies = Contribution(
        tuple(row for part in parts for row in part.activities),
        tuple(row for part in parts for row in part.attendance),
    )
    return summary(AGREEMENT, tallies, as_of=TODAY, relations=relations)


def keyed(counted):
    return {item.key: item.count for item in counted}


@pytest.mark.parametrize("state", list(ActivityState))
def test_every_activity_counts_once_in_its_state(state):
    assert contribution(stored(state), 2).activities == (
        ActivityTally(Relation.JOINT, 2, ActivityKind.BIMTEK, state, 1),
    )


@pytest.mark.parametrize("state", ["draft", "planned", "cancelled"])
def test_nobody_attends_what_did_not_take_place(state):
    assert attended(state, participants=KUPANG) == {}


@pytest.mark.parametrize("state", ["held", "reported", "verified"])
def test_the_bimtek_of_kupang_counts_for_the_whole_and_for_each_organization(state):
    assert attended(state, participants=KUPANG) == {
        NOBODY: (1, 0, 37, 0, 0, 0, 0),
        OURS: (1, 0, 30, 0, 0, 0, 0),
        THEIRS: (1, 0, 4, 0, 0, 0, 0),
        OUTSIDE: (1, 0, 3, 0, 0, 0, 0),
    }


@pytest.mark.parametrize(
    ("participants", "rows"),
    [
        (None, {NOBODY: (1, 1, 0, 0, 0, 0, 0)}),
        (people(), {NOBODY: (1, 1, 0, 0, 0, 0, 0)}),
        (people(0), {NOBODY: (1, 0, 0, 0, 0, 0, 0)}),
        (people(9, male=0), {NOBODY: (1, 0, 9, 0, 1, 0, 0)}),
        (people(9, male=4, female=5), {NOBODY: (1, 0, 9, 4, 1, 5, 1)}),
        (people(None, male=4, female=5, sex_unspecified=1), {NOBODY: (1, 0, 10, 4, 1, 5, 1)}),
        # Sexes without a total would make more people known by sex than there are.
        (people(None, male=4), {NOBODY: (1, 1, 0, 0, 0, 0, 0)}),
        # Counts of organizations are not attendances.
        (
            people(51, {"organization_id": OURS, "total": 1}, unit="organizations"),
            {NOBODY: (1, 1, 0, 0, 0, 0, 0)},
        ),
        # The whole follows from its groups when all of them are known.
        (
            people(
                None, {"group_label": "Warga", "total": 5, "female": 2}, {"organization_id": OURS, "total": 4}
            ),
            {NOBODY: (1, 0, 9, 0, 0, 0, 0), "Warga": (1, 0, 5, 0, 0, 2, 1), OURS: (1, 0, 4, 0, 0, 0, 0)},
        ),
        (
            people(None, {"group_label": "Warga", "total": 5}, {"organization_id": OURS}),
            {NOBODY: (1, 1, 0, 0, 0, 0, 0), "Warga": (1, 0, 5, 0, 0, 0, 0), OURS: (1, 1, 0, 0, 0, 0, 0)},
        ),
    ],
)
def test_what_is_unknown_is_counted_as_unknown(participants, rows):
    assert attended(participants=participants) == rows


@pytest.mark.parametrize(
    ("starts_on", "effective_from", "year"),
    [
        ("2022-08-14", "2022-08-15", 0),
        ("2022-08-15", "2022-08-15", 1),
        ("2023-08-14", "2022-08-15", 1),
        ("2023-08-15", "2022-08-15", 2),
        ("2029-01-01", "2022-08-15", 7),
        ("2023-08-15", None, 0),
    ],
)
def test_an_activity_counts_in_the_agreement_year_it_began_in(starts_on, effective_from, year):
    activity = stored(starts_on=starts_on, ends_on="2030-01-01")
    assert year_of(activity, agreement(effective_from=effective_from, ends_on=date(2027, 8, 14))) == year


def test_a_change_that_changes_no_figure_makes_no_row():
    before = contribution(stored("held", participants=KUPANG), 1)
    after = contribution(stored("held", participants=KUPANG, title="Lain"), 1)
    assert difference(before, after) == Contribution()


def test_a_report_moves_the_activity_and_leaves_its_attendance():
    before, after = (contribution(stored(state, participants=KUPANG), 1) for state in ("held", "reported"))
    assert difference(before, after) == Contribution(
        (
            ActivityTally(Relation.JOINT, 1, ActivityKind.BIMTEK, ActivityState.HELD, -1),
            ActivityTally(Relation.JOINT, 1, ActivityKind.BIMTEK, ActivityState.REPORTED, 1),
        )
    )


def test_a_correction_of_one_group_touches_it_and_the_whole():
    corrected = people(38, {"organization_id": OURS, "total": 31}, *msgspec.to_builtins(KUPANG.groups[1:]))
    before = contribution(stored("held", participants=KUPANG), 1)
    after = contribution(stored("held", participants=corrected), 1)
    assert difference(before, after).attendance == (
        AttendanceTally(Relation.JOINT, NOBODY, "", 0, 0, 1, 0, 0, 0, 0),
        AttendanceTally(Relation.JOINT, OURS, "", 0, 0, 1, 0, 0, 0, 0),
    )


_count = st.none() | st.integers(0, 9)
_splits = {"total": _count, "male": _count, "female": _count, "sex_unspecified": _count}
_groups = st.builds(ParticipantGroup, organization_id=st.sampled_from([OURS, THEIRS]), **_splits) | st.builds(
    ParticipantGroup, group_label=st.sampled_from(["Warga", "Pers"]), **_splits
)
_participants = st.builds(
    Participants,
    unit=st.sampled_from(ParticipantUnit),
    groups=st.lists(_groups, max_size=2).map(tuple),
    **_splits,
).filter(lambda counts: not list(participant_faults(counts, at="")))
_activities = st.builds(
    stored,
    st.sampled_from([state.value for state in ActivityState]),
    relation=st.sampled_from(Relation),
    kind=st.sampled_from([ActivityKind.BIMTEK, ActivityKind.FGD]),
    participants=st.none() | _participants,
)
# A history: which of three activities changes, into what (None: it is deleted), and its agreement year.
_histories = st.lists(
    st.tuples(st.integers(0, 2), st.none() | _activities, st.sampled_from([0, 1, 2])), max_size=12
)


def played(history):
    """Gives the tallies that the differences of a history add up to, and the activities that are left."""
    tallies, living = {}, {}
    for number, activity, year in history:
        before = living.pop(number, None)
        if activity is not None:
            living[number] = contribution(activity, year), activity, year
        step = difference(before and before[0], living.get(number) and living[number][0])
        assert [rows == tuple(sorted(rows, key=key_of)) for rows in step] == [True, True]
        for row in (*step.activities, *step.attendance):
            assert any(counts_of(row))
            old = tallies.get(key_of(row), (0,) * len(counts_of(row)))
            tallies[key_of(row)] = tuple(a + b for a, b in zip(old, counts_of(row), strict=True))
            assert min(tallies[key_of(row)]) >= 0
    return {key: counts for key, counts in tallies.items() if any(counts)}, living.values()


def key_of(row):
    return msgspec.structs.astuple(row)[: 4 if isinstance(row, ActivityTally) else 3]


def counts_of(row):
    return msgspec.structs.astuple(row)[4 if isinstance(row, ActivityTally) else 3 :]


@given(_histories)
def test_differences_always_add_up_to_the_tallies_of_what_is_left(history):
    tallies, living = played(history)
    aggregate = {}
    for part, _, _ in living:
        for row in (*part.activities, *part.attendance):
            old = aggregate.get(key_of(row), (0,) * len(counts_of(row)))
            aggregate[key_of(row)] = tuple(a + b for a, b in zip(old, counts_of(row), strict=True))
    assert tallies == {key: counts for key, counts in aggregate.items() if any(counts)}


@given(st.lists(_activities, max_size=4))
def test_a_summary_says_what_a_count_by_hand_says(activities):
    told = summed(*activities)
    joint = [activity for activity in activities if activity.relation == "joint"]
    took_place = [item for item in joint if item.state in {"held", "reported", "verified"}]
    known = [total for item in took_place if (total := by_hand(item.participants)) is not None]
    assert told.activities.total == len(joint)
    assert keyed(told.activities.by_state) == {
        state: n for state in ActivityState if (n := sum(item.state == state for item in joint))
    }
    assert told.attendance.unknown_total_activities == len(took_place) - len(known)
    assert told.attendance.total == (sum(known) if known or not took_place else None)
    for row in (told.attendance, *told.attendance.by_organization):
        parts = (row.male or 0) + (row.female or 0) + (row.sex_unspecified or 0)
        assert row.total is None or (row.total == parts and (row.sex_unspecified or 0) >= 0)


def by_hand(counts):
    """Gives how many people came, or None: as stated of the whole, else of all groups together."""
    if counts is None or counts.unit == "organizations":
        return None
    of_groups = [stated(group) for group in counts.groups] or [None]
    return stated(counts) if stated(counts) is not None else together(of_groups)


def stated(counts):
    """Gives a total as reported, else all sexes together."""
    if counts.total is not None:
        return counts.total
    return together([counts.male, counts.female, counts.sex_unspecified])


def together(parts):
    """Gives a sum, or None when a part of it is unknown."""
    return None if None in parts else sum(parts)


def test_a_summary_counts_activities_by_kind_state_and_agreement_year():
    tallies = Contribution(
        (
            ActivityTally(Relation.JOINT, 10, ActivityKind.FGD, ActivityState.DRAFT, 1),
            ActivityTally(Relation.JOINT, 2, ActivityKind.FGD, ActivityState.VERIFIED, 2),
            ActivityTally(Relation.JOINT, 0, ActivityKind.BIMTEK, ActivityState.VERIFIED, 3),
            ActivityTally(Relation.JOINT, 1, ActivityKind.STUDY, ActivityState.HELD, 0),
            ActivityTally(Relation.RELATED, 1, ActivityKind.STUDY, ActivityState.HELD, 4),
        )
    )
    told = summary(AGREEMENT, tallies, as_of=TODAY, relations=JOINT)
    assert told.activities.total == 6
    assert told.activities.by_kind == (KeyCount(key="bimtek", count=3), KeyCount(key="fgd", count=3))
    assert told.activities.by_state == (KeyCount(key="draft", count=1), KeyCount(key="verified", count=5))
    assert told.activities.by_agreement_year == (
        KeyCount(key="unknown", count=3),
        KeyCount(key="2", count=2),
        KeyCount(key="10", count=1),
    )
    assert summary(AGREEMENT, tallies, as_of=TODAY, relations=ANY).activities.total == 10


def test_a_summary_says_who_came_and_how_much_is_unknown():
    told = summed(
        stored("verified", participants=KUPANG),
        stored(
            "held",
            participants=people(
                10, {"organization_id": OURS, "total": 6, "female": 2}, {"group_label": "Warga"}
            ),
        ),
        stored("held"),
    )
    assert (told.attendance.total, told.attendance.unknown_total_activities) == (47, 1)
    assert [
        (row.organization_id, row.group_label, row.total, row.male, row.female, row.sex_unspecified)
        for row in told.attendance.by_organization
    ] == [
        (OURS, None, 36, None, 2, 34),
        (THEIRS, None, 4, None, None, 4),
        (OUTSIDE, None, 3, None, None, 3),
        (None, "Warga", None, None, None, None),
    ]
    assert [(row.activities, row.unknown_total_activities) for row in told.attendance.by_organization] == [
        (2, 0),
        (1, 0),
        (1, 0),
        (1, 1),
    ]


def test_nobody_came_to_no_activities_but_an_unknown_number_to_uncounted_ones():
    assert summed().attendance.total == 0
    assert summed(stored("planned")).attendance.total == 0
    assert summed(stored("held")).attendance.total is None


def test_context_events_are_counted_only_when_asked_for():
    event = stored("held", relation="related", participants=people(37))
    assert (summed(event).activities.total, summed(event).attendance.total) == (0, 0)
    asked = summed(event, stored("held", participants=people(3)), relations=ANY)
    assert (asked.activities.total, asked.attendance.total) == (2, 40)


def test_a_summary_survives_the_wire():
    told = summed(stored("held", participants=KUPANG), stored("draft"))
    assert msgspec.json.decode(msgspec.json.encode(told), type=AgreementSummary) == told
