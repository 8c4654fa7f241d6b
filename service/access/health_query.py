"""The health of a milestone as SQL, for filters and summaries; the rule stands in `health`."""

from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, literal_column, or_

from schema.tables.milestones import milestone
from schema.vocabulary import MilestoneHealth, MilestoneState
from service.access.health import RISK_DAYS, SOON_DAYS
from service.kernel.statement import param

_H, _S = MilestoneHealth, MilestoneState


def health_expression() -> ColumnElement[Any]:
    """Return the health of a milestone on the bound `today`; null when it is waived or cancelled."""
    today = param("today", Date())
    state, due_on = milestone.c.state, milestone.c.due_on
    late = milestone.c.achieved_on > due_on
    submitted = state == _S.SUBMITTED.value
    left: ColumnElement[Any] = due_on - today
    return case(
        (or_(state == _S.WAIVED.value, state == _S.CANCELLED.value), None),
        (and_(state == _S.MET.value, late), _H.MET_LATE.value),
        (state == _S.MET.value, _H.MET.value),
        (and_(submitted, late), _H.LATE.value),
        (and_(submitted, due_on < today), _H.AT_RISK.value),
        (submitted, _H.DUE_SOON.value),
        (due_on < today, _H.LATE.value),
        (or_(left <= _days(RISK_DAYS), milestone.c.baseline_due_on < today), _H.AT_RISK.value),
        (or_(left <= _days(SOON_DAYS), state == _S.RETURNED.value), _H.DUE_SOON.value),
        else_=_H.NOT_STARTED.value,
    )


def _days(count: int) -> ColumnElement[Any]:
    return literal_column(str(count))
