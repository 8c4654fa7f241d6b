"""Words of milestones."""

from enum import StrEnum


class MilestoneState(StrEnum):
    """What persons decided about a milestone; what the calendar decides is its health."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    MET = "met"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class MilestoneAction(StrEnum):
    """Moves of a milestone."""

    SUBMIT = "submit"
    VERIFY = "verify"
    RETURN = "return"
    REPLAN = "replan"
    WAIVE = "waive"
    CANCEL = "cancel"


class MilestoneHealth(StrEnum):
    """How a milestone stands today, derived from its state and its days; none once waived or cancelled."""

    NOT_STARTED = "not_started"
    DUE_SOON = "due_soon"
    AT_RISK = "at_risk"
    LATE = "late"
    MET = "met"
    MET_LATE = "met_late"
