"""The changes of an indicator series: entering it, and replacing all its observations at once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CTE, Integer, Uuid, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.indicators import indicator_observation as observation
from schema.tables.indicators import indicator_series as series
from service.kernel.ledger import Change, GatedEntry, after, inserted, rows_of, updated
from service.kernel.statement import param


class Written(GatedEntry, frozen=True, kw_only=True):
    """A new series."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    organization_id: UUID
    instrument: str
    region_code: str | None
    title: str
    unit: str | None
    note: str | None


class Observed(GatedEntry, frozen=True, kw_only=True):
    """A series with its observations as JSON rows."""

    version: int
    updated_at: datetime
    expected_version: int
    observations: str


_KEYS = ("starts_on", "ends_on")
_OWNERS = ("organization_id", "series_id")
_COLUMNS = tuple(column.name for column in observation.columns if column.name not in _OWNERS)


def _given(head: CTE) -> CTE:
    rows = rows_of("observations", observation, names=_COLUMNS)
    return select(rows).where(after(head)).cte("given")


def _replaced(head: CTE) -> list[CTE]:
    """Take out what is not given and write what is: no period is in both, so their order does not matter."""
    given = _given(head)
    keys = [observation.c[name] for name in _KEYS]
    gone = delete(observation).where(
        observation.c.organization_id == param("acting_id", Uuid()),
        observation.c.series_id == param("subject_id", Uuid()),
        tuple_(*keys).not_in(select(*(given.c[name] for name in _KEYS))),
        after(head),
    )
    values = select(
        param("acting_id", Uuid()), param("subject_id", Uuid()), *(given.c[name] for name in _COLUMNS)
    )
    statement = upsert(observation).from_select([*_OWNERS, *_COLUMNS], values)
    plain = {name: statement.excluded[name] for name in _COLUMNS if name not in _KEYS}
    written = statement.on_conflict_do_update(index_elements=[*_OWNERS, *_KEYS], set_=plain)
    return [gone.cte("gone"), written.cte("written")]


CREATE = Change(
    "create_indicator_series",
    params=Written,
    target=None,
    works=lambda head: [inserted(series, tuple(column.name for column in series.columns), head=head)],
)

OBSERVE = Change(
    "observe_indicator_series",
    params=Observed,
    target=select(series.c.id)
    .where(
        series.c.id == param("subject_id", Uuid()),
        series.c.organization_id == param("acting_id", Uuid()),
        series.c.version == param("expected_version", Integer()),
    )
    .with_for_update(),
    works=lambda head: [updated(series, ("version", "updated_at"), head=head), *_replaced(head)],
)
