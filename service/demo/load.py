"""Enters the Kupang case into the service through its public API, as any client would.

What is there already stays as it is, so a second run changes nothing and a run that was cut off is completed.
Organizations are known by their name, persons by their e-mail, agreements by kind and title, workplan items
by their code, milestones and activities by their client_ref, series of scores by their title: an organization
or agreement that somebody renamed is entered again under its first name.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from service.demo.asked import enter_data_requests, enter_datasets
from service.demo.case import Case, kupang, news, source_note
from service.demo.clock import Clock
from service.demo.desk import Desk, LoadError, Send, resolved
from service.demo.office import Office
from service.demo.plan import enter_amendments, enter_milestones, enter_workplan
from service.demo.scores import enter_indicator_series


class DemoToken(msgspec.Struct, frozen=True, kw_only=True):
    """A session of a person with one role; `organization` is the name people use."""

    role: str
    organization: str
    email: str
    token: str


async def enter(
    send: Send, *, clock: Clock, admin_token: str, password: Callable[[str], str]
) -> tuple[DemoToken, ...]:
    """Enter the case and return a ready token per role.

    The service goes by `clock`. `admin_token` belongs to a platform_admin; `password` gives the same one for
    an e-mail each time. Raises `LoadError` when the service refuses something.
    """
    case, admin = kupang(), Desk(send, admin_token)
    ids: dict[str, str] = {}
    for record in case.organizations:
        ids[record.key] = await _organization(admin, resolved(record.body, ids))
    await _add_persons(admin, case, ids=ids, password=password)
    desks = await _desks(send, case, ids=ids, password=password)
    await _enter_records(Office(case=case, desks=desks, ids=ids, clock=clock))
    return (*_ready(case, desks), await _administrator(admin))


async def _enter_records(office: Office) -> None:
    """Enter what the partners did, each record after those it refers to."""
    for agreement in office.case.agreements:
        body = office.body(agreement) | {"source_note": source_note(agreement, office.case)}
        office.ids[agreement.key] = await _agreement(office.desks[agreement.entered_by], body)
    await enter_amendments(office)
    await enter_workplan(office)
    await enter_milestones(office)
    for activity in office.case.activities:
        extra = {"client_ref": activity.key, "external_refs": news(activity, office.case)}
        await _enter_activity(office.desks[activity.entered_by], office.body(activity) | extra)
    await enter_datasets(office)
    await enter_data_requests(office)
    await enter_indicator_series(office)


async def _organization(admin: Desk, body: dict[str, Any]) -> str:
    """Return the id of the organization with this name, new or not."""
    found = await admin.all("/v1/organizations", q=body["name"])
    known = [each["id"] for each in found if each["name"] == body["name"]]
    return known[0] if known else (await admin.ask("POST /v1/organizations", body=body))["id"]


async def _add_persons(
    admin: Desk, case: Case, *, ids: Mapping[str, str], password: Callable[[str], str]
) -> None:
    """Make the persons that are not there yet.

    The platform gives roles only where an organization has no administrator: the file names those last.
    """
    known = {each["email"] for each in await admin.all("/v1/users")}
    for person in case.persons:
        if person.email not in known:
            membership = {"organization_id": ids[person.organization], "roles": [person.role]}
            body = {
                "email": person.email,
                "name": person.name,
                "memberships": [membership],
                "password": password(person.email),
                "password_change_required": False,
            }
            await admin.ask("POST /v1/users", body=body)


async def _desks(
    send: Send, case: Case, *, ids: Mapping[str, str], password: Callable[[str], str]
) -> dict[str, Desk]:
    """Sign in whoever enters something or has the ready token of a role."""
    wanted = case.entering() | {person.email for person in case.first_of_each_role()}
    desks: dict[str, Desk] = {}
    for person in case.persons:
        if person.email in wanted:
            body = {
                "email": person.email,
                "password": password(person.email),
                "organization_id": ids[person.organization],
            }
            session = await Desk(send).ask("POST /v1/sessions", body=body)
            desks[person.email] = Desk(send, session["token"])
    return desks


async def _agreement(coordinator: Desk, body: dict[str, Any]) -> str:
    """Return the id of the agreement of this kind and title, new or not."""
    found = await coordinator.all("/v1/agreements", q=body["title"], kind=body["kind"])
    known = [each["id"] for each in found if each["title"] == body["title"]]
    return known[0] if known else (await coordinator.ask("POST /v1/agreements", body=body))["id"]


async def _enter_activity(coordinator: Desk, body: dict[str, Any]) -> None:
    """Log the activity; sending its client_ref again makes no second one."""
    try:
        await coordinator.ask("POST /v1/activities", body=body)
    except LoadError as error:
        # An earlier release of this file may have said something else under the same client_ref: it stays.
        if error.code != "client_ref_taken":
            raise


def _ready(case: Case, desks: Mapping[str, Desk]) -> list[DemoToken]:
    called = {record.key: record.body["short_name"] for record in case.organizations}
    return [
        DemoToken(
            role=person.role,
            organization=called[person.organization],
            email=person.email,
            token=str(desks[person.email].token),
        )
        for person in case.first_of_each_role()
    ]


async def _administrator(admin: Desk) -> DemoToken:
    me = await admin.ask("GET /v1/me")
    return DemoToken(
        role="platform_admin",
        organization=me["organization_name"],
        email=me["email"],
        token=str(admin.token),
    )
