"""Who keeps a series, what an observation may say, and which band its value lies in. Pure.

A change is refused in this order: keeper, input.
"""

from collections.abc import Collection, Iterator
from decimal import Decimal
from uuid import UUID

from msgspec.structs import asdict, replace

from schema.vocabulary import IndicatorBand, Instrument, Language, Permission, WarningCode
from schema.wire import indicators as wire
from service.access.principal import Caller
from service.indicators.records import Listed, Observed, Series, Whole
from service.kernel.problem import Fault, Problem, refuse
from service.kernel.regions import in_known_province
from service.kernel.scales import Scale, areas_of, has_scale, scale_of

_LEAST, _MOST = Decimal(0), Decimal(100)
_OF_A_HUNDRED = frozenset({Instrument.SPI, Instrument.MCP})
"""Instruments whose scores lie between 0 and 100."""


def opened(body: wire.CreateIndicatorSeries, caller: Caller, *, id: UUID) -> Whole:
    """Return a new series without observations; raises `permission_missing`."""
    _demand_editor(caller)
    return Whole(
        **asdict(body),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        organization_id=caller.organization_id,
        observations=(),
    )


def observed(
    series: Whole, body: wire.Observations, *, caller: Caller, document_ids: Collection[UUID]
) -> Whole:
    """Return the series with these observations in place of those it has.

    `document_ids` are the documents that the caller may read of those the body names. Raises
    `permission_missing`, `kept_by_another` or `validation_failed`.
    """
    _demand_editor(caller)
    _demand_keeper(series, caller)
    refuse(_faults(series.instrument, body.items, document_ids=document_ids))
    observations = sorted(map(_stored, body.items), key=lambda each: (each.ends_on, each.starts_on))
    return replace(
        series, observations=tuple(observations), version=series.version + 1, updated_at=caller.now
    )


def _demand_editor(caller: Caller) -> None:
    if not caller.principal.may(Permission.INDICATOR_EDIT):
        raise Problem("permission_missing", permission=Permission.INDICATOR_EDIT)


def _demand_keeper(series: Series, caller: Caller) -> None:
    if series.organization_id != caller.organization_id:
        raise Problem("kept_by_another", organization_id=series.organization_id)


def _stored(given: wire.Observation) -> Observed:
    return Observed(
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        value=None if given.value is None else _decimal(given.value),
        printed_label=given.printed_label,
        areas=given.areas,
        source_title=given.source.title,
        source_url=given.source.url,
        source_document_id=given.source.document_id,
        note=given.note,
    )


def _decimal(text: str) -> Decimal:
    """Return a number with the digits it was given; zero has no sign, as in the database."""
    return abs(Decimal(text)) if not Decimal(text) else Decimal(text)


# --------------------------------------------------------------------------------------------- hard errors


def _faults(
    instrument: Instrument, items: tuple[wire.Observation, ...], *, document_ids: Collection[UUID]
) -> Iterator[Fault]:
    seen: set[object] = set()
    for position, item in enumerate(items):
        at, period = f"/items/{position}", (item.starts_on, item.ends_on)
        if period in seen:
            yield Fault(at, "repeated", {"given": f"{item.starts_on} – {item.ends_on}"})
        seen.add(period)
        yield from _observation_faults(instrument, item, at=at)
        if item.source.document_id is not None and item.source.document_id not in document_ids:
            yield Fault(f"{at}/source/document_id", "reference_unknown")


def _observation_faults(instrument: Instrument, item: wire.Observation, *, at: str) -> Iterator[Fault]:
    if item.ends_on < item.starts_on:
        yield Fault(f"{at}/ends_on", "end_before_start", {"start": item.starts_on, "end": item.ends_on})
    yield from _range_faults(instrument, item.value, at=f"{at}/value")
    listed, named = areas_of(instrument, item.ends_on.year), set[str]()
    for position, each in enumerate(item.areas):
        of_area = f"{at}/areas/{position}"
        if each.area not in listed:
            values = {"area": each.area, "instrument": instrument, "year": item.ends_on.year}
            yield Fault(
                f"{of_area}/area", "area_not_listed", {**values, "expected": ", ".join(listed) or "–"}
            )
        elif each.area in named:
            yield Fault(f"{of_area}/area", "repeated", {"given": each.area})
        named.add(each.area)
        yield from _range_faults(instrument, each.value, at=f"{of_area}/value")


