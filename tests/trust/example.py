"""How to call an operation with success, and who gets it: the rows of the table of the trust tests."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import httpx

from schema.vocabulary import Permission, Role
from tests.actors import Actor
from tests.trust.world import Ask, Standing, World

Made = Callable[[World, Actor], Awaitable[Ask]]
Outcome = Callable[[Role, Standing], str]

OK = "ok"
UNKNOWN_AGREEMENT = "agreement_unknown"


class Example(NamedTuple):
    """How to call an operation, what the example asks for beyond the operation, and what becomes of it.

    `made` gives a request about a new record, which succeeds for whom the outcome is `ok`; `outcome` tells
    the code for whoever has a permission of the operation, `needs` is what this example asks for among them;
    `hidden` is the code for a record that does not exist.
    """

    made: Made
    outcome: Outcome
    needs: Permission | None = None
    hidden: str = "not_found"


def for_all(_role: Role, _standing: Standing) -> str:
    """Whoever has the permission gets it: nothing of it belongs to anybody."""
    return OK


def by_standing(**codes: str) -> Outcome:
    """Gives an outcome that depends on the organization: `ok` unless it says otherwise."""
    return lambda _role, standing: codes.get(standing, OK)


def seen(hidden: str = "not_found") -> Outcome:
    """Gives the outcome of reading what the parties share, and what those hear for whom it does not exist."""
    return by_standing(outside=hidden)


def acted(hidden: str = "not_found", **codes: str) -> Outcome:
    """Gives the outcome of changing what the parties share: who only sees it is no party."""
    return by_standing(**{"above": "not_a_party", "outside": hidden, **codes})


def administered(role: Role, standing: Standing) -> str:
    """The own organization's administrator gets it, and the platform."""
    return OK if role is Role.PLATFORM_ADMIN or standing is Standing.OWN else "not_found"


def plain(method: str, path: str, body: Any = None) -> Made:
    """Gives a request about no record."""

    async def made(_world: World, _by: Actor) -> Ask:
        return Ask(method, path, body)

    return made


def told(answer: httpx.Response) -> str:
    """Gives what an answer says: `ok`, the code of its problem, or of the first thing that is wrong."""
    problem = problem_in(answer)
    if problem is None:
        return OK
    return problem["errors"][0]["code"] if problem["code"] == "validation_failed" else problem["code"]


def problem_in(answer: httpx.Response) -> Any:
    """Gives the problem of an answer, or of the one item of a batch."""
    if answer.is_error:
        return answer.json()
    document = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    items = document.get("items")
    return items[0].get("problem") if items else None
