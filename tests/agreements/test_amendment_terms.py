"""Proposing an amendment and editing it: what it may say, and what it makes of the agreement."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.vocabulary import AgreementState, AmendmentState, Role
from schema.wire import amendments as wire
from service.agreements.amendment_diff import differences
from service.agreements.amendment_records import StoredAmendment, amended
from service.agreements.amendment_terms import Amendable, edited, merged, proposed
from service.agreements.faults import Around
from service.agreements.phase import Stored
from tests.agreements.amendment_given import AMENDMENT_ID, NEW_END, acceptance, amendment, base, changes
from tests.agreements.given import (
    ABOVE,
    BESIDE,
    FUTURE,
    NOW,
    OTHER,
    OWN,
    THIRD,
    caller,
    members,
    on_paper,
    party,
    refused,
)

S = AmendmentState
ENDLESS = base(ends_on=None, ends_on_is_derived=False, duration_years=None, open_ended=True)
NUMBERED = base(parties=(party(OWN, 1, document_number="415.4/12"), party(OTHER, 2, label="PIHAK KEDUA")))


def propose(body: dict[str, Any], agreement: Stored | None = None, **values: Any) -> StoredAmendment:
    found = Amendable(
        agreement=base() if agreement is None else agreement,
        next_sequence=values.get("sequence", 3),
        open_sequence=values.get("open"),
    )
    sent = msgspec.convert({"kinds": ["other"], **body}, wire.CreateAmendment)
    by = values.get("by", caller())
    return proposed(found, sent, caller=by, id=AMENDMENT_ID, around=values.get("around", Around()))


def edit(stored: StoredAmendment, body: dict[str, Any], **values: Any) -> StoredAmendment:
    return edited(
        stored,
        msgspec.convert(body, wire.UpdateAmendment),
        agreement=values.get("agreement", base()),
        caller=values.get("by", caller(OTHER)),
        around=Around(),
    )


# -------------------------------------------------------------------------------------------------- proposing


def test_a_proposal_is_put_before_all_parties_at_once_with_the_next_number():
    made = propose({"kinds": ["extension"], "title": "Perpanjangan", "changes": {"ends_on": "2030-08-14"}})
    assert (made.sequence, made.version, made.state, made.title) == (3, 1, S.IN_DISCUSSION, "Perpanjangan")
    assert (made.organization_id, made.created_by, made.acceptances) == (OWN, UUID(int=101), ())
    assert (made.terms_version, made.base_terms_version) == (1, 2)


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (caller(OWN, Role.VIEWER), "permission_missing"),
        (caller(OWN, Role.APPROVER), "permission_missing"),
        (caller(ABOVE), "not_a_party"),
        (caller(THIRD), "not_a_party"),
    ],
)
def test_a_coordinator_of_a_party_proposes_and_edits(by, code):
    assert refused(code, propose, {"changes": {"title": "Baru"}}, by=by) == []
    assert refused(code, edit, amendment(), {"title": "Baru"}, by=by) == []


@pytest.mark.parametrize("state", [each for each in AgreementState if each != AgreementState.SIGNED])
def test_only_a_signed_agreement_is_amended(state):
    faults = refused("guards_not_met", propose, {"changes": {"title": "Baru"}}, base(state))
    assert faults == [("/agreement_id", "agreement_not_signed")]


def test_while_one_is_open_no_other_is_proposed():
    assert refused("amendment_open", propose, {"changes": {"title": "Baru"}}, open=2) == []


KNOWN = {"title": "Pemantauan bersama pengadaan barang dan jasa", "scope": ["pemantauan partisipatif"]}


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"changes": {}}, [("/changes", "nothing_proposed")]),
        ({"changes": KNOWN}, [("/changes", "nothing_proposed")]),
        ({"changes": {"ends_on": "2022-08-14"}}, [("/changes/ends_on", "end_before_start")]),
        (
            {"changes": {"ends_on": "2030-08-14", "open_ended": True}},
            [("/changes/ends_on", "open_and_ending")],
        ),
        ({"changes": {"effective_from": "2199-01-01"}}, [("/changes", "end_out_of_calendar")]),
        (
            {"changes": {"title": "Baru", "parties": [*members(OWN, OTHER), *members(OWN)]}},
            [("/changes/parties/2/organization_id", "repeated"), ("/changes/parties/2/position", "repeated")],
        ),
        (
            {"changes": {"parties": members(OWN, OTHER, THIRD)}},
            [("/changes/parties/2/organization_id", "organization_unknown")],
        ),
        (
            {
                "changes": {
                    "parties": [
                        {
                            **members(OWN)[0],
                            "signatory": {"name": "A", "title": "B", "signed_on": str(FUTURE)},
                        },
                        {"organization_id": OTHER, "position": 2},
                    ]
                }
            },
            [("/changes/parties/0/signatory/signed_on", "signing_day_in_future")],
        ),
    ],
)
def test_a_proposal_is_validated_like_the_agreement_itself(body, faults):
    assert refused("validation_failed", propose, body, around=BESIDE) == faults


SIGNATORY = {"name": "Christian Widodo", "title": "Wali Kota Kupang"}
NEW_SIGNATORY = [{**members(OWN)[0], "signatory": SIGNATORY}, {"organization_id": OTHER, "position": 2}]


@pytest.mark.parametrize(
    ("kinds", "given", "faults"),
    [
        (["extension"], {"ends_on": "2027-08-15"}, []),
        (["extension"], {"open_ended": True}, []),
        (["extension"], {"ends_on": "2027-08-13"}, ["kind_without_change", "change_without_kind"]),
        (["correction"], {"ends_on": "2027-08-13"}, []),
        (["scope"], {"scope": ["a"]}, []),
        (["scope"], {"objective": "Kajian"}, []),
        (["scope"], {"scope": ["a"], "ends_on": "2030-08-14"}, ["change_without_kind"]),
        (["scope", "extension"], {"scope": ["a"], "ends_on": "2030-08-14"}, []),
        (["scope", "scope"], {"scope": ["a"]}, ["repeated"]),
        (["parties"], {"parties": members(OWN, OTHER, ABOVE)}, []),
        (["parties"], {"parties": members(OTHER, OWN)}, []),
        (["parties"], {"parties": NEW_SIGNATORY}, ["kind_without_change", "change_without_kind"]),
        (["signatory"], {"parties": NEW_SIGNATORY}, []),
        (["extension", "other"], {"title": "Baru"}, ["kind_without_change"]),
        (["parties"], {"title": "Baru"}, ["kind_without_change", "change_without_kind"]),
        (["other"], {"title": "Baru", "parties": NEW_SIGNATORY, "scope": ["a"]}, []),
    ],
)
def test_what_its_kinds_say_is_what_it_does(kinds, given, faults):
    body = {"kinds": kinds, "changes": given}
    if not faults:
        assert propose(body).kinds == tuple(kinds)
        return
    found = [code for _, code in refused("validation_failed", propose, body)]
    assert list(dict.fromkeys(found)) == faults


def test_an_end_where_none_was_known_is_an_extension():
    unknown = on_paper(effective_from=date(2022, 8, 15))
    made = propose({"kinds": ["extension"], "changes": {"ends_on": "2027-08-14"}}, unknown)
    assert amended(unknown, made.changes).ends_on == date(2027, 8, 14)


def test_a_document_number_that_was_written_is_never_rewritten():
    numbers = [{**each, "document_number": "415.4/13"} for each in members(OWN, OTHER)]
    faults = refused("validation_failed", propose, {"changes": {"parties": numbers}}, NUMBERED)
    assert faults == [("/changes/parties/0/document_number", "number_stays")]


def test_who_stays_keeps_what_is_not_said_and_may_write_a_number_that_was_missing():
    numbers = [{**each, "document_number": f"415.4/1{at}"} for at, each in enumerate(members(OWN, OTHER), 2)]
    after = amended(NUMBERED, propose({"changes": {"parties": numbers}}, NUMBERED).changes)
    assert [each.document_number for each in after.parties] == ["415.4/12", "415.4/13"]
    assert [each.label for each in after.parties] == [None, "PIHAK KEDUA"]


# ---------------------------------------------------------------------------------------------------- editing


ACCEPTED = amendment(acceptances=(acceptance(OWN),))


def test_an_edit_raises_the_terms_and_clears_the_acceptances():
    after = edit(ACCEPTED, {"changes": {"ends_on": "2029-08-14"}})
    assert (after.version, after.terms_version, after.acceptances) == (5, 4, ())
    assert after.changes == changes(ends_on="2029-08-14")


def test_an_edit_that_changes_nothing_clears_nothing():
    for body in ({}, {"title": "Perpanjangan", "kinds": ["extension"], "changes": {"ends_on": NEW_END}}):
        assert edit(ACCEPTED, body) == replace(ACCEPTED, version=5)


def test_an_empty_edit_looks_again_at_terms_that_have_moved():
    after = edit(ACCEPTED, {}, agreement=base(terms_version=9))
    assert (after.base_terms_version, after.terms_version, after.acceptances) == (9, 4, ())


def test_changes_take_the_place_of_all_that_was_proposed():
    stored = amendment(kinds=("other",), changes=changes(title="A", ends_on="2029-08-14"))
    assert edit(stored, {"changes": {"title": "B"}}).changes == changes(title="B")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (S.READY_TO_SIGN, "amendment_unlock_first"),
        (S.SIGNED, "amendment_decided"),
        (S.CANCELLED, "amendment_decided"),
    ],
)
def test_what_all_have_accepted_or_decided_is_not_edited(state, code):
    assert refused("state_forbids_edit", edit, amendment(state), {"title": "Baru"}) == [("", code)]


def test_an_edit_is_validated_like_the_proposal():
    faults = refused("validation_failed", edit, amendment(), {"changes": {"title": "Baru"}})
    assert faults == [("/kinds/0", "kind_without_change"), ("/changes/title", "change_without_kind")]


# -------------------------------------------------------------------------------------- what it makes of them


def test_an_extension_states_a_day_where_a_length_was():
    after = amended(base(), changes())
    assert (after.ends_on, after.ends_on_is_derived, after.duration_years) == (NEW_END, False, None)
    assert amended(base(), changes(title="Baru")).duration_years == 5


def test_a_derived_end_follows_a_corrected_start():
    after = amended(base(), changes(effective_from="2022-09-02"))
    assert (after.ends_on, after.ends_on_is_derived) == (date(2027, 9, 1), True)


@pytest.mark.parametrize(
    ("given", "end", "open_ended"),
    [
        ({"open_ended": True}, None, True),
        ({"open_ended": False, "ends_on": "2030-08-14"}, NEW_END, False),
        ({"ends_on": "2030-08-14"}, NEW_END, False),
    ],
)
def test_an_agreement_ends_on_a_day_or_never(given, end, open_ended):
    for before in (
        base(),
        base(ends_on=None, ends_on_is_derived=False, duration_years=None, open_ended=True),
    ):
        after = amended(before, changes(**given))
        assert (after.ends_on, after.open_ended) == (end, open_ended)


def test_null_clears_and_absent_stays():
    stored = base(objective="Tujuan", printed_title="MoU")
    after = amended(stored, changes(objective=None))
    assert (after.objective, after.printed_title) == (None, "MoU")


def test_a_difference_tells_each_item_that_comes_and_goes():
    after = amended(base(scope=("a", "b")), changes(scope=["b", "c"], parties=members(OWN, THIRD)))
    items = differences(base(scope=("a", "b")), after)
    assert [(each.pointer, each.before, each.after) for each in items] == [
        ("/scope", "a", None),
        (f"/parties/{OTHER}/position", "2", None),
        (f"/parties/{OTHER}/label", "PIHAK KEDUA", None),
        ("/scope", None, "c"),
        (f"/parties/{THIRD}/position", None, "2"),
    ]


_DAYS = st.dates(date(2022, 8, 16), date(2100, 1, 1))
_TEXTS = st.text("abc", min_size=1, max_size=3)
_PARTIES = st.lists(st.sampled_from([OWN, OTHER, THIRD, ABOVE]), min_size=2, max_size=4, unique=True)
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "title": _TEXTS,
        "objective": st.none() | _TEXTS,
        "scope": st.lists(_TEXTS, max_size=3, unique=True),
        "ends_on": _DAYS,
        "survives_parent": st.booleans(),
        "parties": _PARTIES.map(lambda ids: members(*ids)),
    },
)


@settings(max_examples=200)
@given(given=_CHANGES, other=_CHANGES)
def test_differences_are_none_for_the_same_and_turn_round_with_their_sides(given, other):
    one, two = (
        amended(base(), changes(**given or {"title": "a"})),
        amended(base(), changes(**other or {"title": "b"})),
    )
    assert differences(one, one) == ()
    there = {(each.pointer, each.before, each.after) for each in differences(one, two)}
    back = {(each.pointer, each.after, each.before) for each in differences(two, one)}
    assert there == back


@settings(max_examples=200)
@given(given=_CHANGES)
def test_amending_twice_by_the_same_changes_is_amending_once(given):
    sent = changes(**given or {"title": "a"})
    once = amended(base(), sent)
    assert amended(once, sent) == once
    assert differences(once, merged(once, sent, now=NOW)) == ()
