"""Words that are planted in what organizations and persons wrote, and looked for wherever the service speaks.

Whoever plants one says who may read it. Every answer of every test is searched (`tests.running`); what the
service logs may hold none at all.
"""

import re
import secrets
from collections.abc import Callable, Collection
from typing import NamedTuple
from urllib.parse import unquote
from uuid import UUID

import httpx

_WORD = re.compile(r"kanari[0-9a-f]{10}")
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+\.\w+|tnn_[sk]_\w+|kanari[0-9a-f]{10}")


class Reader(NamedTuple):
    """Whom a token names."""

    organization_id: UUID
    roles: frozenset[str]


class Canary(NamedTuple):
    """Where a word was planted, and who may read it."""

    where: str
    open_to: Callable[[Reader], bool]


_planted: dict[str, Canary] = {}
_readers: dict[str, Reader] = {}


def plant(where: str, open_to: Callable[[Reader], bool]) -> str:
    """Gives a word that nobody ever wrote."""
    word = f"kanari{secrets.token_hex(5)}"
    _planted[word] = Canary(where, open_to)
    return word


def of_content(where: str, organization_ids: Collection[UUID]) -> str:
    """Gives a word of what organizations share: the platform's administrators never read it."""
    return plant(
        where,
        lambda reader: reader.organization_id in organization_ids and reader.roles != {"platform_admin"},
    )


def of_account(where: str, organization_id: UUID) -> str:
    """Gives a word of a person: for the own organization, and for the platform."""
    return plant(
        where,
        lambda reader: reader.organization_id == organization_id or "platform_admin" in reader.roles,
    )


def of_key(where: str, organization_id: UUID) -> str:
    """Gives a word of an API key: for the own organization alone."""
    return plant(where, lambda reader: reader.organization_id == organization_id)


def introduce(authorization: str, organization_id: UUID, *, roles: Collection[str]) -> None:
    """Remembers whom a token names; whoever was not introduced may read no canary."""
    _readers[authorization] = Reader(organization_id, frozenset(roles))


def found_in(text: str) -> set[str]:
    """Gives all canaries in a text."""
    return set(_WORD.findall(text))


def strays(answer: httpx.Response) -> list[str]:
    """Gives where each canary of an answer was planted that its reader may not see and did not send."""
    if not _planted:
        return []
    request = answer.request
    told = found_in(f"{answer.headers}{answer.text}")
    sent = found_in(unquote(f"{request.url}") + _content(request)) if told else set[str]()
    reader = _readers.get(request.headers.get("authorization", ""))
    return [
        f"{request.method} {request.url.path} tells {reader} of {_planted[word].where}"
        for word in sorted(told - sent)
        if reader is None or not _planted[word].open_to(reader)
    ]


def private_in(log: str) -> list[str]:
    """Gives what no log may hold: canaries, e-mails and tokens."""
    return _PRIVATE.findall(log)


def _content(request: httpx.Request) -> str:
    try:
        return request.content.decode(errors="replace")
    except httpx.RequestNotRead:
        return ""  # A body that is generated piece by piece holds no canary.
