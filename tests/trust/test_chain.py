"""The past cannot be rewritten: whoever owns the database is found out, and nobody else is suspected.

The checkpoints of the last `verify` were kept outside. A clumsy forger alters rows; a clever one also numbers
and links everything again and deletes the checkpoints inside: only the key is out of reach.
"""

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from schema.roles import WORKER
from schema.wire.audit import AuditVerification, ChainBreak, Checkpoint
from service.audit import rules, verifying
from service.audit.checkpoints import sign_all
from service.audit.witness import verify_everything
from service.kernel import instants
from service.kernel.database import opened
from service.kernel.signing import Keys, kept_keys
from tests.actors import Actor, make_actor
from tests.api import Api
from tests.partners import held, id_of, in_force, make_partners, mou
from tests.roles import address
from tests.running import running
from tests.trust.forger import Forger
from tests.trust.tally import cases

OLD, PATH = "old", "/v1/audit-entries/verify"
Place = tuple[UUID, int]


class Trail(NamedTuple):
    """A trail with a history, its forger, and what a witness keeps of it."""

    dsn: str
    keys: Keys
    forger: Forger
    checkpoints: tuple[Checkpoint, ...]
    places: list[Place]

    async def verified(self, *, inside_only: bool = False) -> AuditVerification:
        """Gives what is found, with the checkpoints kept outside unless only the database is asked."""
        kept = () if inside_only else self.checkpoints
        return await verify_everything(self.dsn, self.keys, checkpoints=kept)


async def history(api: Api, *, agreements: int) -> None:
    """Makes partners do what leaves entries in several streams."""
    partners = await make_partners(api)
    platform = await make_actor(api.connection, roles=["platform_admin"])
    own = f"/v1/organizations/{partners.icw.organization_id}"
    for number in range(agreements):
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.city))
        made = await api.create("/v1/activities", partners.icw, body=held(pact))
        await api.change("PATCH", f"/v1/activities/{made['id']}", partners.city, body={"title": "Judul"})
        await api.moved(pact, partners.city, "suspend", reason="Menunggu audit")
        await api.moved(pact, partners.city, "lift_suspension", reason="Selesai")
        await api.change("PATCH", own, platform, body={"short_name": f"I{number}"})


@pytest.fixture(scope="module")
async def trail(new_database, tmp_path_factory) -> AsyncGenerator[Trail]:
    keys_file = tmp_path_factory.mktemp("keys") / "audit.key"
    keys = kept_keys(keys_file)
    async with new_database() as dsn:
        connection = await asyncpg.connect(dsn)
        forger = Forger(connection)
        async with running(dsn, audit_key_file=str(keys_file)) as client:
            await history(Api(client, connection), agreements=2)
            await signed(dsn, keys)
            await forger.keep(OLD)
            await history(Api(client, connection), agreements=2)
            await signed(dsn, keys)
        checkpoints = (await verify_everything(dsn, keys)).checkpoints
        rows = await connection.fetch("SELECT stream, seq FROM audit_entry ORDER BY stream, seq")
        await forger.begin()
        yield Trail(dsn, keys, forger, checkpoints, [tuple(row) for row in rows])
        await connection.close()


@pytest.fixture(autouse=True)
async def whole_again(request) -> AsyncGenerator[None]:
    """Brings the trail back after each forgery."""
    yield
    if "trail" in request.fixturenames:
        await request.getfixturevalue("trail").forger.restore("whole")


def broken(found: AuditVerification) -> ChainBreak:
    """Gives the break that was found."""
    assert found.first_break is not None
    return found.first_break


async def signed(dsn: str, keys: Keys) -> None:
    async with opened(address(dsn, WORKER), size=1) as background:
        await sign_all(background, keys, clock=instants.now)


