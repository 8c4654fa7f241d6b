"""Words of the work plan and the values of its indicators."""

from enum import StrEnum


class WorkplanLevel(StrEnum):
    """Where an item stands in the tree: an output serves an outcome, an activity line an output."""

    OUTCOME = "outcome"  # hasil
    OUTPUT = "output"  # keluaran
    ACTIVITY = "activity"  # kegiatan dalam rencana kerja


class WorkplanState(StrEnum):
    """What persons decided about an item of the work plan."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    VERIFIED = "verified"
    DEFERRED = "deferred"
    DROPPED = "dropped"


class WorkplanAction(StrEnum):
    """Moves of an item of the work plan."""

    AGREE = "agree"
    START = "start"
    COMPLETE = "complete"
    VERIFY = "verify"
    RETURN = "return"
    DEFER = "defer"
    RESUME = "resume"
    DROP = "drop"


class WorkplanHealth(StrEnum):
    """Where an item stands against its due day: derived when it is read."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    LATE = "late"
    DONE = "done"


class ProgressSource(StrEnum):
    """What the progress of an item is derived from: the first of these that says anything."""

    STATE = "state"
    INDICATOR = "indicator"
    CHILDREN = "children"
    ACTIVITIES = "activities"


class Accumulation(StrEnum):
    """How the values of an indicator add up: each is what came in addition, or where it stands by then."""

    INCREMENTAL = "incremental"
    CUMULATIVE = "cumulative"


class ActualState(StrEnum):
    """What persons decided about a reported value."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


class ActualAction(StrEnum):
    """Moves of a reported value."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
