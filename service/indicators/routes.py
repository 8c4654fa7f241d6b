"""Indicator series: scores of a region by period, read by every token, kept by one organization each."""

from typing import Any
from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.indicators import (
    CreateIndicatorSeries,
    IndicatorObservationPage,
    IndicatorObservationQuery,
    IndicatorSeries,
    IndicatorSeriesPage,
    IndicatorSeriesQuery,
    Observations,
)
from service.access.call import Call
from service.access.record import Step, entry
from service.indicators import changes, listing, queries, rules
from service.indicators.records import Paper, Series, Whole
from service.kernel.ids import uuid7
from service.kernel.operation import operation
from service.kernel.problem import Problem

TAG = "indicator-series"
_READ = (Permission.INDICATOR_READ,)
_EDIT = (Permission.INDICATOR_EDIT,)
_encode = msgspec.json.Encoder().encode


async def series_by_id(call: Call, indicator_series_id: UUID) -> IndicatorSeries:
    """Return the reply for a series, or raise `not_found`."""
    where = queries.ById(indicator_series_id, call.organization_id, call.now)
    found = await call.found(queries.SERIES, where)
    return rules.reply(found, call.caller)


@operation("GET", "/v1/indicator-series", permissions=_READ, tag=TAG)
async def list_indicator_series(call: Call, query: IndicatorSeriesQuery) -> IndicatorSeriesPage:
    """List the series that organizations keep, newest first.

    Every token may read all of them; two organizations may keep the same scores, each as it found them.
    """
    items, cursor, total = await listing.page(call, query)
    replies = tuple(rules.reply(found, call.caller) for found in items)
    return IndicatorSeriesPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/indicator-series/{indicator_series_id}", permissions=_READ, tag=TAG)
async def get_indicator_series(call: Call, indicator_series_id: UUID) -> IndicatorSeries:
    """Read one series with the observation of its latest period."""
    return await series_by_id(call, indicator_series_id)


@operation(
    "POST",
    "/v1/indicator-series",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=series_by_id,
    problems=("series_taken",),
)
async def create_indicator_series(call: Call, body: CreateIndicatorSeries) -> IndicatorSeries:
    """Begin a series of an instrument in a region, or in the whole country."""
    whole = rules.opened(body, call.caller, id=uuid7(call.caller.now))
    answer = rules.reply(rules.listed(whole), call.caller)
    step = _step(whole, action=Verb.CREATED, before=None)
    columns = {name: getattr(whole, name) for name in Series.__struct_fields__}
    params = changes.Written(**entry(call, step, answer=answer), **columns)
    async with call.database.lease() as connection:
        await changes.CREATE.run(connection, params)
    return answer


@operation("GET", "/v1/indicator-series/{indicator_series_id}/observations", permissions=_READ, tag=TAG)
async def list_indicator_observations(
    call: Call, indicator_series_id: UUID, *, query: IndicatorObservationQuery
) -> IndicatorObservationPage:
    """List what a series says of each period, beside the band of the value; earliest period first."""
    found, cursor, total = await queries.page(call, indicator_series_id, query=query)
    if found is None:
        raise Problem("not_found")
    items = tuple(rules.observation(each, found.instrument, language=call.language) for each in found.items)
    return IndicatorObservationPage(items=items, next_cursor=cursor, total=total)


@operation(
    "PUT",
    "/v1/indicator-series/{indicator_series_id}/observations",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("kept_by_another",),
)
async def put_indicator_observations(
    call: Call, indicator_series_id: UUID, *, body: Observations
) -> IndicatorSeries:
    """Say all that is known of a series, period by period; answers the series in its new version.

    The list takes the place of the one before, whole or not at all. Only the organization that keeps the
    series may do it. What nobody published is null, never 0.
    """
    named = {each.source.document_id for each in body.items} - {None}
    where = queries.ToObserve(
        subject_id=indicator_series_id,
        acting_id=call.organization_id,
        now=call.now,
        document_ids=tuple(each for each in named if each is not None),
    )
    found = await call.found(queries.TO_OBSERVE, where)
    call.match(found.series.version)
    papers = {each.id: each for each in found.papers}
    after = rules.observed(found.series, body, caller=call.caller, document_ids=papers)
    answer = rules.reply(rules.listed(after), call.caller)
    step = _step(after, action=Verb.UPDATED, before=found.series)
    params = changes.Observed(
        **entry(call, step, answer=answer),
        version=after.version,
        updated_at=after.updated_at,
        expected_version=found.series.version,
        observations=_rows(after, papers),
    )
    async with call.database.lease() as connection:
        await changes.OBSERVE.run(connection, params)
    return answer


def _step(whole: Whole, *, action: str, before: Whole | None) -> Step:
    return Step(
        noun=Noun.INDICATOR_SERIES,
        subject_id=whole.id,
        version=whole.version,
        action=action,
        permissions=_EDIT,
        stream=whole.organization_id,
        before=before,
        after=whole,
    )


def _rows(whole: Whole, papers: dict[UUID, Paper]) -> str:
    """Return the observations as JSON rows, each document with the agreement it belongs to."""
    rows: list[dict[str, Any]] = []
    for each in whole.observations:
        paper = papers.get(each.source_document_id) if each.source_document_id else None
        row = {**msgspec.structs.asdict(each), "areas": each.areas or None}
        rows.append({**row, "source_agreement_id": paper and paper.agreement_id})
    return _encode(rows).decode()


OPERATIONS = (
    list_indicator_series,
    get_indicator_series,
    create_indicator_series,
    list_indicator_observations,
    put_indicator_observations,
)