async def found_each(trail: Trail, forgeries: dict[str, Callable[[], Awaitable[None]]]) -> set[str]:
    """Gives the codes of what was found of each forgery; fails for one that nobody found."""
    codes = set()
    for name, forge in forgeries.items():
        await forge()
        found = await trail.verified()
        assert not found.whole, name
        codes.add(broken(found).code)
        cases["forgeries"] += 1
        await trail.forger.restore("whole")
    assert (await trail.verified()).whole
    return codes


def some(trail: Trail, count: int) -> list[Place]:
    return random.Random(7).sample(trail.places, min(count, len(trail.places)))


SHORT = 1
EMPTIED = ("actor_id", "role", "reason", "from_state", "to_state", "request_id", "agreement_id")
LONG = pytest.param(40, marks=pytest.mark.drill)


# --------------------------------------------------------------------------------------------- nobody forged


async def test_a_trail_that_nobody_touched_is_whole(trail):
    for found in (await trail.verified(), await trail.verified(inside_only=True)):
        assert (found.whole, found.first_break, found.continue_with) == (True, None, None)
        assert (found.streams, found.entries) == (len({s for s, _ in trail.places}), len(trail.places))
        assert {(each.stream, each.seq) for each in found.checkpoints} == {
            max(group) for _, group in itertools.groupby(trail.places, key=lambda place: place[0])
        }


async def test_who_is_erased_breaks_nothing(trail):
    await trail.forger.connection.execute(
        "UPDATE \"user\" SET name = 'Terhapus', email = 'x', email_key = id::text"
    )
    await trail.forger.connection.execute("DELETE FROM membership")
    await trail.forger.connection.execute('DELETE FROM "user"')
    assert (await trail.verified()).whole


async def test_denied_attempts_are_no_part_of_it(trail):
    await trail.forger.connection.execute("DELETE FROM denied_attempt")
    assert (await trail.verified()).whole


# -------------------------------------------------------------------------------------------- a clumsy forger


@pytest.mark.parametrize("count", [SHORT, LONG])
async def test_each_column_of_an_entry_that_was_altered_is_found(trail, count):
    columns = await trail.forger.columns("audit_entry")
    columns += [(column, "NULL") for column in EMPTIED]
    forgeries = {
        f"{column} of {place} = {value}": lambda p=place, c=column, v=value: trail.forger.alter(p, c, value=v)
        for column, value in columns
        for place in some(trail, count)
        if value != "NULL" or await trail.forger.holds(place, column)
    }
    assert len(forgeries) > 20 * len(some(trail, count))
    codes = await found_each(trail, forgeries)
    assert {"column_altered", "entry_altered", "link_broken", "entry_missing"} <= codes


