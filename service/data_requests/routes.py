"""Data requests, their moves and deliveries, and objections to them."""

from uuid import UUID

from msgspec.structs import replace

from schema.vocabulary import ObjectionAction, Permission, Verb
from schema.wire import data_request_moves as moves
from schema.wire.data_requests import (
    CreateDataRequest,
    DataRequest,
    DataRequestHistory,
    DataRequestPage,
    DataRequestQuery,
    DeliveryList,
    UpdateDataRequest,
)
from service.access.call import Call
from service.access.paging import paged
from service.access.record import Revision
from service.data_requests import changes, edits, listing, objections, queries, replies, rules, writing
from service.data_requests.records import Objection
from service.data_requests.surroundings import around, due_at
from service.data_requests.writing import Looked, look
from service.kernel.operation import operation
from service.kernel.problem import Problem

TAG = "data-requests"
_READ = (Permission.DATA_REQUEST_READ,)
_ASK = (Permission.DATA_REQUEST_ASK,)
_MOVE = tuple(sorted(set(rules.PERMISSIONS.values())))
_MOVE_OBJECTION = tuple(sorted(set(objections.PERMISSIONS.values())))
_SIDES = ("not_the_requester", "not_the_holder", "not_a_party")


async def data_request_by_id(call: Call, request_id: UUID) -> DataRequest:
    """Return the reply for a request the caller may see."""
    place = await look(call, request_id)
    return replies.reply(place.stored, call.caller, around=place.around)


@operation("GET", "/v1/data-requests", permissions=_READ, tag=TAG)
async def list_data_requests(call: Call, query: DataRequestQuery) -> DataRequestPage:
    """List the data requests the acting organization may see, newest first or the first due first.

    `role=holder&overdue=true`, `mine=true` or `due_soon=true` make the queues of a desk.
    """
    wanted = listing.wanted(call, query)
    found = await call.database.only(wanted.page, wanted.filters)
    holders = {each.id: each for each in found.holders}
    agreements = {each.id: each for each in found.agreements}
    datasets = {each.id: each for each in found.datasets}
    items, cursor = paged(
        call,
        found.items,
        limit=query.limit,
        position=lambda each: listing.position(
            each, query.sort, due_at=due_at(each, holders[each.holder_organization_id])
        ),
    )
    near = [
        await around(
            call,
            holders[each.holder_organization_id],
            stored=each,
            agreement=agreements.get(each.agreement_id) if each.agreement_id else None,
            dataset=datasets.get(each.dataset_id) if each.dataset_id else None,
            corrections=found.corrections,
        )
        for each in items
    ]
    total = await call.database.only(wanted.count, wanted.filters) if query.count else None
    told = zip(items, near, strict=True)
    return DataRequestPage(
        items=tuple(replies.reply(each, call.caller, around=at) for each, at in told),
        next_cursor=cursor,
        total=total and total.total,
    )


@operation("GET", "/v1/data-requests/{request_id}", permissions=_READ, tag=TAG)
async def get_data_request(call: Call, request_id: UUID) -> DataRequest:
    """Read one data request with its clock, its decision and its deliveries."""
    return await data_request_by_id(call, request_id)


@operation(
    "POST",
    "/v1/data-requests",
    permissions=_ASK,
    tag=TAG,
    status=201,
    revisit=data_request_by_id,
    problems=("not_a_party", "client_ref_taken"),
)
async def create_data_request(call: Call, body: CreateDataRequest) -> DataRequest:
    """Write a draft; `submit` hands it in, gives it a number and starts the clock.

    The same `client_ref` from the same organization never makes a second one: the first is answered again.
    """
    return await writing.opened(call, body)


@operation(
    "PATCH",
    "/v1/data-requests/{request_id}",
    permissions=_ASK,
    tag=TAG,
    conditional=True,
    problems=("not_the_requester", "not_a_party", "state_forbids_edit"),
)
async def update_data_request(call: Call, request_id: UUID, *, body: UpdateDataRequest) -> DataRequest:
    """Change a draft; what was handed in stays as it is."""
    place = await look(call, request_id)
    call.match(place.stored.version)
    if isinstance(body.dataset_id, UUID):
        where = queries.OfDataset(body.dataset_id, call.organization_id)
        dataset = await call.database.one(queries.DATASET_FACTS, where)
        place = place._replace(around=replace(place.around, dataset=dataset))
    after = edits.updated(place.stored, body, caller=call.caller, around=place.around)
    revision = Revision(place.stored, after, Verb.UPDATED)
    return await writing.write(call, changes.MOVE, place=place, revision=revision)


