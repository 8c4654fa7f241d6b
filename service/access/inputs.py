"""What a request gives to its operation: path, parameters, headers and body.

All of it is checked before a connection is taken.
"""

import hashlib
import re
from typing import Any, get_args
from uuid import UUID

import msgspec

from service.access.call import Repeat
from service.kernel.decode import decoded
from service.kernel.form import Upload, received
from service.kernel.http import Receive, Scope, header, read_body, require_json
from service.kernel.inspection import Shape
from service.kernel.negotiate import CSV, JSON, media_type
from service.kernel.operation import Operation
from service.kernel.problem import Fault, Problem
from service.kernel.query import queried, refuse_parameters

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_IF_MATCH = re.compile(r'"([1-9][0-9]{0,9})(?:-[0-9a-f]{8})?"', re.ASCII)
_KEY_LENGTHS = range(1, 256)
_JSON_OR_CSV = (JSON, CSV)


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of the handler, and the headers that steer the answer."""

    arguments: dict[str, Any]
    accept: str
    filters: bytes
    path: str
    query_string: bytes
    expected: int | None
    repeat: Repeat | None
    none_match: str | None
    byte_range: str | None
    if_range: str | None
    head: bool

    def close(self) -> None:
        """Forget the file that was sent, if one was."""
        upload = self.arguments.get("upload")
        if isinstance(upload, Upload):
            upload.file.close()


async def inputs_of(operation: Operation, scope: Scope, *, receive: Receive) -> Inputs:
    """Return everything an operation was given; raise 400, 404, 406, 413, 415 or 428."""
    offered = _JSON_OR_CSV if operation.is_list else operation.media
    accept = media_type(header(scope, b"accept"), offered)
    expected = _expected(scope) if operation.conditional else None
    arguments = _path(operation, scope["path_params"])
    arguments |= _query(operation, scope["query_string"])
    key = _key(scope) if operation.keyed else None
    body, raw = await _body(operation, scope, receive=receive)
    arguments |= body
    return Inputs(
        arguments=arguments,
        accept=accept,
        filters=_filters(scope["query_string"]) if operation.is_list else b"",
        path=scope["path"],
        query_string=scope["query_string"],
        expected=expected,
        repeat=None if key is None else Repeat(key, _fingerprint(scope, raw)),
        none_match=header(scope, b"if-none-match"),
        byte_range=header(scope, b"range"),
        if_range=header(scope, b"if-range"),
        head=scope["exchange"].head,
    )


def _path(operation: Operation, given: dict[str, str]) -> dict[str, Any]:
    kinds = zip(operation.path_parameters, operation.path_types, strict=True)
    return {name: _segment(given[name], kind) for name, kind in kinds}


def _segment(text: str, kind: Shape) -> UUID | int | str:
    if kind is UUID:
        return _identifier(text)
    return _number(text, kind) if int in get_args(kind) else text


def _number(text: str, kind: Shape) -> int:
    """Return a number of the path; what is out of its bounds cannot exist."""
    try:
        return msgspec.convert(int(text) if _NUMBER.fullmatch(text) else None, kind)
    except msgspec.ValidationError as error:
        raise Problem("not_found") from error


def _identifier(text: str) -> UUID:
    """Return an id of the path; what is no UUID cannot exist."""
    if not _UUID.fullmatch(text):
        raise Problem("not_found")
    return UUID(text)


def _expected(scope: Scope) -> int:
    text = header(scope, b"if-match")
    if text is None:
        raise Problem("if_match_required")
    found = _IF_MATCH.fullmatch(text.strip())
    if found is None:
        raise Problem("validation_failed", faults=[Fault("", "if_match_invalid", {"given": text[:60]})])
    return int(found.group(1))


def _query(operation: Operation, query_string: bytes) -> dict[str, Any]:
    if operation.query is None:
        refuse_parameters(query_string)
        return {}
    return {"query": queried(query_string, operation.query)}


async def _body(operation: Operation, scope: Scope, *, receive: Receive) -> tuple[dict[str, Any], bytes]:
    if operation.form is not None:
        form, upload, said = await received(scope, receive, kind=operation.form, limit=operation.body_limit)
        return {"form": form, "upload": upload}, said
    if operation.body is None:
        raw = b"" if scope["method"] == "GET" else await read_body(scope, receive, limit=operation.body_limit)
        if raw:
            raise Problem("malformed_request", why="this operation takes no body")
        return {}, raw
    require_json(scope)
    raw = await read_body(scope, receive, limit=operation.body_limit)
    return {"body": decoded(raw, operation.body)}, raw


def _fingerprint(scope: Scope, body: bytes) -> bytes:
    """Return what makes another request the same: method, path, sorted parameters and body."""
    query = b"&".join(sorted(scope["query_string"].split(b"&")))
    return hashlib.sha256(
        b"\0".join((scope["method"].encode(), scope["path"].encode(), query, body))
    ).digest()


def _key(scope: Scope) -> str | None:
    key = header(scope, b"idempotency-key")
    if key is None:
        return None
    if len(key) not in _KEY_LENGTHS or not (key.isascii() and key.isprintable()):
        raise Problem("validation_failed", faults=[Fault("", "idempotency_key_invalid")])
    return key


def _filters(query_string: bytes) -> bytes:
    """Return the parameters that make a list another list: all but what says how much is wanted."""
    pairs = sorted(query_string.split(b"&"))
    return b"&".join(pair for pair in pairs if not pair.startswith((b"cursor=", b"limit=", b"count=")))
