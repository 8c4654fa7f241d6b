"""Examples of the catalogue, of data requests with every action of their life, and of objections.

The own organization asks, the other one holds the data: so `own` may do what a requester does, `other` what
a holder does, and who stands above only sees.
"""

from typing import Any

from schema.vocabulary import Permission
from tests.actors import Actor
from tests.documents.given import PATH as DOCUMENTS
from tests.documents.given import stored
from tests.partners import GIVES, asking, colleague, decided, id_of, recommended, requested
from tests.trust.example import UNKNOWN_AGREEMENT as _UNKNOWN
from tests.trust.example import Example, Made, Outcome, by_standing, for_all, plain, seen
from tests.trust.world import Ask, World

DATASETS, REQUESTS = "/v1/datasets", "/v1/data-requests"
_ASK, _HANDLE = Permission.DATA_REQUEST_ASK, Permission.DATA_REQUEST_HANDLE
_DECIDE = Permission.DATA_REQUEST_DECIDE
_ENTRY = {"title": "RUP", "classification": "closed"}
_URL = {"url": "https://example.org/rup.csv"}


def _asks() -> Outcome:
    """Gives the outcome of what belongs to the requester."""
    return by_standing(other="not_the_requester", above="not_the_requester", outside="not_found")


def _holds(**codes: str) -> Outcome:
    """Gives the outcome of what belongs to the holder."""
    wrong = "not_the_holder"
    return by_standing(**{"own": wrong, "above": wrong, "outside": "not_found", **codes})


async def _entry(world: World) -> str:
    made = await world.api.create(DATASETS, world.own, body=_ENTRY | {"title": world.word})
    return f"{DATASETS}/{made['id']}"


async def _read_entry(world: World, _by: Actor) -> Ask:
    path = await _entry(world)
    return Ask("GET", path, subject=id_of(path))


async def _changed_entry(world: World, _by: Actor) -> Ask:
    path = await _entry(world)
    return Ask("PATCH", path, {"title": "Judul"}, await world.version(path, world.own), id_of(path))


async def _draft(world: World) -> str:
    body = asking(world.other, world.base, title=world.word)
    made = await world.api.create(REQUESTS, world.own, body=body)
    return f"{REQUESTS}/{made['id']}"


async def _drafted(world: World, by: Actor) -> Ask:
    holder = world.own if by.organization_id == world.other.organization_id else world.other
    return Ask("POST", REQUESTS, asking(holder, world.base), subject=id_of(world.base))


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await _draft(world)
        return Ask("GET", f"{path}{rest}", subject=id_of(path))

    return made


async def _edited(world: World, _by: Actor) -> Ask:
    path = await _draft(world)
    return Ask("PATCH", path, {"title": "Judul"}, await world.version(path, world.own), id_of(path))


async def _move(world: World, path: str, action: str, body: Any) -> Ask:
    version = await world.version(path, world.own)
    return Ask("POST", f"{path}/transitions", {"action": action, **body}, version, id_of(path))


def _submitted(action: str, **body: Any) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await requested(world.api, world.own, world.other, agreement=world.base, title=world.word)
        return await _move(world, path, action, body)

    return made


def _reviewed(action: str, **body: Any) -> Made:
    """Gives a move of who handles a request: it is handed to whoever acts, where they can have it."""

    async def made(world: World, by: Actor) -> Ask:
        path = await requested(world.api, world.own, world.other, agreement=world.base, title=world.word)
        reviewer = await colleague(world.api, world.other, "reviewer")
        await world.api.moved(path, reviewer, "take")
        if by.organization_id == world.other.organization_id:
            row = "UPDATE data_request SET assignee_id = $2 WHERE id = $1"
            await world.api.connection.execute(row, id_of(path), by.user_id)
        return await _move(world, path, action, body)

    return made


async def _assign(world: World, by: Actor) -> Ask:
    reviewer = await colleague(world.api, world.other, "reviewer")
    return await _submitted("assign", assignee_id=str(reviewer.user_id))(world, by)


async def _answer(world: World, _by: Actor) -> Ask:
    path = await requested(world.api, world.own, world.other, agreement=world.base)
    reviewer = await colleague(world.api, world.other, "reviewer")
    await world.api.moved(path, reviewer, "take")
    await world.api.moved(path, reviewer, "ask", question=world.word)
    return await _move(world, path, "answer", {"answer": "Semua"})


def _waiting(action: str, **body: Any) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await recommended(world.api, world.own, world.other, agreement=world.base, title=world.word)
        return await _move(world, path, action, body)

    return made


async def _given(world: World, decision: str = "grant") -> str:
    return await decided(
        world.api, world.own, world.other, decision=decision, agreement=world.base, title=world.word
    )


def _granted(action: str, **body: Any) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        return await _move(world, await _given(world), action, body)

    return made


def _delivered(rest: str = "", *, then: str | None = None) -> Made:
    """Gives a reading of a dataset that the other organization delivered, after what it did `then`."""

    async def made(world: World, _by: Actor) -> Ask:
        data = await stored(world.api, world.other, world.base, kind="dataset", hard_copy_location=world.word)
        path = await _given(world)
        await world.api.moved(path, world.other, "deliver", document_id=data["id"])
        if then is not None:
            await world.api.moved(path, world.other, then, reason="Salah")
        return Ask("GET", f"{DOCUMENTS}/{data['id']}{rest}", subject=data["id"])

    return made


