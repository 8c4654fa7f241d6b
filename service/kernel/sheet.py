"""Records → CSV: one line a record, nested values flattened, nothing a spreadsheet would run.

The columns follow from the type, so that every page of a list has the same ones, an empty page too.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeAlias

import msgspec
from msgspec import inspect

from service.kernel.inspection import fields_of

_Cell: TypeAlias = "_Nested | list[_Cell] | tuple[_Cell, ...] | str | int | float | bool | None"
_Nested: TypeAlias = "dict[str, _Cell]"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LEFT_OUT = {"actions"}


def csv_of(records: Iterable[object], page: type[msgspec.Struct]) -> bytes:
    """Return the items of a page as CSV with a header line; a list of structures is JSON in its cell."""
    rows = [dict(_flat(msgspec.to_builtins(record, builtin_types=()), "")) for record in records]
    out = io.StringIO(newline="")
    # A structure that is null has one empty cell of its own, which no column stands for.
    writer = csv.DictWriter(out, _columns(page), restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


@cache
def _columns(page: type[msgspec.Struct]) -> tuple[str, ...]:
    """Return the names of the columns of a page's items."""
    (items,) = (field.type for field in fields_of(page) if field.name == "items")
    return tuple(_names(_item_of(items), ""))


def _item_of(info: inspect.Type) -> inspect.Type:
    match info:
        case inspect.Metadata(type=inner):
            return _item_of(inner)
        case inspect.VarTupleType(item_type=item):
            return item
        case _:
            raise TypeError(f"the items of a page are {info}; expected a tuple of structs")


def _names(info: inspect.Type, prefix: str) -> Iterator[str]:
    """Yield the columns that a type makes: those of its fields for a structure, else one."""
    struct = _struct(info)
    if struct is None:
        yield prefix
        return
    for field in struct.fields:
        if field.name not in _LEFT_OUT:
            yield from _names(field.type, f"{prefix}.{field.name}" if prefix else field.name)


def _struct(info: inspect.Type) -> inspect.StructType | None:
    """Return the structure that a type is, or may be beside null."""
    match info:
        case inspect.StructType():
            return info
        case inspect.Metadata(type=inner):
            return _struct(inner)
        case inspect.UnionType(types=members):
            return next((found for member in members if (found := _struct(member))), None)
        case _:
            return None


def _flat(record: _Nested, prefix: str) -> Iterable[tuple[str, str]]:
    for name, value in record.items():
        if name in _LEFT_OUT:
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _cell(value)


def _cell(value: _Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple() if all(isinstance(member, str) for member in value):
            return _harmless("; ".join(map(str, value)))
        case list() | tuple():
            return _harmless(msgspec.json.encode(value).decode())
        case _:
            return _harmless(str(value))


def _harmless(text: str) -> str:
    """Return text that a spreadsheet shows and does not compute."""
    return f"'{text}" if text.startswith(_FORMULA) else text
