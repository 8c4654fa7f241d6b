"""Whatever is sent, the answer is one that the document describes, and never that the service failed.

Every operation gets every hostile path, parameter, header, body and field. Whoever sends them has every role,
so that nothing is refused for another reason.
"""

import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

import httpx
import pytest

from schema.vocabulary import Role
from service.kernel.operation import Operation
from tests.accounts.given import person
from tests.actors import Actor
from tests.described import deviations
from tests.trust import abuse
from tests.trust.examples import EXAMPLES, operation_of
from tests.trust.tally import cases
from tests.trust.world import Ask, World

Content = bytes | AsyncGenerator[bytes]

EACH = tuple({operation_of(key).id: key for key in reversed(EXAMPLES)}.values())
WITH_BODY = tuple(key for key in EXAMPLES if operation_of(key).body is not None)
ONE_WITH_BODY = tuple(key for key in EACH if operation_of(key).body is not None)
WITHOUT_BODY = tuple(
    key
    for key in EACH
    if (operation_of(key).body, operation_of(key).form) == (None, None) and operation_of(key).method != "GET"
)
READING = tuple(key for key in EACH if operation_of(key).method == "GET")
CONDITIONAL = tuple(key for key in EACH if operation_of(key).conditional)
KEYED = tuple(key for key in EACH if operation_of(key).keyed)
LISTS = tuple(key for key in EACH if operation_of(key).is_list)
_MUTATED = 100_000
"""Mutated bodies that a drill sends to all operations together."""


class Raw(NamedTuple):
    """What is sent in place of a request that would succeed; headers come on top of those of the request."""

    path: str
    content: Content
    headers: Mapping[str, bytes] = {}


Spoil = Callable[[Ask], Raw]


async def besieged(world: World, key: str, spoils: Iterable[Spoil]) -> AsyncGenerator[httpx.Response]:
    """Gives the answer to each spoiled request; every one is as described and no failure of the service.

    What succeeds after all has used up its record, so the next request is about a new one.
    """
    by, ask = await begun(world, key)
    for spoil in spoils:
        raw = spoil(ask)
        answer = await sent(world, ask, by, raw=raw)
        shown = (ask.method, raw.path[:300], raw.headers, str(raw.content)[:3000])
        assert answer.status_code < 500, (shown, answer.text)
        assert deviations(answer) == [], shown
        cases["bad input"] += 1
        yield answer
        if answer.is_success and ask.method != "GET":
            by, ask = await begun(world, key)


async def begun(world: World, key: str) -> tuple[Actor, Ask]:
    """Gives somebody with every role, and a request of theirs that would succeed."""
    by = await person(world.api, *Role, organization_id=world.own.organization_id)
    return by, await EXAMPLES[key].made(world, by)


async def sent(world: World, ask: Ask, by: Actor, *, raw: Raw) -> httpx.Response:
    usual = {} if ask.body is None and not raw.content else {"content-type": "application/json"}
    headers: Any = {**by.headers, **usual, **ask.headers, **raw.headers}
    return await world.api.client.request(ask.method, raw.path, headers=headers, content=raw.content)


def body_of(ask: Ask) -> bytes:
    return ask.content if ask.body is None else json.dumps(ask.body).encode()


def nth(found: Callable[[Operation, Ask], Iterable[str]], operation: Operation, *, ask: Ask) -> list[Spoil]:
    """Gives a spoil for each path that is found, about whatever record is asked for by then."""
    return [
        lambda now, place=place: Raw(list(found(operation, now))[place], body_of(now))
        for place in range(len(list(found(operation, ask))))
    ]


def with_headers(each: Iterable[Mapping[str, bytes]]) -> list[Spoil]:
    return [lambda ask, headers=headers: Raw(ask.path, body_of(ask), headers) for headers in each]


def with_content(each: Iterable[bytes]) -> list[Spoil]:
    return [lambda ask, content=content: Raw(ask.path, content) for content in each]


# -------------------------------------------------------------------------------------- paths and parameters


@pytest.mark.parametrize("key", EACH)
async def test_no_spoiled_path_leads_anywhere(world, witness, key):
    _, ask = await begun(world, key)
    spoils = nth(abuse.paths, operation_of(key), ask=ask)
    async for answer in besieged(world, key, spoils):
        assert 400 <= answer.status_code < 500, answer.request.url


