"""What is wrong with a value, told by its declared type: every fault at once, which msgspec does not give."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, TypeAlias, cast
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from schema.messages.common import Message
from service.kernel.period import FIRST_DAY, LAST_DAY
from service.kernel.problem import Fault

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Shape: TypeAlias = Any
"""A type as msgspec takes it: a struct, a union of structs, an annotation; Python has no name for that."""

MAX_FAULTS = 200
_MAX_SHOWN = 60


def why(error: Exception) -> str:
    """Return what a decoder says of its failure, in 200 letters at most."""
    return str(error)[:200] or type(error).__name__


def fields_of(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    """Return the fields of a struct as it declares them."""
    return cast("inspect.StructType", inspect.type_info(kind)).fields


def escaped(key: str) -> str:
    """Return a key as it stands in a JSON Pointer (RFC 6901 §3); of a long one, the beginning."""
    return key[:_MAX_SHOWN].replace("~", "~0").replace("/", "~1")


def calendar_faults(value: object, pointer: str = "") -> Iterator[Fault]:
    """Yield a fault for every day inside a decoded value that lies outside 1945–2199."""
    if type(value) is date:
        if not FIRST_DAY <= value <= LAST_DAY:
            yield Fault(pointer, "out_of_range", {"given": value, "expected": f"{FIRST_DAY} … {LAST_DAY}"})
    elif isinstance(value, tuple):
        for index, member in enumerate(cast("tuple[object, ...]", value)):
            yield from calendar_faults(member, f"{pointer}/{index}")
    elif isinstance(value, msgspec.Struct):
        for name, written in _dated_fields(type(value)):
            yield from calendar_faults(getattr(value, name), f"{pointer}/{written}")


@cache
def _dated_fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a struct that may hold a day, each with its name in JSON."""
    return tuple((field.name, field.encode_name) for field in fields_of(kind) if _holds_days(field.type))


def _holds_days(info: inspect.Type) -> bool:
    match info:
        case inspect.DateType():
            return True
        case inspect.Metadata(type=inner) | inspect.VarTupleType(item_type=inner):
            return _holds_days(inner)
        case inspect.UnionType(types=members):
            return any(_holds_days(member) for member in members)
        case inspect.StructType(cls=kind):
            return bool(_dated_fields(kind))
        case _:
            return False


def faults_of(raw: Json, kind: Shape, *, error: msgspec.ValidationError) -> tuple[Fault, ...]:
    """Return all faults of a raw value against a type; the decoder's own words when none is found."""
    found = tuple(_walk(raw, inspect.type_info(kind), at=""))[:MAX_FAULTS]
    return found or (Fault("", "wrong_type", {"given": _shown(raw), "expected": why(error)}),)


def _walk(raw: Json, info: inspect.Type, *, at: str) -> Iterator[Fault]:
    match info:
        case inspect.Metadata(type=inner):
            yield from _walk(raw, inner, at=at)
        case inspect.UnionType(types=types):
            yield from _walk_union(raw, types, at=at)
        case inspect.StructType():
            yield from _walk_struct(raw, info, at=at)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _walk_list(raw, info, at=at)
        case _:
            yield from _walk_leaf(raw, info, at=at)


def _walk_union(raw: Json, types: tuple[inspect.Type, ...], *, at: str) -> Iterator[Fault]:
    if raw is None and any(isinstance(member, inspect.NoneType) for member in types):
        return
    members = [member for member in types if not _is_absence(member)]
    if len(members) == 1:
        yield from _walk(raw, members[0], at=at)
        return
    structs = [member for member in members if isinstance(member, inspect.StructType)]
    yield from _walk_tagged(raw, structs, at=at)


def _is_absence(info: inspect.Type) -> bool:
    inner = info.type if isinstance(info, inspect.Metadata) else info
    return isinstance(inner, inspect.NoneType) or (
        isinstance(inner, inspect.CustomType) and inner.cls is msgspec.UnsetType
    )


def _walk_tagged(raw: Json, structs: list[inspect.StructType], *, at: str) -> Iterator[Fault]:
    field = structs[0].tag_field or "action"
    known = {struct.tag: struct for struct in structs}
    expected = ", ".join(str(tag) for tag in known)
    if not isinstance(raw, dict):
        yield _wrong(raw, Message("objek", "an object"), at=at)
    elif field not in raw:
        yield Fault(f"{at}/{field}", "required", {"expected": expected})
    elif not isinstance(tag := raw[field], str) or tag not in known:
        yield Fault(f"{at}/{field}", "not_allowed", {"given": _shown(tag), "expected": expected})
    else:
        yield from _walk_struct(raw, known[tag], at=at)


