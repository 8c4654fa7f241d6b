import csv
import io
import itertools
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from schema.tables.agreements import agreement
from schema.vocabulary import AgreementPhase, AgreementState
from service.access.standing import phase_of
from service.agreements.listing import phase_expression
from service.agreements.phase import Stored
from service.agreements.queries import columns_of
from service.kernel.database import rows
from service.kernel.statement import Statement, document
from tests import make
from tests.api import codes
from tests.partners import id_of, in_force, mou, pks

PATH = "/v1/agreements"


async def titles(api, actor, query=""):
    """Gives the titles of a page, without regard to order."""
    page = await api.read(f"{PATH}?{query}", actor)
    return sorted(item["title"] for item in page["items"])


async def listed(api, by, *titles, **values):
    """Enters an agreement of the past for each title, in this order."""
    return [await in_force(api, by, mou(by, title=title, **values)) for title in titles]


# ------------------------------------------------------------------------------------------------- filters


async def test_a_list_has_what_the_organization_takes_part_in(api, partners):
    await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate, title="Unit"))
    above = await in_force(api, partners.appek, mou(partners.city, partners.appek, title="MoU"))
    await in_force(api, partners.appek, pks(id_of(above), partners.inspectorate, partners.appek))
    assert await titles(api, partners.city) == ["MoU", "PKS", "Unit"]
    assert await titles(api, partners.inspectorate) == ["MoU", "PKS", "Unit"]
    assert await titles(api, partners.icw) == ["Unit"]
    assert await titles(api, partners.stranger) == []


async def test_a_public_agreement_is_in_the_public_list_alone(api, partners):
    (path,) = await listed(api, partners.icw, "Terbuka", visibility="public", region_code="53.71")
    await listed(api, partners.icw, "Tertutup", region_code="53.71")
    found = await api.read(f"{PATH}?visibility=public&region_code=53.71", partners.stranger)
    assert [item["id"] for item in found["items"]] == [id_of(path)]
    assert await titles(api, partners.stranger, "region_code=53.71") == []


async def test_the_public_list_shows_a_stranger_the_public_fields_only(api, partners):
    await listed(api, partners.icw, "Terbuka", visibility="public", source_note="Dalam", region_code="53.72")
    found = await api.read(f"{PATH}?visibility=public&region_code=53.72", partners.stranger)
    (item,) = found["items"]
    assert (item["source_note"], item["actions"], item["warnings"]) == (None, [], [])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=pks", ["PKS"]),
        ("kind=pks&kind=nota_kesepakatan", ["Nota", "PKS"]),
        ("state=draft", ["Draf"]),
        ("state=draft&state=signed", ["Draf", "MoU", "Nota", "PKS"]),
        ("phase=expired", ["Nota"]),
        ("phase=preparation&phase=expired", ["Draf", "Nota"]),
        ("parent_id={mou}", ["PKS"]),
        ("party_id={appek}", ["MoU"]),
        ("region_code=53.71", ["Draf"]),
        ("ends_before=2024-01-02", ["Nota"]),
        ("ends_before=2024-01-01", []),
        ("q=nota", ["Nota"]),
        ("q=NÓTA", ["Nota"]),
        ("q=cetak", ["MoU"]),
        ("state=signed&kind=mou&q=o", ["MoU"]),
    ],
)
async def test_a_filter_keeps_what_it_names(api, partners, query, expected):
    icw = partners.icw
    above = await in_force(api, icw, mou(icw, partners.appek, title="MoU", printed_title="Cetak"))
    await in_force(api, icw, pks(id_of(above), icw, title="PKS"))
    ended = {"kind": "nota_kesepakatan", "title": "Nota", "ends_on": "2024-01-01"}
    await in_force(api, icw, mou(icw, **ended))
    await api.create(PATH, icw, body=mou(icw, title="Draf", region_code="53.71"))
    given = query.format(mou=id_of(above), appek=partners.appek.organization_id)
    assert await titles(api, icw, given) == expected


async def test_what_only_parties_may_read_is_listed_without_what_is_public(api, partners):
    await listed(api, partners.icw, "Terbuka", visibility="public")
    await listed(api, partners.icw, "Tertutup")
    assert await titles(api, partners.icw, "visibility=parties") == ["Tertutup"]


async def test_a_phase_of_the_list_follows_the_parent(api, partners):
    above = await in_force(api, partners.icw, mou(partners.icw))
    await in_force(api, partners.icw, pks(id_of(above), partners.icw))
    await api.moved(above, partners.icw, "suspend", reason="Audit")
    assert await titles(api, partners.icw, "phase=blocked_by_parent") == ["PKS"]
    assert await titles(api, partners.icw, "phase=suspended") == ["MoU"]


# ------------------------------------------------------------------------------------------- order and pages


async def test_the_newest_come_first(api, partners):
    await listed(api, partners.icw, "1", "2", "3")
    page = await api.read(PATH, partners.icw)
    assert [item["title"] for item in page["items"]] == ["3", "2", "1"]


