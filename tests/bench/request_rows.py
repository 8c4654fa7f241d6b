"""Data requests, their deliveries and the datasets they name.

Under a busy agreement the newest ten are open, two of them overdue; what is older was answered. So the desks
of a database with ten times the history have as much to do as those of a small one.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from schema.vocabulary import UNDECIDED, DataRequestState, Decision, Recommended, TimeZone
from schema.wire.data_requests import Exchange, Recommendation
from service.data_requests.records import ClockPolicy
from service.kernel.instants import end_of
from service.settings import Settings
from tests.bench.rows import Row, record
from tests.bench.world import (
    AT,
    Noun,
    Size,
    asked_under,
    colleague_of,
    id_of,
    parties_of,
    person_of,
    requests_of,
)

_S = DataRequestState
_OPEN = (
    (_S.UNDER_REVIEW, False),
    (_S.UNDER_REVIEW, False),
    (_S.NEEDS_CLARIFICATION, False),
    (_S.SUBMITTED, False),
    (_S.AWAITING_DECISION, False),
    (_S.UNDER_REVIEW, False),
    (_S.UNDER_REVIEW, True),
    (_S.UNDER_REVIEW, True),
    (_S.DRAFT, False),
    (_S.UNDER_REVIEW, False),
)
"""States of the newest requests of a busy agreement, the newest first, and whether they are overdue."""

_ANSWERED = (
    *(_S.FULFILLED,) * 4,
    *(_S.CLOSED,) * 3,
    _S.GRANTED,
    _S.GRANTED_IN_PART,
    *(_S.REFUSED,) * 2,
    _S.WITHDRAWN,
    _S.TRANSFERRED,
)
_DECISIONS = {
    _S.FULFILLED: Decision.GRANTED,
    _S.CLOSED: Decision.GRANTED,
    _S.GRANTED: Decision.GRANTED,
    _S.GRANTED_IN_PART: Decision.GRANTED_IN_PART,
    _S.REFUSED: Decision.REFUSED,
}
_DELIVERED = {_S.FULFILLED, _S.CLOSED}
_MOVABLE = {_S.SUBMITTED, _S.UNDER_REVIEW}
_NOT_YET = date(2099, 12, 31)
"""Due day of what is not overdue: a database is built once and measured for a long time."""

_ZONE = TimeZone.MAKASSAR
_GIVEN = Settings()
_POLICY = ClockPolicy(
    name=_GIVEN.request_policy,
    answer_days=_GIVEN.answer_days,
    extension_days=_GIVEN.extension_days,
    objection_days=_GIVEN.objection_days,
    objection_answer_days=_GIVEN.objection_answer_days,
    due_soon_days=_GIVEN.due_soon_days,
    joint_leave=True,
)
_encode = msgspec.json.Encoder().encode


class Asked(NamedTuple):
    """A data request: its agreement, its two sides by number, and how it stands."""

    number: int
    agreement: int
    requester: int
    holder: int
    state: DataRequestState
    overdue: bool

    @property
    def id(self) -> UUID:
        """The id of its record."""
        return id_of(Noun.DATA_REQUEST, self.number)

    @property
    def received_on(self) -> date:
        """The day it was handed in."""
        return AT.date() - timedelta(days=30 + self.number % (20 if self.state in UNDECIDED else 600))


def asked(size: Size, number: int) -> Asked:
    """Gives a data request; of two under an agreement the CSO asks one and is asked the other."""
    agreement = asked_under(size, number)
    numbers = requests_of(size, agreement)
    newer = len(numbers) - 1 - numbers.index(number)
    first, cso, _ = parties_of(size, agreement)
    requester, holder = (first, cso) if newer % 2 else (cso, first)
    if agreement < size.busy:
        state, overdue = _open(number, newer)
    else:
        # A quiet agreement has one open request, each another kind.
        state, overdue = _open(number, agreement % len(_OPEN) if newer == 0 else len(_OPEN))
    return Asked(number, agreement, requester, holder, state, overdue)


def _open(number: int, place: int) -> tuple[DataRequestState, bool]:
    return _OPEN[place] if place < len(_OPEN) else (_ANSWERED[number % len(_ANSWERED)], False)


def movable(size: Size, agreement: int) -> list[Asked]:
    """Gives the data requests of a busy agreement that can be handed to a reviewer."""
    newest = (asked(size, number) for number in requests_of(size, agreement)[-len(_OPEN) :])
    return [each for each in newest if each.state in _MOVABLE]


def datasets(size: Size) -> Iterator[Row]:
    """Gives one dataset of each organization."""
    for number in range(size.organizations):
        yield record(Noun.DATASET, number) | {
            "holder_organization_id": id_of(Noun.ORGANIZATION, number),
            "title": f"Rencana umum pengadaan {number}",
            "classification": "restricted",
            "fields": ["kode_rup", "pagu", "metode"],
            "contains_personal_data": False,
            "search_text": f"rencana umum pengadaan {number} kode_rup pagu metode",
        }


def data_requests(size: Size) -> Iterator[Row]:
    """Gives the data requests of all agreements, in the order of time."""
    for number in range(size.data_requests):
        yield _row(asked(size, number))


def _row(given: Asked) -> Row:
    return record(Noun.DATA_REQUEST, given.number) | {
        "created_by": person_of(given.requester),
        "lane": "pks",
        "agreement_id": id_of(Noun.AGREEMENT, given.agreement),
        "requester_organization_id": id_of(Noun.ORGANIZATION, given.requester),
        "holder_organization_id": id_of(Noun.ORGANIZATION, given.holder),
        "dataset_id": id_of(Noun.DATASET, given.holder) if given.number % 2 else None,
        "title": f"Rencana umum pengadaan tahun 2025, bagian {given.number}",
        "purpose": "Pemantauan bersama pengadaan barang dan jasa.",
        "fields": ["kode_rup", "nama_paket", "pagu", "metode"],
        "period_from": date(2025, 1, 1),
        "period_to": date(2025, 12, 31),
        "format": "csv",
        "legal_basis": "UU 14/2008 Pasal 4",
        "personal_data": False,
        "state": given.state.value,
        **_handed_in(given),
        **_handled(given),
        **_decided(given),
    }


def _handed_in(given: Asked) -> Row:
    names = ("number", "received_on", "submitted_by", "policy", "due_on", "due_at")
    if given.state is _S.DRAFT:
        return dict.fromkeys(names)
    due_on = given.received_on + timedelta(days=14)
    if given.state is _S.NEEDS_CLARIFICATION:
        due_on = None
    elif given.state in UNDECIDED and not given.overdue:
        due_on = _NOT_YET
    due_at = end_of(due_on, _ZONE) if due_on and given.state in UNDECIDED else None
    values = (f"PD-2025-{given.number:06}", given.received_on, person_of(given.requester), _json(_POLICY))
    return dict(zip(names, (*values, due_on, due_at), strict=True))


def _json(value: object) -> str:
    return _encode(value).decode()


def _handled(given: Asked) -> Row:
    """Gives who handled it and what came of that."""
    waits = given.state in {_S.DRAFT, _S.SUBMITTED}
    recommended = given.state in _DECISIONS or given.state is _S.AWAITING_DECISION
    reviewer, colleague = person_of(given.holder), colleague_of(given.holder)
    return {
        "assignee_id": None if waits else reviewer,
        "reviewer_ids": [] if waits else [reviewer, colleague],
        "recommender_ids": [reviewer] if recommended else [],
        "recommendation": _json(_recommendation(given)) if recommended else None,
        "exchanges": _json([_question(given)]) if given.state is _S.NEEDS_CLARIFICATION else None,
        "transferred_to": "Badan Pusat Statistik" if given.state is _S.TRANSFERRED else None,
    }


def _recommendation(given: Asked) -> Recommendation:
    refused = given.state is _S.REFUSED
    return Recommendation(
        recommendation=Recommended.REFUSE if refused else Recommended.GRANT,
        note="Sesuai lingkup perjanjian.",
        conditions=None,
        personal_data_assessment=None,
        recommended_by=person_of(given.holder),
        recommended_on=given.received_on + timedelta(days=5),
    )


def _question(given: Asked) -> Exchange:
    return Exchange(
        question="Tahun anggaran yang mana?",
        asked_on=given.received_on + timedelta(days=3),
        asked_by=person_of(given.holder),
        answer=None,
        answered_on=None,
        answered_by=None,
    )


def _decided(given: Asked) -> Row:
    decision = _DECISIONS.get(given.state)
    kept_back = decision in {Decision.GRANTED_IN_PART, Decision.REFUSED}
    return {
        "decision": decision and decision.value,
        "decided_on": given.received_on + timedelta(days=9) if decision else None,
        "decided_by": colleague_of(given.holder) if decision else None,
        "working_days": 3 + given.number % 8 if decision else None,
        "reason_code": "not_in_scope" if kept_back else None,
        "decision_reason": "Di luar ruang lingkup." if kept_back else None,
        "left_out": "Nama penyedia." if decision is Decision.GRANTED_IN_PART else None,
    }


def deliveries(size: Size) -> Iterator[Row]:
    """Gives one delivery of each request that was answered in full."""
    for given in (asked(size, number) for number in range(size.data_requests)):
        if given.state in _DELIVERED:
            yield {
                "id": id_of(Noun.DELIVERY, given.number),
                "agreement_id": id_of(Noun.AGREEMENT, given.agreement),
                "holder_organization_id": id_of(Noun.ORGANIZATION, given.holder),
                "data_request_id": given.id,
                "position": 1,
                "url": "https://example.org/rup.csv",
                "format": "csv",
                "rows": 1200,
                "channel": "download",
                "complete": True,
                "delivered_at": AT,
                "delivered_by": person_of(given.holder),
            }
