"""Token → principal: looked up by digest, remembered for 5 s at most, dropped when PostgreSQL says so.

    process A                          PostgreSQL                process B
    revoke: UPDATE token, COMMIT  →    trigger: NOTIFY      →    forget(user): generation + 1
    forgets when its NOTIFY comes                                a load that began before is not remembered

While the listener is down nothing is remembered. A change looks at the token again in its own statement.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import TypeAlias
from uuid import UUID

import asyncpg

from service.access.policy import permissions_of, roles_within
from service.access.principal import Principal
from service.access.queries import TOKEN_FACTS, ByDigest, TokenFacts
from service.kernel.database import Database
from service.kernel.problem import Problem

Connect: TypeAlias = "Callable[[], Awaitable[asyncpg.Connection[asyncpg.Record]]]"

CHANNEL = "tenun_principal"
_REMEMBERED_SECONDS = 5.0
_RECONNECT_SECONDS = 1.0
_SILENCE_SECONDS = 5.0
_MOST_REMEMBERED = 10_000
# What says that the database is away; the last, that it left while it was spoken to.
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_TOKEN_LENGTH = range(10, 101)


class Authenticator:
    """Principals by token digest, with what is needed to forget them in time."""

    def __init__(self, database: Database) -> None:
        """Remember nothing until `listening`."""
        self._database = database
        self._known: dict[bytes, tuple[Principal, float]] = {}
        self._generation = 0
        self._listening = False

    async def principal(self, authorization: str | None, now: datetime) -> Principal:
        """Return who a Bearer header names.

        Raises `authentication_required` for a missing, malformed, unknown, expired or revoked token.
        """
        digest = _digest(authorization)
        known = self._known.get(digest)
        if known is not None and known[1] > monotonic():
            principal = known[0]
        else:
            principal = await self._load(digest)
        if principal.expires_at <= now:
            raise Problem("authentication_required")
        return principal

    async def _load(self, digest: bytes) -> Principal:
        generation = self._generation
        facts = await self._database.one(TOKEN_FACTS, ByDigest(digest=digest))
        if facts is None:
            raise Problem("authentication_required")
        principal = _principal(facts)
        if self._listening and generation == self._generation:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[digest] = (principal, monotonic() + _REMEMBERED_SECONDS)
        return principal

    def forget(self, user_id: UUID) -> None:
        """Drop what is remembered of a person."""
        self._generation += 1
        self._known = {key: kept for key, kept in self._known.items() if kept[0].user_id != user_id}

    def _forget_all(self) -> None:
        self._generation += 1
        self._known = {}

    @asynccontextmanager
    async def listening(self, connect: Connect) -> AsyncGenerator[None]:
        """Listen for changes on a connection of its own, reconnecting for as long as the context lasts."""
        task = asyncio.create_task(self._listen(connect))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self, connect: Connect) -> None:
        while True:
            try:
                await self._listen_once(connect)
            except _AWAY:
                pass  # Nothing is remembered until it is back.
            finally:
                self._listening = False
                self._forget_all()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen_once(self, connect: Connect) -> None:
        gone = asyncio.Event()
        connection = await connect()
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(
                CHANNEL, lambda _connection, _pid, _channel, user_id: self.forget(UUID(str(user_id)))
            )
            self._forget_all()
            self._listening = True
            while not gone.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), _SILENCE_SECONDS)
                # A server that froze ends no connection and says nothing.
                await connection.execute("SELECT 1", timeout=_SILENCE_SECONDS)
        finally:
            connection.terminate()


def _principal(facts: TokenFacts) -> Principal:
    """Return the principal of a token; the roles of a key give at most what its maker still holds."""
    held = facts.membership_roles
    roles = held if facts.token_roles is None else roles_within(facts.token_roles, held)
    return Principal(
        token_id=facts.token_id,
        token_kind=facts.token_kind,
        expires_at=facts.expires_at,
        user_id=facts.user_id,
        organization_id=facts.organization_id,
        time_zone=facts.time_zone,
        roles=roles,
        membership_version=facts.membership_version,
        user_version=facts.user_version,
        password_change_required=facts.password_change_required,
        sees_many=facts.sees_many,
        permissions=permissions_of(roles),
    )


def _digest(authorization: str | None) -> bytes:
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or len(text) not in _TOKEN_LENGTH or not text.isascii():
        raise Problem("authentication_required")
    return token_digest(text)


def token_digest(text: str) -> bytes:
    """Return what is kept of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(text.encode()).digest()
