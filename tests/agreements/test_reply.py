"""What a caller reads of an agreement."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from schema.vocabulary import (
    AccessReason,
    AgreementPhase,
    AgreementState,
    DateSource,
    Language,
    Role,
    Visibility,
)
from schema.wire import agreements as wire
from service.agreements.rules import reply
from tests.agreements.given import (
    ABOVE,
    AGREEMENT_ID,
    FUTURE,
    NOW,
    OWN,
    THIRD,
    TODAY,
    agreement,
    caller,
    on_paper,
    party,
    pks,
    proposal,
)

S = AgreementState


def test_a_reply_has_the_record_and_what_is_derived_today():
    stored = pks(S.SIGNED, effective_from=None, ends_on=None, document_ref="Map 1", state_reason="Sebab.")
    said = reply(stored, caller())
    assert (said.id, said.version, said.document_ref, said.state_reason) == (
        AGREEMENT_ID,
        7,
        "Map 1",
        "Sebab.",
    )
    assert (said.phase, said.effective_from_source) == (AgreementPhase.ACTIVE, DateSource.PARENT)
    assert (said.notice_on, said.parties) == (None, stored.parties)
    assert reply(agreement(), caller()).notice_on == date(2027, 5, 14)


def test_the_same_record_is_read_anew_for_another_day_role_organization_or_language():
    stored = agreement(S.SIGNED, effective_from=TODAY, ends_on=FUTURE)
    who = caller(OWN)
    before = reply(stored, who)
    assert reply(stored, replace(who, now=NOW + timedelta(minutes=1))) == before
    assert reply(stored, caller(OWN, today=FUTURE + timedelta(days=1))).phase is AgreementPhase.EXPIRED
    assert {one.action for one in reply(stored, caller(OWN, Role.APPROVER)).actions} == {
        "suspend",
        "terminate",
    }
    assert reply(stored, caller(ABOVE)).actions == ()
    assert reply(stored, caller(OWN, language=Language.EN)).warnings != before.warnings


def test_who_sees_it_only_because_it_is_public_reads_no_signatories_reasons_or_sources():
    stored = on_paper(
        visibility=Visibility.PUBLIC,
        parties=(
            party(
                OWN,
                1,
                document_number="415.4/12",
                power_of_attorney="SK 1",
                signatory=wire.Signatory(name="Jefirstson R. Riwu Kore", title="Wali Kota Kupang"),
            ),
        ),
        document_ref="Map 1",
        source_note="Berita",
        state_reason="Sebab.",
        close_proposal=proposal(),
        access=None,
    )
    said = reply(stored, caller(THIRD, *Role))
    hidden = (said.document_ref, said.source_note, said.state_reason, said.close_proposal)
    assert hidden == (None, None, None, None)
    assert (said.actions, said.warnings) == ((), ())
    assert [(one.signatory, one.power_of_attorney, one.document_number) for one in said.parties] == [
        (None, None, "415.4/12")
    ]
    assert (said.title, said.phase) == (stored.title, AgreementPhase.ACTIVE)


@pytest.mark.parametrize("access", AccessReason)
def test_who_may_see_it_for_a_reason_reads_all_of_it(access):
    stored = on_paper(source_note="Berita", access=access)
    said = reply(stored, caller(ABOVE, Role.VIEWER))
    assert said.source_note == "Berita"
    assert said.warnings
