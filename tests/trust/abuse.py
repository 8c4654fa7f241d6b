"""What nobody should send: hostile paths, parameters, headers, bodies and values for every field."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from service.app import OPERATIONS
from service.kernel import openapi
from service.kernel.operation import Operation
from service.kernel.schemas import resolved
from tests.trust.world import Ask

Json = Any

SEGMENTS = (
    "%FF", "%C3%28", "%ED%A0%80", "%00", "%0A", "%2E%2E", "a%2Fb", "1_0", "%D9%A1", "0", "-1",
    "1208925819614629174706176", "null", "%25", "%F0%9F%99%82", "'%22%3B--", "{id}", "a" * 5000,
    "01890a5d-ac96-774b-bcce-b302099a805", "01890A5D-AC96-774B-BCCE-B302099A8057%20", "%7B01890a5d%7D",
)  # fmt: skip
"""For every parameter of a path."""

QUERIES = (
    "unknown=1", "unknown", "=", "%00=1", "a%00b=1", "%FF=1", "x=%FF", "x=%ED%A0%80", "x[]=1", "limit",
    "a" * 8000, "&".join(f"p{number}=1" for number in range(300)), "cursor=", "cursor=AAAA", "q=%00",
)  # fmt: skip
"""For every operation: none of it is a parameter, or not with such a value."""

TEXTS = (
    "", "%00", "%0A", "%FF", "1_0", "%D9%A1", "01", "-1", "0", "1208925819614629174706176", "1e3", "NaN",
    "true", "TRUE", "null", "%5B%5D", "0000-01-01", "0001-01-01", "1944-12-31", "1945-01-01",
    "2199-12-31", "2200-01-01", "9999-12-31", "10000-01-01", "2024-02-30", "2024-01-01T00:00:00Z",
    "a" * 5000, "%F0%9F%99%82", "%25%5F%5C", "%27%20OR%201%3D1--", "01890a5d-ac96-774b-bcce-b302099a8057",
    "%EF%B7%BA",
)  # fmt: skip
"""For every declared parameter."""

TAGS = (
    '"0"', '"-1"', '"01"', "1", "*", '""', '"', 'W/"1"', '"1", "2"', '"1-zzzzzzzz"', '"1-00000000-1"',
    '"2147483648"', '"9999999999"', '"99999999999"', '"1_0"', '"\u0661"', '"1\x7f"', "\xff", '"' + "1" * 5000,
)  # fmt: skip
"""For If-Match and If-None-Match; the last record version is never among them."""

HEADERS: tuple[dict[str, bytes], ...] = (
    {"accept": b"image/png"},
    {"accept": b"\xff\xfe"},
    {"accept": b"," * 5000},
    {"accept": b"application/json;q=nan"},
    {"accept": b"text/csv"},
    {"accept": b"application/problem+json"},
    {"accept-language": b"\xff"},
    {"accept-language": b"en;q=1e999, " * 200},
    {"accept-encoding": b"\xff;q=,"},
    {"x-request-id": b"\xff" * 20},
    {"x-request-id": b"a" * 10_000},
    {"content-length": b"abc"},
    {"content-length": b"-1"},
    {"content-length": b"1_0"},
    {"content-length": b"9" * 30},
    {"content-length": b"99999999"},
    {"transfer-encoding": b"gzip, chunked"},
    {"cookie": b"session=1; \xff"},
    {"host": b"\xff"},
    {"range": b"bytes=0-1"},
    {"expect": b"200-ok"},
    {"x-http-method-override": b"DELETE"},
    {"forwarded": b'for="_\xff"'},
)

TYPES: tuple[dict[str, bytes], ...] = (
    {"content-type": b""},
    {"content-type": b"text/plain"},
    {"content-type": b"application/xml"},
    {"content-type": b"application/x-www-form-urlencoded"},
    {"content-type": b"multipart/form-data; boundary=x"},
    {"content-type": b"application/json; charset=utf-16"},
    {"content-type": b"application/jsonx"},
    {"content-type": b"application/json" + b";" * 2000},
    {"content-type": b"\xff/\xff"},
    {"content-encoding": b"gzip"},
    {"content-encoding": b"br, gzip"},
    {"content-encoding": b"\xff"},
)
"""None of them is plain JSON in UTF-8."""

KEYS: tuple[bytes, ...] = (b"", b"\x7f", b"\xff", b"a\tb", b"a" * 256, b"a" * 50_000)
"""None of them is an Idempotency-Key."""

BODIES: tuple[bytes, ...] = (
    b"", b" ", b"\x00", b"\xff", b"null", b"true", b"0", b"[]", b'""', b"{", b"}", b"{}{}", b"[[]]", b'{"a"}',
    b"\xef\xbb\xbf{}", '{"a":"é"}'.encode("latin-1"), "{}".encode("utf-16"), b'{"a":"\xed\xa0\x80"}',
    rb'{"\ud800":1}', rb'{"a":"\ud800"}', rb'{"a":"\u0000"}', b'{"a":"\x00"}', b'{"a":"\x1f"}', b'{"a":NaN}',
    b'{"a":1e400}', b'{"a":-Infinity}', b'{"a":01}', b'{"a":1_0}', b'{"a":0x10}', b"{'a':1}", b'{"a":1,}',
    b'{"a":' + b"9" * 5000 + b"}", b'{"a":' + b"[" * 33 + b"]" * 33 + b"}", b"[" * 100_000, b'{"a":' * 40_000,
    b"[" * 33 + b'"' + b'\\"' * 100_000, b'{"' + b"k" * 200_000 + b'":1}', b'{"a":"' + b"v" * 200_000 + b'"}',
    b"{" + b",".join(b'"k%d":1' % number for number in range(10_000)) + b"}", b"<a/>", b"a=1&b=2",
)  # fmt: skip
"""None of them is a body of any operation."""

VALUES: tuple[Json, ...] = (
    None, True, -1, 2**31, 2**63, 2**80, 1.5, 1e308, "", " ", "x" * 5000, "a\x00b", "a\x85b",
    "\U0001f642\u202e", "0000-01-01", "0001-01-01", "1945-01-01", "2199-12-31", "9999-12-31",
    "10000-01-01", "2024-02-30", [], {}, [None] * 300, [[[[]]]], {"a": 1},
    "01890a5d-ac96-774b-bcce-b302099a8057", "=1+1", "\ufdfa" * 50,
)  # fmt: skip
"""For every field of every body."""


def paths(operation: Operation, ask: Ask) -> Iterator[str]:
    """Gives the path with each of its parameters, in turn, spoiled in every way."""
    path, _, query = ask.path.partition("?")
    given = path.split("/")
    for place, part in enumerate(operation.path.split("/")):
        for spoiled in SEGMENTS if part.startswith("{") else ():
            whole = "/".join([*given[:place], spoiled, *given[place + 1 :]])
            yield f"{whole}?{query}" if query else whole


def queries(operation: Operation, ask: Ask) -> Iterator[str]:
    """Gives paths with parameters that nobody declared, and declared ones with every bad text, and twice."""
    joined = f"{ask.path}&" if "?" in ask.path else f"{ask.path}?"
    yield from (f"{joined}{query}" for query in QUERIES)
    for name in parameters(operation):
        yield from (f"{joined}{name}={text}" for text in TEXTS)
        yield f"{joined}{name}=1&{name}=2"


def parameters(operation: Operation) -> tuple[str, ...]:
    """Gives the names of the declared parameters."""
    kind = operation.query
    return () if kind is None else tuple(field.encode_name for field in msgspec.structs.fields(kind))


class Place(NamedTuple):
    """A field of a body: the keys that lead to it."""

    keys: tuple[str | int, ...]

    def filled(self, body: Json, whole: Json, *, value: Json) -> Json:
        """Gives the body with a value here; what is needed on the way comes from the whole."""
        result = copy.deepcopy(body)
        if len(self.keys) > 1:
            result[self.keys[0]] = copy.deepcopy(whole[self.keys[0]])
        target = result
        *before, last = list(self.keys)
        for key in before:
            target = target[key]
        target[last] = value
        return result


def places(whole: Json, before: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Gives every field inside a whole body, structures and lists among them."""
    inner = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for key, value in inner:
        yield Place((*before, key))
        yield from places(value, (*before, key))


