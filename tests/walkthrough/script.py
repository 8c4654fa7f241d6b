"""`openapi/walkthrough.http` as a program reads it: the requests in their order, and what answers each.

The form is that of editors' HTTP clients: blocks between lines of `###`, variables `@name = value`, and what
was answered before as `{{name.response.body.$.id}}` or `{{name.response.headers.ETag}}`. For them `# @expect`
is a comment: it gives the status of the answer, or the path of a value in it and what it is, as JSON.
"""

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, NamedTuple

import httpx

_VARIABLE = re.compile(r"@(\w+) = (.+)")
_SAID = re.compile(r"# @(name|expect) (.+)")
_REQUEST = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) \S+")
_PLACE = re.compile(r"\{\{(.+?)\}\}")
_CAPTURED = re.compile(r"(\w+)\.response\.(?:headers\.([\w-]+)|body\.(\$\S*))")
_PART = re.compile(r"\.(\w+)|\[(\d+)\]")
_MULTIPART = "multipart/form-data"


class Step(NamedTuple):
    """A request with its places still to be filled; each fact is the path of a value and its JSON."""

    title: str
    name: str
    status: int
    facts: tuple[tuple[str, str], ...]
    method: str
    target: str
    headers: Mapping[str, str]
    body: str


class Script(NamedTuple):
    """What a file says."""

    variables: Mapping[str, str]
    steps: tuple[Step, ...]


def read(text: str) -> Script:
    """Gives what a file says; raises ValueError for a request without a name or an expected status."""
    blocks = [_block(each) for each in text.split("\n###")]
    set_in = (_VARIABLE.fullmatch(line) for block in blocks for line in block.before)
    return Script(
        variables={found[1]: found[2] for found in set_in if found},
        steps=tuple(_step(block) for block in blocks if block.request),
    )


class _Block(NamedTuple):
    """What stands between two lines of `###`; it need not have a request."""

    title: str
    before: list[str]
    request: str
    headers: list[str]
    body: str


def _block(text: str) -> _Block:
    title, *lines = text.split("\n")
    start = next((place for place, line in enumerate(lines) if _REQUEST.fullmatch(line)), len(lines))
    request, *rest = lines[start:] or [""]
    headers = list(takewhile(str.strip, rest))
    return _Block(title.strip(), lines[:start], request, headers, "\n".join(rest[len(headers) :]).strip())


def _step(block: _Block) -> Step:
    said = [found.groups() for line in block.before if (found := _SAID.fullmatch(line))]
    names = [value for what, value in said if what == "name"]
    expected = [value for what, value in said if what == "expect"]
    status = [int(value) for value in expected if value.isdecimal()]
    if len(status) != 1 or len(names) != 1:
        raise ValueError(f"{block.title}: one # @name and one # @expect with a status are needed")
    facts = (value.partition(" == ") for value in expected if not value.isdecimal())
    method, target = block.request.split(" ")
    return Step(
        title=block.title,
        name=names[0],
        status=status[0],
        facts=tuple((path, wanted) for path, _, wanted in facts),
        method=method,
        target=target,
        headers={name: value for name, _, value in (line.partition(": ") for line in block.headers)},
        body=block.body,
    )


class Sending:
    """Sends requests of a file and keeps every answer by its name."""

    def __init__(self, script: Script, client: httpx.Client, **variables: str) -> None:
        """Let these variables stand in place of the file's own."""
        self._client = client
        self._variables = {**script.variables, **variables}
        self._answers: dict[str, httpx.Response] = {}

    def send(self, step: Step) -> httpx.Response:
        """Gives the answer to a request."""
        body = self._filled(step.body)
        if step.headers.get("Content-Type", "").startswith(_MULTIPART):
            body = body.replace("\n", "\r\n") + "\r\n"
        headers = {name: self._filled(value) for name, value in step.headers.items()}
        target = self._filled(step.target)
        answer = self._client.request(step.method, target, headers=headers, content=body.encode())
        self._answers[step.name] = answer
        return answer

    def wrong(self, step: Step) -> list[str]:
        """Gives what the last answer to a request is not, although the file says so."""
        answer = self._answers[step.name]
        if answer.status_code != step.status:
            return [f"{step.title}: {answer.status_code}, not {step.status}: {answer.text}"]
        given = [
            (path, value_at(path, answer.json()), json.loads(self._filled(text))) for path, text in step.facts
        ]
        return [
            f"{step.title}: {path} is {value!r}, not {wanted!r}"
            for path, value, wanted in given
            if value != wanted
        ]

    def _filled(self, text: str) -> str:
        return _PLACE.sub(lambda place: self._value(place[1]), text)

    def _value(self, expression: str) -> str:
        if expression in self._variables:
            return self._filled(self._variables[expression])
        captured = _CAPTURED.fullmatch(expression)
        if captured is None or captured[1] not in self._answers:
            raise LookupError(f"{expression}: no such variable, and nothing of that name was answered before")
        answer, header, path = self._answers[captured[1]], captured[2], captured[3]
        return answer.headers[header] if header else str(value_at(path, answer.json()))


def value_at(path: str, document: Any) -> Any:
    """Gives the value at a path such as `$.items[0].id`; raises LookupError where there is none."""
    found = document
    for name, index in _PART.findall(path):
        found = found[name] if name else found[int(index)]
    return found
