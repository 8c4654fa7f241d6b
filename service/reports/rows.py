"""What the tables of a report hold, row by row. Pure."""

from collections.abc import Iterator
from uuid import UUID

from schema.vocabulary import Precision
from schema.wire.common import Evidence
from schema.wire.report import (
    ReportedActivity,
    ReportedAgreement,
    ReportedMilestone,
    ReportedParty,
    ReportedRequest,
    ReportedResult,
)
from schema.wire.summary import KeyCount, OrganizationAttendance
from service.reports.blocks import Cell, Piece, cell
from service.reports.wording import Wording

MOST_LINKS = 4
"""Evidence and links that are shown of an activity."""


def signed(pact: ReportedAgreement, words: Wording) -> str:
    """Return when it was signed, as well as that is known."""
    if pact.signed_on_precision is Precision.NOT_AFTER and pact.signed_not_after is not None:
        return words.say("signed_not_after", day=words.day(pact.signed_not_after))
    if pact.signed_on_precision is Precision.MONTH and pact.signed_on is not None:
        return words.month(pact.signed_on)
    return words.day(pact.signed_on)


def in_force(pact: ReportedAgreement, words: Wording) -> str:
    """Return from when until when it is in force."""
    if pact.effective_from is None and pact.ends_on is None and not pact.open_ended:
        return words.say("unknown")
    last = words.say("open_ended") if pact.open_ended else words.day(pact.ends_on)
    return words.say("span", first=words.day(pact.effective_from), last=last)


def signatory(party: ReportedParty, words: Wording) -> Cell:
    """Return who signed for a party."""
    if party.signatory is None:
        return cell(words.say("unknown"))
    reference = party.power_of_attorney and words.say("power_of_attorney", reference=party.power_of_attorney)
    return cell(party.signatory.name, party.signatory.title, reference)


def name(row: OrganizationAttendance, names: dict[UUID, str]) -> str:
    """Return who came: an organization by its name, or a labelled group."""
    if row.organization_id is None:
        return row.group_label or "–"
    return names.get(row.organization_id, str(row.organization_id))


def year(row: KeyCount, words: Wording) -> str:
    """Return what an agreement year is called."""
    return words.say("year", year=row.key) if row.key.isdecimal() else words.say("year_unknown")


def result(row: ReportedResult, words: Wording) -> tuple[Cell, ...]:
    """Return the cells of an item of the work plan."""
    state = words.word(row.state)
    return (
        cell(row.code or "–"),
        cell(row.title, f"{words.word(row.level)}, {words.say('year', year=row.agreement_year)}"),
        cell(words.day(row.due_on)),
        cell(words.say("late_mark", state=state) if row.late else state),
        cell(row.indicator or "–", row.unit),
        cell("–" if row.target is None else words.number(row.target)),
        cell(_achieved(row, words)),
    )


def _achieved(row: ReportedResult, words: Wording) -> str:
    if row.indicator is None:
        return "–"
    return words.say("not_reported") if row.achieved is None else words.number(row.achieved)


def milestone(row: ReportedMilestone, words: Wording, *, names: dict[UUID, str]) -> tuple[Cell, ...]:
    """Return the cells of a milestone."""
    stands = words.word(row.state) if row.health is None else words.word(row.health)
    return (
        cell(row.title),
        cell(names.get(row.owner_organization_id, str(row.owner_organization_id))),
        cell(words.day(row.due_on)),
        cell(stands, row.achieved_on and words.day(row.achieved_on)),
    )


def request(row: ReportedRequest, words: Wording, *, names: dict[UUID, str]) -> tuple[Cell, ...]:
    """Return the cells of a data request."""
    state = words.word(row.state)
    return (
        cell(row.title, row.number),
        cell(names.get(row.requester_organization_id, str(row.requester_organization_id))),
        cell(words.day(row.received_on)),
        cell("–" if row.due_on is None else words.day(row.due_on)),
        cell(words.say("overdue_mark", state=state) if row.overdue else state, *_decided(row, words)),
    )


def _decided(row: ReportedRequest, words: Wording) -> Iterator[str]:
    """Yield what was decided where the state does not say it, and when."""
    if row.decision is not None:
        if row.decision != row.state:
            yield words.word(row.decision)
        yield words.day(row.decided_on)


def activity(row: ReportedActivity, words: Wording) -> tuple[Cell, ...]:
    """Return the cells of an activity."""
    return (
        cell(words.days(row.starts_on, row.ends_on)),
        cell(row.title, words.word(row.kind), row.venue, row.outcome),
        cell(words.count(row.participants)),
        cell(words.word(row.state)),
        _links(row, words),
    )


def _links(row: ReportedActivity, words: Wording) -> Cell:
    links = [_shown(each, words) for each in row.evidence]
    links += [Piece(each.ref or each.url or each.system, each.url) for each in row.external_refs]
    if len(links) > MOST_LINKS:
        links = [*links[:MOST_LINKS], Piece(words.say("links_more", count=len(links) - MOST_LINKS))]
    return tuple(links) or cell("–")


def _shown(evidence: Evidence, words: Wording) -> Piece:
    text = evidence.note or evidence.url or evidence.document_ref or words.say("evidence_document")
    return Piece(text, evidence.url)
