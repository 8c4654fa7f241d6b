import csv
import io

import pytest

from tests.actors import make_actor
from tests.api import codes
from tests.documents.given import stored
from tests.indicators.given import SERIES, kept, observation, put, series
from tests.partners import in_force, mou

KUPANG = [observation(2021, value="65.26"), observation(2022, value="67.94"), observation(2023)]


async def listed(api, actor, path):
    """Gives what a series says, period by period."""
    return (await api.read(f"{path}/observations", actor))["items"]


# ------------------------------------------------------------------------------------------------- entering


async def test_a_series_is_entered_and_read_by_everybody(api, partners):
    body = series(unit="indeks 0-100", note="Survei KPK")
    made = await api.create(SERIES, partners.inspectorate, body=body)
    assert {name: made[name] for name in body} == body
    assert made["organization_id"] == str(partners.inspectorate.organization_id)
    assert (made["version"], made["latest"], made["warnings"]) == (1, None, [])
    assert made["created_by"] == str(partners.inspectorate.user_id)
    assert await api.read(f"{SERIES}/{made['id']}", partners.stranger) == made | {"created_by": None}


async def test_a_series_of_the_whole_country_has_no_region(api, partners):
    made = await api.create(SERIES, partners.icw, body=series(region_code=None, title="SPI nasional"))
    assert made["region_code"] is None


async def test_a_region_is_never_left_out_by_oversight(api, partners):
    body = series()
    del body["region_code"]
    answer = await api.post(SERIES, partners.icw, body=body)
    assert codes(answer) == (400, "validation_failed", [("/region_code", "required")])


@pytest.mark.parametrize("region_code", ["53.71", None])
async def test_an_organization_keeps_a_series_once_and_others_may_keep_theirs(api, partners, region_code):
    body = series(region_code=region_code)
    await api.create(SERIES, partners.icw, body=body)
    assert codes(await api.post(SERIES, partners.icw, body=body))[:2] == (409, "series_taken")
    await api.create(SERIES, partners.appek, body=body)
    await api.create(SERIES, partners.icw, body=body | {"title": "SPI, eksternal"})


async def test_a_repeat_with_its_key_begins_one_series(api, partners):
    one, again = [
        await api.post(SERIES, partners.icw, body=series(), idempotency_key="seri") for _ in range(2)
    ]
    assert (one.status_code, again.status_code) == (201, 201)
    assert one.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


# ------------------------------------------------------------------------------------------------ observing


async def test_the_scores_of_kupang_are_told_as_they_were_published(api, partners):
    path = await kept(api, partners.inspectorate, *KUPANG)
    items = await listed(api, partners.appek, path)
    assert [(item["ends_on"][:4], item["value"], item["band"]) for item in items] == [
        ("2021", "65.26", None),
        ("2022", "67.94", None),
        ("2023", "66.55", None),
    ]
    assert [warning["code"] for warning in items[0]["warnings"]] == ["band_unknown"]
    found = await api.read(path, partners.appek)
    assert (found["version"], found["latest"]) == (2, items[-1])


async def test_the_printed_label_stands_beside_the_computed_band(api, partners):
    national = observation(2024, value="71.53", printed_label="kuning (waspada)")
    path = await kept(api, partners.icw, national, region_code=None, title="SPI nasional")
    (item,) = await listed(api, partners.stranger, path)
    assert (item["printed_label"], item["band"]) == ("kuning (waspada)", "rentan")
    assert [(each["code"], each["pointer"]) for each in item["warnings"]] == [
        ("printed_label_differs", "/printed_label")
    ]


async def test_what_nobody_published_is_null_and_never_0(api, partners):
    areas = [{"area": "perencanaan", "value": "88"}, {"area": "pelayanan_publik", "value": None}]
    unknown = observation(2024, value=None, areas=areas)
    path = await kept(api, partners.icw, unknown, instrument="mcp", title="MCP Kota Kupang")
    (item,) = await listed(api, partners.icw, path)
    assert (item["value"], item["band"], item["areas"], item["warnings"]) == (None, None, areas, [])
    kept_as = "SELECT value FROM indicator_observation WHERE series_id = $1"
    assert await api.connection.fetchval(kept_as, path.rpartition("/")[2]) is None


async def test_a_score_is_kept_to_its_last_digit(api, partners):
    values = ["74.80", "0", "0.0001", "99.9999", "100"]
    given = [observation(2000 + place, value=value) for place, value in enumerate(values)]
    path = await kept(api, partners.icw, *given)
    assert [item["value"] for item in await listed(api, partners.icw, path)] == values


