"""How the loader asks the service: as one person at a time, through the API that everybody has."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import msgspec

_KEY = re.compile(r'"@(\w+)"', re.ASCII)


class Answer(NamedTuple):
    """Status and body of an HTTP answer."""

    status: int
    body: bytes


class Send(Protocol):
    """What carries a request to the service."""

    async def __call__(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """Return the answer, whatever its status."""
        ...


class LoadError(Exception):
    """The service refused a part of the case; `code` is the code of its problem."""

    def __init__(self, request: str, problem: Mapping[str, Any]) -> None:
        """Keep the code and say all the faults."""
        errors = [f"{fault['pointer']} {fault['code']}" for fault in problem["errors"]]
        super().__init__("; ".join((f"{request}: {problem['code']}: {problem['detail']}", *errors)))
        self.code = str(problem["code"])


class Desk(msgspec.Struct, frozen=True):
    """Somebody's way to the service; without a token, anybody's."""

    send: Send
    token: str | None = None

    async def all(self, path: str, **filters: str) -> list[dict[str, Any]]:
        """Return the items of all pages of a list."""
        items: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            page = await self.ask(f"GET {path}?{urlencode({'limit': 200, **filters, **more})}")
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            more = {"cursor": page["next_cursor"]}

    async def ask(self, request: str, *, body: object = None, version: int | None = None) -> dict[str, Any]:
        """Return the answer to a request such as `GET /v1/me`; a change names the version that it saw.

        Raises `LoadError` with the problem, if any.
        """
        method, _, path = request.partition(" ")
        headers = {"accept": "application/json", "accept-language": "en", "content-type": "application/json"}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        if version is not None:
            headers["if-match"] = f'"{version}"'
        content = None if body is None else msgspec.json.encode(body)
        answer = await self.send(method, path, headers=headers, body=content)
        said = msgspec.json.decode(answer.body)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise LoadError(request.partition("?")[0], said)
        return said


def resolved(body: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a body with the id of the record in place of each `@key`."""
    text = msgspec.json.encode(body).decode()
    return msgspec.json.decode(_KEY.sub(lambda key: f'"{ids[key[1]]}"', text))
