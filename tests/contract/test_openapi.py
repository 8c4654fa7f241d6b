import importlib
import json
import pkgutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from msgspec import inspect
from openapi_spec_validator import OpenAPIV31SpecValidator

import schema.wire
from schema.messages import PROBLEMS
from service.app import OPERATIONS
from service.kernel import openapi
from service.kernel.decode import decoded
from service.kernel.operation import OPEN, Operation
from service.kernel.replies import problem_codes
from service.kernel.schemas import parts, schemas_of

ROOT = Path(__file__).parents[2]

# The verb an operation id begins with, by method.
VERBS = {
    "GET": ("list", "get"),
    "POST": ("create", "transition", "accept", "change"),
    "PUT": ("put",),
    "PATCH": ("update",),
    "DELETE": ("delete", "revoke"),
}

CONSTRAINTS = {
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "format",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Gives the document as a client reads it."""
    return json.loads(openapi.text(OPERATIONS))


def described(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    return document["paths"][operation.path][operation.method.lower()]


def wire_structs() -> list[type[msgspec.Struct]]:
    modules = [importlib.import_module(f"schema.wire.{found.name}") for found in _modules()]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == module.__name__
    ]


def _modules() -> Iterator[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(schema.wire.__path__)


def test_the_document_is_valid_openapi(document):
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_committed_document_is_current():
    assert openapi.is_current(OPERATIONS), "run `tenun openapi` and commit openapi/openapi.json"


def test_a_changed_document_is_not_current(tmp_path):
    path = tmp_path / "openapi.json"
    openapi.write(OPERATIONS[1:], path)

    assert not openapi.is_current(OPERATIONS, path)
    openapi.write(OPERATIONS, path)
    assert openapi.is_current(OPERATIONS, path)


def test_the_document_names_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert project["project"]["version"] == openapi.VERSION


def test_every_operation_is_documented(document):
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    missing = [
        operation.id
        for operation in OPERATIONS
        if not described(document, operation)["summary"]
        or not described(document, operation)["description"]
        or operation.tag not in tags
    ]

    assert missing == []
    assert sum(len(path) for path in document["paths"].values()) == len(OPERATIONS)


def test_operation_ids_are_unique_and_begin_with_the_verb_of_their_method():
    odd = [
        operation.id for operation in OPERATIONS if operation.id.split("_")[0] not in VERBS[operation.method]
    ]

    assert odd == []
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


def test_every_parameter_is_described(document):
    bare = [
        (operation.id, parameter["name"])
        for operation in OPERATIONS
        for parameter in described(document, operation)["parameters"]
        if "$ref" not in parameter and not parameter["description"]
    ]

    assert bare == []


def test_every_field_of_every_struct_is_described():
    components = schemas_of(wire_structs()).components
    bare = [
        f"{name}.{field}"
        for name, component in components.items()
        for field, member in component.get("properties", {}).items()
        if not member.get("description")
    ]

    assert bare == []
    assert [name for name, component in components.items() if not component.get("description")] == []


def test_every_example_of_a_field_fits_the_field():
    components = schemas_of(wire_structs()).components
    named = {"components": {"schemas": components}}
    wrong = [
        f"{name}.{field}: {example}"
        for name, component in components.items()
        for field, member in component.get("properties", {}).items()
        for example in member.get("examples", ())
        if not jsonschema_rs.is_valid({**member, **named}, example, validate_formats=True)
    ]

    assert wrong == []


def test_every_text_number_list_and_instant_of_every_struct_is_bounded():
    loose = [
        f"{struct.__name__}.{field.encode_name}"
        for struct in wire_structs()
        for field in _fields(struct)
        if not all(_bounded(info) for info in _made_of(field.type))
    ]

    assert loose == []


def _fields(struct: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _made_of(info: inspect.Type) -> Iterator[inspect.Type]:
    """Gives a type and its parts, but not those of the structs in it, which are looked at by themselves."""
    yield info
    if not isinstance(info, inspect.StructType):
        for part in parts(info):
            yield from _made_of(part)


def _bounded(info: inspect.Type) -> bool:
    match info:
        case inspect.StrType():
            return info.max_length is not None
        case inspect.IntType() | inspect.FloatType():
            return (info.ge, info.gt) != (None, None) and (info.le, info.lt) != (None, None)
        case inspect.VarTupleType():
            return info.max_length is not None
        case inspect.DateTimeType():
            return info.tz is True
        case _:
            return isinstance(info, _BOUNDED_BY_THEMSELVES)


_BOUNDED_BY_THEMSELVES = (
    inspect.BoolType,
    inspect.DateType,
    inspect.EnumType,
    inspect.LiteralType,
    inspect.Metadata,
    inspect.NoneType,
    inspect.StructType,
    inspect.UnionType,
    inspect.UUIDType,
)


class Loose(msgspec.Struct):
    text: str
    number: int
    listed: tuple[bool, ...]
    anything: object
    mapping: dict[str, bool]


def test_what_is_not_bounded_is_found():
    found = [
        field.name for field in _fields(Loose) if not all(_bounded(info) for info in _made_of(field.type))
    ]

    assert found == ["text", "number", "listed", "anything", "mapping"]


def test_no_constraint_is_lost_on_the_way_to_the_document():
    structs = wire_structs()
    _, generated = msgspec.json.schema_components(structs, ref_template="{name}")
    kept = schemas_of(structs).components

    lost = {name: sorted(_constraints(raw)) for name, raw in generated.items()}
    assert lost == {name: sorted(_constraints(kept[name])) for name in generated}


def _constraints(schema: Any) -> Iterator[tuple[str, str]]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name in CONSTRAINTS and not isinstance(value, dict):
                yield name, str(value)
            yield from _constraints(value)
    elif isinstance(schema, list):
        for member in schema:
            yield from _constraints(member)


def test_null_is_a_type_and_not_an_alternative_of_a_plain_value(document):
    nested = [
        member
        for member in _schemas(document)
        if {"type": "null"} in member.get("anyOf", ())
        and not any("$ref" in alternative for alternative in member["anyOf"])
    ]

    assert nested == []


def test_every_tagged_union_is_a_named_choice_with_a_complete_mapping(document):
    components = document["components"]["schemas"]
    unions = {name: schema for name, schema in components.items() if "discriminator" in schema}

    assert {"AgreementMove", "ActivityMove", "MilestoneMove"} <= unions.keys()
    for union in unions.values():
        refs = {member["$ref"] for member in union["oneOf"]}
        assert set(union["discriminator"]["mapping"].values()) == refs
        for tag, ref in union["discriminator"]["mapping"].items():
            member = components[ref.rsplit("/", 1)[1]]
            assert member["properties"][union["discriminator"]["propertyName"]]["const"] == tag
    assert [inline for inline in _schemas(document["paths"]) if "discriminator" in inline] == []


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _schemas(value)
    elif isinstance(node, list):
        for member in node:
            yield from _schemas(member)


def test_every_sample_body_is_one_the_operation_decodes(document):
    tried = 0
    for operation in OPERATIONS:
        if operation.body is None:
            continue
        body = described(document, operation)["requestBody"]["content"]["application/json"]
        for sample in body["examples"].values():
            decoded(json.dumps(sample["value"]).encode(), operation.body)
            tried += 1

    assert tried > 20


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_refusal_is_documented_with_its_codes(document, operation):
    responses = described(document, operation)["responses"]
    told = [code for response in responses.values() for code in response.get("x-problem-codes", ())]

    assert sorted(told) == sorted(problem_codes(operation))
    for status, response in responses.items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
            assert {PROBLEMS[code].status for code in response["x-problem-codes"]} == {int(status)}
            assert all(f"/problems/{code}" in response["description"] for code in response["x-problem-codes"])
    assert ("401" in responses) >= (operation.permissions is not OPEN)


@pytest.mark.parametrize(
    ("operation_id", "statuses"),
    [
        ("get_health", {200, 400, 406, 503}),
        ("list_organizations", {200, 400, 401, 403, 406, 503}),
        ("get_organization", {200, 304, 400, 401, 403, 404, 406, 503}),
        ("create_organization", {201, 400, 401, 403, 404, 406, 408, 409, 413, 415, 422, 503}),
        ("update_organization", {200, 400, 401, 403, 404, 406, 408, 409, 412, 413, 415, 428, 503}),
        ("create_document", {201, 400, 401, 403, 404, 406, 408, 409, 413, 415, 422, 503}),
        ("get_document_content", {200, 206, 304, 400, 401, 403, 404, 406, 416, 503}),
        ("delete_agreement", {204, 400, 401, 403, 404, 406, 408, 409, 412, 413, 428, 503}),
        ("transition_agreement", {200, 400, 401, 403, 404, 406, 408, 409, 412, 413, 415, 422, 428, 503}),
    ],
)
def test_an_operation_documents_exactly_the_statuses_it_may_answer(document, operation_id, statuses):
    operation = next(each for each in OPERATIONS if each.id == operation_id)

    assert {int(status) for status in described(document, operation)["responses"]} == statuses


def test_signing_in_documents_that_it_is_limited(document):
    limited = [operation for operation in OPERATIONS if (operation.method, operation.path) == SIGN_IN]

    assert all("429" in described(document, operation)["responses"] for operation in limited)


SIGN_IN = ("POST", "/v1/sessions")


@pytest.mark.parametrize(
    ("operation_id", "headers"),
    [
        ("get_organization", {"IfNoneMatch", "AcceptLanguage"}),
        ("list_organizations", {"AcceptLanguage"}),
        ("create_organization", {"IdempotencyKey", "AcceptLanguage"}),
        ("update_organization", {"IfMatch", "AcceptLanguage"}),
        ("transition_agreement", {"IfMatch", "IdempotencyKey", "AcceptLanguage"}),
    ],
)
def test_an_operation_takes_the_headers_it_declares(document, operation_id, headers):
    operation = next(each for each in OPERATIONS if each.id == operation_id)
    parameters = described(document, operation)["parameters"]
    taken = {each["$ref"].rsplit("/", 1)[1] for each in parameters if "$ref" in each}

    assert taken == headers


def test_a_list_is_documented_as_json_and_csv_with_its_filters(document):
    listing = document["paths"]["/v1/organizations"]["get"]
    parameters = {each["name"]: each for each in listing["parameters"] if "name" in each}

    assert set(listing["responses"]["200"]["content"]) == {"application/json", "text/csv"}
    assert "Link" in listing["responses"]["200"]["headers"]
    assert parameters["kind"]["explode"] is True
    assert parameters["limit"]["schema"] == {
        "default": 50,
        "examples": [50],
        "maximum": 200,
        "minimum": 1,
        "type": "integer",
    }
    assert parameters["cursor"]["description"] == "Where the previous page ended."


def test_a_reply_has_all_its_fields(document):
    problem = document["components"]["schemas"]["Problem"]

    assert set(problem["required"]) == set(problem["properties"])
