"""Statements of the published tables."""

from uuid import UUID

import msgspec
from sqlalchemy import Uuid, select

from schema.tables.organizations import organization
from service.kernel.statement import Statement, document, param


class ById(msgspec.Struct, frozen=True):
    """One organization."""

    organization_id: UUID


class Found(msgspec.Struct, frozen=True):
    """An organization that exists, and whether it is shut on joint leave."""

    id: UUID
    joint_leave: bool


ORGANIZATION = Statement(
    "organization_exists",
    document(
        Found,
        select(organization.c.id, organization.c.joint_leave).where(
            organization.c.id == param("organization_id", Uuid())
        ),
    ),
    params=ById,
    row=Found,
)
