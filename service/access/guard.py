"""The way of a request: authenticate, guard, decode, decide, change, encode — the same for every operation.

1 authenticate   401   always first
2 guard          403   the operation's permission
3 decode         400   parameters, headers and body; a bad request never takes a connection
4 handler        404, 409, 412, …
5 replay               what failed or was claimed by another is looked up by its Idempotency-Key
6 encode               ETag, Location, CSV
"""

import asyncio
import logging
import random
from datetime import datetime
from http import HTTPStatus
from typing import Any

import asyncpg

from schema.vocabulary import Language
from service.access.authenticate import Authenticator
from service.access.call import Call, Services, Visit
from service.access.denied import Denied, shown
from service.access.inputs import Inputs, inputs_of
from service.access.principal import Caller, Principal
from service.access.repeat import confirm, first_answer, replayed
from service.kernel import instants, ledger
from service.kernel.answers import answer_of, replay_of
from service.kernel.constraints import moved_by, problem_of
from service.kernel.download import File, file_answer
from service.kernel.http import Answer, Disconnected, Receive, Scope, header, problem_answer
from service.kernel.ids import uuid7
from service.kernel.negotiate import language_of
from service.kernel.operation import OPEN, Operation
from service.kernel.problem import Problem, unavailable
from service.kernel.trace import trace_of

log = logging.getLogger("tenun")

_ATTEMPTS = 4
_DENIED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
_AGAIN = (ledger.FactsMoved, asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_RECOVERED = (
    Problem,
    ledger.KeyClaimed,
    asyncpg.LockNotAvailableError,
    asyncpg.IntegrityConstraintViolationError,
)


class Guard:
    """Answers operations; holds what the requests of a process share."""

    def __init__(self, services: Services, authenticator: Authenticator) -> None:
        """Keep the services of the process."""
        self._services = services
        self._authenticator = authenticator

    async def serve(self, operation: Operation, scope: Scope, *, receive: Receive) -> Answer:
        """Answer one request; every failure becomes a problem."""
        language = language_of(header(scope, b"accept-language"))
        exchange = scope["exchange"]
        exchange.operation = operation.id
        try:
            return await self._answered(operation, scope, receive=receive)
        except Problem as problem:
            self._note(operation, scope, problem=problem)
            return problem_answer(problem, language=language, instance=exchange.request_id)
        except Disconnected:
            return Answer(400, [])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged and answered.
            told = (operation.id, exchange.request_id, trace_of(error))
            log.error("unexpected failure in %s, request %s\n%s", *told)  # noqa: TRY400 - it would add values.
            return problem_answer(Problem("internal_error"), language=language, instance=exchange.request_id)

    async def _answered(self, operation: Operation, scope: Scope, *, receive: Receive) -> Answer:
        principal = await self._admitted(operation, scope)
        inputs = await inputs_of(operation, scope, receive=receive)
        try:
            return await self._decided(operation, scope, inputs=inputs, principal=principal)
        finally:
            inputs.close()

    async def _decided(
        self, operation: Operation, scope: Scope, *, inputs: Inputs, principal: Principal | None
    ) -> Answer:
        for attempt in range(_ATTEMPTS):
            call = self._call(operation, scope, inputs=inputs, principal=principal)
            try:
                answer = await _once(call, inputs)
            except ledger.StalePrincipal:
                if principal is not None:
                    self._authenticator.forget(principal.user_id)
                principal = await self._admitted(operation, scope)
            except _AGAIN:
                await asyncio.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - jitter is no secret.
            else:
                self._follow(call)
                return answer
        raise unavailable()

    def _follow(self, call: Visit) -> None:
        """Do what follows from a change that was made: forget who changed, have signed what moved."""
        if isinstance(call, Call):
            for user_id in call.changed_users:
                self._authenticator.forget(user_id)
            for stream in call.moved_streams:
                self._services.moved.post(stream)

    def _note(self, operation: Operation, scope: Scope, *, problem: Problem) -> None:
        """Note a change that somebody known was refused."""
        exchange = scope["exchange"]
        if problem.status not in _DENIED or operation.method == "GET" or exchange.user_id is None:
            return
        now = self._services.clock()
        self._services.denied.post(
            Denied(
                id=uuid7(now),
                at=now,
                organization_id=exchange.organization_id,
                user_id=exchange.user_id,
                operation=operation.id,
                path=shown(scope["path"]),
                code=problem.code,
                request_id=exchange.request_id,
            )
        )

    async def _admitted(self, operation: Operation, scope: Scope) -> Principal | None:
        """Return who asks, None for an open operation; raise 401 and 403."""
        if operation.permissions is OPEN:
            return None
        authorization = header(scope, b"authorization")
        principal = await self._authenticator.principal(authorization, self._services.clock())
        scope["exchange"].organization_id = principal.organization_id
        scope["exchange"].user_id = principal.user_id
        if principal.password_change_required and not operation.unlocked:
            raise Problem("password_change_required")
        if principal.permissions.isdisjoint(operation.permissions):
            raise Problem("permission_missing", permission=" / ".join(operation.permissions))
        return principal

    def _call(
        self, operation: Operation, scope: Scope, *, inputs: Inputs, principal: Principal | None
    ) -> Visit:
        now = self._services.clock()
        language = language_of(header(scope, b"accept-language"))
        common: dict[str, Any] = {
            "operation": operation,
            "services": self._services,
            "request_id": scope["exchange"].request_id,
            "peer": (scope.get("client") or ("",))[0],
            "now": now,
            "language": language,
            "accept": inputs.accept,
        }
        if principal is None:
            return Visit(**common)
        caller = _caller(principal, language=language, now=now)
        listing = b"|".join((operation.id.encode(), principal.organization_id.bytes, inputs.filters))
        return Call(**common, caller=caller, listing=listing, expected=inputs.expected, repeat=inputs.repeat)


def _caller(principal: Principal, *, language: Language, now: datetime) -> Caller:
    today = instants.day_in(principal.time_zone, now)
    return Caller(principal=principal, now=now, today=today, language=language)


async def _once(call: Visit, inputs: Inputs) -> Answer:
    try:
        result = await call.operation.handler(call, **inputs.arguments)
    except _RECOVERED as error:
        return await _recovered(call, error, path=inputs.path)
    if isinstance(call, Call) and call.repeats:
        await confirm(call)
    if isinstance(result, File):
        return await file_answer(result, inputs)
    return answer_of(call.operation, result, body=call.render, inputs=inputs, language=call.language)


async def _recovered(call: Visit, error: Exception, *, path: str) -> Answer:
    """Return the first answer when this was a repeat; otherwise raise what the failure means."""
    failed = getattr(error, "status", HTTPStatus.CONFLICT) >= HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(call, Call) and call.repeat is not None and not failed:
        first = await first_answer(call, call.repeat)
        if first is not None:
            await confirm(call)
            body = await replayed(call, first)
            return replay_of(path, first.status, body=body, subject_id=first.subject_id)
    match error:
        case ledger.KeyClaimed():
            raise ledger.FactsMoved from error
        case asyncpg.LockNotAvailableError():
            raise _busy(call) from error
        case asyncpg.IntegrityConstraintViolationError():
            if moved_by(error):
                raise ledger.FactsMoved from error
            raise problem_of(error) or error
        case _:
            raise error


def _busy(call: Visit) -> Problem:
    if isinstance(call, Call) and call.repeat is not None:
        return Problem("request_in_progress", headers={"retry-after": "1"})
    return unavailable()
