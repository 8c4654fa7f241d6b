"""What a handler returned → an answer: 201 with Location, ETag and 304, pages with Link, CSV by Accept."""

import zlib
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Protocol, TypeAlias, cast
from uuid import UUID

import msgspec

from schema.vocabulary import Language
from service.kernel.http import Answer, entity_tag, json_headers
from service.kernel.negotiate import CSV
from service.kernel.operation import Operation
from service.kernel.sheet import csv_of

Encode: TypeAlias = Callable[[object], bytes]


class Asked(Protocol):
    """What the answer depends on besides the result."""

    @property
    def accept(self) -> str:
        """Media type chosen."""
        ...

    @property
    def path(self) -> str:
        """Path of the request."""
        ...

    @property
    def query_string(self) -> bytes:
        """Parameters of the request."""
        ...

    @property
    def none_match(self) -> str | None:
        """If-None-Match."""
        ...


class _Listed(Protocol):
    @property
    def items(self) -> Iterable[object]: ...
    @property
    def next_cursor(self) -> str | None: ...


class _Told(msgspec.Struct):
    """What headers repeat of a body: a record goes by its number in a list of its own, else by its id."""

    version: int | None = None
    sequence: int | None = None


def answer_of(
    operation: Operation, result: object, *, body: Encode, inputs: Asked, language: Language
) -> Answer:
    """Return the answer of a handler's result: an answer of its own, None, a page, or a record."""
    if isinstance(result, Answer):
        return _own(operation, result, inputs=inputs)
    if result is None:
        return Answer(204, [])
    if operation.is_list:
        return _page(operation, cast("_Listed", result), body=body, inputs=inputs, language=language)
    text = body(result)
    headers = json_headers(language, private=operation.private)
    version = getattr(result, "version", None)
    if version is not None:
        tag = entity_tag(version, text)
        headers.append((b"etag", tag.encode()))
        if operation.method == "GET" and matches(inputs.none_match, tag):
            return Answer(304, headers)
    if operation.status == HTTPStatus.CREATED:
        headers += _location(inputs.path, getattr(result, "sequence", None) or getattr(result, "id", None))
    return Answer(operation.status, headers, body=text)


def replay_of(path: str, status: int, *, body: bytes, subject_id: UUID) -> Answer:
    """Return the first answer to a request at a path again."""
    told = msgspec.json.decode(body, type=_Told)
    headers = [(b"content-type", b"application/json"), (b"idempotency-replayed", b"true")]
    if told.version is not None:
        headers.append((b"etag", entity_tag(told.version, body).encode()))
    if status == HTTPStatus.CREATED:
        headers += _location(path, told.sequence or subject_id)
    return Answer(status, headers, body=body)


def _own(operation: Operation, answer: Answer, *, inputs: Asked) -> Answer:
    """Return an answer the handler made itself, with an ETag, or 304 when the caller has it already."""
    if operation.method != "GET":
        return answer
    tag = f'"{zlib.crc32(answer.body):08x}"'
    answer.headers.append((b"etag", tag.encode()))
    if not matches(inputs.none_match, tag):
        return answer
    return Answer(304, [pair for pair in answer.headers if pair[0] != b"content-length"])


def _location(path: str, name: UUID | int | None) -> list[tuple[bytes, bytes]]:
    """Return where a record is that was made at the path of its list."""
    return [] if name is None else [(b"location", f"{path.rstrip('/')}/{name}".encode())]


def matches(none_match: str | None, tag: str) -> bool:
    """Whether If-None-Match names this ETag."""
    if none_match is None:
        return False
    given = {member.strip().removeprefix("W/") for member in none_match.split(",")}
    return tag in given or "*" in given


def _page(operation: Operation, page: _Listed, *, body: Encode, inputs: Asked, language: Language) -> Answer:
    if inputs.accept == CSV:
        headers = json_headers(language, private=operation.private, kind="text/csv; charset=utf-8")
        headers.append((b"content-disposition", f'attachment; filename="{operation.id}.csv"'.encode()))
        text = csv_of(page.items, operation.reply)
    else:
        headers = json_headers(language, private=operation.private)
        text = body(page)
    if page.next_cursor is not None:
        pairs = [pair for pair in inputs.query_string.split(b"&") if pair and not pair.startswith(b"cursor=")]
        query = b"&".join([*pairs, b"cursor=" + page.next_cursor.encode()])
        headers.append((b"link", b"<" + inputs.path.encode() + b"?" + query + b'>; rel="next"'))
    return Answer(200, headers, body=text)
