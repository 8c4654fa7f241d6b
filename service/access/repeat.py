"""The same request again: an Idempotency-Key for 30 days, a client_ref for ever."""

import hashlib
from base64 import b64decode
from uuid import UUID

import msgspec

from service.access.call import Call, Repeat
from service.access.queries import CONFIRM, FIRST_ANSWER, ByKey, FirstAnswer, Nothing
from service.kernel.ledger import KeyClaimed
from service.kernel.problem import Problem

_encode = msgspec.json.Encoder().encode


async def first_answer(call: Call, repeat: Repeat) -> FirstAnswer | None:
    """Return what was answered to this key first, or None when it is new.

    Raises `idempotency_key_reused` when it was used for another request.
    """
    where = ByKey(acting_id=call.organization_id, actor_id=call.principal.user_id, key=repeat.key)
    found = await call.database.one(FIRST_ANSWER, where)
    if found is not None and bytes.fromhex(found.fingerprint) != repeat.fingerprint:
        raise Problem("idempotency_key_reused")
    return found


async def confirm(call: Call) -> None:
    """Wait until whatever this database holds is as safe as what was answered with 2xx at once.

    What a repeat finds may have been committed here alone, when its first request was told 503 because the
    replica was gone. Raises `unavailable` while it still is.
    """
    await call.database.only(CONFIRM, Nothing())


async def replayed(call: Call, first: FirstAnswer) -> bytes:
    """Return the body of the first answer, after looking whether the caller may still see the record."""
    revisit = call.operation.revisit
    record = None if revisit is None else await revisit(call, first.subject_id)
    return call.render(record) if first.body is None else b64decode(first.body)


def fingerprint_of(body: msgspec.Struct) -> bytes:
    """Return what makes another body the same: its values, however they were written."""
    return hashlib.sha256(_encode(body)).digest()


async def tell_again(call: Call) -> None:
    """Make the answer one that tells again what an earlier request did, without claiming a key for it.

    An Idempotency-Key comes first: a key used before is replayed, or refused for another request.
    """
    if call.repeat is not None and await first_answer(call, call.repeat) is not None:
        raise KeyClaimed
    call.repeats = True


async def demand_same(call: Call, body: msgspec.Struct, *, known_id: UUID, fingerprint: str | None) -> None:
    """Raise `client_ref_taken` unless the record that a client_ref made first was asked for by this body."""
    await tell_again(call)
    if fingerprint != fingerprint_of(body).hex():
        raise Problem("client_ref_taken", client_ref=getattr(body, "client_ref", None), id=known_id)
