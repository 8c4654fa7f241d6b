"""The service decides as an independent model of a hundred lines does, whatever is asked.

The model is written from the design alone; `decisions` and `sight` ask both and give what differs.
"""

import re
from collections.abc import AsyncGenerator, Generator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from schema.tables.definers import DOCUMENT_HANDED, PARENT_TO_DERIVE_FROM
from schema.tables.routines import AGREEMENT_ACCESS_REFRESH, TRIGGERS
from schema.vocabulary import Noun, Permission, Role
from service.access.policy import POLICY
from service.activities import edits
from service.activities import rules as activity_rules
from service.agreements import rules as agreement_rules
from service.agreements import terms
from service.app import LIFECYCLES
from service.indicators import rules as indicator_rules
from service.milestones import edits as milestone_edits
from service.milestones import rules as milestone_rules
from service.workplans import actual_rules
from service.workplans import edits as workplan_edits
from service.workplans import rules as workplan_rules
from tests.trust import decisions, model, sight
from tests.trust.doing import DOING, OFFERED
from tests.trust.sight import DATASETS, STATEMENTS, TABLES, Question
from tests.trust.tally import cases
from tests.trust.worlds import Growing

_MOST_LINES = 100


# -------------------------------------------------------------------------------------------------- the model


# Who may act turns on who accepted which version, or who was involved before: their own tests assert it.
TOLD_ELSEWHERE = {Noun.AMENDMENT, Noun.OBJECTION}


def test_the_model_fits_on_a_page_and_imports_nothing_of_the_service():
    text = Path(model.__file__).read_text(encoding="utf-8")
    imported = [line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert imported == ["collections.abc", "typing", "uuid"]
    assert len([line for line in text.splitlines() if line]) <= _MOST_LINES


def test_the_model_knows_every_role_operation_and_action():
    assert set(model.ROLES) == set(Role)
    assert model.OPERATIONS.keys() == decisions.GUARDED.keys()
    assert model.ACTIONS.keys() == DOING.keys() == OFFERED.keys() == LIFECYCLES.keys() - TOLD_ELSEWHERE
    for noun in model.ACTIONS:
        lifecycle = LIFECYCLES[Noun(noun)]
        actions = {arrow.action for arrow in lifecycle.transitions}
        assert model.ACTIONS[noun].keys() - model.EDITS == actions


# -------------------------------------------------------------------------------------------------- decisions


def decided_alike(count: int, seed: str) -> None:
    assert list(islice(decisions.differences(count, seed=seed), 5)) == []
    cases["decisions"] += count


def test_the_service_decides_as_the_model_does():
    decided_alike(20_000, "every run")


@pytest.mark.drill
def test_the_service_decides_as_the_model_does_a_million_times():
    decided_alike(1_000_000, "drill")


def found_out(seed: str) -> bool:
    return next(decisions.differences(20_000, seed=seed), None) is not None


_BITS = [(role, permission) for role in Role for permission in Permission]


def flip(monkeypatch: pytest.MonkeyPatch, role: Role, permission: Permission) -> None:
    monkeypatch.setitem(POLICY, role, POLICY[role] ^ {permission})


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.VIEWER, Permission.AUDIT_READ),
        (Role.REVIEWER, Permission.AGREEMENT_EDIT),
        (Role.COORDINATOR, Permission.ACTIVITY_VERIFY),
        (Role.COORDINATOR, Permission.DATA_REQUEST_DECIDE),
        (Role.PLATFORM_ADMIN, Permission.AGREEMENT_READ),
    ],
)
def test_a_role_with_one_permission_more_or_less_is_found_out(monkeypatch, role, permission):
    flip(monkeypatch, role, permission)
    assert found_out("broken")


@pytest.mark.drill
@pytest.mark.parametrize(("role", "permission"), _BITS)
def test_every_role_with_one_permission_more_or_less_is_found_out(monkeypatch, role, permission):
    flip(monkeypatch, role, permission)
    assert found_out("broken")


@pytest.fixture
def forgetful() -> Generator[None]:
    """Makes rules forget what they answered in order, and later what they answered out of order."""
    rules = (agreement_rules._reply, activity_rules._actions, milestone_rules._actions)  # noqa: SLF001 - nothing else forgets.
    for each in rules:
        each.cache_clear()
    yield
    for each in rules:
        each.cache_clear()


class Fault(NamedTuple):
    """Something in the rules that is put out of order."""

    module: Any
    name: str
    broken: Any


def lets_pass(*_args: object, **_named: object) -> None:
    """Refuses nothing."""


