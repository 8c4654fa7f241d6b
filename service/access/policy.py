"""Who may do what: role → permissions. This page is the whole policy, `tests/access/policy.txt` its matrix.

`platform_admin` keeps the directory and the accounts and cannot read partners' content. `auditor` reads all
its organization sees, and the audit trail.
"""

from collections.abc import Iterable

from schema.vocabulary import Permission, Role

_EVERYBODY = frozenset({Permission.SELF, Permission.META_READ, Permission.ORGANIZATION_READ})
_READ = _EVERYBODY | {
    Permission.AGREEMENT_READ,
    Permission.ACTIVITY_READ,
    Permission.MILESTONE_READ,
    Permission.WORKPLAN_READ,
    Permission.DOCUMENT_READ,
    Permission.DATASET_READ,
    Permission.DATA_REQUEST_READ,
    Permission.INDICATOR_READ,
}

POLICY: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READ,
    Role.COORDINATOR: _READ
    | {
        Permission.AGREEMENT_EDIT,
        Permission.AGREEMENT_ACCEPT,
        Permission.ACTIVITY_EDIT,
        Permission.ACTIVITY_VERIFY,
        Permission.MILESTONE_EDIT,
        Permission.MILESTONE_VERIFY,
        Permission.WORKPLAN_EDIT,
        Permission.WORKPLAN_VERIFY,
        Permission.DOCUMENT_EDIT,
        Permission.DATASET_EDIT,
        Permission.DATA_REQUEST_ASK,
        Permission.INDICATOR_EDIT,
    },
    Role.REVIEWER: _READ
    | {
        Permission.ACTIVITY_VERIFY,
        Permission.MILESTONE_VERIFY,
        Permission.WORKPLAN_VERIFY,
        Permission.DOCUMENT_EDIT,
        Permission.DATASET_EDIT,
        Permission.DATA_REQUEST_HANDLE,
    },
    Role.APPROVER: _READ
    | {
        Permission.AGREEMENT_ACCEPT,
        Permission.AGREEMENT_DECIDE,
        Permission.ACTIVITY_VERIFY,
        Permission.ACTIVITY_REOPEN,
        Permission.MILESTONE_VERIFY,
        Permission.MILESTONE_WAIVE,
        Permission.WORKPLAN_VERIFY,
        Permission.DOCUMENT_EDIT,
        Permission.DATA_REQUEST_DECIDE,
    },
    Role.ORG_ADMIN: _READ
    | {
        Permission.ORGANIZATION_EDIT,
        Permission.USER_MANAGE,
        Permission.API_KEY_MANAGE,
        Permission.AGREEMENT_CANCEL,
    },
    Role.AUDITOR: _READ | {Permission.AUDIT_READ},
    Role.PLATFORM_ADMIN: _EVERYBODY
    | {
        Permission.ORGANIZATION_CREATE,
        Permission.ORGANIZATION_EDIT,
        Permission.USER_MANAGE,
        Permission.API_KEY_MANAGE,
    },
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Return all permissions the roles give together."""
    return frozenset(permission for role in roles for permission in POLICY[role])


def roles_within(asked: Iterable[Role], held: Iterable[Role]) -> tuple[Role, ...]:
    """Return the asked roles that give nothing the held ones do not, in the order of the vocabulary."""
    wanted, limit = set(asked), permissions_of(held)
    return tuple(role for role in Role if role in wanted and POLICY[role] <= limit)


def role_giving(permissions: Iterable[Permission], roles: Iterable[Role]) -> Role | None:
    """Return the first of the roles, in the order of the vocabulary, that gives one of the permissions."""
    held, wanted = set(roles), set(permissions)
    return next((role for role in Role if role in held and not wanted.isdisjoint(POLICY[role])), None)
