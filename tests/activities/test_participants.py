import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.vocabulary import Language
from schema.wire.activities import ParticipantGroup, Participants
from service.activities.participants import implied, participant_faults, people_total
from service.activities.warnings import warnings
from tests.activities.given import OURS, THEIRS, TODAY, agreement, people, stored

KUPANG = people(
    37,
    {"organization_id": OURS, "total": 30},
    {"organization_id": THEIRS, "total": 4},
    {"group_label": "ICW", "total": 3},
)


def group(total=None, **values):
    return {"group_label": f"Kelompok {total} {values}", "total": total, **values}


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        (KUPANG, []),
        (people(), []),
        (people(0), []),
        (people(37), []),
        (people(None, group(30), group(4, male=1)), []),
        # Groups against the whole.
        (people(36, group(30), group(7, male=1)), ["/total groups_do_not_sum"]),
        (people(38, group(30), group(7, male=1)), ["/total groups_do_not_sum"]),
        (people(38, group(30), group()), []),
        (people(30, group(30), group()), []),
        (people(29, group(30), group()), ["/total groups_exceed_whole"]),
        (people(5, group(male=4, female=2)), ["/total groups_exceed_whole"]),
        (people(6, group(male=4, female=2)), []),
        (people(6, group(male=4, female=2, sex_unspecified=1)), ["/total groups_do_not_sum"]),
        (people(9, group(9, female=5), female=4), ["/female groups_do_not_sum"]),
        (people(9, group(5, female=5), group(4), female=4), ["/female groups_exceed_whole"]),
        (people(9, group(5, female=5), group(4), female=6), []),
        (people(9, group(9, under_30=5), under_30=6), ["/under_30 groups_do_not_sum"]),
        (people(9, group(9, with_disability=1), with_disability=1), []),
        # Sexes against the total.
        (people(9, male=4, female=4, sex_unspecified=1), []),
        (people(9, male=4, female=4, sex_unspecified=0), ["/total sexes_do_not_sum"]),
        (people(9, male=4, female=5, sex_unspecified=1), ["/total sexes_do_not_sum"]),
        (people(9, male=4, female=4), []),
        (people(9, male=10), ["/total sexes_exceed_total"]),
        (people(9, male=5, sex_unspecified=5), ["/total sexes_exceed_total"]),
        (people(None, male=5, female=5, sex_unspecified=1), []),
        (people(None, group(9), male=10), ["/total sexes_exceed_total"]),
        (people(None, group(1, male=1), female=1), ["/total sexes_exceed_total"]),
        (people(None, group(1, male=1), group(1), female=2), ["/total sexes_exceed_total"]),
        (people(None, group(1, male=1), group(1), female=1), []),
        (
            people(None, group(9), male=4, female=4, sex_unspecified=0),
            [
                "/total groups_do_not_sum",
            ],
        ),
        (people(9, group(9, male=4, female=4, sex_unspecified=0)), ["/groups/0/total sexes_do_not_sum"]),
        # Other splits against the total.
        (people(9, with_disability=9, under_30=9), []),
        (people(9, with_disability=10), ["/with_disability split_exceeds_total"]),
        (people(9, under_30=10), ["/under_30 split_exceeds_total"]),
        (people(None, under_30=10), []),
        (people(12, group(9, under_30=10), group()), ["/groups/0/under_30 split_exceeds_total"]),
        # Names of groups.
        (people(None, {"total": 1}), ["/groups/0 organization_or_label"]),
        (
            people(None, {"organization_id": OURS, "group_label": "Warga"}),
            ["/groups/0 organization_or_label"],
        ),
        (
            people(None, {"organization_id": OURS}, {"group_label": "Warga"}, {"organization_id": OURS}),
            ["/groups/2/organization_id repeated"],
        ),
        (
            people(None, {"group_label": "Warga"}, {"group_label": "Warga"}),
            ["/groups/1/group_label repeated"],
        ),
    ],
)
def test_counts_that_contradict_one_another_are_found(counts, found):
    faults = list(participant_faults(counts, at=""))
    assert [f"{fault.pointer} {fault.code}" for fault in faults] == found
    assert all(fault.detail(language) for fault in faults for language in Language)


