"""The directory of organizations."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.organizations import (
    CreateOrganization,
    Organization,
    OrganizationPage,
    OrganizationQuery,
    OrganizationSort,
    UpdateOrganization,
)
from service.access.call import Call
from service.access.paging import paged
from service.access.record import Step, entry
from service.kernel.ids import uuid7
from service.kernel.operation import operation
from service.kernel.text import containing
from service.organizations import queries, rules

TAG = "organizations"


async def organization_by_id(call: Call, organization_id: UUID) -> Organization:
    """Return an organization or raise `not_found`."""
    return await call.found(queries.ORGANIZATION, queries.ById(organization_id))


@operation("GET", "/v1/organizations", permissions=(Permission.ORGANIZATION_READ,), tag=TAG)
async def list_organizations(call: Call, query: OrganizationQuery) -> OrganizationPage:
    """List the directory.

    Every token may read it. `q` finds part of a name, whatever its case and accents.
    """
    filters, used = _filters(call, query)
    rows = await call.database.rows(queries.listing(used, query.sort), filters)
    by_name = query.sort is OrganizationSort.NAME
    items, cursor = paged(
        call,
        rows,
        limit=query.limit,
        position=lambda row: (row.search_text if by_name else row.created_at, row.id),
    )
    total = await call.database.only(queries.counting(used), filters) if query.count else None
    return OrganizationPage(
        items=tuple(_record(row) for row in items), next_cursor=cursor, total=total and total.total
    )


def _filters(call: Call, query: OrganizationQuery) -> tuple[queries.Filters, frozenset[str]]:
    given: dict[str, Any] = {
        "ancestor_id": query.ancestor_id,
        "kinds": query.kind,
        "region_code": query.region_code,
        "pattern": msgspec.UNSET if query.q is msgspec.UNSET else containing(query.q),
    }
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    return queries.Filters(**used, **_after(call, query), row_limit=query.limit + 1), frozenset(used)


def _after(call: Call, query: OrganizationQuery) -> dict[str, Any]:
    """Return where the page begins, by the order asked for."""
    if query.cursor is msgspec.UNSET:
        return {}
    if query.sort is OrganizationSort.NAME:
        text, after_id = call.position(query.cursor, tuple[str, UUID])
        return {"after_text": text, "after_id": after_id}
    at, after_id = call.position(query.cursor, tuple[datetime, UUID])
    return {"after_at": at, "after_id": after_id}


def _record(row: queries.Row) -> Organization:
    return Organization(**{name: getattr(row, name) for name in queries.COLUMNS})


@operation("GET", "/v1/organizations/{organization_id}", permissions=(Permission.ORGANIZATION_READ,), tag=TAG)
async def get_organization(call: Call, organization_id: UUID) -> Organization:
    """Read one organization."""
    return await organization_by_id(call, organization_id)


@operation(
    "POST",
    "/v1/organizations",
    permissions=(Permission.ORGANIZATION_CREATE,),
    tag=TAG,
    status=201,
    revisit=organization_by_id,
)
async def create_organization(call: Call, body: CreateOrganization) -> Organization:
    """Add an organization to the directory."""
    record = rules.created(body, call.caller, organization_id=uuid7(call.caller.now))
    step = Step(
        noun=Noun.ORGANIZATION,
        subject_id=record.id,
        version=record.version,
        action=Verb.CREATED,
        permissions=(Permission.ORGANIZATION_CREATE,),
        stream=record.id,
        after=record,
    )
    async with call.database.lease() as connection:
        await queries.CREATE.run(connection, _written(call, step, record=record))
    return record


@operation(
    "PATCH",
    "/v1/organizations/{organization_id}",
    permissions=(Permission.ORGANIZATION_EDIT,),
    tag=TAG,
    conditional=True,
    problems=("tree_cycle",),
)
async def update_organization(call: Call, organization_id: UUID, *, body: UpdateOrganization) -> Organization:
    """Change an organization.

    Its administrator may change its own; `parent_id` gives sight and is set by the platform only.
    """
    stored = await organization_by_id(call, organization_id)
    call.match(stored.version)
    record = rules.updated(stored, body, caller=call.caller)
    step = Step(
        noun=Noun.ORGANIZATION,
        subject_id=record.id,
        version=record.version,
        action=Verb.UPDATED,
        permissions=(Permission.ORGANIZATION_EDIT,),
        stream=record.id,
        before=stored,
        after=record,
    )
    async with call.database.lease() as connection:
        await queries.UPDATE.run(connection, _written(call, step, record=record))
    return record


def _written(call: Call, step: Step, *, record: Organization) -> queries.Written:
    values = {name: getattr(record, name) for name in queries.COLUMNS}
    values["contact"] = record.contact and msgspec.json.encode(record.contact).decode()
    return queries.Written(
        **entry(call, step, answer=record),
        **values,
        search_text=rules.search_text(record),
        expected_version=record.version - 1,
    )


OPERATIONS = (list_organizations, get_organization, create_organization, update_organization)
