"""How tests ask a running service: as an actor, and with what a client would send."""

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import asyncpg
import httpx

from tests.actors import Actor


class Api(NamedTuple):
    """A client of a running service, and a connection to its database that no rule of the service stops."""

    client: httpx.AsyncClient
    connection: asyncpg.Connection

    async def ask(
        self, method: str, path: str, *, by: Actor, body: Any = None, **headers: str
    ) -> httpx.Response:
        """Sends a request as an actor; `if_match="…"` is the header If-Match."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, headers=by.headers | given, json=body)

    async def get(self, path: str, by: Actor, **headers: str) -> httpx.Response:
        return await self.ask("GET", path, by=by, **headers)

    async def read(self, path: str, by: Actor) -> Any:
        """Gives the document at a path, which the actor can read."""
        found = await self.get(path, by)
        assert found.status_code == 200, found.text
        return found.json()

    async def post(self, path: str, by: Actor, *, body: Any, **headers: str) -> httpx.Response:
        return await self.ask("POST", path, by=by, body=body, **headers)

    async def create(self, path: str, by: Actor, *, body: Any) -> Any:
        """Gives the new record."""
        made = await self.post(path, by, body=body)
        assert made.status_code == 201, made.text
        return made.json()

    async def change(
        self, method: str, path: str, by: Actor, *, body: Any = None, record: str | None = None
    ) -> httpx.Response:
        """Changes a record, or a part of `record`, in the version that it has now."""
        version = (await self.read(record or path, by))["version"]
        return await self.ask(method, path, by=by, body=body, if_match=f'"{version}"')

    async def move(self, path: str, by: Actor, action: str, **body: Any) -> httpx.Response:
        """Carries out an action on a record in the version that it has now."""
        move = {"action": action, **body}
        return await self.change("POST", f"{path}/transitions", by, body=move, record=path)

    async def moved(self, path: str, by: Actor, action: str, **body: Any) -> Any:
        """Gives the record after an action that nothing stops."""
        answer = await self.move(path, by, action, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pages(self, path: str, by: Actor) -> AsyncGenerator[list[Any]]:
        """Gives the items of each page of a list, following its links."""
        address: str | None = path
        while address is not None:
            answer = await self.get(address, by)
            assert answer.status_code == 200, answer.text
            yield answer.json()["items"]
            address = answer.links["next"]["url"] if "next" in answer.links else None


def codes(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Gives what is stable in a problem: its status, its code, and pointer and code of each fault."""
    problem = answer.json()
    faults = [(fault["pointer"], fault["code"]) for fault in problem["errors"]]
    return answer.status_code, problem["code"], faults
