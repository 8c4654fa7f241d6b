from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from schema.vocabulary import AccountState, Language, Role, TimeZone, TokenKind
from schema.wire.accounts import CreateApiKey, CreateUser, Membership, MembershipInput, UpdateUser
from service.access.policy import permissions_of
from service.access.principal import Caller, Principal
from service.accounts import rules
from service.accounts.records import Administration, Credentials
from service.kernel.problem import Problem

OWN, OTHER, THIRD = (UUID(int=number) for number in range(1, 4))
CALLER, PERSON, SOMEBODY = (UUID(int=number) for number in range(11, 14))
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
TODAY = date(2026, 1, 5)
ADMIN, PLATFORM, VIEWER = (Role.ORG_ADMIN,), (Role.PLATFORM_ADMIN,), (Role.VIEWER,)
NOBODY = Administration(organization_ids=frozenset({OWN, OTHER}), administrators=frozenset())


def caller(*roles: Role, user_id: UUID = CALLER) -> Caller:
    principal = Principal(
        token_id=UUID(int=21),
        token_kind=TokenKind.SESSION,
        expires_at=NOW,
        user_id=user_id,
        organization_id=OWN,
        time_zone=TimeZone.JAKARTA,
        roles=roles,
        membership_version=1,
        user_version=1,
        password_change_required=False,
        sees_many=False,
        permissions=permissions_of(roles),
    )
    return Caller(principal=principal, now=NOW, today=TODAY, language=Language.EN)


def membership(organization_id: UUID, *roles: Role, user_id: UUID = PERSON) -> Membership:
    return Membership(
        id=UUID(int=31 + organization_id.int),
        version=1,
        created_at=NOW,
        updated_at=NOW,
        created_by=None,
        user_id=user_id,
        organization_id=organization_id,
        roles=roles or VIEWER,
    )


def account(*memberships: Membership, **values: Any) -> Credentials:
    fields = {
        "id": PERSON,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": None,
        "email": "maria@example.org",
        "name": "Maria",
        "language": Language.ID,
        "state": AccountState.ACTIVE,
        "password_change_required": False,
        "memberships": memberships or (membership(OWN),),
        "has_password": True,
        "password_hash": "hash",
    }
    return Credentials(**fields | values)


def administration(*pairs: tuple[UUID, UUID]) -> Administration:
    return Administration(organization_ids=frozenset({OWN, OTHER}), administrators=frozenset(pairs))


def code(error: pytest.ExceptionInfo[Problem]) -> tuple[str, list[tuple[str, str]]]:
    return error.value.code, [(fault.pointer, fault.code) for fault in error.value.faults]


# ----------------------------------------------------------------------------------------------- signing in


@pytest.mark.parametrize(("letters", "faults"), [("a" * 128, 0), ("é" * 64, 0), ("é" * 65, 1)])
def test_a_password_has_at_most_128_bytes(letters, faults):
    assert len(list(rules.password_faults(letters, "/password"))) == faults


@pytest.mark.parametrize(
    ("found", "organization_id", "expected"),
    [
        (None, None, []),
        (account(state=AccountState.DISABLED), None, []),
        (account(state=AccountState.INVITED), None, []),
        (account(memberships=()), None, []),
        (account(membership(OWN)), OTHER, []),
        (account(membership(OWN)), None, [OWN]),
        (account(membership(OWN), membership(OTHER)), OTHER, [OTHER]),
        (account(membership(OWN), membership(OTHER)), None, [OWN, OTHER]),
    ],
)
def test_who_may_sign_in_where(found, organization_id, expected):
    assert [each.organization_id for each in rules.open_to(found, organization_id)] == expected


def test_a_member_of_several_organizations_is_told_which():
    with pytest.raises(Problem) as error:
        rules.only([membership(OWN), membership(OTHER)])
    assert code(error) == ("validation_failed", [("/organization_id", "organization_required")])
    assert error.value.faults[0].values == {"ids": f"{OWN}, {OTHER}"}


def test_a_session_lasts_twelve_hours():
    assert rules.session(membership(OWN), NOW, session_id=PERSON).expires_at == NOW + timedelta(hours=12)


# ----------------------------------------------------------------------------------------------------- users


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        (caller(*PLATFORM), [OWN, OTHER]),
        (caller(*VIEWER, user_id=PERSON), [OWN, OTHER]),
        (caller(*ADMIN), [OWN]),
    ],
)
def test_an_administrator_sees_the_memberships_of_the_own_organization(who, shown):
    seen = rules.seen(account(membership(OWN), membership(OTHER)), who)
    assert [each.organization_id for each in seen.memberships] == shown


@pytest.mark.parametrize(
    ("stored", "who"),
    [(account(membership(OTHER)), caller(*ADMIN)), (account(membership(OWN)), caller(*VIEWER))],
)
def test_others_see_nobody(stored, who):
    with pytest.raises(Problem, match="not_found"):
        rules.seen(stored, who)


