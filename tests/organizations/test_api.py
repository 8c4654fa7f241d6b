import csv
import io
from itertools import count
from uuid import uuid4

import pytest

from tests import make
from tests.actors import make_actor
from tests.api import codes

PATH = "/v1/organizations"
_names = count(1)


@pytest.fixture
async def platform(api):
    return await make_actor(api.connection, roles=["platform_admin"])


@pytest.fixture
async def viewer(api):
    return await make_actor(api.connection, roles=["viewer"])


@pytest.fixture
async def administrator(api):
    return await make_actor(api.connection, roles=["org_admin"])


@pytest.fixture
async def family(api):
    """Gives the id of an organization whose descendants a test makes: `ancestor_id` lists them alone."""
    return await make.organization(api.connection)


async def made(api, platform, **values):
    """Gives a new organization of the directory."""
    return await api.create(PATH, platform, body={"name": f"Lembaga {next(_names)}", "kind": "cso"} | values)


async def below(api, family, *names):
    """Makes a unit of the family for each name, in this order."""
    return [
        await make.organization(api.connection, name=name, search_text=name.casefold(), parent_id=family)
        for name in names
    ]


async def names(api, actor, query):
    page = await api.read(f"{PATH}?{query}", actor)
    return [item["name"] for item in page["items"]]


# ---------------------------------------------------------------------------------------------- one record


async def test_a_new_organization_is_read_back_as_it_was_answered(api, platform, viewer):
    body = {"name": "Inspektorat", "kind": "inspectorate", "contact": {"email": "kantor@example.org"}}
    answer = await api.post(PATH, platform, body=body)
    record = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/{record['id']}")
    assert await api.read(answer.headers["location"], viewer) == record


async def test_what_nobody_said_is_null_in_a_new_organization(api, platform):
    record = await made(api, platform)
    unknown = ("short_name", "parent_id", "region_code", "is_public_body", "contact")
    assert [record[name] for name in unknown] == [None] * len(unknown)


async def test_a_new_organization_is_in_jakarta_unless_it_says_otherwise(api, platform):
    there = await made(api, platform, time_zone="Asia/Jayapura")
    assert ((await made(api, platform))["time_zone"], there["time_zone"]) == ("Asia/Jakarta", "Asia/Jayapura")


async def test_a_name_in_two_scripts_is_refused(api, platform):
    answer = await api.post(PATH, platform, body={"name": "Inspеktorat", "kind": "inspectorate"})  # noqa: RUF001
    assert codes(answer) == (400, "validation_failed", [("/name", "scripts_mixed")])


async def test_a_parent_that_is_not_in_the_directory_is_refused(api, platform):
    body = {"name": "Unit", "kind": "regional_unit", "parent_id": str(uuid4())}
    answer = await api.post(PATH, platform, body=body)
    assert codes(answer) == (400, "validation_failed", [("/parent_id", "reference_unknown")])


async def test_all_faults_of_a_body_are_told_at_once(api, platform):
    answer = await api.post(PATH, platform, body={"kind": "club", "region_code": "5371", "motto": "Maju"})
    assert codes(answer) == (
        400,
        "validation_failed",
        [
            ("/motto", "unknown_field"),
            ("/name", "required"),
            ("/kind", "not_allowed"),
            ("/region_code", "bad_format"),
        ],
    )


async def test_an_organization_nobody_made_is_not_found(api, viewer):
    assert codes(await api.get(f"{PATH}/{uuid4()}", viewer)) == (404, "not_found", [])


# ------------------------------------------------------------------------------------------------ changing


async def test_a_patch_changes_what_it_names_and_clears_what_it_nulls(api, platform):
    before = await made(api, platform, short_name="L", region_code="53.71", bps_code="5371")
    patch = {"short_name": "LBG", "region_code": None}
    after = (await api.change("PATCH", f"{PATH}/{before['id']}", platform, body=patch)).json()
    assert after == before | patch | {"version": 2, "updated_at": after["updated_at"]}
    assert await api.read(f"{PATH}/{before['id']}", platform) == after


async def test_a_contact_is_replaced_as_a_whole_and_cleared_by_null(api, platform):
    record = await made(api, platform, contact={"email": "kantor@example.org", "phone": "0380 1"})
    path = f"{PATH}/{record['id']}"
    moved = await api.change("PATCH", path, platform, body={"contact": {"phone": "0380 2"}})
    assert moved.json()["contact"] == {"email": None, "phone": "0380 2", "address": None, "website": None}
    await api.change("PATCH", path, platform, body={"contact": None})
    assert (await api.read(path, platform))["contact"] is None


