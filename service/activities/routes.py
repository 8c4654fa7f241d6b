"""Activities and trainings, who came, and the moves of their life."""

from uuid import UUID

import msgspec

from schema.vocabulary import Noun, Permission, Relation, Verb
from schema.wire.activities import (
    Activity,
    ActivityBatch,
    ActivityHistory,
    ActivityMove,
    ActivityPage,
    ActivityQuery,
    BatchResult,
    CreateActivity,
    Participants,
    UpdateActivity,
)
from schema.wire.summary import AgreementSummary, Included, SummaryQuery
from service.access.basis import AgreementFacts, Basis, facts_on
from service.access.call import Call
from service.access.figures import Planned, summary
from service.access.history import history_of
from service.access.record import Revision
from service.access.tallies import Contribution
from service.activities import changes, edits, listing, queries, rules, totals
from service.activities.batch import batch_of
from service.activities.records import Stored
from service.activities.writing import opened, removed, write
from service.kernel.operation import BATCH_LIMIT, operation

TAG = "activities"
_READ = (Permission.ACTIVITY_READ,)
_EDIT = (Permission.ACTIVITY_EDIT,)
_MOVE = tuple(sorted(set(rules.PERMISSIONS.values())))


async def found_activity(call: Call, activity_id: UUID) -> tuple[Stored, AgreementFacts, Basis]:
    """Return an activity the caller may see with what it must know of its agreement; raise `not_found`."""
    found = await call.found(queries.ACTIVITY, queries.ById(activity_id, call.organization_id))
    return found.activity, facts_on(found.agreement, call.caller.today), found.agreement


async def activity_by_id(call: Call, activity_id: UUID) -> Activity:
    """Return the reply for an activity the caller may see."""
    stored, facts, _ = await found_activity(call, activity_id)
    return rules.reply(stored, call.caller, agreement=facts)


@operation("GET", "/v1/activities", permissions=_READ, tag=TAG)
async def list_activities(call: Call, query: ActivityQuery) -> ActivityPage:
    """List the activities of all agreements the acting organization may see, newest day first."""
    items, agreements, cursor, total = await listing.page(call, query)
    today = call.caller.today
    facts = {key: facts_on(basis, today) for key, basis in agreements.items()}
    replies = tuple(
        rules.reply(stored, call.caller, agreement=facts[stored.agreement_id]) for stored in items
    )
    return ActivityPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/activities/{activity_id}", permissions=_READ, tag=TAG)
async def get_activity(call: Call, activity_id: UUID) -> Activity:
    """Read one activity with its organizers and participants."""
    return await activity_by_id(call, activity_id)


@operation(
    "POST",
    "/v1/activities",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=activity_by_id,
    problems=("not_a_party", "guards_not_met", "client_ref_taken"),
)
async def create_activity(call: Call, body: CreateActivity) -> Activity:
    """Log an activity: a draft, a plan, or one of the past straight as held or reported.

    The same `client_ref` from the same organization never makes a second one: the first is answered again.
    """
    return await opened(call, body)


@operation(
    "POST",
    "/v1/activities/batch",
    permissions=_EDIT,
    tag=TAG,
    body_limit=BATCH_LIMIT,
    keyed=False,
)
async def create_activity_batch(call: Call, body: ActivityBatch) -> BatchResult:
    """Log up to 200 activities, each with its own `client_ref`; one bad item does not stop the rest.

    Sending the batch again changes nothing: every `client_ref` answers with what it made first, so it takes
    no Idempotency-Key of its own.
    """
    return await batch_of(call, body)


@operation(
    "PATCH",
    "/v1/activities/{activity_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit"),
)
async def update_activity(call: Call, activity_id: UUID, *, body: UpdateActivity) -> Activity:
    """Change an activity that was not yet reported; the days of a plan move by `reschedule`."""
    stored, facts, basis = await found_activity(call, activity_id)
    call.match(stored.version)
    after = edits.updated(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, Verb.UPDATED)
    return await write(call, changes.EDIT, basis=basis, revision=revision)


