"""The life of an amendment: every state × action × role × what the organization is to it, and each guard."""

from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from schema.messages.amendments import AMENDMENT_TEXTS
from schema.vocabulary import (
    AgreementPhase,
    AgreementState,
    AmendmentAction,
    AmendmentState,
    Language,
    Role,
)
from schema.wire import amendments as wire
from service.agreements.amendment_records import StoredAmendment
from service.agreements.amendment_rules import LIFECYCLE, PERMISSIONS, action_of, diff, moved, reply
from service.agreements.amendment_terms import merged
from service.kernel.problem import Problem
from tests.agreements.amendment_given import (
    MOVES,
    NEW_END,
    SIGN,
    acceptance,
    amendment,
    base,
    changes,
)
from tests.agreements.given import (
    ABOVE,
    FUTURE,
    NOW,
    OTHER,
    OWN,
    PAST,
    THIRD,
    TODAY,
    caller,
    members,
    parent,
    party,
    pks,
    proposal,
    refused,
    signature,
)

S, A = AmendmentState, AmendmentAction

# What is published, written down a second time and differently: action → the states it leads out of, and
# where to; which roles; and which organizations: "own" proposed it, "other" is a party, "above" sees it, and
# "outside" sees nothing, so that no rule is ever asked for it.
LEADS = {
    "accept": {"in_discussion": "in_discussion"},
    "unlock": {"ready_to_sign": "in_discussion"},
    "register_signing": {"ready_to_sign": "signed"},
    "cancel": {"in_discussion": "cancelled", "ready_to_sign": "cancelled"},
}
MAY = {
    "viewer": set[str](),
    "coordinator": set(LEADS),
    "reviewer": set[str](),
    "approver": {"accept", "unlock"},
    "org_admin": set[str](),
    "auditor": set[str](),
    "platform_admin": set[str](),
}
ORGANIZATIONS = {"own": OWN, "other": OTHER, "above": ABOVE, "outside": THIRD}
PARTIES = {"own", "other"}


def expected(state: str, action: str, *, role: str, standing: str) -> str:
    if action not in MAY[role]:
        return "permission_missing"
    if standing not in PARTIES:
        return "not_a_party"
    return LEADS[action].get(state, "transition_not_allowed")


def move(stored: StoredAmendment, given: wire.AmendmentMove, **values) -> StoredAmendment:
    by = values.get("by", caller())
    return moved(stored, given, agreement=values.get("agreement", base()), caller=by)


def outcome(stored: StoredAmendment, action: AmendmentAction, *, role: Role, standing: str) -> str:
    try:
        return move(stored, MOVES[action], by=caller(ORGANIZATIONS[standing], role)).state
    except Problem as problem:
        return problem.code


@pytest.mark.parametrize("action", A)
@pytest.mark.parametrize("state", S)
def test_a_move_is_open_to_whom_the_published_table_says(state, action):
    cases = [(role, standing) for role in Role for standing in ORGANIZATIONS]
    says = {case: expected(state, action, role=case[0], standing=case[1]) for case in cases}
    does = {case: outcome(amendment(state), action, role=case[0], standing=case[1]) for case in cases}
    assert does == says