async def test_all_observations_are_replaced_at_once(api, partners):
    path = await kept(api, partners.icw, *KUPANG)
    day = observation(2025, starts_on="2025-01-01", ends_on="2025-11-20", value="41.68")
    answer = await put(api, partners.icw, path, day, observation(2022, value="68"), observation(2024))
    assert answer.json()["version"] == 3
    assert answer.json()["latest"]["value"] == "41.68"
    items = await listed(api, partners.icw, path)
    assert [(item["ends_on"], item["value"]) for item in items] == [
        ("2022-12-31", "68"),
        ("2024-12-31", "66.55"),
        ("2025-11-20", "41.68"),
    ]
    assert answer.json() == await api.read(path, partners.icw)


async def test_the_same_observations_again_change_nothing_but_the_version(api, partners):
    path = await kept(api, partners.icw, *KUPANG)
    before = await listed(api, partners.icw, path)
    answer = await put(api, partners.icw, path, *KUPANG)
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
    assert await listed(api, partners.icw, path) == before


async def test_a_series_may_lose_all_its_observations(api, partners):
    path = await kept(api, partners.icw, *KUPANG)
    assert (await put(api, partners.icw, path)).json()["latest"] is None
    assert await listed(api, partners.icw, path) == []


async def test_nothing_is_replaced_when_one_observation_is_wrong(api, partners):
    path = await kept(api, partners.icw, *KUPANG)
    answer = await put(api, partners.icw, path, observation(2024), observation(2025, value="100.5"))
    assert codes(answer) == (400, "validation_failed", [("/items/1/value", "score_off_scale")])
    assert len(await listed(api, partners.icw, path)) == 3


@pytest.mark.parametrize("value", ["66,55", "6.6e1", "066", "66.", ".5", "NaN", "66.55555", " 66"])
async def test_a_value_is_a_decimal_as_text(api, partners, value):
    path = await kept(api, partners.icw)
    answer = await put(api, partners.icw, path, observation(value=value))
    assert codes(answer) == (400, "validation_failed", [("/items/0/value", "bad_format")])


async def test_only_the_keeper_changes_a_series(api, partners):
    path = await kept(api, partners.inspectorate, *KUPANG)
    for other in (partners.city, partners.appek, partners.stranger):
        answer = await put(api, other, path, observation(2024))
        assert codes(answer)[:2] == (403, "kept_by_another")
    assert len(await listed(api, partners.icw, path)) == 3


async def test_a_version_that_passed_changes_nothing(api, partners):
    path = await kept(api, partners.icw, *KUPANG)
    body = {"items": []}
    stale = await api.ask("PUT", f"{path}/observations", by=partners.icw, body=body, if_match='"1"')
    assert codes(stale)[:2] == (412, "stale_version")
    missing = await api.ask("PUT", f"{path}/observations", by=partners.icw, body=body)
    assert missing.status_code == 428
    assert len(await listed(api, partners.icw, path)) == 3


async def test_the_trail_of_the_keeper_names_what_changed(api, partners):
    auditor = await make_actor(
        api.connection, roles=["auditor"], organization_id=partners.icw.organization_id
    )
    path = await kept(api, partners.icw, *KUPANG)
    entries = (await api.read("/v1/audit-entries?limit=2", auditor))["items"]
    assert [(entry["action"], entry["subject_type"]) for entry in entries] == [
        ("updated", "indicator_series"),
        ("created", "indicator_series"),
    ]
    assert entries[0]["subject_id"] == path.rpartition("/")[2]


# -------------------------------------------------------------------------------------------------- sources


async def test_a_document_is_named_to_those_who_may_read_it(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.city, partners.icw))
    paper = await stored(api, partners.icw, pact)
    source = {"title": "Surat KPK", "url": "https://kpk.go.id", "document_id": paper["id"]}
    path = await kept(api, partners.icw, observation(source=source))
    for reader, expected in ((partners.city, paper["id"]), (partners.stranger, None)):
        (item,) = await listed(api, reader, path)
        assert item["source"] == source | {"document_id": expected}
        assert (await api.read(path, reader))["latest"] == item


async def test_a_public_document_is_named_to_everybody(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, visibility="public"))
    paper = await stored(api, partners.icw, pact, visibility="public")
    source = {"title": "Surat KPK", "document_id": paper["id"]}
    path = await kept(api, partners.icw, observation(source=source))
    (item,) = await listed(api, partners.stranger, path)
    assert item["source"]["document_id"] == paper["id"]


async def test_a_document_that_is_not_seen_cannot_be_named(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw))
    paper = await stored(api, partners.icw, pact)
    path = await kept(api, partners.stranger)
    source = {"title": "Surat", "document_id": paper["id"]}
    answer = await put(api, partners.stranger, path, observation(source=source))
    assert codes(answer) == (
        400,
        "validation_failed",
        [("/items/0/source/document_id", "reference_unknown")],
    )