@operation("GET", "/v1/data-requests/{request_id}/transitions", permissions=_READ, tag=TAG)
async def list_data_request_transitions(call: Call, request_id: UUID) -> DataRequestHistory:
    """Read what was done to a data request: who, in which role, for which organization, and why."""
    rows = await call.database.rows(queries.HISTORY, queries.ById(request_id, call.organization_id))
    if not rows:
        raise Problem("not_found")
    return DataRequestHistory(items=tuple(rows))


@operation(
    "POST",
    "/v1/data-requests/{request_id}/transitions",
    permissions=_MOVE,
    tag=TAG,
    conditional=True,
    revisit=data_request_by_id,
    problems=(*_SIDES, "own_request", "own_recommendation", "session_required"),
)
async def transition_data_request(
    call: Call, request_id: UUID, *, body: moves.DataRequestMove
) -> DataRequest:
    """Carry out an action of the state machine; whoever asks or recommends never decides.

    Decisions are taken in a session, by a person, whatever organization they act for.
    """
    place = await look(call, request_id, move=body)
    call.match(place.stored.version)
    return await writing.moved(call, place, move=body)


@operation("GET", "/v1/data-requests/{request_id}/deliveries", permissions=_READ, tag=TAG)
async def list_data_request_deliveries(call: Call, request_id: UUID) -> DeliveryList:
    """Read what was delivered; links are shown to the two sides while access lasts."""
    place = await look(call, request_id)
    return DeliveryList(items=replies.deliveries(place.stored, call.caller, around=place.around))


# ------------------------------------------------------------------------------------------ objections


async def _objection(call: Call, request_id: UUID, *, objection_id: UUID) -> tuple[Looked, Objection]:
    where = queries.ObjectionById(request_id, objection_id, call.organization_id)
    found = await call.found(queries.OBJECTION, where)
    if not found.objections:
        raise Problem("not_found")
    return await writing.looked(call, found), found.objections[0]


@operation("GET", "/v1/data-requests/{request_id}/objections", permissions=_READ, tag=TAG)
async def list_data_request_objections(call: Call, request_id: UUID) -> moves.ObjectionList:
    """Read the objections to a data request, oldest first."""
    where = queries.ById(request_id, call.organization_id)
    found = await call.found(queries.OBJECTIONS, where)
    place = await writing.looked(call, found)
    items = tuple(
        objections.reply(each, call.caller, stored=place.stored, around=place.around)
        for each in found.objections
    )
    return moves.ObjectionList(items=items)


@operation(
    "POST",
    "/v1/data-requests/{request_id}/objections",
    permissions=_ASK,
    tag=TAG,
    status=201,
    problems=("not_the_requester", "not_a_party", "guards_not_met", "objection_open"),
)
async def create_data_request_objection(
    call: Call, request_id: UUID, *, body: moves.CreateObjection
) -> moves.Objection:
    """Object to a refusal, to what was left out or to silence: it has a clock of its own.

    One objection is open at a time; who handled or decided the request does not decide it.
    """
    place = await look(call, request_id)
    after = objections.lodged(place.stored, body, caller=call.caller, around=place.around)
    return await writing.write_objection(
        call, changes.LODGE, place=place, before=None, after=after, action=Verb.CREATED
    )


@operation(
    "POST",
    "/v1/data-requests/{request_id}/objections/{objection_id}/transitions",
    permissions=_MOVE_OBJECTION,
    tag=TAG,
    conditional=True,
    problems=(*_SIDES, "own_request", "own_decision", "session_required"),
)
async def transition_objection(
    call: Call, request_id: UUID, *, objection_id: UUID, body: moves.ObjectionMove
) -> moves.Objection:
    """Uphold, dismiss or withdraw an objection; who decides was not involved before."""
    place, objection = await _objection(call, request_id, objection_id=objection_id)
    call.match(objection.version)
    after = objections.moved(objection, body, stored=place.stored, caller=call.caller, around=place.around)
    action = objections.action_of(body)
    withdrawn = action is ObjectionAction.WITHDRAW
    change = changes.WITHDRAW_OBJECTION if withdrawn else changes.DECIDE_OBJECTION
    return await writing.write_objection(
        call, change, place=place, before=objection, after=after, action=action
    )


OPERATIONS = (
    list_data_requests,
    get_data_request,
    create_data_request,
    update_data_request,
    list_data_request_transitions,
    transition_data_request,
    list_data_request_deliveries,
    list_data_request_objections,
    create_data_request_objection,
    transition_objection,
)
