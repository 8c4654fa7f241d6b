"""Series of scores of a region by period, as they were published, beside the band they lie in."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import IndicatorBand, Instrument, McpArea
from schema.wire.common import (
    Day,
    Id,
    Input,
    Line,
    ListQuery,
    Page,
    Record,
    RegionCode,
    Reply,
    Title,
    Url,
    Warning,
)

Value = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=18,
        pattern=r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$",
        description="Exact decimal as text, with a point and the digits printed; null when it is not known.",
        examples=["71.53"],
    ),
]
Unit = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"\S",
        description="Unit of all values; null when nobody said.",
        examples=["indeks 0-100"],
    ),
]
Note = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=r"\S",
        description="What a reader should know of it.",
        examples=["Teks menyebut penurunan 1,39%; yang dimaksud 1,39 poin."],
    ),
]
SeriesRegion = Annotated[
    RegionCode | None, Meta(description="Kemendagri code of the region; null is the whole country.")
]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an observation comes from."""

    title: Annotated[Line, Meta(description="Who published it, when.", examples=["KPK, 22 Januari 2025"])]
    url: Annotated[Url | None, Meta(description="Address of the publication.")] = None
    document_id: Annotated[
        Id | None,
        Meta(description="Stored document that says so; null also for who may not read that document."),
    ] = None


class AreaValue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The score of one area."""

    area: Annotated[McpArea, Meta(description="Area in the list of that year.", examples=["perencanaan"])]
    value: Value | None = None


AreaValues = Annotated[
    tuple[AreaValue, ...],
    Meta(max_length=20, description="Scores by area, for MCP/MCSP; empty when nobody published them."),
]
StartsOn = Annotated[Day, Meta(description="First day of the period.", examples=["2024-01-01"])]
EndsOn = Annotated[
    Day,
    Meta(
        description="Last day of the period; its year is the one whose scale and areas count.",
        examples=["2024-12-31"],
    ),
]
PrintedLabel = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"\S",
        description="What the source calls the score, word for word.",
        examples=["waspada"],
    ),
]


class Observation(Input, frozen=True, kw_only=True):
    """What a source says of a period."""

    starts_on: StartsOn
    ends_on: EndsOn
    value: Value | None = None
    printed_label: PrintedLabel | None = None
    areas: AreaValues = ()
    source: Annotated[Source, Meta(description="Where it comes from.")]
    note: Note | None = None


class Observations(Input, frozen=True, kw_only=True):
    """All observations of a series; what is not among them is taken out."""

    items: Annotated[
        tuple[Observation, ...], Meta(max_length=200, description="One for each period, in any order.")
    ]


class IndicatorObservation(Reply, frozen=True, kw_only=True):
    """What a source says of a period, and what follows from it."""

    starts_on: StartsOn
    ends_on: EndsOn
    value: Value | None
    printed_label: PrintedLabel | None
    band: Annotated[
        IndicatorBand | None,
        Meta(
            description="Band of the value by the scale of its year; null when none is known for certain.",
            examples=["rentan"],
        ),
    ]
    areas: AreaValues
    source: Annotated[Source, Meta(description="Where it comes from.")]
    note: Note | None
    warnings: Annotated[tuple[Warning, ...], Meta(max_length=50, description="Facts worth a second look.")]


class IndicatorObservationPage(Page, frozen=True, kw_only=True):
    """A page of the observations of a series."""

    items: Annotated[
        tuple[IndicatorObservation, ...], Meta(max_length=200, description="Earliest period first.")
    ]


class IndicatorObservationQuery(ListQuery, frozen=True, kw_only=True):
    """Pages of the list; earliest period first."""


class CreateIndicatorSeries(Input, frozen=True, kw_only=True):
    """A new series, kept by the own organization; its observations follow by `PUT`."""

    instrument: Annotated[Instrument, Meta(description="What measures it.", examples=["spi"])]
    region_code: SeriesRegion
    title: Annotated[Title, Meta(description="What people call it.", examples=["SPI Kota Kupang"])]
    unit: Unit | None = None
    note: Note | None = None


class IndicatorSeries(Record, frozen=True, kw_only=True):
    """Scores of a region by period; its version counts the changes of its observations as well."""

    created_by: Annotated[Id | None, Meta(description="User who created it; null to all but the keeper.")]
    organization_id: Annotated[Id, Meta(description="Organization that keeps it; no other changes it.")]
    instrument: Annotated[Instrument, Meta(description="What measures it.")]
    region_code: SeriesRegion
    title: Annotated[Title, Meta(description="What people call it.")]
    unit: Unit | None
    note: Note | None
    latest: Annotated[
        IndicatorObservation | None, Meta(description="Observation of the latest period; null before any.")
    ]
    warnings: Annotated[tuple[Warning, ...], Meta(max_length=50, description="Facts worth a second look.")]


class IndicatorSeriesPage(Page, frozen=True, kw_only=True):
    """A page of series."""

    items: Annotated[tuple[IndicatorSeries, ...], Meta(max_length=200, description="Newest first.")]


class IndicatorSeriesQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the list; newest first."""

    organization_id: Annotated[Id | UnsetType, Meta(description="Kept by this organization.")] = UNSET
    region_code: Annotated[RegionCode | UnsetType, Meta(description="Of this region itself.")] = UNSET
    instrument: Annotated[
        Annotated[tuple[Instrument, ...], Meta(max_length=10)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
