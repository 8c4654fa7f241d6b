"""The roles a person has in an organization."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec.structs import asdict, replace

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.accounts import (
    CreateMembership,
    Membership,
    MembershipPage,
    MembershipQuery,
    UpdateMembership,
)
from service.access.call import Call
from service.access.record import Step, entry
from service.accounts import listing, queries, rules
from service.kernel.database import Connection
from service.kernel.ids import uuid7
from service.kernel.operation import operation

TAG = "memberships"
_MANAGE = (Permission.USER_MANAGE,)


async def membership_by_id(call: Call, membership_id: UUID) -> Membership:
    """Return a membership the caller may see, or raise `not_found`."""
    found = await call.found(queries.MEMBERSHIP, queries.ById(membership_id))
    rules.demand_visible(found, call.caller)
    return found


@operation("GET", "/v1/memberships", permissions=_MANAGE, tag=TAG, private=True)
async def list_memberships(call: Call, query: MembershipQuery) -> MembershipPage:
    """List the memberships in the acting organization; the platform lists all."""
    items, cursor, total = await listing.memberships(call, query)
    return MembershipPage(items=items, next_cursor=cursor, total=total)


@operation("GET", "/v1/memberships/{membership_id}", permissions=_MANAGE, tag=TAG, private=True)
async def get_membership(call: Call, membership_id: UUID) -> Membership:
    """Read one membership."""
    return await membership_by_id(call, membership_id)


@operation(
    "POST",
    "/v1/memberships",
    permissions=_MANAGE,
    tag=TAG,
    status=201,
    private=True,
    revisit=membership_by_id,
    problems=("role_not_grantable", "membership_taken"),
)
async def create_membership(call: Call, body: CreateMembership) -> Membership:
    """Give a person roles in one more organization.

    An administrator does so in the own organization, the platform while an organization has no administrator.
    """
    record = rules.created_membership(body, call.caller, membership_id=uuid7(call.caller.now))
    async with call.database.transaction() as connection:
        await demand_grants(connection, call, wanted={"/organization_id": record})
        step = _step(Verb.CREATED, None, after=record)
        await queries.CREATE_MEMBERSHIP.run(connection, _written(call, step, record=record))
    return record


@operation(
    "PATCH",
    "/v1/memberships/{membership_id}",
    permissions=_MANAGE,
    tag=TAG,
    private=True,
    conditional=True,
    problems=("role_not_grantable", "last_administrator"),
)
async def update_membership(call: Call, membership_id: UUID, *, body: UpdateMembership) -> Membership:
    """Give a member other roles; they count from the person's next request on."""
    stored = await membership_by_id(call, membership_id)
    call.match(stored.version)
    record = rules.updated_membership(stored, body.roles, caller=call.caller)
    async with call.database.transaction() as connection:
        administration = await queries.administration_of(connection, [stored.organization_id])
        rules.demand_change(stored, record.roles, caller=call.caller, administration=administration)
        step = _step(Verb.UPDATED, stored, after=record)
        await queries.UPDATE_MEMBERSHIP.run(connection, _written(call, step, record=record))
    call.changed_users.append(stored.user_id)
    return record


@operation(
    "DELETE",
    "/v1/memberships/{membership_id}",
    permissions=_MANAGE,
    tag=TAG,
    conditional=True,
    problems=("role_not_grantable", "last_administrator"),
)
async def delete_membership(call: Call, membership_id: UUID) -> None:
    """End a membership, and with it all tokens of the person for that organization."""
    stored = await membership_by_id(call, membership_id)
    call.match(stored.version)
    async with call.database.transaction() as connection:
        administration = await queries.administration_of(connection, [stored.organization_id])
        rules.demand_change(stored, (), caller=call.caller, administration=administration)
        step = _step(Verb.DELETED, stored, after=None)
        await queries.DELETE_MEMBERSHIP.run(connection, _written(call, step, record=stored))
    call.changed_users.append(stored.user_id)


async def demand_grants(connection: Connection, call: Call, *, wanted: Mapping[str, Membership]) -> None:
    """Raise unless the caller may make all memberships now, which stand where the pointers say.

    What it looked at stays so until the transaction ends.
    """
    ids = [each.organization_id for each in wanted.values()]
    administration = await queries.administration_of(connection, ids)
    rules.demand_grants(wanted, call.caller, administration=administration)


async def write_first(connection: Connection, call: Call, *, made: Iterable[Membership]) -> None:
    """Write the first memberships of a new person, whose own change claimed the Idempotency-Key.

    Each goes to the ledger of its organization, in the order of their ids, because audit heads are locked.
    """
    unkeyed = replace(call, repeat=None)
    for each in sorted(made, key=lambda membership: membership.organization_id):
        step = _step(Verb.CREATED, None, after=each)
        await queries.CREATE_MEMBERSHIP.run(connection, _written(unkeyed, step, record=each))


def _step(action: Verb, before: Membership | None, *, after: Membership | None) -> Step:
    record = after or before
    assert record is not None  # noqa: S101 - a change has at least one side.
    return Step(
        noun=Noun.MEMBERSHIP,
        subject_id=record.id,
        version=record.version,
        action=action,
        permissions=_MANAGE,
        stream=record.organization_id,
        before=before,
        after=after,
    )


def _written(call: Call, step: Step, *, record: Membership) -> queries.WrittenMembership:
    return queries.WrittenMembership(
        **entry(call, step, answer=record), **asdict(record), expected_version=call.expected or 0
    )
