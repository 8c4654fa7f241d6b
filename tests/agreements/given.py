"""Agreements, callers and moves for the tests of rules: each is complete, a test changes what it is about."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from schema.vocabulary import (
    AccessReason,
    AgreementAction,
    AgreementKind,
    AgreementState,
    Language,
    Precision,
    Role,
    TimeZone,
    TokenKind,
    Visibility,
)
from schema.wire import agreements as wire
from service.access.policy import permissions_of
from service.access.principal import Caller, Principal
from service.access.standing import Parent
from service.agreements.faults import Around
from service.agreements.phase import Stored
from service.kernel.problem import Problem

OWN, OTHER, THIRD, ABOVE, CREATOR = (UUID(int=number) for number in range(1, 6))
PARENT_ID, AGREEMENT_ID, RENEWED_ID = (UUID(int=number) for number in range(11, 14))
TODAY = date(2024, 6, 15)
NOW = datetime(2024, 6, 15, 3, tzinfo=UTC)
PAST = date(2024, 6, 14)
FUTURE = date(2024, 6, 16)


def caller(organization_id: UUID = OWN, *roles: Role, today: date = TODAY, **changes: Any) -> Caller:
    """Gives somebody who acts for the organization; a coordinator unless other roles are named."""
    held = roles or (Role.COORDINATOR,)
    principal = Principal(
        token_id=UUID(int=21),
        token_kind=TokenKind.SESSION,
        expires_at=NOW,
        user_id=changes.get("user_id", UUID(int=100 + organization_id.int)),
        organization_id=organization_id,
        time_zone=TimeZone.MAKASSAR,
        roles=held,
        membership_version=1,
        user_version=1,
        password_change_required=False,
        permissions=permissions_of(held),
        sees_many=False,
    )
    return Caller(principal=principal, now=NOW, today=today, language=changes.get("language", Language.ID))


def party(organization_id: UUID = OWN, position: int = 1, **changes: Any) -> wire.Party:
    """Gives a party that has accepted nothing."""
    fields = {
        "label": None,
        "document_number": None,
        "signatory": None,
        "power_of_attorney": None,
        "accepted_terms_version": None,
    }
    return wire.Party(organization_id=organization_id, position=position, **{**fields, **changes})


def parent(**changes: Any) -> Parent:
    """Gives a signed MoU of 2022-08-15 to 2027-08-14."""
    mou = Parent(
        id=PARENT_ID,
        version=3,
        kind=AgreementKind.MOU,
        state=AgreementState.SIGNED,
        effective_from=date(2022, 8, 15),
        ends_on=date(2027, 8, 14),
        suspended_on=None,
        terminated_on=None,
    )
    return replace(mou, **changes)


DRAFT = Stored(
    id=AGREEMENT_ID,
    version=7,
    created_at=NOW,
    updated_at=NOW,
    created_by=UUID(int=101),
    kind=AgreementKind.MOU,
    scheme=None,
    title="Pemantauan bersama pengadaan barang dan jasa",
    printed_title=None,
    objective=None,
    scope=("pemantauan partisipatif",),
    parent_id=None,
    renews_id=None,
    region_code="53.71",
    signed_on=None,
    signed_on_precision=None,
    signed_not_after=None,
    effective_from=date(2022, 8, 15),
    ends_on=date(2027, 8, 14),
    ends_on_is_derived=True,
    duration_years=5,
    open_ended=False,
    notice_months=3,
    visibility=Visibility.PARTIES,
    survives_parent=False,
    recorded_from_paper=False,
    document_ref=None,
    document_id=None,
    source_note=None,
    terms_version=2,
    state=AgreementState.DRAFT,
    state_reason=None,
    discussion_opened_on=None,
    ready_on=None,
    signing_registered_on=None,
    suspended_on=None,
    suspended_by=None,
    terminated_on=None,
    termination_ref=None,
    termination_document_id=None,
    cancelled_on=None,
    closed_on=None,
    close_proposal=None,
    created_by_organization_id=OWN,
    parties=(party(OWN, 1, label="PIHAK KESATU"), party(OTHER, 2, label="PIHAK KEDUA")),
    parent=None,
    access=AccessReason.PARTY,
)
"""An MoU of two parties, made by OWN, that has not been put before OTHER."""


def agreement(state: AgreementState = AgreementState.DRAFT, **changes: Any) -> Stored:
    """Gives the draft in another state, with what that state has."""
    with_state: dict[str, Any] = {"state": state}
    if state is AgreementState.READY_TO_SIGN:
        with_state["parties"] = tuple(replace(one, accepted_terms_version=2) for one in DRAFT.parties)
    if state is AgreementState.SUSPENDED:
        with_state |= {"suspended_on": PAST, "suspended_by": OWN}
    if state is AgreementState.TERMINATED:
        with_state["terminated_on"] = PAST
    return replace(DRAFT, **{**with_state, **changes})


def complete(state: AgreementState, **changes: Any) -> Stored:
    """Gives an agreement that meets the guards of every action out of the state: a signed one has expired."""
    expired = {"ends_on": PAST} if state is AgreementState.SIGNED else {}
    return agreement(state, **{**expired, **changes})


def pks(state: AgreementState = AgreementState.DRAFT, **changes: Any) -> Stored:
    """Gives a PKS under the MoU of `parent`, with the same dates."""
    return agreement(
        state, **{"kind": AgreementKind.PKS, "parent_id": PARENT_ID, "parent": parent(), **changes}
    )


def on_paper(**changes: Any) -> Stored:
    """Gives a record of the past of which only the parties and a latest signing day are known."""
    unknown: dict[str, Any] = {
        "recorded_from_paper": True,
        "signed_on_precision": Precision.NOT_AFTER,
        "signed_not_after": date(2022, 9, 2),
        "effective_from": None,
        "ends_on": None,
        "ends_on_is_derived": False,
        "duration_years": None,
    }
    return agreement(AgreementState.SIGNED, **{**unknown, **changes})


def proposal(organization_id: UUID = OWN, **changes: Any) -> wire.Proposal:
    """Gives the first key of closing, turned by the person who acts for the organization."""
    fields = {"user_id": UUID(int=100 + organization_id.int), "at": NOW, "document_ref": "Laporan"}
    return wire.Proposal(organization_id=organization_id, **{**fields, **changes})


def signature(organization_id: UUID, **changes: Any) -> wire.Signature:
    """Gives a party's signature on the agreement's day."""
    fields = {"name": "Jefirstson R. Riwu Kore", "title": "Wali Kota Kupang"}
    return wire.Signature(organization_id=organization_id, **{**fields, **changes})


REGISTER = wire.RegisterSigning(
    signed_on=TODAY, signatures=(signature(OWN), signature(OTHER)), document_ref="Map 12/2022"
)
TERMINATE = wire.Terminate(reason="Wanprestasi.", effective_on=TODAY, document_ref="Surat 7")

MOVES: dict[AgreementAction, wire.AgreementMove] = {
    AgreementAction.OPEN_DISCUSSION: wire.OpenDiscussion(),
    AgreementAction.SEND_BACK: wire.SendBack(reason="Ruang lingkup belum jelas."),
    AgreementAction.ACCEPT: wire.Accept(),
    AgreementAction.UNLOCK: wire.Unlock(reason="Ada salah ketik."),
    AgreementAction.REGISTER_SIGNING: REGISTER,
    AgreementAction.SUSPEND: wire.Suspend(reason="Menunggu hasil audit."),
    AgreementAction.LIFT_SUSPENSION: wire.LiftSuspension(reason="Audit selesai."),
    AgreementAction.TERMINATE: TERMINATE,
    AgreementAction.CANCEL: wire.CancelAgreement(reason="Tidak jadi."),
    AgreementAction.CLOSE: wire.Close(document_ref="Laporan akhir"),
}


BESIDE = Around(parent=parent(), renews_id=RENEWED_ID, unknown_ids=frozenset({THIRD}))
"""What an input may name: an MoU, an agreement to renew, and every organization but THIRD."""


def members(*ids: UUID) -> list[dict[str, Any]]:
    """Gives parties as a client sends them, in this order."""
    return [{"organization_id": one, "position": at} for at, one in enumerate(ids, 1)]


def found(problem: Problem) -> list[tuple[str, str]]:
    """Gives pointer and code of every fault, after reading all texts in both languages."""
    for language in Language:
        msgspec.json.encode(problem.render(language, "test"))
    return [(fault.pointer, fault.code) for fault in problem.faults]


def refused(code: str, act: Callable[..., object], *args: Any, **named: Any) -> list[tuple[str, str]]:
    """Gives the faults with which a rule refuses to act."""
    with pytest.raises(Problem) as refusal:
        act(*args, **named)
    assert refusal.value.code == code
    return found(refusal.value)