async def test_a_renamed_organization_is_found_by_its_new_name_alone(api, platform, family):
    (unit,) = await below(api, family, "Lama")
    await api.change("PATCH", f"{PATH}/{unit}", platform, body={"name": "Baru"})
    assert await names(api, platform, f"ancestor_id={family}&q=baru") == ["Baru"]
    assert await names(api, platform, f"ancestor_id={family}&q=lama") == []


async def test_a_change_needs_if_match(api, platform):
    record = await made(api, platform)
    answer = await api.ask("PATCH", f"{PATH}/{record['id']}", by=platform, body={"short_name": "L"})
    assert codes(answer) == (428, "if_match_required", [])


async def test_a_change_of_an_old_version_is_refused_and_leaves_the_record(api, platform):
    record = await made(api, platform)
    path = f"{PATH}/{record['id']}"
    newer = (await api.change("PATCH", path, platform, body={"short_name": "B"})).json()
    answer = await api.ask("PATCH", path, by=platform, body={"short_name": "C"}, if_match='"1"')
    assert codes(answer) == (412, "stale_version", [])
    assert await api.read(path, platform) == newer


async def test_the_whole_etag_is_accepted_as_if_match(api, platform):
    path = f"{PATH}/{(await made(api, platform))['id']}"
    etag = (await api.get(path, platform)).headers["etag"]
    answer = await api.ask("PATCH", path, by=platform, body={"short_name": "L"}, if_match=etag)
    assert (answer.status_code, answer.json()["version"]) == (200, 2)


@pytest.mark.parametrize("if_match", ["1", '"0"', 'W/"1"', "*", '"1", "2"'])
async def test_an_if_match_that_names_no_version_is_malformed(api, platform, if_match):
    path = f"{PATH}/{(await made(api, platform))['id']}"
    answer = await api.ask("PATCH", path, by=platform, body={"short_name": "L"}, if_match=if_match)
    assert codes(answer) == (400, "validation_failed", [("", "if_match_invalid")])


async def test_a_unit_cannot_be_put_above_itself(api, platform, family):
    (unit,) = await below(api, family, "Unit")
    answer = await api.change("PATCH", f"{PATH}/{family}", platform, body={"parent_id": str(unit)})
    assert codes(answer) == (409, "tree_cycle", [])
    assert (await api.read(f"{PATH}/{family}", platform))["parent_id"] is None


async def test_an_organization_cannot_be_its_own_parent(api, platform, family):
    answer = await api.change("PATCH", f"{PATH}/{family}", platform, body={"parent_id": str(family)})
    assert codes(answer) == (409, "tree_cycle", [])


# --------------------------------------------------------------------------------------------- who may what


async def test_an_administrator_changes_the_own_organization(api, administrator):
    path = f"{PATH}/{administrator.organization_id}"
    answer = await api.change("PATCH", path, administrator, body={"short_name": "L"})
    assert (answer.status_code, answer.json()["short_name"]) == (200, "L")


async def test_an_administrator_does_not_change_another_organization(api, administrator, family):
    answer = await api.change("PATCH", f"{PATH}/{family}", administrator, body={"short_name": "L"})
    assert codes(answer) == (403, "permission_missing", [])
    assert (await api.read(f"{PATH}/{family}", administrator))["version"] == 1


async def test_an_administrator_does_not_choose_who_stands_above(api, administrator, family):
    path = f"{PATH}/{administrator.organization_id}"
    answer = await api.change("PATCH", path, administrator, body={"parent_id": str(family)})
    assert codes(answer) == (403, "permission_missing", [])


@pytest.mark.parametrize("role", ["viewer", "coordinator", "reviewer", "approver", "auditor", "org_admin"])
async def test_only_the_platform_adds_to_the_directory(api, role):
    actor = await make_actor(api.connection, roles=[role])
    answer = await api.post(PATH, actor, body={"name": "Lembaga", "kind": "cso"})
    assert codes(answer) == (403, "permission_missing", [])


@pytest.mark.parametrize("role", ["viewer", "coordinator", "reviewer", "approver", "auditor"])
async def test_others_than_administrators_change_nothing_of_their_organization(api, role):
    actor = await make_actor(api.connection, roles=[role])
    path = f"{PATH}/{actor.organization_id}"
    answer = await api.change("PATCH", path, actor, body={"short_name": "L"})
    assert codes(answer) == (403, "permission_missing", [])


# ----------------------------------------------------------------------------------------------------- lists


@pytest.mark.parametrize(
    "q",
    ["kupang", "KUPANG", "ｋｕｐａｎｇ", "kúpàng", "kota%20ku", "kota%20%20ku"],  # noqa: RUF001 - wide letters
)
async def test_a_search_knows_no_case_accents_or_double_spaces(api, platform, family, q):
    await made(api, platform, name="Pemerintah Kota Kupang", parent_id=str(family))
    assert await names(api, platform, f"ancestor_id={family}&q={q}") == ["Pemerintah Kota Kupang"]


