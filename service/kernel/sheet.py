"""Records → CSV: one line a record, nested values flattened, nothing a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LEFT_OUT = {"actions"}


def csv_of(records: Iterable[object]) -> bytes:
    """Return records of one kind as CSV with a header line; lists of structures stand as JSON in their cell."""
    rows = [dict(_flat(msgspec.to_builtins(record, builtin_types=()), "")) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _flat(record: dict[str, Any], prefix: str) -> Iterable[tuple[str, str]]:
    for name, value in record.items():
        if name in _LEFT_OUT:
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _cell(value)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple() if all(isinstance(member, str) for member in value):
            return _harmless("; ".join(value))
        case list() | tuple():
            return _harmless(msgspec.json.encode(value).decode())
        case _:
            return _harmless(str(value))


def _harmless(text: str) -> str:
    """Return text that a spreadsheet shows and does not compute."""
    return f"'{text}" if text.startswith(_FORMULA) else text
