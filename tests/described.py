"""Whether an answer is one that the OpenAPI document describes: its status, type, shape and problem code."""

import json
import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from service.app import OPERATIONS
from service.kernel import openapi
from service.kernel.operation import Operation

_BODILESS = (204, 304)


def deviations(answer: httpx.Response) -> list[str]:
    """Gives every way in which an answer is not what the document says; none where no operation was meant."""
    operation = operation_at(answer.request.method, answer.request.url.path)
    if operation is None or answer.request.method == "OPTIONS":
        return []
    described = _responses(operation).get(str(answer.status_code))
    if described is None:
        return [f"{operation.id} does not document {answer.status_code}: {answer.text[:300]}"]
    if answer.request.method == "HEAD" or answer.status_code in _BODILESS:
        return ["a body where none belongs"] if answer.content else []
    return [f"{operation.id} {answer.status_code}: {each}" for each in _of_content(answer, described)]


def _of_content(answer: httpx.Response, described: Any) -> list[str]:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind not in described["content"]:
        return [f"the type {kind or 'none'}"]
    if not kind.endswith("json"):
        return []
    document = answer.json()
    found = [
        f"{error.message[:200]} at {error.instance_path}"
        for error in _validator(json.dumps(described["content"][kind]["schema"])).iter_errors(document)
    ]
    codes = described.get("x-problem-codes", [])
    undocumented = bool(codes) and document["code"] not in codes
    return [*found, f"the problem {document['code']}"] if undocumented else found


@cache
def operation_at(method: str, path: str) -> Operation | None:
    """Gives the operation that a request means; a literal path comes before a template."""
    wanted = "GET" if method == "HEAD" else method
    plain = "/" + "/".join(part for part in path.split("/") if part)
    known = [each for each in OPERATIONS if each.path == plain]
    known = known or [each for each in OPERATIONS if _pattern(each.path).fullmatch(plain)]
    return next((each for each in known if each.method == wanted), None)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))


@cache
def _document() -> Any:
    return json.loads(openapi.text(OPERATIONS))


def _responses(operation: Operation) -> Any:
    return _document()["paths"][operation.path][operation.method.lower()]["responses"]


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    whole = {**json.loads(schema), "components": _document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
