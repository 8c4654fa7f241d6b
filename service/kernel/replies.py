"""Every answer an operation can give, as OpenAPI describes it; an undocumented answer is a defect."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from types import NoneType
from typing import Any, get_args

from schema.messages import PROBLEMS
from schema.wire.common import Problem
from service.kernel.download import File
from service.kernel.http import PROBLEM_TYPE, Answer
from service.kernel.manners import STATUSES
from service.kernel.negotiate import CSV, JSON
from service.kernel.operation import OPEN, Operation
from service.kernel.schemas import Schema, Schemas, Shape, resolved

_ALWAYS = ("X-Request-Id", "Server-Timing")
_SAID = (*_ALWAYS, "Content-Language")
_PROBLEM_HEADERS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
_CSV_SCHEMA: Schema = {
    "type": "string",
    "description": "A line of names, then a line per record; nested fields as `parent.child` (RFC 4180).",
}


def problem_codes(operation: Operation) -> tuple[str, ...]:
    """Return every problem code the operation may answer: its own, and those its declaration implies."""
    implied = (code for applies, codes in _IMPLIED if applies(operation) for code in codes)
    return tuple(dict.fromkeys((*implied, *operation.problems)))


def reply_shape(operation: Operation) -> Shape | None:
    """Return the type of the JSON an operation answers; None when it has none, or one without a schema."""
    members = get_args(operation.reply) if Answer in get_args(operation.reply) else (operation.reply,)
    shapes = [member for member in members if member not in {Answer, File, NoneType}]
    return shapes[0] if shapes else None


def revalidates(operation: Operation) -> bool:
    """Whether the answer has an ETag that If-None-Match may name."""
    own = operation.reply in {Answer, File} or Answer in get_args(operation.reply)
    return operation.method == "GET" and (own or _has_field(operation, "version"))


def responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """Return the responses object: the success, 304, and a response for each status of its problems."""
    status = HTTPStatus.NO_CONTENT if operation.reply is NoneType else operation.status
    found = {f"{status:d}": _success(operation, schemas)}
    if operation.reply is File:
        found["206"] = _file(operation, _PART_HEADERS, description="The bytes that `Range` asks for.")
    if revalidates(operation):
        found["304"] = {
            "description": "What you have is still current.",
            "headers": _headers((*_ALWAYS, "ETag")),
        }
    codes = problem_codes(operation)
    for status in sorted({PROBLEMS[code].status for code in codes}):
        at_status = [code for code in codes if PROBLEMS[code].status == status]
        found[str(status)] = _failure(status, at_status, schemas=schemas)
    return found


def _success(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    if operation.reply is NoneType:
        return {"description": "Done.", "headers": _headers(_ALWAYS)}
    if operation.reply is File:
        return _file(operation, _FILE_HEADERS, description="The bytes as they were stored.")
    shape = reply_shape(operation)
    schema = {"type": "object"} if shape is None else schemas.of[shape]
    description = resolved(schema, schemas.components).get("description", "The answer.")
    kinds = (JSON, CSV) if operation.is_list else operation.media
    content = {kind: {"schema": _SCHEMA_OF.get(kind, _TEXT) if kind != JSON else schema} for kind in kinds}
    return {"description": description, "headers": _headers(_success_headers(operation)), "content": content}


def _file(operation: Operation, headers: Iterable[str], *, description: str) -> dict[str, Any]:
    content = {kind: {"schema": BYTES} for kind in operation.media}
    return {"description": description, "headers": _headers((*_ALWAYS, *headers)), "content": content}


BYTES: Schema = {"type": "string", "format": "binary"}
_FILE_HEADERS = ("ETag", "Accept-Ranges", "Content-Disposition")
_PART_HEADERS = (*_FILE_HEADERS, "Content-Range")
_TEXT: Schema = {"type": "string"}
_SCHEMA_OF: Mapping[str, Schema] = {CSV: _CSV_SCHEMA}


def _success_headers(operation: Operation) -> Iterable[str]:
    yield from _SAID
    if revalidates(operation) or _has_field(operation, "version"):
        yield "ETag"
    if operation.status == HTTPStatus.CREATED and _has_field(operation, "id"):
        yield "Location"
    if operation.is_list:
        yield "Link"
    if operation.keyed:
        yield "Idempotency-Replayed"


def _has_field(operation: Operation, name: str) -> bool:
    return name in getattr(operation.reply, "__struct_fields__", ())


def _failure(status: int, codes: list[str], *, schemas: Schemas) -> dict[str, Any]:
    lines = [f"- [`{code}`](/problems/{code}): {PROBLEMS[code].title.en}." for code in codes]
    return {
        "description": "\n".join((STATUSES[status], "", *lines)),
        "headers": _headers((*_SAID, *_PROBLEM_HEADERS.get(status, ()))),
        "content": {PROBLEM_TYPE: {"schema": schemas.of[Problem]}},
        "x-problem-codes": codes,
    }


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_IMPLIED: tuple[tuple[Callable[[Operation], bool], tuple[str, ...]], ...] = (
    (lambda _: True, ("malformed_request", "validation_failed", "not_acceptable", "unavailable")),
    (lambda op: op.permissions is not OPEN, ("authentication_required", "permission_missing")),
    (lambda op: op.permissions is not OPEN and not op.unlocked, ("password_change_required",)),
    (lambda op: bool(op.path_parameters) or op.revisit is not None, ("not_found",)),
    (lambda op: op.method != "GET", ("body_too_large", "body_too_slow")),
    (lambda op: op.body is not None or op.form is not None, ("unsupported_media_type",)),
    (lambda op: op.id.startswith("transition_"), ("transition_not_allowed", "guards_not_met")),
    (lambda op: op.conditional, ("stale_version", "if_match_required")),
    (lambda op: op.reply is File, ("range_not_satisfiable",)),
    (lambda op: op.keyed, ("request_in_progress", "idempotency_key_reused")),
)
"""What every operation of a sort may answer; `problems` of an operation adds its own."""