def created(who: Caller, **values: Any) -> Any:
    body = {
        "email": "maria@example.org",
        "name": "Maria",
        "memberships": (MembershipInput(organization_id=OWN, roles=VIEWER),),
    }
    return rules.created_user(
        CreateUser(**body | values),
        who,
        user_id=PERSON,
        membership_ids=[SOMEBODY] * len((body | values)["memberships"]),
    )


PASSWORD = "kopi susu di Oesapa"


@pytest.mark.parametrize(
    ("who", "values", "state", "must_change"),
    [
        (caller(*ADMIN), {}, "invited", False),
        (caller(*ADMIN), {"password": PASSWORD}, "active", True),
        (caller(*ADMIN), {"password": PASSWORD, "password_change_required": True}, "active", True),
        (caller(*PLATFORM), {"password": PASSWORD}, "active", False),
        (caller(*PLATFORM), {"password": PASSWORD, "password_change_required": True}, "active", True),
    ],
)
def test_a_first_password_that_an_administrator_knows_must_be_changed(who, values, state, must_change):
    user = created(who, **values)
    assert (user.state, user.password_change_required) == (state, must_change)


def test_only_the_platform_lets_a_first_password_stay():
    with pytest.raises(Problem, match="permission_missing"):
        created(caller(*ADMIN), password=PASSWORD, password_change_required=False)


def test_all_faults_of_a_new_user_are_told_at_once():
    twice = MembershipInput(organization_id=OWN, roles=(Role.VIEWER, Role.VIEWER))
    with pytest.raises(Problem) as error:
        created(caller(*ADMIN), password="é" * 100, memberships=(twice, twice))
    assert code(error)[1] == [
        ("/password", "password_too_long"),
        ("/memberships/0/roles", "repeated"),
        ("/memberships/1/roles", "repeated"),
        ("/memberships/1/organization_id", "repeated"),
    ]


@pytest.mark.parametrize(
    "patch", [{"name": "Lain"}, {"email": "lain@example.org"}, {"language": Language.EN}]
)
@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (caller(*ADMIN), False),
        (caller(*PLATFORM), True),
        (caller(*VIEWER, user_id=PERSON), True),
    ],
)
def test_name_email_and_language_are_the_persons_own(patch, who, allowed):
    if allowed:
        assert rules.updated_user(account(), UpdateUser(**patch), caller=who).version == 2
    else:
        with pytest.raises(Problem, match="permission_missing"):
            rules.updated_user(account(), UpdateUser(**patch), caller=who)


@pytest.mark.parametrize(
    ("who", "stored", "allowed"),
    [
        (caller(*ADMIN), account(membership(OWN)), True),
        (caller(*ADMIN), account(membership(OWN), membership(OTHER)), False),
        (caller(*ADMIN), account(membership(OWN, Role.PLATFORM_ADMIN)), False),
        (caller(*PLATFORM), account(membership(OWN), membership(OTHER)), True),
        (caller(*VIEWER, user_id=PERSON), account(membership(OWN)), False),
    ],
)
def test_who_may_disable_whom(who, stored, allowed):
    if allowed:
        disabled = rules.updated_user(stored, UpdateUser(disabled=True), caller=who)
        assert disabled.state is AccountState.DISABLED
    else:
        with pytest.raises(Problem, match="permission_missing"):
            rules.updated_user(stored, UpdateUser(disabled=True), caller=who)


@pytest.mark.parametrize(
    ("state", "has_password", "becomes"),
    [
        (AccountState.DISABLED, True, AccountState.ACTIVE),
        (AccountState.DISABLED, False, AccountState.INVITED),
        (AccountState.INVITED, False, AccountState.INVITED),
        (AccountState.ACTIVE, True, AccountState.ACTIVE),
    ],
)
def test_whoever_is_enabled_is_what_a_password_makes_of_them(state, has_password, becomes):
    stored = account(state=state, has_password=has_password)
    assert rules.updated_user(stored, UpdateUser(disabled=False), caller=caller(*PLATFORM)).state is becomes


# ----------------------------------------------------------------------------------------------- memberships


@dataclass
class Grant:
    """Somebody wants a role given in an organization; `administered` are those with an administrator."""

    by: tuple[Role, ...]
    where: UUID
    role: Role
    allowed: bool
    administered: tuple[UUID, ...] = ()


@pytest.mark.parametrize(
    "grant",
    [
        Grant(ADMIN, OWN, Role.APPROVER, allowed=True, administered=(OWN,)),
        Grant(ADMIN, OTHER, Role.VIEWER, allowed=False),
        Grant(ADMIN, OWN, Role.PLATFORM_ADMIN, allowed=False, administered=(OWN,)),
        Grant(PLATFORM, OTHER, Role.ORG_ADMIN, allowed=True),
        Grant(PLATFORM, OTHER, Role.VIEWER, allowed=False, administered=(OTHER,)),
        Grant(PLATFORM, OWN, Role.VIEWER, allowed=False, administered=(OWN,)),
        Grant(PLATFORM, OWN, Role.PLATFORM_ADMIN, allowed=True, administered=(OWN,)),
        Grant(PLATFORM, OTHER, Role.PLATFORM_ADMIN, allowed=False),
        Grant((*ADMIN, *PLATFORM), OWN, Role.VIEWER, allowed=True, administered=(OWN,)),
        Grant(VIEWER, OWN, Role.VIEWER, allowed=False),
    ],
)
def test_who_may_give_which_role_where(grant):
    known = administration(*((each, SOMEBODY) for each in grant.administered))
    wanted = {"/organization_id": membership(grant.where, grant.role)}
    if grant.allowed:
        rules.demand_grants(wanted, caller(*grant.by), administration=known)
    else:
        with pytest.raises(Problem, match="role_not_grantable"):
            rules.demand_grants(wanted, caller(*grant.by), administration=known)


