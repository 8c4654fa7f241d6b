"""Random decisions: what the model says, and what the service says, in the same words."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from schema.vocabulary import (
    AccessReason,
    ActivityState,
    ActualState,
    AgreementState,
    DataRequestState,
    MilestoneState,
    Permission,
    Role,
    WorkplanState,
)
from service.access.policy import permissions_of, roles_within
from service.agreements import rules as agreement_rules
from service.agreements.faults import Around
from service.app import OPERATIONS
from service.kernel.operation import OPEN
from tests.agreements import given as of_agreement
from tests.trust import model
from tests.trust.doing import (
    DOING,
    MAKING,
    OFFERED,
    SECRET,
    enter,
    make,
    observe,
    outcome,
    principal_of,
    remove,
    store,
    stored_agreement,
)
from tests.trust.model import Caller, Record, World

_PER_WORLD = 400
_ORGANIZATIONS = [UUID(int=number) for number in range(1, 9)]
_PERSONS = [UUID(int=number) for number in range(101, 107)]
_FOR_GOOD = {
    "permission_missing",
    "not_a_party",
    "not_the_requester",
    "not_the_holder",
    "transition_not_allowed",
}

GUARDED: Mapping[str, tuple[Permission, ...]] = {
    each.id: each.permissions for each in OPERATIONS if each.permissions is not OPEN
}
"""What the service asks for in each operation that needs a token."""

_NAMES = sorted(GUARDED)


class Decision(NamedTuple):
    """One question and both answers."""

    question: tuple[Any, ...]
    model: object
    service: object


def differences(count: int, *, seed: str) -> Iterator[Decision]:
    """Gives those of very many random decisions on which the service and the model do not agree."""
    return (each for each in islice(_decisions(seed), count) if each.model != each.service)


def _decisions(seed: str) -> Iterator[Decision]:
    chance = random.Random(seed)
    while True:
        world, records = _world(chance), []
        for pact in world.agreements.values():
            records += [
                ("agreement", pact),
                ("activity", _activity(chance, pact)),
                ("milestone", _milestone(chance, pact)),
                ("workplan_item", _item(chance, pact)),
                ("actual", _actual(chance, pact)),
                ("data_request", _request(chance, pact)),
            ]
        for _ in range(_PER_WORLD):
            ask, record = chance.choice(_QUESTIONS), chance.choice(records)
            yield ask(chance, world, caller=_caller(chance, record[1]), record=record)


# ------------------------------------------------------------------------------------------- random records


def _world(chance: random.Random) -> World:
    """Gives eight organizations in trees, and agreements between some of them, made under one another."""
    above = {
        each: chance.choice([None, *_ORGANIZATIONS[:place]]) for place, each in enumerate(_ORGANIZATIONS)
    }
    pacts: dict[UUID, Record] = {}
    for number in range(8):
        parent = chance.choice([None, None, *(id for id, each in pacts.items() if each.parent is None)])
        pacts[UUID(int=1000 + number)] = _agreement(chance, parent)
    under: dict[UUID | None, list[Record]] = defaultdict(list)
    for pact in pacts.values():
        under[pact.parent].append(pact)
    return World(above, pacts, under)


def _agreement(chance: random.Random, parent: UUID | None) -> Record:
    state = chance.choice(list(AgreementState))
    acted = state == "suspended" or (state == "signed" and chance.random() < 0.5)
    return Record(
        creator=chance.choice(_ORGANIZATIONS),
        parties=frozenset(chance.sample(_ORGANIZATIONS, chance.randint(2, 4))),
        parent=parent,
        public=chance.random() < 0.2,
        state=state,
        from_paper=state == "signed" and chance.random() < 0.5,
        key=_somebody(chance) if acted else (None, None),
    )


def _activity(chance: random.Random, pact: Record) -> Record:
    state = chance.choice(list(ActivityState))
    acted = state in {"reported", "verified"}
    key = _somebody(chance) if acted else (None, None)
    return Record(creator=chance.choice(_ORGANIZATIONS), parties=pact.parties, state=state, key=key)


def _milestone(chance: random.Random, pact: Record) -> Record:
    """Gives a milestone; its owner submitted it, anybody may have proposed to cancel it."""
    state, owner = chance.choice(list(MilestoneState)), chance.choice(sorted(pact.parties))
    organization, person = _somebody(chance)
    proposed = state in {"open", "returned"} and chance.random() < 0.5
    submitted = state in {"submitted", "met"}
    key = (owner, person) if submitted else (organization, person) if proposed else (None, None)
    return Record(creator=owner, parties=pact.parties, state=state, key=key)


def _item(chance: random.Random, pact: Record) -> Record:
    """Gives an item and who proposed or completed it; anybody may have proposed to drop one."""
    state = chance.choice(list(WorkplanState))
    proposed = state in {"agreed", "deferred"} and chance.random() < 0.5
    key = _somebody(chance) if proposed or state in {"proposed", "completed"} else (None, None)
    return Record(creator=chance.choice(sorted(pact.parties)), parties=pact.parties, state=state, key=key)


def _actual(chance: random.Random, pact: Record) -> Record:
    state = chance.choice(list(ActualState))
    key = _somebody(chance) if state == "submitted" else (None, None)
    return Record(creator=chance.choice(_ORGANIZATIONS), parties=pact.parties, state=state, key=key)


def _request(chance: random.Random, pact: Record) -> Record:
    """Gives a request of one party to another, and the person who asks."""
    requester, holder = chance.sample(sorted(pact.parties), 2)
    state = chance.choice(list(DataRequestState))
    key = holder, chance.choice(_PERSONS)
    return Record(creator=requester, parties=pact.parties, state=state, key=key)


def _somebody(chance: random.Random) -> tuple[UUID, UUID]:
    return chance.choice(_ORGANIZATIONS), chance.choice(_PERSONS)


def _caller(chance: random.Random, of: Record) -> Caller:
    """Gives somebody; mostly of an organization that has a part in the record."""
    own, person = _somebody(chance)
    near = [*of.parties, of.creator, of.key[0] or of.creator]
    return chance.choice([own, *near]), chance.choice([person, of.key[1] or person]), _roles(chance)


def _roles(chance: random.Random) -> frozenset[str]:
    return frozenset(chance.sample(model.ROLES, chance.choice([1, 1, 1, 2, 3])))


def _action(chance: random.Random, noun: str, of: Record) -> str:
    """Gives an action; mostly one that leads out of the state of the record."""
    known = list(model.ACTIONS[noun])
    leading = [each for each in known if of.state in model.ACTIONS[noun][each][1].split()]
    return chance.choice([*known, *leading * 4])


# ------------------------------------------------------------------------------------------- both are asked


def _calls(chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """May this operation be called, with a session or with a key of these roles."""
    operation, held = chance.choice(_NAMES), caller[2]
    asked = held if chance.random() < 0.5 else _roles(chance)
    said = any(role in model.OPERATIONS[operation] and open_to({role}) <= open_to(held) for role in asked)
    permissions = permissions_of(roles_within(map(Role, asked), map(Role, held)))
    does = not permissions.isdisjoint(GUARDED[operation])
    return Decision(("calls", operation, sorted(asked), sorted(held)), said, does)


@lru_cache
def _open_to(roles: frozenset[str]) -> frozenset[str]:
    actions = {
        f"{noun} {action}"
        for noun, each in model.ACTIONS.items()
        for action, (who, _, _) in each.items()
        if not roles.isdisjoint(who.split())
    }
    return frozenset(name for name, who in model.OPERATIONS.items() if who & roles) | actions


def open_to(roles: Iterable[str]) -> frozenset[str]:
    """Gives all operations and actions that the model opens to the roles."""
    return _open_to(frozenset(roles))


def _acts(chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """May this action be taken on this record."""
    noun, of = record
    action = _action(chance, noun, of)
    if chance.random() < 0.7:
        own, person, roles = caller
        caller = own, person, roles | {chance.choice(model.ACTIONS[noun][action][0].split())}
    said = model.outcome(caller, noun, action=action, of=of)
    return Decision(("acts", noun, action, caller, of), said, outcome(DOING[noun], caller, action, of))


def _is_offered(_chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """Which actions does the record offer, and which of them may be taken now."""
    noun, of = record
    expected = {
        action: said == "ok"
        for action in model.ACTIONS[noun].keys() - model.EDITS
        if (said := model.outcome(caller, noun, action=action, of=of)) not in _FOR_GOOD
    }
    offered = {each.action: each.allowed for each in OFFERED[noun](caller, of)}
    return Decision(("is offered", noun, caller, of), expected, offered)


def _enters(chance: random.Random, world: World, *, caller: Caller, record: Any) -> Decision:
    """May an agreement between these parties be entered, under this parent."""
    own = caller[0]
    parties = chance.sample(_ORGANIZATIONS, chance.randint(1, 3))
    parent = chance.choice([None, *(id for id, each in world.agreements.items() if each.parent is None)])
    of_parent = world.agreements[parent].parties if parent else frozenset()
    if "coordinator" not in caller[2]:
        said = "permission_missing"
    else:
        enters = model.may_enter(world, own, parties=frozenset(parties)) or own in of_parent
        said = "ok" if enters else "not_a_party"
    around = Around(
        parent=of_agreement.parent(id=parent) if parent else None,
        parent_party_ids=of_parent,
        below=frozenset(each for each in _ORGANIZATIONS if own in list(model.line(world, each))[1:]),
    )
    does = outcome(enter, caller, parties, around)
    return Decision(("enters", caller, parties, parent), said, does)


def _makes(chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """May something be made under this agreement."""
    _, of = record
    party = caller[0] in of.parties
    said = "ok" if party else "not_a_party"
    said = said if "coordinator" in caller[2] else "permission_missing"
    what = chance.choice(MAKING)
    return Decision(("makes", what, caller, of), said, outcome(make, caller, what, of))


def _stores(_chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """May a document be stored about this record."""
    _, of = record
    said = "ok" if caller[0] in of.parties else "not_a_party"
    said = "permission_missing" if model.OPERATIONS["create_document"].isdisjoint(caller[2]) else said
    return Decision(("stores", caller, of), said, outcome(store, caller, of))


def _removes(_chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """May a document be deleted that the creator of this record stored."""
    _, of = record
    said = "ok" if caller[0] == of.creator else "guards_not_met"
    return Decision(("removes", caller, of), said, outcome(remove, caller, of))


def _observes(_chance: random.Random, _world: World, *, caller: Caller, record: Any) -> Decision:
    """May the observations of a series be replaced that the creator of this record keeps."""
    _, of = record
    said = "ok" if caller[0] == of.creator else "kept_by_another"
    keeps = model.OPERATIONS["put_indicator_observations"]
    said = "permission_missing" if keeps.isdisjoint(caller[2]) else said
    return Decision(("observes", caller, of), said, outcome(observe, caller, of))


def _reads(chance: random.Random, world: World, *, caller: Caller, record: Any) -> Decision:
    """Is a reason told, which only those may know who see the agreement."""
    id = chance.choice(list(world.agreements))
    reason = model.sees(world, caller[0], id=id)
    stored = replace(stored_agreement(world.agreements[id]), access=reason and AccessReason(reason))
    told = agreement_rules.reply(stored, principal_of(caller, of_agreement.TODAY)).state_reason
    return Decision(("reads", caller, id), bool(reason), told == SECRET)


_QUESTIONS = (
    _calls,
    _calls,
    _acts,
    _acts,
    _acts,
    _is_offered,
    _enters,
    _makes,
    _stores,
    _removes,
    _observes,
    _reads,
)
