"""What a caller may read of a data request today: derived days, warnings, and links while access lasts."""

from collections.abc import Iterator
from datetime import timedelta

from msgspec.structs import asdict, replace

from schema.vocabulary import (
    UNDECIDED,
    Classification,
    DataRequestState,
    Decision,
    Language,
    RequestRole,
    WarningCode,
)
from schema.wire import data_requests as wire
from schema.wire.common import Warning
from service.access.principal import Caller
from service.data_requests import clock, rules
from service.data_requests.guards import access_end
from service.data_requests.records import Around, Stored
from service.kernel.problem import Fault

_S, _W = DataRequestState, WarningCode
_GIVEN = frozenset({_S.GRANTED, _S.GRANTED_IN_PART, _S.FULFILLED, _S.CLOSED})
_INTERNAL = ("policy", "period_from", "period_to", "reviewer_ids", "recommender_ids")


def reply(stored: Stored, caller: Caller, *, around: Around) -> wire.DataRequest:
    """Return the request as this caller reads it today; what it tells of the review is the holder's own."""
    fields = asdict(stored)
    for name in _INTERNAL:
        del fields[name]
    told = clock.clock_of(stored, around.calendar)
    side = rules.side_of(stored, caller)
    fields["period"] = _period(stored)
    fields["clock"] = told
    fields["overdue"], fields["due_soon"] = overdue(stored, around), due_soon(stored, around)
    fields["access_ends_on"] = access_end(stored, around) if _granted(stored) else None
    fields["access_ended"] = access_ended(stored, around)
    fields["deliveries"] = deliveries(stored, caller, around=around)
    fields["recommendation"] = stored.recommendation if side is RequestRole.HOLDER else None
    fields["actions"] = rules.actions(stored, caller, around=around)
    fields["warnings"] = tuple(_warnings(stored, told, around=around, language=caller.language))
    return wire.DataRequest(**fields)


def overdue(stored: Stored, around: Around) -> bool:
    """Whether the due day has passed without a decision."""
    return stored.state in UNDECIDED and stored.due_on is not None and stored.due_on < around.today


def due_soon(stored: Stored, around: Around) -> bool:
    """Whether a decision is due within the days that its policy calls soon."""
    if stored.state not in UNDECIDED or stored.due_on is None or stored.policy is None:
        return False
    near = around.today + timedelta(days=stored.policy.due_soon_days)
    return around.today <= stored.due_on <= near


def access_ended(stored: Stored, around: Around) -> bool:
    """Whether what was granted can no longer be got."""
    end = access_end(stored, around)
    passed = stored.state in _GIVEN and end is not None and end < around.today
    return passed or stored.state is _S.REVOKED


def deliveries(stored: Stored, caller: Caller, *, around: Around) -> tuple[wire.Delivery, ...]:
    """Return the deliveries; where they are only for the two sides, and while access lasts."""
    if rules.side_of(stored, caller) is not None and not access_ended(stored, around):
        return stored.deliveries
    return tuple(replace(each, url=None, document_id=None) for each in stored.deliveries)


def _granted(stored: Stored) -> bool:
    return stored.decision is not None and stored.decision is not Decision.REFUSED


def _period(stored: Stored) -> wire.Period | None:
    if stored.period_from is None or stored.period_to is None:
        return None
    return wire.Period(start=stored.period_from, end=stored.period_to)


def _warnings(
    stored: Stored, told: wire.Clock | None, *, around: Around, language: Language
) -> Iterator[Warning]:
    values = {
        "due_on": stored.due_on,
        "today": around.today,
        "end": access_end(stored, around),
    }
    for code, pointer, applies in _doubts(stored, told, around=around):
        if applies:
            yield Fault(pointer, code, values).warning(language)


def _doubts(
    stored: Stored, told: wire.Clock | None, *, around: Around
) -> Iterator[tuple[WarningCode, str, bool]]:
    running = told if stored.state in UNDECIDED else None
    unaccepted = stored.conditions is not None and stored.conditions_accepted_on is None
    closed = around.dataset is not None and around.dataset.classification is Classification.CLOSED
    yield _W.REQUEST_OVERDUE, "/due_on", overdue(stored, around)
    yield _W.REQUEST_DUE_SOON, "/due_on", due_soon(stored, around)
    yield _W.CLOCK_PAUSED, "/clock", running is not None and running.paused
    yield _W.CALENDAR_ESTIMATED, "/clock", running is not None and running.estimated
    yield _W.CONDITIONS_NOT_ACCEPTED, "/conditions", unaccepted and stored.state in _GIVEN
    yield _W.ACCESS_ENDED, "/access_ends_on", access_ended(stored, around)
    yield _W.DATASET_CLOSED, "/dataset_id", closed and stored.decision is None
