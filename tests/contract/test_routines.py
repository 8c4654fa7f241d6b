"""What must hold across rows holds whoever writes them: who sees what, the tree, sums and tallies."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests import make

ACCESS = "SELECT organization_id, reason FROM agreement_access WHERE agreement_id = $1"
DROP_PARTY = "DELETE FROM party WHERE agreement_id = $1 AND organization_id = $2"
MOVE = "UPDATE organization SET parent_id = $2 WHERE id = $1"
YEARS = (
    "SELECT agreement_year, activities FROM activity_tally WHERE agreement_id = $1 ORDER BY agreement_year"
)
NO_CYCLE = "ck_organization_tree_has_no_cycle"
SUMS = "ck_participant_group_sums_to_total"
ADD_ORGANIZATIONS = """
INSERT INTO organization (id, parent_id, version, created_at, updated_at, name, kind, time_zone, search_text)
SELECT made.id, made.parent_id, 1, created_at, updated_at, name, kind, time_zone, search_text
FROM organization AS model, unnest($1::uuid[], $2::uuid[]) AS made (id, parent_id)
"""
ADD_GROUPS = """
INSERT INTO participant_group (activity_id, agreement_id, position, group_label, total)
SELECT $1, activity.agreement_id, position, 'Group ' || position, total
FROM activity, unnest($2::integer[]) WITH ORDINALITY AS counts (total, position) WHERE activity.id = $1
"""


async def sight(connection, agreement_id: UUID) -> dict[UUID, str]:
    """Gives who may see an agreement and why, without its creator, whom the factory makes."""
    rows = await connection.fetch(ACCESS, agreement_id)
    return {row["organization_id"]: row["reason"] for row in rows if row["reason"] != "creator"}


@pytest.fixture
async def other_connection(database: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


# ------------------------------------------------------------------------------------ who sees an agreement


async def test_a_party_and_everybody_above_it_see_the_agreement(connection):
    city = await make.organization(connection)
    inspectorate = await make.organization(connection, parent_id=city)
    team = await make.organization(connection, parent_id=inspectorate)
    pact = await make.agreement(connection)
    await make.party(connection, pact, organization_id=team)
    assert await sight(connection, pact) == {team: "party", inspectorate: "above", city: "above"}


async def test_a_unit_below_or_beside_a_party_does_not_see_the_agreement(connection):
    city = await make.organization(connection)
    inspectorate = await make.organization(connection, parent_id=city)
    await make.organization(connection, parent_id=city)
    await make.organization(connection, parent_id=inspectorate)
    pact = await make.agreement(connection)
    await make.party(connection, pact, organization_id=inspectorate)
    assert await sight(connection, pact) == {inspectorate: "party", city: "above"}


async def test_the_creator_sees_the_agreement_and_those_above_the_creator_do_not(connection):
    city = await make.organization(connection)
    unit = await make.organization(connection, parent_id=city)
    pact = await make.agreement(connection, created_by_organization_id=unit)
    assert await connection.fetch(ACCESS, pact) == [(unit, "creator")]


async def test_a_creator_who_is_a_party_is_seen_as_a_party(connection):
    unit = await make.organization(connection)
    pact = await make.agreement(connection, created_by_organization_id=unit)
    await make.party(connection, pact, organization_id=unit)
    assert await connection.fetch(ACCESS, pact) == [(unit, "party")]


async def test_an_agreement_handed_to_another_creator_is_seen_by_that_one(connection):
    pact = await make.agreement(connection)
    heir = await make.organization(connection)
    await connection.execute("UPDATE agreement SET created_by_organization_id = $2 WHERE id = $1", pact, heir)
    assert await connection.fetch(ACCESS, pact) == [(heir, "creator")]


async def test_a_party_that_stands_above_another_is_seen_as_a_party(connection):
    city = await make.organization(connection)
    unit = await make.organization(connection, parent_id=city)
    pact = await make.agreement(connection)
    await make.party(connection, pact, organization_id=unit)
    await make.party(connection, pact, organization_id=city)
    assert await sight(connection, pact) == {unit: "party", city: "party"}


async def test_a_party_that_leaves_takes_the_sight_of_those_above_it_along(connection):
    city = await make.organization(connection)
    unit = await make.organization(connection, parent_id=city)
    pact = await make.agreement(connection)
    await make.party(connection, pact, organization_id=unit)
    stays = await make.party(connection, pact)
    await connection.execute(DROP_PARTY, pact, unit)
    assert await sight(connection, pact) == {stays: "party"}


async def test_a_party_that_becomes_another_organization_changes_who_sees(connection):
    mou = await make.agreement(connection)
    pks = await make.agreement(connection, kind="pks", parent_id=mou)
    await make.party(connection, pks)
    successor = await make.organization(connection)
    await connection.execute("UPDATE party SET organization_id = $2 WHERE agreement_id = $1", pks, successor)
    assert await sight(connection, pks) == {successor: "party"}
    assert await sight(connection, mou) == {successor: "child"}


async def test_a_party_that_moves_to_another_agreement_changes_who_sees_both(connection):
    old, new = await make.agreement(connection), await make.agreement(connection)
    mover = await make.party(connection, old)
    await connection.execute("UPDATE party SET agreement_id = $2 WHERE agreement_id = $1", old, new)
    assert (await sight(connection, old), await sight(connection, new)) == ({}, {mover: "party"})


async def test_the_parties_of_a_pks_and_those_above_them_see_its_mou(connection):
    city = await make.organization(connection)
    unit = await make.organization(connection, parent_id=city)
    mou = await make.agreement(connection)
    signer = await make.party(connection, mou)
    pks = await make.agreement(connection, kind="pks", parent_id=mou)
    await make.party(connection, pks, organization_id=unit)
    assert await sight(connection, mou) == {signer: "party", unit: "child", city: "child"}


async def test_the_parties_of_an_mou_do_not_see_its_pks(connection):
    mou = await make.agreement(connection)
    await make.party(connection, mou)
    pks = await make.agreement(connection, kind="pks", parent_id=mou)
    insider = await make.party(connection, pks)
    assert await sight(connection, pks) == {insider: "party"}


async def test_a_deleted_pks_takes_the_sight_of_its_mou_along(connection):
    mou = await make.agreement(connection)
    signer = await make.party(connection, mou)
    pks = await make.agreement(connection, kind="pks", parent_id=mou)
    await make.party(connection, pks)
    await connection.execute("DELETE FROM agreement WHERE id = $1", pks)
    assert await sight(connection, mou) == {signer: "party"}
    assert await connection.fetch(ACCESS, pks) == []


async def test_a_pks_under_another_mou_takes_the_sight_there(connection):
    old, new = await make.agreement(connection), await make.agreement(connection)
    pks = await make.agreement(connection, kind="pks", parent_id=old)
    signer = await make.party(connection, pks)
    await connection.execute("UPDATE agreement SET parent_id = $2 WHERE id = $1", pks, new)
    assert (await sight(connection, old), await sight(connection, new)) == ({}, {signer: "child"})
    await connection.execute("UPDATE agreement SET parent_id = NULL WHERE id = $1", pks)
    assert await sight(connection, new) == {}


async def test_a_unit_that_moves_takes_its_sight_from_those_above_it_to_those_it_moves_below(connection):
    old, new = await make.organization(connection), await make.organization(connection)
    unit = await make.organization(connection, parent_id=old)
    team = await make.organization(connection, parent_id=unit)
    mou = await make.agreement(connection)
    pks = await make.agreement(connection, kind="pks", parent_id=mou)
    await make.party(connection, pks, organization_id=team)
    await connection.execute(MOVE, unit, new)
    assert await sight(connection, pks) == {team: "party", unit: "above", new: "above"}
    assert await sight(connection, mou) == {team: "child", unit: "child", new: "child"}


async def test_a_unit_that_leaves_the_tree_takes_the_sight_from_those_above_it(connection):
    city = await make.organization(connection)
    unit = await make.organization(connection, parent_id=city)
    pact = await make.agreement(connection)
    await make.party(connection, pact, organization_id=unit)
    await connection.execute(MOVE, unit, None)
    assert await sight(connection, pact) == {unit: "party"}


async def test_a_move_waits_for_a_party_being_added_and_then_sees_it(connection, other_connection):
    old, new = await make.organization(connection), await make.organization(connection)
    unit = await make.organization(connection, parent_id=old)
    pact = await make.agreement(connection)
    async with connection.transaction():
        await make.party(connection, pact, organization_id=unit)
        move = asyncio.create_task(other_connection.execute(MOVE, unit, new))
        done, _ = await asyncio.wait({move}, timeout=0.3)
        assert not done
    await move
    assert await sight(connection, pact) == {unit: "party", new: "above"}


async def test_a_party_added_during_a_move_is_seen_from_its_new_place(connection, other_connection):
    old, new = await make.organization(connection), await make.organization(connection)
    unit = await make.organization(connection, parent_id=old)
    pact = await make.agreement(connection)
    async with connection.transaction():
        await connection.execute(MOVE, unit, new)
        joining = asyncio.create_task(make.party(other_connection, pact, organization_id=unit))
        done, _ = await asyncio.wait({joining}, timeout=0.3)
        assert not done
    await joining
    assert await sight(connection, pact) == {unit: "party", new: "above"}


async def test_a_party_that_leaves_while_another_is_added_goes_out_of_sight(connection, other_connection):
    pact = await make.agreement(connection)
    leaves = await make.party(connection, pact)
    async with connection.transaction():
        joins = await make.party(connection, pact)
        leaving = asyncio.create_task(other_connection.execute(DROP_PARTY, pact, leaves))
        await asyncio.wait({leaving}, timeout=0.3)
    await leaving
    assert await sight(connection, pact) == {joins: "party"}


# ------------------------------------------------------------------------------------------------- the tree


async def test_an_organization_cannot_move_below_one_of_its_units(connection):
    city = await make.organization(connection)
    unit = await make.organization(connection, parent_id=city)
    team = await make.organization(connection, parent_id=unit)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute(MOVE, city, team)
    assert refused.value.constraint_name == NO_CYCLE


async def test_two_organizations_written_at_once_cannot_stand_above_each_other(connection):
    one, two = uuid4(), uuid4()
    await make.organization(connection)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute(ADD_ORGANIZATIONS, [one, two], [two, one])
    assert refused.value.constraint_name == NO_CYCLE


async def test_two_moves_at_once_cannot_close_a_cycle(connection, other_connection):
    one, two = await make.organization(connection), await make.organization(connection)
    async with connection.transaction():
        await connection.execute(MOVE, one, two)
        move = asyncio.create_task(other_connection.execute(MOVE, two, one))
        await asyncio.wait({move}, timeout=0.3)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await move
    assert refused.value.constraint_name == NO_CYCLE


# ----------------------------------------------------------------------------------- sums of participants


@pytest.mark.parametrize(
    ("total", "groups"),
    [(37, [30, 4, 3]), (37, [30, 4, None]), (37, [None, None]), (None, [30, 4]), (0, [0]), (37, [])],
)
async def test_groups_that_can_sum_to_the_total_are_kept(connection, total, groups):
    activity = await make.activity(connection, participant_total=total)
    await connection.execute(ADD_GROUPS, activity, groups)


@pytest.mark.parametrize(("total", "groups"), [(37, [30, 4]), (37, [30, 8, None]), (37, [38]), (0, [1])])
async def test_groups_that_cannot_sum_to_the_total_are_refused(connection, total, groups):
    activity = await make.activity(connection, participant_total=total)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute(ADD_GROUPS, activity, groups)
    assert refused.value.constraint_name == SUMS


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE participant_group SET total = 5 WHERE position = 2",
        "DELETE FROM participant_group WHERE position = 2",
        "UPDATE activity SET participant_total = 38",
        "UPDATE activity SET participant_total = 30",
    ],
)
async def test_a_change_that_breaks_the_sum_is_refused(connection, change):
    activity = await make.activity(connection, participant_total=34)
    await connection.execute(ADD_GROUPS, activity, [30, 4])
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await connection.execute(change)
    assert refused.value.constraint_name == SUMS


async def test_a_total_that_becomes_unknown_is_kept(connection):
    activity = await make.activity(connection, participant_total=34)
    await connection.execute(ADD_GROUPS, activity, [30, 4])
    await connection.execute("UPDATE activity SET participant_total = NULL")
    assert await make.participant_group(connection, activity, total=3) == 3


async def test_groups_and_total_change_together_in_one_statement(connection):
    activity = await make.activity(connection, participant_total=34)
    await connection.execute(ADD_GROUPS, activity, [30, 4])
    await connection.execute("""
        WITH whole AS (UPDATE activity SET participant_total = 35)
        UPDATE participant_group SET total = 5 WHERE position = 2
    """)
    assert await connection.fetchval("SELECT sum(total) FROM participant_group") == 35


async def test_an_activity_goes_with_its_groups(connection):
    activity = await make.activity(connection, participant_total=34)
    await connection.execute(ADD_GROUPS, activity, [30, 4])
    await connection.execute("DELETE FROM activity WHERE id = $1", activity)
    assert await connection.fetchval("SELECT count(*) FROM participant_group") == 0


# ------------------------------------------------------------------------------------------- agreement years


async def held_on(connection, agreement_id: UUID, *days: date) -> None:
    """Writes an activity for each day."""
    for day in days:
        await make.activity(connection, agreement_id=agreement_id, starts_on=day, ends_on=day)


@pytest.mark.parametrize(
    ("first_day", "day", "year"),
    [
        (date(2026, 2, 2), date(2026, 2, 1), 0),
        (date(2026, 2, 2), date(2026, 2, 2), 1),
        (date(2026, 2, 2), date(2027, 2, 1), 1),
        (date(2026, 2, 2), date(2027, 2, 2), 2),
        (date(2024, 2, 29), date(2025, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 3, 1), 2),
        (date(2024, 2, 29), date(2028, 2, 28), 4),
        (date(2024, 2, 29), date(2028, 2, 29), 5),
        (None, date(2026, 2, 2), 0),
    ],
)
async def test_a_new_first_day_counts_activities_in_their_agreement_year(connection, first_day, day, year):
    pact = await make.agreement(connection, effective_from=date(2020, 1, 1))
    await held_on(connection, pact, day, day)
    await connection.execute("UPDATE agreement SET effective_from = $2 WHERE id = $1", pact, first_day)
    assert await connection.fetch(YEARS, pact) == [(year, 2)]


async def test_a_pks_without_a_first_day_counts_from_that_of_its_mou(connection):
    mou = await make.agreement(connection)
    pks = await make.agreement(connection, kind="pks", parent_id=mou)
    own = await make.agreement(connection, kind="pks", parent_id=mou, effective_from=date(2025, 1, 1))
    await held_on(connection, pks, date(2026, 2, 2), date(2027, 2, 2))
    await held_on(connection, own, date(2026, 2, 2))
    await connection.execute("UPDATE agreement SET effective_from = '2026-02-02' WHERE id = $1", mou)
    assert await connection.fetch(YEARS, pks) == [(1, 1), (2, 1)]
    assert await connection.fetch(YEARS, own) == []


async def test_a_pks_under_another_mou_counts_from_the_first_day_of_that_one(connection):
    mou = await make.agreement(connection, effective_from=date(2024, 2, 2))
    pks = await make.agreement(connection, kind="pks")
    await held_on(connection, pks, date(2026, 2, 2))
    await connection.execute("UPDATE agreement SET parent_id = $2 WHERE id = $1", pks, mou)
    assert await connection.fetch(YEARS, pks) == [(3, 1)]
