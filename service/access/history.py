"""The life of a record, read from its audit entries by whoever may see it."""

from uuid import UUID

import msgspec
from sqlalchemy import Text, Uuid, select

from schema.tables.ledger import audit_entry
from schema.vocabulary import Noun, Verb
from schema.wire.common import HistoryEntry
from service.access.call import Call
from service.access.visibility import visible_to
from service.kernel.problem import Problem
from service.kernel.statement import Statement, document, param


class OfSubject(msgspec.Struct, frozen=True):
    """A record, for one organization."""

    subject_type: Noun
    subject_id: UUID
    acting_id: UUID


HISTORY = Statement(
    "history",
    document(
        HistoryEntry,
        select(*(audit_entry.c[name] for name in HistoryEntry.__struct_fields__))
        .where(
            audit_entry.c.subject_id == param("subject_id", Uuid()),
            audit_entry.c.subject_type == param("subject_type", Text()),
            audit_entry.c.action != Verb.UPDATED.value,
            visible_to(audit_entry.c.agreement_id),
        )
        .order_by(audit_entry.c.seq),
    ),
    params=OfSubject,
    row=HistoryEntry,
)


async def history_of(call: Call, noun: Noun, *, subject_id: UUID) -> tuple[HistoryEntry, ...]:
    """Return the steps of a record, oldest first.

    Raises `not_found` when the caller may not see it, or it was deleted.
    """
    rows = await call.database.rows(HISTORY, OfSubject(noun, subject_id, call.organization_id))
    if not rows or rows[-1].action == Verb.DELETED:
        raise Problem("not_found")
    return tuple(rows)
