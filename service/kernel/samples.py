"""Sample requests: the smallest body that a schema accepts, from the examples of its fields."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from service.kernel.schemas import Schema, resolved

Json: TypeAlias = Any

_BY_TYPE: Mapping[str, Json] = {"boolean": True, "integer": 1, "number": 1, "string": "…"}


def samples(schema: Schema, components: Mapping[str, Schema]) -> dict[str, Json]:
    """Return sample bodies by name: one for each member of a tagged union, else a single one."""
    target = resolved(schema, components)
    if "discriminator" not in target:
        return {"minimal": {"value": sample(schema, components)}}
    members = target["discriminator"]["mapping"]
    return {tag: {"value": sample({"$ref": ref}, components)} for tag, ref in members.items()}


def sample(schema: Schema, components: Mapping[str, Schema]) -> Json:
    """Return a value the schema accepts: its first example, else one made of its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    target = resolved(schema, components)
    if "const" in target:
        return target["const"]
    if "enum" in target:
        return target["enum"][0]
    if "anyOf" in target:
        return sample(target["anyOf"][0], components)
    return _made(target, components)


def _made(schema: Schema, components: Mapping[str, Schema]) -> Json:
    if "properties" in schema:
        # A patch requires nothing: one field shows what a change looks like.
        names = schema["required"] or list(schema["properties"])[:1]
        return {name: sample(schema["properties"][name], components) for name in names}
    if "items" in schema:
        return [sample(schema["items"], components)]
    kind = schema["type"]
    return _BY_TYPE[kind if isinstance(kind, str) else kind[0]]
