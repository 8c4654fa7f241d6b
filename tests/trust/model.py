"""Who sees and does what, a second time and from the design alone: it imports nothing of what it judges."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

Caller = tuple[UUID, UUID, frozenset[str]]  # An organization, a person, and the roles held there.
ROLES = ("viewer", "coordinator", "reviewer", "approver", "org_admin", "auditor", "platform_admin")
_C, _A, _CA, _CRA = "coordinator", "approver", "coordinator approver", "coordinator reviewer approver"
_OPERATIONS = {
    " ".join(ROLES): "get_me change_password delete_current_session get_user update_user list_organizations"
    " get_organization get_state_machines get_vocabulary get_permissions get_working_days",
    " ".join(ROLES[:-1]): "list_agreements get_agreement list_agreement_transitions get_agreement_summary"
    " list_activities get_activity list_activity_transitions",
    _C: "create_agreement update_agreement delete_agreement put_agreement_party delete_agreement_party"
    " create_activity create_activity_batch update_activity put_activity_participants delete_activity",
    f"{_CA} org_admin": "transition_agreement", _CRA: "transition_activity",
    "org_admin platform_admin": "update_organization list_users create_user list_memberships get_membership"
    " create_membership update_membership delete_membership list_api_keys get_api_key create_api_key"
    " update_api_key revoke_api_key", "platform_admin": "create_organization delete_user",
    "auditor": "list_audit_entries get_audit_verification",
}  # fmt: skip
OPERATIONS = {name: set(who.split()) for who, names in _OPERATIONS.items() for name in names.split()}
EDITS = {"update", "join", "count", "delete"}
ACTIONS = {  # By whom, and out of which states.
    "agreement": {
        "update": (_C, "draft in_discussion"), "join": (_C, "draft in_discussion"), "delete": (_C, "draft"),
        "open_discussion": (_C, "draft"), "send_back": (_C, "in_discussion"), "suspend": (_A, "signed"),
        "accept": (_CA, "in_discussion"), "unlock": (_CA, "ready_to_sign"), "close": (_C, "signed"),
        "register_signing": (_C, "ready_to_sign"), "lift_suspension": (_A, "suspended"),
        "terminate": (_A, "signed suspended"), "cancel": ("org_admin", "draft in_discussion ready_to_sign"),
    },
    "activity": {
        "update": (_C, "draft planned held"), "count": (_C, "held"), "delete": (_C, "draft"),
        "plan": (_C, "draft"), "cancel": (_C, "draft planned"), "reschedule": (_C, "planned"),
        "mark_held": (_C, "planned"), "report": (_C, "held"), "reopen": (_A, "verified"),
        "verify": (_CRA, "reported"), "return": (_CRA, "reported"),
    },
}  # fmt: skip


class Record(NamedTuple):
    """An agreement, or an activity with the parties of its own; `key` is who acted first where two must."""

    creator: UUID
    parties: frozenset[UUID]
    parent: UUID | None = None
    public: bool = False
    state: str = "signed"
    from_paper: bool = False
    key: tuple[UUID | None, UUID | None] = (None, None)


class World(NamedTuple):
    above: Mapping[UUID, UUID | None]
    agreements: Mapping[UUID, Record]
    under: Mapping[UUID | None, Collection[Record]]


def line(world: World, who: UUID | None) -> Iterator[UUID]:
    while who is not None:
        yield who
        who = world.above[who]


def sees(world: World, who: UUID, *, id: UUID) -> str | None:
    pact = world.agreements[id]
    if who in pact.parties or who == pact.creator:
        return "party" if who in pact.parties else "creator"
    if may_enter(world, who, parties=pact.parties):
        return "above"
    return "child" if any(may_enter(world, who, parties=each.parties) for each in world.under[id]) else None


def may_enter(world: World, who: UUID, *, parties: frozenset[UUID]) -> bool:
    return any(who in line(world, party) for party in parties)


def may_derive(world: World, who: UUID, *, id: UUID) -> bool:
    return bool(sees(world, who, id=id)) or not world.agreements[id].parties.isdisjoint(line(world, who))


def outcome(caller: Caller, noun: str, *, action: str, of: Record) -> str:
    """Gives `ok`, or what refuses first: the permission, the standing, the state, whoever acted before."""
    (own, person, roles), (who, states) = caller, ACTIONS[noun][action]
    creator, party, pact = own == of.creator, own in of.parties, noun == "agreement"
    drafted, cancels = of.state == "draft" and action in EDITS, action == "cancel"
    completes = of.from_paper and of.state == "signed" and action in {"update", "join"}
    same, oneself, verifies = own == of.key[0], person == of.key[1], action in {"verify", "return"}
    guards = {"lift_suspension": not same, "close": same or oneself, "delete": not (pact or creator)}
    refusals = {
        "permission_missing": roles.isdisjoint(who.split()),
        "not_a_party": not (creator if pact and cancels else party or (creator and pact and drafted)),
        "state_forbids_edit": action in EDITS and not completes and of.state not in states.split(),
        "transition_not_allowed": action not in EDITS and of.state not in states.split(),
        "same_party": verifies and same,
        "same_person": verifies and oneself,
        "guards_not_met": guards.get(action, False),
    }
    return next((code for code, refused in refusals.items() if refused), "ok")
