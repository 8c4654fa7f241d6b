"""Words of who may do what: roles, permissions, tokens, accounts."""

from enum import StrEnum


class Role(StrEnum):
    """What a member may do in one organization."""

    VIEWER = "viewer"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    ORG_ADMIN = "org_admin"
    AUDITOR = "auditor"
    PLATFORM_ADMIN = "platform_admin"


class Permission(StrEnum):
    """What an operation or an action needs; `service.access.policy` says which role gives it."""

    SELF = "self"
    META_READ = "meta.read"
    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_CREATE = "organization.create"
    ORGANIZATION_EDIT = "organization.edit"
    USER_MANAGE = "user.manage"
    API_KEY_MANAGE = "api_key.manage"
    AGREEMENT_READ = "agreement.read"
    AGREEMENT_EDIT = "agreement.edit"
    AGREEMENT_ACCEPT = "agreement.accept"
    AGREEMENT_DECIDE = "agreement.decide"
    AGREEMENT_CANCEL = "agreement.cancel"
    ACTIVITY_READ = "activity.read"
    ACTIVITY_EDIT = "activity.edit"
    ACTIVITY_VERIFY = "activity.verify"
    ACTIVITY_REOPEN = "activity.reopen"
    MILESTONE_READ = "milestone.read"
    MILESTONE_EDIT = "milestone.edit"
    MILESTONE_VERIFY = "milestone.verify"
    MILESTONE_WAIVE = "milestone.waive"
    WORKPLAN_READ = "workplan.read"
    WORKPLAN_EDIT = "workplan.edit"
    WORKPLAN_VERIFY = "workplan.verify"
    DOCUMENT_READ = "document.read"
    DOCUMENT_EDIT = "document.edit"
    DATASET_READ = "dataset.read"
    DATASET_EDIT = "dataset.edit"
    DATA_REQUEST_READ = "data_request.read"
    DATA_REQUEST_ASK = "data_request.ask"
    DATA_REQUEST_HANDLE = "data_request.handle"
    DATA_REQUEST_DECIDE = "data_request.decide"
    INDICATOR_READ = "indicator.read"
    INDICATOR_EDIT = "indicator.edit"
    AUDIT_READ = "audit.read"


class TokenKind(StrEnum):
    """A session ends after 12 hours; an API key lives until its expiry, one year at most."""

    SESSION = "session"
    API_KEY = "api_key"


class AccountState(StrEnum):
    """Whether a user may sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"
