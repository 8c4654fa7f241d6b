"""What every revision does the same way; changing it changes the past, so it stays this small."""

from collections.abc import Iterable, Mapping

from alembic import op


def set_timeouts() -> None:
    """Bounds the waits of this revision: 2 s for a lock, 60 s for a statement.

    Traffic queues behind a lock that is waited for, so giving up early and trying again is what keeps the
    service answering. The timeouts end with the transaction of the revision.
    """
    execute(("SET LOCAL lock_timeout = '2s'", "SET LOCAL statement_timeout = '60s'"))


def execute(statements: Iterable[str]) -> None:
    """Runs SQL as it stands: a colon or a percent sign has no meaning of its own."""
    connection = op.get_bind()
    for statement in statements:
        connection.exec_driver_sql(statement)


def describe(comments: Mapping[str, str]) -> None:
    """Writes comments, by the kind and name of what they describe: `{"TABLE party": "…"}`."""
    execute(f"COMMENT ON {thing} IS $${comment}$$" for thing, comment in comments.items())
