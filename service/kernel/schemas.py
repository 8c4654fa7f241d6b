"""Types → JSON Schema as an integrator wants it: named, bounded, described, nullable without nesting.

msgspec knows the types; what it leaves rough is tidied here, and no constraint is lost on the way.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, cast, get_args

import msgspec
from msgspec import inspect

from schema.wire.common import Reply
from service.kernel.period import FIRST_DAY, LAST_DAY

Schema: TypeAlias = dict[str, Any]
Shape: TypeAlias = Any  # A type that crosses HTTP: a struct, a union of structs, a tuple of them, …

_PREFIX = "#/components/schemas/"
_NULL = {"type": "null"}


class Schemas(NamedTuple):
    """The schema of every shape, and the named ones they refer to."""

    of: Mapping[Shape, Schema]
    components: Mapping[str, Schema]


def schemas_of(shapes: Iterable[Shape]) -> Schemas:
    """Return the schemas of types; a tagged union becomes a component under the name it was declared by."""
    distinct = tuple(dict.fromkeys(shapes))
    roots, named = _as_json(msgspec.json.schema_components(distinct, ref_template=f"{_PREFIX}{{name}}"))
    structs = {struct.__name__: struct for struct in structs_in(distinct)}
    components = {name: _component(_tidied(schema), structs.get(name)) for name, schema in named.items()}
    of: dict[Shape, Schema] = {}
    for shape, root in zip(distinct, roots, strict=True):
        schema = _tidied(root)
        if "discriminator" in schema:
            name = _declared_name(shape)
            components[name] = {"title": name, "description": _choices(schema), **schema}
            schema = reference(name)
        of[shape] = schema
    return Schemas(of, components)


def reference(name: str) -> Schema:
    """Return the reference to a component."""
    return {"$ref": f"{_PREFIX}{name}"}


def resolved(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """Return the schema a reference points to; any other as it is."""
    return components[schema["$ref"].removeprefix(_PREFIX)] if "$ref" in schema else schema


def unwrapped(text: str) -> str:
    """Return a docstring's paragraphs, a line each: where its lines break in the source says nothing."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def structs_in(shapes: Iterable[Shape]) -> list[type[msgspec.Struct]]:
    """Return all structs that the types are made of, each once."""
    found: dict[type[msgspec.Struct], None] = {}
    waiting = list(inspect.multi_type_info(shapes))
    while waiting:
        info = waiting.pop()
        if isinstance(info, inspect.StructType):
            if info.cls in found:
                continue
            found[info.cls] = None
        waiting += parts(info)
    return list(found)


def parts(info: inspect.Type) -> Iterator[inspect.Type]:
    """Yield the types a type is directly made of."""
    match info:
        case inspect.Metadata(type=inner) | inspect.VarTupleType(item_type=inner):
            yield inner
        case inspect.UnionType(types=members):
            yield from members
        case inspect.StructType(fields=fields):
            yield from (field.type for field in fields)
        case _:
            return


def _as_json(generated: tuple[tuple[Schema, ...], dict[str, Schema]]) -> tuple[list[Schema], Schema]:
    """Return what msgspec generated as JSON has it: a default is a list there, not a tuple."""
    return msgspec.json.decode(msgspec.json.encode(generated), type=tuple[list[Schema], Schema])


def _tidied(schema: Schema) -> Schema:
    clean = dict(schema)
    if "properties" in clean:
        clean["properties"] = {name: _tidied(member) for name, member in clean["properties"].items()}
    if "items" in clean:
        clean["items"] = _tidied(clean["items"])
    if "anyOf" in clean:
        clean["anyOf"] = [_tidied(member) for member in clean["anyOf"]]
    for rule in _RULES:
        clean = rule(clean)
    return clean


def _typed(schema: Schema) -> Schema:
    """Say that the values of an enumeration are texts, and that a single one is a constant."""
    values = schema.get("enum")
    if values is None or "type" in schema:
        return schema
    rest = {name: value for name, value in schema.items() if name != "enum"}
    if len(values) == 1:
        return {"description": f"Always `{values[0]}`.", **rest, "type": "string", "const": values[0]}
    return {**rest, "type": "string", "enum": values}


def _nullable(schema: Schema) -> Schema:
    """Write "this or null" as a list of types; a reference keeps its `anyOf`, having no type of its own."""
    members = [member for member in schema.get("anyOf", ()) if member != _NULL]
    if len(members) != 1 or "type" not in members[0] or "const" in members[0]:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**members[0], **rest, "type": [members[0]["type"], "null"]}


def _discriminated(schema: Schema) -> Schema:
    """Write a tagged union as `oneOf`: its tag decides, so exactly one member fits."""
    if "discriminator" not in schema:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, "oneOf": schema["anyOf"]}


def _dated(schema: Schema) -> Schema:
    """Add the first and last day of the calendar, which the decoder checks after msgspec."""
    if schema.get("format") != "date":
        return schema
    return {**schema, "formatMinimum": FIRST_DAY.isoformat(), "formatMaximum": LAST_DAY.isoformat()}


_RULES: tuple[Callable[[Schema], Schema], ...] = (_typed, _dated, _nullable, _discriminated)


def _component(schema: Schema, struct: type[msgspec.Struct] | None) -> Schema:
    """Return the schema of a struct with what only its declaration tells; any other as it is."""
    if struct is None:
        return schema
    fields = inspect.type_info(struct)
    assert isinstance(fields, inspect.StructType)  # noqa: S101 - narrows the type.
    said = {field.encode_name: _said(field.type) for field in fields.fields}
    properties = {name: {**member, **said.get(name, {})} for name, member in schema["properties"].items()}
    # Every field of a reply is always there, whatever default it was declared with.
    required = list(properties) if issubclass(struct, Reply) else schema["required"]
    description = unwrapped(schema["description"])
    return {**schema, "description": description, "properties": properties, "required": required}


def _said(info: inspect.Type) -> Schema:
    """Return what a field says of itself: it counts more than what its type says of all such fields."""
    return cast("Schema", getattr(info, "extra_json_schema", None) or {})


def _choices(schema: Schema) -> str:
    tag = schema["discriminator"]["propertyName"]
    values = ", ".join(f"`{value}`" for value in schema["discriminator"]["mapping"])
    return f"One of {values}; `{tag}` tells which."


def _declared_name(union: Shape) -> str:
    """Return the name a union has in the module of its members."""
    module = sys.modules[get_args(union)[0].__module__]
    for name, value in vars(module).items():
        if value == union:
            return name
    raise TypeError(f"{union} has no name in {module.__name__}; declare it there to send or receive it")
