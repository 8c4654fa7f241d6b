"""The world of the trust tests: partners who share records, who stands above them, who must see nothing.

What the partners wrote carries a canary, so that a stray word shows in any answer.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from schema.vocabulary import Role
from tests.accounts.given import new_key, person
from tests.actors import Actor
from tests.api import Api
from tests.partners import Partners, held, in_force, make_partners, mou, planned

AGREEMENTS, ACTIVITIES = "/v1/agreements", "/v1/activities"
CANARY = "rahasia-mitra"
FAR_DAY = "2098-03-01"
EVIDENCE = [{"url": "https://example.org/daftar-hadir"}]
SIGNATORY = {"name": "Nama", "title": "Jabatan"}


class Standing(StrEnum):
    """What an organization is to the record asked for."""

    OWN = "own"  # A party; it made the record.
    OTHER = "other"  # Another party.
    ABOVE = "above"  # Stands above a party: it sees, and never acts.
    OUTSIDE = "outside"  # Has nothing to do with it.


class Ask(NamedTuple):
    """One request; `subject` is the id in it whose existence is nobody else's business."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = {}
    subject: str | None = None

    def of(self, subject: str) -> "Ask":
        """Gives the same request about another record."""
        if self.subject is None:
            return self
        body = json.loads(json.dumps(self.body).replace(self.subject, subject))
        return self._replace(path=self.path.replace(self.subject, subject), body=body, subject=subject)

    def of_nothing(self) -> "Ask":
        """Gives the same request about a record that does not exist."""
        return self.of(str(uuid4()))


class World(NamedTuple):
    """A running service with partners and their records; `own` is who makes them.

    `base` is the path of an agreement in force that they share.
    """

    api: Api
    partners: Partners
    base: str
    people: dict[tuple[Role, Standing], Actor]

    @property
    def own(self) -> Actor:
        return self.partners.appek

    @property
    def other(self) -> Actor:
        return self.partners.inspectorate

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
        return await person(self.api, role, organization_id=self.organization(standing))

    async def anybody(self, role: Role, standing: Standing) -> Actor:
        """Gives the same, but one person for all who do nothing that changes them."""
        if (role, standing) not in self.people:
            self.people[role, standing] = await self.somebody(role, standing)
        return self.people[role, standing]

    async def member(self) -> Actor:
        """Gives a new person of the own organization, for others to manage."""
        return await person(self.api, "coordinator", organization_id=self.own.organization_id)

    async def version(self, path: str, by: Actor) -> dict[str, str]:
        """Gives the If-Match header of a record as it is now."""
        return {"if-match": f'"{(await self.api.read(path, by))["version"]}"'}

    # ------------------------------------------------------------------------------------------- agreements

    def terms(self, **values: Any) -> dict[str, Any]:
        """Gives the body of an agreement between the two parties."""
        return mou(self.own, self.other, title=CANARY) | values

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
        await self.api.moved(path, self.own, "suspend", reason=CANARY)
        return path

    # ------------------------------------------------------------------------------------------- activities

    async def activity(self, **values: Any) -> str:
        """Gives the path of a new activity of the own organization under the shared agreement."""
        body = held(self.base, title=CANARY) | values
        made = await self.api.create(ACTIVITIES, self.own, body=body)
        return f"{ACTIVITIES}/{made['id']}"

    async def plan(self, **values: Any) -> str:
        """Gives the path of a new plan."""
        return await self.activity(**planned(self.base, self.own, title=CANARY) | values)

    async def reported(self) -> str:
        """Gives the path of an activity that the own organization has reported."""
        return await self.activity(state="reported", evidence=EVIDENCE)

    async def verified(self) -> str:
        """Gives the path of an activity that the other party has verified."""
        path = await self.reported()
        await self.api.moved(path, self.other, "verify")
        return path


async def make_world(api: Api) -> World:
    """Writes the partners with an agreement in force and an activity, and a stranger with an agreement."""
    partners = await make_partners(api)
    base = await in_force(api, partners.appek, mou(partners.appek, partners.inspectorate, title=CANARY))
    world = World(api, partners, base, {})
    # Every list has a second page of one.
    for _ in range(2):
        await world.draft()
        await world.reported()
        await api.create("/v1/api-keys", world.own, body=new_key("viewer"))
    own = await in_force(api, partners.stranger, mou(partners.stranger, partners.icw))
    await api.create(ACTIVITIES, partners.stranger, body=held(own))
    return world