@operation(
    "PUT",
    "/v1/activities/{activity_id}/participants",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit"),
)
async def put_activity_participants(call: Call, activity_id: UUID, *, body: Participants) -> Activity:
    """Say who came to a held activity; answers the whole activity. Unknown counts are null, never 0."""
    stored, facts, basis = await found_activity(call, activity_id)
    call.match(stored.version)
    after = edits.with_participants(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, Verb.UPDATED)
    return await write(call, changes.EDIT, basis=basis, revision=revision)


@operation(
    "DELETE",
    "/v1/activities/{activity_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit", "guards_not_met", "record_in_use"),
)
async def delete_activity(call: Call, activity_id: UUID) -> None:
    """Delete a draft of the own organization; what was held stays for ever."""
    stored, facts, basis = await found_activity(call, activity_id)
    call.match(stored.version)
    edits.demand_deletable(stored, call.caller, agreement=facts)
    await removed(call, stored, basis=basis)


@operation("GET", "/v1/activities/{activity_id}/transitions", permissions=_READ, tag=TAG)
async def list_activity_transitions(call: Call, activity_id: UUID) -> ActivityHistory:
    """Read what was done to an activity: who, in which role, for which organization, and why."""
    return ActivityHistory(items=await history_of(call, Noun.ACTIVITY, subject_id=activity_id))


@operation(
    "POST",
    "/v1/activities/{activity_id}/transitions",
    permissions=_MOVE,
    tag=TAG,
    conditional=True,
    revisit=activity_by_id,
    problems=("not_a_party", "same_party", "same_person", "transition_not_allowed", "guards_not_met"),
)
async def transition_activity(call: Call, activity_id: UUID, *, body: ActivityMove) -> Activity:
    """Carry out an action of the state machine; whoever reports is not whoever verifies."""
    stored, facts, basis = await found_activity(call, activity_id)
    call.match(stored.version)
    after = rules.moved(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, rules.action_of(body), getattr(body, "reason", None))
    return await write(call, changes.MOVE, basis=basis, revision=revision)


@operation("GET", "/v1/agreements/{agreement_id}/summary", permissions=_READ, tag="agreements")
async def get_agreement_summary(call: Call, agreement_id: UUID, *, query: SummaryQuery) -> AgreementSummary:
    """Read the figures of an agreement: who came, milestones by health, work plan by year, data requests.

    `include=children` adds the PKS under it, `include=related` the context events.
    """
    include = frozenset(() if query.include is msgspec.UNSET else query.include)
    as_of = call.caller.today if query.as_of is msgspec.UNSET else query.as_of
    key = (agreement_id, include, as_of)
    children = Included.CHILDREN in include
    known = call.services.summaries.get(key)
    if known is not None:
        stamp = totals.STAMP_WITH_CHILDREN if children else totals.ITS_STAMP
        read = await call.found(stamp, totals.Whose(agreement_id, call.organization_id))
        if read.stamp == known[0]:
            return known[1]
    statement = totals.TALLIES_WITH_CHILDREN if children else totals.ITS_TALLIES
    found = await call.found(statement, totals.Wanted(agreement_id, call.organization_id, as_of))
    relations = set(Relation) if Included.RELATED in include else {Relation.JOINT}
    tallies = Contribution(found.activities, found.attendance)
    planned = Planned(found.milestones, found.workplan, found.data_requests)
    made = summary(agreement_id, tallies, as_of=as_of, relations=relations, planned=planned)
    call.services.summaries.keep(key, found.stamp, value=made)
    return made


OPERATIONS = (
    list_activities,
    get_activity,
    create_activity,
    create_activity_batch,
    update_activity,
    put_activity_participants,
    delete_activity,
    list_activity_transitions,
    transition_activity,
    get_agreement_summary,
)
