"""Organizations: government units, civil-society organizations, NGOs; a directory every token may read."""

from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from schema.vocabulary import OrganizationKind, TimeZone
from schema.wire.common import Email, Id, Input, Line, ListQuery, Name, Page, Record, RegionCode, Search

BpsCode = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=10,
        pattern=r"^[0-9]+$",
        description="Code of the same region at Statistics Indonesia; it differs for many regions.",
        examples=["5371"],
    ),
]
ShortName = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S", examples=["Inspektorat"])]


Phone = Annotated[
    str, Meta(min_length=3, max_length=40, pattern=r"^[0-9+() .-]+$", examples=["+62 380 000000"])
]


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the office; of the organization, not of a person."""

    email: Annotated[Email | None, Meta(description="Office e-mail.")] = None
    phone: Annotated[Phone | None, Meta(description="Office telephone.")] = None
    address: Annotated[Line | None, Meta(description="Street address.")] = None
    website: Annotated[Line | None, Meta(description="Web site.", examples=["bengkelappek.org"])] = None


class CreateOrganization(Input, frozen=True, kw_only=True):
    """A new organization of the directory."""

    name: Annotated[Name, Meta(description="Official name, in one script.")]
    kind: Annotated[OrganizationKind, Meta(description="What it is.", examples=["inspectorate"])]
    short_name: Annotated[ShortName | None, Meta(description="Name people use.")] = None
    parent_id: Annotated[Id | None, Meta(description="Organization it is a unit of.")] = None
    region_code: Annotated[RegionCode | None, Meta(description="Region it works for.")] = None
    bps_code: Annotated[BpsCode | None, Meta(description="BPS code of the region.")] = None
    legal_form: Annotated[Line | None, Meta(description="Legal form, as registered.")] = None
    registration_number: Annotated[Line | None, Meta(description="Registration, free text.")] = None
    time_zone: Annotated[TimeZone, Meta(description="Zone its days are counted in.")] = TimeZone.JAKARTA
    is_public_body: Annotated[
        bool | None, Meta(description="Public body under UU KIP 14/2008; null when nobody said.")
    ] = None
    contact: Annotated[Contact | None, Meta(description="How to reach the office.")] = None
    joint_leave: Annotated[
        bool, Meta(description="Whether it is shut on joint leave (cuti bersama); deadlines depend on it.")
    ] = True


class UpdateOrganization(Input, frozen=True, kw_only=True):
    """Changed fields; what is absent stays, null clears."""

    name: Annotated[Name | UnsetType, Meta(description="Official name.")] = UNSET
    kind: Annotated[OrganizationKind | UnsetType, Meta(description="What it is.")] = UNSET
    short_name: Annotated[ShortName | None | UnsetType, Meta(description="Name people use.")] = UNSET
    parent_id: Annotated[
        Id | None | UnsetType, Meta(description="Place in the tree; it gives sight, so the platform sets it.")
    ] = UNSET
    region_code: Annotated[RegionCode | None | UnsetType, Meta(description="Region.")] = UNSET
    bps_code: Annotated[BpsCode | None | UnsetType, Meta(description="BPS code.")] = UNSET
    legal_form: Annotated[Line | None | UnsetType, Meta(description="Legal form.")] = UNSET
    registration_number: Annotated[Line | None | UnsetType, Meta(description="Registration.")] = UNSET
    time_zone: Annotated[TimeZone | UnsetType, Meta(description="Time zone.")] = UNSET
    is_public_body: Annotated[bool | None | UnsetType, Meta(description="Public body.")] = UNSET
    contact: Annotated[Contact | None | UnsetType, Meta(description="Office contact.")] = UNSET
    joint_leave: Annotated[bool | UnsetType, Meta(description="Shut on joint leave.")] = UNSET


class Organization(Record, frozen=True, kw_only=True):
    """An organization of the directory."""

    name: Annotated[Name, Meta(description="Official name.")]
    short_name: Annotated[ShortName | None, Meta(description="Name people use.")]
    kind: Annotated[OrganizationKind, Meta(description="What it is.")]
    parent_id: Annotated[Id | None, Meta(description="Organization it is a unit of.")]
    region_code: Annotated[RegionCode | None, Meta(description="Region it works for.")]
    bps_code: Annotated[BpsCode | None, Meta(description="BPS code of the region.")]
    legal_form: Annotated[Line | None, Meta(description="Legal form.")]
    registration_number: Annotated[Line | None, Meta(description="Registration.")]
    time_zone: Annotated[TimeZone, Meta(description="Zone its days are counted in.")]
    is_public_body: Annotated[bool | None, Meta(description="Public body under UU KIP 14/2008.")]
    contact: Annotated[Contact | None, Meta(description="How to reach the office.")]
    joint_leave: Annotated[bool, Meta(description="Whether it is shut on joint leave (cuti bersama).")]


class OrganizationPage(Page, frozen=True, kw_only=True):
    """A page of organizations."""

    items: Annotated[tuple[Organization, ...], Meta(max_length=200, description="In the order asked for.")]


class OrganizationSort(StrEnum):
    """Orders of the directory."""

    NAME = "name"
    CREATED_AT = "created_at"


class OrganizationQuery(ListQuery, frozen=True, kw_only=True):
    """Filters of the directory."""

    ancestor_id: Annotated[Id | UnsetType, Meta(description="Units below this organization.")] = UNSET
    kind: Annotated[
        Annotated[tuple[OrganizationKind, ...], Meta(max_length=20)] | UnsetType,
        Meta(description="May repeat: any of them."),
    ] = UNSET
    region_code: RegionCode | UnsetType = UNSET
    q: Search | UnsetType = UNSET
    sort: Annotated[OrganizationSort, Meta(description="Order.")] = OrganizationSort.NAME
