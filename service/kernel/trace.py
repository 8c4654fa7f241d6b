"""A failure nobody expected, as it is logged: what it was and where, without any value.

The message of an exception may hold what was sent: PostgreSQL tells the whole row that a constraint refuses.
So a log has the classes and the frames, and of the database the names of what it refused.
"""

import traceback
from collections.abc import Iterator

_NAMES = ("sqlstate", "table_name", "column_name", "constraint_name")


def trace_of(error: BaseException) -> str:
    """Return the frames and class of an error, after those of what led to it."""
    chain = [f"{''.join(traceback.format_tb(each.__traceback__))}{_named(each)}" for each in _causes(error)]
    return "\n".join(reversed(chain))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    # An error that was raised again from itself is its own cause.
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _named(error: BaseException) -> str:
    known = {name: getattr(error, name, None) for name in _NAMES}
    names = ", ".join(f"{name} {value}" for name, value in known.items() if value)
    return f"{type(error).__module__}.{type(error).__qualname__}{f' ({names})' if names else ''}"
