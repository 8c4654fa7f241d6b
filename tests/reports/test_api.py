from typing import Any

import pytest

from service.reports import printing
from tests.api import codes
from tests.documents.given import stored
from tests.partners import (
    agreed_line,
    amended,
    asking,
    colleague,
    decided,
    held,
    id_of,
    in_force,
    line_with_value,
    mou,
    pks,
    planned,
    promised,
    requested,
)
from tests.reports.pdf import text_of

HTML, PDF = "text/html", "application/pdf"
FIGURES = ("activities", "attendance", "workplan", "milestones", "data_requests")
LATE = "UPDATE data_request SET due_on = '2022-09-15', due_at = '2022-09-16' WHERE id = $1"
REPEATED = """
INSERT INTO data_request
SELECT (jsonb_populate_record(known, jsonb_build_object('id', gen_random_uuid(), 'number', 'PD-' || n))).*
FROM data_request AS known, generate_series(1, $2) AS n
WHERE known.id = $1
"""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '#import "@preview/evil:1.0.0": *',
    "*tebal* _miring_ $x^2$ `kode` \\u{41} @label",
    '#read("/etc/passwd")',
    "]] #panic() [[",
    "{page} {0} %s ${jndi}",
    "laporan \u202egnp.exe \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "Panjangsekali" * 20,
)


@pytest.fixture
async def pact(api, partners) -> str:
    """Gives the path of an agreement in force between ICW, the city and Bengkel APPeK."""
    return await in_force(api, partners.icw, mou(partners.icw, partners.city, partners.appek))


async def report(api, pact: str, by, query: str = "") -> Any:
    return await api.read(f"{pact}/report{query}", by)


async def text(api, pact: str, by, *, kind: str, language: str = "id") -> str:
    """Gives what a page or a PDF says."""
    answer = await api.get(f"{pact}/report", by, accept=kind, accept_language=language)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == kind
    return text_of(answer.content) if kind == PDF else answer.text


async def asked(api, partners, pact: str) -> list[str]:
    """Gives the ids of three requests under an agreement, one of them undecided; others do not count."""
    icw, city = partners.icw, partners.city
    paths = [
        await decided(api, icw, city, agreement=pact),
        await decided(api, icw, city, agreement=pact, decision="refuse"),
        await requested(api, city, icw, agreement=pact, title="Kajian ICW"),
    ]
    await api.create("/v1/data-requests", icw, body=asking(city, pact, title="Konsep permohonan"))
    await requested(api, icw, city, title="Permohonan menurut undang-undang")
    return [id_of(path) for path in paths]


async def busy(api, partners, pact: str) -> None:
    """Writes something of everything that a report tells."""
    icw, city = partners.icw, partners.city
    split = {"total": 12, "male": 5, "female": 7, "groups": [{"group_label": "Warga", "total": 12}]}
    unsure = {"groups": [{"organization_id": str(city.organization_id), "total": 4}, {"group_label": "Lain"}]}
    for day, participants in (("2022-09-02", split), ("2023-09-02", unsure), ("2024-02-29", None)):
        body = held(pact, starts_on=day, participants=participants, kind="fgd")
        await api.create("/v1/activities", icw, body=body)
    organizations = {"unit": "organizations", "total": 9}
    await api.create("/v1/activities", icw, body=held(pact, participants=organizations))
    await api.create("/v1/activities", icw, body=held(pact, relation="related", participants=split))
    await api.create("/v1/activities", icw, body=planned(pact, icw))
    for owner, due in ((icw, "2023-01-31"), (city, "2098-01-31")):
        await api.create("/v1/milestones", icw, body=promised(pact, owner, due_on=due))
    _, value = await line_with_value(api, pact, by=icw, other=city)
    await api.moved(value, icw, "submit")
    await api.moved(value, city, "approve")
    await agreed_line(api, pact, by=icw, other=city, agreement_year=70, indicator=None, code="2.1")
    await stored(api, icw, pact)
    await asked(api, partners, pact)


# ------------------------------------------------------------------------------------------------ its numbers


