"""The life of an agreement: every state × action × role × what the organization is to it, and each guard."""

from datetime import date
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.messages.agreements import AGREEMENT_TEXTS
from schema.vocabulary import (
    AgreementAction,
    AgreementState,
    Language,
    Role,
)
from schema.wire import agreements as wire
from service.agreements.phase import Stored
from service.agreements.rules import LIFECYCLE, PERMISSIONS, action_of, moved, reply
from service.kernel.problem import Problem
from tests.agreements.given import (
    ABOVE,
    CREATOR,
    FUTURE,
    MOVES,
    OTHER,
    OWN,
    PAST,
    REGISTER,
    TERMINATE,
    THIRD,
    TODAY,
    agreement,
    caller,
    complete,
    parent,
    party,
    pks,
    proposal,
    refused,
    signature,
)

S, A = AgreementState, AgreementAction

# What the domain says, written down a second time and differently: action → the states it leads out of, and
# where to; which roles; and which organizations: "own" created it, is a party and suspended it; "other" is a
# party; "above" sees it; "creator" created it without being a party.
LEADS = {
    "open_discussion": {"draft": "in_discussion"},
    "send_back": {"in_discussion": "draft"},
    "accept": {"in_discussion": "in_discussion"},
    "unlock": {"ready_to_sign": "in_discussion"},
    "register_signing": {"ready_to_sign": "signed"},
    "suspend": {"signed": "suspended"},
    "lift_suspension": {"suspended": "signed"},
    "terminate": {"signed": "terminated", "suspended": "terminated"},
    "cancel": {"draft": "cancelled", "in_discussion": "cancelled", "ready_to_sign": "cancelled"},
    "close": {"signed": "signed"},
}
COORDINATES = {"open_discussion", "send_back", "accept", "unlock", "register_signing", "close"}
MAY = {
    "viewer": set[str](),
    "coordinator": COORDINATES,
    "reviewer": set[str](),
    "approver": {"accept", "unlock", "suspend", "lift_suspension", "terminate"},
    "org_admin": {"cancel"},
    "auditor": set[str](),
    "platform_admin": set[str](),
}
ACTS = {
    "own": set(LEADS),
    "other": set(LEADS) - {"cancel"},
    "above": set[str](),
    "creator": {"cancel"},
}
ORGANIZATIONS = {"own": OWN, "other": OTHER, "above": ABOVE, "creator": CREATOR}


def expected(state: str, action: str, *, role: str, standing: str) -> str:
    if action not in MAY[role]:
        return "permission_missing"
    if action not in ACTS[standing]:
        return "not_a_party"
    if state not in LEADS[action]:
        return "transition_not_allowed"
    if action == "lift_suspension" and standing == "other":
        return "guards_not_met"
    return LEADS[action][state]


def outcome(stored: Stored, action: AgreementAction, *, role: Role, standing: str) -> str:
    try:
        return moved(stored, MOVES[action], caller=caller(ORGANIZATIONS[standing], role)).state
    except Problem as problem:
        return problem.code


@pytest.mark.parametrize("action", A)
@pytest.mark.parametrize("state", S)
def test_a_move_is_open_to_whom_the_domain_says_in_the_states_it_says(state, action):
    cases = [(role, standing) for role in Role for standing in ORGANIZATIONS]
    says = {case: expected(state, action, role=case[0], standing=case[1]) for case in cases}
    does = {
        (role, standing): outcome(
            complete(state, created_by_organization_id=CREATOR if standing == "creator" else OWN),
            action,
            role=role,
            standing=standing,
        )
        for role, standing in cases
    }
    assert does == says


