"""People, requests and what stands around them for the rules, complete until a test takes something."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import DataRequestState, Language, Role, TimeZone, TokenKind
from schema.wire import data_request_moves as moves
from schema.wire import data_requests as wire
from service.access.policy import permissions_of
from service.access.principal import Caller, Principal
from service.data_requests.records import Around, ClockPolicy, Stored
from service.kernel.clock import indonesia

ASKS, HOLDS, OUTSIDE = UUID(int=1), UUID(int=2), UUID(int=3)
AGREEMENT, REQUEST, DATASET, DELIVERY = (UUID(int=number) for number in (11, 12, 13, 14))
ASKER, REVIEWER, APPROVER, OUTSIDER = (UUID(int=number) for number in (21, 22, 23, 24))
TODAY = date(2025, 3, 17)
NOW = datetime(2025, 3, 17, 3, 0, tzinfo=UTC)
PEOPLE = {ASKS: ASKER, HOLDS: APPROVER, OUTSIDE: OUTSIDER}
POLICY = ClockPolicy(
    name="uu_kip_14_2008",
    answer_days=10,
    extension_days=7,
    objection_days=30,
    objection_answer_days=30,
    due_soon_days=3,
    joint_leave=True,
)
STATES = [state.value for state in DataRequestState]
DECIDED = {"granted": "granted", "granted_in_part": "granted_in_part", "refused": "refused"}
GIVEN = {"fulfilled": "granted", "revoked": "granted", "closed": "granted"}


def caller(
    *roles: Role,
    organization: UUID = HOLDS,
    person: UUID | None = None,
    kind: TokenKind = TokenKind.SESSION,
    today: date = TODAY,
) -> Caller:
    """Gives someone with these roles, every role of a partner when none is named."""
    roles = roles or (Role.COORDINATOR, Role.REVIEWER, Role.APPROVER)
    principal = Principal(
        token_id=UUID(int=15),
        token_kind=kind,
        expires_at=NOW,
        user_id=person or PEOPLE[organization],
        organization_id=organization,
        time_zone=TimeZone.MAKASSAR,
        roles=roles,
        membership_version=1,
        user_version=1,
        password_change_required=False,
        permissions=permissions_of(roles),
        sees_many=False,
    )
    return Caller(principal=principal, now=NOW, today=today, language=Language.EN)


def around(**values: Any) -> Around:
    """Gives an agreement in force between both sides, seen today."""
    agreement = {
        "id": AGREEMENT,
        "version": 3,
        "state": "signed",
        "phase": "active",
        "signed": True,
        "effective_from": date(2022, 8, 15),
        "effective_from_source": "own",
        "blocked_from": None,
        "ends_on": date(2027, 8, 14),
        "party_ids": [ASKS, HOLDS],
    }
    document = {
        "today": TODAY,
        "agreement": agreement | values.pop("agreement", {}),
        "dataset": None,
        "policy": msgspec.to_builtins(POLICY),
        "assignable": True,
        "new_id": DELIVERY,
        "number": "PD-2025-000001",
    }
    known = document | values
    parts = {name: known.pop(name) for name in ("agreement", "dataset", "policy")}
    kinds = {field.name: field.type for field in msgspec.structs.fields(Around)}
    return Around(
        **{name: msgspec.convert(value, kinds[name]) for name, value in parts.items()},
        **known,
        calendar=indonesia(range(2020, 2035)),
    )


def stored(state: str = "draft", **values: Any) -> Stored:
    """Gives a request that nothing stops from going on: handed in by ASKER today, handled by REVIEWER."""
    begun = state != "draft"
    decision = DECIDED.get(state) or GIVEN.get(state)
    document = dict.fromkeys(Stored.__struct_fields__) | {
        "id": REQUEST,
        "version": 7,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": ASKER,
        "lane": "pks",
        "agreement_id": AGREEMENT,
        "requester_organization_id": ASKS,
        "holder_organization_id": HOLDS,
        "title": "Daftar paket RUP 2025",
        "purpose": "Pemantauan pengadaan",
        "fields": ["kode_rup", "pagu"],
        "period_from": date(2025, 1, 1),
        "period_to": date(2025, 12, 31),
        "legal_basis": "UU 14/2008 Pasal 4",
        "personal_data": False,
        "state": state,
        "reviewer_ids": [REVIEWER] if begun and state != "submitted" else [],
        "recommender_ids": [REVIEWER] if decision or state == "awaiting_decision" else [],
        "exchanges": [],
        "deliveries": [],
    }
    if begun:
        document |= {
            "number": "PD-2025-000001",
            "received_on": TODAY,
            "submitted_by": ASKER,
            "policy": POLICY,
            "due_on": date(2025, 4, 9),
            "assignee_id": None if state == "submitted" else REVIEWER,
        }
    if state == "needs_clarification":
        document |= {"exchanges": [question(TODAY)], "due_on": None}
    if decision:
        document |= {"decision": decision, "decided_on": TODAY, "decided_by": APPROVER, "working_days": 0}
    if decision in {"granted", "granted_in_part"}:
        document["deliveries"] = [delivery()]
    return msgspec.convert(msgspec.to_builtins(document | values), Stored, strict=False)


def question(asked_on: date, answered_on: date | None = None) -> wire.Exchange:
    """Gives a question of REVIEWER, with the answer of ASKER where there is a day for it."""
    return wire.Exchange(
        question="OPD mana?",
        asked_on=asked_on,
        asked_by=REVIEWER,
        answer="Semua" if answered_on else None,
        answered_on=answered_on,
        answered_by=ASKER if answered_on else None,
    )


def delivery(**values: Any) -> wire.Delivery:
    """Gives a delivery that nobody has acknowledged."""
    known = dict.fromkeys(wire.Delivery.__struct_fields__) | {
        "id": DELIVERY,
        "url": "https://example.org/rup.csv",
        "channel": "download",
        "complete": False,
        "delivered_at": NOW,
        "delivered_by": REVIEWER,
    }
    return msgspec.convert(known | values, wire.Delivery)


NEEDED: dict[str, dict[str, Any]] = {
    "assign": {"assignee_id": REVIEWER},
    "ask": {"question": "OPD mana?"},
    "answer": {"answer": "Semua"},
    "transfer": {"to_body": "Dinas PUPR"},
    "recommend": {"recommendation": "grant"},
    "extend": {"reason": "Banyak berkas"},
    "send_back": {"reason": "Belum lengkap"},
    "grant_in_part": {"left_out": "Nama", "reason_code": "kip_17_h", "reason": "Data pribadi"},
    "refuse": {"reason_code": "not_held", "reason": "Tidak dikuasai"},
    "deliver": {"url": "https://example.org/rup.csv"},
    "acknowledge": {"delivery_id": DELIVERY},
    "revoke": {"reason": "Disalahgunakan"},
}


def move(action: str, **values: Any) -> moves.DataRequestMove:
    """Gives the body of an action with all it needs."""
    return msgspec.convert({"action": action, **NEEDED.get(action, {}), **values}, moves.DataRequestMove)
