"""The scores of regions in the Kupang case: what was published, its sources, and the bands that follow."""

import pytest

from tests.demo.given import CASE

PUBLISHED = {
    "SPI Kota Kupang": {"2021-12-31": "65.26", "2022-12-31": "67.94", "2023-12-31": "66.55"},
    "SPI Kota Semarang": {"2023-12-31": "74.8", "2024-12-31": "71.6"},
    "SPI nasional": {"2023-12-31": "70.97", "2024-12-31": "71.53"},
    "MCP nasional": {"2023-12-31": "75", "2024-12-31": "76"},
    "MCSP Kabupaten Merangin": {"2025-11-20": "41.68"},
}


async def observations_of(loaded, title: str) -> dict[str, dict]:
    """Gives the observations of a series by the last day of their period."""
    (series,) = [each for each in await loaded.items("/v1/indicator-series") if each["title"] == title]
    items = await loaded.items(f"/v1/indicator-series/{series['id']}/observations")
    return {each["ends_on"]: each for each in items}


async def test_every_series_has_the_values_that_were_published(loaded):
    found = await loaded.items("/v1/indicator-series")
    assert len(found) == len(CASE.indicator_series)
    assert {each["title"] for each in found} == set(PUBLISHED)
    for series in CASE.indicator_series:
        title = series.body["title"]
        observed = await observations_of(loaded, title)
        assert len(observed) == len(series.observations)
        assert {day: each["value"] for day, each in observed.items()} == PUBLISHED[title]


async def test_a_series_is_of_its_region_and_kept_by_who_entered_it(loaded):
    names = {each["id"]: each["short_name"] for each in await loaded.items("/v1/organizations")}
    found = await loaded.items("/v1/indicator-series")
    kept = [
        (each["title"], each["instrument"], each["region_code"], names[each["organization_id"]])
        for each in found
    ]
    assert kept == [
        ("MCSP Kabupaten Merangin", "mcp", "15.02", "ICW"),
        ("MCP nasional", "mcp", None, "ICW"),
        ("SPI nasional", "spi", None, "ICW"),
        ("SPI Kota Semarang", "spi", "33.74", "ICW"),
        ("SPI Kota Kupang", "spi", "53.71", "Pemkot Kupang"),
    ]
    assert not any(each["warnings"] for each in found)


async def test_every_source_is_a_link_or_stands_in_a_note(loaded):
    for record in await loaded.items("/v1/indicator-series"):
        (series,) = [each for each in CASE.indicator_series if each.body["title"] == record["title"]]
        assert all(CASE.sources[key].address in record["note"] for key in series.sources)
        told = (await observations_of(loaded, record["title"])).values()
        for given, observed in zip(series.observations, told, strict=True):
            assert set(given.sources) <= set(series.sources)
            first, *further = (CASE.sources[key] for key in given.sources)
            assert observed["source"] == {"title": first.cited, "url": first.address, "document_id": None}
            assert all(source.address in observed["note"] for source in further)


@pytest.mark.parametrize(
    ("title", "day", "label", "band", "warnings"),
    [
        ("SPI nasional", "2024-12-31", "kuning (waspada)", "rentan", ["printed_label_differs"]),
        ("SPI Kota Semarang", "2024-12-31", None, "rentan", []),
        ("SPI Kota Kupang", "2023-12-31", None, None, ["band_unknown"]),
        ("MCP nasional", "2023-12-31", None, None, ["band_unclear"]),
        ("MCSP Kabupaten Merangin", "2025-11-20", None, None, ["band_unknown"]),
    ],
    ids=[
        "called better than it was",
        "called nothing",
        "no scale of that year",
        "on an edge",
        "the year so far",
    ],
)
async def test_the_printed_label_stands_beside_the_band(loaded, title, day, *, label, band, warnings):
    observed = (await observations_of(loaded, title))[day]
    assert (observed["printed_label"], observed["band"]) == (label, band)
    assert [each["code"] for each in observed["warnings"]] == warnings


async def test_areas_are_those_that_were_published_and_counts_that_do_not_add_up_are_noted(loaded):
    national = await observations_of(loaded, "MCP nasional")
    assert national["2023-12-31"]["areas"] == []
    areas = {each["area"]: each["value"] for each in national["2024-12-31"]["areas"]}
    assert (len(areas), areas["pengadaan_barang_jasa"], areas["pengelolaan_bmd"]) == (8, "68", "70")
    merangin = await observations_of(loaded, "MCSP Kabupaten Merangin")
    assert "454 + 230 = 684" in merangin["2025-11-20"]["note"]


# Stands last: it leaves a series of somebody else behind.
async def test_a_second_run_leaves_every_series_as_it_is_and_anothers_of_the_same_title_alone(loaded):
    token = await loaded.service.sign_in("koordinator.inspektorat@example.org")
    before = await loaded.items("/v1/indicator-series")
    another = {"instrument": "spi", "region_code": "53.71", "title": "SPI Kota Kupang"}
    answer = await loaded.service.client.post(
        "/v1/indicator-series", json=another, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 201, answer.text
    await loaded.service.load()
    newest, *after = await loaded.items("/v1/indicator-series")
    assert after == before
    assert (newest["id"], newest["version"], newest["latest"]) == (answer.json()["id"], 1, None)
