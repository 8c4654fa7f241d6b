"""Which methods a path has, for OPTIONS and 405."""

import re
from collections.abc import Iterable
from functools import cache

from service.kernel.operation import Operation


def allowed_methods(operations: Iterable[Operation], path: str) -> str | None:
    """Return the value of `Allow` for a path, None when no operation has it."""
    methods = {operation.method for operation in operations if _pattern(operation.path).fullmatch(path)}
    if not methods:
        return None
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"}))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
