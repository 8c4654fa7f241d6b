"""One's own account: who the token acts for, one's password, and the first password of an invited person."""

from schema.vocabulary import Noun, Permission, Verb
from schema.wire.accounts import AcceptInvitation, ChangePassword, Me
from service.access.authenticate import token_digest
from service.access.call import Call, Visit
from service.access.record import Actor, Step, entry, open_entry
from service.accounts import credentials, passwords, queries, rules
from service.accounts.records import Credentials
from service.accounts.throttle import attempt_of, count_failure, refuse_throttled
from service.kernel.operation import OPEN, operation
from service.kernel.problem import Fault, Problem, refuse
from service.kernel.text import squeezed


@operation("GET", "/v1/me", permissions=(Permission.SELF,), tag="me", unlocked=True, private=True)
async def get_me(call: Call) -> Me:
    """Read who the token acts for, for which organization, and what it may do."""
    principal = call.principal
    acting = queries.Acting(actor_id=principal.user_id, acting_id=principal.organization_id)
    named = await call.database.one(queries.NAMED, acting)
    if named is None:
        raise Problem("authentication_required")
    return Me(
        user_id=principal.user_id,
        name=named.name,
        email=named.email,
        language=named.language,
        organization_id=principal.organization_id,
        organization_name=named.organization_name,
        roles=principal.roles,
        permissions=tuple(each for each in Permission if principal.may(each)),
        password_change_required=principal.password_change_required,
        expires_at=principal.expires_at,
    )


# No Idempotency-Key here and below: what is kept of a request to know it again is a fast hash, with which
# whoever reads the database could try passwords without argon2.
@operation(
    "POST",
    "/v1/me/password",
    permissions=(Permission.SELF,),
    tag="me",
    keyed=False,
    unlocked=True,
    problems=("too_many_requests",),
)
async def change_password(call: Call, body: ChangePassword) -> None:
    """Choose another password: all other sessions of the person end, this one stays.

    Wrong current passwords count like failed sign-ins.
    """
    refuse(
        (
            *rules.password_faults(body.current_password, "/current_password"),
            *rules.password_faults(body.new_password, "/new_password"),
        )
    )
    stored = await call.database.one(credentials.BY_USER, credentials.ByUser(call.principal.user_id))
    if stored is None:
        raise Problem("authentication_required")
    await _demand_password(call, stored, password=body.current_password)
    changed = rules.with_password(stored, call.caller.now)
    step = Step(
        noun=Noun.USER,
        subject_id=stored.id,
        version=changed.version,
        action=Verb.PASSWORD_CHANGED,
        permissions=(Permission.SELF,),
        stream=call.organization_id,
        before=rules.user_of(stored),
        after=changed,
    )
    written = credentials.NewPassword(
        **entry(call, step, answer=None),
        version=changed.version,
        updated_at=changed.updated_at,
        password_hash=await passwords.hashed(body.new_password),
        password_change_required=changed.password_change_required,
        expected_version=stored.version,
    )
    async with call.database.lease() as connection:
        await credentials.CHANGE_PASSWORD.run(connection, written)
    call.changed_users.append(stored.id)


async def _demand_password(call: Call, stored: Credentials, *, password: str) -> None:
    attempt = attempt_of(call, squeezed(stored.email))
    await refuse_throttled(call, attempt)
    if not await passwords.verified(password, stored.password_hash):
        await count_failure(call, attempt)
        refuse([Fault("/current_password", "password_wrong")])


@operation("POST", "/v1/invitations/accept", permissions=OPEN, tag="invitations", keyed=False)
async def accept_invitation(visit: Visit, body: AcceptInvitation) -> None:
    """Choose the first password of an invited person; the invitation is used up, and sign-in is open.

    An invitation that is unknown, used or older than 7 days is a fault at `/token`.
    """
    refuse(rules.password_faults(body.password, "/password"))
    digest = token_digest(body.token)
    named = credentials.ByInvitation(digest=digest, now=visit.now)
    stored = await visit.database.one(credentials.BY_INVITATION, named)
    if stored is None or not stored.memberships:
        raise Problem("validation_failed", faults=[Fault("/token", "token_invalid")])
    await _accepted(visit, stored, digest=digest, password_hash=await passwords.hashed(body.password))


async def _accepted(visit: Visit, stored: Credentials, *, digest: bytes, password_hash: str) -> None:
    changed = rules.with_password(stored, visit.now)
    membership = stored.memberships[0]
    step = Step(
        noun=Noun.USER,
        subject_id=stored.id,
        version=changed.version,
        action=Verb.UPDATED,
        permissions=OPEN,
        stream=membership.organization_id,
        before=rules.user_of(stored),
        after=changed,
    )
    actor = Actor(user_id=stored.id, organization_id=membership.organization_id, roles=membership.roles)
    written = credentials.FirstPassword(
        **open_entry(step, actor, now=visit.now, request_id=visit.request_id, key=visit.services.hashing_key),
        version=changed.version,
        updated_at=changed.updated_at,
        password_hash=password_hash,
        state=changed.state,
        digest=digest,
        expected_version=stored.version,
    )
    async with visit.database.acting(written.acting_id).lease() as connection:
        await credentials.ACCEPT_INVITATION.run(connection, written)
