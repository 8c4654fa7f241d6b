"""What stands around a request when a caller looks at it.

The day and the calendar of its holder, its agreement, and the deadlines of what is handed in now.
"""

from datetime import date, datetime, timedelta

from schema.vocabulary import UNDECIDED
from service.access.basis import Basis, facts_on
from service.access.call import Call
from service.access.holidays import Correction, calendar_of
from service.data_requests.clock import years_from
from service.data_requests.queries import Holder
from service.data_requests.records import Around, ClockPolicy, DatasetFacts, Stored
from service.kernel import instants
from service.kernel.ids import uuid7
from service.settings import Settings


async def around(
    call: Call,
    holder: Holder,
    *,
    stored: Stored | None = None,
    agreement: Basis | None,
    dataset: DatasetFacts | None,
    corrections: tuple[Correction, ...],
) -> Around:
    """Return what the rules must know besides the request, which is new when None."""
    today = instants.day_in(holder.time_zone, call.caller.now)
    return Around(
        today=today,
        agreement=agreement and facts_on(agreement, today),
        dataset=dataset,
        calendar=await calendar_of(years_of(stored, today), call.language, corrections=corrections),
        policy=_policy(call.services.settings, holder),
        new_id=uuid7(call.caller.now),
    )


def due_at(stored: Stored, holder: Holder) -> datetime | None:
    """Return the first instant after the due day, while a decision is owed: what lists ask for."""
    if stored.due_on is None or stored.state not in UNDECIDED:
        return None
    return instants.end_of(stored.due_on, holder.time_zone)


def soon_until(call: Call) -> datetime:
    """Return the instant before which a due day has passed that is near today."""
    last = call.caller.today + timedelta(days=call.services.settings.due_soon_days)
    return instants.end_of(last, call.principal.time_zone)


def _policy(settings: Settings, holder: Holder) -> ClockPolicy:
    return ClockPolicy(
        name=settings.request_policy,
        answer_days=settings.answer_days,
        extension_days=settings.extension_days,
        objection_days=settings.objection_days,
        objection_answer_days=settings.objection_answer_days,
        due_soon_days=settings.due_soon_days,
        joint_leave=holder.joint_leave,
    )


def years_of(stored: Stored | None, today: date) -> range:
    """Return the years that a clock or an objection may touch."""
    if stored is None or stored.received_on is None:
        return years_from(today, today)
    return years_from(stored.received_on, max(today, stored.received_on))
