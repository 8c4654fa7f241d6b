"""The catalogue: what a holder can share."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import Classification, Frequency
from schema.wire.common import Id, Input, ListQuery, Page, Record, Search, Text, Title
from schema.wire.data_requests import Basis, Fields, Format

Classified = Annotated[
    Classification, Meta(description="Who may get it; `closed` ones are listed for the holder alone.")
]


class CreateDataset(Input, frozen=True, kw_only=True):
    """A new entry of the own organization's catalogue."""

    title: Title
    classification: Classified
    description: Annotated[Text | None, Meta(description="What is in it.")] = None
    legal_basis: Annotated[Basis | None, Meta(description="Why it is classified so.")] = None
    format: Annotated[Format | None, Meta(description="Format it is kept in.")] = None
    frequency: Annotated[Frequency | None, Meta(description="How often it is renewed.")] = None
    fields: Fields = ()
    contains_personal_data: Annotated[bool, Meta(description="Whether persons can be told from it.")] = False


class UpdateDataset(Input, frozen=True, kw_only=True):
    """Changed fields; absent stays, null clears."""

    title: Title | UnsetType = UNSET
    classification: Classified | UnsetType = UNSET
    description: Annotated[Text | None | UnsetType, Meta(description="What is in it.")] = UNSET
    legal_basis: Annotated[Basis | None | UnsetType, Meta(description="Why it is classified so.")] = UNSET
    format: Annotated[Format | None | UnsetType, Meta(description="Format.")] = UNSET
    frequency: Annotated[Frequency | None | UnsetType, Meta(description="How often it is renewed.")] = UNSET
    fields: Fields | UnsetType = UNSET
    contains_personal_data: Annotated[bool | UnsetType, Meta(description="Whether it tells of persons.")] = (
        UNSET
    )


class Dataset(Record, frozen=True, kw_only=True):
    """A dataset that can be asked for."""

    holder_organization_id: Annotated[Id, Meta(description="Organization that holds it.")]
    title: Title
    description: Annotated[Text | None, Meta(description="What is in it.")]
    classification: Classified
    legal_basis: Annotated[Basis | None, Meta(description="Why it is classified so.")]
    format: Annotated[Format | None, Meta(description="Format it is kept in.")]
    frequency: Annotated[Frequency | None, Meta(description="How often it is renewed.")]
    fields: Fields
    contains_personal_data: Annotated[bool, Meta(description="Whether persons can be told from it.")]


class DatasetPage(Page, frozen=True, kw_only=True):
    """A page of the catalogue."""

    items: Annotated[tuple[Dataset, ...], Meta(max_length=200, description="Newest first.")]


class DatasetQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the catalogue."""

    holder_id: Annotated[Id | UnsetType, Meta(description="Of one holder.")] = UNSET
    classification: Annotated[
        Annotated[tuple[Classification, ...], Meta(max_length=3)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    q: Annotated[Search | UnsetType, Meta(description="Part of a title or field.")] = UNSET
