"""A SQLAlchemy Core statement compiled once to `$n` text for asyncpg; what does not fit fails at import.

A statement gives one JSON document per row, built by PostgreSQL and decoded by msgspec into the struct that
its columns are named for: no field is fetched that the struct does not have, and none is missing.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

import msgspec
from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    FromClause,
    Label,
    Select,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType, TypeEngine

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R")

_DIALECT = asyncpg.dialect()


class Statement(Generic[P, R]):
    """Text, the order of its arguments, and the shape of its rows."""

    def __init__(
        self,
        name: str,
        element: ClauseElement,
        *,
        params: type[P],
        row: type[R],
        optional: frozenset[str] = frozenset(),
    ) -> None:
        """Compile once; raise TypeError when binds and the fields of `params` differ or a bind has no type.

        `optional` names fields of `params` that this variant of a statement may leave unused.
        """
        compiled = cast("SQLCompiler", element.compile(dialect=_DIALECT))
        self.name = name
        self.sql = str(compiled)
        _refuse_untyped(name, compiled)
        self._arguments = _arguments(name, compiled, fields=params.__struct_fields__, optional=optional)
        self.decoder: msgspec.json.Decoder[R] = msgspec.json.Decoder(row)

    def arguments(self, params: P) -> list[object]:
        """Return the values of `params` in the order of `$1`, `$2` and so on."""
        return [get(params) for get in self._arguments]


def _refuse_untyped(name: str, compiled: SQLCompiler) -> None:
    untyped = sorted(bind.key for bind in compiled.binds.values() if isinstance(bind.type, NullType))
    if untyped or "POSTCOMPILE" in str(compiled):
        raise TypeError(f"{name}: untyped or expanding binds {untyped}")


def _arguments(
    name: str, compiled: SQLCompiler, *, fields: tuple[str, ...], optional: frozenset[str]
) -> list[Callable[[Any], object]]:
    binds = [compiled.binds[key] for key in compiled.positiontup or ()]
    required = {bind.key for bind in binds if bind.required}
    wrong = sorted((required - set(fields)) | (set(fields) - required - optional))
    if wrong:
        raise TypeError(f"{name}: binds and fields of its parameters differ in {wrong}")
    return [attrgetter(bind.key) if bind.required else _constant(bind.effective_value) for bind in binds]


def _constant(value: object) -> Callable[[Any], object]:
    return lambda _: value


def param(name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return a typed bind: an untyped `$1` would become text, `LIMIT` included."""
    return bindparam(name, type_=kind, required=True)


def document(row: type[msgspec.Struct], columns: Select[*tuple[Any, ...]]) -> Select[Any]:
    """Return a statement that gives each row of `columns` as one JSON document.

    Raises TypeError when the names of the columns are not exactly the fields of the struct.
    """
    source = columns.subquery("doc")
    _same_names(row, source)
    return select(func.row_to_json(literal_column(f'"{source.name}"'), type_=JSON)).select_from(source)


def json_list(row: type[msgspec.Struct], columns: Select[*tuple[Any, ...]], *, name: str) -> Label[Any]:
    """Return a scalar that gives the rows of a correlated select as a JSON array, `[]` for none."""
    inner = columns.subquery(f"{name}_of")
    _same_names(row, inner)
    whole = func.json_agg(literal_column(f'"{inner.name}"'), type_=JSON)
    gathered = select(func.coalesce(whole, literal_column("'[]'::json")).label(name)).select_from(inner)
    return gathered.scalar_subquery().label(name)


def json_one(row: type[msgspec.Struct], columns: Select[*tuple[Any, ...]], *, name: str) -> Label[Any]:
    """Return a scalar that gives the one row of a correlated select as a JSON object, null for none."""
    inner = columns.subquery(f"{name}_of")
    _same_names(row, inner)
    whole = func.row_to_json(literal_column(f'"{inner.name}"'), type_=JSON)
    return select(whole).select_from(inner).scalar_subquery().label(name)


def json_values(values: Select[*tuple[Any]], *, name: str) -> Label[Any]:
    """Return a scalar that gives the one column of a select as a JSON array, `[]` for none."""
    inner = values.subquery(f"{name}_of")
    whole = func.json_agg(next(iter(inner.columns)), type_=JSON)
    gathered = select(func.coalesce(whole, literal_column("'[]'::json"))).select_from(inner)
    return gathered.scalar_subquery().label(name)


def among(column: ColumnElement[Any], values: Select[*tuple[Any]]) -> ColumnElement[bool]:
    """Return whether a column is one of the few values of a select.

    As an array they are looked up in the index of the column. `IN` reads the whole table wherever PostgreSQL
    guesses that they are more, as it does of a page that is cut by a parameter.
    """
    return column == any_(func.array(values.scalar_subquery(), type_=ARRAY(column.type)))


def _same_names(row: type[msgspec.Struct], source: FromClause) -> None:
    names = {column.key for column in source.columns}
    if names != set(row.__struct_fields__):
        difference = sorted(names ^ set(row.__struct_fields__))
        raise TypeError(f"columns and fields of {row.__name__} differ in {difference}")
