"""API keys: tokens for programs."""

from uuid import UUID

from msgspec.structs import asdict, replace

from schema.vocabulary import Noun, Permission, TokenKind, Verb
from schema.wire.accounts import (
    ApiKey,
    ApiKeyPage,
    ApiKeyQuery,
    CreateApiKey,
    CreatedApiKey,
    UpdateApiKey,
)
from service.access.call import Call
from service.access.record import Step, entry
from service.accounts import credentials, listing, rules
from service.accounts.sessions import revoke
from service.accounts.tokens import new_key_token
from service.kernel import instants
from service.kernel.ids import uuid7
from service.kernel.operation import operation

TAG = "api-keys"
_MANAGE = (Permission.API_KEY_MANAGE,)


async def key_by_id(call: Call, key_id: UUID) -> ApiKey:
    """Return a key of the acting organization, or raise `not_found`."""
    named = credentials.ByToken(token_id=key_id, acting_id=call.organization_id)
    return await call.found(credentials.KEY, named)


@operation("GET", "/v1/api-keys", permissions=_MANAGE, tag=TAG, private=True)
async def list_api_keys(call: Call, query: ApiKeyQuery) -> ApiKeyPage:
    """List the keys of the acting organization, the revoked ones among them."""
    items, cursor, total = await listing.keys(call, query)
    return ApiKeyPage(items=items, next_cursor=cursor, total=total)


@operation("GET", "/v1/api-keys/{key_id}", permissions=_MANAGE, tag=TAG, private=True)
async def get_api_key(call: Call, key_id: UUID) -> ApiKey:
    """Read one key; its token is not kept."""
    return await key_by_id(call, key_id)


@operation(
    "POST",
    "/v1/api-keys",
    permissions=_MANAGE,
    tag=TAG,
    status=201,
    keyed=False,
    private=True,
    problems=("role_not_grantable",),
)
async def create_api_key(call: Call, body: CreateApiKey) -> CreatedApiKey:
    """Make a key of the acting organization; the token is shown here only.

    It works to the end of `expires_on` in the organization's time zone. Its roles give at most what those of
    its maker give at that moment, and it never approves.
    """
    record = rules.created_key(body, call.caller, key_id=uuid7(call.caller.now))
    token = new_key_token()
    written = credentials.NewKey(
        **entry(call, _step(Verb.CREATED, None, after=record), answer=None),
        **asdict(record),
        kind=TokenKind.API_KEY,
        digest=token.digest,
        expires_at=instants.end_of(record.expires_on, call.principal.time_zone),
    )
    async with call.database.lease() as connection:
        await credentials.CREATE_KEY.run(connection, written)
    return CreatedApiKey(**asdict(record), token=token.text)


@operation(
    "PATCH",
    "/v1/api-keys/{key_id}",
    permissions=_MANAGE,
    tag=TAG,
    private=True,
    conditional=True,
)
async def update_api_key(call: Call, key_id: UUID, *, body: UpdateApiKey) -> ApiKey:
    """Rename a key; what it may do never changes."""
    stored = await key_by_id(call, key_id)
    call.match(stored.version)
    record = replace(stored, name=body.name, version=stored.version + 1, updated_at=call.caller.now)
    written = credentials.RenamedKey(
        **entry(call, _step(Verb.UPDATED, stored, after=record), answer=record),
        version=record.version,
        updated_at=record.updated_at,
        name=record.name,
        expected_version=stored.version,
    )
    async with call.database.lease() as connection:
        await credentials.RENAME_KEY.run(connection, written)
    return record


@operation("DELETE", "/v1/api-keys/{key_id}", permissions=_MANAGE, tag=TAG)
async def revoke_api_key(call: Call, key_id: UUID) -> None:
    """Revoke a key: it opens nothing from now on. Revoking it again changes nothing."""
    stored = await key_by_id(call, key_id)
    if stored.revoked_at is None:
        await revoke(call, stored, noun=Noun.API_KEY, permission=Permission.API_KEY_MANAGE)


def _step(action: Verb, before: ApiKey | None, *, after: ApiKey) -> Step:
    return Step(
        noun=Noun.API_KEY,
        subject_id=after.id,
        version=after.version,
        action=action,
        permissions=_MANAGE,
        stream=after.organization_id,
        before=before,
        after=after,
    )
