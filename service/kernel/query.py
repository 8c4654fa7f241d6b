"""Query parameters → struct: unknown, repeated and out-of-range ones are refused, not ignored or clamped."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from service.kernel.inspection import Json, calendar_faults, faults_of, fields_of
from service.kernel.problem import Fault, Problem

T = TypeVar("T", bound=msgspec.Struct)

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BOOLEANS = {"true": True, "false": False}
_MAX_PARAMETERS = 200


@lru_cache(maxsize=1024)
def queried(query_string: bytes, kind: type[T]) -> T:
    """Return the parameters of a query string as the declared struct; raise with all faults at once."""
    given = _pairs(query_string)
    fields = _fields(kind)
    faults = list(_misuse(given, fields))
    raw = {name: _values(texts, fields[name]) for name, texts in given.items() if name in fields}
    try:
        value = msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as error:
        faults += [_as_parameter(fault) for fault in faults_of(raw, kind, error=error)]
        raise Problem("validation_failed", faults=faults) from error
    faults += [_as_parameter(fault) for fault in calendar_faults(value)]
    if faults:
        raise Problem("validation_failed", faults=faults)
    return value


def refuse_parameters(query_string: bytes) -> None:
    """Raise for any parameter, where an operation takes none."""
    if query_string:
        names = _pairs(query_string)
        faults = [Fault(f"?{name[:60]}", "unknown_parameter", {"name": name[:60]}) for name in names]
        raise Problem("validation_failed", faults=faults)


def _pairs(query_string: bytes) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_PARAMETERS,
        )
    except ValueError as error:
        raise Problem("malformed_request", why="query string") from error
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


@cache
def _fields(kind: type[msgspec.Struct]) -> Mapping[str, inspect.Type]:
    return {field.encode_name: _bare(field.type) for field in fields_of(kind)}


def _bare(info: inspect.Type) -> inspect.Type:
    """Return the type of a value that is given: not the absence beside it."""
    if isinstance(info, inspect.Metadata):
        return _bare(info.type)
    if isinstance(info, inspect.UnionType):
        return _bare(next(member for member in info.types if not isinstance(member, inspect.CustomType)))
    return info


def _misuse(given: Mapping[str, list[str]], fields: Mapping[str, inspect.Type]) -> list[Fault]:
    faults: list[Fault] = []
    for name, texts in given.items():
        shown = name[:60]
        if name not in fields:
            faults.append(Fault(f"?{shown}", "unknown_parameter", {"name": shown}))
        elif len(texts) > 1 and not isinstance(fields[name], inspect.VarTupleType):
            faults.append(Fault(f"?{shown}", "repeated_parameter", {"name": shown}))
        elif any(_CONTROL.search(text) for text in texts):
            faults.append(Fault(f"?{shown}", "control_character"))
    return faults


def _values(texts: list[str], info: inspect.Type) -> Json:
    if isinstance(info, inspect.VarTupleType):
        return [_value(text, _bare(info.item_type)) for text in texts]
    return _value(texts[0], info)


def _value(text: str, info: inspect.Type) -> str | int | bool:
    """Return what the text of a parameter means; the text itself when it means nothing of that type."""
    if isinstance(info, inspect.IntType) and _INTEGER.fullmatch(text):
        return int(text)
    if isinstance(info, inspect.BoolType):
        return _BOOLEANS.get(text, text)
    return text


def _as_parameter(fault: Fault) -> Fault:
    name = fault.pointer.split("/")[1] if fault.pointer else ""
    return Fault(f"?{name}", fault.code, fault.values)
