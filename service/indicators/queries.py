"""Statements over indicator series: one with its latest observation, and one with all to replace them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Date, Integer, Select, Uuid, any_, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from schema.tables.documents import document as paper
from schema.tables.indicators import indicator_observation as observation
from schema.tables.indicators import indicator_series as series
from schema.vocabulary import Instrument
from schema.wire.indicators import IndicatorObservationQuery
from service.access.call import Call
from service.access.handing import readable_document
from service.access.paging import Counted, paged
from service.indicators.records import Listed, Observed, Paper, Series, Whole
from service.kernel.period import FIRST_DAY
from service.kernel.statement import Statement, document, json_list, json_one, param

_OWN = ("areas", "source_document_id")
_PLAIN = tuple(name for name in Observed.__struct_fields__ if name not in _OWN)
_NEWEST = (observation.c.ends_on.desc(), observation.c.starts_on.desc())
_OLDEST = (observation.c.ends_on, observation.c.starts_on)


class ById(msgspec.Struct, frozen=True):
    """One series, for one organization at an instant."""

    subject_id: UUID
    acting_id: UUID
    now: datetime


class ToObserve(msgspec.Struct, frozen=True, kw_only=True):
    """A series and the documents that new observations name, for one organization."""

    subject_id: UUID
    acting_id: UUID
    now: datetime
    document_ids: tuple[UUID, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A series with all observations, and the named documents that the organization may read."""

    series: Whole
    papers: tuple[Paper, ...]


class OfSeries(msgspec.Struct, frozen=True, kw_only=True):
    """The observations of a series behind a position, for one organization."""

    subject_id: UUID
    acting_id: UUID
    now: datetime
    row_limit: int
    after_ends_on: date = FIRST_DAY
    after_starts_on: date = date.min


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Observations of a series, and what measures it."""

    items: tuple[Observed, ...]
    instrument: Instrument


def observations() -> Select[*tuple[Any, ...]]:
    """Return the observations of the series around; a document only to who may read it."""
    readable = (
        select(paper.c.id)
        .where(
            paper.c.agreement_id == observation.c.source_agreement_id,
            paper.c.id == observation.c.source_document_id,
            readable_document(),
        )
        .correlate(observation)
        .scalar_subquery()
    )
    return (
        select(
            *(observation.c[name] for name in _PLAIN),
            func.coalesce(observation.c.areas, literal_column("'[]'::json")).label("areas"),
            readable.label("source_document_id"),
        )
        .where(observation.c.series_id == series.c.id)
        .correlate(series)
    )


def listed_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a series with its latest observation, as its struct names them."""
    latest = observations().order_by(*_NEWEST).limit(1)
    return [*(series.c[name] for name in Series.__struct_fields__), json_one(Observed, latest, name="latest")]


SERIES = Statement(
    "indicator_series",
    document(Listed, select(*listed_columns()).where(series.c.id == param("subject_id", Uuid()))),
    params=ById,
    row=Listed,
)


def _to_observe() -> Select[*tuple[Any, ...]]:
    every = json_list(Observed, observations().order_by(*_OLDEST), name="observations")
    columns = [*(series.c[name] for name in Series.__struct_fields__), every]
    one = select(*columns).where(series.c.id == param("subject_id", Uuid()))
    papers = select(paper.c.id, paper.c.agreement_id).where(
        paper.c.id == any_(param("document_ids", ARRAY(Uuid))), readable_document()
    )
    found = select(json_one(Whole, one, name="series"), json_list(Paper, papers, name="papers")).subquery(
        "found"
    )
    return select(found).where(found.c.series.is_not(None))


TO_OBSERVE = Statement(
    "observed_indicator_series", document(Found, _to_observe()), params=ToObserve, row=Found
)


def _page() -> Select[*tuple[Any, ...]]:
    after = tuple_(param("after_ends_on", Date()), param("after_starts_on", Date()))
    rows = (
        observations().where(tuple_(*_OLDEST) > after).order_by(*_OLDEST).limit(param("row_limit", Integer()))
    )
    return select(json_list(Observed, rows, name="items"), series.c.instrument).where(
        series.c.id == param("subject_id", Uuid())
    )


OBSERVATIONS = Statement("list_indicator_observations", document(Page, _page()), params=OfSeries, row=Page)

COUNT = Statement(
    "count_indicator_observations",
    document(
        Counted,
        select(func.count().label("total"))
        .select_from(observation)
        .where(observation.c.series_id == param("subject_id", Uuid())),
    ),
    params=OfSeries,
    row=Counted,
    optional=frozenset(OfSeries.__struct_fields__),
)


async def page(
    call: Call, indicator_series_id: UUID, *, query: IndicatorObservationQuery
) -> tuple[Page | None, str | None, int | None]:
    """Return a page of observations, None without their series, the next cursor and the total."""
    where = OfSeries(
        subject_id=indicator_series_id,
        acting_id=call.organization_id,
        now=call.now,
        row_limit=query.limit + 1,
    )
    if query.cursor is not msgspec.UNSET:
        ends_on, starts_on = call.position(query.cursor, tuple[date, date])
        where = msgspec.structs.replace(where, after_ends_on=ends_on, after_starts_on=starts_on)
    found = await call.database.one(OBSERVATIONS, where)
    if found is None:
        return None, None, None
    items, cursor = paged(
        call, found.items, limit=query.limit, position=lambda row: (row.ends_on, row.starts_on)
    )
    total = await call.database.only(COUNT, where) if query.count else None
    return msgspec.structs.replace(found, items=items), cursor, total and total.total