def _range_faults(instrument: Instrument, value: str | None, *, at: str) -> Iterator[Fault]:
    if instrument in _OF_A_HUNDRED and value is not None and not _LEAST <= Decimal(value) <= _MOST:
        values = {"given": value, "instrument": instrument, "expected": f"{_LEAST} … {_MOST}"}
        yield Fault(at, "score_off_scale", values)


# ------------------------------------------------------------------------------------------------- replies


def reply(series: Listed, caller: Caller) -> wire.IndicatorSeries:
    """Return a series as this caller reads it: who made it is the business of the keeper alone."""
    language, keeps = caller.language, series.organization_id == caller.organization_id
    shown = series if keeps else replace(series, created_by=None)
    latest = series.latest and observation(series.latest, series.instrument, language=language)
    known = series.region_code is None or in_known_province(series.region_code)
    doubt = Fault("/region_code", WarningCode.REGION_CODE_UNKNOWN, {"code": series.region_code})
    return wire.IndicatorSeries(
        **{name: getattr(shown, name) for name in Series.__struct_fields__},
        latest=latest,
        warnings=() if known else (doubt.warning(language),),
    )


def listed(whole: Whole) -> Listed:
    """Return a series with the latest of its observations."""
    latest = whole.observations[-1] if whole.observations else None
    return Listed(**{name: getattr(whole, name) for name in Series.__struct_fields__}, latest=latest)


def observation(stored: Observed, instrument: Instrument, *, language: Language) -> wire.IndicatorObservation:
    """Return an observation as it is read, with its band and what is worth a second look."""
    band, doubts = banded(stored, instrument)
    return wire.IndicatorObservation(
        starts_on=stored.starts_on,
        ends_on=stored.ends_on,
        value=None if stored.value is None else f"{stored.value:f}",
        printed_label=stored.printed_label,
        band=band,
        areas=stored.areas,
        source=wire.Source(
            title=stored.source_title, url=stored.source_url, document_id=stored.source_document_id
        ),
        note=stored.note,
        warnings=tuple(doubt.warning(language) for doubt in doubts),
    )


def banded(stored: Observed, instrument: Instrument) -> tuple[IndicatorBand | None, tuple[Fault, ...]]:
    """Return the band of an observation, None when it is not certain, and why it is worth a second look."""
    value, year = stored.value, stored.ends_on.year
    if value is None or not has_scale(instrument):
        return None, ()
    scale = scale_of(instrument, year)
    if scale is None:
        return None, (Fault("/band", WarningCode.BAND_UNKNOWN, {"instrument": instrument, "year": year}),)
    found = scale.bands_of(value)
    if len(found) != 1:
        values = {"value": value, "bands": ", ".join(each.band for each in found) or "–"}
        return None, (Fault("/band", WarningCode.BAND_UNCLEAR, values),)
    band = found[0].band
    return band, tuple(_label_doubts(stored.printed_label, band, scale=scale))


def _label_doubts(printed: str | None, band: IndicatorBand, *, scale: Scale) -> Iterator[Fault]:
    """A label may be the name of a band, its colour, or hold either among other words."""
    if printed is None:
        return
    words = set(printed.casefold().replace("(", " ").replace(")", " ").replace(",", " ").split())
    if {each.band for each in scale.bands if words & {each.band.value, each.colour}} != {band}:
        values = {"label": printed, "band": band}
        yield Fault("/printed_label", WarningCode.PRINTED_LABEL_DIFFERS, values)
