"""The policy: one page that people read, and what must be true of it whatever else changes."""

from difflib import unified_diff

import pytest

from schema.vocabulary import Permission, Role
from service.access.policy import POLICY, permissions_of, role_giving, roles_within
from service.app import LIFECYCLES, OPERATIONS
from service.kernel.operation import OPEN
from tests.access import matrix

SHARED = ("agreement.", "activity.", "milestone.", "workplan.", "audit.")
CONTENT = {permission for permission in Permission if permission.startswith(SHARED)}
ONES_OWN = {"delete_current_session", "change_password", "update_user"}
WITHOUT_TOKEN = {"create_session", "accept_invitation"}


def test_the_page_that_was_approved_is_the_policy():
    approved = matrix.FILE.read_text(encoding="utf-8").splitlines()
    difference = list(unified_diff(approved, matrix.page().splitlines(), "approved", "now", lineterm=""))
    assert difference == [], "approve it with `python -m tests.access.matrix`"


def test_the_platform_cannot_read_or_decide_partners_content():
    assert POLICY[Role.PLATFORM_ADMIN].isdisjoint(CONTENT)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_only_reads_changes_nothing_but_the_own_account(role):
    changing = {
        operation.id
        for operation in OPERATIONS
        if operation.method != "GET" and not POLICY[role].isdisjoint(operation.permissions)
    }
    assert changing == ONES_OWN


def test_what_needs_no_token_is_what_signs_in_and_what_describes_the_service():
    opened = {operation for operation in OPERATIONS if operation.permissions is OPEN}
    assert {each.id for each in opened if each.method != "GET"} == WITHOUT_TOKEN
    read = {each.id for each in opened if each.method == "GET" and each.path.startswith("/v1/")}
    # Whoever was ever given a checkpoint may hold it against the key.
    assert read == {"get_audit_key"}


def test_every_permission_is_given_and_asked_for():
    asked = {permission for operation in OPERATIONS for permission in operation.permissions}
    moves = {arrow.permissions for each in LIFECYCLES.values() for arrow in each.transitions}
    asked |= {permission for permissions in moves for permission in permissions}
    assert asked == permissions_of(Role) == set(Permission)


def test_an_operation_that_moves_a_record_asks_for_what_its_actions_ask_for():
    for noun, lifecycle in LIFECYCLES.items():
        (operation,) = (each for each in OPERATIONS if each.id == f"transition_{noun}")
        asked = {permission for arrow in lifecycle.transitions for permission in arrow.permissions}
        assert set(operation.permissions) == asked


def test_every_role_has_its_own_line_in_the_policy():
    assert list(POLICY) == list(Role)


@pytest.mark.parametrize(
    ("asked", "held", "given"),
    [
        (["viewer"], ["viewer"], ["viewer"]),
        (["approver", "viewer"], ["viewer"], ["viewer"]),
        (["coordinator", "reviewer"], ["coordinator"], ["coordinator"]),
        (["reviewer"], ["approver"], []),
        (["platform_admin"], ["org_admin", "coordinator", "approver"], []),
        (list(Role), list(Role), list(Role)),
        ([], ["viewer"], []),
        (["viewer"], [], []),
    ],
)
def test_roles_within_others_give_nothing_that_the_others_do_not(asked, held, given):
    found = roles_within([Role(each) for each in asked], [Role(each) for each in held])
    assert found == tuple(Role(each) for each in given)


@pytest.mark.parametrize(
    ("permission", "held", "giving"),
    [
        (Permission.ACTIVITY_VERIFY, ["approver", "reviewer"], Role.REVIEWER),
        (Permission.AUDIT_READ, ["viewer", "auditor"], Role.AUDITOR),
        (Permission.AUDIT_READ, ["viewer"], None),
        (Permission.SELF, [], None),
    ],
)
def test_the_role_that_gives_a_permission_goes_on_record(permission, held, giving):
    assert role_giving([permission], [Role(each) for each in held]) is giving
