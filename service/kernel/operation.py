"""Operations as data: what the router, the guard, the document and the tests all read.

An operation without a permission cannot be declared; `OPEN` says in so many words that it needs no token.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

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

    `permissions`: any of them opens it; `OPEN` needs no token. `revisit` reads the record again for a repeated request.
    """

    method: str
    path: str
    permissions: tuple[Permission, ...]
    handler: Handler
    tag: str
    status: int
    problems: tuple[str, ...]
    conditional: bool
    keyed: bool
    private: bool
    body_limit: int
    revisit: Handler | None
    unlocked: bool
    media: tuple[str, ...]
    path_parameters: tuple[str, ...]
    path_types: tuple[Any, ...]
    query: type[msgspec.Struct] | None
    body: Any
    reply: Any

    @property
    def id(self) -> str:
        """Operation id of the document: the name of the handler."""
        return self.handler.__name__

    @property
    def is_list(self) -> bool:
        """Whether it answers pages, and therefore CSV as well."""
        return "next_cursor" in getattr(self.reply, "__struct_fields__", ())


def operation(
    method: str,
    path: str,
    *,
    permissions: tuple[Permission, ...],
    tag: str,
    status: int = 200,
    problems: tuple[str, ...] = (),
    conditional: bool = False,
    keyed: bool | None = None,
    private: bool = False,
    body_limit: int = JSON_LIMIT,
    revisit: Handler | None = None,
    unlocked: bool = False,
    media: tuple[str, ...] = (JSON,),
) -> Callable[[Handler], Operation]:
    """Declare a handler `(call, *path parameters, query?, body?)` as an operation; its hints give the shapes.

    `conditional` asks for If-Match; `keyed` (every POST unless said otherwise) takes an Idempotency-Key; `private`
    forbids caches to keep the answer; `unlocked` stays open to who must change the password first; `media` are the
    types it offers besides the CSV of a list.
    """

    def declare(handler: Handler) -> Operation:
        hints = get_type_hints(handler, include_extras=True)
        names = _path_parameters(path, handler)
        return Operation(
            method=method,
            path=path,
            permissions=permissions,
            handler=handler,
            tag=tag,
            status=status,
            problems=problems,
            conditional=conditional,
            keyed=method == "POST" if keyed is None else keyed,
            private=private,
            body_limit=body_limit,
            revisit=revisit,
            unlocked=unlocked,
            media=media,
            path_parameters=names,
            path_types=tuple(hints[name] for name in names),
            query=hints.get("query"),
            body=hints.get("body"),
            reply=hints["return"],
        )

    return declare


def _path_parameters(path: str, handler: Handler) -> tuple[str, ...]:
    names = tuple(_PATH_PARAMETER.findall(path))
    declared = tuple(inspect.signature(handler).parameters)
    if declared[1 : 1 + len(names)] != names:
        raise TypeError(f"{handler.__name__} does not take the parameters of {path} in order")
    return names
