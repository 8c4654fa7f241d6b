"""What PostgreSQL itself keeps of amendments, whatever the service says."""

from uuid import uuid4

import asyncpg
import pytest

from schema.roles import APP
from service.kernel.database import opened
from tests import make
from tests.roles import address

ACCEPTED = "INSERT INTO amendment_acceptance VALUES ($1, $2, 1, $3, $4, now())"


async def test_no_two_acceptances_are_of_one_person_whatever_the_service_says(connection):
    one, two = [await make.organization(connection) for _ in range(2)]
    person, agreement = uuid4(), await make.agreement(connection)
    amendment = await make.amendment(connection, agreement)
    await connection.execute(ACCEPTED, agreement, amendment, one, person)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_amendment_acceptance_person"):
        await connection.execute(ACCEPTED, agreement, amendment, two, person)


async def test_postgresql_lets_nobody_accept_for_another_party(database, connection):
    mine, other = [await make.organization(connection) for _ in range(2)]
    agreement = await make.agreement(connection, created_by_organization_id=mine)
    amendment = await make.amendment(connection, agreement)
    async with opened(address(database, APP), size=1) as app, app.acting(mine).lease() as found:
        await found.execute(ACCEPTED, agreement, amendment, mine, uuid4())
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await found.execute(ACCEPTED, agreement, amendment, other, uuid4())
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await found.execute("DELETE FROM amendment_acceptance")


@pytest.mark.parametrize(
    "values",
    [
        {"state": "signed"},
        {"signed_on": make.AT.date(), "signing_registered_on": make.AT.date(), "agreement_version": 2},
        {"state": "ready_to_sign"},
        {"state": "cancelled"},
        {"state": "cancelled", "cancelled_on": make.AT.date()},
        {"differences": "[]"},
        {"kinds": []},
        {"kinds": ["perpanjangan"]},
        {"sequence": 0},
    ],
)
async def test_the_database_refuses_what_is_no_amendment(connection, values):
    agreement = await make.agreement(connection)
    with pytest.raises(asyncpg.CheckViolationError):
        await make.amendment(connection, agreement, **values)


async def test_postgresql_keeps_a_second_amendment_from_being_open(connection):
    agreement = await make.agreement(connection)
    await make.amendment(connection, agreement)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_amendment_open"):
        await make.amendment(connection, agreement)
