"""How plans are made: requests of the two parties, half and half."""

import random
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import NamedTuple

import msgspec

from tests.bench.load import Entry, fetched
from tests.bench.servers import Server
from tests.bench.world import MEMBERS, Member, Size

_SEED = 20260105
SMALL_PARTY, LARGE_PARTY = MEMBERS


class Ground(NamedTuple):
    """Where requests are made for: a size, its database, and the service, whose cursors they use."""

    size: Size
    dsn: str
    service: Server


def get(member: Member, path: str) -> Entry:
    """Gives an entry that reads."""
    return Entry(((f"GET {path} HTTP/1.1\r\n{_headers(member)}\r\n\r\n".encode(),),))


def post(member: Member, path: str, *, around: tuple[str, str], body: object) -> tuple[bytes, ...]:
    """Gives a request cut in two inside the header `around`."""
    text = msgspec.json.encode(body)
    sent = _headers(member, *_of_body(len(text)), around[0])
    return f"POST {path} HTTP/1.1\r\n{sent}".encode(), f"{around[1]}\r\n\r\n".encode() + text


def post_cut(member: Member, path: str, *, body: object, mark: str, digits: int) -> tuple[bytes, ...]:
    """Gives a request cut wherever its body has the mark, to be replaced by a number of so many digits."""
    first, *others = msgspec.json.encode(body).split(mark.encode())
    length = len(first) + sum(digits + len(piece) for piece in others)
    head = f"POST {path} HTTP/1.1\r\n{_headers(member, *_of_body(length))}\r\n\r\n"
    return head.encode() + first, *others


def _of_body(length: int) -> tuple[str, str]:
    return "content-type: application/json", f"content-length: {length}"


def _headers(member: Member, *more: str) -> str:
    lines = ("host: bench", f"authorization: Bearer {member.token}", "accept: application/json", *more)
    return "\r\n".join(lines)


def halves(small: Iterable[Entry], large: Iterable[Entry]) -> list[Entry]:
    """Gives the entries of both parties in turn, those of the small one over and over."""
    return [entry for pair in zip(cycle(list(small)), large, strict=False) for entry in pair]


def chosen(first: int, last: int, *, amount: int) -> list[int]:
    """Gives numbers of a range at random, the same at every run."""
    return random.Random(_SEED).choices(range(first, last), k=amount)


def walked(ground: Ground, member: Member, path: str, *, most: int) -> Iterator[Entry]:
    """Gives the pages of a list, by the cursors of the service."""
    entry = get(member, path)
    for _ in range(most):
        yield entry
        status, body = fetched(ground.service.port, entry.request(0, 0))
        following = msgspec.json.decode(body).get("next_cursor")
        if status != 200 or following is None:
            return
        entry = get(member, f"{path}&cursor={following}")
