"""Bytes → struct in one strict pass; when that fails, a second look that names every fault at once.

msgspec reports its first error only. The second look walks the raw value along the declared type, so its cost is
paid by bad input alone.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import inspect

from schema.messages.common import Message
from service.kernel.period import FIRST_DAY, LAST_DAY
from service.kernel.problem import Fault, Problem

T = TypeVar("T")

MAX_NESTING = 32
MAX_FAULTS = 200
_MAX_SHOWN = 60
# msgspec accepts 1e400 and NaN nowhere, but an integer of thousands of digits costs quadratic time in Python.
_HUGE_NUMBER = re.compile(rb"[0-9]{400}")
_BRACKET_OR_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')
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
        raise Problem(
            "validation_failed", faults=faults_of(msgspec.json.decode(body), kind, error=error)
        ) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem("malformed_request", why=_why(error)) from error
    faults = (*calendar_faults(value, kind), *_control_faults(body))
    if faults:
        raise Problem("validation_failed", faults=faults)
    return value


def calendar_faults(value: object, kind: Any) -> tuple[Fault, ...]:
    """Return a fault for every day of a value that lies outside 1945–2199."""
    days = _days_of(kind)
    return () if days is None else tuple(days(value, ""))


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _refuse_unreadable(body: bytes) -> None:
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise Problem("malformed_request", why=_why(error)) from error
    if _HUGE_NUMBER.search(body):
        raise Problem("malformed_request", why="number too long")
    if body.count(b"[") + body.count(b"{") > MAX_NESTING and _nesting(body) > MAX_NESTING:
        raise Problem("malformed_request", why=f"nesting > {MAX_NESTING}")


def _composed(body: bytes) -> bytes:
    """Return the body with its text in NFC, so that equal-looking names are equal."""
    if b"\\u" in body:
        body = msgspec.json.encode(msgspec.json.decode(body))
    if body.isascii():
        return body
    return unicodedata.normalize("NFC", body.decode()).encode()


def _nesting(body: bytes) -> int:
    depth = deepest = 0
    for found in _BRACKET_OR_STRING.finditer(body):
        mark = found.group()[:1]
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in b"]}":
            depth -= 1
    return deepest


def _why(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


def _control_faults(body: bytes) -> tuple[Fault, ...]:
    return tuple(_controls(msgspec.json.decode(body), "")) if _SUSPECT.search(body) else ()


def _controls(value: object, pointer: str) -> Iterator[Fault]:
    if isinstance(value, str):
        if _CONTROL.search(value):
            yield Fault(pointer, "control_character")
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _controls(member, f"{pointer}/{_escaped(key)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _controls(member, f"{pointer}/{index}")


def _escaped(key: str) -> str:
    return key[:_MAX_SHOWN].replace("~", "~0").replace("/", "~1")


# ------------------------------------------------------------------------------------------ days in the calendar

Check = Callable[[Any, str], Iterator[Fault]]


@cache
def _days_of(kind: Any) -> Check | None:
    """Return a check of all days inside a type, or None when it has none."""
    return _day_check(inspect.type_info(kind))


def _day_check(info: inspect.Type) -> Check | None:
    match info:
        case inspect.DateType():
            return _day
        case inspect.UnionType(types=types):
            return _day_of_union(types)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            inner = _day_check(item)
            return None if inner is None else _each(inner)
        case inspect.StructType(cls=cls):
            return _struct_days(cls)
        case _:
            return None


def _day(value: date, pointer: str) -> Iterator[Fault]:
    if not FIRST_DAY <= value <= LAST_DAY:
        yield Fault(pointer, "out_of_range", {"given": value, "expected": f"{FIRST_DAY} … {LAST_DAY}"})


def _day_of_union(types: tuple[inspect.Type, ...]) -> Check | None:
    if any(isinstance(member, inspect.DateType) for member in types):
        return lambda value, pointer: _day(value, pointer) if isinstance(value, date) else iter(())
    lists = [
        check
        for member in types
        if isinstance(member, inspect.VarTupleType) and (check := _day_check(member))
    ]
    structs = {
        member.cls: check
        for member in types
        if isinstance(member, inspect.StructType) and (check := _day_check(member))
    }
    if not lists and not structs:
        return None

    def check(value: Any, pointer: str) -> Iterator[Fault]:
        if isinstance(value, tuple) and lists:
            return lists[0](value, pointer)
        found = structs.get(type(value))
        return found(value, pointer) if found else iter(())

    return check


def _each(inner: Check) -> Check:
    def check(value: tuple[Any, ...], pointer: str) -> Iterator[Fault]:
        for index, member in enumerate(value):
            yield from inner(member, f"{pointer}/{index}")

    return check


@cache
def _struct_days(cls: type[msgspec.Struct]) -> Check | None:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    plan = [(field.name, check) for field in info.fields if (check := _day_check(field.type))]
    if not plan:
        return None

    def check(value: Any, pointer: str) -> Iterator[Fault]:
        for name, inner in plan:
            yield from inner(getattr(value, name), f"{pointer}/{name}")

    return check


# ------------------------------------------------------------------------------------------ the second look


def faults_of(raw: object, kind: Any, *, error: msgspec.ValidationError) -> tuple[Fault, ...]:
    """Return all faults of a raw value against a type; the decoder's own words when none is found."""
    found = tuple(_walk(raw, inspect.type_info(kind), ""))[:MAX_FAULTS]
    return found or (Fault("", "wrong_type", {"given": _shown(raw), "expected": _why(error)}),)


