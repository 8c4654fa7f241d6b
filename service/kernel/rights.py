"""What the role of the service may do: a start as one that row security does not bind is refused."""

import asyncpg

_MIGHT = """
SELECT concat_ws(
  ' and ',
  CASE WHEN rolsuper THEN 'is a superuser' END,
  CASE WHEN rolbypassrls THEN 'passes policies by' END,
  CASE WHEN EXISTS (
    SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r'
  ) THEN 'owns tables' END
) FROM pg_roles WHERE rolname = current_user
"""


class RightsError(Exception):
    """The role of an address may do more than a service should; says what, and what to do."""


async def refuse_mighty(dsn: str) -> None:
    """Raise `RightsError` when the role of an address is a superuser, owns a table, or passes policies by."""
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        might = await connection.fetchval(_MIGHT)
    finally:
        await connection.close()
    if might:
        raise RightsError(
            f"Row security does not bind the role of this address: it {might}. "
            "Connect as tenun_app and tenun_worker; docs/operations.md says how they are made."
        )