@pytest.mark.parametrize("standing", ORGANIZATIONS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", S)
def test_actions_lists_what_the_role_and_the_organization_may_do_and_no_more(state, role, standing):
    stored = complete(state, created_by_organization_id=CREATOR if standing == "creator" else OWN)
    listed = reply(stored, caller(ORGANIZATIONS[standing], role)).actions
    says = {action: expected(state, action, role=role, standing=standing) for action in LEADS}
    assert {one.action: one.allowed for one in listed} == {
        action: said != "guards_not_met"
        for action, said in says.items()
        if said not in {"permission_missing", "not_a_party", "transition_not_allowed"}
    }


def test_the_table_names_every_action_and_a_permission_of_its_own_for_each():
    assert set(PERMISSIONS) == set(A) == {action_of(move) for move in MOVES.values()}
    assert all(PERMISSIONS[A(arrow.action)] == arrow.permissions for arrow in LIFECYCLE.transitions)
    assert len({(arrow.action, arrow.source) for arrow in LIFECYCLE.transitions}) == len(
        LIFECYCLE.transitions
    )


ALONE = (party(OWN, 1),)


@pytest.mark.parametrize(
    ("stored", "move", "faults"),
    [
        (agreement(parties=ALONE), wire.OpenDiscussion(), [("/parties", "two_parties_needed")]),
        (
            agreement(S.IN_DISCUSSION, parties=ALONE, scope=()),
            wire.Accept(),
            [("/parties", "two_parties_needed"), ("/scope", "scope_empty")],
        ),
        (
            agreement(S.IN_DISCUSSION, parties=(party(OWN, 1, accepted_terms_version=2), party(OTHER, 2))),
            wire.Accept(),
            [("/parties", "already_accepted")],
        ),
        (
            agreement(S.IN_DISCUSSION, effective_from=TODAY, ends_on=TODAY),
            wire.Accept(),
            [("/ends_on", "end_not_after_start")],
        ),
        (pks(S.IN_DISCUSSION, ends_on=date(2027, 8, 15)), wire.Accept(), [("/ends_on", "outlives_parent")]),
        (
            pks(S.IN_DISCUSSION, ends_on=None, open_ended=True),
            wire.Accept(),
            [("/ends_on", "outlives_parent")],
        ),
        (
            pks(S.IN_DISCUSSION, effective_from=date(2027, 8, 15), ends_on=None),
            wire.Accept(),
            [("/ends_on", "outlives_parent")],
        ),
        (
            pks(S.IN_DISCUSSION, effective_from=date(2022, 8, 14)),
            wire.Accept(),
            [("/effective_from", "precedes_parent")],
        ),
        (
            pks(S.IN_DISCUSSION, effective_from=None, ends_on=date(2022, 8, 14)),
            wire.Accept(),
            [("/effective_from", "precedes_parent")],
        ),
        (
            agreement(S.READY_TO_SIGN, ends_on=None),
            wire.RegisterSigning(signed_on=FUTURE, signatures=()),
            [
                ("/ends_on", "end_needed"),
                ("/signatures", "signature_missing"),
                ("/signatures", "signature_missing"),
                ("/signed_on", "signing_day_in_future"),
                ("/document_ref", "signed_document_needed"),
            ],
        ),
        (
            agreement(S.READY_TO_SIGN),
            replace(REGISTER, signatures=(signature(OWN), signature(OTHER, signed_on=FUTURE))),
            [("/signatures/1/signed_on", "signing_day_in_future")],
        ),
        (
            agreement(S.READY_TO_SIGN),
            replace(REGISTER, signatures=tuple(signature(one) for one in (OWN, OWN, OTHER, THIRD))),
            [
                ("/signatures/1/organization_id", "signature_repeated"),
                ("/signatures/3/organization_id", "signature_of_no_party"),
            ],
        ),
        (
            agreement(S.READY_TO_SIGN),
            replace(REGISTER, signatures=(signature(OWN),)),
            [("/signatures", "signature_missing")],
        ),
        (
            agreement(S.SIGNED, signed_on=date(2024, 1, 10), effective_from=date(2024, 2, 1)),
            wire.Terminate(reason="x", effective_on=date(2024, 1, 31)),
            [("/effective_on", "terminates_before_start"), ("/document_ref", "termination_document_needed")],
        ),
        (
            agreement(S.SUSPENDED, effective_from=None, signed_on=TODAY),
            replace(TERMINATE, effective_on=PAST),
            [("/effective_on", "terminates_before_start")],
        ),
        (
            agreement(S.SIGNED, ends_on=TODAY),
            wire.Close(),
            [("/ends_on", "not_expired"), ("/document_ref", "final_report_needed")],
        ),
        (agreement(S.SIGNED, ends_on=None), wire.Close(document_ref="x"), [("/ends_on", "not_expired")]),
        (
            agreement(S.SIGNED, ends_on=PAST, close_proposal=proposal(OWN)),
            wire.Close(),
            [("/close_proposal", "needs_another_party")],
        ),
        (
            agreement(
                S.SIGNED, ends_on=PAST, close_proposal=proposal(OTHER, user_id=caller().principal.user_id)
            ),
            wire.Close(),
            [("/close_proposal", "needs_another_person")],
        ),
        (
            agreement(S.SUSPENDED, suspended_by=OTHER),
            wire.LiftSuspension(reason="x"),
            [("/suspended_by", "suspended_by_another")],
        ),
    ],
)
def test_a_move_is_refused_with_all_guards_that_fail(stored, move, faults):
    decides = isinstance(move, wire.Terminate | wire.LiftSuspension)
    who = caller(OWN, Role.APPROVER if decides else Role.COORDINATOR)
    assert refused("guards_not_met", moved, stored, move, caller=who) == faults


@pytest.mark.parametrize(
    "stored",
    [
        pks(S.IN_DISCUSSION),
        pks(S.IN_DISCUSSION, survives_parent=True, ends_on=date(2030, 1, 1), effective_from=date(2020, 1, 1)),
        pks(S.IN_DISCUSSION, effective_from=None, ends_on=None),
        pks(S.IN_DISCUSSION, parent=parent(effective_from=None, ends_on=None), ends_on=None, open_ended=True),
        pks(S.IN_DISCUSSION, parent=None),
        agreement(S.IN_DISCUSSION, effective_from=TODAY, ends_on=FUTURE),
    ],
)
def test_terms_inside_the_parent_or_said_to_outlive_it_can_be_accepted(stored):
    assert moved(stored, wire.Accept(), caller=caller()).parties[0].accepted_terms_version == 2


def test_a_suspension_names_the_party_that_can_lift_it():
    stored = agreement(S.SUSPENDED, suspended_by=OTHER)
    (lift, _) = reply(stored, caller(OWN, Role.APPROVER, language=Language.EN)).actions
    assert not lift.allowed
    assert "PIHAK KEDUA" in lift.unmet[0].detail


@pytest.mark.parametrize(("end", "words"), [(FUTURE, "last day 2024-06-16"), (None, "last day –")])
def test_what_has_not_expired_says_when_it_will(end, words):
    listed = reply(agreement(S.SIGNED, ends_on=end), caller(language=Language.EN)).actions
    (close,) = [one for one in listed if one.action == A.CLOSE]
    assert words in close.unmet[0].detail


def test_permission_missing_names_every_permission_that_would_do():
    with pytest.raises(Problem) as refused:
        moved(agreement(S.READY_TO_SIGN), MOVES[A.UNLOCK], caller=caller(OWN, Role.VIEWER))
    assert refused.value.values == {"permission": "agreement.edit / agreement.accept"}


days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
records = st.builds(
    agreement,
    st.sampled_from(S),
    scope=st.sampled_from([(), ("satu",)]),
    effective_from=st.none() | days,
    ends_on=st.none() | days,
    open_ended=st.booleans(),
    created_by_organization_id=st.sampled_from([OWN, CREATOR]),
    close_proposal=st.none() | st.builds(proposal, st.sampled_from([OWN, OTHER])),
    parties=st.lists(st.sampled_from([OWN, OTHER, THIRD]), min_size=1, unique=True).flatmap(
        lambda ids: st.tuples(
            *(
                st.builds(party, st.just(one), st.just(at), accepted_terms_version=st.none() | st.just(2))
                for at, one in enumerate(ids, 1)
            )
        )
    ),
    parent=st.none() | st.builds(parent, ends_on=st.none() | days, effective_from=st.none() | days),
    survives_parent=st.booleans(),
)


def with_all_it_needs(action: AgreementAction, stored: Stored) -> wire.AgreementMove:
    if action is A.REGISTER_SIGNING:
        return replace(REGISTER, signatures=tuple(signature(one.organization_id) for one in stored.parties))
    if action is A.TERMINATE:
        return replace(TERMINATE, effective_on=date(2031, 1, 1))
    return MOVES[action]


@settings(max_examples=300, deadline=None)
@given(records, st.sampled_from([OWN, OTHER]), st.sets(st.sampled_from(Role)))
def test_an_action_is_allowed_exactly_when_its_move_is_carried_out(stored, organization_id, roles):
    who = caller(organization_id, *(roles or {Role.VIEWER}))
    allowed = {one.action for one in reply(stored, who).actions if one.allowed}
    carried_out = set[str]()
    for action in A:
        try:
            moved(stored, with_all_it_needs(action, stored), caller=who)
        except Problem:
            continue
        carried_out.add(action)
    assert allowed == carried_out


def values_in(template: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(template)} - {None}


@pytest.mark.parametrize("code", AGREEMENT_TEXTS)
def test_both_languages_of_a_text_say_the_same_values(code):
    text = AGREEMENT_TEXTS[code]
    assert values_in(text.id) == values_in(text.en)
    assert text.id != text.en
