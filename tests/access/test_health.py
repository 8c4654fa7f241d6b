"""How a milestone stands, by hand and as a law of the calendar."""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.vocabulary import MilestoneHealth, MilestoneState
from service.access.health import health_of

DUE = date(2026, 6, 30)
S, H = MilestoneState, MilestoneHealth


class Promised(NamedTuple):
    state: MilestoneState = S.OPEN
    due_on: date = DUE
    baseline_due_on: date = DUE
    achieved_on: date | None = None


def before(days: int) -> date:
    return DUE - timedelta(days=days)


@pytest.mark.parametrize(
    ("promised", "today", "stands"),
    [
        (Promised(), before(31), H.NOT_STARTED),
        (Promised(), before(30), H.DUE_SOON),
        (Promised(), before(8), H.DUE_SOON),
        (Promised(), before(7), H.AT_RISK),
        (Promised(), before(0), H.AT_RISK),
        (Promised(), before(-1), H.LATE),
        (Promised(baseline_due_on=before(100)), before(100), H.NOT_STARTED),
        (Promised(baseline_due_on=before(100)), before(99), H.AT_RISK),
        (Promised(S.RETURNED), before(100), H.DUE_SOON),
        (Promised(S.RETURNED), before(7), H.AT_RISK),
        (Promised(S.RETURNED), before(-1), H.LATE),
        (Promised(S.SUBMITTED, achieved_on=before(200)), before(200), H.DUE_SOON),
        (Promised(S.SUBMITTED, achieved_on=before(0)), before(0), H.DUE_SOON),
        (Promised(S.SUBMITTED, achieved_on=before(0)), before(-1), H.AT_RISK),
        (Promised(S.SUBMITTED, achieved_on=before(-1)), before(-1), H.LATE),
        (Promised(S.MET, achieved_on=before(0)), before(-500), H.MET),
        (Promised(S.MET, achieved_on=before(-1)), before(-500), H.MET_LATE),
        (Promised(S.WAIVED), before(-1), None),
        (Promised(S.CANCELLED), before(100), None),
    ],
)
def test_the_health_follows_from_the_state_and_the_days(promised, today, stands):
    assert health_of(promised, today) is stands


DAYS = st.dates(date(1945, 1, 1), date(2199, 12, 31))
WORSE = [H.NOT_STARTED, H.DUE_SOON, H.AT_RISK, H.LATE]


@settings(max_examples=200, deadline=None)
@given(DAYS, DAYS, st.lists(DAYS, min_size=2, max_size=6), st.sampled_from([S.OPEN, S.RETURNED]))
def test_what_is_owed_only_gets_worse_as_days_pass(due_on, baseline, days, state):
    promised = Promised(state, due_on, baseline)
    stands = [WORSE.index(health_of(promised, day) or H.MET) for day in sorted(days)]
    assert stands == sorted(stands)


@settings(max_examples=100, deadline=None)
@given(DAYS, DAYS, DAYS, DAYS)
def test_what_was_met_stays_as_it_was_met(due_on, achieved_on, today, other):
    promised = Promised(S.MET, due_on, due_on, achieved_on)
    assert health_of(promised, today) is health_of(promised, other)
