"""Bands and area lists of national indicators, by the years they are known for.

A year that no entry names has no band here: what KPK drew for another year is not carried over.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from schema.vocabulary import IndicatorBand, Instrument, McpArea


class Years(NamedTuple):
    """Years something holds for, both inclusive; None leaves that end open."""

    first: int | None
    last: int | None

    def have(self, year: int) -> bool:
        """Whether a year is one of them."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


class Band(NamedTuple):
    """Scores that have one name: from `at_least`, and either `below` a score or `at_most` one."""

    band: IndicatorBand
    colour: str
    at_least: Decimal
    below: Decimal | None = None
    at_most: Decimal | None = None

    def holds(self, score: Decimal) -> bool:
        """Whether a score lies in it."""
        under = self.below is None or score < self.below
        return self.at_least <= score and under and (self.at_most is None or score <= self.at_most)


class Scale(NamedTuple):
    """The bands of an instrument in some years; `source` says who printed them."""

    instrument: Instrument
    years: Years
    bands: tuple[Band, ...]
    source: str

    def bands_of(self, score: Decimal) -> tuple[Band, ...]:
        """Return the bands that hold a score: two where the source lets them meet."""
        return tuple(band for band in self.bands if band.holds(score))


class AreaList(NamedTuple):
    """The areas of an instrument in some years; `source` says who printed them."""

    instrument: Instrument
    years: Years
    areas: tuple[McpArea, ...]
    source: str


_B, _A = IndicatorBand, McpArea
_N = Decimal

SCALES = (
    Scale(
        Instrument.SPI,
        Years(2024, 2024),
        (
            # The press prints 0-72,9, 73-77,9 and 78-100, an inspectorate 73-77,99: half-open fits both.
            Band(_B.RENTAN, "merah", _N(0), below=_N(73)),
            Band(_B.WASPADA, "kuning", _N(73), below=_N(78)),
            Band(_B.TERJAGA, "hijau", _N(78), at_most=_N(100)),
        ),
        "balinews.id (2025); semarang.inews.id (28-05-2024)",
    ),
    Scale(
        Instrument.MCP,
        Years(2023, 2023),
        (
            # Printed with edges that meet, so a score on one of them has no band that could be told.
            Band(_B.MERAH, "merah", _N(0), at_most=_N(25)),
            Band(_B.KUNING, "kuning", _N(25), at_most=_N(50)),
            Band(_B.BIRU, "biru", _N(50), at_most=_N(75)),
            Band(_B.HIJAU, "hijau", _N(75), at_most=_N(100)),
        ),
        "papua.lelemuku.id (13-11-2023)",
    ),
)

AREA_LISTS = (
    AreaList(
        Instrument.MCP,
        Years(None, 2023),
        (
            _A.PERENCANAAN_DAN_PENGANGGARAN_APBD,
            _A.PENGADAAN_BARANG_JASA,
            _A.PERIZINAN_PTSP,
            _A.KAPABILITAS_APIP,
            _A.MANAJEMEN_ASN,
            _A.OPTIMALISASI_PENDAPATAN_DAERAH,
            _A.MANAJEMEN_ASET_DAERAH,
            _A.TATA_KELOLA_DANA_DESA,
        ),
        "sorotntt.com",
    ),
    AreaList(
        Instrument.MCP,
        Years(2024, None),
        (
            _A.PERENCANAAN,
            _A.PENGANGGARAN,
            _A.PENGADAAN_BARANG_JASA,
            _A.PELAYANAN_PUBLIK,
            _A.PENGAWASAN_APIP,
            _A.MANAJEMEN_ASN,
            _A.PENGELOLAAN_BMD,
            _A.OPTIMALISASI_PAJAK_DAERAH,
        ),
        "buletinnews.com (05-03-2025); insertrakyat.com (2025)",
    ),
)


def scale_of(instrument: Instrument, year: int) -> Scale | None:
    """Return the bands an instrument had in a year, None when they are not known."""
    return next((each for each in SCALES if each.instrument is instrument and each.years.have(year)), None)


def has_scale(instrument: Instrument) -> bool:
    """Whether scores of an instrument have bands in any year."""
    return any(each.instrument is instrument for each in SCALES)


def areas_of(instrument: Instrument, year: int) -> tuple[McpArea, ...]:
    """Return the areas an instrument had in a year, none when it has no list."""
    lists = (each for each in AREA_LISTS if each.instrument is instrument and each.years.have(year))
    return next((each.areas for each in lists), ())


def of_other_years(areas: Iterable[McpArea], year: int) -> Iterator[McpArea]:
    """Yield the MCP areas that stand in the list of other years than this one."""
    listed = areas_of(Instrument.MCP, year)
    return (area for area in areas if area not in listed)
