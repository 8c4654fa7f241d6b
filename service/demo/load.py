"""Enters the Kupang case into a running service through its public API, as any client would.

What is there already stays as it is, so a second run changes nothing and a run that was cut off is completed.
Organizations are known by their name, persons by their e-mail, agreements by kind and title, activities by
their client_ref: an organization or agreement that somebody renamed is entered again under its first name.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from importlib.resources import files
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

_SECONDS = 60  # A machine that is starting up hashes a password slowly.
_KEY = re.compile(r'"@(\w+)"', re.ASCII)


class Answer(NamedTuple):
    """Status and body of an HTTP answer."""

    status: int
    body: bytes


class Send(Protocol):
    """What carries a request to the service."""

    def __call__(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Return the answer, whatever its status."""
        ...


class LoadError(Exception):
    """The service refused a part of the case; `code` is the code of its problem."""

    def __init__(self, request: str, problem: Mapping[str, Any]) -> None:
        """Keep the code and say all the faults."""
        errors = [f"{fault['pointer']} {fault['code']}" for fault in problem["errors"]]
        super().__init__("; ".join((f"{request}: {problem['code']}: {problem['detail']}", *errors)))
        self.code = str(problem["code"])


class DemoToken(msgspec.Struct, frozen=True, kw_only=True):
    """A session of a person with one role; `organization` is the name people use."""

    role: str
    organization: str
    email: str
    token: str


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where facts come from; `address` may name a site only."""

    title: str
    address: str
    published: str | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organization; in `body`, `@key` stands for the id of the record with that key."""

    key: str
    body: dict[str, Any]
    sources: tuple[str, ...]


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented person; the first one of each role gets the ready token."""

    email: str
    name: str
    organization: str
    role: str


class Signed(Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agreement, entered by a coordinator; `note` says how far its sources carry."""

    entered_by: str
    note: str


