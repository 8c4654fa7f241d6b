"""Health, the documents of the service, and the tables it works by."""

import asyncio
from functools import cache
from typing import Annotated

import msgspec
from msgspec import Meta
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from schema.vocabulary import Permission
from schema.wire import meta as wire
from service.access.call import Call, Visit
from service.access.holidays import calendar_of
from service.kernel import migrate, openapi
from service.kernel.http import Answer, json_headers
from service.kernel.metrics import exposition
from service.kernel.negotiate import JSON
from service.kernel.operation import OPEN, Operation, operation
from service.kernel.problem import Problem
from service.meta import pages, queries, rules

SERVICE = "service"
META = "meta"
_READ = (Permission.META_READ,)
_HTML = "text/html"

Asset = Annotated[str, Meta(max_length=100, description="Name of the file.", examples=["tenun.css"])]
Code = Annotated[str, Meta(max_length=100, description="Code of a problem.", examples=["not_found"])]


@operation("GET", "/healthz", permissions=OPEN, tag=SERVICE)
async def get_health(_call: Visit) -> wire.Health:
    """Tell that the process answers; the database is not asked."""
    return wire.Health(status="ok")


@operation("GET", "/readyz", permissions=OPEN, tag=SERVICE, problems=("not_ready",))
async def get_readiness(call: Visit) -> wire.Health:
    """Tell that the database is reachable and has the schema that this version needs, or a newer one."""
    async with call.database.lease() as connection:
        current = await migrate.current(connection)
    needed = migrate.head()
    # A newer schema still serves this version: what goes away goes in a later release.
    if current is None or current < needed:
        raise Problem("not_ready", current=current or "–", needed=needed, headers={"retry-after": "5"})
    return wire.Health(status="ok")


@operation("GET", "/metrics", permissions=OPEN, tag=SERVICE, media=("text/plain",))
async def get_metrics(_call: Visit) -> Answer:
    """Read the metrics of this process in the text format of Prometheus."""
    headers = [(b"content-type", CONTENT_TYPE_PLAIN_0_0_4.encode()), (b"cache-control", b"no-store")]
    return Answer(200, headers, body=exposition())


@operation("GET", "/openapi.json", permissions=OPEN, tag=SERVICE)
async def get_openapi(call: Visit) -> Answer:
    """Read the OpenAPI 3.1 document of this service."""
    # Building it the first time takes a quarter of a second.
    body = await asyncio.to_thread(_openapi, call.services.operations)
    return Answer(200, json_headers(call.language, private=False), body=body)


@cache
def _openapi(operations: tuple[Operation, ...]) -> bytes:
    return msgspec.json.encode(openapi.document(operations))


@operation("GET", "/docs", permissions=OPEN, tag=SERVICE, media=(_HTML,))
async def get_reference(call: Visit) -> Answer:
    """Read the reference of the API as a page, and try its operations there.

    It loads nothing from anywhere else.
    """
    return pages.answer(pages.reference(call.language), call.language)


@operation("GET", "/docs/assets/{name}", permissions=OPEN, tag=SERVICE, media=pages.ASSET_TYPES)
async def get_reference_asset(_call: Visit, name: Asset) -> Answer:
    """Read a script, style or picture of the reference page."""
    return pages.asset(name)


@operation("GET", "/problems/{code}", permissions=OPEN, tag=SERVICE, media=(JSON, _HTML))
async def get_problem(call: Visit, code: Code) -> wire.Explanation | Answer:
    """Read what a problem code means and what to do, in both languages."""
    explanation = rules.explanation(code)
    if call.accept == _HTML:
        return pages.answer(pages.problem(explanation, call.language), call.language)
    return explanation


@operation("GET", "/v1/meta/state-machines", permissions=_READ, tag=META)
async def get_state_machines(call: Call) -> wire.StateMachines:
    """Read which moves lead from which state to which, and who may make them."""
    return rules.state_machines(call.services.lifecycles)


@operation("GET", "/v1/meta/vocabulary", permissions=_READ, tag=META)
async def get_vocabulary(_call: Call) -> wire.Vocabularies:
    """Read every closed vocabulary: kinds, states, actions, roles, warnings and more."""
    return rules.vocabularies()


@operation("GET", "/v1/meta/permissions", permissions=_READ, tag=META)
async def get_permissions(call: Call) -> wire.PermissionMatrix:
    """Read what each role may do, and what each operation asks for."""
    return rules.permission_matrix(call.services.operations)


@operation("GET", "/v1/meta/working-days", permissions=_READ, tag=META, problems=("not_found",))
async def get_working_days(call: Call, query: wire.WorkingDaysQuery) -> wire.WorkingDays:
    """Read which day a deadline falls on, and why, day by day.

    Monday to Friday count, without national holidays and, where offices are shut, without joint leave: as
    `joint_leave` says, else as the organization does. The day of receipt does not count. What the operator
    corrected of the holidays is told by `calendar_version`: the package, then `+` and the last correction.
    """
    office = None if query.organization_id is msgspec.UNSET else query.organization_id
    found = await call.database.only(queries.SHUT, queries.Office(office))
    if office is not None and found.joint_leave is None:
        raise Problem("not_found")
    years = rules.calendar_years(query.start)
    calendar = await calendar_of(years, call.language, corrections=found.corrections)
    return rules.working_days(query, calendar, shut=found.joint_leave is not False)


@operation("GET", "/v1/meta/audit-key", permissions=OPEN, tag=META)
async def get_audit_key(call: Visit) -> wire.AuditKeys:
    """Read the public keys that the checkpoints of the audit trail are signed with.

    Whoever keeps checkpoints keeps these beside them.
    """
    return rules.audit_keys(call.services.keys)


OPERATIONS = (
    get_health,
    get_readiness,
    get_metrics,
    get_openapi,
    get_reference,
    get_reference_asset,
    get_problem,
    get_state_machines,
    get_vocabulary,
    get_permissions,
    get_working_days,
    get_audit_key,
)
