"""The report as a person reads it: its sections, each from what the report says. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from schema.vocabulary import ActivityKind, ActivityState, Decision, Language
from schema.wire.report import AgreementReport
from service.access.tallies import TOOK_PLACE
from service.reports import rows
from service.reports.blocks import Block, Fact, Facts, Heading, Paper, Paragraph, Points, cell
from service.reports.setting import chart, counted, table
from service.reports.wording import Wording

_MOST_NAMES = 50
"""Organizations and groups that are shown; the total counts all."""


class Told(NamedTuple):
    """A report, and the words it is told in."""

    report: AgreementReport
    words: Wording


Section = Callable[[Told], Iterator[Block]]


def paper_of(report: AgreementReport, language: Language) -> Paper:
    """Return a report in one language, section by section."""
    words = Wording(language)
    told = Told(report, words)
    return Paper(
        language=language.value,
        title=words.say("title"),
        subject=report.agreement.title,
        period=f"{words.say('period')}: {words.period(report.period, report.as_of)}",
        as_of=words.say("as_of", as_of=words.day(report.as_of)),
        on=report.as_of.isoformat(),
        blocks=tuple(block for section in SECTIONS for block in section(told)),
        closing=words.say("closing"),
        page_of=words.say("page_of", page="{page}", pages="{pages}"),
    )


def _agreement(told: Told) -> Iterator[Block]:
    pact, words = told.report.agreement, told.words
    yield Heading(words.say("agreement"))
    facts: dict[str, str | None] = {
        "kind": words.word(pact.kind),
        "printed_title": pact.printed_title,
        "parent": pact.parent and pact.parent.title,
        "signed": rows.signed(pact, words),
        "in_force": rows.in_force(pact, words),
        "phase": words.word(pact.phase),
        "region": pact.region_code,
        "objective": pact.objective,
    }
    yield Facts(tuple(Fact(words.say(code), cell(text)) for code, text in facts.items() if text))
    yield Heading(words.say("scope"))
    yield Points(pact.scope) if pact.scope else Paragraph(words.say("scope_none"))


def _parties(told: Told) -> Iterator[Block]:
    words = told.words
    yield Heading(words.say("parties"))
    yield table(
        words,
        None,
        shares={"party": 3, "organization": 5, "document_number": 5, "signatory": 5},
        rows=[
            (
                cell(party.label or str(party.position)),
                cell(party.name),
                cell(party.document_number or words.say("unknown")),
                rows.signatory(party, words),
            )
            for party in told.report.agreement.parties
        ],
    )
    if told.report.agreement.amendments:
        yield table(
            words,
            "amendments",
            shares={"number": 2, "agreement_title": 8, "signed": 4},
            rows=[
                (cell(str(each.sequence)), cell(each.title or "–"), cell(words.day(each.signed_on)))
                for each in told.report.agreement.amendments
            ],
        )


def _activities(told: Told) -> Iterator[Block]:
    words, figures = told.words, told.report.activities
    held = sum(row.count for row in figures.by_state if ActivityState(row.key) in TOOK_PLACE)
    yield Heading(words.say("activities"))
    yield Paragraph(words.say("activities_told", total=words.number(figures.total), held=words.number(held)))
    years = [(rows.year(row, words), row.count) for row in figures.by_agreement_year]
    yield chart(words, "by_year", name="agreement_year", rows=years)
    kinds = [(words.word(ActivityKind(row.key)), row.count) for row in figures.by_kind]
    states = [(words.word(ActivityState(row.key)), row.count) for row in figures.by_state]
    yield counted(words, "by_kind", name="activity_kind", rows=kinds)
    yield counted(words, "by_state", name="state", rows=states)


def _attendance(told: Told) -> Iterator[Block]:
    words, figures = told.words, told.report.attendance
    yield Heading(words.say("attendance"))
    yield Paragraph(words.say("attendance_told", total=words.count(figures.total)))
    if figures.unknown_total_activities:
        unknown = words.number(figures.unknown_total_activities)
        yield Paragraph(words.say("attendance_unknown", count=unknown))
    sexes = [(words.say(sex), getattr(figures, sex)) for sex in ("male", "female", "sex_unspecified")]
    yield chart(words, "by_sex", name="sex", rows=sexes)
    names = {each.organization_id: each.name for each in told.report.organizations}
    counts = ("total", "male", "female", "sex_unspecified")
    yield table(
        words,
        "by_organization",
        shares={"organization": 6, **dict.fromkeys(counts, 3)},
        rows=[
            (cell(rows.name(row, names)), *(cell(words.count(getattr(row, name))) for name in counts))
            for row in figures.by_organization[:_MOST_NAMES]
        ],
        left_out=max(len(figures.by_organization) - _MOST_NAMES, 0),
    )


def _workplan(told: Told) -> Iterator[Block]:
    words, report = told.words, told.report
    counts = ("items", "completed", "verified", "late")
    yield Heading(words.say("workplan"))
    yield table(
        words,
        "workplan_by_year",
        shares={"agreement_year": 4, **dict.fromkeys(counts, 3)},
        rows=[
            (
                cell(words.say("year", year=row.agreement_year)),
                *(cell(words.number(getattr(row, name))) for name in counts),
            )
            for row in report.workplan.by_agreement_year
        ],
    )
    if report.results:
        yield table(
            words,
            "results",
            shares={"code": 2, "result": 6, "due": 3, "state": 3, "indicator": 4, "target": 2, "achieved": 3},
            rows=[rows.result(row, words) for row in report.results],
            left_out=report.left_out.results,
        )


def _milestones(told: Told) -> Iterator[Block]:
    words, report = told.words, told.report
    yield Heading(words.say("milestones"))
    healths = [(words.word(row.key), row.count) for row in report.milestones.by_health]
    yield chart(words, "by_health", name="state", rows=healths)
    names = {each.organization_id: each.name for each in report.organizations}
    if report.promises:
        yield table(
            words,
            "promises",
            shares={"milestone": 6, "owner": 5, "due": 3, "state": 3},
            rows=[rows.milestone(row, words, names=names) for row in report.promises],
            left_out=report.left_out.promises,
        )


def _data_requests(told: Told) -> Iterator[Block]:
    words, report = told.words, told.report
    yield Heading(words.say("data_requests"))
    if report.data_requests.received:
        yield from _requested(told)
    names = {each.organization_id: each.name for each in report.organizations}
    yield table(
        words,
        "asked",
        shares={"request": 6, "requester": 4, "received": 3, "due": 3, "state": 4},
        rows=[rows.request(row, words, names=names) for row in report.asked],
        left_out=report.left_out.asked,
    )


def _requested(told: Told) -> Iterator[Block]:
    words, figures = told.words, told.report.data_requests
    counts = {name: words.number(getattr(figures, name)) for name in ("received", "open", "overdue")}
    yield Paragraph(words.say("requests_told", **counts))
    decided = [(words.word(each), getattr(figures, each)) for each in Decision]
    decided.append((words.say("undecided"), figures.open))
    yield chart(words, "by_decision", name="decision", rows=decided)
    took = {"median": figures.median_working_days, "p90": figures.p90_working_days}
    yield Paragraph(words.say("requests_took", **{name: words.figure(days) for name, days in took.items()}))


def _held(told: Told) -> Iterator[Block]:
    words, report = told.words, told.report
    yield Heading(words.say("held"))
    yield table(
        words,
        None,
        shares={"date": 3, "activity": 8, "participants": 3, "state": 3, "evidence": 4},
        rows=[rows.activity(row, words) for row in report.held],
        left_out=report.left_out.held,
    )


def _documents(told: Told) -> Iterator[Block]:
    words, report = told.words, told.report
    yield Heading(words.say("documents"))
    yield table(
        words,
        None,
        shares={"kind": 4, "file": 7, "hard_copy": 5},
        rows=[
            (cell(words.word(row.kind)), cell(row.filename), cell(row.hard_copy_location or "–"))
            for row in report.documents
        ],
        left_out=report.left_out.documents,
    )


SECTIONS: Sequence[Section] = (
    _agreement,
    _parties,
    _activities,
    _attendance,
    _workplan,
    _milestones,
    _data_requests,
    _held,
    _documents,
)
"""What a report tells, in its order."""
