from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from schema.vocabulary import Language, OrganizationKind, Role, TimeZone, TokenKind
from schema.wire.organizations import Contact, CreateOrganization, Organization, UpdateOrganization
from service.access.policy import permissions_of
from service.access.principal import Caller, Principal
from service.kernel.problem import Problem
from service.organizations.rules import created, search_text, updated

OWN, OTHER, NEW = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
BEFORE = datetime(2026, 1, 5, tzinfo=UTC)


def caller(role: Role = Role.PLATFORM_ADMIN) -> Caller:
    """Gives somebody with this role in the organization OWN."""
    principal = Principal(
        token_id=UUID(int=11),
        token_kind=TokenKind.SESSION,
        expires_at=NOW,
        user_id=UUID(int=12),
        organization_id=OWN,
        time_zone=TimeZone.MAKASSAR,
        roles=(role,),
        membership_version=1,
        user_version=1,
        password_change_required=False,
        sees_many=False,
        permissions=permissions_of((role,)),
    )
    return Caller(principal=principal, now=NOW, today=NOW.date(), language=Language.EN)


def stored(id: UUID = OWN, **values: Any) -> Organization:
    """Gives an organization whose optional fields are all known."""
    fields = {
        "name": "Inspektorat Kota Kupang",
        "short_name": "Inspektorat",
        "kind": OrganizationKind.INSPECTORATE,
        "parent_id": OTHER,
        "region_code": "53.71",
        "bps_code": "5371",
        "legal_form": "Perangkat daerah",
        "registration_number": "1",
        "time_zone": TimeZone.MAKASSAR,
        "is_public_body": True,
        "contact": Contact(email="kantor@example.org"),
        "joint_leave": True,
    }
    record = {"id": id, "version": 4, "created_at": BEFORE, "updated_at": BEFORE, "created_by": None}
    return Organization(**record, **(fields | values))


def refusal(function: Any, *arguments: Any, **named: Any) -> tuple[str, list[tuple[str, str]]]:
    """Gives code and faults of the problem that a call raises."""
    with pytest.raises(Problem) as caught:
        function(*arguments, **named)
    return caught.value.code, [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_a_new_organization_holds_what_was_given_and_who_made_it():
    given = CreateOrganization(name="ICW", kind=OrganizationKind.CSO, region_code="31.74")
    made = created(given, caller(), organization_id=NEW)
    assert (made.id, made.version, made.created_at, made.created_by) == (NEW, 1, NOW, UUID(int=12))
    assert (made.name, made.region_code, made.short_name) == ("ICW", "31.74", None)


@pytest.mark.parametrize("name", ["Inspеktorat", "ΙCW", "ICW 部"])  # noqa: RUF001 - letters that look Latin
def test_a_name_in_two_scripts_is_refused(name):
    given = CreateOrganization(name=name, kind=OrganizationKind.CSO)
    assert refusal(created, given, caller(), organization_id=NEW) == (
        "validation_failed",
        [("/name", "scripts_mixed")],
    )


@pytest.mark.parametrize("name", ["Lembaga Pé 2 – Kupang", "Общество", "労働組合"])
def test_a_name_in_one_script_is_taken_with_digits_and_signs(name):
    given = CreateOrganization(name=name, kind=OrganizationKind.CSO)
    assert created(given, caller(), organization_id=NEW).name == name


def test_a_name_is_looked_at_again_when_it_changes():
    patch = UpdateOrganization(name="Inspеktorat")  # noqa: RUF001 - a Cyrillic letter
    assert refusal(updated, stored(), patch, caller=caller()) == (
        "validation_failed",
        [("/name", "scripts_mixed")],
    )


def test_what_a_patch_leaves_out_stays_as_it_is():
    after = updated(stored(), UpdateOrganization(short_name="Itko"), caller=caller())
    assert after == replace(stored(), short_name="Itko", version=5, updated_at=NOW)


@pytest.mark.parametrize("name", ["short_name", "parent_id", "region_code", "is_public_body", "contact"])
def test_null_clears_what_may_be_unknown(name):
    patch = msgspec.convert({name: None}, UpdateOrganization)
    assert getattr(updated(stored(), patch, caller=caller()), name) is None


def test_an_administrator_changes_the_own_organization():
    after = updated(stored(), UpdateOrganization(short_name="Itko"), caller=caller(Role.ORG_ADMIN))
    assert after.short_name == "Itko"


@pytest.mark.parametrize(
    ("id", "patch"),
    [
        (OTHER, UpdateOrganization(short_name="Itko")),
        (OWN, UpdateOrganization(parent_id=NEW)),
        (OWN, UpdateOrganization(parent_id=None)),
    ],
    ids=["another organization", "a new place in the tree", "no place in the tree"],
)
def test_what_belongs_to_the_platform_is_closed_to_an_administrator(id, patch):
    assert refusal(updated, stored(id), patch, caller=caller(Role.ORG_ADMIN)) == ("permission_missing", [])


def test_the_platform_changes_the_place_of_any_organization():
    assert updated(stored(OTHER), UpdateOrganization(parent_id=NEW), caller=caller()).parent_id == NEW


def test_a_search_finds_both_names_without_case_and_accents():
    text = search_text(stored(name="Yayasan  PIKUL é", short_name="Pikul"))
    assert text == "yayasan pikul e pikul"
