"""What the domain says of a data request, written out by hand: nothing of it is read from the service."""

import pytest

from schema.vocabulary import DataRequestAction, Language, Role
from service.data_requests import rules
from service.kernel.problem import Problem
from tests.data_requests.given import ASKS, HOLDS, OUTSIDE, around, move

RUNNING = ["submitted", "under_review", "needs_clarification", "awaiting_decision"]
ARROWS = {
    ("draft", "submit"): "submitted",
    ("submitted", "take"): "under_review",
    ("submitted", "assign"): "under_review",
    ("under_review", "assign"): "under_review",
    ("under_review", "ask"): "needs_clarification",
    ("needs_clarification", "answer"): "under_review",
    ("submitted", "transfer"): "transferred",
    ("under_review", "transfer"): "transferred",
    ("under_review", "recommend"): "awaiting_decision",
    ("awaiting_decision", "send_back"): "under_review",
    ("awaiting_decision", "grant"): "granted",
    ("awaiting_decision", "grant_in_part"): "granted_in_part",
    ("awaiting_decision", "refuse"): "refused",
    ("fulfilled", "close"): "closed",
    **{(state, "extend"): state for state in RUNNING},
    **{(state, "withdraw"): "withdrawn" for state in ["draft", *RUNNING]},
    **{(state, "accept_conditions"): state for state in ["granted", "granted_in_part"]},
    **{(state, "deliver"): state for state in ["granted", "granted_in_part"]},
    **{(state, "acknowledge"): state for state in ["granted", "granted_in_part", "fulfilled"]},
    **{(state, "revoke"): "revoked" for state in ["granted", "granted_in_part", "fulfilled"]},
}
ACTIONS = [action.value for action in DataRequestAction]
BY_REQUESTER = {"submit", "answer", "withdraw", "accept_conditions", "acknowledge", "close"}
BY_APPROVER = {"send_back", "grant", "grant_in_part", "refuse", "revoke"}
BY_ASSIGNEE = {"ask", "recommend"}
SIDES = {"requester": ASKS, "holder": HOLDS, "none": OUTSIDE}
DECISIONS = ["grant", "grant_in_part", "refuse"]


def role_of(action):
    if action in BY_REQUESTER:
        return Role.COORDINATOR
    return Role.APPROVER if action in BY_APPROVER else Role.REVIEWER


def expected(state, action, role, side):
    if role is not role_of(action):
        return "permission_missing"
    if action in BY_REQUESTER and side != "requester":
        return "not_the_requester"
    if action not in BY_REQUESTER and side != "holder":
        return "not_the_holder"
    return ARROWS.get((state, action), "transition_not_allowed")


def attempt(request, action, by, *, near=None, **body):
    """Gives the request after a move that brings all it needs."""
    return rules.moved(request, move(action, **body), caller=by, around=near or around())


def refusal(*arguments, **values):
    with pytest.raises(Problem) as caught:
        attempt(*arguments, **values)
    for language in Language:
        assert all(fault.detail for fault in caught.value.render(language, "test").errors)
    return caught.value.code, [fault.code for fault in caught.value.faults]
