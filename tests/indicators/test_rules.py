from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from schema.vocabulary import IndicatorBand, Instrument, Language, McpArea, Role
from service.indicators import rules
from service.kernel.problem import Problem
from service.kernel.scales import AREA_LISTS, SCALES, areas_of, of_other_years
from tests.activities.given import OURS as PARTY
from tests.activities.given import caller
from tests.indicators.given import body, observation, observed, whole

PAPER = UUID(int=77)

# -------------------------------------------------------------------------------------------------- bands


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "rentan"),
        ("71.53", "rentan"),
        ("72.9999", "rentan"),
        ("73", "waspada"),
        ("73.0", "waspada"),
        ("77.9999", "waspada"),
        ("78", "terjaga"),
        ("100", "terjaga"),
    ],
)
def test_the_band_of_spi_2024_is_that_of_the_exact_value(value, expected):
    assert rules.banded(observed(value), Instrument.SPI) == (expected, ())


@pytest.mark.parametrize(
    ("instrument", "value", "year", "expected"),
    [
        ("spi", "66.55", 2023, "band_unknown"),
        ("spi", "66.55", 2025, "band_unknown"),
        ("mcp", "76", 2024, "band_unknown"),
        ("mcp", "75", 2023, "band_unclear"),
        ("mcp", "25.0", 2023, "band_unclear"),
        ("spi", None, 2023, None),
        ("spi", None, 2024, None),
        ("tepra", "41", 2024, None),
        ("other", "30", 2024, None),
    ],
)
def test_a_band_that_is_not_certain_is_null_and_says_why(instrument, value, year, expected):
    band, doubts = rules.banded(observed(value, year), Instrument(instrument))
    assert band is None
    assert [doubt.code for doubt in doubts] == ([expected] if expected else [])


@pytest.mark.parametrize(("value", "band"), [("24.9", "merah"), ("25.1", "kuning"), ("74.9", "biru")])
def test_a_value_off_the_edges_has_its_colour_though_the_edges_meet(value, band):
    assert rules.banded(observed(value, 2023), Instrument.MCP) == (band, ())


@pytest.mark.parametrize(
    ("value", "label", "expected"),
    [
        ("71.53", "waspada", ["printed_label_differs"]),
        ("71.53", "Kuning (waspada)", ["printed_label_differs"]),
        ("71.53", "rentan", []),
        ("71.53", "Zona Merah", []),
        ("71.53", "MERAH, RENTAN", []),
        ("71.53", "merah (waspada)", ["printed_label_differs"]),
        ("71.53", "B", ["printed_label_differs"]),
        ("71.53", None, []),
        ("78", "terjaga", []),
    ],
)
def test_a_printed_label_is_held_against_the_band(value, label, expected):
    _, doubts = rules.banded(observed(value, label=label), Instrument.SPI)
    assert [doubt.code for doubt in doubts] == expected


def test_a_label_stays_as_printed_whatever_the_band():
    told = rules.observation(observed("71.53", label="waspada"), Instrument.SPI, language=Language.EN)
    assert (told.printed_label, told.band) == ("waspada", "rentan")
    assert told.warnings[0].detail == (
        "The source says waspada, while the value is rentan by the bands of that year."
    )


def test_digits_are_kept_as_printed():
    told = rules.observation(observed("74.80"), Instrument.SPI, language=Language.EN)
    assert told.value == "74.80"


# ------------------------------------------------------------------------------------------ scales and areas


def test_scales_and_area_lists_of_an_instrument_share_no_year():
    for tables in (SCALES, AREA_LISTS):
        for each in tables:
            same = [other for other in tables if other.instrument is each.instrument]
            years = [other for year in range(1945, 2200) for other in same if other.years.have(year)]
            assert len([year for year in range(1945, 2200) if each.years.have(year)]) == years.count(each)
            assert all(sum(other.years.have(year) for other in same) <= 1 for year in range(1945, 2200))


def test_every_band_and_area_stands_in_a_list():
    assert {band.band for scale in SCALES for band in scale.bands} == set(IndicatorBand)
    assert {area for listed in AREA_LISTS for area in listed.areas} == set(McpArea)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.instrument)
def test_bands_cover_all_scores_from_0_to_100(scale):
    for tenth in range(1001):
        assert scale.bands_of(Decimal(tenth) / 10)
    assert scale.bands_of(Decimal("-0.1")) == scale.bands_of(Decimal("100.1")) == ()


def test_areas_are_those_of_the_year():
    assert "perizinan_ptsp" in areas_of(Instrument.MCP, 2023)
    assert "perizinan_ptsp" not in areas_of(Instrument.MCP, 2024)
    assert areas_of(Instrument.SPI, 2024) == ()
    areas = (McpArea.PERIZINAN_PTSP, McpArea.PENGADAAN_BARANG_JASA, McpArea.PELAYANAN_PUBLIK)
    assert list(of_other_years(areas, 2022)) == ["pelayanan_publik"]
    assert list(of_other_years(areas, 2026)) == ["perizinan_ptsp"]


