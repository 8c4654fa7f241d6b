"""Values of an indicator by period: reported by one party, approved by another."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from schema.vocabulary import ActualState
from schema.wire.common import Day, Id, Input, Line, ListQuery, Page, Reason, ReasonedRecord
from schema.wire.workplans import Measure


class CreateActual(Input, frozen=True, kw_only=True):
    """A value for a period, or why there is none: exactly one of the two."""

    starts_on: Annotated[Day, Meta(description="First day of the period.", examples=["2022-08-15"])]
    ends_on: Annotated[Day, Meta(description="Last day of the period.", examples=["2022-11-14"])]
    value: Annotated[Measure | None, Meta(description="What was reached.")] = None
    not_available_reason: Annotated[Reason | None, Meta(description="Why there is no value.")] = None
    note: Annotated[Line | None, Meta(description="Where it comes from.", examples=["Daftar hadir"])] = None


class UpdateActual(Input, frozen=True, kw_only=True):
    """Changed fields of a draft or of what was returned; absent stays, null clears."""

    starts_on: Annotated[Day | UnsetType, Meta(description="First day of the period.")] = UNSET
    ends_on: Annotated[Day | UnsetType, Meta(description="Last day of the period.")] = UNSET
    value: Annotated[Measure | None | UnsetType, Meta(description="What was reached.")] = UNSET
    not_available_reason: Annotated[Reason | None | UnsetType, Meta(description="Why there is no value.")] = (
        UNSET
    )
    note: Annotated[Line | None | UnsetType, Meta(description="Where it comes from.")] = UNSET


class Actual(ReasonedRecord, frozen=True, kw_only=True):
    """A value of an indicator for a period; only approved ones count."""

    agreement_id: Annotated[Id, Meta(description="Agreement it belongs to.")]
    workplan_item_id: Annotated[Id, Meta(description="Item whose indicator it is of.")]
    starts_on: Annotated[Day, Meta(description="First day of the period.")]
    ends_on: Annotated[Day, Meta(description="Last day of the period.")]
    value: Annotated[Measure | None, Meta(description="What was reached; null when it is not available.")]
    not_available_reason: Annotated[Reason | None, Meta(description="Why there is no value.")]
    note: Annotated[Line | None, Meta(description="Where it comes from.")]
    state: Annotated[ActualState, Meta(description="What persons decided.")]
    state_reason: Annotated[Reason | None, Meta(description="Why it was returned.")]
    submitted_by: Annotated[Id | None, Meta(description="Organization that submitted; another one approves.")]
    approved_by: Annotated[Id | None, Meta(description="Organization that approved.")]


class ActualPage(Page, frozen=True, kw_only=True):
    """A page of the values of an item."""

    items: Annotated[tuple[Actual, ...], Meta(max_length=200, description="Earliest period first.")]


class SubmitActual(Input, frozen=True, kw_only=True, tag_field="action", tag="submit"):
    """Put the value before another party."""


class ApproveActual(Input, frozen=True, kw_only=True, tag_field="action", tag="approve"):
    """Confirm the value that another party submitted."""


class ReturnActual(Input, frozen=True, kw_only=True, tag_field="action", tag="return"):
    """Send the value back to be corrected."""

    reason: Reason


ActualMove = SubmitActual | ApproveActual | ReturnActual


class ActualQuery(ListQuery, frozen=True, kw_only=True):
    """Pages of the list; earliest period first."""
