"""A change that succeeds by each operation that changes something, for tests about all of them."""

from collections.abc import Awaitable, Callable

import httpx

from tests import make
from tests.actors import make_actor
from tests.api import Api
from tests.documents.given import form, send, stored
from tests.indicators.given import SERIES, kept, observation, series
from tests.partners import (
    VALUE,
    Partners,
    addendum,
    asking,
    decided,
    held,
    in_force,
    item,
    line_with_value,
    mou,
    planned,
    promised,
    proposed,
    recurring,
)

Step = Callable[[], Awaitable[httpx.Response]]


async def agreement_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on agreements, to be made in this order."""
    paths = [await api.post("/v1/agreements", icw, body=mou(icw, city)) for _ in range(3)]
    draft, other, gone = [answer.headers["location"] for answer in paths]
    part = f"{other}/parties/{await make.organization(api.connection)}"
    return {
        "create_agreement": lambda: api.post("/v1/agreements", icw, body=mou(icw, city)),
        "update_agreement": lambda: api.change("PATCH", draft, icw, body={"title": "Judul"}),
        "put_agreement_party": lambda: api.change("PUT", part, icw, body={"position": 3}, record=other),
        "delete_agreement_party": lambda: api.change("DELETE", part, icw, record=other),
        "transition_agreement": lambda: api.move(draft, city, "open_discussion"),
        "delete_agreement": lambda: api.change("DELETE", gone, icw),
    }


async def amendment_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on amendments, to be made in this order."""
    pacts = [await in_force(api, icw, mou(icw, city)) for _ in range(2)]
    path = await proposed(api, pacts[1], icw)
    return {
        "create_amendment": lambda: api.post(f"{pacts[0]}/amendments", icw, body=addendum()),
        "update_amendment": lambda: api.change("PATCH", path, city, body={"title": "Judul"}),
        "transition_amendment": lambda: api.move(path, city, "accept"),
    }


async def activity_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on activities, to be made in this order."""
    path, pact = "/v1/activities", await in_force(api, icw, mou(icw, city))
    bodies = (held(pact, state="draft"), planned(pact, icw), held(pact))
    draft, plan, past = [(await api.post(path, icw, body=body)).headers["location"] for body in bodies]
    one, came = {"items": [held(pact, client_ref="one")]}, {"total": 3}
    return {
        "create_activity": lambda: api.post(path, icw, body=held(pact)),
        "create_activity_batch": lambda: api.post(f"{path}/batch", icw, body=one),
        "update_activity": lambda: api.change("PATCH", draft, icw, body={"title": "Judul"}),
        "put_activity_participants": lambda: api.change(
            "PUT", f"{past}/participants", icw, body=came, record=past
        ),
        "transition_activity": lambda: api.move(plan, city, "cancel", reason="Batal"),
        "delete_activity": lambda: api.change("DELETE", draft, icw),
    }


async def milestone_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on milestones, to be made in this order."""
    path, pact = "/v1/milestones", await in_force(api, icw, mou(icw, city))
    one = (await api.post(path, icw, body=promised(pact, icw))).headers["location"]
    later = {"due_on": "2099-01-31", "reason": "Menunggu data"}
    path_of_series = "/v1/milestone-series"
    series = (await api.post(path_of_series, icw, body=recurring(pact, city))).headers["location"]
    return {
        "create_milestone": lambda: api.post(path, icw, body=promised(pact, icw)),
        "update_milestone": lambda: api.change("PATCH", one, icw, body={"title": "Judul"}),
        "transition_milestone": lambda: api.move(one, city, "replan", **later),
        "create_milestone_series": lambda: api.post(path_of_series, icw, body=recurring(pact, icw)),
        "update_milestone_series": lambda: api.change("PATCH", series, icw, body={"title": "Judul"}),
    }


