"""Bytes → struct in one strict pass; when that fails, a second look that names every fault at once.

msgspec reports its first error only. The second look (`inspection`) walks the raw value along the declared
type, so its cost is paid by bad input alone.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import msgspec

from service.kernel.inspection import Json, Shape, calendar_faults, escaped, faults_of, why
from service.kernel.problem import Fault, Problem

T = TypeVar("T")

MAX_NESTING = 32
# msgspec accepts 1e400 and NaN nowhere, but an integer of thousands of digits costs quadratic time in Python.
_HUGE_NUMBER = re.compile(rb"[0-9]{400}")
# A text that never closes ends with the body: tried again at each of its quotes, 40 kB would take 8 s.
_PIECE = re.compile(rb'(?s)"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]|[0-9]{400}')
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# An escape, DEL or a C1 control: then the decoded text is looked at once more.
_SUSPECT = re.compile(rb"\\[ubfr]|\x7f|\xc2[\x80-\x9f]")


def decoded(body: bytes, kind: type[T]) -> T:
    """Return the body as the declared struct.

    Raises `malformed_request` for what is no JSON text, `validation_failed` with all faults for the rest.
    """
    _refuse_unreadable(body)
    try:
        body = _composed(body)
        value = _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise _refusal(body, kind, error=error) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem("malformed_request", why=why(error)) from error
    faults = (*calendar_faults(value), *_control_faults(body))
    if faults:
        raise Problem("validation_failed", faults=faults)
    return value


def _refusal(body: bytes, kind: Shape, *, error: msgspec.ValidationError) -> Problem:
    """Return the problem of a body that does not have the shape of its type."""
    try:
        raw = msgspec.json.decode(body)
    except msgspec.DecodeError as unreadable:  # The rest of it is no JSON, or a number beyond a double.
        return Problem("malformed_request", why=why(unreadable))
    return Problem("validation_failed", faults=(*faults_of(raw, kind, error=error), *_control_faults(body)))


@cache
def _decoder(kind: Shape) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _refuse_unreadable(body: bytes) -> None:
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise Problem("malformed_request", why=why(error)) from error
    if body.count(b"[") + body.count(b"{") > MAX_NESTING or _HUGE_NUMBER.search(body):
        _refuse_hostile(body)


def _refuse_hostile(body: bytes) -> None:
    """Raise for nesting or numbers that are too much; what stands inside a text is neither."""
    depth = 0
    for piece in _PIECE.finditer(body):
        match body[piece.start()]:
            case 0x22:  # A text.
                pass
            case 0x5B | 0x7B:
                depth += 1
                if depth > MAX_NESTING:
                    raise Problem("malformed_request", why=f"nesting > {MAX_NESTING}")
            case 0x5D | 0x7D:
                depth -= 1
            case _:
                raise Problem("malformed_request", why="number too long")


def _composed(body: bytes) -> bytes:
    """Return the body with its text in NFC, so that equal-looking names are equal."""
    if b"\\u" in body:
        body = msgspec.json.encode(msgspec.json.decode(body))
    if body.isascii():
        return body
    return unicodedata.normalize("NFC", body.decode()).encode()


def _control_faults(body: bytes) -> tuple[Fault, ...]:
    return tuple(_controls(msgspec.json.decode(body), "")) if _SUSPECT.search(body) else ()


def _controls(value: Json, pointer: str) -> Iterator[Fault]:
    if isinstance(value, str):
        if _CONTROL.search(value):
            yield Fault(pointer, "control_character")
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _controls(member, f"{pointer}/{escaped(key)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _controls(member, f"{pointer}/{index}")
