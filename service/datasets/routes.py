"""The catalogue of datasets."""

from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.datasets import CreateDataset, Dataset, DatasetPage, DatasetQuery, UpdateDataset
from service.access.call import Call
from service.access.paging import paged
from service.access.record import Step, entry
from service.datasets import queries, rules
from service.kernel.ids import uuid7
from service.kernel.operation import operation
from service.kernel.text import containing

TAG = "datasets"
_READ = (Permission.DATASET_READ,)
_EDIT = (Permission.DATASET_EDIT,)


async def dataset_by_id(call: Call, dataset_id: UUID) -> Dataset:
    """Return a dataset the caller may find, or raise `not_found`."""
    return await call.found(queries.DATASET, queries.ById(dataset_id, call.organization_id))


@operation("GET", "/v1/datasets", permissions=_READ, tag=TAG)
async def list_datasets(call: Call, query: DatasetQuery) -> DatasetPage:
    """List what holders can share, newest first; closed datasets only to their own holder.

    The catalogue tells what there is; the data itself is asked for.
    """
    given: dict[str, Any] = {
        "holder_id": query.holder_id,
        "classifications": query.classification,
        "pattern": msgspec.UNSET if query.q is msgspec.UNSET else containing(query.q),
    }
    used = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    if query.cursor is not msgspec.UNSET:
        (used["after_id"],) = call.position(query.cursor, tuple[UUID])
    filters = queries.Filters(acting_id=call.organization_id, row_limit=query.limit + 1, **used)
    names = frozenset(used) - {"after_id"}
    rows = await call.database.rows(queries.listing(names), filters)
    items, cursor = paged(call, rows, limit=query.limit, position=lambda row: (row.id,))
    total = await call.database.only(queries.counting(names), filters) if query.count else None
    return DatasetPage(items=items, next_cursor=cursor, total=total and total.total)


@operation("GET", "/v1/datasets/{dataset_id}", permissions=_READ, tag=TAG)
async def get_dataset(call: Call, dataset_id: UUID) -> Dataset:
    """Read one entry of the catalogue."""
    return await dataset_by_id(call, dataset_id)


@operation("POST", "/v1/datasets", permissions=_EDIT, tag=TAG, status=201, revisit=dataset_by_id)
async def create_dataset(call: Call, body: CreateDataset) -> Dataset:
    """Add an entry to the own organization's catalogue."""
    stored = rules.created(body, call.caller, id=uuid7(call.caller.now))
    return await _write(call, before=None, after=stored)


@operation(
    "PATCH",
    "/v1/datasets/{dataset_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_the_holder",),
)
async def update_dataset(call: Call, dataset_id: UUID, *, body: UpdateDataset) -> Dataset:
    """Change an entry of the own catalogue; requests keep what was asked for."""
    stored = await dataset_by_id(call, dataset_id)
    call.match(stored.version)
    return await _write(call, before=stored, after=rules.updated(stored, body, caller=call.caller))


async def _write(call: Call, *, before: Dataset | None, after: Dataset) -> Dataset:
    step = Step(
        noun=Noun.DATASET,
        subject_id=after.id,
        version=after.version,
        action=Verb.CREATED if before is None else Verb.UPDATED,
        permissions=_EDIT,
        stream=after.holder_organization_id,
        before=before,
        after=after,
    )
    params = queries.Written(
        **entry(call, step, answer=after),
        **msgspec.structs.asdict(after),
        search_text=rules.search_text(after),
        expected_version=after.version - 1,
    )
    async with call.database.lease() as connection:
        await (queries.CREATE if before is None else queries.UPDATE).run(connection, params)
    return after


OPERATIONS = (list_datasets, get_dataset, create_dataset, update_dataset)
