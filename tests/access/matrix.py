"""The policy as a page for people. `python -m tests.access.matrix` writes it anew, which is a decision."""

from collections.abc import Iterable
from pathlib import Path

from schema.vocabulary import Permission, Role
from service.access.policy import POLICY
from service.app import LIFECYCLES, OPERATIONS
from service.kernel.operation import OPEN

FILE = Path(__file__).with_name("policy.txt")
_TITLE = """\
WHO MAY DO WHAT

Each person holds roles in an organization and acts for that organization only. A role gives permissions; an
operation of the API, and an action on a record, asks for one of them (any of those it names). A permission is
not enough to act: only a party of an agreement acts under it, whoever reports does not verify, and what an
organization may not see does not exist for it.

This page is made from the policy and the operations the service runs by. A test compares them, so a change of
who may do what changes this page, and whoever approves one approves the other:
    python -m tests.access.matrix
"""
_WIDTH = 54


def page() -> str:
    """Gives the whole page."""
    return "\n".join([_TITLE, *_permissions(), "", *_operations(), "", *_actions()]) + "\n"


def _permissions() -> Iterable[str]:
    yield _line("WHAT EACH ROLE GIVES", _ROLES)
    for permission in Permission:
        yield _line(f"  {permission}", _marks({permission}))


def _operations() -> Iterable[str]:
    yield _line("WHO MAY CALL EACH OPERATION", _ROLES, last="asks for")
    for operation in OPERATIONS:
        name = f"  {operation.method:6} {operation.path}"
        if operation.permissions is OPEN:
            yield f"{name}  – no token needed".rstrip()
            continue
        # A path longer than its column has a line of its own.
        if len(name) > _WIDTH:
            yield name
            name = ""
        yield _line(name, _marks(operation.permissions), last=_any_of(operation.permissions))


def _actions() -> Iterable[str]:
    yield _line("WHO MAY TAKE EACH ACTION", _ROLES, last="asks for")
    for noun, lifecycle in LIFECYCLES.items():
        arrows = {arrow.action: arrow.permissions for arrow in lifecycle.transitions}
        for action, permissions in arrows.items():
            yield _line(f"  {noun}: {action}", _marks(permissions), last=_any_of(permissions))


_ROLES = "  ".join(Role)


def _marks(permissions: Iterable[Permission]) -> str:
    wanted = set(permissions)
    marks = ("." if wanted.isdisjoint(POLICY[role]) else "yes" for role in Role)
    return "  ".join(mark.center(len(role)) for mark, role in zip(marks, Role, strict=True))


def _any_of(permissions: Iterable[Permission]) -> str:
    return " / ".join(permissions)


def _line(name: str, columns: str, *, last: str = "") -> str:
    return f"{name:{_WIDTH}}{columns}  {last}".rstrip()


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
