"""The world of the trust tests: partners who share records, who stands above them, who must see nothing.

Every organization has a word of its own in whatever it wrote, and persons and keys have theirs: a canary that
anybody reads who should not fails the test.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx

from schema.vocabulary import Role
from tests.accounts.given import new_key, person
from tests.actors import Actor
from tests.api import Api
from tests.canaries import of_account, of_content, of_key
from tests.partners import (
    VALUE,
    Partners,
    addendum,
    agreed_line,
    held,
    id_of,
    in_force,
    item,
    make_partners,
    mou,
    planned,
    promised,
    recurring,
    requested,
    signing,
)

AGREEMENTS, ACTIVITIES = "/v1/agreements", "/v1/activities"
MILESTONES, SERIES = "/v1/milestones", "/v1/milestone-series"
WORKPLAN_ITEMS = "/v1/workplan-items"
FAR_DAY = "2098-03-01"
EVIDENCE = [{"url": "https://example.org/daftar-hadir"}]
SIGNATORY = {"name": "Nama", "title": "Jabatan"}
_RECEIVED = "UPDATE data_request SET received_on = received_on - 366 * $2::integer WHERE id = $1"
_RENAMED = """
UPDATE "user" SET name = $2, email = $2 || '@example.org', email_key = $2 || '@example.org' WHERE id = $1
"""


class Standing(StrEnum):
    """What an organization is to the record asked for."""

    OWN = "own"  # A party; it made the record.
    OTHER = "other"  # Another party.
    ABOVE = "above"  # Stands above a party: it sees, and never acts.
    OUTSIDE = "outside"  # Has nothing to do with it.


class Ask(NamedTuple):
    """One request; `subject` is the id in it whose existence is nobody else's business.

    A form is given as `content`, with its Content-Type among the headers.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = {}
    subject: str | None = None
    content: bytes = b""

    def of(self, subject: str) -> "Ask":
        """Gives the same request about another record."""
        if self.subject is None:
            return self
        body = json.loads(json.dumps(self.body).replace(self.subject, subject))
        path = self.path.replace(self.subject, subject)
        content = self.content.replace(self.subject.encode(), subject.encode())
        return self._replace(path=path, body=body, subject=subject, content=content)

    def of_nothing(self) -> "Ask":
        """Gives the same request about a record that does not exist."""
        return self.of(str(uuid4()))

    def sent(self) -> dict[str, Any]:
        """Gives what a client sends of it as its body."""
        return {"content": self.content} if self.content else {"json": self.body}


def agreement_of(word: str) -> dict[str, Any]:
    """Gives the free texts of an agreement, with a word in each."""
    texts = dict.fromkeys(("title", "printed_title", "objective", "document_ref", "source_note"), word)
    return {**texts, "scope": [word]}


def activity_of(word: str) -> dict[str, Any]:
    """Gives the free texts of an activity, with a word in each."""
    return {
        **dict.fromkeys(("title", "venue", "outcome"), word),
        "online_url": f"https://example.org/{word}",
        "topics": [word],
        "follow_ups": [{"text": word}],
        "training": {"trainers": [{"name": word, "topic": word}], "materials": [{"title": word}]},
        "external_refs": [{"system": "news", "ref": word}],
        "evidence": [{"document_ref": word, "note": word}],
    }


