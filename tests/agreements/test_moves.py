"""What a move writes down, and what it clears."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from schema.vocabulary import (
    AgreementAction,
    AgreementState,
    Precision,
    Role,
)
from schema.wire import agreements as wire
from service.agreements.rules import LIFECYCLE, moved
from tests.agreements.given import (
    MOVES,
    NOW,
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
    party,
    proposal,
    signature,
)

S, A = AgreementState, AgreementAction


def test_an_agreement_is_ready_when_the_last_party_accepts_and_not_before():
    stored = agreement(S.IN_DISCUSSION, parties=(party(OWN, 1), party(OTHER, 2), party(THIRD, 3)))
    first = moved(stored, wire.Accept(), caller=caller(OWN))
    second = moved(first, wire.Accept(), caller=caller(THIRD, Role.APPROVER))
    last = moved(second, wire.Accept(), caller=caller(OTHER))
    assert [first.state, second.state, last.state] == [S.IN_DISCUSSION, S.IN_DISCUSSION, S.READY_TO_SIGN]
    assert [first.ready_on, second.ready_on, last.ready_on] == [None, None, TODAY]
    assert [one.accepted_terms_version for one in second.parties] == [2, None, 2]
    assert last.terms_version == 2


def test_an_acceptance_of_older_terms_does_not_count():
    stored = agreement(S.IN_DISCUSSION, parties=(party(OWN, 1), party(OTHER, 2, accepted_terms_version=1)))
    assert moved(stored, wire.Accept(), caller=caller()).state is S.IN_DISCUSSION


@pytest.mark.parametrize(
    ("stored", "action", "cleared"),
    [
        (agreement(S.READY_TO_SIGN, ready_on=PAST), A.UNLOCK, {"ready_on": None}),
        (agreement(S.IN_DISCUSSION, parties=agreement(S.READY_TO_SIGN).parties), A.SEND_BACK, {}),
    ],
)
def test_going_back_clears_the_acceptances_but_the_terms_are_the_same(stored, action, cleared):
    after = moved(stored, MOVES[action], caller=caller())
    assert [one.accepted_terms_version for one in after.parties] == [None, None]
    assert after.terms_version == stored.terms_version
    assert {name: getattr(after, name) for name in cleared} == cleared


@pytest.mark.parametrize(
    ("stored", "action", "role", "fields"),
    [
        (agreement(), A.OPEN_DISCUSSION, Role.COORDINATOR, {"discussion_opened_on": TODAY}),
        (
            agreement(discussion_opened_on=PAST),
            A.OPEN_DISCUSSION,
            Role.COORDINATOR,
            {"discussion_opened_on": PAST},
        ),
        (
            agreement(S.READY_TO_SIGN),
            A.REGISTER_SIGNING,
            Role.COORDINATOR,
            {
                "signing_registered_on": TODAY,
                "signed_on": TODAY,
                "signed_on_precision": Precision.DAY,
                "document_ref": "Map 12/2022",
            },
        ),
        (
            agreement(S.SIGNED, close_proposal=proposal()),
            A.SUSPEND,
            Role.APPROVER,
            {"suspended_on": TODAY, "suspended_by": OWN, "close_proposal": None},
        ),
        (
            agreement(S.SUSPENDED),
            A.LIFT_SUSPENSION,
            Role.APPROVER,
            {"suspended_on": None, "suspended_by": None},
        ),
        (
            agreement(S.SUSPENDED),
            A.TERMINATE,
            Role.APPROVER,
            {"terminated_on": TODAY, "suspended_on": PAST, "suspended_by": None, "document_ref": None},
        ),
        (
            agreement(S.SIGNED, close_proposal=proposal()),
            A.TERMINATE,
            Role.APPROVER,
            {"close_proposal": None},
        ),
        (agreement(), A.CANCEL, Role.ORG_ADMIN, {"cancelled_on": TODAY}),
    ],
)
def test_a_move_writes_down_its_day_and_what_follows(stored, action, role, fields):
    after = moved(stored, MOVES[action], caller=caller(OWN, role))
    assert {name: getattr(after, name) for name in fields} == fields


@pytest.mark.parametrize("action", A)
def test_a_move_raises_the_version_and_keeps_its_reason_until_the_next_one(action):
    state = next(arrow.source for arrow in LIFECYCLE.transitions if arrow.action == action)
    stored = complete(AgreementState(state), state_reason="Sebelumnya.")
    earlier = replace(stored, updated_at=datetime(2020, 1, 1, tzinfo=UTC))
    after = moved(earlier, MOVES[action], caller=caller(OWN, *Role))
    assert (after.version, after.updated_at) == (8, NOW)
    assert after.state_reason == getattr(MOVES[action], "reason", "Sebelumnya.")


def test_a_signature_becomes_the_signatory_of_its_party_with_the_day_of_the_agreement():
    given_by = replace(
        REGISTER,
        signatures=(
            signature(OTHER, name="Adnan Topan", power_of_attorney="SK 1"),
            signature(OWN, signed_on=PAST),
        ),
    )
    parties = (party(OWN, 1, power_of_attorney="SK 0"), party(OTHER, 2))
    after = moved(agreement(S.READY_TO_SIGN, parties=parties), given_by, caller=caller())
    signed = [(one.signatory.name, one.signatory.signed_on) for one in after.parties if one.signatory]
    assert signed == [("Jefirstson R. Riwu Kore", PAST), ("Adnan Topan", TODAY)]
    assert [one.power_of_attorney for one in after.parties] == ["SK 0", "SK 1"]


def test_a_document_on_record_is_document_enough():
    stored = agreement(S.READY_TO_SIGN, document_ref="Map 1")
    after = moved(stored, replace(REGISTER, document_ref=None), caller=caller())
    assert after.document_ref == "Map 1"


@pytest.mark.parametrize("day", [date(2024, 2, 1), PAST, date(2030, 1, 1)])
def test_a_termination_takes_effect_on_any_day_from_the_start_on(day):
    stored = agreement(S.SIGNED, signed_on=date(2024, 1, 10), effective_from=date(2024, 2, 1))
    after = moved(stored, replace(TERMINATE, effective_on=day), caller=caller(OWN, Role.APPROVER))
    assert after.terminated_on == day


def test_a_termination_says_where_its_notice_lies_and_leaves_the_signed_paper():
    notice = wire.Terminate(reason="Selesai", effective_on=TODAY, document_ref="Map 13/2026")
    signed = agreement(S.SIGNED, document_ref="Map 12/2022")
    after = moved(signed, notice, caller=caller(OWN, Role.APPROVER))
    assert (after.termination_ref, after.document_ref) == ("Map 13/2026", "Map 12/2022")


def test_closing_takes_two_parties_and_the_first_one_brings_the_report():
    stored = agreement(S.SIGNED, ends_on=PAST)
    proposed = moved(stored, MOVES[A.CLOSE], caller=caller(OWN))
    assert (proposed.state, proposed.closed_on) == (S.SIGNED, None)
    assert proposed.close_proposal == wire.Proposal(
        organization_id=OWN, user_id=UUID(int=101), at=NOW, document_ref="Laporan akhir"
    )
    closed = moved(proposed, wire.Close(), caller=caller(OTHER))
    assert (closed.state, closed.closed_on) == (S.CLOSED, TODAY)