def _walk_struct(raw: Json, info: inspect.StructType, *, at: str) -> Iterator[Fault]:
    if not isinstance(raw, dict):
        yield _wrong(raw, Message("objek", "an object"), at=at)
        return
    fields = {field.encode_name: field for field in info.fields}
    for name in raw:
        if name not in fields and not (info.tag_field and name == info.tag_field):
            yield Fault(f"{at}/{escaped(name)}", "unknown_field", {"name": name[:_MAX_SHOWN]})
    for name, field in fields.items():
        where = f"{at}/{name}"
        if name in raw:
            yield from _walk(raw[name], field.type, at=where)
        elif field.required:
            yield Fault(where, "required", {"expected": _expected(field.type)})


def _walk_list(raw: Json, info: inspect.VarTupleType | inspect.ListType, *, at: str) -> Iterator[Fault]:
    if not isinstance(raw, list):
        yield _wrong(raw, Message("daftar", "a list"), at=at)
        return
    if info.max_length is not None and len(raw) > info.max_length:
        yield Fault(at, "too_long", {"limit": info.max_length})
        return
    if info.min_length is not None and len(raw) < info.min_length:
        yield Fault(at, "too_short", {"limit": info.min_length})
    for index, member in enumerate(raw):
        yield from _walk(member, info.item_type, at=f"{at}/{index}")


def _walk_leaf(raw: Json, info: inspect.Type, *, at: str) -> Iterator[Fault]:
    try:
        value = msgspec.convert(raw, _leaf_type(info), strict=True)
    except msgspec.ValidationError:
        yield _leaf_fault(raw, info, at=at)
    else:
        yield from calendar_faults(value, at)


def _leaf_fault(raw: Json, info: inspect.Type, *, at: str) -> Fault:
    match info:
        case inspect.EnumType():
            return Fault(at, "not_allowed", {"given": _shown(raw), "expected": _expected(info)})
        case inspect.StrType() if isinstance(raw, str):
            return _text_fault(raw, info, at=at)
        case inspect.IntType() | inspect.FloatType() if isinstance(raw, int | float) and not isinstance(
            raw, bool
        ):
            return Fault(at, "out_of_range", {"given": _shown(raw), "expected": _expected(info)})
        case _:
            return _wrong(raw, _expected(info), at=at)


def _text_fault(raw: str, info: inspect.StrType, *, at: str) -> Fault:
    if info.max_length is not None and len(raw) > info.max_length:
        return Fault(at, "too_long", {"limit": info.max_length})
    if info.min_length is not None and len(raw) < info.min_length:
        return Fault(at, "too_short", {"limit": info.min_length})
    return Fault(at, "bad_format", {"given": _shown(raw), "expected": info.pattern})


def _wrong(raw: Json, expected: object, *, at: str) -> Fault:
    return Fault(at, "wrong_type", {"given": _shown(raw), "expected": expected})


def _shown(raw: Json) -> str:
    """Return a value short enough for a message; long texts and structures are cut."""
    text = msgspec.json.encode(raw).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def _leaf_type(info: inspect.Type) -> Shape:
    """Return the annotation of a leaf with its bounds."""
    match info:
        case inspect.StrType():
            bounds = Meta(min_length=info.min_length, max_length=info.max_length, pattern=info.pattern)
            return Annotated[str, bounds]
        case inspect.IntType():
            return Annotated[int, _bounds(info)]
        case inspect.FloatType():
            return Annotated[float, _bounds(info)]
        case inspect.DateTimeType():
            return Annotated[datetime, Meta(tz=info.tz)]
        case inspect.EnumType(cls=cls):
            return cls
        case _:
            return _LEAVES[type(info)]


def _bounds(info: inspect.IntType | inspect.FloatType) -> Meta:
    given: dict[str, Any] = {
        name: bound for name in ("ge", "gt", "le", "lt") if (bound := getattr(info, name)) is not None
    }
    return Meta(**given)


_LEAVES: Mapping[type[inspect.Type], Shape] = {
    inspect.BoolType: bool,
    inspect.DateType: date,
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


_NAMES: Mapping[type[inspect.Type], Message] = {
    inspect.StrType: _TEXT,
    inspect.BoolType: Message("true atau false", "true or false"),
    inspect.DateType: Message("tanggal YYYY-MM-DD", "a date YYYY-MM-DD"),
    inspect.DateTimeType: Message("waktu RFC 3339 dengan zona", "an RFC 3339 instant with its zone"),
    inspect.UUIDType: Message("UUID", "a UUID"),
    inspect.StructType: Message("objek", "an object"),
    inspect.VarTupleType: Message("daftar", "a list"),
    inspect.ListType: Message("daftar", "a list"),
}
