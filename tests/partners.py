"""The partners of the first case, and the bodies they send: complete until a test changes one of them."""

from typing import Any, NamedTuple
from uuid import UUID

from tests import make
from tests.actors import Actor, make_actor
from tests.api import Api

EVERYTHING = ("coordinator", "reviewer", "approver", "org_admin", "auditor")


class Partners(NamedTuple):
    """Someone with every role of a partner for each organization; the inspectorate is a unit of the city."""

    city: Actor
    inspectorate: Actor
    icw: Actor
    appek: Actor
    stranger: Actor


async def make_partners(api: Api) -> Partners:
    """Writes four partners and an organization that has nothing to do with them."""
    city = await make.organization(api.connection, kind="regional_government")
    inspectorate = await make.organization(api.connection, kind="inspectorate", parent_id=city)
    others = [await make.organization(api.connection) for _ in range(3)]
    ids = (city, inspectorate, *others)
    actors = [await make_actor(api.connection, roles=EVERYTHING, organization_id=each) for each in ids]
    return Partners(*actors)


async def colleague(api: Api, of: Actor, *roles: str) -> Actor:
    """Gives somebody else of the same organization, with these roles alone."""
    return await make_actor(api.connection, roles=roles, organization_id=of.organization_id)


def parties(*members: Actor | UUID) -> list[dict[str, Any]]:
    """Gives parties in this order."""
    ids = [member if isinstance(member, UUID) else member.organization_id for member in members]
    return [{"organization_id": str(each), "position": place} for place, each in enumerate(ids, 1)]


def mou(*members: Actor, **values: Any) -> dict[str, Any]:
    """Gives the body of an MoU that began long ago and ends on a day no test run sees."""
    body = {
        "kind": "mou",
        "title": "MoU",
        "scope": ["Pemantauan pengadaan"],
        "effective_from": "2022-08-15",
        "ends_on": "2099-08-14",
        "parties": parties(*members),
    }
    return body | values


def pks(parent: str, *members: Actor, **values: Any) -> dict[str, Any]:
    """Gives the body of a PKS under an MoU, with its dates."""
    return mou(*members, kind="pks", title="PKS", parent_id=parent) | values


async def in_force(api: Api, by: Actor, body: dict[str, Any]) -> str:
    """Enters an agreement of the past as signed and gives its path."""
    made = await api.create("/v1/agreements", by, body=body | {"recorded_from_paper": True})
    return f"/v1/agreements/{made['id']}"


def addendum(**values: Any) -> dict[str, Any]:
    """Gives the body of an amendment that extends an agreement by a year."""
    body = {"kinds": ["extension"], "title": "Perpanjangan", "changes": {"ends_on": "2100-08-14"}}
    return body | values


def signing(*members: Actor | UUID, **values: Any) -> dict[str, Any]:
    """Gives what registering the signatures of these parties takes."""
    signatory = {"name": "Nama", "title": "Jabatan"}
    signatures = [{"organization_id": each["organization_id"], **signatory} for each in parties(*members)]
    return {"signed_on": "2022-09-15", "document_ref": "Arsip 4", "signatures": signatures} | values


async def proposed(api: Api, agreement: str, by: Actor, **values: Any) -> str:
    """Proposes to amend the agreement at this path and gives the path of the amendment."""
    made = await api.create(f"{agreement}/amendments", by, body=addendum(**values))
    return f"{agreement}/amendments/{made['sequence']}"


async def amended(api: Api, agreement: str, *members: Actor, **values: Any) -> str:
    """Amends the agreement of these parties and gives the path of the signed amendment."""
    path = await proposed(api, agreement, members[0], **values)
    for party in members:
        await api.moved(path, party, "accept")
    await api.moved(path, members[0], "register_signing", **signing(*members))
    return path


def id_of(path: str) -> str:
    """Gives the id of the record at a path."""
    return path.rsplit("/", 1)[1]


def held(agreement: str, **values: Any) -> dict[str, Any]:
    """Gives the body of an activity of the past under the agreement at this path."""
    body = {
        "agreement_id": id_of(agreement),
        "kind": "bimtek",
        "title": "Bimtek",
        "mode": "in_person",
        "starts_on": "2022-09-02",
        "state": "held",
    }
    return body | values


