"""The report of the first real case: the PKS of Kupang."""

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.demo.given import service
from tests.reports.pdf import count_of_pages, text_of


class Read(NamedTuple):
    """What a reader gets of the PKS: its summary, its report, and the answers for people."""

    summary: Any
    report: Any
    page: httpx.Response
    pdf: httpx.Response


@pytest.fixture(scope="module")
async def read(anyio_backend, new_database) -> AsyncGenerator[Read]:
    """Gives the report of the PKS in every form."""
    async with service(new_database) as kupang:
        token = next(each.token for each in await kupang.load() if each.role == "viewer")
        (pks,) = (await kupang.read(token, "/v1/agreements?kind=pks"))["items"]
        path = f"/v1/agreements/{pks['id']}"

        async def answer(kind: str) -> httpx.Response:
            headers = {"authorization": f"Bearer {token}", "accept": kind}
            return await kupang.client.get(f"{path}/report", headers=headers)

        summary, report = [await kupang.read(token, f"{path}/{what}") for what in ("summary", "report")]
        yield Read(summary, report, await answer("text/html"), await answer("application/pdf"))


async def test_its_numbers_are_those_of_the_summary(read):
    names = ("activities", "attendance", "workplan", "milestones", "data_requests")
    assert {name: read.report[name] for name in names} == {name: read.summary[name] for name in names}
    assert read.report["attendance"]["total"] == 37


@pytest.mark.parametrize(
    "told",
    [
        "3 kegiatan tercatat, 3 di antaranya telah dilaksanakan.",
        "Kehadiran yang diketahui: 37.",
        "Untuk 2 kegiatan, jumlah peserta tidak dilaporkan.",
        "Inspektorat Kota Kupang",
        "paling lambat 2 September 2022",
        "Bimtek penggunaan opentender.net",
    ],
)
async def test_the_page_and_the_pdf_tell_the_numbers_and_what_is_unknown(read, told):
    assert told in read.page.text
    assert "".join(told.split()) in "".join(text_of(read.pdf.content).split())


async def test_the_pdf_numbers_its_pages(read):
    pages = count_of_pages(read.pdf.content)
    said = text_of(read.pdf.content)
    assert [page for page in range(1, pages + 1) if f"Halaman {page} dari {pages}" not in said] == []
    assert read.pdf.headers["content-disposition"].endswith('.pdf"')