def whole_body(operation: Operation, body: Json) -> Json:
    """Gives a body with every field there is, as deep as it goes; a move keeps its action."""
    components = _COMPONENTS
    path = openapi_paths()[operation.path][operation.method.lower()]
    schema = resolved(path["requestBody"]["content"]["application/json"]["schema"], components)
    if "discriminator" in schema:
        schema = resolved({"$ref": schema["discriminator"]["mapping"][body["action"]]}, components)
    return _whole(schema)


def _whole(schema: Json) -> Json:
    target = resolved(schema, _COMPONENTS)
    if "anyOf" in target:
        return _whole(target["anyOf"][0])
    if "properties" in target:
        return {name: _whole(member) for name, member in target["properties"].items()}
    if "items" in target:
        return [_whole(target["items"])]
    choices = schema.get("examples") or target.get("examples") or target.get("enum") or [target.get("const")]
    kind = target.get("type", "string")
    plain = {"boolean": False, "integer": 1, "number": 1}.get(kind if isinstance(kind, str) else kind[0])
    return plain if choices[0] is None else choices[0]


def openapi_paths() -> Json:
    return _DOCUMENT["paths"]


_DOCUMENT: Json = json.loads(openapi.text(OPERATIONS))
_COMPONENTS: Json = _DOCUMENT["components"]["schemas"]
_PIECES = (
    b"\x00", b"\xff", b"\\u0000", b"\\ud800", b'"', b"\\", b"{", b"[", b"]", b"}", b",", b":", b"null",
    b"-", b"1e999", b"9" * 30, b"9" * 500, b"[" * 40, b"\xc3", b"\xe2\x80\xae", b"true", b'"id":',
    b"0001-01-01", b"=",
)  # fmt: skip


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Gives the body with one to four of its bytes or pieces changed, lost, doubled or put elsewhere."""
    given = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(given) + 1)
        end = min(len(given), start + chance.randint(0, 8))
        match chance.randrange(5):
            case 0 if start < len(given):
                given[start] ^= 1 << chance.randrange(8)
            case 1:
                del given[start:end]
            case 2:
                given[start:start] = chance.choice(_PIECES)
            case 3:
                given[start:start] = given[start:end] * chance.randint(1, 3)
            case _:
                given[start:end] = chance.choice(_PIECES)
    return bytes(given)
