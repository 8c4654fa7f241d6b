"""Who sees and does what, a second time and from the design alone: it imports nothing of what it judges."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

Caller = tuple[UUID, UUID, frozenset[str]]  # An organization, a person, and the roles held there.
ROLES = ("viewer", "coordinator", "reviewer", "approver", "org_admin", "auditor", "platform_admin")
_C, _A, _CA, _CRA = "coordinator", "approver", "coordinator approver", "coordinator reviewer approver"
_OPEN, _GIVEN = "submitted under_review needs_clarification awaiting_decision", "granted granted_in_part"
_NOUNS = ("agreement", "activity", "milestone", "workplan_item", "data_request")
_READ = " ".join(f"list_{each}s get_{each} list_{each}_transitions" for each in _NOUNS).replace("ys", "ies")
_WRITE = " ".join(f"create_{a} update_{a}" for a in (*_NOUNS, "milestone_series", "actual", "amendment"))
_OPERATIONS = {
    " ".join(ROLES): "get_me change_password delete_current_session get_user update_user list_organizations"
    " get_organization get_state_machines get_vocabulary get_permissions get_working_days",
    " ".join(ROLES[:-1]): f"{_READ} get_agreement_summary get_agreement_report list_milestone_series"
    " get_milestone_series get_amendment_diff list_data_request_deliveries list_data_request_objections"
    " list_data_request_statistics get_document_content list_indicator_series list_indicator_observations"
    " get_indicator_series list_datasets get_dataset list_actuals get_actual list_amendments get_amendment"
    " list_documents get_document", "coordinator reviewer": "create_dataset update_dataset",
    _CA: "transition_amendment transition_objection", f"{_CA} org_admin": "transition_agreement",
    _C: f"{_WRITE} put_agreement_party delete_agreement_party put_activity_participants create_activity_batch"
    " delete_agreement delete_activity delete_workplan_item create_data_request_objection"
    " create_indicator_series put_indicator_observations", ROLES[-1]: "create_organization delete_user",
    _CRA: "create_document delete_document" + "".join(f" transition_{a}" for a in (*_NOUNS[1:], "actual")),
    "org_admin platform_admin": "update_organization list_users create_user delete_membership revoke_api_key"
    + "".join(f" list_{a}s get_{a} create_{a} update_{a}" for a in ("membership", "api_key")),
    "auditor": "list_audit_entries get_audit_verification"}  # fmt: skip
OPERATIONS = {name: set(who.split()) for who, names in _OPERATIONS.items() for name in names.split()}
EDITS = {"update", "join", "count", "delete"}
_ACTIONS = {  # Out of which states; `=` by whose it is, `<` by who did the last, `!?` by another, `*` by two.
    "agreement": {_A: "signed: suspend; suspended: lift_suspension<; signed suspended: terminate",
        _C: "draft: delete open_discussion; draft in_discussion: update join; in_discussion: send_back;"
        " ready_to_sign: register_signing; signed: close*", _CA: "in_discussion: accept; ready_to_sign:"
        " unlock", "org_admin": "draft in_discussion ready_to_sign: cancel"},
    "activity": {_A: "verified: reopen", _CRA: "reported: verify! return!", _C: "draft planned held: update;"
        " draft: delete= plan; draft planned: cancel; planned: reschedule mark_held; held: count report"},
    "milestone": {_A: "open returned: waive", _CRA: "submitted: verify! return!",
        _C: "open returned: update submit= replan cancel*"},
    "workplan_item": {_CRA: "completed: verify! return!", _C: "proposed: agree! delete<; proposed agreed:"
        " update; agreed: start=; agreed in_progress: defer; deferred: resume; in_progress: complete=;"
        " proposed agreed deferred: drop*"},
    "actual": {_CRA: "submitted: approve! return!", _C: "draft returned: update submit"},
    "data_request": {
        _A: f"awaiting_decision: send_back grant? refuse? grant_in_part?; {_GIVEN} fulfilled: revoke",
        _C: f"draft: submit; needs_clarification: answer; {_GIVEN}: accept_conditions; {_GIVEN} fulfilled:"
        f" acknowledge; fulfilled: close; draft {_OPEN}: withdraw",
        "reviewer": "submitted: take?; submitted under_review: assign transfer; under_review: ask recommend?;"
        f" {_OPEN}: extend; {_GIVEN}: deliver"}}  # fmt: skip
ACTIONS = {noun: {name.rstrip("=<!*?"): (who, part.split(": ")[0], name[-1]) for who, text in each.items()
    for part in text.split("; ") for name in part.split(": ")[1].split()}
    for noun, each in _ACTIONS.items()}  # fmt: skip


class Record(NamedTuple):
    creator: UUID
    parties: frozenset[UUID]  # Of the agreement, also of what is made under it.
    parent: UUID | None = None
    public: bool = False
    state: str = "signed"
    from_paper: bool = False
    key: tuple[UUID | None, UUID | None] = (None, None)  # Who acted first; who is asked, and who asks.


class World(NamedTuple):
    above: Mapping[UUID, UUID | None]
    agreements: Mapping[UUID, Record]
    under: Mapping[UUID | None, Collection[Record]]


def line(world: World, who: UUID | None) -> list[UUID]:
    return [who, *line(world, world.above[who])] if who else []


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
    (own, person, roles), (who, states, mark) = caller, ACTIONS[noun][action]
    states += " signed" if of.from_paper and action in {"update", "join"} else ""
    creator, pact, edits = own == of.creator, noun == "agreement", action in EDITS
    party = own in of.parties or (creator and pact and edits and of.state == "draft")
    same, oneself, wrong = own == of.key[0], person == of.key[1], of.state not in states.split()
    asked, asks = noun == "data_request", who == _C
    refusals = {
        "permission_missing": roles.isdisjoint(who.split()),
        "not_the_requester" if asks else "not_the_holder": asked and not (creator if asks else same),
        "not_a_party": not (asked or (creator if pact and action == "cancel" else party)),
        "state_forbids_edit": wrong and edits, "transition_not_allowed": wrong and not edits,
        "same_party": mark == "!" and same, "same_person": mark == "!" and oneself,
        "own_request": mark == "?" and oneself,
        "guards_not_met": {"=": not creator, "<": not same, "*": same or oneself}.get(mark)}  # fmt: skip
    return next((code for code, refused in refusals.items() if refused), "ok")
