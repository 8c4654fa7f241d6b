"""Statements over documents: where one would belong, one by its id, and its two changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.activities import activity
from schema.tables.agreements import agreement, party
from schema.tables.documents import document as kept
from schema.tables.documents import document_removal as removal
from schema.tables.documents import document_usage
from schema.vocabulary import DocumentSubject
from service.access.handing import readable_document
from service.access.visibility import visible_to
from service.documents.rules import Place, Stored
from service.kernel.ledger import Change, GatedEntry, after
from service.kernel.statement import Statement, document, json_values, param
from service.kernel.storage import KEPT_LOCK

COLUMNS = Stored.__struct_fields__
_BINDS = {"subject_type": "about_type", "subject_id": "about_id"}  # An entry of the ledger has a subject too.


class ById(msgspec.Struct, frozen=True):
    """One document, for one organization, at an instant."""

    subject_id: UUID
    acting_id: UUID
    now: datetime


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A record that a document would be about, for one organization."""

    acting_id: UUID
    subject_type: DocumentSubject
    subject_id: UUID


class Written(GatedEntry, frozen=True, kw_only=True):
    """A new document, and the quota of who stores it."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    agreement_id: UUID
    organization_id: UUID
    about_type: str
    about_id: UUID
    activity_id: UUID | None
    kind: str
    filename: str
    media_type: str
    byte_size: int
    sha256: str
    hard_copy_location: str | None
    visibility: str
    byte_limit: int


class Removed(GatedEntry, frozen=True, kw_only=True):
    """A document to delete, and how much becomes free."""

    expected_version: int
    byte_size: int


class Ids(msgspec.Struct, frozen=True):
    """Ids to look for, or ids found."""

    ids: tuple[UUID, ...]


class Some(msgspec.Struct, frozen=True):
    """So many at most."""

    row_limit: int


DOCUMENT = Statement(
    "document",
    document(
        Stored,
        select(*(kept.c[name] for name in COLUMNS)).where(
            kept.c.id == param("subject_id", Uuid()), readable_document()
        ),
    ),
    params=ById,
    row=Stored,
)


def _place() -> Select[*tuple[Any, ...]]:
    subject_id, kind = param("subject_id", Uuid()), param("subject_type", Text())
    found = (
        select(agreement.c.id)
        .where(
            kind == DocumentSubject.AGREEMENT.value,
            agreement.c.id == subject_id,
            visible_to(agreement.c.id),
        )
        .union_all(
            select(activity.c.agreement_id).where(
                kind == DocumentSubject.ACTIVITY.value,
                activity.c.id == subject_id,
                visible_to(activity.c.agreement_id),
            )
        )
        .cte("place")
    )
    members = select(party.c.organization_id).where(party.c.agreement_id.in_(select(found.c.id)))
    used = select(document_usage.c.byte_size).where(
        document_usage.c.organization_id == param("acting_id", Uuid())
    )
    return select(
        select(found.c.id).scalar_subquery().label("agreement_id"),
        json_values(members, name="party_ids"),
        func.coalesce(used.scalar_subquery(), 0).label("byte_size"),
    )


PLACE = Statement("place_of_document", document(Place, _place()), params=Subject, row=Place)


def _held() -> Select[Any]:
    """Hold the agreement before the audit head, as whoever changes it does: the two never wait crosswise."""
    where = agreement.c.id == param("ledger_agreement_id", Uuid())
    return select(agreement.c.id).where(where).with_for_update(read=True, key_share=True)


def _locked() -> Select[Any]:
    return (
        select(kept.c.id)
        .where(
            kept.c.id == param("subject_id", Uuid()), kept.c.version == param("expected_version", Integer())
        )
        .with_for_update()
    )


def _new(head: CTE) -> CTE:
    names = (*COLUMNS, "activity_id")
    values = select(*(param(_BINDS.get(name, name), kept.c[name].type) for name in names)).where(after(head))
    return insert(kept).from_select(list(names), values).cte("new_document")


def _used(head: CTE) -> CTE:
    """Count the bytes as the organization's; a constraint refuses what is more than its quota."""
    columns = {
        "organization_id": param("acting_id", Uuid()),
        "byte_size": param("byte_size", Integer()),
        "byte_limit": param("byte_limit", BigInteger()),
    }
    statement = upsert(document_usage).from_select(
        list(columns), select(*columns.values()).where(after(head))
    )
    sums = {
        "byte_size": document_usage.c.byte_size + statement.excluded.byte_size,
        "byte_limit": statement.excluded.byte_limit,
    }
    return statement.on_conflict_do_update(index_elements=["organization_id"], set_=sums).cte("used")


def _freed(head: CTE) -> CTE:
    less = {"byte_size": document_usage.c.byte_size - param("byte_size", Integer())}
    own = document_usage.c.organization_id == param("acting_id", Uuid())
    return update(document_usage).where(own, after(head)).values(less).cte("freed")


CREATE = Change(
    "create_document",
    params=Written,
    target=_held(),
    works=lambda head: [_new(head), _used(head)],
)

DELETE = Change(
    "delete_document",
    params=Removed,
    target=_locked(),
    works=lambda head: [
        delete(kept).where(kept.c.id == param("subject_id", Uuid()), after(head)).cte("gone"),
        insert(removal)
        .from_select(["document_id"], select(param("subject_id", Uuid())).where(after(head)))
        .cte("to_remove"),
        _freed(head),
    ],
)


def _nobody_keeps() -> ColumnElement[bool]:
    """Return whether no backup reads the store, as it is when the statement has seen which records there are.

    A backup takes the lock before its snapshot. So a record that this statement does not see and such a
    snapshot does, was deleted behind the lock, and is refused here.
    """
    return select(
        func.pg_try_advisory_xact_lock(literal(KEPT_LOCK, BigInteger()), type_=Boolean)
    ).scalar_subquery()


def _without_record(id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return ~exists(select(kept.c.id).where(kept.c.id == id)) & _nobody_keeps()


def _unknown() -> Select[*tuple[Any, ...]]:
    named = func.unnest(param("ids", ARRAY(Uuid))).column_valued("named")
    return select(json_values(select(named).where(_without_record(named)), name="ids"))


def _removed() -> Select[*tuple[Any, ...]]:
    deleted = select(removal.c.document_id).where(_without_record(removal.c.document_id))
    return select(json_values(deleted.limit(param("row_limit", Integer())), name="ids"))


UNKNOWN = Statement("documents_unknown", document(Ids, _unknown()), params=Ids, row=Ids)
"""Which of these ids no document has; for the worker, whom row security shows all."""

REMOVED = Statement("documents_removed", document(Ids, _removed()), params=Some, row=Ids)
"""Deleted documents whose bytes are still there."""

FORGET = Statement(
    "forget_documents",
    delete(removal).where(removal.c.document_id == any_(param("ids", ARRAY(Uuid)))),
    params=Ids,
    row=Ids,
)
"""Their bytes are gone."""
