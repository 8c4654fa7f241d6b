"""What the rules of indicator series are given: a series and its observations as stored.

All are decoded from a JSON document that a statement makes, so a name here is a key there.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from schema.vocabulary import Instrument
from schema.wire.indicators import AreaValue


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """An observation; its document is None also for who may not read that document."""

    starts_on: date
    ends_on: date
    value: Decimal | None
    printed_label: str | None
    areas: tuple[AreaValue, ...]
    source_title: str
    source_url: str | None
    source_document_id: UUID | None
    note: str | None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """A series without its observations."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    created_by: UUID | None
    organization_id: UUID
    instrument: Instrument
    region_code: str | None
    title: str
    unit: str | None
    note: str | None


class Listed(Series, frozen=True, kw_only=True):
    """A series with the observation of its latest period."""

    latest: Observed | None


class Whole(Series, frozen=True, kw_only=True):
    """A series with all its observations, earliest period first."""

    observations: tuple[Observed, ...]


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A document that an observation may name, with the agreement it belongs to."""

    id: UUID
    agreement_id: UUID
