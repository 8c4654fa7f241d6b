"""The composition root: the only module that knows every slice."""

import gc
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from litestar import HttpMethod, Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from schema.vocabulary import Noun
from service import settings as configuration
from service.access import denied
from service.access.authenticate import Authenticator
from service.access.call import Services
from service.access.canonical import hashing_key
from service.access.guard import Guard
from service.access.retention import sweep, sweep_hourly
from service.access.secret import kept_secret
from service.accounts import routes as accounts
from service.activities import routes as activities
from service.activities import rules as activity_rules
from service.agreements import amendment_routes as amendments
from service.agreements import amendment_rules
from service.agreements import routes as agreements
from service.agreements import rules as agreement_rules
from service.audit import checkpoints
from service.audit import routes as audit
from service.data_requests import objections as objection_rules
from service.data_requests import routes as data_requests
from service.data_requests import rules as data_request_rules
from service.data_requests import statistics as data_request_statistics
from service.datasets import routes as datasets
from service.documents import routes as documents
from service.documents.orphans import sweep_orphans
from service.indicators import routes as indicators
from service.kernel import instants
from service.kernel.background import beside
from service.kernel.database import Database, connect, opened
from service.kernel.edge import Edge
from service.kernel.hosts import awaited
from service.kernel.http import PROBLEM_TYPE, Receive, Scope, Send, header, problem_answer
from service.kernel.lifecycle import Lifecycle
from service.kernel.negotiate import language_of
from service.kernel.operation import Operation
from service.kernel.problem import Problem
from service.kernel.remembered import Remembered
from service.kernel.rights import refuse_mighty
from service.kernel.routing import allowed_methods
from service.kernel.signing import Keys, read_keys
from service.kernel.storage import Storage
from service.meta import routes as meta
from service.milestones import routes as milestones
from service.milestones import rules as milestone_rules
from service.organizations import routes as organizations
from service.reports import routes as reports
from service.settings import Settings
from service.workplans import actual_rules
from service.workplans import routes as workplans
from service.workplans import rules as workplan_rules

OPERATIONS: tuple[Operation, ...] = (
    *meta.OPERATIONS,
    *accounts.OPERATIONS,
    *organizations.OPERATIONS,
    *agreements.OPERATIONS,
    *workplans.OPERATIONS,
    *amendments.OPERATIONS,
    *activities.OPERATIONS,
    *milestones.OPERATIONS,
    *documents.OPERATIONS,
    *datasets.OPERATIONS,
    *data_requests.OPERATIONS,
    *data_request_statistics.OPERATIONS,
    *reports.OPERATIONS,
    *indicators.OPERATIONS,
    *audit.OPERATIONS,
)

LIFECYCLES: Mapping[Noun, Lifecycle[Any]] = {
    Noun.AGREEMENT: agreement_rules.LIFECYCLE,
    Noun.AMENDMENT: amendment_rules.LIFECYCLE,
    Noun.ACTIVITY: activity_rules.LIFECYCLE,
    Noun.MILESTONE: milestone_rules.LIFECYCLE,
    Noun.WORKPLAN_ITEM: workplan_rules.LIFECYCLE,
    Noun.ACTUAL: actual_rules.LIFECYCLE,
    Noun.DATA_REQUEST: data_request_rules.LIFECYCLE,
    Noun.OBJECTION: objection_rules.LIFECYCLE,
}

_CONNECT_SECONDS, _PATIENCE_SECONDS = 2, 30
_SUMMARIES = 5_000
"""Summaries a process remembers, of about 3 kB each."""


def create() -> Edge:
    """Return the application of a worker process, set up from its environment."""
    app = application(configuration.load())
    # What the start made stays for ever, and a page makes thousands of structs without a cycle.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    return app


def application(settings: Settings, *, clock: Callable[[], datetime] = instants.now) -> Edge:
    """Return the whole service as one ASGI application; the database is opened in its lifespan.

    `clock` is for who composes a service of their own: worker processes go by the clock of the machine, and
    no setting or request moves it. Background work, and the signing of the trail, never go by another.
    """
    if None in {settings.database_url, settings.worker_url, settings.storage_url}:
        raise configuration.SettingsError(
            "TENUN_DATABASE_URL, TENUN_WORKER_URL or TENUN_STORAGE_URL is not set;"
            " `tenun serve` sets them by itself."
        )
    if settings.audit_key_file is None:
        raise configuration.SettingsError("TENUN_AUDIT_KEY_FILE is not set; `tenun serve` sets it by itself.")
    keys = read_keys(Path(settings.audit_key_file))
    guards: list[Guard] = []
    app = Litestar(
        route_handlers=[_handler(operation, guards) for operation in OPERATIONS],
        lifespan=[_lifespan(settings, guards, keys=keys, clock=clock)],
        exception_handlers={HTTPException: _routing_failure},
        openapi_config=None,
        logging_config=None,
    )
    _refuse_undeclared(app, OPERATIONS)
    return Edge(
        app,
        allowed=_allowed,
        limit=settings.request_limit,
        body_seconds=settings.body_seconds,
        logged=settings.access_log,
    )