async def test_a_document_that_a_series_rests_on_stays(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw))
    paper = f"/v1/documents/{(await stored(api, partners.icw, pact))['id']}"
    source = {"title": "Surat", "document_id": paper.rpartition("/")[2]}
    path = await kept(api, partners.icw, observation(source=source))
    assert codes(await api.change("DELETE", paper, partners.icw))[:2] == (409, "record_in_use")
    await put(api, partners.icw, path, observation())
    assert (await api.change("DELETE", paper, partners.icw)).status_code == 204


# ---------------------------------------------------------------------------------------------------- lists


@pytest.fixture
async def shelf(api, partners):
    """Keeps what the filters are tried on; every token reads it, so other tests' series lie beside it."""
    await kept(api, partners.icw, title="Pertama")
    await kept(api, partners.icw, title="Kedua", instrument="mcp")
    await kept(api, partners.appek, title="Ketiga", region_code="33.74")
    await kept(api, partners.appek, title="Keempat", region_code=None, instrument="mcp")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Keempat", "Ketiga", "Kedua", "Pertama"]),
        ("organization_id={icw}", ["Kedua", "Pertama"]),
        ("region_code=53.71", ["Kedua", "Pertama"]),
        ("region_code=53", []),
        ("instrument=mcp", ["Keempat", "Kedua"]),
        ("instrument=mcp&instrument=spi&region_code=33.74", ["Ketiga"]),
        ("instrument=mcp&organization_id={icw}", ["Kedua"]),
    ],
)
async def test_a_filter_keeps_what_it_names(api, partners, shelf, query, expected):
    given = query.format(icw=partners.icw.organization_id)
    page = await api.read(f"{SERIES}?{given}&limit=200&count=true", partners.stranger)
    ours = {str(each.organization_id) for each in (partners.icw, partners.appek)}
    assert [item["title"] for item in page["items"] if item["organization_id"] in ours] == expected
    assert page["total"] == len(page["items"])


async def test_pages_give_every_series_once(api, partners, shelf):
    query = f"organization_id={partners.icw.organization_id}"
    await kept(api, partners.icw, title="Kelima")
    pages = [page async for page in api.pages(f"{SERIES}?limit=2&{query}", partners.stranger)]
    titles = [[item["title"] for item in page] for page in pages]
    assert titles == [["Kelima", "Kedua"], ["Pertama"]]


async def test_pages_give_every_observation_once_earliest_first(api, partners):
    days = [observation(2024, starts_on=f"2024-0{month}-01") for month in (3, 1, 2)]
    path = await kept(api, partners.icw, *days, *KUPANG)
    pages = [page async for page in api.pages(f"{path}/observations?limit=4&count=true", partners.icw)]
    starts = [[item["starts_on"] for item in page] for page in pages]
    assert starts == [
        ["2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01"],
        ["2024-02-01", "2024-03-01"],
    ]
    assert (await api.read(f"{path}/observations?limit=1&count=true", partners.icw))["total"] == 6


async def test_observations_are_a_sheet_with_a_line_for_each_period(api, partners):
    path = await kept(api, partners.icw, observation(2024, value="71.53", printed_label="=waspada()"))
    answer = await api.get(f"{path}/observations", partners.icw, accept="text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["value"], line["band"], line["source.title"]) == ("71.53", "rentan", "KPK")
    assert line["printed_label"] == "'=waspada()"


async def test_series_are_a_sheet_with_their_latest_observation(api, partners):
    await kept(api, partners.icw, *KUPANG)
    query = f"organization_id={partners.icw.organization_id}"
    answer = await api.get(f"{SERIES}?{query}", partners.icw, accept="text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (line["title"], line["latest.value"], line["latest.ends_on"]) == (
        "SPI Kota Kupang",
        "66.55",
        "2023-12-31",
    )


async def test_the_vocabulary_has_scales_and_areas_by_year(api, partners):
    found = await api.read("/v1/meta/vocabulary", partners.icw)
    (spi,) = [scale for scale in found["scales"] if scale["instrument"] == "spi"]
    assert (spi["first_year"], spi["last_year"]) == (2024, 2024)
    assert [(band["band"], band["at_least"], band["below"]) for band in spi["bands"]] == [
        ("rentan", "0", "73"),
        ("waspada", "73", "78"),
        ("terjaga", "78", None),
    ]
    assert [(each["first_year"], each["last_year"], len(each["areas"])) for each in found["area_lists"]] == [
        (None, 2023, 8),
        (2024, None, 8),
    ]
