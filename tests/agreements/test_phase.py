"""Where an agreement stands on a day, and the facts worth a second look."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.vocabulary import AgreementPhase, AgreementState, DateSource, Language
from schema.wire.agreements import Signatory
from service.access.standing import counted_from, notice_on, phase_of
from service.agreements.phase import accepted, warnings
from service.kernel.period import FIRST_DAY, LAST_DAY
from tests.agreements.given import OTHER, OWN, TODAY, agreement, on_paper, parent, party, pks

S, P = AgreementState, AgreementPhase

START, END = date(2022, 8, 15), date(2027, 8, 14)
NOTICE = date(2027, 5, 14)
ONE_DAY = timedelta(days=1)
SIGNED = agreement(S.SIGNED)
UNDATED: dict[str, Any] = {"effective_from": None, "ends_on": None}


@pytest.mark.parametrize("state", [S.DRAFT, S.IN_DISCUSSION, S.READY_TO_SIGN])
@pytest.mark.parametrize("today", [START - ONE_DAY, TODAY, END + ONE_DAY])
def test_what_is_not_signed_is_in_preparation_whatever_the_day(state, today):
    assert phase_of(agreement(state), today) is P.PREPARATION


@pytest.mark.parametrize(
    ("stored", "today", "stands"),
    [
        (SIGNED, START - ONE_DAY, P.UPCOMING),
        (SIGNED, START, P.ACTIVE),
        (SIGNED, NOTICE - ONE_DAY, P.ACTIVE),
        (SIGNED, NOTICE, P.EXPIRING),
        (SIGNED, END, P.EXPIRING),
        (SIGNED, END + ONE_DAY, P.EXPIRED),
        (replace(SIGNED, notice_months=0), END - ONE_DAY, P.ACTIVE),
        (replace(SIGNED, notice_months=0), END, P.EXPIRING),
        (replace(SIGNED, notice_months=60), START - ONE_DAY, P.UPCOMING),
        (agreement(S.SIGNED, **UNDATED), date(1950, 1, 1), P.ACTIVE),
        (agreement(S.SIGNED, effective_from=None), END + ONE_DAY, P.EXPIRED),
        (agreement(S.SIGNED, ends_on=None), date(2100, 1, 1), P.ACTIVE),
        (agreement(S.SUSPENDED), END + ONE_DAY, P.SUSPENDED),
        (agreement(S.CANCELLED), TODAY, P.CANCELLED),
        (agreement(S.CLOSED), END + ONE_DAY, P.CLOSED),
        (agreement(S.TERMINATED, terminated_on=TODAY), TODAY, P.TERMINATED),
        (agreement(S.TERMINATED, terminated_on=TODAY), TODAY - ONE_DAY, P.ACTIVE),
        (agreement(S.TERMINATED, terminated_on=END), NOTICE, P.EXPIRING),
        (agreement(S.TERMINATED, terminated_on=TODAY, suspended_on=START), TODAY - ONE_DAY, P.SUSPENDED),
        (agreement(S.TERMINATED, terminated_on=TODAY, suspended_on=START), TODAY, P.TERMINATED),
    ],
)
def test_the_phase_follows_from_the_state_and_the_day(stored, today, stands):
    assert phase_of(stored, today) is stands


FREE = pks(S.SIGNED, **UNDATED)
SURVIVOR = replace(FREE, survives_parent=True)


@pytest.mark.parametrize(
    ("stored", "mou", "today", "stands"),
    [
        (FREE, parent(), TODAY, P.ACTIVE),
        (FREE, parent(), START - ONE_DAY, P.UPCOMING),
        (FREE, parent(state=S.SUSPENDED), TODAY, P.BLOCKED_BY_PARENT),
        (FREE, parent(state=S.SUSPENDED), START - ONE_DAY, P.BLOCKED_BY_PARENT),
        (FREE, parent(state=S.TERMINATED, terminated_on=TODAY), TODAY, P.BLOCKED_BY_PARENT),
        (FREE, parent(state=S.TERMINATED, terminated_on=TODAY), TODAY - ONE_DAY, P.ACTIVE),
        (
            FREE,
            parent(state=S.TERMINATED, terminated_on=TODAY, suspended_on=START),
            TODAY - ONE_DAY,
            P.BLOCKED_BY_PARENT,
        ),
        (FREE, parent(), END, P.ACTIVE),
        (FREE, parent(), END + ONE_DAY, P.BLOCKED_BY_PARENT),
        (FREE, parent(state=S.CLOSED), END + ONE_DAY, P.BLOCKED_BY_PARENT),
        (FREE, parent(state=S.IN_DISCUSSION), END + ONE_DAY, P.ACTIVE),
        (FREE, parent(state=S.CANCELLED), TODAY, P.ACTIVE),
        (SURVIVOR, parent(), END + ONE_DAY, P.ACTIVE),
        (SURVIVOR, parent(state=S.CLOSED), END + ONE_DAY, P.ACTIVE),
        (SURVIVOR, parent(state=S.SUSPENDED), TODAY, P.BLOCKED_BY_PARENT),
        (SURVIVOR, parent(state=S.TERMINATED, terminated_on=TODAY), TODAY, P.BLOCKED_BY_PARENT),
        (replace(FREE, ends_on=TODAY), parent(state=S.SUSPENDED), TODAY + ONE_DAY, P.EXPIRED),
        (replace(FREE, state=S.DRAFT), parent(state=S.SUSPENDED), TODAY, P.PREPARATION),
        (replace(FREE, state=S.CLOSED), parent(state=S.SUSPENDED), TODAY, P.CLOSED),
        (replace(FREE, effective_from=TODAY), parent(), TODAY - ONE_DAY, P.UPCOMING),
    ],
)
def test_a_signed_pks_is_blocked_while_its_mou_is_out_of_force(stored, mou, today, stands):
    assert phase_of(replace(stored, parent=mou), today) is stands


@settings(max_examples=200, deadline=None)
@given(st.dates(FIRST_DAY, LAST_DAY), st.integers(0, 30_000), st.integers(0, 60), st.data())
def test_the_calendar_moves_a_signed_agreement_forward_only(start, length, months, data):
    end = min(LAST_DAY.toordinal(), start.toordinal() + length)
    stored = replace(SIGNED, effective_from=start, ends_on=date.fromordinal(end), notice_months=months)
    order = [P.UPCOMING, P.ACTIVE, P.EXPIRING, P.EXPIRED]
    days = sorted(data.draw(st.lists(st.dates(FIRST_DAY, LAST_DAY), min_size=2, max_size=6)))
    stands = [order.index(phase_of(stored, day)) for day in days]
    assert stands == sorted(stands)


@pytest.mark.parametrize(
    ("stored", "first"),
    [
        (SIGNED, NOTICE),
        (replace(SIGNED, ends_on=date(2024, 5, 31)), date(2024, 2, 29)),
        (replace(SIGNED, ends_on=None), None),
        (replace(SIGNED, ends_on=date(1945, 2, 1)), FIRST_DAY),
    ],
)
def test_the_notice_window_opens_whole_months_before_the_end(stored, first):
    assert notice_on(stored) == first


@pytest.mark.parametrize(
    ("stored", "counted"),
    [
        (pks(effective_from=TODAY), (TODAY, DateSource.OWN)),
        (pks(effective_from=None), (START, DateSource.PARENT)),
        (pks(effective_from=None, parent=parent(effective_from=None)), (None, DateSource.UNKNOWN)),
        (agreement(effective_from=None), (None, DateSource.UNKNOWN)),
    ],
)
def test_years_are_counted_from_its_own_first_day_else_from_its_parents(stored, counted):
    assert counted_from(stored) == counted


@pytest.mark.parametrize(
    ("versions", "all_accepted"), [((2, 2), True), ((2, None), False), ((2, 1), False), ((None, None), False)]
)
def test_an_acceptance_counts_for_the_terms_as_they_stand(versions, all_accepted):
    parties = tuple(party(OWN, at, accepted_terms_version=one) for at, one in enumerate(versions, 1))
    assert accepted(agreement(parties=parties)) is all_accepted


def said(stored, today=TODAY):
    read = [warnings(stored, today, language=language) for language in Language]
    assert [one.pointer for one in read[0]] == [one.pointer for one in read[1]]
    assert all(one.detail != other.detail for one, other in zip(*read, strict=True))
    return [(one.pointer, one.code) for one in read[0]]


MAYOR = Signatory(name="Jefirstson R. Riwu Kore", title="Wali Kota Kupang")
KNOWN = tuple(
    party(one, at, document_number=f"415.4/{at}", signatory=MAYOR) for at, one in enumerate((OWN, OTHER), 1)
)
COMPLETE = agreement(S.SIGNED, signed_on=START, parties=KNOWN)
STORED_ELSEWHERE = ("/document_ref", "document_not_stored")


def test_what_is_known_of_a_signed_agreement_raises_no_warning_but_that_the_paper_is_elsewhere():
    assert said(COMPLETE) == [STORED_ELSEWHERE]


def test_a_draft_is_not_blamed_for_what_is_still_unknown():
    assert said(agreement(**UNDATED)) == []
    assert said(agreement(S.CANCELLED, **UNDATED)) == []


def test_every_fact_missing_on_an_old_paper_is_a_warning():
    assert said(on_paper(parties=(party(OWN, 1),))) == [
        ("/signed_on", "signing_day_unknown"),
        ("/effective_from", "effective_day_unknown"),
        ("/ends_on", "end_day_unknown"),
        STORED_ELSEWHERE,
        ("/parties", "second_party_unknown"),
        ("/parties/0/document_number", "document_number_unknown"),
        ("/parties/0/signatory", "signatory_unknown"),
    ]


@pytest.mark.parametrize(
    ("stored", "today", "doubt"),
    [
        (pks(parent_id=None, parent=None), TODAY, ("/parent_id", "pks_without_parent")),
        (pks(effective_from=TODAY, ends_on=END + ONE_DAY), TODAY, ("/ends_on", "pks_longer_than_parent")),
        (
            pks(effective_from=TODAY, ends_on=END + ONE_DAY, survives_parent=True),
            TODAY,
            ("/ends_on", "pks_longer_than_parent"),
        ),
        (pks(ends_on=None, open_ended=True), TODAY, ("/ends_on", "pks_longer_than_parent")),
        (pks(effective_from=START - ONE_DAY, ends_on=TODAY), TODAY, ("/effective_from", "pks_before_parent")),
        (agreement(ends_on=END + ONE_DAY), TODAY, ("/ends_on", "longer_than_five_years")),
        (agreement(**UNDATED, duration_years=6), TODAY, ("/ends_on", "longer_than_five_years")),
        (agreement(region_code="99.71"), TODAY, ("/region_code", "region_code_unknown")),
        (COMPLETE, NOTICE + ONE_DAY, ("/ends_on", "notice_day_passed")),
        (COMPLETE, END, ("/ends_on", "notice_day_passed")),
        (
            pks(parties=KNOWN, unit_ids=frozenset({OTHER})),
            TODAY,
            ("/parties/1/power_of_attorney", "no_power_of_attorney"),
        ),
    ],
)
def test_an_unusual_fact_is_a_warning(stored, today, doubt):
    assert [one for one in said(stored, today) if one != STORED_ELSEWHERE] == [doubt]


@pytest.mark.parametrize(
    ("stored", "today"),
    [
        (pks(), TODAY),
        (pks(parent=parent(effective_from=None, ends_on=None)), TODAY),
        (agreement(), TODAY),
        (agreement(**UNDATED, duration_years=5), TODAY),
        (agreement(effective_from=date(2197, 1, 1), ends_on=LAST_DAY), TODAY),
        (agreement(region_code=None), TODAY),
        (agreement(region_code="96"), TODAY),
        (agreement(), END),
        (COMPLETE, NOTICE),
        (COMPLETE, END + ONE_DAY),
        (agreement(S.SUSPENDED, signed_on=START, parties=KNOWN), END),
        (agreement(parties=KNOWN, unit_ids=frozenset({OTHER})), TODAY),
        (pks(parties=KNOWN), TODAY),
        (pks(unit_ids=frozenset({OTHER})), TODAY),
        (
            pks(
                parties=(party(OWN, 1, signatory=MAYOR, power_of_attorney="SK 1"),), unit_ids=frozenset({OWN})
            ),
            TODAY,
        ),
    ],
)
def test_a_usual_fact_is_not(stored, today):
    assert [one for one in said(stored, today) if one != STORED_ELSEWHERE] == []


def test_a_pks_that_is_only_known_to_be_under_an_mou_that_ends_is_not_said_to_outlive_it():
    codes = {code for _, code in said(on_paper(kind=pks().kind, parent_id=pks().parent_id, parent=parent()))}
    assert not codes & {"pks_without_parent", "pks_longer_than_parent", "pks_before_parent"}


def test_a_warning_says_what_it_is_about_in_the_language_asked_for():
    (warning,) = [one for one in warnings(COMPLETE, END, language=Language.EN) if one.pointer == "/ends_on"]
    assert warning.detail == "The notice day (2027-05-14) has passed; the agreement ends on 2027-08-14."
