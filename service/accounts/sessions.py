"""Signing in and out."""

from msgspec.structs import asdict

from schema.vocabulary import Noun, Permission, TokenKind, Verb
from schema.wire.accounts import ApiKey, CreateSession, Membership, Session
from service.access.call import Call, Visit
from service.access.record import Actor, Step, entry, open_entry
from service.accounts import credentials, passwords, rules
from service.accounts.records import Credentials, SignedIn
from service.accounts.throttle import Attempt, attempt_of, count_failure, refuse_throttled
from service.accounts.tokens import new_session_token
from service.kernel.ids import uuid7
from service.kernel.operation import OPEN, operation
from service.kernel.problem import Problem, refuse
from service.kernel.text import squeezed

TAG = "sessions"


@operation(
    "POST",
    "/v1/sessions",
    permissions=OPEN,
    tag=TAG,
    status=201,
    keyed=False,
    private=True,
    problems=("sign_in_failed", "too_many_requests"),
)
async def create_session(visit: Visit, body: CreateSession) -> Session:
    """Sign in for one organization; the token is shown here only and lasts 12 hours.

    A member of several organizations names one. Whatever is wrong with e-mail, password, account or
    organization, the answer is the same.
    """
    refuse(rules.password_faults(body.password, "/password"))
    email_key = squeezed(body.email)
    attempt = attempt_of(visit, email_key)
    await refuse_throttled(visit, attempt)
    found = await visit.database.one(credentials.BY_EMAIL, credentials.ByEmail(email_key))
    right = await passwords.verified(body.password, found and found.password_hash)
    memberships = rules.open_to(found, body.organization_id) if right else ()
    if found is None or not memberships:
        await count_failure(visit, attempt)
        raise Problem("sign_in_failed")
    return await _signed_in(visit, found, membership=rules.only(memberships), attempt=attempt)


async def _signed_in(
    visit: Visit, person: Credentials, *, membership: Membership, attempt: Attempt
) -> Session:
    token = new_session_token()
    record = rules.session(membership, visit.now, session_id=uuid7(visit.now))
    step = Step(
        noun=Noun.SESSION,
        subject_id=record.id,
        version=record.version,
        action=Verb.CREATED,
        permissions=OPEN,
        stream=record.organization_id,
        after=record,
    )
    actor = Actor(user_id=person.id, organization_id=record.organization_id, roles=membership.roles)
    written = credentials.NewSession(
        **open_entry(step, actor, now=visit.now, request_id=visit.request_id, key=visit.services.hashing_key),
        **asdict(record),
        kind=TokenKind.SESSION,
        digest=token.digest,
        user_version=person.version,
        membership_version=membership.version,
        account=attempt.account,
        subjects=attempt.subjects,
        window_start=attempt.window_start,
        failure_limit=attempt.failure_limit,
    )
    async with visit.database.acting(written.acting_id).lease() as connection:
        await credentials.CREATE_SESSION.run(connection, written)
    return Session(
        token=token.text,
        expires_at=record.expires_at,
        user_id=person.id,
        organization_id=record.organization_id,
        roles=membership.roles,
        password_change_required=person.password_change_required,
    )


@operation(
    "DELETE",
    "/v1/sessions/current",
    permissions=(Permission.SELF,),
    tag=TAG,
    unlocked=True,
    problems=("not_found",),
)
async def delete_current_session(call: Call) -> None:
    """Sign out: the session's token opens nothing from now on.

    An API key has no session to end; it is revoked at `/v1/api-keys/{key_id}`.
    """
    named = credentials.ByToken(token_id=call.principal.token_id, acting_id=call.organization_id)
    record = await call.found(credentials.SESSION, named)
    await revoke(call, record, noun=Noun.SESSION, permission=Permission.SELF)


async def revoke(call: Call, record: SignedIn | ApiKey, *, noun: Noun, permission: Permission) -> None:
    """Write that a token is revoked, and forget whom it acted for."""
    ended = rules.revoked(record, call.caller.now)
    step = Step(
        noun=noun,
        subject_id=record.id,
        version=ended.version,
        action=Verb.REVOKED,
        permissions=(permission,),
        stream=call.organization_id,
        before=record,
        after=ended,
    )
    written = credentials.Revoked(
        **entry(call, step, answer=None),
        version=ended.version,
        updated_at=ended.updated_at,
        revoked_at=call.caller.now,
    )
    async with call.database.lease() as connection:
        await credentials.REVOKE.run(connection, written)
    call.changed_users.append(record.user_id)
