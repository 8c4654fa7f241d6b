"""The roles of the database: the service's own, and how to speak as one of them."""

import re

import pytest

from schema.roles import APP, OWNER, WORKER
from service.settings import PREFIX, Settings

BREACH = pytest.StashKey[str]()
"""SQL that makes the template of a run unsafe; see tests/trust/breach.py."""

PASSWORDS: dict[str, str] = dict.fromkeys((OWNER, APP, WORKER), "tenun")


def address(dsn: str, role: str) -> str:
    """Gives the address of the same database as another role."""
    return re.sub(r"//[^@]*@", f"//{role}:{PASSWORDS[role]}@", dsn)


def settings_of(dsn: str, **values) -> Settings:
    """Gives settings with which the service runs on a database as its own roles."""
    addresses = {"database_url": address(dsn, APP), "worker_url": address(dsn, WORKER)}
    return Settings(**{**addresses, "storage_url": "memory:///", **values})


def environment_of(dsn: str) -> dict[str, str]:
    """Gives what the environment of a service says of its database and its storage."""
    roles = {"DATABASE_URL": APP, "WORKER_URL": WORKER, "OWNER_URL": OWNER}
    addresses = {name: address(dsn, role) for name, role in roles.items()}
    return {f"{PREFIX}{name}": value for name, value in {**addresses, "STORAGE_URL": "memory:///"}.items()}