@pytest.mark.parametrize("standing", ORGANIZATIONS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", S)
def test_actions_lists_what_the_role_and_the_organization_may_do_and_no_more(state, role, standing):
    listed = reply(amendment(state), caller(ORGANIZATIONS[standing], role), agreement=base()).actions
    refusals = {"permission_missing", "not_a_party", "transition_not_allowed"}
    says = {action: expected(state, action, role=role, standing=standing) for action in LEADS}
    assert {one.action for one in listed} == {action for action, said in says.items() if said not in refusals}
    assert all(one.allowed for one in listed)


def test_the_table_names_every_action_with_one_arrow_out_of_a_state():
    arrows = {(arrow.action, arrow.source) for arrow in LIFECYCLE.transitions}
    assert set(PERMISSIONS) == set(A) == {action_of(given) for given in MOVES.values()}
    assert len(arrows) == len(LIFECYCLE.transitions)


@pytest.mark.parametrize("state", [each for each in AgreementState if each != AgreementState.SIGNED])
@pytest.mark.parametrize("action", [A.ACCEPT, A.REGISTER_SIGNING])
def test_an_amendment_goes_on_only_while_its_agreement_is_signed(state, action):
    stored = amendment(S.IN_DISCUSSION if action is A.ACCEPT else S.READY_TO_SIGN)
    faults = refused("guards_not_met", move, stored, MOVES[action], agreement=base(state))
    assert ("/agreement_id", "agreement_not_signed") in faults


@pytest.mark.parametrize("state", AgreementState)
def test_an_open_amendment_is_given_up_whatever_became_of_its_agreement(state):
    for stored in (amendment(), amendment(S.READY_TO_SIGN)):
        assert move(stored, MOVES[A.CANCEL], agreement=base(state)).state is S.CANCELLED


# -------------------------------------------------------------------------------------------------- accepting


def test_it_is_ready_when_the_last_party_accepts_and_not_before():
    three = base(parties=(party(OWN, 1), party(OTHER, 2), party(THIRD, 3)))
    first = move(amendment(), MOVES[A.ACCEPT], agreement=three)
    second = move(first, MOVES[A.ACCEPT], agreement=three, by=caller(THIRD, Role.APPROVER))
    last = move(second, MOVES[A.ACCEPT], agreement=three, by=caller(OTHER))
    assert [each.state for each in (first, second, last)] == [S.IN_DISCUSSION] * 2 + [S.READY_TO_SIGN]
    assert [each.ready_on for each in (first, second, last)] == [None, None, TODAY]
    assert last.acceptances == (acceptance(OWN), acceptance(THIRD), acceptance(OTHER))


def test_a_party_accepts_once():
    stored = amendment(acceptances=(acceptance(OWN),))
    assert refused("guards_not_met", move, stored, MOVES[A.ACCEPT]) == [
        ("/acceptances", "amendment_accepted")
    ]


def test_a_person_accepts_for_one_party_only():
    stored = amendment(acceptances=(acceptance(OWN),))
    same = caller(OTHER, user_id=UUID(int=101))
    assert refused("guards_not_met", move, stored, MOVES[A.ACCEPT], by=same) == [
        ("/acceptances", "accepted_for_another")
    ]
    assert move(stored, MOVES[A.ACCEPT], by=caller(OTHER)).state is S.READY_TO_SIGN


def test_nobody_accepts_or_signs_beside_terms_that_have_moved():
    moved_on = base(terms_version=3)
    for stored, action in ((amendment(), A.ACCEPT), (amendment(S.READY_TO_SIGN), A.REGISTER_SIGNING)):
        faults = refused("guards_not_met", move, stored, MOVES[action], agreement=moved_on)
        assert faults == [("/base_terms_version", "agreement_terms_moved")]


BELOW = pks(AgreementState.SIGNED, parent=parent(ends_on=date(2029, 1, 1)))


@pytest.mark.parametrize(
    ("agreement", "given", "faults"),
    [
        (base(), {"scope": []}, [("/changes/scope", "scope_empty")]),
        (base(), {"parties": members(OWN)}, [("/changes/parties", "two_parties_needed")]),
        (base(), {"ends_on": "2022-08-15"}, [("/changes/ends_on", "end_not_after_start")]),
        (BELOW, {"ends_on": "2029-01-02"}, [("/changes/ends_on", "outlives_parent")]),
        (BELOW, {"open_ended": True}, [("/changes", "outlives_parent")]),
        (BELOW, {"effective_from": "2022-08-14"}, [("/changes/effective_from", "precedes_parent")]),
        (BELOW, {"ends_on": "2029-01-01"}, []),
        (BELOW, {"ends_on": "2029-01-02", "survives_parent": True}, []),
        (replace(BELOW, recorded_from_paper=True), {"ends_on": "2029-01-02"}, []),
    ],
)
def test_what_the_agreement_could_not_be_is_neither_accepted_nor_signed(agreement, given, faults):
    for state, action in ((S.IN_DISCUSSION, A.ACCEPT), (S.READY_TO_SIGN, A.REGISTER_SIGNING)):
        stored = amendment(state, changes=changes(**given))
        if faults:
            assert refused("guards_not_met", move, stored, MOVES[action], agreement=agreement) == faults
        else:
            move(stored, MOVES[action], agreement=agreement)


def test_unlocking_takes_all_acceptances_back():
    after = move(amendment(S.READY_TO_SIGN), MOVES[A.UNLOCK], by=caller(OTHER, Role.APPROVER))
    assert (after.state, after.acceptances, after.terms_version, after.ready_on) == (
        S.IN_DISCUSSION,
        (),
        4,
        None,
    )
    assert after.state_reason == "Ada salah ketik."


# ---------------------------------------------------------------------------------------------------- signing

JOINED = changes(parties=members(OWN, THIRD))  # OTHER goes, THIRD comes.


@pytest.mark.parametrize(
    ("stored", "given", "faults"),
    [
        (
            amendment(S.READY_TO_SIGN),
            replace(SIGN, signatures=(signature(OWN),)),
            [("/signatures", "signature_missing")],
        ),
        (
            amendment(S.READY_TO_SIGN),
            replace(SIGN, signatures=(signature(OWN), signature(OWN), signature(OTHER), signature(THIRD))),
            [
                ("/signatures/1/organization_id", "signature_repeated"),
                ("/signatures/3/organization_id", "signature_of_no_party"),
            ],
        ),
        (
            amendment(S.READY_TO_SIGN, changes=JOINED),
            replace(SIGN, signatures=(signature(OWN),)),
            [("/signatures", "signature_missing")] * 2,
        ),
        (
            amendment(S.READY_TO_SIGN),
            replace(SIGN, signed_on=FUTURE),
            [("/signed_on", "signing_day_in_future")],
        ),
        (
            amendment(S.READY_TO_SIGN),
            replace(SIGN, signatures=(signature(OWN), signature(OTHER, signed_on=FUTURE))),
            [("/signatures/1/signed_on", "signing_day_in_future")],
        ),
        (
            amendment(S.READY_TO_SIGN),
            replace(SIGN, signed_on=date(2022, 8, 14)),
            [("/signed_on", "signed_before_agreement")],
        ),
        (
            amendment(S.READY_TO_SIGN),
            replace(SIGN, document_ref=None),
            [("/document_ref", "amendment_document_needed")],
        ),
        (
            amendment(S.READY_TO_SIGN),
            wire.SignAmendment(signed_on=FUTURE, signatures=()),
            [
                *[("/signatures", "signature_missing")] * 2,
                ("/signed_on", "signing_day_in_future"),
                ("/document_ref", "amendment_document_needed"),
            ],
        ),
    ],
)
def test_signing_tells_all_that_is_missing(stored, given, faults):
    agreement = base(signed_on=date(2022, 8, 15))
    assert refused("guards_not_met", move, stored, given, agreement=agreement) == faults


def test_who_goes_and_who_comes_signs_too():
    signatures = tuple(signature(each) for each in (OWN, OTHER, THIRD))
    after = move(amendment(S.READY_TO_SIGN, changes=JOINED), replace(SIGN, signatures=signatures))
    assert (after.state, after.signatures) == (S.SIGNED, signatures)


def test_signing_writes_down_what_was_signed_and_what_it_changed():
    after = move(amendment(S.READY_TO_SIGN), SIGN)
    assert (after.state, after.signed_on, after.signing_registered_on) == (S.SIGNED, TODAY, TODAY)
    assert (after.document_ref, after.agreement_version, after.version) == ("Map 3/2024", 8, 5)
    assert after.differences == (
        wire.Difference(pointer="/ends_on", before="2027-08-14", after="2030-08-14"),
        wire.Difference(pointer="/duration_years", before="5", after=None),
    )


def test_merging_changes_the_agreement_once_and_voids_the_first_key_of_closing():
    before = base(close_proposal=proposal())
    after = merged(before, changes(), now=NOW)
    assert (after.ends_on, after.version, after.terms_version) == (NEW_END, 8, 3)
    assert (after.close_proposal, after.state) == (None, AgreementState.SIGNED)
    assert [each.accepted_terms_version for each in after.parties] == [3, 3]


def test_an_extension_of_what_has_expired_brings_it_back_to_life():
    expired = base(ends_on=PAST, ends_on_is_derived=False, duration_years=None)
    seen = diff(amendment(), caller(), agreement=expired)
    assert (seen.phase, seen.amended_phase) == (AgreementPhase.EXPIRED, AgreementPhase.ACTIVE)
    after = merged(expired, changes(), now=NOW)
    settled = diff(amendment(S.SIGNED), caller(), agreement=after)
    assert (settled.phase, settled.amended_phase) == (AgreementPhase.ACTIVE, AgreementPhase.ACTIVE)


# ----------------------------------------------------------------------------------------------- what is told


def test_an_open_amendment_warns_of_what_only_it_would_bring():
    agreement = base(region_code="99")
    told = reply(amendment(), caller(), agreement=agreement).warnings
    assert [(each.code, each.pointer) for each in told] == [("longer_than_five_years", "/changes/ends_on")]
    assert reply(amendment(S.CANCELLED), caller(), agreement=agreement).warnings == ()


def test_a_signed_amendment_says_that_its_paper_is_not_here():
    told = reply(amendment(S.SIGNED), caller(), agreement=base()).warnings
    assert [(each.code, each.pointer) for each in told] == [("document_not_stored", "/document_ref")]


def test_a_decided_amendment_tells_what_was_different_then():
    then = (wire.Difference(pointer="/title", before="A", after="B"),)
    for state in (S.SIGNED, S.CANCELLED):
        assert diff(amendment(state, differences=then), caller(), agreement=base()).items == then


@pytest.mark.parametrize("code", AMENDMENT_TEXTS)
def test_every_text_says_the_same_in_both_languages(code):
    text = AMENDMENT_TEXTS[code]
    fields = {language: set(_fields(getattr(text, language))) for language in Language}
    assert fields[Language.ID] == fields[Language.EN]


def _fields(template: str) -> list[str]:
    return [part.split("}")[0] for part in template.split("{")[1:]]
