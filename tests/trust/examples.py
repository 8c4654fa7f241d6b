"""One example at least of each operation and of each action, by operation id.

A key may go on with the action of a move, or with what else the example is about. What has no example fails a
test, so whoever adds an operation says here who gets it.
"""

from service.app import LIFECYCLES, OPERATIONS
from service.kernel.operation import OPEN, Operation
from tests.trust import examples_accounts, examples_activities, examples_agreements, examples_directory
from tests.trust.example import Example

EXAMPLES: dict[str, Example] = {
    **examples_directory.EXAMPLES,
    **examples_accounts.EXAMPLES,
    **examples_agreements.EXAMPLES,
    **examples_activities.EXAMPLES,
}
_BY_ID = {operation.id: operation for operation in OPERATIONS}


def operation_of(key: str) -> Operation:
    """Gives the operation that an example is of."""
    return _BY_ID[_id(key)]


def _id(key: str) -> str:
    return key.partition(":")[0]


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