class World(NamedTuple):
    """A running service with partners and their records; `own` is who makes them.

    `base` is the path of an agreement in force that they share; `words` has the canary of each organization.
    """

    api: Api
    partners: Partners
    base: str
    words: dict[UUID, str]
    people: dict[tuple[Role, Standing], Actor]

    @property
    def own(self) -> Actor:
        return self.partners.appek

    @property
    def other(self) -> Actor:
        return self.partners.inspectorate

    @property
    def word(self) -> str:
        """The canary of the own organization."""
        return self.words[self.own.organization_id]

    def organization(self, standing: Standing) -> UUID:
        """Gives the organization that has this standing to the partners' records."""
        by = {
            Standing.OWN: self.own,
            Standing.OTHER: self.other,
            Standing.ABOVE: self.partners.city,
            Standing.OUTSIDE: self.partners.stranger,
        }
        return by[standing].organization_id

    async def somebody(self, role: Role, standing: Standing) -> Actor:
        """Gives a new person with one role in the organization of this standing."""
        return await self.person(role, organization_id=self.organization(standing))

    async def person(self, *roles: str, organization_id: UUID) -> Actor:
        """Gives a new person whose name and e-mail only the own organization and the platform may read."""
        made = await person(self.api, *roles, organization_id=organization_id)
        word = of_account("a person", organization_id)
        await self.api.connection.execute(_RENAMED, made.user_id, word)
        return made

    async def email_of(self, somebody: Actor) -> str:
        """Gives the e-mail that somebody signs in with."""
        return await self.api.connection.fetchval('SELECT email FROM "user" WHERE id = $1', somebody.user_id)

    async def anybody(self, role: Role, standing: Standing) -> Actor:
        """Gives the same, but one person for all who do nothing that changes them."""
        if (role, standing) not in self.people:
            self.people[role, standing] = await self.somebody(role, standing)
        return self.people[role, standing]

    async def member(self) -> Actor:
        """Gives a new person of the own organization, for others to manage."""
        return await self.person("coordinator", organization_id=self.own.organization_id)

    async def key(self) -> Any:
        """Gives a new API key of the own organization."""
        name = of_key("an API key", self.own.organization_id)
        return await self.api.create("/v1/api-keys", self.own, body=new_key("viewer", name=name))

    async def send(self, ask: Ask, by: Actor, **headers: str) -> httpx.Response:
        """Gives the answer to a request of somebody."""
        given = {**by.headers, **ask.headers, **headers}
        return await self.api.client.request(ask.method, ask.path, headers=given, **ask.sent())

    async def version(self, path: str, by: Actor) -> dict[str, str]:
        """Gives the If-Match header of a record as it is now."""
        return {"if-match": f'"{(await self.api.read(path, by))["version"]}"'}

    # ------------------------------------------------------------------------------------------- agreements

    def terms(self, **values: Any) -> dict[str, Any]:
        """Gives the body of an agreement between the two parties."""
        return mou(self.own, self.other, **agreement_of(self.word)) | values

    async def draft(self, **values: Any) -> str:
        """Gives the path of a new draft."""
        made = await self.api.create(AGREEMENTS, self.own, body=self.terms(**values))
        return f"{AGREEMENTS}/{made['id']}"

    async def discussed(self) -> str:
        """Gives the path of an agreement under discussion."""
        path = await self.draft()
        await self.api.moved(path, self.own, "open_discussion")
        return path

    async def accepted(self) -> str:
        """Gives the path of an agreement that every party has accepted."""
        path = await self.discussed()
        for party in (self.own, self.other):
            await self.api.moved(path, party, "accept")
        return path

    async def signed(self, **values: Any) -> str:
        """Gives the path of an agreement in force."""
        return await in_force(self.api, self.own, self.terms(**values))

    async def suspended(self) -> str:
        """Gives the path of an agreement that the own organization suspended."""
        path = await self.signed()
        await self.api.moved(path, self.own, "suspend", reason=self.word)
        return path

    # ------------------------------------------------------------------------------------------- amendments

    async def amendment(self, agreement: str | None = None) -> str:
        """Gives the path of a new amendment, of an agreement of its own unless one is named."""
        pact = agreement or await self.signed()
        body = addendum(kinds=["other"], title=self.word, changes={"objective": f"{self.word} baru"})
        made = await self.api.create(f"{pact}/amendments", self.own, body=body)
        return f"{pact}/amendments/{made['sequence']}"

    async def accepted_amendment(self) -> str:
        """Gives the path of an amendment that every party has accepted."""
        path = await self.amendment()
        for party in (self.own, self.other):
            await self.api.moved(path, party, "accept")
        return path

    def signed_by_both(self) -> dict[str, Any]:
        """Gives what registering the signatures of both parties takes."""
        return signing(self.own, self.other)

    # ------------------------------------------------------------------------------------------- activities

    async def activity(self, **values: Any) -> str:
        """Gives the path of a new activity of the own organization under the shared agreement."""
        body = held(self.base, **activity_of(self.word)) | values
        made = await self.api.create(ACTIVITIES, self.own, body=body)
        return f"{ACTIVITIES}/{made['id']}"

    async def plan(self, **values: Any) -> str:
        """Gives the path of a new plan."""
        return await self.activity(**planned(self.base, self.own) | values)

    async def reported(self) -> str:
        """Gives the path of an activity that the own organization has reported."""
        return await self.activity(state="reported", evidence=EVIDENCE)

    async def verified(self) -> str:
        """Gives the path of an activity that the other party has verified."""
        path = await self.reported()
        await self.api.moved(path, self.other, "verify")
        return path

    # ------------------------------------------------------------------------------------------- milestones

    async def milestone(self, **values: Any) -> str:
        """Gives the path of a new milestone of the own organization under the shared agreement."""
        body = promised(self.base, self.own, title=self.word) | values
        made = await self.api.create(MILESTONES, self.own, body=body)
        return f"{MILESTONES}/{made['id']}"

    async def submitted(self) -> str:
        """Gives the path of a milestone that the own organization has submitted."""
        path = await self.milestone()
        evidence = [{"document_ref": self.word, "note": self.word}]
        await self.api.moved(path, self.own, "submit", achieved_on="2022-09-02", evidence=evidence)
        return path

    async def series(self) -> str:
        """Gives the path of a new series of the own organization under the shared agreement."""
        body = recurring(self.base, self.own, title=f"{self.word} {uuid4()}")
        made = await self.api.create(SERIES, self.own, body=body)
        return f"{SERIES}/{made['id']}"

    # ------------------------------------------------------------------------------------------ work plans

    async def proposal(self, **values: Any) -> str:
        """Gives the path of a new proposal of the own organization under the shared agreement."""
        body = item(self.base, title=self.word) | values
        made = await self.api.create(WORKPLAN_ITEMS, self.own, body=body)
        return f"{WORKPLAN_ITEMS}/{made['id']}"

    async def line(self, *moves: str, **values: Any) -> str:
        """Gives the path of an item that the other party agreed to, after more moves of the own one."""
        values = {"title": self.word, "lead_organization_id": str(self.own.organization_id), **values}
        path = await agreed_line(self.api, self.base, by=self.own, other=self.other, **values)
        for move in moves:
            evidence = {"evidence": EVIDENCE} if move == "complete" else {}
            await self.api.moved(path, self.own, move, **evidence)
        return path

    async def value(self) -> str:
        """Gives the path of a new draft of a value of an agreed item."""
        path = await self.line()
        made = await self.api.create(f"{path}/actuals", self.own, body=VALUE | {"note": self.word})
        return f"{path}/actuals/{made['id']}"

    async def submitted_value(self) -> str:
        """Gives the path of a value that the own organization has submitted."""
        path = await self.value()
        await self.api.moved(path, self.own, "submit")
        return path


