"""Every statement of the service, also those made when a list is first asked for, and what they read."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from inspect import signature
from itertools import combinations, product
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import service
from service.accounts.listing import Listed
from service.kernel.ledger import Change
from service.kernel.statement import Statement

PARTNERS_TABLES = (
    "agreement",
    "party",
    "amendment",
    "amendment_acceptance",
    "activity",
    "organizer",
    "participant_group",
    "activity_tally",
    "attendance_tally",
    "milestone_series",
    "milestone",
    "workplan_item",
    "workplan_supporter",
    "workplan_budget",
    "actual",
    "document",
    "evidence_document",
    "data_request",
    "delivery",
    "objection",
    "audit_head",
    "audit_entry",
    "audit_checkpoint",
)
_READ = re.compile(rf"(?:(?<!DELETE )FROM|JOIN|,)\s+(?:LATERAL\s+)?({'|'.join(PARTNERS_TABLES)})\b(?![.(])")
_SIGHT = re.compile(
    r"FROM agreement_access AS access\s+"
    r"WHERE (?:access\.agreement_id = [\w.$:]+ AND )?access\.organization_id = \$(\d+)"
)
_PUBLIC = "agreement.visibility = 'public'"


def modules() -> Iterator[ModuleType]:
    """Gives every module of the service but its command line."""
    for found in pkgutil.walk_packages(service.__path__, "service."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def statements() -> list[Statement[Any, Any]]:
    """Gives all statements: those made at import, and those of every list by all its sets of filters."""
    found = [each for module in modules() for value in vars(module).values() for each in _of(value)]
    return [*found, *(each for make in makers() for each in made_by(make))]


def makers() -> list[Callable[..., Any]]:
    """Gives the cached functions that make a statement when it is first asked for."""
    return [
        value
        for module in modules()
        for value in vars(module).values()
        if hasattr(value, "cache_info") and value.__module__ == module.__name__ and _makes(value)
    ]


def made_by(make: Callable[..., Any]) -> Iterator[Statement[Any, Any]]:
    """Gives the statement of a maker for each set of filters of at most two, and for all of them.

    A filter adds its condition whatever the others are, so sets of three show nothing that pairs do not.
    """
    choices = {name: list(_values(make, name)) for name in signature(make).parameters}
    for values in product(*choices.values()):
        given = dict(zip(choices, values, strict=True))
        yield make(given.pop("used"), **given) if next(iter(choices)) == "used" else make(**given)


def reads(statement: Statement[Any, Any]) -> set[str]:
    """Gives the partners' tables that a statement reads from."""
    return set(_READ.findall(statement.sql))


def is_guarded(statement: Statement[Any, Any]) -> bool:
    """Whether a statement asks what the acting organization sees, or only for what is public."""
    names = statement.arguments(_Names())
    acting = [names[int(number) - 1] == "acting_id" for number in _SIGHT.findall(statement.sql)]
    return any(acting) or _PUBLIC in statement.sql


class _Names:
    """Stands for parameters, and gives the name of each as its value."""

    def __getattr__(self, name: str) -> str:
        return name


def _of(value: object) -> Iterable[Statement[Any, Any]]:
    if isinstance(value, Statement):
        return [value]
    # A change keeps its one statement to itself.
    return (
        [each for each in vars(value).values() if isinstance(each, Statement)]
        if isinstance(value, Change)
        else []
    )


def _makes(make: Callable[..., Any]) -> bool:
    return get_origin(get_type_hints(make).get("return")) is Statement


def _values(make: Callable[..., Any], name: str) -> Iterable[Any]:
    kind = get_type_hints(make)[name]
    if kind is bool:
        return (True, False)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if get_origin(kind) is Listed:
        module = importlib.import_module(make.__module__)
        return [value for value in vars(module).values() if isinstance(value, Listed)]
    return _sets(_filters(make))


def _filters(make: Callable[..., Any]) -> list[str]:
    """Gives the names of filters that a maker knows: it refuses any other field of its parameters."""
    params, _ = get_args(get_type_hints(make)["return"])
    others = {name: next(iter(_values(make, name))) for name in signature(make).parameters if name != "used"}

    def known(name: str) -> bool:
        try:
            make(**others, used=frozenset({name}))
        except KeyError:
            return False
        return True

    return [name for name in params.__struct_fields__ if known(name)]


def _sets(names: list[str]) -> list[frozenset[str]]:
    sizes = {0, 1, 2, len(names)}
    return [frozenset(chosen) for size in sorted(sizes) for chosen in combinations(names, size)]
