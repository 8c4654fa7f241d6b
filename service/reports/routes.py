"""The report of an agreement: as data, as a page and as a paper."""

from uuid import UUID

from schema.vocabulary import Permission
from schema.wire.report import AgreementReport, ReportQuery
from service.access.call import Call
from service.kernel.http import Answer, json_headers
from service.kernel.negotiate import JSON
from service.kernel.operation import operation
from service.reports import page, queries, rules
from service.reports.paper import paper_of
from service.reports.printing import Press
from service.reports.records import Wanted

_HTML, _PDF = "text/html", "application/pdf"

_press = Press()


@operation(
    "GET",
    "/v1/agreements/{agreement_id}/report",
    permissions=(Permission.AGREEMENT_READ,),
    tag="agreements",
    problems=("pdf_not_installed",),
    media=(JSON, _HTML, _PDF),
)
async def get_agreement_report(
    call: Call, agreement_id: UUID, *, query: ReportQuery
) -> AgreementReport | Answer:
    """Read the Laporan Pelaksanaan Kerja Sama of a period as JSON, as a page or as PDF, by `Accept`.

    Partners, scope, activities, attendance, results, milestones, data requests and documents. `from` and `to`
    are inclusive; without them it is about the whole agreement. Each list holds 200 rows at most, `left_out`
    says how many more there are. Texts of the page and the PDF are in the language of `Accept-Language`.
    """
    report = await _report(call, agreement_id, query=query)
    if call.accept == JSON:
        return Answer(200, json_headers(call.language, private=False), body=call.render(report))
    paper = paper_of(report, call.language)
    headers = json_headers(call.language, private=False, kind=_KINDS[call.accept])
    if call.accept == _PDF:
        name = f'attachment; filename="laporan-{agreement_id}.pdf"'
        headers.append((b"content-disposition", name.encode()))
        return Answer(200, headers, body=await _press.printed(paper))
    headers.append((b"content-security-policy", page.policy().encode()))
    headers.append((b"referrer-policy", b"no-referrer"))
    return Answer(200, headers, body=page.page_of(paper).encode())


async def _report(call: Call, agreement_id: UUID, *, query: ReportQuery) -> AgreementReport:
    period = rules.period_of(query)
    first, last = rules.days_of(period)
    wanted = Wanted(
        agreement_id=agreement_id,
        acting_id=call.organization_id,
        today=call.caller.today,
        first_day=first,
        last_day=last,
    )
    found = await call.found(queries.REPORT, wanted)
    return rules.reported(found, wanted, period=period)


_KINDS = {_HTML: "text/html; charset=utf-8", _PDF: _PDF}

OPERATIONS = (get_agreement_report,)