@pytest.mark.parametrize("value", ["'infinity'", "'0044-03-15 BC'", "'20000-01-01'"])
async def test_an_instant_that_nobody_can_read_is_found(trail, value):
    place = trail.places[len(trail.places) // 2]
    await trail.forger.alter(place, "at", value=value)
    found = broken(await trail.verified())
    assert (found.stream, found.seq, found.code) == (*place, "entry_unreadable")


async def test_each_column_of_a_head_that_was_altered_is_found(trail):
    streams = sorted({stream for stream, _ in trail.places})
    forgeries = {
        f"{column} of the head {stream}": lambda s=stream, c=column, v=value: trail.forger.connection.execute(
            f"UPDATE audit_head SET {c} = {v} WHERE stream = $1",  # noqa: S608 - our names
            s,
        )
        for column, value in await trail.forger.columns("audit_head")
        for stream in streams[:2]
    }
    assert len(forgeries) == 10
    await found_each(trail, forgeries)


@pytest.mark.parametrize("count", [10, LONG])
async def test_an_entry_that_was_deleted_is_found_and_named(trail, count):
    for stream, seq in some(trail, count):
        await trail.forger.delete((stream, seq))
        found = broken(await trail.verified())
        assert (found.stream, found.seq) == (stream, seq)
        await trail.forger.restore("whole")


@pytest.mark.parametrize("count", [5, LONG])
async def test_an_entry_that_was_put_in_or_moved_is_found(trail, count):
    forger = trail.forger
    forgeries: dict[str, Callable[[], Awaitable[None]]] = {}
    for stream, seq in some(trail, count):
        forgeries[f"put behind {seq}"] = lambda s=stream, n=seq: forger.insert_behind((s, n))
        if (stream, seq + 1) in trail.places:
            forgeries[f"moved {seq}"] = lambda s=stream, n=seq: forger.swap(s, n, two=n + 1)
    await found_each(trail, forgeries)


async def test_a_checkpoint_inside_that_was_altered_is_found(trail):
    forgeries = {
        column: lambda c=column, v=value: trail.forger.connection.execute(
            f"UPDATE audit_checkpoint SET {c} = {v} WHERE (stream, seq) = (SELECT stream, max(seq)"  # noqa: S608
            " FROM audit_checkpoint GROUP BY stream LIMIT 1)"
        )
        for column, value in await trail.forger.columns("audit_checkpoint")
        if column != "agreement_id"
    }
    assert len(forgeries) == 6
    await found_each(trail, forgeries)


# -------------------------------------------------------------------------------------------- a clever forger


@pytest.mark.parametrize("count", [SHORT, LONG])
async def test_a_trail_that_was_written_anew_is_found_by_what_was_kept_outside(trail, count):
    forger = trail.forger

    def cleverly(stream: UUID, forge: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def forged() -> None:
            await forge()
            await forger.link_again(stream)
            await forger.forget_checkpoints()
            assert (await trail.verified(inside_only=True)).whole

        return forged

    async def tail(stream: UUID, seq: int) -> None:
        await forger.connection.execute(
            "DELETE FROM audit_entry WHERE stream = $1 AND seq >= $2", stream, seq
        )

    forgeries: dict[str, Callable[[], Awaitable[None]]] = {}
    for place in some(trail, count):
        stream, seq = place
        known = {
            "said": lambda p=place: forger.say(p, "approved"),
            "deleted": lambda p=place: forger.delete(p),
            "cut off": lambda p=place: tail(*p),
            "dropped": lambda p=place: tail(p[0], 1),
        }
        if (stream, seq + 1) in trail.places:
            # Behind the last entry that is witnessed, nobody knows what should be there.
            known["put in"] = lambda p=place: forger.insert_behind(p)
            known["moved"] = lambda p=place: forger.swap(p[0], p[1], two=p[1] + 1)
        for name, forge in known.items():
            forgeries[f"{name} {place}"] = cleverly(stream, forge)
    codes = await found_each(trail, forgeries)
    assert codes == {"checkpoint_differs", "checkpoint_ahead"}


async def test_an_old_copy_that_was_restored_is_found(trail):
    await trail.forger.restore(OLD)
    assert (await trail.verified(inside_only=True)).whole
    assert broken(await trail.verified()).code == "checkpoint_ahead"


async def test_a_checkpoint_of_another_key_proves_nothing(trail, tmp_path):
    await trail.forger.forget_checkpoints()
    await signed(trail.dsn, kept_keys(tmp_path / "forged.key"))
    assert broken(await trail.verified()).code == "checkpoint_forged"


async def test_a_stream_that_went_back_is_not_signed_again(trail):
    stream = trail.places[0][0]
    last = max(seq for each, seq in trail.places if each == stream)
    await trail.forger.delete((stream, last))
    await trail.forger.link_again(stream)
    await signed(trail.dsn, trail.keys)
    marks = "SELECT max(seq) FROM audit_checkpoint WHERE stream = $1"
    assert await trail.forger.connection.fetchval(marks, stream) == last
    assert broken(await trail.verified(inside_only=True)).code == "checkpoint_ahead"


# ------------------------------------------------------------------------ each check finds what no other does


async def said_again(trail: Trail, place: Place) -> None:
    await trail.forger.say(place, "approved")
    await trail.forger.link_again(place[0])


FORGERIES = {
    "_demand_link": lambda trail, place: trail.forger.alter(place, "hash", value="sha256(hash)"),
    "_demand_columns": lambda trail, place: trail.forger.alter(place, "version", value="version + 1"),
    "_demand_witnessed": said_again,
    "demand_end": lambda trail, place: trail.forger.connection.execute(
        "UPDATE audit_head SET hash = sha256(hash) WHERE stream = $1", place[0]
    ),
    "demand_signed": lambda trail, place: trail.forger.connection.execute(
        "UPDATE audit_checkpoint SET signature = sha256(signature) || sha256(signature) WHERE stream = $1",
        place[0],
    ),
}


@pytest.mark.parametrize("check", FORGERIES)
async def test_a_verifier_without_one_of_its_checks_finds_nothing(trail, monkeypatch, check):
    place = (trail.places[0][0], 1)
    await FORGERIES[check](trail, place)
    assert not (await trail.verified()).whole
    for module in (rules, verifying):
        if hasattr(module, check):
            monkeypatch.setattr(module, check, lambda *_, **__: None)
    assert (await trail.verified()).whole


# --------------------------------------------------------------------------------------------- many who write


async def write(api: Api, by: Actor, *, pact: str, count: int) -> None:
    """Logs activities; whoever waits too long for the others is told so and comes again."""
    while count:
        answer = await api.post("/v1/activities", by, body=held(pact))
        assert answer.status_code in {201, 503}, answer.text
        count -= answer.status_code == 201


async def watch(trail: Trail, api: Api, *, path: str, by: Actor) -> AsyncGenerator[AuditVerification]:
    """Gives what is found in the whole database and through the API, again and again."""
    while True:
        await signed(trail.dsn, trail.keys)
        yield await trail.verified()
        answer = await api.get(path, by)
        assert answer.status_code in {200, 503}, answer.text
        if answer.is_success:
            yield msgspec.convert(answer.json(), AuditVerification)


@pytest.mark.parametrize("each", [10, pytest.param(2000, marks=pytest.mark.drill)])
async def test_writers_at_once_make_one_chain_that_is_whole_at_any_moment(new_database, tmp_path, each):
    keys_file = tmp_path / "audit.key"
    keys = kept_keys(keys_file)
    async with new_database() as dsn, running(dsn, pool_size=32, audit_key_file=str(keys_file)) as client:
        connection = await asyncpg.connect(dsn)
        trail, api = Trail(dsn, keys, Forger(connection), (), []), Api(client, connection)
        partners = await make_partners(api)
        pact = await in_force(api, partners.icw, mou(partners.icw, partners.city))
        looks = 0
        async with asyncio.TaskGroup() as group:
            clerks = (partners.icw, partners.city) * 16
            writing = [group.create_task(write(api, by, pact=pact, count=each)) for by in clerks]
            async for found in watch(trail, api, path=f"{PATH}?agreement_id={id_of(pact)}", by=partners.city):
                assert found.whole, found.first_break
                looks += 1
                if all(task.done() for task in writing):
                    break
        found = await trail.verified()
        assert (found.whole, found.entries, found.streams) == (True, 32 * each + 1, 1)
        await connection.close()
    cases["looks at a chain while 32 write it"] += looks


@pytest.mark.parametrize("at_once", [3, 20_000])
async def test_a_stream_that_is_witnessed_and_never_was_is_found(trail, monkeypatch, at_once):
    monkeypatch.setattr(verifying, "ENTRIES_AT_ONCE", at_once)
    (mark, *_) = trail.checkpoints
    unsigned = msgspec.structs.replace(rules.kept(mark), stream=uuid4())
    signature = trail.keys.sign(rules.signed_text(unsigned)).hex()
    foreign = rules.told(msgspec.structs.replace(unsigned, signature=signature))
    found = broken(await verify_everything(trail.dsn, trail.keys, checkpoints=[foreign]))
    assert (found.stream, found.code) == (foreign.stream, "checkpoint_ahead")
