"""A cursor or tag that was changed, cut, or made for something else is refused, with no rows of others."""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Iterator
from itertools import permutations
from typing import NamedTuple

import httpx
import pytest

from schema.vocabulary import Role
from service.kernel import cursor
from service.kernel.embedded import Cluster
from tests.actors import Actor
from tests.api import codes
from tests.partners import Partners
from tests.running import running
from tests.trust.tally import cases
from tests.trust.world import ACTIVITIES, AGREEMENTS, Standing, World

REFUSED = (400, "validation_failed", [("?cursor", "cursor_invalid")])
FORM = re.compile(r'"([1-9][0-9]{0,9})(-[0-9a-f]{8})?"')
"""What a tag looks like: the version, then a part that only If-None-Match compares."""


class List(NamedTuple):
    """A list and parameters that make another one of it."""

    path: str
    others: tuple[str, ...]


LISTS = (
    List(
        AGREEMENTS, ("kind=mou", "state=signed", "sort=ends_on", "q=a", "visibility=public", "phase=active")
    ),
    List(ACTIVITIES, ("kind=bimtek", "state=held", "relation=joint", "starts_on_from=1999-01-01")),
    List("/v1/audit-entries", ("action=created",)),
    List("/v1/organizations", ("kind=cso", "q=a")),
    List("/v1/users", ()),
    List("/v1/memberships", ()),
    List("/v1/api-keys", ()),
)


async def everybody(world: World) -> Actor:
    """Gives somebody with every role in the own organization."""
    return await world.person(*Role, organization_id=world.own.organization_id)


async def cursor_of(world: World, path: str, by: Actor) -> str:
    """Gives the cursor of the second page of a list."""
    joined = "&" if "?" in path else "?"
    return (await world.api.read(f"{path}{joined}limit=1", by))["next_cursor"]


async def going_on(client: httpx.AsyncClient, path: str, by: Actor, *, at: str) -> httpx.Response:
    """Asks for the page of a list at a cursor."""
    joined = "&" if "?" in path else "?"
    cases["cursors"] += 1
    return await client.get(f"{path}{joined}limit=1&cursor={at}", headers=by.headers)