def test_an_organization_that_is_not_in_the_directory_is_a_fault_at_its_place():
    wanted = {"/memberships/1/organization_id": membership(THIRD)}
    with pytest.raises(Problem) as error:
        rules.demand_grants(wanted, caller(*PLATFORM), administration=NOBODY)
    assert code(error)[1] == [("/memberships/1/organization_id", "organization_unknown")]


@pytest.mark.parametrize(
    ("before", "roles", "allowed"),
    [
        ((Role.VIEWER, Role.PLATFORM_ADMIN), (Role.COORDINATOR, Role.PLATFORM_ADMIN), True),
        ((Role.VIEWER, Role.PLATFORM_ADMIN), (Role.VIEWER,), False),
        ((Role.VIEWER, Role.PLATFORM_ADMIN), (), False),
        ((Role.VIEWER,), (Role.VIEWER, Role.PLATFORM_ADMIN), False),
    ],
)
def test_an_administrator_changes_all_roles_but_the_platforms(before, roles, allowed):
    stored, known = membership(OWN, *before), administration((OWN, CALLER))
    if allowed:
        rules.demand_change(stored, roles, caller=caller(*ADMIN), administration=known)
    else:
        with pytest.raises(Problem, match="role_not_grantable"):
            rules.demand_change(stored, roles, caller=caller(*ADMIN), administration=known)


@pytest.mark.parametrize(
    ("administrators", "roles", "allowed"),
    [
        (((OWN, PERSON),), (Role.VIEWER,), False),
        (((OWN, PERSON),), (), False),
        (((OWN, PERSON),), (Role.ORG_ADMIN, Role.VIEWER), True),
        (((OWN, PERSON), (OWN, SOMEBODY)), (), True),
        (((OWN, PERSON), (OTHER, SOMEBODY)), (), False),
        # An administrator who is invited or disabled is none, so nobody is lost.
        ((), (), True),
    ],
)
def test_the_last_administrator_stays(administrators, roles, allowed):
    stored, known = membership(OWN, Role.ORG_ADMIN), administration(*administrators)
    if allowed:
        rules.demand_change(stored, roles, caller=caller(*ADMIN), administration=known)
    else:
        with pytest.raises(Problem, match="last_administrator"):
            rules.demand_change(stored, roles, caller=caller(*ADMIN), administration=known)


def test_roles_are_kept_in_the_order_of_the_vocabulary():
    roles = rules.updated_membership(
        membership(OWN), (Role.AUDITOR, Role.VIEWER), caller=caller(*ADMIN)
    ).roles
    assert roles == (Role.VIEWER, Role.AUDITOR)


# -------------------------------------------------------------------------------------------------- API keys


def key(*roles: Role, expires_on: date = date(2026, 12, 31), by: tuple[Role, ...] = ADMIN) -> Any:
    given = CreateApiKey(name="dashboard", roles=roles, expires_on=expires_on)
    return rules.created_key(given, caller(*by), key_id=SOMEBODY)


@pytest.mark.parametrize(
    ("by", "role", "allowed"),
    [
        (ADMIN, Role.ORG_ADMIN, True),
        (ADMIN, Role.VIEWER, True),
        (ADMIN, Role.COORDINATOR, False),
        (ADMIN, Role.AUDITOR, False),
        (ADMIN, Role.PLATFORM_ADMIN, False),
        ((*ADMIN, Role.COORDINATOR), Role.COORDINATOR, True),
        ((*ADMIN, Role.APPROVER), Role.APPROVER, False),
        (PLATFORM, Role.PLATFORM_ADMIN, True),
        (PLATFORM, Role.VIEWER, False),
    ],
)
def test_a_key_may_no_more_than_its_maker_and_never_approve(by, role, allowed):
    if allowed:
        assert key(role, by=by).roles == (role,)
    else:
        with pytest.raises(Problem, match="role_not_grantable"):
            key(role, by=by)


@pytest.mark.parametrize(
    ("expires_on", "allowed"),
    [
        (date(2026, 1, 4), False),
        (TODAY, False),
        (date(2026, 1, 6), True),
        (date(2027, 1, 5), True),
        (date(2027, 1, 6), False),
    ],
)
def test_a_key_lasts_from_tomorrow_to_one_year(expires_on, allowed):
    if allowed:
        assert key(*VIEWER, expires_on=expires_on).expires_on == expires_on
    else:
        with pytest.raises(Problem) as error:
            key(*VIEWER, expires_on=expires_on)
        assert code(error)[1] == [("/expires_on", "expiry_too_far")]
