"""Amendments and moves for the tests of rules: each is complete, a test changes what it is about."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from schema.vocabulary import AgreementState, AmendmentAction, AmendmentKind, AmendmentState
from schema.wire import amendments as wire
from service.agreements.amendment_records import StoredAmendment
from service.agreements.phase import Stored
from tests.agreements.given import AGREEMENT_ID, NOW, OTHER, OWN, PAST, TODAY, agreement, signature

NEW_END = date(2030, 8, 14)
AMENDMENT_ID = UUID(int=31)


def changes(**given: Any) -> wire.AmendmentChanges:
    """Gives changes as a client sends them; an extension unless others are named."""
    sent = msgspec.json.encode(given or {"ends_on": NEW_END})
    return msgspec.json.decode(sent, type=wire.AmendmentChanges)


def base(state: AgreementState = AgreementState.SIGNED, **values: Any) -> Stored:
    """Gives the agreement that is amended: a signed MoU of OWN and OTHER to 14 August 2027, terms 2."""
    return agreement(state, **values)


def acceptance(organization_id: UUID, **values: Any) -> wire.Acceptance:
    """Gives the acceptance of a party by the person who acts for it."""
    fields = {"user_id": UUID(int=100 + organization_id.int), "at": NOW}
    return wire.Acceptance(organization_id=organization_id, **{**fields, **values})


PROPOSED = StoredAmendment(
    id=AMENDMENT_ID,
    version=4,
    created_at=NOW,
    updated_at=NOW,
    created_by=UUID(int=101),
    agreement_id=AGREEMENT_ID,
    sequence=1,
    organization_id=OWN,
    title="Perpanjangan",
    kinds=(AmendmentKind.EXTENSION,),
    changes=changes(),
    terms_version=3,
    base_terms_version=2,
    state=AmendmentState.IN_DISCUSSION,
    state_reason=None,
    ready_on=None,
    signed_on=None,
    signing_registered_on=None,
    signatures=(),
    document_ref=None,
    document_id=None,
    differences=None,
    cancelled_on=None,
    agreement_version=None,
    acceptances=(),
)
"""An extension to 14 August 2030 that OWN proposed and nobody has accepted."""

_WITH_STATE: dict[AmendmentState, dict[str, Any]] = {
    AmendmentState.IN_DISCUSSION: {},
    AmendmentState.READY_TO_SIGN: {
        "ready_on": PAST,
        "acceptances": (acceptance(OWN), acceptance(OTHER)),
    },
    AmendmentState.SIGNED: {"signed_on": PAST, "differences": (), "agreement_version": 8},
    AmendmentState.CANCELLED: {"cancelled_on": PAST, "differences": ()},
}


def amendment(state: AmendmentState = AmendmentState.IN_DISCUSSION, **values: Any) -> StoredAmendment:
    """Gives the proposal in another state, with what that state has."""
    return replace(PROPOSED, **{"state": state, **_WITH_STATE[state], **values})


SIGN = wire.SignAmendment(
    signed_on=TODAY, signatures=(signature(OWN), signature(OTHER)), document_ref="Map 3/2024"
)

MOVES: dict[AmendmentAction, wire.AmendmentMove] = {
    AmendmentAction.ACCEPT: wire.AcceptAmendment(),
    AmendmentAction.UNLOCK: wire.UnlockAmendment(reason="Ada salah ketik."),
    AmendmentAction.REGISTER_SIGNING: SIGN,
    AmendmentAction.CANCEL: wire.CancelAmendment(reason="Tidak jadi."),
}