def _handler(operation: Operation, guards: list[Guard]) -> HTTPRouteHandler:
    """Return the route of an operation; its middleware answers: Litestar only finds it."""

    def answering(app: ASGIApp) -> ASGIApp:  # noqa: ARG001 - Litestar passes it by this name.
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: PLR0917 - ASGI.
            send_answer = await guards[0].serve(operation, scope, receive=receive)
            await send_answer(scope, receive, send)

        return answer

    async def unreached() -> None:
        raise AssertionError(operation.id)

    path = operation.path.replace("}", ":str}")
    handler = HTTPRouteHandler(
        path,
        http_method=HttpMethod[operation.method],
        name=operation.id,
        status_code=204,
        middleware=[answering],
    )
    return handler(unreached)


def _refuse_undeclared(app: Litestar, operations: Iterable[Operation]) -> None:
    """Stop the start when a route exists that is not an operation: nothing is served without a permission."""
    declared = {operation.id for operation in operations}
    handlers = [handler for route in app.routes for handler in getattr(route, "route_handlers", ())]
    # Litestar adds an OPTIONS handler to every path; the edge answers OPTIONS before it.
    served = {handler.name for handler in handlers if handler.http_methods != {HttpMethod.OPTIONS}}
    if served != declared:
        raise RuntimeError(f"routes and operations differ: {sorted(map(str, served ^ declared))}")


def _lifespan(
    settings: Settings, guards: list[Guard], *, keys: Keys, clock: Callable[[], datetime]
) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None]:
        dsn = str(settings.database_url)
        worker_dsn = str(settings.worker_url)
        for address in (dsn, worker_dsn):
            # A worker that ended at once would not be started a second time while the database recovers.
            await awaited(address, timeout=_CONNECT_SECONDS, seconds=_PATIENCE_SECONDS)
            await refuse_mighty(address)
        async with (
            opened(dsn, size=settings.pool_size) as database,
            opened(worker_dsn, size=1) as background,
        ):
            authenticator = Authenticator(database)
            secret = await kept_secret(database)
            services = _services(settings, database, secret=secret, keys=keys, clock=clock)
            guards.append(Guard(services, authenticator))
            async with (
                authenticator.listening(lambda: connect(dsn)),
                beside(*_works(services, background)),
            ):
                yield
            guards.clear()

    return lifespan


def _services(
    settings: Settings, database: Database, *, secret: bytes, keys: Keys, clock: Callable[[], datetime]
) -> Services:
    """Return what requests share."""
    return Services(
        database=database,
        settings=settings,
        clock=clock,
        secret=secret,
        hashing_key=hashing_key(secret),
        keys=keys,
        moved=checkpoints.mailbox(),
        denied=denied.mailbox(),
        storage=Storage(str(settings.storage_url)),
        operations=OPERATIONS,
        lifecycles=LIFECYCLES,
        summaries=Remembered(_SUMMARIES),
    )


def _works(services: Services, background: Database) -> Iterable[Coroutine[Any, Any, None]]:
    """Return what runs beside requests, by the clock of the machine."""
    keys, clock = services.keys, instants.now
    return (
        sweep_hourly(
            clock,
            partial(sweep, background),
            lambda now: sweep_orphans(background, services.storage, now=now),
        ),
        denied.write_denied(background, services.denied),
        checkpoints.sign_regularly(background, keys, clock=clock),
        checkpoints.sign_soon(background, keys, moved=services.moved, clock=clock),
    )


@lru_cache(maxsize=4096)
def _allowed(path: str) -> str | None:
    return allowed_methods(OPERATIONS, path)


def _routing_failure(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what Litestar could not route: 404 and 405, and 400 for a Host that is none."""
    scope = cast("Scope", request.scope)  # The edge wrote a key into it that Litestar does not declare.
    allowed = _allowed(scope["path"])
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and allowed is not None:
        problem = Problem("method_not_allowed", headers={"allow": allowed}, method=scope["method"])
    elif error.status_code == HTTPStatus.BAD_REQUEST:
        problem = Problem("malformed_request", why=error.detail)
    else:
        problem = Problem("not_found")
    language = language_of(header(scope, b"accept-language"))
    answer = problem_answer(problem, language=language, instance=scope["exchange"].request_id)
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=PROBLEM_TYPE)