async def test_without_a_period_its_figures_are_those_of_the_summary(api, partners, pact):
    await busy(api, partners, pact)
    found, summary = await report(api, pact, partners.city), await api.read(f"{pact}/summary", partners.city)
    assert {name: found[name] for name in FIGURES} == {name: summary[name] for name in FIGURES}
    assert found["period"] == {"from": None, "to": None}
    assert (found["agreement_id"], found["as_of"]) == (summary["agreement_id"], summary["as_of"])


async def test_a_period_counts_what_began_or_was_due_in_it_both_ends_included(api, partners, pact):
    await busy(api, partners, pact)
    first = await report(api, pact, partners.icw, "?to=2023-01-31")
    then = await report(api, pact, partners.icw, "?from=2023-02-01")
    whole = await report(api, pact, partners.icw)
    for read in (
        lambda found: found["activities"]["total"],
        lambda found: found["attendance"]["total"] or 0,
        lambda found: sum(row["count"] for row in found["milestones"]["by_health"]),
        lambda found: sum(row["items"] for row in found["workplan"]["by_agreement_year"]),
        lambda found: len(found["held"]),
        lambda found: len(found["promises"]),
    ):
        assert read(first) + read(then) == read(whole)
    assert [row["starts_on"] for row in first["held"]] == ["2022-09-02", "2022-09-02"]
    assert [row["due_on"] for row in first["promises"]] == ["2023-01-31"]
    one = await report(api, pact, partners.icw, "?from=2023-09-02&to=2023-09-02")
    assert one["activities"]["total"] == 1


async def test_what_nobody_reported_is_null_and_no_zero(api, partners, pact):
    await api.create("/v1/activities", partners.icw, body=held(pact))
    found = await report(api, pact, partners.icw)
    assert (found["attendance"]["total"], found["held"][0]["participants"]) == (None, None)
    for language, word in (("id", "tidak dilaporkan"), ("en", "not reported")):
        for kind in (HTML, PDF):
            assert word in await text(api, pact, partners.icw, kind=kind, language=language)


async def test_it_tells_each_result_as_the_work_plan_does(api, partners, pact):
    await busy(api, partners, pact)
    listed = (await api.read(f"/v1/workplan-items?agreement_id={id_of(pact)}", partners.icw))["items"]
    items = {item["id"]: item for item in listed}
    rows = (await report(api, pact, partners.icw))["results"]
    assert len(rows) == len(items) == 2
    for row in rows:
        item = items[row["id"]]
        assert row["achieved"] == item["achieved"]
        assert row["late"] == (item["health"] == "late")
        assert (row["title"], row["state"]) == (item["title"], item["state"])


async def test_it_tells_each_milestone_as_the_list_does(api, partners, pact):
    await busy(api, partners, pact)
    listed = (await api.read(f"/v1/milestones?agreement_id={id_of(pact)}", partners.icw))["items"]
    rows = (await report(api, pact, partners.icw))["promises"]
    assert {(row["id"], row["health"]) for row in rows} == {(row["id"], row["health"]) for row in listed}


async def test_it_tells_each_data_request_as_the_list_does(api, partners, pact):
    ids = await asked(api, partners, pact)
    listed = (await api.read(f"/v1/data-requests?agreement_id={id_of(pact)}", partners.icw))["items"]
    items = {item["id"]: item for item in listed}
    for by in (partners.icw, partners.city):
        found = await report(api, pact, by)
        rows = found["asked"]
        assert [row["id"] for row in rows] == ids[::-1]
        assert all({name: items[row["id"]][name] for name in row} == row for row in rows)
        named = {each["organization_id"] for each in found["organizations"]}
        assert named >= {row["requester_organization_id"] for row in rows}


async def test_a_data_request_counts_in_the_period_it_was_received_in(api, partners, pact):
    await asked(api, partners, pact)
    day = (await report(api, pact, partners.icw))["asked"][0]["received_on"]
    within = await report(api, pact, partners.icw, f"?from={day}&to={day}")
    before = await report(api, pact, partners.icw, "?to=2023-01-31")
    assert (within["data_requests"]["received"], len(within["asked"])) == (3, 3)
    assert (before["data_requests"]["received"], before["asked"]) == (0, [])
    assert before["data_requests"]["median_working_days"] is None


