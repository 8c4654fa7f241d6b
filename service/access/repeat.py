"""Idempotency-Key: the first answer again, to the same request by the same person (30 days)."""

from base64 import b64decode

from service.access.call import Call, Repeat
from service.access.queries import CONFIRM, FIRST_ANSWER, ByKey, FirstAnswer, Nothing
from service.kernel.problem import Problem


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