@pytest.mark.parametrize("key", EACH)
async def test_no_parameter_is_ignored(world, key):
    operation = operation_of(key)
    _, ask = await begun(world, key)
    undeclared = [
        query for query in abuse.QUERIES if query.partition("=")[0] not in abuse.parameters(operation)
    ]
    joined = "&" if "?" in ask.path else "?"
    spoils = [lambda ask, each=each: Raw(f"{ask.path}{joined}{each}", body_of(ask)) for each in undeclared]
    async for answer in besieged(world, key, spoils):
        assert answer.status_code == 400, answer.request.url


@pytest.mark.parametrize("key", [key for key in EACH if operation_of(key).query is not None])
async def test_no_value_of_a_parameter_makes_the_service_fail(world, key):
    _, ask = await begun(world, key)
    async for _ in besieged(world, key, nth(abuse.queries, operation_of(key), ask=ask)):
        pass


@pytest.mark.parametrize("key", [key for key in EACH if operation_of(key).query is not None])
async def test_a_single_valued_parameter_is_given_once(world, key):
    operation = operation_of(key)
    spoils = [
        lambda ask, name=name: Raw(f"{ask.path.partition('?')[0]}?{name}=1&{name}=1", b"")
        for name in abuse.parameters(operation)
    ]
    async for answer in besieged(world, key, spoils):
        assert answer.status_code == 400


@pytest.mark.parametrize("key", LISTS)
async def test_a_cursor_with_one_changed_bit_is_refused(world, key):
    by, ask = await begun(world, key)
    first = await sent(world, ask, by, raw=Raw(f"{ask.path.partition('?')[0]}?limit=1", b""))
    cursor = first.json()["next_cursor"]
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    flipped = [
        urlsafe_b64encode(raw[:place] + bytes([raw[place] ^ 1 << place % 8]) + raw[place + 1 :]).rstrip(b"=")
        for place in range(len(raw))
    ]
    wrong = [f"limit=1&cursor={each.decode()}" for each in flipped] + [f"limit=1&count=true&cursor={cursor}x"]
    spoils = [lambda ask, each=each: Raw(f"{ask.path.partition('?')[0]}?{each}", b"") for each in wrong]
    async for answer in besieged(world, key, spoils):
        assert [fault["code"] for fault in answer.json()["errors"]] == ["cursor_invalid"]


@pytest.mark.parametrize("key", LISTS)
async def test_a_cursor_goes_on_in_its_list_however_much_is_asked_for(world, key):
    by, ask = await begun(world, key)
    path = ask.path.partition("?")[0]
    first = (await sent(world, ask, by, raw=Raw(f"{path}?limit=1&count=true", b""))).json()
    second = await sent(world, ask, by, raw=Raw(f"{path}?cursor={first['next_cursor']}", b""))
    assert second.status_code == 200
    assert first["items"][0] not in second.json()["items"]
    stranger = world.partners.stranger
    elsewhere = await sent(world, ask, stranger, raw=Raw(f"{path}?cursor={first['next_cursor']}", b""))
    assert elsewhere.status_code == 400


# -------------------------------------------------------------------------------------------------- headers


@pytest.mark.parametrize("key", EACH)
async def test_no_header_makes_the_service_fail(world, key):
    async for _ in besieged(world, key, with_headers(abuse.HEADERS)):
        pass


@pytest.mark.parametrize("key", READING)
async def test_no_tag_of_what_the_caller_has_makes_the_service_fail(world, key):
    spoils = with_headers({"if-none-match": tag.encode()} for tag in abuse.TAGS)
    async for answer in besieged(world, key, spoils):
        assert answer.status_code in {200, 304}


@pytest.mark.parametrize("key", ONE_WITH_BODY)
async def test_only_json_is_taken_as_json(world, witness, key):
    spoils = with_headers(abuse.TYPES)
    await witness.look()
    statuses = {answer.status_code async for answer in besieged(world, key, spoils)}
    assert statuses == {415}


@pytest.mark.parametrize("key", CONDITIONAL)
async def test_only_the_tag_of_the_record_is_its_tag(world, key):
    spoils = with_headers({"if-match": tag.encode()} for tag in abuse.TAGS)
    statuses = {answer.status_code async for answer in besieged(world, key, spoils)}
    assert statuses == {400, 412}
    by, ask = await begun(world, key)
    missing = await sent(world, ask._replace(headers={}), by, raw=Raw(ask.path, body_of(ask)))
    assert missing.status_code == 428


