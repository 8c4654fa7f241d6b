"""The Kupang case entered into a service of a test's own, and what it leaves behind."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import msgspec

from schema.tables import metadata
from service.demo.case import kupang
from service.demo.clock import Clock
from service.demo.desk import Answer
from service.demo.load import DemoToken, enter
from service.kernel import instants
from tests.actors import make_actor
from tests.running import running

CASE = kupang()

# What signing in and the signing of the trail leave behind.
_BESIDE = frozenset({"token", "audit_head", "audit_checkpoint"})
_SIGNED_IN = {
    "audit_entry": "WHERE subject_type <> 'session'",
    "outbox_event": "WHERE subject_type <> 'session'",
}
EVERYTHING = {
    table: f'SELECT r::text AS text FROM "{table}" r {_SIGNED_IN.get(table, "")} ORDER BY 1'  # noqa: S608 - our own names.
    for table in sorted(set(metadata.tables) - _BESIDE)
}


class Running(msgspec.Struct):
    """A service that goes by a clock, its database, and the token of its first administrator."""

    dsn: str
    client: httpx.AsyncClient
    clock: Clock
    connection: asyncpg.Connection
    admin_token: str

    async def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Carries a request of the loader to the service."""
        answer = await self.client.request(method, path, headers=headers, content=body)
        return Answer(answer.status_code, answer.content)

    async def load(self, send=None) -> tuple[DemoToken, ...]:
        """Enters the case and gives the ready tokens."""
        return await enter(
            send or self.send, clock=self.clock, admin_token=self.admin_token, password=password_of
        )

    async def sign_in(self, email: str) -> str:
        """Gives the token of a new session."""
        body = {"email": email, "password": password_of(email)}
        answer = await self.client.post("/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    async def read(self, token: str, path: str) -> Any:
        """Gives what a token reads."""
        answer = await self.client.get(
            path, headers={"authorization": f"Bearer {token}", "accept-language": "en"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everything(self) -> dict[str, list[str]]:
        """Gives all rows but sessions and what signing in leaves behind, each as text."""
        return {
            table: [row["text"] for row in await self.connection.fetch(statement)]
            for table, statement in EVERYTHING.items()
        }


def password_of(email: str) -> str:
    """Gives the password of a demo person."""
    return f"only for tests: {email}"


@asynccontextmanager
async def service(new_database) -> AsyncGenerator[Running]:
    """Gives a service that knows nobody but its administrator."""
    clock = Clock(instants.now)
    async with new_database() as dsn, running(dsn, clock=clock) as client:
        connection = await asyncpg.connect(dsn)
        try:
            administrator = await make_actor(connection, roles=["platform_admin"])
            token = administrator.headers["authorization"].removeprefix("Bearer ")
            yield Running(dsn, client, clock, connection, token)
        finally:
            await connection.close()


@asynccontextmanager
async def later(known: Running, at: datetime) -> AsyncGenerator[Running]:
    """Gives a service on the same record, at another moment."""
    async with running(known.dsn, clock=lambda: at) as client:
        yield msgspec.structs.replace(known, client=client)