async def test_a_search_without_accents_finds_a_name_with_them(api, platform, family):
    await made(api, platform, name="Komité Orang Muda", short_name="KÔM", parent_id=str(family))
    for q in ("komite", "kom", "KÔM"):
        assert await names(api, platform, f"ancestor_id={family}&q={q}") == ["Komité Orang Muda"]


@pytest.mark.parametrize("q", ["%25", "_", "%5C"])
async def test_signs_of_a_pattern_are_searched_as_they_stand(api, viewer, family, q):
    await below(api, family, "Lembaga", "100% Jujur_\\")
    assert await names(api, viewer, f"ancestor_id={family}&q={q}") == ["100% Jujur_\\"]


async def test_a_family_has_all_units_below_and_not_itself(api, viewer, family):
    (unit,) = await below(api, family, "Dinas")
    await below(api, unit, "Bidang")
    await make.organization(api.connection)
    assert await names(api, viewer, f"ancestor_id={family}") == ["Bidang", "Dinas"]


async def test_kinds_of_a_filter_are_any_of_them(api, viewer, family):
    for kind in ("cso", "university", "donor"):
        await make.organization(api.connection, kind=kind, name=kind, search_text=kind, parent_id=family)
    assert await names(api, viewer, f"ancestor_id={family}&kind=donor&kind=cso") == ["cso", "donor"]


async def test_a_region_code_is_matched_as_a_whole(api, viewer, family):
    for code in ("53", "53.71", "53.71.04"):
        await make.organization(api.connection, region_code=code, name=code, parent_id=family)
    assert await names(api, viewer, f"ancestor_id={family}&region_code=53.71") == ["53.71"]


@pytest.mark.parametrize(
    ("sort", "expected"), [("name", ["a", "b", "c", "d", "e"]), ("created_at", ["c", "a", "e", "b", "d"])]
)
async def test_pages_give_every_organization_once_in_the_order_asked_for(
    api, platform, family, sort, expected
):
    for name in ("c", "a", "e", "b", "d"):
        await made(api, platform, name=name, parent_id=str(family))
    pages = [
        [item["name"] for item in page]
        async for page in api.pages(f"{PATH}?ancestor_id={family}&sort={sort}&limit=2", platform)
    ]
    assert pages == [expected[:2], expected[2:4], expected[4:]]


async def test_equal_names_are_paged_without_loss(api, viewer, family):
    await below(api, family, *["Sama"] * 5)
    ids = [
        item["id"]
        async for page in api.pages(f"{PATH}?ancestor_id={family}&limit=2", viewer)
        for item in page
    ]
    assert (len(ids), len(set(ids))) == (5, 5)


async def test_inserts_between_pages_neither_repeat_nor_hide_what_was_there(api, viewer, family):
    await below(api, family, "b", "d", "f")
    found = []
    async for page in api.pages(f"{PATH}?ancestor_id={family}&limit=1", viewer):
        found += [item["name"] for item in page]
        await below(api, family, "a") if found[-1] == "b" else None
    assert found == ["b", "d", "f"]


async def test_a_cursor_belongs_to_its_filters(api, viewer, family):
    await below(api, family, "a", "b")
    cursor = (await api.read(f"{PATH}?ancestor_id={family}&limit=1", viewer))["next_cursor"]
    answer = await api.get(f"{PATH}?limit=1&cursor={cursor}", viewer)
    assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


async def test_the_total_is_of_the_whole_list_and_only_on_demand(api, viewer, family):
    await below(api, family, "a", "b", "c")
    asked = await api.read(f"{PATH}?ancestor_id={family}&limit=2&count=true", viewer)
    silent = await api.read(f"{PATH}?ancestor_id={family}&limit=2", viewer)
    assert (asked["total"], silent["total"]) == (3, None)


async def test_the_directory_is_a_sheet_that_runs_no_formula(api, platform, family):
    contact = {"phone": "+62 380 1"}
    await made(api, platform, name="=1+1", contact=contact, parent_id=str(family))
    answer = await api.get(f"{PATH}?ancestor_id={family}", platform, accept="text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (row["name"], row["contact.phone"], row["short_name"]) == ("'=1+1", "'+62 380 1", "")


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("limit=0", ("?limit", "out_of_range")),
        ("limit=201", ("?limit", "out_of_range")),
        ("sort=kind", ("?sort", "not_allowed")),
        ("page=2", ("?page", "unknown_parameter")),
        ("q=a&q=b", ("?q", "repeated_parameter")),
        ("kind=club", ("?kind", "not_allowed")),
    ],
)
async def test_a_parameter_that_means_nothing_is_refused(api, viewer, query, fault):
    assert codes(await api.get(f"{PATH}?{query}", viewer)) == (400, "validation_failed", [fault])
