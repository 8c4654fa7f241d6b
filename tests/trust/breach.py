"""Takes a wall away for a whole run: `pytest -p tests.trust.breach --without sight`, `rows` or `both`.

Sight is the predicate in the service's own queries, rows is PostgreSQL's row security. It is loaded before
any query is made, because statements are made at import.
"""

import pytest
from sqlalchemy import Uuid, select

from schema.tables.agreements import agreement
from schema.tables.security import SECURED
from service.access import visibility
from service.kernel.statement import param
from tests.roles import BREACH

UNSECURED = "; ".join(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in SECURED)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without", choices=("sight", "rows", "both"), required=True)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Replaces the predicates; the walls of the database fall when the template is made."""
    without = early_config.known_args_namespace.without
    if without != "sight":
        early_config.stash[BREACH] = UNSECURED
    if without == "rows":
        return
    always = param("acting_id", Uuid()).is_not(None)  # Statements insist on the parameter.
    every = select(agreement.c.id.label("agreement_id")).where(always)
    visibility.visible_to = lambda _: always
    visibility.among_visible = lambda _: always
    visibility.visible_or_public = lambda: always
    visibility.own_request = lambda _: always
    visibility.catalogued = lambda _: always
    visibility.seen_rows = lambda: every.subquery("seen")