@pytest.mark.parametrize("kind", [HTML, PDF])
async def test_an_overdue_request_and_an_unknown_median_are_told_in_words(api, partners, pact, kind):
    path = await requested(api, partners.icw, partners.city, agreement=pact)
    await api.connection.execute(LATE, id_of(path))
    for language, told in (
        ("id", ("melewati tenggat: 1.", "Diajukan, melewati tenggat", "median: tidak diketahui")),
        ("en", ("overdue: 1.", "Submitted, overdue", "median: unknown")),
    ):
        said = " ".join((await text(api, pact, partners.icw, kind=kind, language=language)).split())
        assert [words for words in told if words not in said] == []


async def test_a_request_whose_clock_stands_still_is_not_overdue(api, partners, pact):
    path = await requested(api, partners.icw, partners.city, agreement=pact)
    reviewer = await colleague(api, partners.city, "reviewer")
    await api.moved(path, reviewer, "take")
    await api.moved(path, reviewer, "ask", question="Paket tahun berapa?")
    (row,) = (await report(api, pact, partners.icw))["asked"]
    assert (row["state"], row["due_on"], row["overdue"]) == ("needs_clarification", None, False)


async def test_long_lists_say_how_much_they_leave_out(api, partners, pact):
    rows = [held(pact, title=f"Rapat {n}", client_ref=f"{id_of(pact)}-{n}") for n in range(201)]
    for part in (rows[:200], rows[200:]):
        answer = await api.post("/v1/activities/batch", partners.icw, body={"items": part})
        assert answer.status_code == 200, answer.text
        assert {item["status"] for item in answer.json()["items"]} == {201}
    found = await report(api, pact, partners.icw)
    assert (len(found["held"]), found["left_out"]["held"], found["activities"]["total"]) == (200, 1, 201)
    assert "Masih ada 1 baris lagi" in await text(api, pact, partners.icw, kind=HTML)
    assert "Masih ada 1 baris lagi" in await text(api, pact, partners.icw, kind=PDF)


async def test_two_hundred_data_requests_are_listed_and_all_are_counted(api, partners, pact):
    path = await requested(api, partners.icw, partners.city, agreement=pact)
    await api.connection.execute(REPEATED, id_of(path), 203)
    found = await report(api, pact, partners.icw)
    assert (len(found["asked"]), found["left_out"]["asked"], found["data_requests"]["received"]) == (
        200,
        4,
        204,
    )


async def test_a_pks_names_its_mou_and_its_amendments(api, partners):
    above = await in_force(api, partners.icw, mou(partners.icw, partners.city, title="Naskah induk kita"))
    below = await in_force(api, partners.icw, pks(id_of(above), partners.icw, partners.inspectorate))
    await amended(api, above, partners.icw, partners.city)
    found = await report(api, below, partners.inspectorate)
    assert found["agreement"]["parent"] == {"id": id_of(above), "title": "Naskah induk kita"}
    found = await report(api, above, partners.city)
    assert [(each["sequence"], each["signed_on"]) for each in found["agreement"]["amendments"]] == [
        (1, "2022-09-15")
    ]


# ----------------------------------------------------------------------------------------------- its formats


@pytest.mark.parametrize("kind", [HTML, PDF])
async def test_an_agreement_of_which_nothing_is_known_has_a_report(api, partners, pact, kind):
    said = await text(api, pact, partners.icw, kind=kind)
    assert "Laporan Pelaksanaan Kerja Sama" in said
    assert "Tidak ada dalam periode ini." in said


@pytest.mark.parametrize("kind", [HTML, PDF])
async def test_it_speaks_both_languages(api, partners, pact, kind):
    await busy(api, partners, pact)
    for language, words in (
        ("id", ("Kehadiran menurut jenis kelamin", "Perempuan", "Diskusi kelompok terarah", "29 Februari")),
        ("en", ("Attendance by sex", "Female", "Focus group discussion", "29 February")),
    ):
        said = " ".join((await text(api, pact, partners.icw, kind=kind, language=language)).split())
        assert [word for word in words if word not in said] == []