async def make_world(api: Api) -> World:
    """Writes the partners with an agreement in force and activities, and what others of them share alone."""
    partners = await make_partners(api)
    words = _words(partners)
    own, other = partners.appek, partners.inspectorate
    text = agreement_of(words[own.organization_id])
    world = World(api, partners, await in_force(api, own, mou(own, other, **text)), words, {})
    # Every list has a second page of one.
    for years_ago in range(2):
        await world.draft()
        await world.reported()
        await world.milestone()
        await world.series()
        await world.line()
        await world.key()
        await api.create("/v1/datasets", own, body={"title": "RUP", "classification": "closed"})
        asked = await requested(api, other, own)
        await api.connection.execute(_RECEIVED, id_of(asked), years_ago)
    given_up = await world.amendment(world.base)
    await api.moved(given_up, own, "cancel", reason=world.word)
    await world.amendment(world.base)
    for by, beside in (
        (partners.stranger, [partners.icw]),
        (other, [partners.icw]),
        (partners.icw, []),
        (partners.city, []),
    ):
        word = words[by.organization_id]
        apart = await in_force(api, by, mou(by, *beside, **agreement_of(word)))
        await api.create(ACTIVITIES, by, body=held(apart, **activity_of(word)))
        await api.create(MILESTONES, by, body=promised(apart, by, title=word))
        await api.create(WORKPLAN_ITEMS, by, body=item(apart, title=word))
    return world


def _words(partners: Partners) -> dict[UUID, str]:
    """Gives the canary of each organization, with who shares what it writes."""
    city, other, icw, own, stranger = (each.organization_id for each in partners)
    sharing = {
        own: {own, other, city, icw},  # It lets ICW join in some.
        other: {other, city, icw},
        icw: {icw},
        city: {city},
        stranger: {stranger, icw},
    }
    return {author: of_content(f"what {author} wrote", readers) for author, readers in sharing.items()}