async def _deliver_document(world: World, _by: Actor) -> Ask:
    data = await stored(world.api, world.other, world.base, kind="dataset")
    return await _move(world, await _given(world), "deliver", {"document_id": data["id"]})


async def _accept(world: World, _by: Actor) -> Ask:
    path = await recommended(world.api, world.own, world.other, agreement=world.base)
    await world.api.moved(path, world.other, "grant", conditions=world.word)
    return await _move(world, path, "accept_conditions", {})


async def _acknowledge(world: World, _by: Actor) -> Ask:
    path = await _given(world)
    told = await world.api.moved(path, world.other, "deliver", **_URL)
    return await _move(world, path, "acknowledge", {"delivery_id": told["deliveries"][0]["id"]})


async def _close(world: World, _by: Actor) -> Ask:
    path = await _given(world)
    await world.api.moved(path, world.other, "deliver", complete=True, **_URL)
    return await _move(world, path, "close", {})


async def _object(world: World, _by: Actor) -> Ask:
    path = await _given(world, "refuse")
    return Ask("POST", f"{path}/objections", {"reason": "Data itu ada"}, subject=id_of(path))


def _objection(action: str, **body: Any) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await _given(world, "refuse")
        one = await world.api.create(f"{path}/objections", world.own, body={"reason": world.word})
        moves = f"{path}/objections/{one['id']}/transitions"
        return Ask("POST", moves, {"action": action, **body}, {"if-match": '"1"'}, id_of(path))

    return made


_NOT_ABOVE = by_standing(above="not_found", outside="not_found")

EXAMPLES = {
    "list_datasets": Example(plain("GET", f"{DATASETS}?limit=200"), for_all),
    "get_dataset": Example(
        _read_entry, by_standing(other="not_found", above="not_found", outside="not_found")
    ),
    "create_dataset": Example(plain("POST", DATASETS, _ENTRY), for_all),
    "update_dataset": Example(
        _changed_entry, by_standing(other="not_found", above="not_found", outside="not_found")
    ),
    "list_data_requests": Example(plain("GET", f"{REQUESTS}?limit=200"), for_all),
    "list_data_request_statistics": Example(plain("GET", "/v1/statistics/data-requests"), for_all),
    "get_data_request": Example(_reading(), seen()),
    "create_data_request": Example(
        _drafted, by_standing(above="not_a_party", outside=_UNKNOWN), hidden=_UNKNOWN
    ),
    "update_data_request": Example(_edited, _asks()),
    "list_data_request_transitions": Example(_reading("/transitions"), seen()),
    "list_data_request_deliveries": Example(_reading("/deliveries"), seen()),
    "list_data_request_objections": Example(_reading("/objections"), seen()),
    "create_data_request_objection": Example(_object, _asks()),
    "transition_objection: uphold": Example(_objection("uphold", answer="Ya"), _holds(), _DECIDE),
    "transition_objection: dismiss": Example(_objection("dismiss", answer="Tidak"), _holds(), _DECIDE),
    "transition_objection: withdraw": Example(_objection("withdraw"), _asks(), _ASK),
    "transition_data_request: submit": Example(lambda world, _by: _of_draft(world, "submit"), _asks(), _ASK),
    "transition_data_request: take": Example(_submitted("take"), _holds(), _HANDLE),
    "transition_data_request: assign": Example(_assign, _holds(), _HANDLE),
    "transition_data_request: ask": Example(_reviewed("ask", question="OPD mana?"), _holds(), _HANDLE),
    "transition_data_request: answer": Example(_answer, _asks(), _ASK),
    "transition_data_request: transfer": Example(
        _submitted("transfer", to_body="Dinas PUPR"), _holds(), _HANDLE
    ),
    "transition_data_request: recommend": Example(
        _reviewed("recommend", recommendation="grant"), _holds(), _HANDLE
    ),
    "transition_data_request: extend": Example(
        _submitted("extend", reason="Banyak berkas"), _holds(), _HANDLE
    ),
    "transition_data_request: send_back": Example(
        _waiting("send_back", reason="Belum lengkap"), _holds(), _DECIDE
    ),
    **{
        f"transition_data_request: {decision}": Example(_waiting(decision, **body), _holds(), _DECIDE)
        for decision, body in GIVES.items()
    },
    "transition_data_request: accept_conditions": Example(_accept, _asks(), _ASK),
    "transition_data_request: deliver": Example(_granted("deliver", **_URL), _holds(), _HANDLE),
    "transition_data_request: deliver a document": Example(_deliver_document, _holds(), _HANDLE),
    "get_document: delivered": Example(_delivered(), _NOT_ABOVE),
    "get_document_content: delivered": Example(_delivered("/content"), _NOT_ABOVE),
    "get_document_content: revoked": Example(
        _delivered("/content", then="revoke"),
        by_standing(own="not_found", above="not_found", outside="not_found"),
    ),
    "transition_data_request: acknowledge": Example(_acknowledge, _asks(), _ASK),
    "transition_data_request: revoke": Example(_granted("revoke", reason="Salah"), _holds(), _DECIDE),
    "transition_data_request: withdraw": Example(_submitted("withdraw"), _asks(), _ASK),
    "transition_data_request: close": Example(_close, _asks(), _ASK),
}


async def _of_draft(world: World, action: str) -> Ask:
    return await _move(world, await _draft(world), action, {})
