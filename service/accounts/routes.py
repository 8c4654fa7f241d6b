"""All operations of accounts: sessions, one's own account, users, memberships and API keys."""

from service.accounts import keys, me, memberships, sessions, users

OPERATIONS = (
    sessions.create_session,
    sessions.delete_current_session,
    me.get_me,
    me.change_password,
    me.accept_invitation,
    users.list_users,
    users.get_user,
    users.create_user,
    users.update_user,
    users.delete_user,
    memberships.list_memberships,
    memberships.get_membership,
    memberships.create_membership,
    memberships.update_membership,
    memberships.delete_membership,
    keys.list_api_keys,
    keys.get_api_key,
    keys.create_api_key,
    keys.update_api_key,
    keys.revoke_api_key,
)