async def test_what_ends_first_comes_first_and_what_never_ends_last(api, partners):
    for title, end in (("b", "2031-01-01"), ("d", None), ("a", "2030-01-01"), ("c", "2199-12-31")):
        await listed(api, partners.icw, title, ends_on=end)
    page = await api.read(f"{PATH}?sort=ends_on", partners.icw)
    assert [item["title"] for item in page["items"]][:2] == ["a", "b"]
    assert {item["title"] for item in page["items"][2:]} == {"c", "d"}


@pytest.mark.parametrize("sort", ["newest", "ends_on"])
async def test_pages_give_every_agreement_once(api, partners, sort):
    for title, end in zip("abcde", ("2031-01-01", None, "2030-01-01", "2031-01-01", None), strict=True):
        await listed(api, partners.icw, title, ends_on=end)
    pages = [page async for page in api.pages(f"{PATH}?sort={sort}&limit=2", partners.icw)]
    whole = await api.read(f"{PATH}?sort={sort}", partners.icw)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item for page in pages for item in page] == whole["items"]


async def test_inserts_between_pages_neither_repeat_nor_hide_what_was_there(api, partners):
    await listed(api, partners.icw, "1", "2", "3")
    found = []
    async for page in api.pages(f"{PATH}?limit=1", partners.icw):
        found += [item["title"] for item in page]
        await listed(api, partners.icw, "4")
    assert found == ["3", "2", "1"]


async def test_the_total_is_of_the_whole_filtered_list(api, partners):
    await listed(api, partners.icw, "a", "b", "c")
    await api.create(PATH, partners.icw, body=mou(partners.icw))
    page = await api.read(f"{PATH}?state=signed&limit=1&count=true", partners.icw)
    assert page["total"] == 3


async def test_a_cursor_of_one_organization_is_worth_nothing_to_another(api, partners):
    await listed(api, partners.icw, "a", "b")
    cursor = (await api.read(f"{PATH}?limit=1", partners.icw))["next_cursor"]
    answer = await api.get(f"{PATH}?limit=1&cursor={cursor}", partners.stranger)
    assert codes(answer) == (400, "validation_failed", [("?cursor", "cursor_invalid")])


async def test_a_list_is_a_sheet_with_a_line_for_each_agreement(api, partners):
    await listed(api, partners.icw, "@a", "b")
    answer = await api.get(PATH, partners.icw, accept="text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line["title"] for line in lines] == ["b", "'@a"]
    assert (lines[0]["phase"], lines[0]["effective_from"], "actions" in lines[0]) == (
        "active",
        "2022-08-15",
        False,
    )


# -------------------------------------------------------------------- the phase in SQL is the phase in Python

TODAY = date(2026, 6, 30)
_LAST, _NEXT = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
# The notice window of three months opens on 31 March less a day that no month of 30 days has.
_ENDS = (None, _LAST, TODAY, _NEXT, date(2026, 9, 30), date(2026, 10, 1), date(2027, 6, 30))
_DAYS = (None, _LAST, TODAY, _NEXT)
_TODAYS = (_LAST, TODAY, _NEXT, date(2026, 2, 28), date(2027, 3, 30), date(2027, 3, 31))


class Phased(Stored, frozen=True, kw_only=True):
    phase: AgreementPhase


class On(msgspec.Struct, frozen=True):
    acting_id: UUID
    today: date


PHASES = Statement(
    "phases",
    document(Phased, select(*columns_of(), phase_expression(agreement.alias("mou")).label("phase"))),
    params=On,
    row=Phased,
)


def standings(ends: tuple[date | None, ...]) -> Iterator[dict[str, Any]]:
    """Gives every state with the days that can stand beside it."""
    for state, start, end in itertools.product(AgreementState, _DAYS, ends):
        if start and end and end < start:
            continue
        row = {"state": state.value, "effective_from": start, "ends_on": end}
        if state is AgreementState.TERMINATED:
            for terminated, suspended in itertools.product(_DAYS, (None, _LAST)):
                yield row | {"terminated_on": terminated, "suspended_on": suspended}
        else:
            yield row | ({"suspended_on": _LAST} if state is AgreementState.SUSPENDED else {})


async def test_the_phase_in_sql_is_the_phase_in_python(connection):
    chosen = random.Random(20220815)
    party = await make.organization(connection)
    common = {"created_by_organization_id": party}
    # Nobody asks who may see these, and without the triggers that keep it they are written in half the time.
    await connection.execute("SET session_replication_role = replica")

    async def written(row: dict[str, Any], **values: Any) -> UUID:
        by = {"suspended_by": party} if row["state"] == "suspended" else {}
        return await make.agreement(connection, **common, **row, **by, **values)

    mous = [await written(row) for row in chosen.sample(list(standings(_ENDS[:4])), 60)]
    for row in chosen.sample(list(standings(_ENDS)), 200):
        for parent_id in (None, *chosen.sample(mous, 2)):
            values = {"survives_parent": chosen.random() < 0.3, "notice_months": chosen.choice((0, 3, 4))}
            await written(row, kind="pks", parent_id=parent_id, **values)
    seen = set()
    for today in _TODAYS:
        for record in await rows(connection, PHASES, params=On(party, today)):
            assert record.phase == phase_of(record, today), (today, record)
            seen.add(record.phase)
    assert seen == set(AgreementPhase)
