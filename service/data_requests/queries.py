"""Statements over data requests: one document each, with deliveries and what stands around it."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    Text,
    Uuid,
    any_,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from schema.tables.accounts import membership, user
from schema.tables.data_requests import data_request, dataset, delivery, objection, request_number
from schema.tables.documents import document as stored_document
from schema.tables.ledger import audit_entry
from schema.tables.organizations import organization
from schema.vocabulary import AccountState, Noun, Role, TimeZone, Verb
from schema.wire.common import HistoryEntry
from schema.wire.data_requests import Delivery
from service.access.basis import Basis
from service.access.holding import basis_of
from service.access.holidays import Correction, corrections_column
from service.access.visibility import catalogued, request_visible, visible_to
from service.data_requests.records import DatasetFacts, DocumentFacts, Objection, Stored
from service.kernel.statement import Statement, document, json_list, json_one, param

_JOINED = {"exchanges", "deliveries"}
PLAIN = tuple(name for name in Stored.__struct_fields__ if name not in _JOINED)


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """What a clock must know of who holds the data."""

    id: UUID
    time_zone: TimeZone
    joint_leave: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A request with what stands around it; `assignable`: whether the named person is its reviewer.

    `document` is the named one, when the holder acts and has stored it under the agreement.
    """

    request: Stored
    agreement: Basis | None
    dataset: DatasetFacts | None
    holder: Holder
    corrections: tuple[Correction, ...]
    assignable: bool
    document: DocumentFacts | None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a new request must know, and what its client_ref was used for before."""

    agreement: Basis | None
    dataset: DatasetFacts | None
    holder: Holder | None
    corrections: tuple[Correction, ...]
    known_id: UUID | None
    known_fingerprint: str | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of a page, and what stands around them."""

    items: tuple[Stored, ...]
    agreements: tuple[Basis, ...]
    datasets: tuple[DatasetFacts, ...]
    holders: tuple[Holder, ...]
    corrections: tuple[Correction, ...]


class ById(msgspec.Struct, frozen=True):
    """One request, for one organization, a person it may be handed to, and a document to deliver."""

    subject_id: UUID
    acting_id: UUID
    candidate_id: UUID | None = None
    document_id: UUID | None = None


_UNNAMED = frozenset({"candidate_id", "document_id"})


class ToOpen(msgspec.Struct, frozen=True, kw_only=True):
    """What a body names, for one organization."""

    acting_id: UUID
    agreement_id: UUID | None
    holder_organization_id: UUID
    dataset_id: UUID | None
    client_ref: str | None


class OfDataset(msgspec.Struct, frozen=True):
    """A dataset, for one organization."""

    dataset_id: UUID | None
    acting_id: UUID


class Counter(msgspec.Struct, frozen=True):
    """The numbers of a holder in a year."""

    holder_organization_id: UUID
    year: int


class Given(msgspec.Struct, frozen=True):
    """The number given last."""

    last: int


def stored_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a stored request, as its struct names them."""
    empty: ColumnElement[Any] = literal_column("'[]'::json")
    rows = (
        select(*(delivery.c[name] for name in Delivery.__struct_fields__))
        .where(delivery.c.data_request_id == data_request.c.id)
        .order_by(delivery.c.position)
        .correlate(data_request)
    )
    return [
        *(data_request.c[name] for name in PLAIN),
        func.coalesce(data_request.c.exchanges, empty).label("exchanges"),
        json_list(Delivery, rows, name="deliveries"),
    ]


def dataset_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a dataset that a request depends on."""
    return [dataset.c[name] for name in DatasetFacts.__struct_fields__]


def holder_columns() -> list[ColumnElement[Any]]:
    """Return the columns of a holder that a clock depends on."""
    return [organization.c[name] for name in Holder.__struct_fields__]


def _reviews() -> ColumnElement[bool]:
    """Return whether the named person is an active reviewer of the holder."""
    found = (
        select(membership.c.user_id)
        .join(user, user.c.id == membership.c.user_id)
        .where(
            membership.c.user_id == param("candidate_id", Uuid()),
            membership.c.organization_id == data_request.c.holder_organization_id,
            literal_column(f"'{Role.REVIEWER}'") == any_(membership.c.roles),
            user.c.state == literal_column(f"'{AccountState.ACTIVE}'"),
        )
        .correlate(data_request)
    )
    return exists(found)


def around_columns() -> list[ColumnElement[Any]]:
    """Return what stands around a request: its agreement, its dataset and its holder."""
    its_agreement = basis_of(data_request.c.agreement_id)
    its_dataset = select(*dataset_columns()).where(
        dataset.c.id == data_request.c.dataset_id, catalogued(dataset)
    )
    its_holder = select(*holder_columns()).where(organization.c.id == data_request.c.holder_organization_id)
    return [
        json_one(Basis, its_agreement.correlate(data_request), name="agreement"),
        json_one(DatasetFacts, its_dataset.correlate(data_request), name="dataset"),
        json_one(Holder, its_holder.correlate(data_request), name="holder"),
        corrections_column(),
    ]


