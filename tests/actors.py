"""People who act in tests: a user with roles in one organization, and a session of this user."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import asyncpg

from service.kernel import instants
from service.kernel.ids import uuid7
from tests import make
from tests.canaries import introduce

USER = """
INSERT INTO "user" (id, version, created_at, updated_at, email, email_key, name, language, state,
  password_hash, password_change_required)
VALUES ($1, 1, $2, $2, $3, $3, 'Somebody', 'id', 'active', 'none that signs in', false)
"""
MEMBERSHIP = """
INSERT INTO membership (id, version, created_at, updated_at, user_id, organization_id, roles)
VALUES ($1, 1, $2, $2, $3, $4, $5)
"""
SESSION = """
INSERT INTO token (id, version, created_at, updated_at, kind, digest, user_id, organization_id, expires_at)
VALUES ($1, 1, $2, $2, 'session', $3, $4, $5, $6)
"""


class Actor(NamedTuple):
    """Somebody who acts for an organization; `headers` hold the token and ask for English."""

    headers: dict[str, str]
    user_id: UUID
    organization_id: UUID


async def make_actor(
    connection: asyncpg.Connection, *, roles: Sequence[str], organization_id: UUID | None = None
) -> Actor:
    """Writes a user with these roles and a session of an hour; without an organization, one is made."""
    organization_id = organization_id or await make.organization(connection)
    now = instants.now()
    user_id = uuid7(now)
    await connection.execute(USER, user_id, now, f"{user_id}@example.org")
    return await acting_for(connection, user_id, organization_id=organization_id, roles=roles)


async def acting_for(
    connection: asyncpg.Connection, user_id: UUID, *, organization_id: UUID, roles: Sequence[str]
) -> Actor:
    """Makes a user a member of an organization and writes a session of an hour there."""
    now = instants.now()
    await connection.execute(MEMBERSHIP, uuid7(now), now, user_id, organization_id, list(roles))
    text = f"tnn_s_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(text.encode()).digest()
    expires_at = now + timedelta(hours=1)
    await connection.execute(SESSION, uuid7(now), now, digest, user_id, organization_id, expires_at)
    headers = {"authorization": f"Bearer {text}", "accept-language": "en"}
    introduce(headers["authorization"], organization_id, roles=roles)
    return Actor(headers, user_id, organization_id)