# ---------------------------------------------------------------------------------------------- hard errors

AREA = {"area": "perencanaan", "value": "88"}


@pytest.mark.parametrize(
    ("instrument", "items", "expected"),
    [
        ("spi", [observation(value="100.01")], [("/items/0/value", "score_off_scale")]),
        ("spi", [observation(value="-0.1")], [("/items/0/value", "score_off_scale")]),
        ("other", [observation(value="-12.5")], []),
        ("other", [observation(value="123456")], []),
        ("spi", [observation(), observation()], [("/items/1", "repeated")]),
        ("spi", [observation(), observation(ends_on="2023-06-30")], []),
        ("spi", [observation(ends_on="2022-12-31")], [("/items/0/ends_on", "end_before_start")]),
        ("spi", [observation(areas=[AREA])], [("/items/0/areas/0/area", "area_not_listed")]),
        ("mcp", [observation(2023, areas=[AREA])], [("/items/0/areas/0/area", "area_not_listed")]),
        ("mcp", [observation(2024, areas=[AREA])], []),
        ("mcp", [observation(2024, areas=[AREA, AREA])], [("/items/0/areas/1/area", "repeated")]),
        (
            "mcp",
            [observation(2024, areas=[AREA | {"value": "101"}])],
            [("/items/0/areas/0/value", "score_off_scale")],
        ),
        (
            "spi",
            [observation(source={"title": "KPK", "document_id": str(PAPER)})],
            [("/items/0/source/document_id", "reference_unknown")],
        ),
        (
            "spi",
            [observation(2022, value="101"), observation(2023, value="102")],
            [("/items/0/value", "score_off_scale"), ("/items/1/value", "score_off_scale")],
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(instrument, items, expected):
    found, code = [], "validation_failed"
    try:
        rules.observed(
            whole(instrument=instrument, organization_id=PARTY),
            body(*items),
            caller=caller(),
            document_ids=(),
        )
    except Problem as problem:
        found, code = [(fault.pointer, fault.code) for fault in problem.faults], problem.code
    assert (found, code) == (expected, "validation_failed")


# ----------------------------------------------------------------------------------------------- who keeps it


@pytest.mark.parametrize(
    ("role", "keeper", "expected"),
    [
        ("coordinator", PARTY, None),
        ("coordinator", UUID(int=999), "kept_by_another"),
        ("reviewer", PARTY, "permission_missing"),
        ("approver", PARTY, "permission_missing"),
        ("viewer", UUID(int=999), "permission_missing"),
    ],
)
def test_only_a_coordinator_of_the_keeper_says_what_was_observed(role, keeper, expected):
    given = whole(organization_id=keeper)
    found = None
    try:
        rules.observed(given, body(observation()), caller=caller(Role(role)), document_ids=())
    except Problem as problem:
        found = problem.code
    assert found == expected


def test_observations_take_the_place_of_those_before_in_the_order_of_their_periods():
    before = whole(
        organization_id=PARTY, observations=msgspec.to_builtins([observed("60", 2020), observed("61", 2021)])
    )
    given = body(observation(2023), observation(2022, value=None))
    after = rules.observed(before, given, caller=caller(), document_ids=())
    assert [(each.ends_on.year, each.value) for each in after.observations] == [
        (2022, None),
        (2023, Decimal("66.55")),
    ]
    assert (after.version, rules.listed(after).latest) == (2, after.observations[-1])


@pytest.mark.parametrize(("given", "told"), [("-0", "0"), ("-0.00", "0.00"), ("0.10", "0.10"), ("5", "5")])
def test_zero_has_no_sign_and_digits_stay(given, told):
    after = rules.observed(
        whole(organization_id=PARTY, instrument="other"),
        body(observation(value=given)),
        caller=caller(),
        document_ids=(),
    )
    shown = rules.reply(rules.listed(after), caller()).latest
    assert shown is not None
    assert shown.value == told


@pytest.mark.parametrize(
    ("code", "expected"), [("53.71", []), (None, []), ("99.01", ["region_code_unknown"])]
)
def test_a_region_outside_every_province_is_worth_a_second_look(code, expected):
    told = rules.reply(rules.listed(whole(region_code=code)), caller())
    assert [warning.code for warning in told.warnings] == expected


@pytest.mark.parametrize(("keeper", "told"), [(PARTY, UUID(int=5)), (UUID(int=999), None)])
def test_who_made_a_series_is_told_to_its_keeper_alone(keeper, told):
    given = whole(organization_id=keeper, created_by=UUID(int=5))
    assert rules.reply(rules.listed(given), caller(Role.VIEWER)).created_by == told
