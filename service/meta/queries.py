"""Statements of the published tables."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, Uuid, select

from schema.tables.organizations import organization
from service.access.holidays import Correction, corrections_column
from service.kernel.statement import Statement, document, param


class Office(msgspec.Struct, frozen=True):
    """An organization, or none."""

    organization_id: UUID | None


class Shut(msgspec.Struct, frozen=True):
    """Whether an organization is shut on joint leave, null when there is none, and corrected holidays."""

    joint_leave: bool | None
    corrections: tuple[Correction, ...]


def _shut() -> Select[*tuple[Any, ...]]:
    office = select(organization.c.joint_leave).where(organization.c.id == param("organization_id", Uuid()))
    return select(office.scalar_subquery().label("joint_leave"), corrections_column())


SHUT = Statement("days_shut", document(Shut, _shut()), params=Office, row=Shut)