def _walk(raw: object, info: inspect.Type, pointer: str) -> Iterator[Fault]:
    match info:
        case inspect.Metadata(type=inner):
            yield from _walk(raw, inner, pointer)
        case inspect.UnionType(types=types):
            yield from _walk_union(raw, types, pointer)
        case inspect.StructType():
            yield from _walk_struct(raw, info, pointer)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _walk_list(raw, info, pointer)
        case _:
            yield from _walk_leaf(raw, info, pointer)


def _walk_union(raw: object, types: tuple[inspect.Type, ...], pointer: str) -> Iterator[Fault]:
    if raw is None and any(isinstance(member, inspect.NoneType) for member in types):
        return
    members = [member for member in types if not _is_absence(member)]
    if len(members) == 1:
        yield from _walk(raw, members[0], pointer)
        return
    structs = [member for member in members if isinstance(member, inspect.StructType)]
    yield from _walk_tagged(raw, structs, pointer)


def _is_absence(info: inspect.Type) -> bool:
    inner = info.type if isinstance(info, inspect.Metadata) else info
    return isinstance(inner, inspect.NoneType) or (
        isinstance(inner, inspect.CustomType) and inner.cls is msgspec.UnsetType
    )


def _walk_tagged(raw: object, structs: list[inspect.StructType], pointer: str) -> Iterator[Fault]:
    field = structs[0].tag_field or "action"
    known = {struct.tag: struct for struct in structs}
    expected = ", ".join(str(tag) for tag in known)
    if not isinstance(raw, dict):
        yield _wrong(raw, Message("objek", "an object"), pointer)
    elif field not in raw:
        yield Fault(f"{pointer}/{field}", "required", {"expected": expected})
    elif not isinstance(tag := raw[field], str) or tag not in known:
        yield Fault(f"{pointer}/{field}", "not_allowed", {"given": _shown(tag), "expected": expected})
    else:
        yield from _walk_struct(raw, known[tag], pointer)


def _walk_struct(raw: object, info: inspect.StructType, pointer: str) -> Iterator[Fault]:
    if not isinstance(raw, dict):
        yield _wrong(raw, Message("objek", "an object"), pointer)
        return
    fields = {field.encode_name: field for field in info.fields}
    for name in raw:
        if name not in fields and not (info.tag_field and name == info.tag_field):
            yield Fault(f"{pointer}/{_escaped(name)}", "unknown_field", {"name": name[:_MAX_SHOWN]})
    for name, field in fields.items():
        where = f"{pointer}/{name}"
        if name in raw:
            yield from _walk(raw[name], field.type, where)
        elif field.required:
            yield Fault(where, "required", {"expected": _expected(field.type)})


def _walk_list(raw: object, info: inspect.VarTupleType | inspect.ListType, pointer: str) -> Iterator[Fault]:
    if not isinstance(raw, list):
        yield _wrong(raw, Message("daftar", "a list"), pointer)
        return
    if info.max_length is not None and len(raw) > info.max_length:
        yield Fault(pointer, "too_long", {"limit": info.max_length})
        return
    if info.min_length is not None and len(raw) < info.min_length:
        yield Fault(pointer, "too_short", {"limit": info.min_length})
    for index, member in enumerate(raw):
        yield from _walk(member, info.item_type, f"{pointer}/{index}")


