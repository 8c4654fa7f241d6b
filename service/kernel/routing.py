"""Which methods a path has, for OPTIONS and 405."""

import re
from collections.abc import Iterable
from functools import cache

from service.kernel.operation import Operation


def allowed_methods(operations: Iterable[Operation], path: str) -> str | None:
    """Return the value of `Allow` for a path, None when no operation has it.

    As for the router, slashes too many say nothing, and a literal path comes before a template.
    """
    known = tuple(operations)
    sought = "/" + "/".join(part for part in path.split("/") if part)
    methods = {operation.method for operation in known if operation.path == sought}
    methods = methods or {each.method for each in known if _pattern(each.path).fullmatch(sought)}
    if not methods:
        return None
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"}))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
