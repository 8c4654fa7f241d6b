"""The holidays corrected by the operator: what is open moves, and each move is told."""

import json
import sys
from datetime import date

import pytest
from anyio import run_process

from schema.roles import OWNER
from schema.vocabulary import HolidayKind
from service import settings
from service.data_requests.correcting import correct
from tests.partners import decided, id_of, requested
from tests.roles import address, environment_of

EVENTS = "SELECT type, version FROM outbox_event WHERE subject_id = $1 ORDER BY id DESC"


@pytest.fixture
async def owner(api, cluster):
    """Gives the address of the database for its owner."""
    return address(cluster.dsn(await api.connection.fetchval("SELECT current_database()")), OWNER)


async def decreed(owner, day, *, kind=HolidayKind.PUBLIC, name: str | None = "Libur tambahan"):
    """Gives how many due days moved by a decree."""
    on = None if day is None else date.fromisoformat(day)
    return await correct(owner, on, kind=kind, name=name, source="Keppres 7")


def counted(told):
    """Gives the days of a clock that count."""
    return [day["on"] for day in told["clock"]["days"] if day["counted"]]


async def test_a_new_holiday_moves_what_is_open_and_says_so(api, partners, owner):
    icw, holder = partners.icw, partners.inspectorate
    path, done = await requested(api, icw, holder), await decided(api, icw, holder)
    before, kept = await api.read(path, icw), await api.read(done, icw)
    day = counted(before)[4]
    assert await decreed(owner, day) == 1
    after = await api.read(path, icw)
    assert (after["version"], after["due_on"] > before["due_on"]) == (before["version"] + 1, True)
    assert after["due_on"] == after["clock"]["due_on"] == after["clock"]["days"][-1]["on"]
    assert {"on": day, "counted": None, "reason": "Libur tambahan"} in after["clock"]["days"]
    assert after["clock"]["calendar_version"].startswith(f"{before['clock']['calendar_version']}+")
    last = (await api.read(f"{path}/transitions", icw))["items"][-1]
    assert (last["action"], last["actor_id"], last["reason"]) == ("due_day_moved", None, "Keppres 7")
    event = await api.connection.fetchrow(EVENTS, id_of(path))
    assert tuple(event) == ("data_request.due_day_moved", after["version"])
    assert (await api.read(done, icw))["version"] == kept["version"]
    assert await decreed(owner, None) == 0


async def test_a_holiday_that_is_none_after_all_moves_it_back(api, partners, owner):
    path = await requested(api, partners.icw, partners.inspectorate)
    before = await api.read(path, partners.icw)
    day = counted(before)[2]
    await decreed(owner, day)
    await decreed(owner, day, name=None)
    assert (await api.read(path, partners.icw))["due_on"] == before["due_on"]


async def test_joint_leave_moves_only_who_is_shut_on_it(api, partners, owner):
    office = "UPDATE organization SET joint_leave = false WHERE id = $1"
    await api.connection.execute(office, partners.city.organization_id)
    paths = [await requested(api, partners.icw, each) for each in (partners.city, partners.inspectorate)]
    before = [await api.read(path, partners.icw) for path in paths]
    await decreed(owner, counted(before[0])[1], kind=HolidayKind.JOINT_LEAVE)
    after = [await api.read(path, partners.icw) for path in paths]
    moved = [new["due_on"] != old["due_on"] for new, old in zip(after, before, strict=True)]
    assert moved == [False, True]


async def test_whatever_is_asked_afterwards_observes_it(api, partners, owner):
    office = f"/v1/meta/working-days?days=10&organization_id={partners.inspectorate.organization_id}"
    await decreed(owner, "2031-06-18", name="Hari Tenun")
    told = await api.read(f"{office}&from=2031-06-16", partners.icw)
    assert {"on": "2031-06-18", "counted": False, "reason": "Hari Tenun"} in told["days"]
    path = await requested(api, partners.icw, partners.inspectorate)
    day = counted(await api.read(path, partners.icw))[3]
    await decreed(owner, day)
    later = await api.read(await requested(api, partners.icw, partners.inspectorate), partners.icw)
    assert day not in counted(later)
    assert later["due_on"] == (await api.read(path, partners.icw))["due_on"]


async def test_a_moved_due_day_is_part_of_the_audit_trail(api, partners, owner):
    path = await requested(api, partners.icw, partners.inspectorate)
    await decreed(owner, counted(await api.read(path, partners.icw))[5])
    verified = await api.read("/v1/audit-entries/verify", partners.inspectorate)
    assert (verified["whole"], verified["first_break"]) == (True, None)


async def test_the_operator_has_a_command_for_it(api, partners, owner):
    path = await requested(api, partners.icw, partners.inspectorate)
    day = counted(await api.read(path, partners.icw))[6]
    command = [sys.executable, "-m", "service", "holidays", day, "--name", "Libur", "--json"]
    environment = settings.environment(**environment_of(owner))
    done = await run_process(command, check=False, env=environment)
    assert (done.returncode, json.loads(done.stdout)["moved"] >= 1) == (0, True)
    assert day not in counted(await api.read(path, partners.icw))
    far = await run_process([*command[:4], "2200-01-01"], check=False, env=environment)
    assert (far.returncode, b"2199-12-31" in far.stderr) == (1, True)