def changed(text: str) -> Iterator[str]:
    """Gives a cursor with each bit changed, with a byte or its end lost, and with something added."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for place in range(len(raw)):
        for bit in range(8):
            yield written(raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :])
        yield written(raw[:place])
        yield written(raw[:place] + raw[place + 1 :])
    yield written(raw + b"\0")
    yield from (text[:place] for place in range(1, len(text)))
    yield from (f"{text}{more}" for more in ("A", "AAAA", "=", ".", "%3D", "%F0%9F%99%82"))


def written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_cursor_is_written_here_as_the_service_writes_it():
    made = cursor.sign(["2026-01-05", 1], scope=b"list", secret=b"secret")
    assert written(urlsafe_b64decode(made + "=" * (-len(made) % 4))) == made


@pytest.mark.parametrize("listed", LISTS, ids=[each.path for each in LISTS])
async def test_a_cursor_with_anything_changed_is_refused(world, listed):
    by = await everybody(world)
    at = await cursor_of(world, listed.path, by)
    assert (await going_on(world.api.client, listed.path, by, at=at)).status_code == 200
    for wrong in {*changed(at)} - {at}:
        answer = await going_on(world.api.client, listed.path, by, at=wrong)
        assert codes(answer) == REFUSED, wrong


async def test_a_cursor_of_one_list_is_refused_by_every_other_list(world):
    by = await everybody(world)
    cursors = {each.path: await cursor_of(world, each.path, by) for each in LISTS}
    for (_, at), path in (((one, cursors[one]), other) for one, other in permutations(cursors, 2)):
        assert codes(await going_on(world.api.client, path, by, at=at)) == REFUSED


@pytest.mark.parametrize("listed", LISTS, ids=[each.path for each in LISTS])
async def test_a_cursor_is_refused_by_the_same_list_with_another_filter(world, listed):
    by = await everybody(world)
    plain = await cursor_of(world, listed.path, by)
    for other in listed.others:
        narrowed = f"{listed.path}?{other}"
        assert codes(await going_on(world.api.client, narrowed, by, at=plain)) == REFUSED
        at = (await world.api.read(f"{narrowed}&limit=1", by))["next_cursor"]
        for path in (listed.path, *(f"{listed.path}?{each}" for each in listed.others if each != other)):
            assert at is None or codes(await going_on(world.api.client, path, by, at=at)) == REFUSED


def others(partners: Partners) -> list[Actor]:
    return [partners.city, partners.inspectorate, partners.icw, partners.stranger]


@pytest.mark.parametrize("listed", LISTS, ids=[each.path for each in LISTS])
async def test_a_cursor_of_one_organization_is_refused_from_every_other(world, listed):
    at = await cursor_of(world, listed.path, await everybody(world))
    for by in others(world.partners):
        assert codes(await going_on(world.api.client, listed.path, by, at=at)) == REFUSED


@pytest.fixture
async def renewed(world, cluster: Cluster) -> AsyncGenerator[httpx.AsyncClient]:
    """Gives a service on the same database, which has another secret as long as this one runs."""
    name = await world.api.connection.fetchval("SELECT current_database()")
    kept = await world.api.connection.fetchval("SELECT secret FROM installation")
    await world.api.connection.execute("UPDATE installation SET secret = $1", secrets.token_bytes(32))
    async with running(cluster.dsn(name)) as client:
        yield client
    await world.api.connection.execute("UPDATE installation SET secret = $1", kept)


@pytest.mark.parametrize("listed", LISTS, ids=[each.path for each in LISTS])
async def test_a_cursor_from_before_the_secret_was_renewed_is_refused(world, renewed, listed):
    by = await everybody(world)
    at = await cursor_of(world, listed.path, by)
    assert codes(await going_on(renewed, listed.path, by, at=at)) == REFUSED
    assert (await going_on(world.api.client, listed.path, by, at=at)).status_code == 200


# ------------------------------------------------------------------------------------------------------- tags


def retagged(tag: str) -> Iterator[bytes]:
    """Gives a tag with each bit changed, with a byte or its end lost, and with something added."""
    raw = tag.encode()
    for place in range(len(raw)):
        yield from (raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :] for bit in range(8))
        yield from (raw[:place], raw[:place] + raw[place + 1 :], raw[:place] + b"0" + raw[place:])
    yield from (raw + raw, raw + b', "1"', b"W/" + raw, raw + b"\0", raw.replace(b"-", b"-0"))


def expected(tag: bytes, version: int) -> tuple[int, str]:
    """Gives what the document says: 400 for what is no tag, 412 for another version; 403 comes after both."""
    found = FORM.fullmatch(tag.decode("latin-1").strip())
    if found is None:
        return 400, "validation_failed"
    return (403, "not_a_party") if int(found[1]) == version else (412, "stale_version")


@pytest.mark.parametrize("noun", ["agreement", "activity"])
async def test_only_a_tag_of_the_version_as_it_is_lets_a_change_through(world, noun):
    path = await (world.draft() if noun == "agreement" else world.activity())
    by = await world.anybody(Role.COORDINATOR, Standing.ABOVE)
    read = await world.api.get(path, by)
    seen = set[int]()
    for tag in {*retagged(read.headers["etag"]), read.headers["etag"].encode()}:
        headers = {**by.headers, "if-match": tag}
        answer = await world.api.client.patch(path, headers=headers, json={"region_code": "53.71"})
        status, code, _ = codes(answer)
        assert (status, code) == expected(tag, read.json()["version"]), tag
        seen.add(status)
        cases["tags"] += 1
    assert seen == {400, 403, 412}
    assert (await world.api.get(path, by)).json() == read.json()


@pytest.mark.parametrize("noun", ["agreement", "activity"])
async def test_only_the_whole_tag_saves_an_answer(world, noun):
    path = await (world.draft() if noun == "agreement" else world.activity())
    tag = (await world.api.get(path, world.own)).headers["etag"]
    assert (await world.api.get(path, world.own, if_none_match=tag)).status_code == 304
    for wrong in {*retagged(tag)} - {tag.encode(), b"W/" + tag.encode(), tag.encode() + b', "1"'}:
        headers = {**world.own.headers, "if-none-match": wrong}
        assert (await world.api.client.get(path, headers=headers)).status_code == 200, wrong
        cases["tags"] += 1
