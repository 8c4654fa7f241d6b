"""How tests keep indicator series, and series and observations for the tests of the rules."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from schema.wire import indicators as wire
from service.indicators.records import Observed, Whole
from tests.actors import Actor
from tests.api import Api

SERIES = "/v1/indicator-series"
OURS, THEIRS = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def series(**values: Any) -> dict[str, Any]:
    """Gives the body of the SPI of Kota Kupang."""
    return {"instrument": "spi", "region_code": "53.71", "title": "SPI Kota Kupang"} | values


def observation(year: int = 2023, **values: Any) -> dict[str, Any]:
    """Gives what a source says of a year."""
    return {
        "starts_on": f"{year}-01-01",
        "ends_on": f"{year}-12-31",
        "value": "66.55",
        "source": {"title": "KPK"},
    } | values


async def kept(api: Api, by: Actor, *observations: dict[str, Any], **values: Any) -> str:
    """Gives the path of a new series of an organization, with these observations."""
    path = f"{SERIES}/{(await api.create(SERIES, by, body=series(**values)))['id']}"
    if observations:
        answer = await put(api, by, path, *observations)
        assert answer.status_code == 200, answer.text
    return path


async def put(api: Api, by: Actor, path: str, *observations: dict[str, Any]) -> Any:
    """Gives the answer to all observations of a series in the version that it has now."""
    body = {"items": list(observations)}
    return await api.change("PUT", f"{path}/observations", by, body=body, record=path)


def whole(**values: Any) -> Whole:
    """Gives a series of OURS without observations."""
    document = {
        "id": UUID(int=31),
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": None,
        "organization_id": OURS,
        "instrument": "spi",
        "region_code": "53.71",
        "title": "SPI Kota Kupang",
        "unit": None,
        "note": None,
        "observations": [],
    }
    return msgspec.convert(document | values, Whole)


def body(*observations: dict[str, Any]) -> wire.Observations:
    """Gives these observations as a client sends them."""
    return msgspec.convert({"items": list(observations)}, wire.Observations)


def observed(value: str | None, year: int = 2024, label: str | None = None) -> Observed:
    """Gives an observation of a year."""
    return Observed(
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        value=None if value is None else Decimal(value),
        printed_label=label,
        areas=(),
        source_title="KPK",
        source_url=None,
        source_document_id=None,
        note=None,
    )