async def test_the_page_runs_nothing_and_loads_nothing(api, partners, pact):
    await busy(api, partners, pact)
    answer = await api.get(f"{pact}/report", partners.icw, accept=HTML)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"].startswith("private")
    for tag in ("<script", "<link", "<img", "<iframe", " style=", " onerror"):
        assert tag not in answer.text
    assert answer.text.count("<svg") == answer.text.count("<title id=") == 4


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_what_partners_wrote_is_text_and_no_markup(api, partners, hostile):
    body = mou(partners.icw, partners.city, title=hostile[:300], scope=[hostile], objective=hostile)
    pact = await in_force(api, partners.icw, body)
    evidence = [{"url": "https://example.org/a?b=<c>&d='e'", "note": hostile}]
    activity = held(pact, title=hostile[:300], venue=hostile, state="reported", evidence=evidence)
    await api.create("/v1/activities", partners.icw, body=activity)
    page, said = [await text(api, pact, partners.icw, kind=kind) for kind in (HTML, PDF)]
    for tag in ("<script", "<img", " onerror=alert(1)>", 'href="javascript'):
        assert tag not in page
    seen = "".join(each for each in hostile if each.isascii() and not each.isspace())
    assert seen in "".join(said.split())


async def test_the_same_report_has_the_same_tag_and_is_not_sent_again(api, partners, pact):
    for kind in ("application/json", HTML, PDF):
        first = await api.get(f"{pact}/report", partners.icw, accept=kind)
        again = await api.get(
            f"{pact}/report", partners.icw, accept=kind, if_none_match=first.headers["etag"]
        )
        assert again.status_code == 304


# --------------------------------------------------------------------------------------------------- refused


async def test_a_period_that_ends_before_it_starts_is_refused(api, partners, pact):
    answer = await api.get(f"{pact}/report?from=2023-02-01&to=2023-01-31", partners.icw)
    assert codes(answer) == (400, "validation_failed", [("?to", "end_before_start")])


async def test_all_faults_of_a_period_are_told_at_once(api, partners, pact):
    answer = await api.get(f"{pact}/report?from=2023-02-30&to=1900-01-01&until=x", partners.icw)
    assert codes(answer)[0] == 400
    assert {pointer for pointer, _ in codes(answer)[2]} >= {"?from", "?until"}


async def test_without_the_typesetter_a_pdf_is_refused_with_a_sentence(api, partners, pact, monkeypatch):
    monkeypatch.setattr(printing, "installed", lambda: False)
    refused = await api.get(f"{pact}/report", partners.icw, accept=PDF)
    assert codes(refused) == (406, "pdf_not_installed", [])
    assert "tenun[pdf]" in refused.json()["detail"]
    assert (await api.get(f"{pact}/report", partners.icw, accept=HTML)).status_code == 200


async def test_who_sees_no_agreement_sees_no_report(api, partners, pact):
    for kind in ("application/json", HTML, PDF):
        assert (await api.get(f"{pact}/report", partners.stranger, accept=kind)).status_code == 404
    assert (await api.get(f"{pact}/report", partners.inspectorate)).status_code == 404


async def test_who_stands_above_a_party_reads_the_report(api, partners):
    pact = await in_force(api, partners.icw, mou(partners.icw, partners.inspectorate))
    assert (await api.get(f"{pact}/report", partners.city, accept=HTML)).status_code == 200


async def test_a_typesetter_that_a_limit_ends_is_no_fault_of_the_request(
    api, partners, pact, monkeypatch, tmp_path
):
    program = tmp_path / "typesetter.py"
    program.write_text("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)")
    monkeypatch.setattr(printing, "_TYPESETTER", program)
    refused = await api.get(f"{pact}/report", partners.icw, accept=PDF)
    assert codes(refused) == (503, "unavailable", [])
    assert refused.headers["retry-after"] == "1"
