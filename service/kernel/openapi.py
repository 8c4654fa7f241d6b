"""The OpenAPI 3.1 document, built from the operations that the router serves."""

import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from schema.wire.common import Problem
from service.kernel import manners
from service.kernel.download import File
from service.kernel.form import FILE
from service.kernel.operation import OPEN, Operation
from service.kernel.replies import BYTES, reply_shape, responses, revalidates
from service.kernel.samples import samples
from service.kernel.schemas import Schema, Schemas, schemas_of, unwrapped

VERSION = "0.1.0"
"""Version of the API and of the package; a test holds it to pyproject.toml."""

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
"""Where a checkout keeps the document."""


def document(operations: Iterable[Operation], *, version: str = VERSION) -> dict[str, Any]:
    """Return the document of these operations, in the order of their tags."""
    order = tuple(manners.TAGS)
    declared = sorted(operations, key=lambda operation: order.index(operation.tag))
    schemas = schemas_of(shape for operation in declared for shape in _shapes(operation))
    paths: dict[str, dict[str, Any]] = {}
    for operation in declared:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    tags = dict.fromkeys(operation.tag for operation in declared)
    return {
        "openapi": "3.1.0",
        "info": _info(version),
        "servers": [{"url": "/"}],
        "tags": [{"name": tag, "description": manners.TAGS[tag]} for tag in tags],
        "paths": paths,
        "components": _components(declared, schemas),
    }


def text(operations: Iterable[Operation]) -> str:
    """Return the document as it is committed: sorted keys, two spaces, a newline at the end."""
    return json.dumps(document(operations), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(operations: Iterable[Operation], path: Path = COMMITTED) -> None:
    """Write the document to a file."""
    path.write_text(text(operations), encoding="utf-8")


def is_current(operations: Iterable[Operation], path: Path = COMMITTED) -> bool:
    """Whether a file holds the document of these operations, byte for byte."""
    return path.is_file() and path.read_text(encoding="utf-8") == text(operations)


def _info(version: str) -> dict[str, Any]:
    return {
        "title": manners.TITLE,
        "summary": manners.SUMMARY,
        "description": manners.DESCRIPTION,
        "version": version,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _components(operations: Iterable[Operation], schemas: Schemas) -> dict[str, Any]:
    inline = {shape.__name__ for each in operations for shape in (each.query, each.form) if shape is not None}
    kept = {name: schema for name, schema in schemas.components.items() if name not in inline}
    return {
        "schemas": dict(sorted(kept.items())),
        "headers": manners.HEADERS,
        "parameters": manners.PARAMETERS,
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": manners.BEARER},
        },
    }


def _shapes(operation: Operation) -> Iterator[Any]:
    """Yield every type an operation takes or gives."""
    yield Problem
    yield from operation.path_types
    for shape in (operation.query, operation.body, operation.form, reply_shape(operation)):
        if shape is not None:
            yield shape


def _described(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    summary, description = _said(operation)
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": summary,
        "description": description,
        "security": [] if operation.permissions is OPEN else [{"bearer": []}],
        "parameters": [*_path(operation, schemas), *_query(operation, schemas), *_headers(operation)],
        "responses": responses(operation, schemas),
    }
    if operation.body is not None:
        described["requestBody"] = _body(operation, schemas)
    if operation.form is not None:
        described["requestBody"] = _form(operation, schemas.components[operation.form.__name__])
    return described


def _said(operation: Operation) -> tuple[str, str]:
    """Return the summary, the docstring's first line, and the description: the rest, and who may do it."""
    summary, _, rest = inspect.cleandoc(operation.handler.__doc__ or "").partition("\n")
    wanted = " or ".join(f"`{permission}`" for permission in operation.permissions)
    who = f"Needs the permission {wanted}." if wanted else "No token is needed."
    return summary.rstrip(".").replace("`", ""), "\n\n".join(filter(None, (unwrapped(rest.strip()), who)))


def _path(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    for name, kind in zip(operation.path_parameters, operation.path_types, strict=True):
        thing = name.removesuffix("_id").replace("_", " ")
        schema = {"description": f"Id of the {thing}.", **schemas.of[kind]}
        yield _parameter(name, "path", schema=schema, required=True)


def _query(operation: Operation, schemas: Schemas) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    fields = schemas.components[operation.query.__name__]
    for name, schema in fields["properties"].items():
        yield _parameter(name, "query", schema=schema, required=name in fields["required"])


def _parameter(name: str, place: str, *, schema: Schema, required: bool) -> dict[str, Any]:
    """Return a parameter; one that takes several values is repeated: `?kind=mou&kind=pks`."""
    rest = {key: value for key, value in schema.items() if key != "description"}
    parameter = {
        "name": name,
        "in": place,
        "description": schema["description"],
        "required": required,
        "schema": rest,
    }
    return {**parameter, "style": "form", "explode": True} if schema.get("type") == "array" else parameter


def _headers(operation: Operation) -> list[dict[str, str]]:
    taken = {
        "IfMatch": operation.conditional,
        "IfNoneMatch": revalidates(operation),
        "Range": operation.reply is File,
        "IdempotencyKey": operation.keyed,
        "AcceptLanguage": True,
    }
    return [{"$ref": f"#/components/parameters/{name}"} for name, takes in taken.items() if takes]


def _body(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of[operation.body]
    content = {"schema": schema, "examples": samples(schema, schemas.components)}
    return {
        "required": True,
        "description": f"At most {operation.body_limit // 1024} kB.",
        "content": {"application/json": content},
    }


def _form(operation: Operation, fields: Schema) -> dict[str, Any]:
    """Return the body of a form: its fields, and the file as one of them."""
    file = {**BYTES, "description": f"The file, of {operation.body_limit // 1024**2} MB at most."}
    schema = {
        **fields,
        "properties": {**fields["properties"], FILE: file},
        "required": [*fields["required"], FILE],
    }
    return {
        "required": True,
        "description": "The media type of the file is told by its content.",
        "content": {"multipart/form-data": {"schema": schema}},
    }