FAULTS = {
    "who has the role acts for anybody": Fault(
        agreement_rules, "_standing", lambda _stored, caller: caller.principal.permissions
    ),
    "who has the role edits for anybody": Fault(terms, "_demand_editor", lets_pass),
    "anybody enters an agreement of others": Fault(terms, "_demand_own_part", lets_pass),
    "a reason is told to everybody": Fault(
        agreement_rules, "_for_outsiders", lambda _stored: {"actions": (), "warnings": ()}
    ),
    "another party lifts a suspension": Fault(
        agreement_rules, "LIFECYCLE", agreement_rules.LIFECYCLE._replace(guards={})
    ),
    "one arrow is missing": Fault(
        agreement_rules,
        "LIFECYCLE",
        agreement_rules.LIFECYCLE._replace(transitions=agreement_rules.LIFECYCLE.transitions[1:]),
    ),
    "no party moves its activities": Fault(activity_rules, "demand_party", lets_pass),
    "no party edits its activities": Fault(edits, "demand_party", lets_pass),
    "who reported verifies": Fault(activity_rules, "LIFECYCLE", activity_rules.LIFECYCLE._replace(guards={})),
    "no party moves its milestones": Fault(milestone_rules, "demand_party", lets_pass),
    "no party edits its milestones": Fault(milestone_edits, "demand_party", lets_pass),
    "no party moves its items": Fault(workplan_rules, "demand_party", lets_pass),
    "no party edits its items": Fault(workplan_edits, "demand_party", lets_pass),
    "no party reports values": Fault(actual_rules, "demand_party", lets_pass),
    "who proposed agrees, and anybody starts": Fault(
        workplan_rules, "LIFECYCLE", workplan_rules.LIFECYCLE._replace(guards={})
    ),
    "anybody observes": Fault(indicator_rules, "_demand_keeper", lets_pass),
    "who submitted approves": Fault(actual_rules, "LIFECYCLE", actual_rules.LIFECYCLE._replace(guards={})),
    "who submitted verifies, and anybody submits": Fault(
        milestone_rules, "LIFECYCLE", milestone_rules.LIFECYCLE._replace(guards={})
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_rule_out_of_order_is_found_out(forgetful, monkeypatch, fault):
    monkeypatch.setattr(fault.module, fault.name, fault.broken)
    assert found_out("broken")


# -------------------------------------------------------------------------------------- who sees what, in SQL


class Size(NamedTuple):
    """How large a world is, and how often it is compared after so many changes."""

    organizations: int
    agreements: int
    rounds: int
    changes: int


SHORT = Size(40, 50, 2, 60)
LONG = {True: Size(150, 170, 4, 100), False: Size(400, 500, 5, 200)}
"""A statement about one agreement is asked about each: a tenth of the pairs takes it longer."""


async def seen_alike(
    connection: asyncpg.Connection,
    size: Size,
    *,
    questions: Mapping[str, Question],
    way: sight.Way,
    seed: str,
) -> None:
    growing = Growing(connection, seed=seed)
    await growing.begin(organizations=size.organizations, agreements=size.agreements)
    for _ in range(size.rounds):
        await growing.change(size.changes)
        world = growing.world
        assert await sight.differences(connection, world, questions=questions, way=way) == []
        cases["organizations and agreements"] += len(world.above) * len(world.agreements)
        cases["pairs asked of statements"] += len(world.above) * len(world.agreements) * len(questions)


WALLS = {
    "statements alone": (STATEMENTS, sight.as_superuser),
    "row security alone": ({**TABLES, **DATASETS}, sight.as_application),
    "both": (STATEMENTS, sight.as_application),
}
"""What is asked, and as whom: each must tell what the model tells."""


@pytest.mark.parametrize(("questions", "way"), WALLS.values(), ids=WALLS)
async def test_every_organization_is_shown_what_the_model_shows_it(connection, questions, way):
    await seen_alike(connection, SHORT, questions=questions, way=way, seed="every run")


SORTED = {
    f"{wall}, {'one at a time' if about_each else 'all at once'}": (chosen, way, LONG[about_each])
    for wall, (questions, way) in WALLS.items()
    for about_each in LONG
    if (chosen := {name: each for name, each in questions.items() if each.about_each is about_each})
}


@pytest.mark.drill
@pytest.mark.parametrize(("questions", "way", "size"), SORTED.values(), ids=SORTED)
async def test_very_many_organizations_are_shown_what_the_model_shows_them(connection, questions, way, size):
    await seen_alike(connection, size, questions=questions, way=way, seed="drill")


# ------------------------------------------------------------------------------------ what is found out there


@pytest.fixture(scope="module")
async def workshop(new_database) -> AsyncGenerator[asyncpg.Connection]:
    async with new_database() as dsn:
        connection = await asyncpg.connect(dsn)
        yield connection
        await connection.close()


@pytest.fixture
async def bench(workshop) -> AsyncGenerator[asyncpg.Connection]:
    """Gives a database to put something out of order in: it is whole again afterwards."""
    trial = workshop.transaction()
    await trial.start()
    yield workshop
    await trial.rollback()


async def finds_out(
    connection: asyncpg.Connection,
    questions: Mapping[str, Question],
    *,
    way: sight.Way = sight.as_superuser,
    rounds: int = 60,
) -> bool:
    """Tells whether the comparison finds something in a small world, at once or while it changes."""
    growing = Growing(connection, seed="broken")
    await growing.begin(organizations=30, agreements=30)
    for _ in range(rounds):
        if await sight.differences(connection, growing.world, questions=questions, way=way):
            return True
        await growing.change(5)
    return False


_ACCESS_ROWS = {"access rows": STATEMENTS["access rows"]}
_RULES = {
    "who is party to a PKS sees its MoU": "WHERE child.parent_id = ANY (changed)",
    "who stands above a party sees": "WHERE unit.parent_id IS NOT NULL",
    "who created it sees": "'creator', 2 FROM agreement WHERE id = ANY (changed)",
    "who is no party any more does not": "DELETE FROM agreement_access WHERE agreement_id = ANY (changed)",
}


async def test_nothing_is_found_out_where_nothing_is_out_of_order(bench):
    assert not await finds_out(bench, _ACCESS_ROWS, rounds=20)


@pytest.mark.parametrize("rule", _RULES.values(), ids=_RULES)
async def test_a_rule_of_sight_that_is_left_out_is_found_out(bench, rule):
    routine = AGREEMENT_ACCESS_REFRESH.create.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    assert routine.count(rule) == 1
    await bench.execute(routine.replace(rule, f"{rule} AND false"))
    assert await finds_out(bench, _ACCESS_ROWS)


_KEEPING_ACCESS = (
    "party_added", "party_removed", "party_moved", "agreement_created", "agreement_removed",
    "agreement_moved", "organization_moved",
)  # fmt: skip


@pytest.mark.parametrize("trigger", _KEEPING_ACCESS)
async def test_a_trigger_of_sight_that_is_missing_is_found_out(bench, trigger):
    (drop,) = (each.drop for each in TRIGGERS if f"TRIGGER {trigger} " in each.drop)
    await bench.execute(drop)
    assert await finds_out(bench, _ACCESS_ROWS)


def without_predicate(question: Question) -> Question:
    """Gives a question that shows everybody what it should show those who see it, or what is public."""
    own = r"access\.organization_id = (\$1)::uuid::UUID"
    sql, found = re.subn(own, r"\1::uuid IS NOT NULL LIMIT 1", question.sql)
    assert found or any(each in sql for each in _OPEN_TO_ALL)
    for each in _OPEN_TO_ALL:
        sql = sql.replace(each, "true")
    return question._replace(sql=sql)


_OPEN_TO_ALL = ("agreement.visibility = 'public'", "dataset.classification != 'closed'")
"""What a statement asks of a record that everybody may read."""


_MOU = "the MoU of a new PKS"


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - _ACCESS_ROWS.keys() - {_MOU}))
async def test_a_statement_without_its_predicate_is_found_out(bench, name):
    assert await finds_out(bench, {name: without_predicate(STATEMENTS[name])})


async def test_a_function_that_tells_everybody_of_an_mou_is_found_out(bench):
    routine = PARENT_TO_DERIVE_FROM.create.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    await bench.execute(routine.replace("above.id = wanted AND (", "above.id = wanted AND (true OR "))
    assert await finds_out(bench, {_MOU: STATEMENTS[_MOU]})


async def test_a_function_that_tells_everybody_of_a_dataset_is_found_out(bench):
    routine = DOCUMENT_HANDED.create.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    await bench.execute(routine.replace("SELECT coalesce(", "SELECT true OR coalesce("))
    assert await finds_out(bench, DATASETS, way=sight.as_application)


@pytest.mark.parametrize("name", TABLES)
async def test_a_table_without_row_security_is_found_out(bench, name):
    await bench.execute(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")
    assert await finds_out(bench, {name: TABLES[name]}, way=sight.as_application)