counts = st.none() | st.integers(0, 6)
splits = dict.fromkeys(("total", "male", "female", "sex_unspecified", "with_disability", "under_30"), counts)
groups = st.builds(ParticipantGroup, group_label=st.sampled_from("ABC"), **splits)
reported = st.builds(Participants, groups=st.lists(groups, max_size=3).map(tuple), **splits)


def breaks_the_database(participants):
    """Says whether a constraint of the tables would refuse the counts; written after their text."""
    known = [item.total for item in participants.groups if item.total is not None]
    if participants.total is not None and participants.groups:
        whole = len(known) == len(participants.groups)
        if sum(known) > participants.total or (whole and sum(known) != participants.total):
            return True
    return any(_row_breaks(item) for item in (participants, *participants.groups))


def _row_breaks(row):
    sexes = [row.male, row.female, row.sex_unspecified]
    if row.total is None:
        return False
    if sum(count or 0 for count in sexes) > row.total:
        return True
    if None not in sexes and sum(sexes) != row.total:
        return True
    return max(row.with_disability or 0, row.under_30 or 0) > row.total


@given(reported)
def test_no_counts_pass_that_the_database_refuses(participants):
    if breaks_the_database(participants):
        assert list(participant_faults(participants, at=""))


@given(reported)
def test_what_follows_from_accepted_counts_is_within_the_total(participants):
    total = people_total(participants)
    if total is not None and not list(participant_faults(participants, at="")):
        assert (implied(participants, "male") or 0) + (implied(participants, "female") or 0) <= total


@pytest.mark.parametrize(
    ("participants", "total"),
    [
        (None, None),
        (people(), None),
        (people(0), 0),
        (KUPANG, 37),
        (people(None, group(30), group(7, male=1)), 37),
        (people(None, group(30), group()), None),
        (people(None, male=1, female=2, sex_unspecified=0), 3),
        (people(None, male=1, female=2), None),
        (people(51, unit="organizations"), None),
    ],
)
def test_the_number_of_people_is_reported_or_follows_from_what_was_reported(participants, total):
    assert people_total(participants) == total


@pytest.mark.parametrize(
    ("activity", "found"),
    [
        (stored(), []),
        (stored("planned"), []),
        (stored("held"), ["counts_unknown"]),
        (stored("reported"), ["counts_unknown"]),
        (stored("verified", participants=people()), ["counts_unknown"]),
        (stored("cancelled"), []),
        (stored("held", relation="related"), []),
        (stored("held", participants=people(51, unit="organizations")), ["counts_unknown"]),
        (stored("held", participants=KUPANG), ["counts_without_sex_split"]),
        (stored("held", participants=people(9, male=4)), ["counts_without_sex_split"]),
        (stored("held", participants=people(9, male=4, female=5)), []),
        (stored("held", participants=people(9, group(9, male=4, female=5))), []),
        (stored("held", participants=people(0)), []),
        (stored(region_code="99.01"), ["region_code_unknown"]),
        (stored(region_code="96"), []),
        (stored(region_code=None), []),
        (stored(starts_on="2022-08-14"), ["outside_agreement_dates"]),
        (stored(starts_on="2022-08-15"), []),
        (stored(ends_on="2027-08-14"), []),
        (stored(ends_on="2027-08-15"), ["outside_agreement_dates"]),
        (
            stored("held", starts_on="2020-01-01", region_code="10"),
            ["outside_agreement_dates", "counts_unknown", "region_code_unknown"],
        ),
    ],
)
def test_warnings_tell_what_is_worth_a_second_look(activity, found):
    for language in Language:
        told = warnings(activity, agreement(), language=language)
        assert [warning.code for warning in told] == found
        assert all(warning.detail and warning.pointer for warning in told)


def test_days_are_not_outside_what_nobody_knows():
    activity = stored(starts_on="2001-01-01", ends_on="2101-01-01")
    facts = agreement(effective_from=None, ends_on=None)
    assert warnings(activity, facts, language=Language.ID) == ()


def test_an_unknown_end_is_told_as_such():
    activity = stored(starts_on=TODAY, ends_on=TODAY)
    facts = agreement(effective_from="2026-04-01", ends_on=None)
    (warning,) = warnings(activity, facts, language=Language.EN)
    assert "(2026-04-01 to …)" in warning.detail
