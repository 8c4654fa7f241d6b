"""Examples of documents: storing, reading what they are and hold, and deleting."""

from tests.actors import Actor
from tests.documents.given import PATH, body_of_form, form, stored
from tests.partners import id_of
from tests.trust.example import OK, Example, Made, acted, by_standing, for_all, plain, seen
from tests.trust.world import Ask, World

_UNKNOWN = "subject_unknown"
_GUARDED = "guards_not_met"


async def _made(world: World) -> str:
    """Gives the path of a new document of the own organization."""
    document = await stored(world.api, world.own, world.base, hard_copy_location=world.word)
    return f"{PATH}/{document['id']}"


def _reading(rest: str = "") -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        path = await _made(world)
        return Ask("GET", f"{path}{rest}", subject=id_of(path))

    return made


async def _of_agreement(world: World, _by: Actor) -> Ask:
    await _made(world)
    return Ask("GET", f"{PATH}?agreement_id={id_of(world.base)}", subject=id_of(world.base))


def _storing(kind: str) -> Made:
    async def made(world: World, _by: Actor) -> Ask:
        record = world.base if kind == "agreement" else await world.activity()
        content, headers = body_of_form(form(record, hard_copy_location=world.word))
        return Ask("POST", PATH, headers=headers, subject=id_of(record), content=content)

    return made


async def _deleted(world: World, _by: Actor) -> Ask:
    path = await _made(world)
    return Ask("DELETE", path, headers=await world.version(path, world.own), subject=id_of(path))


EXAMPLES = {
    "list_documents": Example(plain("GET", f"{PATH}?limit=200"), for_all),
    "list_documents: of an agreement": Example(_of_agreement, for_all, hidden=OK),
    "get_document": Example(_reading(), seen()),
    "get_document_content": Example(_reading("/content"), seen()),
    "create_document": Example(_storing("agreement"), acted(_UNKNOWN), hidden=_UNKNOWN),
    "create_document: of an activity": Example(_storing("activity"), acted(_UNKNOWN), hidden=_UNKNOWN),
    "delete_document": Example(_deleted, by_standing(other=_GUARDED, above=_GUARDED, outside="not_found")),
}