def _own_document() -> Select[*tuple[Any, ...]]:
    """Return the named document, which the acting organization stored under the agreement of the request."""
    return (
        select(*(stored_document.c[name] for name in DocumentFacts.__struct_fields__))
        .where(
            stored_document.c.agreement_id == data_request.c.agreement_id,
            stored_document.c.id == param("document_id", Uuid()),
            stored_document.c.organization_id == param("acting_id", Uuid()),
            visible_to(stored_document.c.agreement_id),
        )
        .correlate(data_request)
    )


def _found() -> Select[*tuple[Any, ...]]:
    request = select(*stored_columns()).where(data_request.c.id == param("subject_id", Uuid()))
    return (
        select(
            json_one(Stored, request.correlate(None), name="request"),
            *around_columns(),
            _reviews().label("assignable"),
            json_one(DocumentFacts, _own_document(), name="document"),
        )
        .select_from(data_request)
        .where(data_request.c.id == param("subject_id", Uuid()), request_visible(data_request))
    )


DATA_REQUEST = Statement("data_request", document(Found, _found()), params=ById, row=Found)


def _opening() -> Select[*tuple[Any, ...]]:
    of_agreement = basis_of(param("agreement_id", Uuid()))
    of_dataset = select(*dataset_columns()).where(
        dataset.c.id == param("dataset_id", Uuid()), catalogued(dataset)
    )
    of_holder = select(*holder_columns()).where(organization.c.id == param("holder_organization_id", Uuid()))

    def known(value: ColumnElement[Any]) -> ColumnElement[Any]:
        mine = (
            data_request.c.requester_organization_id == param("acting_id", Uuid()),
            data_request.c.client_ref == param("client_ref", Text()),
        )
        return select(value).where(*mine).scalar_subquery()

    fingerprint = func.encode(data_request.c.client_fingerprint, "hex", type_=Text)
    return select(
        json_one(Basis, of_agreement, name="agreement"),
        json_one(DatasetFacts, of_dataset, name="dataset"),
        json_one(Holder, of_holder, name="holder"),
        corrections_column(),
        known(data_request.c.id).label("known_id"),
        known(fingerprint).label("known_fingerprint"),
    )


OPENING = Statement("opening_of_data_request", document(Opening, _opening()), params=ToOpen, row=Opening)

DATASET_FACTS = Statement(
    "dataset_facts",
    document(
        DatasetFacts,
        select(*dataset_columns()).where(dataset.c.id == param("dataset_id", Uuid()), catalogued(dataset)),
    ),
    params=OfDataset,
    row=DatasetFacts,
)


def _next_number() -> Select[Any]:
    """Count up and give the number; whoever is next waits until this one is written, or given up."""
    first = {
        "holder_organization_id": param("holder_organization_id", Uuid()),
        "year": param("year", SmallInteger()),
        "last": literal_column("1", Integer()),
    }
    counted = (
        upsert(request_number)
        .values(first)
        .on_conflict_do_update(
            index_elements=["holder_organization_id", "year"], set_={"last": request_number.c.last + 1}
        )
        .returning(request_number.c.last)
        .cte("counted")
    )
    return select(counted.c.last)


NEXT_NUMBER = Statement("next_request_number", document(Given, _next_number()), params=Counter, row=Given)


def _history() -> Select[*tuple[Any, ...]]:
    known = data_request.alias("known")
    seen = exists(select(known.c.id).where(known.c.id == param("subject_id", Uuid()), request_visible(known)))
    return (
        select(*(audit_entry.c[name] for name in HistoryEntry.__struct_fields__))
        .where(
            audit_entry.c.subject_id == param("subject_id", Uuid()),
            audit_entry.c.subject_type == literal_column(f"'{Noun.DATA_REQUEST}'"),
            audit_entry.c.action != literal_column(f"'{Verb.UPDATED}'"),
            seen,
        )
        .order_by(audit_entry.c.id)
    )


HISTORY = Statement(
    "data_request_history",
    document(HistoryEntry, _history()),
    params=ById,
    row=HistoryEntry,
    optional=_UNNAMED,
)


# ------------------------------------------------------------------------------------------- objections


class ObjectionById(msgspec.Struct, frozen=True):
    """One objection of a request, for one organization."""

    subject_id: UUID
    objection_id: UUID
    acting_id: UUID


class FoundObjection(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its objections, and what stands around it."""

    objections: tuple[Objection, ...]
    request: Stored
    agreement: Basis | None
    dataset: DatasetFacts | None
    holder: Holder
    corrections: tuple[Correction, ...]


def _with_objections(*narrowed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    request = select(*stored_columns()).where(data_request.c.id == param("subject_id", Uuid()))
    objections = (
        select(*(objection.c[name] for name in Objection.__struct_fields__))
        .where(objection.c.data_request_id == param("subject_id", Uuid()), *narrowed)
        .order_by(objection.c.id)
    )
    return (
        select(
            json_list(Objection, objections, name="objections"),
            json_one(Stored, request.correlate(None), name="request"),
            *around_columns(),
        )
        .select_from(data_request)
        .where(data_request.c.id == param("subject_id", Uuid()), request_visible(data_request))
    )


OBJECTIONS = Statement(
    "objections",
    document(FoundObjection, _with_objections()),
    params=ById,
    row=FoundObjection,
    optional=_UNNAMED,
)
OBJECTION = Statement(
    "objection",
    document(FoundObjection, _with_objections(objection.c.id == param("objection_id", Uuid()))),
    params=ObjectionById,
    row=FoundObjection,
)
