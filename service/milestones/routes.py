"""Milestones, the moves of their life, and the series that generate them."""

from uuid import UUID

from msgspec.structs import asdict

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.milestones import (
    CreateMilestone,
    CreateMilestoneSeries,
    Milestone,
    MilestoneHistory,
    MilestoneMove,
    MilestonePage,
    MilestoneQuery,
    MilestoneSeries,
    MilestoneSeriesPage,
    MilestoneSeriesQuery,
    UpdateMilestone,
    UpdateMilestoneSeries,
)
from service.access.basis import facts_on
from service.access.call import Call
from service.access.history import history_of
from service.access.record import Revision
from service.kernel.operation import operation
from service.milestones import changes, edits, listing, rules, series_queries
from service.milestones.generating import generated, regenerated, series_by_id
from service.milestones.writing import created, found_milestone, milestone_by_id, write

TAG = "milestones"
_READ = (Permission.MILESTONE_READ,)
_EDIT = (Permission.MILESTONE_EDIT,)
_MOVE = tuple(sorted(set(rules.PERMISSIONS.values())))


@operation("GET", "/v1/milestones", permissions=_READ, tag=TAG)
async def list_milestones(call: Call, query: MilestoneQuery) -> MilestonePage:
    """List the milestones of all agreements the acting organization may see, soonest due day first."""
    items, agreements, cursor, total = await listing.page(call, query)
    facts = {key: facts_on(basis, call.caller.today) for key, basis in agreements.items()}
    replies = tuple(
        rules.reply(stored, call.caller, agreement=facts[stored.agreement_id]) for stored in items
    )
    return MilestonePage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/milestones/{milestone_id}", permissions=_READ, tag=TAG)
async def get_milestone(call: Call, milestone_id: UUID) -> Milestone:
    """Read one milestone; its health and actions are derived for today in the organization's time zone."""
    return await milestone_by_id(call, milestone_id)


@operation(
    "POST",
    "/v1/milestones",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=milestone_by_id,
    problems=("not_a_party", "guards_not_met", "client_ref_taken"),
)
async def create_milestone(call: Call, body: CreateMilestone) -> Milestone:
    """Promise something by a day; the owner is one of the parties.

    The same `client_ref` from the same organization never makes a second one: the first is answered again.
    """
    return await created(call, body)


@operation(
    "PATCH",
    "/v1/milestones/{milestone_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "state_forbids_edit"),
)
async def update_milestone(call: Call, milestone_id: UUID, *, body: UpdateMilestone) -> Milestone:
    """Change a milestone that is open or returned; its due day moves by `replan`."""
    found = await found_milestone(call, milestone_id)
    stored, facts = found.milestone, facts_on(found.agreement, call.caller.today)
    call.match(stored.version)
    after = edits.updated(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, Verb.UPDATED)
    return await write(call, changes.CHANGE, basis=found.agreement, revision=revision)


@operation("GET", "/v1/milestones/{milestone_id}/transitions", permissions=_READ, tag=TAG)
async def list_milestone_transitions(call: Call, milestone_id: UUID) -> MilestoneHistory:
    """Read what was done to a milestone: who, in which role, for which organization, and why."""
    return MilestoneHistory(items=await history_of(call, Noun.MILESTONE, subject_id=milestone_id))


@operation(
    "POST",
    "/v1/milestones/{milestone_id}/transitions",
    permissions=_MOVE,
    tag=TAG,
    conditional=True,
    revisit=milestone_by_id,
    problems=("not_a_party", "same_party", "same_person", "transition_not_allowed", "guards_not_met"),
)
async def transition_milestone(call: Call, milestone_id: UUID, *, body: MilestoneMove) -> Milestone:
    """Carry out an action of the state machine; whoever submits is not whoever verifies.

    `cancel` takes two keys: the first call leaves a proposal, the same call of another party carries it out.
    """
    found = await found_milestone(call, milestone_id)
    stored, facts = found.milestone, facts_on(found.agreement, call.caller.today)
    call.match(stored.version)
    after = rules.moved(stored, body, caller=call.caller, agreement=facts)
    revision = Revision(stored, after, rules.action_of(body), getattr(body, "reason", None))
    return await write(call, changes.CHANGE, basis=found.agreement, revision=revision)


@operation("GET", "/v1/milestone-series", permissions=_READ, tag=TAG)
async def list_milestone_series(call: Call, query: MilestoneSeriesQuery) -> MilestoneSeriesPage:
    """List the series of all agreements the acting organization may see, newest first."""
    items, cursor, total = await series_queries.page(call, query)
    replies = tuple(MilestoneSeries(**asdict(found)) for found in items)
    return MilestoneSeriesPage(items=replies, next_cursor=cursor, total=total)


@operation("GET", "/v1/milestone-series/{series_id}", permissions=_READ, tag=TAG)
async def get_milestone_series(call: Call, series_id: UUID) -> MilestoneSeries:
    """Read one series with the days it generated milestones for."""
    return await series_by_id(call, series_id)


@operation(
    "POST",
    "/v1/milestone-series",
    permissions=_EDIT,
    tag=TAG,
    status=201,
    revisit=series_by_id,
    problems=("not_a_party", "guards_not_met"),
)
async def create_milestone_series(call: Call, body: CreateMilestoneSeries) -> MilestoneSeries:
    """Promise something again and again until the agreement ends, at most 120 times.

    The same series again makes no second one: the first is answered, with the milestones it has.
    """
    return await generated(call, body)


@operation(
    "PATCH",
    "/v1/milestone-series/{series_id}",
    permissions=_EDIT,
    tag=TAG,
    conditional=True,
    problems=("not_a_party", "guards_not_met"),
)
async def update_milestone_series(
    call: Call, series_id: UUID, *, body: UpdateMilestoneSeries
) -> MilestoneSeries:
    """Change a series for its future milestones that nobody has touched.

    It also promises the days still missing up to the present end of the agreement, as after an extension.
    The rule stays: another rule is another series, and a milestone is given up by `cancel`, with two keys.
    """
    return await regenerated(call, series_id, body=body)


OPERATIONS = (
    list_milestones,
    get_milestone,
    create_milestone,
    update_milestone,
    list_milestone_transitions,
    transition_milestone,
    list_milestone_series,
    get_milestone_series,
    create_milestone_series,
    update_milestone_series,
)
