"""The yearly table of data requests that UU KIP article 12 asks of a public body."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.wire.common import Id, ListQuery, Page, Reply

Requests = Annotated[int, Meta(ge=0, le=2_147_483_647, description="How many requests.", examples=[12])]
Year = Annotated[int, Meta(ge=1945, le=2199, description="Year of receipt.", examples=[2026])]
WorkingDays = Annotated[float, Meta(ge=0, le=100_000, description="Working days.", examples=[8.5])]


class ReasonCounts(Reply, frozen=True, kw_only=True):
    """Requests refused or granted in part, by the reason given."""

    kip_17_a: Annotated[Requests, Meta(description="Law enforcement.")] = 0
    kip_17_b: Annotated[Requests, Meta(description="Intellectual property, unfair competition.")] = 0
    kip_17_c: Annotated[Requests, Meta(description="Defence and security.")] = 0
    kip_17_d: Annotated[Requests, Meta(description="Natural wealth.")] = 0
    kip_17_e: Annotated[Requests, Meta(description="National economic resilience.")] = 0
    kip_17_f: Annotated[Requests, Meta(description="Foreign relations.")] = 0
    kip_17_g: Annotated[Requests, Meta(description="Authentic deeds and last wills.")] = 0
    kip_17_h: Annotated[Requests, Meta(description="Personal secrets.")] = 0
    kip_17_i: Annotated[Requests, Meta(description="Confidential memoranda.")] = 0
    kip_17_j: Annotated[Requests, Meta(description="What another law forbids to disclose.")] = 0
    not_held: Annotated[Requests, Meta(description="Not held.")] = 0
    not_in_scope: Annotated[Requests, Meta(description="Outside the scope.")] = 0


class YearOfRequests(Reply, frozen=True, kw_only=True):
    """What became of the requests that a holder received in a year."""

    holder_id: Annotated[Id, Meta(description="Organization that was asked.")]
    year: Year
    received: Annotated[Requests, Meta(description="Handed in.")]
    granted: Annotated[Requests, Meta(description="Granted in full.")]
    granted_in_part: Annotated[Requests, Meta(description="Granted in part.")]
    refused: Annotated[Requests, Meta(description="Refused.")]
    transferred: Annotated[Requests, Meta(description="Passed to who holds the data.")]
    withdrawn: Annotated[Requests, Meta(description="Given up by who asked.")]
    open: Annotated[Requests, Meta(description="Not decided yet.")]
    overdue: Annotated[Requests, Meta(description="Not decided, and the due day has passed.")]
    median_working_days: Annotated[WorkingDays | None, Meta(description="Median to decide.")]
    p90_working_days: Annotated[WorkingDays | None, Meta(description="90th percentile to decide.")]
    reasons: Annotated[ReasonCounts, Meta(description="Refused or granted in part, by reason.")]


class RequestStatistics(Page, frozen=True, kw_only=True):
    """The table, a line per year."""

    items: Annotated[tuple[YearOfRequests, ...], Meta(max_length=200, description="Latest year first.")]


class RequestStatisticsQuery(ListQuery, frozen=True, kw_only=True):
    """Which lines of the table."""

    year: Annotated[Year | UnsetType, Meta(description="One year; all if absent.")] = UNSET
    holder_id: Annotated[Id | UnsetType, Meta(description="Holder; the own organization if absent.")] = UNSET