def promised(agreement: str, owner: Actor, **values: Any) -> dict[str, Any]:
    """Gives the body of a milestone of a party under the agreement at this path, due long after any test."""
    body = {
        "agreement_id": id_of(agreement),
        "title": "Survei SPI",
        "due_on": "2098-06-30",
        "owner_organization_id": str(owner.organization_id),
    }
    return body | values


def recurring(agreement: str, owner: Actor, **values: Any) -> dict[str, Any]:
    """Gives the body of a series of three milestones of a party under the agreement at this path."""
    body = {
        "agreement_id": id_of(agreement),
        "title": "Reviu TEPRA",
        "owner_organization_id": str(owner.organization_id),
        "rule": "FREQ=MONTHLY;BYMONTHDAY=5;COUNT=3",
        "starts_on": "2098-01-05",
    }
    return body | values


def planned(agreement: str, host: Actor, **values: Any) -> dict[str, Any]:
    """Gives the body of an activity to come that a party hosts."""
    body = {
        "starts_on": "2098-03-01",
        "state": "planned",
        "venue": "Kristal Hotel, Kupang",
        "organizers": [{"organization_id": str(host.organization_id), "role": "host"}],
    }
    return held(agreement) | body | values


def item(agreement: str, **values: Any) -> dict[str, Any]:
    """Gives the body of a line of the work plan under the agreement at this path."""
    body = {
        "agreement_id": id_of(agreement),
        "agreement_year": 1,
        "level": "activity",
        "title": "Bimtek auditor",
    }
    return body | values


INDICATOR = {"name": "Auditor terlatih", "unit": "people", "baseline": 0, "target": 30}
"""An indicator whose values add up."""

VALUE = {"starts_on": "2022-09-01", "ends_on": "2022-09-30", "value": 12}
"""A value of a month that is over."""


async def agreed_line(api: Api, pact: str, *, by: Actor, other: Actor, **values: Any) -> str:
    """Gives the path of a new line with an indicator, to which another party agreed."""
    body = item(pact, **{"indicator": INDICATOR, **values})
    made = await api.create("/v1/workplan-items", by, body=body)
    path = f"/v1/workplan-items/{made['id']}"
    await api.moved(path, other, "agree")
    return path


async def line_with_value(api: Api, pact: str, *, by: Actor, other: Actor) -> tuple[str, str]:
    """Gives the paths of an agreed line and of the draft of its value."""
    line = await agreed_line(api, pact, by=by, other=other)
    made = await api.create(f"{line}/actuals", by, body=VALUE)
    return line, f"{line}/actuals/{made['id']}"


def asking(holder: Actor, agreement: str | None = None, **values: Any) -> dict[str, Any]:
    """Gives the body of a complete request: under the agreement at this path, else by the law."""
    body = {
        "lane": "ppid" if agreement is None else "pks",
        "agreement_id": None if agreement is None else id_of(agreement),
        "holder_organization_id": str(holder.organization_id),
        "title": "Daftar paket RUP 2025",
        "purpose": "Pemantauan pengadaan",
        "fields": ["kode_rup", "pagu"],
        "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "legal_basis": "UU 14/2008 Pasal 4",
    }
    return body | values


GIVES = {
    "grant": {},
    "grant_in_part": {"left_out": "Nama", "reason_code": "kip_17_h", "reason": "Data pribadi"},
    "refuse": {"reason_code": "not_held", "reason": "Tidak dikuasai"},
}
"""What each decision brings."""


async def requested(api: Api, by: Actor, holder: Actor, **values: Any) -> str:
    """Gives the path of a request that was handed in."""
    made = await api.create("/v1/data-requests", by, body=asking(holder, **values))
    path = f"/v1/data-requests/{made['id']}"
    await api.moved(path, by, "submit")
    return path


async def recommended(api: Api, by: Actor, holder: Actor, **values: Any) -> str:
    """Gives the path of a request that waits for a decision; a colleague of the holder handled it."""
    path = await requested(api, by, holder, **values)
    reviewer = await colleague(api, holder, "reviewer")
    await api.moved(path, reviewer, "take")
    await api.moved(path, reviewer, "recommend", recommendation="grant")
    return path


async def decided(api: Api, by: Actor, holder: Actor, *, decision: str = "grant", **values: Any) -> str:
    """Gives the path of a request that the holder decided."""
    path = await recommended(api, by, holder, **values)
    await api.moved(path, holder, decision, **GIVES[decision])
    return path
