"""Every text the service says to a user, in Bahasa Indonesia and English."""

from schema.messages.activities import ACTIVITY_TEXTS
from schema.messages.agreements import AGREEMENT_TEXTS
from schema.messages.amendments import AMENDMENT_TEXTS
from schema.messages.audit import AUDIT_TEXTS
from schema.messages.common import Message, ProblemText
from schema.messages.data_requests import DATA_REQUEST_PROBLEMS, DATA_REQUEST_TEXTS
from schema.messages.documents import DOCUMENT_TEXTS
from schema.messages.faults import FAULTS
from schema.messages.indicators import INDICATOR_PROBLEMS, INDICATOR_TEXTS
from schema.messages.milestones import MILESTONE_TEXTS
from schema.messages.problems import COMMON_PROBLEMS
from schema.messages.workplans import WORKPLAN_TEXTS

PROBLEMS: dict[str, ProblemText] = {**COMMON_PROBLEMS, **DATA_REQUEST_PROBLEMS, **INDICATOR_PROBLEMS}
"""Every problem code of the API: its status, and its texts in both languages."""

TEXTS: dict[str, Message] = {
    **FAULTS,
    **AGREEMENT_TEXTS,
    **AMENDMENT_TEXTS,
    **ACTIVITY_TEXTS,
    **MILESTONE_TEXTS,
    **WORKPLAN_TEXTS,
    **DOCUMENT_TEXTS,
    **DATA_REQUEST_TEXTS,
    **INDICATOR_TEXTS,
    **AUDIT_TEXTS,
}

__all__ = ["PROBLEMS", "TEXTS", "Message", "ProblemText"]