def _walk_leaf(raw: object, info: inspect.Type, pointer: str) -> Iterator[Fault]:
    try:
        msgspec.convert(raw, _python_type(info), strict=True)
    except msgspec.ValidationError:
        yield _leaf_fault(raw, info, pointer)


def _python_type(info: inspect.Type) -> Any:
    """Return the annotation of a leaf with its bounds."""
    match info:
        case inspect.StrType():
            return _with_meta(
                str, min_length=info.min_length, max_length=info.max_length, pattern=info.pattern
            )
        case inspect.IntType():
            return _with_meta(int, ge=info.ge, le=info.le, gt=info.gt, lt=info.lt)
        case inspect.FloatType():
            return _with_meta(float, ge=info.ge, le=info.le, gt=info.gt, lt=info.lt)
        case inspect.DateTimeType():
            return _with_meta(_LEAVES[type(info)], tz=info.tz)
        case inspect.EnumType(cls=cls):
            return cls
        case _:
            return _LEAVES[type(info)]


def _with_meta(kind: Any, **bounds: Any) -> Any:
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return Annotated[kind, msgspec.Meta(**given)] if given else kind


def _leaf_fault(raw: object, info: inspect.Type, pointer: str) -> Fault:
    match info:
        case inspect.EnumType():
            return Fault(pointer, "not_allowed", {"given": _shown(raw), "expected": _expected(info)})
        case inspect.StrType() if isinstance(raw, str):
            return _text_fault(raw, info, pointer)
        case inspect.IntType() | inspect.FloatType() if isinstance(raw, int | float) and not isinstance(
            raw, bool
        ):
            return Fault(pointer, "out_of_range", {"given": _shown(raw), "expected": _expected(info)})
        case _:
            return _wrong(raw, _expected(info), pointer)


def _text_fault(raw: str, info: inspect.StrType, pointer: str) -> Fault:
    if info.max_length is not None and len(raw) > info.max_length:
        return Fault(pointer, "too_long", {"limit": info.max_length})
    if info.min_length is not None and len(raw) < info.min_length:
        return Fault(pointer, "too_short", {"limit": info.min_length})
    return Fault(pointer, "bad_format", {"given": _shown(raw), "expected": info.pattern})


def _wrong(raw: object, expected: object, pointer: str) -> Fault:
    return Fault(pointer, "wrong_type", {"given": _shown(raw), "expected": expected})


def _shown(raw: object) -> str:
    """Return a value short enough for a message; long texts and structures are cut."""
    text = msgspec.json.encode(raw).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


_LEAVES: Mapping[Any, Any] = {
    inspect.BoolType: bool,
    inspect.DateType: date,
    inspect.DateTimeType: datetime,
    inspect.UUIDType: UUID,
    inspect.NoneType: type(None),
    inspect.AnyType: object,
}
_TEXT = Message("teks", "a text")


def _expected(info: inspect.Type) -> object:
    """Return what a type accepts, for a message."""
    match info:
        case inspect.Metadata(type=inner):
            return _expected(inner)
        case inspect.UnionType(types=types):
            members = [member for member in types if not _is_absence(member)]
            return _expected(members[0])
        case inspect.EnumType(cls=cls):
            return ", ".join(str(member.value) for member in cls)
        case inspect.IntType() | inspect.FloatType():
            return _range(info)
        case _:
            return _NAMES.get(type(info), _TEXT)


def _range(info: inspect.IntType | inspect.FloatType) -> Message:
    low = info.ge if info.ge is not None else info.gt
    high = info.le if info.le is not None else info.lt
    whole = isinstance(info, inspect.IntType)
    return Message(
        f"{'bilangan bulat' if whole else 'bilangan'} {low}–{high}",
        f"{'a whole number' if whole else 'a number'} {low}–{high}",
    )


_NAMES: dict[Any, Message] = {
    inspect.StrType: _TEXT,
    inspect.BoolType: Message("true atau false", "true or false"),
    inspect.DateType: Message("tanggal YYYY-MM-DD", "a date YYYY-MM-DD"),
    inspect.DateTimeType: Message("waktu RFC 3339 dengan zona", "an RFC 3339 instant with its zone"),
    inspect.UUIDType: Message("UUID", "a UUID"),
    inspect.StructType: Message("objek", "an object"),
    inspect.VarTupleType: Message("daftar", "a list"),
    inspect.ListType: Message("daftar", "a list"),
}