@pytest.mark.parametrize("key", KEYED)
async def test_only_printable_keys_of_some_length_are_keys(world, key):
    spoils = with_headers({"idempotency-key": each} for each in abuse.KEYS)
    assert {answer.status_code async for answer in besieged(world, key, spoils)} == {400}


@pytest.mark.parametrize("key", READING)
async def test_head_answers_like_get_without_a_body(world, key):
    by, ask = await begun(world, key)
    got = await sent(world, ask, by, raw=Raw(ask.path, b""))
    headed = await sent(world, ask._replace(method="HEAD"), by, raw=Raw(ask.path, b""))
    differing = {"x-request-id", "server-timing"}
    if operation_of(key).id == "get_metrics":
        differing |= {"etag", "content-length"}
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert {each for each in headed.headers.items() if each[0] not in differing} == {
        each for each in got.headers.items() if each[0] not in differing
    }


# --------------------------------------------------------------------------------------------------- bodies


@pytest.mark.parametrize("key", ONE_WITH_BODY)
async def test_what_is_no_body_is_refused(world, key):
    statuses = {answer.status_code async for answer in besieged(world, key, with_content(abuse.BODIES))}
    assert statuses == {400}


@pytest.mark.parametrize("key", WITHOUT_BODY)
async def test_a_body_where_none_belongs_is_refused(world, key):
    spoils = with_content(each for each in abuse.BODIES if each)
    assert {answer.status_code async for answer in besieged(world, key, spoils)} == {400}


@pytest.mark.parametrize("key", [*ONE_WITH_BODY, *WITHOUT_BODY])
async def test_a_body_over_the_limit_is_refused_declared_or_not(world, key):
    limit = operation_of(key).body_limit

    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(limit // 65_536 + 1):
            yield b" " * 65_536

    spoils: list[Spoil] = [
        lambda ask: Raw(ask.path, b" " * (limit + 1)),
        lambda ask: Raw(ask.path, body_of(ask) or b"{}", {"content-length": b"%d" % (limit + 1)}),
        lambda ask: Raw(ask.path, endless()),
    ]
    assert {answer.status_code async for answer in besieged(world, key, spoils)} == {413}


@pytest.mark.parametrize("key", ONE_WITH_BODY)
async def test_a_key_given_twice_is_as_described(world, key):
    async for _ in besieged(
        world, key, [lambda ask: Raw(ask.path, body_of(ask)[:-1] + b"," + body_of(ask)[1:])]
    ):
        pass


async def fill(world: World, key: str, *, most: int) -> None:
    """Sends bodies in which one field has a value that it should not; no more than `most`, by chance."""
    _, ask = await begun(world, key)
    whole = abuse.whole_body(operation_of(key), ask.body)
    found = list(product(abuse.places(whole), abuse.VALUES))
    assert found
    chosen = random.Random(key).sample(found, min(most, len(found)))
    spoils = [
        lambda ask, place=place, value=value: Raw(
            ask.path, json.dumps(place.filled(ask.body, whole, value=value)).encode()
        )
        for place, value in chosen
    ]
    async for _ in besieged(world, key, spoils):
        cases["values of fields"] += 1


@pytest.mark.parametrize("key", WITH_BODY)
async def test_no_value_of_a_field_makes_the_service_fail(world, key):
    await fill(world, key, most=60)


@pytest.mark.drill
@pytest.mark.parametrize("key", WITH_BODY)
async def test_no_value_of_any_field_makes_the_service_fail(world, key):
    await fill(world, key, most=1_000_000)


async def mutate(world: World, key: str, *, count: int, seed: str) -> None:
    """Sends mutated bodies of a request."""
    chance = random.Random(f"{seed} {key}")
    spoils = [lambda ask: Raw(ask.path, abuse.mutated(body_of(ask), chance))] * count
    async for _ in besieged(world, key, spoils):
        cases["mutated bodies"] += 1


@pytest.mark.parametrize("key", ONE_WITH_BODY)
async def test_no_mutated_body_makes_the_service_fail(world, key):
    await mutate(world, key, count=100, seed="every run")


@pytest.mark.drill
@pytest.mark.parametrize("key", WITH_BODY)
async def test_no_body_of_very_many_mutated_ones_makes_the_service_fail(world, key):
    await mutate(world, key, count=-(-_MUTATED // len(WITH_BODY)), seed="drill")
