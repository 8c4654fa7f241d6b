"""Entering an agreement: a draft, or a record of the past with what is known."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from schema.vocabulary import AccessReason, AgreementKind, AgreementState, Precision, Role, Visibility
from schema.wire import agreements as wire
from service.agreements.faults import Around
from service.agreements.terms import (
    created,
    demand_deletable,
    updated,
    with_party,
    without_party,
)
from service.kernel.text import squeezed
from tests.agreements.given import (
    ABOVE,
    AGREEMENT_ID,
    BESIDE,
    CREATOR,
    FUTURE,
    NOW,
    OTHER,
    OWN,
    PARENT_ID,
    PAST,
    RENEWED_ID,
    THIRD,
    TODAY,
    agreement,
    caller,
    members,
    parent,
    refused,
)

S = AgreementState

MOU = {
    "kind": "mou",
    "title": "Pemantauan bersama",
    "parties": [{"organization_id": OWN, "position": 1}, {"organization_id": OTHER, "position": 2}],
}
PAPER = {**MOU, "recorded_from_paper": True}
PKS = {**MOU, "kind": "pks", "parent_id": PARENT_ID}


def enter(body: dict[str, Any], *, by: UUID = OWN, role: Role = Role.COORDINATOR, around: Around = BESIDE):
    sent = msgspec.convert(body, wire.CreateAgreement)
    return created(sent, caller(by, role), agreement_id=AGREEMENT_ID, around=around)


def test_a_new_agreement_is_a_draft_of_its_caller_in_the_order_of_the_paper():
    stored = enter({**MOU, "parties": MOU["parties"][::-1]})
    assert (stored.id, stored.version, stored.terms_version, stored.state) == (AGREEMENT_ID, 1, 1, S.DRAFT)
    assert (stored.created_at, stored.updated_at, stored.created_by) == (NOW, NOW, UUID(int=101))
    assert (stored.created_by_organization_id, stored.access) == (OWN, AccessReason.PARTY)
    assert [one.organization_id for one in stored.parties] == [OWN, OTHER]
    assert [one.accepted_terms_version for one in stored.parties] == [None, None]
    assert (stored.signed_on_precision, stored.notice_months, stored.visibility) == (
        None,
        3,
        Visibility.PARTIES,
    )


STAGES = (
    "discussion_opened_on",
    "ready_on",
    "signing_registered_on",
    "suspended_on",
    "suspended_by",
    "terminated_on",
    "termination_ref",
    "cancelled_on",
    "closed_on",
    "close_proposal",
    "state_reason",
)


@pytest.mark.parametrize("body", [MOU, PAPER])
def test_no_stage_of_its_life_lies_behind_a_new_agreement(body):
    stored = enter(body)
    assert {name: getattr(stored, name) for name in STAGES} == dict.fromkeys(STAGES)


def test_every_field_that_is_sent_is_kept():
    sent = {
        "scheme": "KSDPK",
        "printed_title": "MoU",
        "objective": "Pengawasan",
        "scope": ("satu", "dua"),
        "renews_id": RENEWED_ID,
        "region_code": "53.71",
        "effective_from": TODAY,
        "ends_on": FUTURE,
        "notice_months": 6,
        "visibility": "public",
        "survives_parent": True,
        "document_ref": "Map 1",
        "source_note": "Berita",
        "parent_id": PARENT_ID,
    }
    given_party = {
        "organization_id": OWN,
        "position": 1,
        "label": "PIHAK KESATU",
        "document_number": "415.4/12",
        "signatory": {"name": "A", "title": "B", "signed_on": TODAY, "signature_kind": "wet"},
        "power_of_attorney": "SK 1",
    }
    stored = msgspec.to_builtins(
        enter({**PKS, **sent, "parties": (given_party,)}), builtin_types=(date, UUID)
    )
    assert {name: stored[name] for name in sent} == sent
    assert stored["parties"] == ({**given_party, "accepted_terms_version": None},)
    assert stored["parent"]["id"] == PARENT_ID


@pytest.mark.parametrize(
    ("sent", "end", "derived"),
    [
        ({}, None, False),
        ({"effective_from": "2022-08-15", "duration_years": 5}, date(2027, 8, 14), True),
        ({"effective_from": "2024-02-29", "duration_years": 5}, date(2029, 2, 28), True),
        (
            {"effective_from": "2022-08-15", "duration_years": 5, "ends_on": "2027-08-14"},
            date(2027, 8, 14),
            False,
        ),
        ({"duration_years": 5}, None, False),
        ({"duration_years": 5, "ends_on": "2027-08-14"}, date(2027, 8, 14), False),
        ({"effective_from": "2022-08-15"}, None, False),
        ({"open_ended": True}, None, False),
        ({"effective_from": "2022-08-15", "ends_on": "2022-08-15"}, date(2022, 8, 15), False),
        ({"kind": "pks", "parent_id": str(PARENT_ID), "duration_years": 5}, None, False),
    ],
)
def test_the_end_is_derived_from_the_start_and_the_years_where_nobody_said_it(sent, end, derived):
    stored = enter({**MOU, **sent})
    assert (stored.ends_on, stored.ends_on_is_derived) == (end, derived)


SIGNED_TOMORROW = {"name": "A", "title": "B", "signed_on": FUTURE}


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({"parties": members(OWN, OTHER, OWN)}, [("/parties/2/organization_id", "repeated")]),
        (
            {"parties": [*members(OWN), {"organization_id": OTHER, "position": 1}]},
            [("/parties/1/position", "repeated")],
        ),
        ({"parties": members(OWN, THIRD)}, [("/parties/1/organization_id", "organization_unknown")]),
        (
            {"parties": [{"organization_id": OWN, "position": 1, "signatory": SIGNED_TOMORROW}]},
            [("/parties/0/signatory/signed_on", "signing_day_in_future")],
        ),
        ({"effective_from": TODAY, "ends_on": PAST}, [("/ends_on", "end_before_start")]),
        ({"open_ended": True, "ends_on": TODAY}, [("/ends_on", "open_and_ending")]),
        (
            {"open_ended": True, "duration_years": 5, "effective_from": TODAY},
            [("/duration_years", "open_and_ending")],
        ),
        (
            {"effective_from": date(2022, 8, 15), "duration_years": 5, "ends_on": date(2027, 8, 15)},
            [("/duration_years", "duration_disagrees")],
        ),
        (
            {"effective_from": date(2199, 1, 2), "duration_years": 1},
            [("/duration_years", "end_out_of_calendar")],
        ),
        ({"parent_id": PARENT_ID}, [("/parent_id", "parent_not_allowed")]),
        ({"kind": "nota_kesepakatan", "parent_id": PARENT_ID}, [("/parent_id", "parent_not_allowed")]),
        ({"kind": "pks", "parent_id": RENEWED_ID}, [("/parent_id", "agreement_unknown")]),
        ({"renews_id": PARENT_ID}, [("/renews_id", "agreement_unknown")]),
        (
            {"signed_on": PAST, "signed_on_precision": "day", "signed_not_after": PAST},
            [
                ("/signed_on", "only_from_paper"),
                ("/signed_on_precision", "only_from_paper"),
                ("/signed_not_after", "only_from_paper"),
            ],
        ),
        (
            {
                "parties": members(OWN, OWN),
                "parent_id": PARENT_ID,
                "renews_id": PARENT_ID,
                "signed_on": PAST,
                "effective_from": TODAY,
                "ends_on": PAST,
            },
            [
                ("/parties/1/organization_id", "repeated"),
                ("/parent_id", "parent_not_allowed"),
                ("/renews_id", "agreement_unknown"),
                ("/signed_on", "only_from_paper"),
                ("/ends_on", "end_before_start"),
            ],
        ),
    ],
)
def test_everything_wrong_with_an_input_is_said_at_once(sent, faults):
    assert refused("validation_failed", enter, {**MOU, **sent}) == faults


@pytest.mark.parametrize(
    ("around", "code"),
    [
        (Around(), "agreement_unknown"),
        (Around(parent=parent(kind=AgreementKind.PKS)), "parent_not_mou"),
        (Around(parent=parent(kind=AgreementKind.NOTA_KESEPAKATAN)), "parent_not_mou"),
    ],
)
def test_a_pks_is_made_under_an_mou_that_the_caller_sees(around, code):
    assert refused("validation_failed", enter, PKS, around=around) == [("/parent_id", code)]


@pytest.mark.parametrize("start", [date(2199, 1, 1), date(2195, 1, 1), date(1945, 1, 1)])
def test_a_period_may_end_on_the_last_day_of_the_calendar(start):
    years = min(50, 2200 - start.year)
    assert enter({**MOU, "effective_from": start, "duration_years": years}).ends_on is not None


@pytest.mark.parametrize(
    ("by", "around", "access"),
    [
        (OWN, Around(), AccessReason.PARTY),
        (ABOVE, Around(below=frozenset({OTHER, THIRD})), AccessReason.CREATOR),
        (THIRD, Around(parent=parent(), parent_party_ids=frozenset({THIRD})), AccessReason.CREATOR),
    ],
)
def test_a_party_who_is_above_one_or_a_party_of_the_parent_may_enter_it(by, around, access):
    body = PKS if around.parent else MOU
    assert enter(body, by=by, around=around).access is access


def test_nobody_else_may_enter_it():
    strangers = Around(below=frozenset({THIRD}), parent_party_ids=frozenset({THIRD}))
    faults = refused("not_a_party", enter, MOU, by=ABOVE, around=strangers)
    assert faults == [("/parties", "own_organization_missing")]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR}))
def test_only_a_coordinator_enters_edits_and_deletes(role):
    who = caller(OWN, role)
    refused("permission_missing", enter, MOU, role=role)
    refused("permission_missing", updated, agreement(), wire.UpdateAgreement(), caller=who, around=BESIDE)
    put = wire.PutParty(position=3)
    refused("permission_missing", with_party, agreement(), CREATOR, put=put, caller=who, around=BESIDE)
    refused("permission_missing", without_party, agreement(), OTHER, caller=who)
    refused("permission_missing", demand_deletable, agreement(), who)


@pytest.mark.parametrize(
    ("sent", "precision"),
    [
        ({}, Precision.UNKNOWN),
        ({"signed_on": PAST}, Precision.DAY),
        ({"signed_on": TODAY, "signed_on_precision": "month"}, Precision.MONTH),
        ({"signed_not_after": PAST}, Precision.NOT_AFTER),
        (
            {"signed_on": None, "signed_on_precision": "not_after", "signed_not_after": PAST},
            Precision.NOT_AFTER,
        ),
        ({"signed_on_precision": "unknown"}, Precision.UNKNOWN),
    ],
)
def test_a_record_of_the_past_is_signed_straight_with_what_is_known_of_the_day(sent, precision):
    stored = enter({**PAPER, **sent})
    assert (stored.state, stored.signed_on_precision) == (S.SIGNED, precision)
    assert (stored.signing_registered_on, stored.discussion_opened_on) == (None, None)


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({"signed_on_precision": "day"}, [("/signed_on", "signing_day_needed")]),
        ({"signed_on_precision": "month"}, [("/signed_on", "signing_day_needed")]),
        ({"signed_on_precision": "not_after"}, [("/signed_not_after", "signing_day_needed")]),
        (
            {"signed_on_precision": "not_after", "signed_on": PAST, "signed_not_after": PAST},
            [("/signed_on", "signing_day_excluded")],
        ),
        (
            {"signed_on_precision": "unknown", "signed_on": PAST, "signed_not_after": PAST},
            [("/signed_on", "signing_day_excluded"), ("/signed_not_after", "signing_day_excluded")],
        ),
        ({"signed_on": PAST, "signed_not_after": PAST}, [("/signed_not_after", "signing_day_excluded")]),
        ({"signed_on": FUTURE}, [("/signed_on", "signing_day_in_future")]),
        ({"signed_not_after": FUTURE}, [("/signed_not_after", "signing_day_in_future")]),
    ],
)
def test_the_signing_day_agrees_with_its_precision_and_has_come(sent, faults):
    assert refused("validation_failed", enter, {**PAPER, **sent}) == faults


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("415.4/12/KB/VIII/2022", " 415.4 / 12 / kb / viii / 2022 "),
        ("No.\u00a07\u2003A", "no.7a"),
        ("\uff14\uff11\uff15.\uff14", "415.4"),
        ("STRASSE 1", "straße 1"),
    ],
)
def test_document_numbers_are_the_same_whatever_their_case_width_and_spaces(one, other):
    assert squeezed(one) == squeezed(other)


def test_document_numbers_that_differ_otherwise_are_not_the_same():
    assert len({squeezed(one) for one in ("415.4/1", "415.4/11", "415-4/1", "4154/1")}) == 4
