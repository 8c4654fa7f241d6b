"""What a report says: its period, and what the rows of its statement come to. Pure."""

from collections.abc import Iterator
from datetime import date

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from schema.vocabulary import Relation
from schema.wire.report import AgreementReport, LeftOut, ReportedAgreement, ReportPeriod, ReportQuery
from service.access.figures import Planned, summary
from service.access.standing import phase_of
from service.access.tallies import Contribution
from service.kernel.period import FIRST_DAY, LAST_DAY
from service.kernel.problem import Fault, refuse
from service.reports.records import Found, Pact, Wanted

_TOLD = tuple(name for name in ReportedAgreement.__struct_fields__ if name not in {"phase", "parent"})
_LISTED = (*LeftOut.__struct_fields__, "left_out", "organizations")


def period_of(query: ReportQuery) -> ReportPeriod:
    """Return the days that are asked for; raise `validation_failed` when they end before they start."""
    refuse(_faults(query))
    return ReportPeriod(first=_given(query.first), last=_given(query.last))


def days_of(period: ReportPeriod) -> tuple[date, date]:
    """Return the first and the last day that count; those of the calendar where the period has no bound."""
    return period.first or FIRST_DAY, period.last or LAST_DAY


def reported(found: Found, wanted: Wanted, *, period: ReportPeriod) -> AgreementReport:
    """Return the report that rows come to; its figures are made as those of the summary."""
    figures = summary(
        wanted.agreement_id,
        Contribution(found.activities, found.attendance),
        as_of=wanted.today,
        relations={Relation.JOINT},
        planned=Planned(found.milestones, found.workplan, found.data_requests),
    )
    return AgreementReport(
        **asdict(figures),
        period=period,
        agreement=_agreement(found.pact, wanted.today),
        **{name: getattr(found, name) for name in _LISTED},
    )


def _agreement(pact: Pact, today: date) -> ReportedAgreement:
    told = {name: getattr(pact, name) for name in _TOLD}
    return ReportedAgreement(**told, phase=phase_of(pact, today), parent=pact.above)


def _faults(query: ReportQuery) -> Iterator[Fault]:
    first, last = _given(query.first), _given(query.last)
    if first is not None and last is not None and last < first:
        yield Fault("?to", "end_before_start", {"start": first, "end": last})


def _given(day: date | UnsetType) -> date | None:
    return None if day is UNSET else day
