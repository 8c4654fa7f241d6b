"""Editing an agreement and its parties, and deleting a draft."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.vocabulary import AccessReason, AgreementState, Precision, Visibility
from schema.wire import agreements as wire
from service.agreements.faults import Around
from service.agreements.phase import Stored
from service.agreements.terms import (
    demand_deletable,
    updated,
    with_party,
    without_party,
)
from service.kernel.problem import Problem
from tests.agreements.given import (
    ABOVE,
    AGREEMENT_ID,
    BESIDE,
    CREATOR,
    FUTURE,
    OTHER,
    OWN,
    PARENT_ID,
    PAST,
    RENEWED_ID,
    THIRD,
    agreement,
    caller,
    members,
    on_paper,
    parent,
    party,
    pks,
    proposal,
    refused,
)

S = AgreementState


def edit(stored: Stored, body: dict[str, Any], *, by: UUID = OWN, around: Around = BESIDE) -> Stored:
    sent = msgspec.convert(body, wire.UpdateAgreement)
    return updated(stored, sent, caller=caller(by), around=around)


ACCEPTED = (party(OWN, 1, accepted_terms_version=2), party(OTHER, 2))


def test_an_edit_raises_the_terms_and_clears_acceptances_and_the_proposal():
    stored = agreement(S.IN_DISCUSSION, parties=ACCEPTED, close_proposal=proposal())
    after = edit(stored, {"title": "Baru"}, by=OTHER)
    assert (after.title, after.version, after.terms_version, after.close_proposal) == ("Baru", 8, 3, None)
    assert [one.accepted_terms_version for one in after.parties] == [None, None]
    assert after.state is S.IN_DISCUSSION


def test_an_edit_that_changes_nothing_leaves_acceptances_and_terms():
    stored = agreement(S.IN_DISCUSSION, parties=ACCEPTED, close_proposal=proposal())
    same = [{"organization_id": one.organization_id, "position": one.position} for one in ACCEPTED]
    for body in ({}, {"title": stored.title, "parties": same}):
        assert edit(stored, body) == replace(stored, version=8)


def test_absent_stays_and_null_clears():
    stored = agreement(objective="Tujuan", printed_title="MoU", region_code="53.71")
    after = edit(stored, {"objective": None})
    assert (after.objective, after.printed_title, after.region_code) == (None, "MoU", "53.71")


SAID = agreement(ends_on=date(2025, 1, 1), ends_on_is_derived=False, duration_years=None)


@pytest.mark.parametrize(
    ("stored", "body", "end", "derived"),
    [
        (agreement(), {"effective_from": "2023-01-01"}, date(2027, 12, 31), True),
        (agreement(), {"duration_years": 1}, date(2023, 8, 14), True),
        (agreement(), {"effective_from": None}, None, False),
        (agreement(), {"duration_years": None}, None, False),
        (agreement(), {"duration_years": None, "open_ended": True}, None, False),
        (agreement(), {"duration_years": None, "ends_on": "2030-01-01"}, date(2030, 1, 1), False),
        (
            agreement(effective_from=None, ends_on=None),
            {"effective_from": "2023-01-01"},
            date(2027, 12, 31),
            True,
        ),
        (SAID, {"effective_from": "2023-01-01"}, date(2025, 1, 1), False),
        (SAID, {"ends_on": None, "duration_years": 1}, date(2023, 8, 14), True),
        (SAID, {"ends_on": None}, None, False),
        (agreement(), {"ends_on": None}, date(2027, 8, 14), True),
        (agreement(), {"title": "Baru"}, date(2027, 8, 14), True),
    ],
)
def test_a_derived_end_follows_its_start_and_years_and_a_stated_one_stays(stored, body, end, derived):
    after = edit(stored, body)
    assert (after.ends_on, after.ends_on_is_derived) == (end, derived)


@pytest.mark.parametrize(
    ("stored", "body", "faults"),
    [
        (SAID, {"effective_from": "2025-01-02"}, [("/ends_on", "end_before_start")]),
        (SAID, {"duration_years": 5}, [("/duration_years", "duration_disagrees")]),
        (agreement(), {"ends_on": "2027-08-15"}, [("/duration_years", "duration_disagrees")]),
        (agreement(), {"open_ended": True}, [("/duration_years", "open_and_ending")]),
        (agreement(), {"effective_from": "2199-01-01"}, [("/duration_years", "end_out_of_calendar")]),
        (agreement(), {"parent_id": PARENT_ID}, [("/parent_id", "parent_not_allowed")]),
        (pks(), {"parent_id": AGREEMENT_ID}, [("/parent_id", "agreement_unknown")]),
        (agreement(), {"renews_id": AGREEMENT_ID}, [("/renews_id", "renews_itself")]),
        (agreement(), {"signed_on": PAST}, [("/signed_on", "only_from_paper")]),
        (
            agreement(),
            {"parties": [{**members(OWN)[0], "signatory": {"name": "A", "title": "B", "signed_on": FUTURE}}]},
            [("/parties/0/signatory/signed_on", "signing_day_in_future")],
        ),
        (
            agreement(),
            {"parties": members(OWN, THIRD, OWN)},
            [
                ("/parties/1/organization_id", "organization_unknown"),
                ("/parties/2/organization_id", "repeated"),
            ],
        ),
    ],
)
def test_an_edit_is_held_to_the_same_rules_as_a_new_agreement(stored, body, faults):
    assert refused("validation_failed", edit, stored, body) == faults


def test_a_pks_can_be_put_under_another_mou_or_under_none():
    other = parent(id=RENEWED_ID, version=9)
    assert edit(pks(), {"parent_id": RENEWED_ID}, around=Around(parent=other)).parent == other
    after = edit(pks(), {"parent_id": None})
    assert (after.parent_id, after.parent) == (None, None)


def test_an_edit_keeps_the_parent_that_it_does_not_name():
    assert edit(pks(), {"title": "Baru"}, around=Around()).parent == parent()


EDITORS = [
    (agreement(), OWN, None),
    (agreement(), OTHER, None),
    (agreement(created_by_organization_id=CREATOR), CREATOR, None),
    (agreement(S.IN_DISCUSSION, created_by_organization_id=CREATOR), CREATOR, "not_a_party"),
    (agreement(S.IN_DISCUSSION), OTHER, None),
    (agreement(access=AccessReason.ABOVE), ABOVE, "not_a_party"),
    (agreement(access=None), ABOVE, "not_a_party"),
    (agreement(S.READY_TO_SIGN), OWN, "state_forbids_edit"),
    (agreement(S.SIGNED), OWN, "state_forbids_edit"),
    (on_paper(), OTHER, None),
    (on_paper(created_by_organization_id=CREATOR), CREATOR, "not_a_party"),
    (replace(on_paper(), state=S.SUSPENDED), OWN, "state_forbids_edit"),
    (agreement(S.SUSPENDED), OWN, "state_forbids_edit"),
    (agreement(S.TERMINATED), OWN, "state_forbids_edit"),
    (agreement(S.CANCELLED), OWN, "state_forbids_edit"),
    (agreement(S.CLOSED), OWN, "state_forbids_edit"),
]


@pytest.mark.parametrize(("stored", "by", "code"), EDITORS)
def test_terms_and_parties_are_edited_by_the_parties_until_they_are_accepted(stored, by, code):
    who, put = caller(by), wire.PutParty(position=9)
    for act in (
        lambda: edit(stored, {"title": "Baru"}, by=by),
        lambda: with_party(stored, CREATOR, put=put, caller=who, around=BESIDE),
    ):
        if code is None:
            assert act().terms_version == stored.terms_version + 1
        else:
            refused(code, act)


def test_what_is_ready_to_sign_says_that_unlock_comes_first():
    assert refused("state_forbids_edit", edit, agreement(S.READY_TO_SIGN), {"visibility": "public"}) == [
        ("", "unlock_first")
    ]
    assert refused("state_forbids_edit", edit, agreement(S.CANCELLED), {"source_note": "x"}) == [
        ("", "cancelled_stays")
    ]


@pytest.mark.parametrize("state", [S.SIGNED, S.SUSPENDED, S.TERMINATED, S.CLOSED])
def test_once_signed_only_what_is_no_term_changes_and_nobody_has_to_accept_again(state):
    stored = agreement(state, parties=ACCEPTED, close_proposal=proposal())
    body = {"visibility": "public", "source_note": "Berita", "notice_months": 6}
    after = edit(stored, body)
    assert (after.visibility, after.source_note, after.notice_months) == (Visibility.PUBLIC, "Berita", 6)
    assert (after.parties, after.terms_version, after.close_proposal) == (ACCEPTED, 2, None)
    assert refused("state_forbids_edit", edit, stored, {**body, "title": "x", "scope": []}) == [
        ("/title", "signed_terms_stay"),
        ("/scope", "signed_terms_stay"),
    ]


def test_a_record_of_the_past_is_completed_as_facts_become_known():
    parties = [{**one, "document_number": "415.4/12"} for one in members(OWN, OTHER, CREATOR)]
    body = {
        "effective_from": "2022-08-15",
        "duration_years": 5,
        "parties": parties,
        "signed_on": "2022-08-15",
        "signed_not_after": None,
        "document_ref": "Map 1",
    }
    after = edit(on_paper(), body)
    assert (after.signed_on, after.signed_on_precision) == (date(2022, 8, 15), Precision.DAY)
    assert (after.ends_on, after.document_ref, after.terms_version) == (date(2027, 8, 14), "Map 1", 3)
    assert [one.document_number for one in after.parties] == ["415.4/12"] * 3
    assert after.state is S.SIGNED


@pytest.mark.parametrize(
    ("body", "precision"),
    [
        ({"title": "Baru"}, Precision.NOT_AFTER),
        ({"signed_not_after": None}, Precision.UNKNOWN),
        ({"signed_on_precision": None}, Precision.NOT_AFTER),
        (
            {"signed_on": "2022-08-01", "signed_on_precision": "month", "signed_not_after": None},
            Precision.MONTH,
        ),
    ],
)
def test_the_precision_of_a_signing_day_is_what_is_said_or_meant(body, precision):
    assert edit(on_paper(), body).signed_on_precision is precision


def test_no_party_leaves_a_signed_record_of_the_past():
    assert refused("validation_failed", edit, on_paper(), {"parties": members(OWN, CREATOR)}) == [
        ("/parties", "party_stays")
    ]
    faults = refused("validation_failed", without_party, on_paper(), OTHER, caller=caller())
    assert faults == [("/parties", "party_stays")]


def test_a_party_is_added_in_its_place_or_replaced_whole():
    stored = agreement(S.IN_DISCUSSION, parties=(party(OWN, 2, label="A"), party(OTHER, 3, label="B")))
    who = caller(OTHER)
    added = with_party(stored, CREATOR, put=wire.PutParty(position=1), caller=who, around=BESIDE)
    assert [one.organization_id for one in added.parties] == [CREATOR, OWN, OTHER]
    replaced = with_party(added, OWN, put=wire.PutParty(position=2), caller=who, around=BESIDE)
    assert replaced.parties[1] == party(OWN, 2)
    assert (replaced.version, replaced.terms_version) == (9, 4)


def test_a_party_is_not_put_in_the_place_of_another_nor_said_to_sign_on_a_day_to_come():
    put = wire.PutParty(position=2, signatory=wire.Signatory(name="A", title="B", signed_on=FUTURE))
    faults = refused(
        "validation_failed", with_party, agreement(), OWN, put=put, caller=caller(), around=BESIDE
    )
    assert faults == [("/position", "position_taken"), ("/signatory/signed_on", "signing_day_in_future")]


def test_an_organization_that_nobody_knows_is_not_found():
    put = wire.PutParty(position=3)
    refused("not_found", with_party, agreement(), THIRD, put=put, caller=caller(), around=BESIDE)
    refused("not_found", without_party, agreement(), THIRD, caller=caller())


def test_a_party_leaves_and_the_others_accept_again():
    stored = agreement(S.IN_DISCUSSION, parties=(*ACCEPTED, party(CREATOR, 3)))
    after = without_party(stored, OTHER, caller=caller(CREATOR))
    assert after.parties == (party(OWN, 1), party(CREATOR, 3))
    assert after.terms_version == 3


def test_the_last_party_stays():
    alone = agreement(parties=(party(OWN, 1),))
    assert refused("validation_failed", without_party, alone, OWN, caller=caller()) == [("", "last_party")]


@pytest.mark.parametrize(
    ("stored", "by", "code"),
    [
        (agreement(), OTHER, None),
        (agreement(created_by_organization_id=CREATOR), CREATOR, None),
        (agreement(), ABOVE, "not_a_party"),
        *((agreement(state), OWN, "state_forbids_edit") for state in S if state is not S.DRAFT),
    ],
)
def test_only_a_draft_is_deleted_and_by_whom_may_edit_it(stored, by, code):
    if code is None:
        demand_deletable(stored, caller(by))
    else:
        refused(code, demand_deletable, stored, caller(by))


dates = st.none() | st.dates(date(1945, 1, 1), date(2199, 12, 31))
bodies = st.fixed_dictionaries(
    {},
    optional={
        "effective_from": dates,
        "ends_on": dates,
        "duration_years": st.none() | st.integers(1, 50),
        "open_ended": st.booleans(),
    },
)


@settings(max_examples=200, deadline=None)
@given(bodies, st.sampled_from([agreement(), SAID, agreement(effective_from=None, ends_on=None)]))
def test_whatever_dates_are_sent_what_is_kept_agrees_with_itself(body, stored):
    try:
        after = edit(stored, body)
    except Problem:
        return
    assert not (after.open_ended and (after.ends_on or after.duration_years))
    assert not (after.effective_from and after.ends_on) or after.effective_from <= after.ends_on
    assert after.ends_on is not None or not after.ends_on_is_derived
    assert after.ends_on is not None or not (after.effective_from and after.duration_years)