class Held(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An activity whose `key` is its client_ref; an illustrative one is invented and has no sources."""

    key: str
    entered_by: str
    body: dict[str, Any]
    sources: tuple[str, ...] = ()
    illustrative: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `kupang.json`."""

    about: str
    sources: dict[str, Source]
    organizations: tuple[Listed, ...]
    persons: tuple[Person, ...]
    agreements: tuple[Signed, ...]
    activities: tuple[Held, ...]


class Desk(msgspec.Struct, frozen=True):
    """Somebody's way to the service; without a token, anybody's."""

    send: Send
    token: str | None = None


def load(base_url: str, *, admin_token: str, password: Callable[[str], str]) -> tuple[DemoToken, ...]:
    """Enter the case at a service such as http://127.0.0.1:8000 and return a ready token per role.

    `admin_token` belongs to a platform_admin; `password` gives the same one for an e-mail each time. Raises
    `LoadError` when the service refuses something.
    """
    return enter(over_http(base_url), admin_token=admin_token, password=password)


def over_http(base_url: str) -> Send:
    """Return what sends requests to an http address; each takes a connection of its own."""
    host = urlsplit(base_url).netloc

    def send(method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with closing(HTTPConnection(host, timeout=_SECONDS)) as connection:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.read())

    return send


def enter(send: Send, *, admin_token: str, password: Callable[[str], str]) -> tuple[DemoToken, ...]:
    """Do what `load` does, over any way to the service."""
    case, admin = kupang(), Desk(send, admin_token)
    ids: dict[str, str] = {}
    for record in case.organizations:
        ids[record.key] = _organization(admin, _resolved(record.body, ids))
    _add_persons(admin, case, ids=ids, password=password)
    sessions = _sessions(send, case, ids=ids, password=password)
    for agreement in case.agreements:
        body = _resolved(agreement.body, ids) | {"source_note": _source_note(agreement, case)}
        ids[agreement.key] = _agreement(sessions[agreement.entered_by], body)
    for activity in case.activities:
        body = _resolved(activity.body, ids)
        body |= {"client_ref": activity.key, "external_refs": _news(activity, case)}
        _enter_activity(sessions[activity.entered_by], body)
    return (*_ready(case, sessions), _administrator(admin))


def kupang() -> Case:
    """Return the case as it stands in the package."""
    return msgspec.json.decode(files("service.demo").joinpath("kupang.json").read_bytes(), type=Case)


def _organization(admin: Desk, body: dict[str, Any]) -> str:
    """Return the id of the organization with this name, new or not."""
    found = _all(admin, "/v1/organizations", q=body["name"])
    known = [each["id"] for each in found if each["name"] == body["name"]]
    return known[0] if known else _ask(admin, "POST /v1/organizations", body=body)["id"]


def _add_persons(admin: Desk, case: Case, *, ids: Mapping[str, str], password: Callable[[str], str]) -> None:
    """Make the persons that are not there yet.

    The platform gives roles only where an organization has no administrator: the file names those last.
    """
    known = {each["email"] for each in _all(admin, "/v1/users")}
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
            _ask(admin, "POST /v1/users", body=body)


def _sessions(
    send: Send, case: Case, *, ids: Mapping[str, str], password: Callable[[str], str]
) -> dict[str, Desk]:
    """Sign in whoever enters something or has the ready token of a role."""
    entering = {record.entered_by for record in (*case.agreements, *case.activities)}
    wanted = entering | {person.email for person in _first_of_each_role(case)}
    sessions: dict[str, Desk] = {}
    for person in case.persons:
        if person.email in wanted:
            body = {
                "email": person.email,
                "password": password(person.email),
                "organization_id": ids[person.organization],
            }
            session = _ask(Desk(send), "POST /v1/sessions", body=body)
            sessions[person.email] = Desk(send, session["token"])
    return sessions


def _agreement(coordinator: Desk, body: dict[str, Any]) -> str:
    """Return the id of the agreement of this kind and title, new or not."""
    found = _all(coordinator, "/v1/agreements", q=body["title"], kind=body["kind"])
    known = [each["id"] for each in found if each["title"] == body["title"]]
    return known[0] if known else _ask(coordinator, "POST /v1/agreements", body=body)["id"]


def _enter_activity(coordinator: Desk, body: dict[str, Any]) -> None:
    """Log the activity; sending its client_ref again makes no second one."""
    try:
        _ask(coordinator, "POST /v1/activities", body=body)
    except LoadError as error:
        # An earlier release of this file may have said something else under the same client_ref: it stays.
        if error.code != "client_ref_taken":
            raise


def _ready(case: Case, sessions: Mapping[str, Desk]) -> list[DemoToken]:
    called = {record.key: record.body["short_name"] for record in case.organizations}
    return [
        DemoToken(
            role=person.role,
            organization=called[person.organization],
            email=person.email,
            token=str(sessions[person.email].token),
        )
        for person in _first_of_each_role(case)
    ]


def _administrator(admin: Desk) -> DemoToken:
    me = _ask(admin, "GET /v1/me")
    return DemoToken(
        role="platform_admin",
        organization=me["organization_name"],
        email=me["email"],
        token=str(admin.token),
    )


def _first_of_each_role(case: Case) -> list[Person]:
    first: dict[str, Person] = {}
    for person in case.persons:
        first.setdefault(person.role, person)
    return list(first.values())


def _source_note(agreement: Signed, case: Case) -> str:
    """Return the note with each source on a line of its own: title, day, address."""
    used = [case.sources[key] for key in agreement.sources]
    lines = [f"{source.title} ({source.published}): {source.address}" for source in used]
    return "\n".join((agreement.note, "Sumber:", *lines))


def _news(activity: Held, case: Case) -> list[dict[str, str | None]]:
    """Return the sources as references; only a full address can be followed."""
    used = [case.sources[key] for key in activity.sources]
    return [
        {
            "system": "news",
            "ref": source.title,
            "url": source.address if source.address.startswith("https://") else None,
        }
        for source in used
    ]


def _resolved(body: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a body with the id of the record in place of each `@key`."""
    text = msgspec.json.encode(body).decode()
    return msgspec.json.decode(_KEY.sub(lambda key: f'"{ids[key[1]]}"', text))


def _all(desk: Desk, path: str, **filters: str) -> list[dict[str, Any]]:
    """Return the items of all pages of a list."""
    items: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = _ask(desk, f"GET {path}?{urlencode({'limit': 200, **filters, **more})}")
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        more = {"cursor": page["next_cursor"]}


def _ask(desk: Desk, request: str, *, body: object = None) -> dict[str, Any]:
    """Return the answer to a request such as `GET /v1/me`; raise `LoadError` with the problem, if any."""
    method, _, path = request.partition(" ")
    headers = {"accept": "application/json", "accept-language": "en", "content-type": "application/json"}
    if desk.token is not None:
        headers["authorization"] = f"Bearer {desk.token}"
    content = None if body is None else msgspec.json.encode(body)
    answer = desk.send(method, path, headers=headers, body=content)
    said = msgspec.json.decode(answer.body)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise LoadError(request.partition("?")[0], said)
    return said