async def workplan_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on work plans, to be made in this order."""
    path, pact = "/v1/workplan-items", await in_force(api, icw, mou(icw, city))
    proposals = [await api.post(path, icw, body=item(pact)) for _ in range(2)]
    proposal, gone = [answer.headers["location"] for answer in proposals]
    line, value = await line_with_value(api, pact, by=icw, other=city)
    later = VALUE | {"starts_on": "2022-10-01", "ends_on": "2022-10-31"}
    return {
        "create_workplan_item": lambda: api.post(path, icw, body=item(pact)),
        "update_workplan_item": lambda: api.change("PATCH", proposal, icw, body={"title": "Judul"}),
        "transition_workplan_item": lambda: api.move(line, icw, "start"),
        "delete_workplan_item": lambda: api.change("DELETE", gone, icw),
        "create_actual": lambda: api.post(f"{line}/actuals", icw, body=later),
        "update_actual": lambda: api.change("PATCH", value, icw, body={"value": 3}),
        "transition_actual": lambda: api.move(value, icw, "submit"),
    }


async def document_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on documents."""
    pact = await in_force(api, icw, mou(icw, city))
    path = f"/v1/documents/{(await stored(api, icw, pact))['id']}"
    return {
        "create_document": lambda: send(api, icw, form(pact)),
        "delete_document": lambda: api.change("DELETE", path, icw),
    }


async def data_request_changes(api, icw, city) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on the catalogue and on requests, in this order."""
    path, entry = "/v1/data-requests", {"title": "RUP", "classification": "open"}
    draft = f"{path}/{(await api.create(path, icw, body=asking(city)))['id']}"
    listed = f"/v1/datasets/{(await api.create('/v1/datasets', icw, body=entry))['id']}"
    refused = await decided(api, icw, city, decision="refuse")
    other = await decided(api, icw, city, decision="refuse")
    lodged = await api.create(f"{other}/objections", icw, body={"reason": "Data itu ada"})
    moves = f"{other}/objections/{lodged['id']}/transitions"
    return {
        "create_dataset": lambda: api.post("/v1/datasets", icw, body=entry),
        "update_dataset": lambda: api.change("PATCH", listed, icw, body={"title": "Judul"}),
        "create_data_request": lambda: api.post(path, icw, body=asking(city)),
        "update_data_request": lambda: api.change("PATCH", draft, icw, body={"title": "Judul"}),
        "transition_data_request": lambda: api.move(draft, icw, "submit"),
        "create_data_request_objection": lambda: api.post(
            f"{refused}/objections", icw, body={"reason": "Data itu ada"}
        ),
        "transition_objection": lambda: api.post(moves, icw, body={"action": "withdraw"}, if_match='"1"'),
    }


async def indicator_changes(api, icw) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on indicator series."""
    path = await kept(api, icw)
    body = {"items": [observation()]}
    return {
        "create_indicator_series": lambda: api.post(SERIES, icw, body=series(title="SPI lain")),
        "put_indicator_observations": lambda: api.change(
            "PUT", f"{path}/observations", icw, body=body, record=path
        ),
    }


async def organization_changes(api, platform) -> dict[str, Step]:
    """Gives a change that succeeds by each operation on the directory."""
    path, unit = "/v1/organizations", await make.organization(api.connection)
    return {
        "create_organization": lambda: api.post(path, platform, body={"name": "Lembaga", "kind": "cso"}),
        "update_organization": lambda: api.change(
            "PATCH", f"{path}/{unit}", platform, body={"short_name": "L"}
        ),
    }


async def partner_changes(api: Api, partners: Partners) -> dict[str, Step]:
    """Gives a change by each operation on what partners share, to be made in this order."""
    platform = await make_actor(api.connection, roles=["platform_admin"])
    return {
        **await organization_changes(api, platform),
        **await agreement_changes(api, partners.icw, partners.city),
        **await amendment_changes(api, partners.icw, partners.city),
        **await activity_changes(api, partners.icw, partners.city),
        **await milestone_changes(api, partners.icw, partners.city),
        **await workplan_changes(api, partners.icw, partners.city),
        **await document_changes(api, partners.icw, partners.city),
        **await data_request_changes(api, partners.icw, partners.city),
        **await indicator_changes(api, partners.icw),
    }
