"""Operations as data: what the router, the guard, the document and the tests all read.

An operation without a permission cannot be declared; `OPEN` says in so many words that it needs no token.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Required, TypedDict, Unpack, get_type_hints

import msgspec

from schema.vocabulary import Permission
from service.kernel.negotiate import JSON

Handler = Callable[..., Awaitable[Any]]

OPEN: Final[tuple[Permission, ...]] = ()
"""No token is asked for."""

JSON_LIMIT = 256 * 1024
BATCH_LIMIT = 1024 * 1024

_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path.

    `permissions`: any of them opens it; `OPEN` needs no token. `status` is that of success; `problems` are
    its own, besides those its declaration implies. `conditional` asks for If-Match, `keyed` takes an
    Idempotency-Key, `private` forbids caches to keep the answer, `revisit` reads the record again for a
    repeated request. `unlocked` stays open to who must change the password first. `media` are the types it
    offers besides the CSV of a list.
    """

    method: str
    path: str
    permissions: tuple[Permission, ...]
    handler: Handler
    tag: str
    status: int = 200
    problems: tuple[str, ...] = ()
    conditional: bool = False
    keyed: bool = False
    private: bool = False
    body_limit: int = JSON_LIMIT  # Of a form: that of its file.
    revisit: Handler | None = None
    unlocked: bool = False
    media: tuple[str, ...] = (JSON,)
    path_parameters: tuple[str, ...]
    path_types: tuple[Any, ...]
    query: type[msgspec.Struct] | None
    body: Any
    form: type[msgspec.Struct] | None
    reply: Any

    @property
    def id(self) -> str:
        """Operation id of the document: the name of the handler."""
        return self.handler.__name__

    @property
    def is_list(self) -> bool:
        """Whether it answers pages, and therefore CSV as well."""
        return "next_cursor" in getattr(self.reply, "__struct_fields__", ())


class Declared(TypedDict, total=False):
    """What a declaration says of an operation; what it leaves out stays as `Operation` has it."""

    permissions: Required[tuple[Permission, ...]]
    tag: Required[str]
    status: int
    problems: tuple[str, ...]
    conditional: bool
    keyed: bool
    private: bool
    body_limit: int
    revisit: Handler
    unlocked: bool
    media: tuple[str, ...]


def operation(method: str, path: str, **declared: Unpack[Declared]) -> Callable[[Handler], Operation]:
    """Declare a handler `(call, *path parameters, query?, body?)` as an operation; its hints give the shapes.

    One that takes a file has `form` and `upload` instead of `body`. Every POST is `keyed` unless it says
    otherwise.
    """
    declared.setdefault("keyed", method == "POST")

    def declare(handler: Handler) -> Operation:
        hints = get_type_hints(handler, include_extras=True)
        names = _path_parameters(path, handler)
        return Operation(
            **declared,
            method=method,
            path=path,
            handler=handler,
            path_parameters=names,
            path_types=tuple(hints[name] for name in names),
            query=hints.get("query"),
            body=hints.get("body"),
            form=hints.get("form"),
            reply=hints["return"],
        )

    return declare


def _path_parameters(path: str, handler: Handler) -> tuple[str, ...]:
    names = tuple(_PATH_PARAMETER.findall(path))
    declared = tuple(inspect.signature(handler).parameters)
    if declared[1 : 1 + len(names)] != names:
        raise TypeError(f"{handler.__name__} does not take the parameters of {path} in order")
    return names
