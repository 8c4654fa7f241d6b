"""One example at least of each operation and of each action, by operation id.

A key may go on with the action of a move, or with what else the example is about. What has no example fails a
test, so whoever adds an operation says here who gets it.
"""

from schema.vocabulary import Role
from service.access.policy import POLICY
from service.app import LIFECYCLES, OPERATIONS
from service.kernel.operation import OPEN, Operation
from tests.actors import Actor
from tests.trust import (
    examples_accounts,
    examples_activities,
    examples_agreements,
    examples_amendments,
    examples_data_requests,
    examples_directory,
    examples_documents,
    examples_indicators,
    examples_milestones,
    examples_workplans,
)
from tests.trust.example import OK, Example
from tests.trust.world import Standing, World

EXAMPLES: dict[str, Example] = {
    **examples_directory.EXAMPLES,
    **examples_accounts.EXAMPLES,
    **examples_agreements.EXAMPLES,
    **examples_amendments.EXAMPLES,
    **examples_activities.EXAMPLES,
    **examples_milestones.EXAMPLES,
    **examples_workplans.EXAMPLES,
    **examples_documents.EXAMPLES,
    **examples_data_requests.EXAMPLES,
    **examples_indicators.EXAMPLES,
}
_BY_ID = {operation.id: operation for operation in OPERATIONS}


def operation_of(key: str) -> Operation:
    """Gives the operation that an example is of."""
    return _BY_ID[_id(key)]


def _id(key: str) -> str:
    return key.partition(":")[0]


CHANGING = tuple(key for key in EXAMPLES if operation_of(key).method != "GET")
"""Examples that change something."""

GUARDED = tuple(key for key in EXAMPLES if operation_of(key).permissions is not OPEN)
"""Examples that need a token."""

WITHOUT_TOKEN = tuple(key for key in EXAMPLES if operation_of(key).permissions is OPEN)


def missing() -> set[str]:
    """Gives the operations and actions that have no example."""
    moves = {f"transition_{noun}" for noun in LIFECYCLES}
    needed = {operation.id for operation in OPERATIONS} - moves
    needed |= {
        f"transition_{noun}: {arrow.action}"
        for noun, each in LIFECYCLES.items()
        for arrow in each.transitions
    }
    return needed - {_id(key) for key in EXAMPLES if _id(key) not in moves} - EXAMPLES.keys()


def expected(key: str, role: Role, *, standing: Standing) -> tuple[str, str]:
    """Gives what the policy and an example say: a code, and what a refusal must name."""
    operation, example = operation_of(key), EXAMPLES[key]
    given = POLICY[role]
    if given.isdisjoint(operation.permissions):
        return "permission_missing", " / ".join(operation.permissions)
    code, _, named = example.outcome(role, standing).partition(" ")
    if example.needs and example.needs not in given and code != example.hidden:
        return "permission_missing", example.needs
    return code, named


async def somebody_who_may(world: World, key: str) -> Actor:
    """Gives somebody new for whom the example succeeds; whoever, where it needs no token."""
    if key in WITHOUT_TOKEN:
        return world.own
    able = (
        (role, standing)
        for standing in Standing
        for role in Role
        if expected(key, role, standing=standing)[0] == OK
    )
    return await world.somebody(*next(able))
