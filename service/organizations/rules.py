"""What an organization may look like, and who may change what of it."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from schema.vocabulary import Permission
from schema.wire.organizations import CreateOrganization, Organization, UpdateOrganization
from service.access.principal import Caller
from service.kernel.problem import Fault, Problem, refuse
from service.kernel.text import folded, scripts


def created(given: CreateOrganization, caller: Caller, *, organization_id: UUID) -> Organization:
    """Return the new organization; raise all faults of it."""
    refuse(_name_faults(given.name))
    return Organization(
        id=organization_id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        **msgspec.structs.asdict(given),
    )


def updated(stored: Organization, patch: UpdateOrganization, *, caller: Caller) -> Organization:
    """Return the organization with the patch: absent stays, null clears.

    An administrator edits the own organization; its place in the tree and the others belong to the platform.
    """
    changes = {
        name: value for name, value in msgspec.structs.asdict(patch).items() if value is not msgspec.UNSET
    }
    platform = caller.principal.may(Permission.ORGANIZATION_CREATE)
    if not platform and (stored.id != caller.organization_id or "parent_id" in changes):
        raise Problem("permission_missing", permission=Permission.ORGANIZATION_CREATE)
    refuse(_name_faults(changes.get("name", stored.name)))
    return msgspec.structs.replace(stored, **changes, version=stored.version + 1, updated_at=caller.now)


def search_text(record: Organization) -> str:
    """Return what `q` is matched against."""
    return folded(f"{record.name} {record.short_name or ''}")


def _name_faults(name: str) -> Iterator[Fault]:
    """A name that mixes scripts looks like another name and is not."""
    found = scripts(name)
    if len(found) > 1:
        yield Fault("/name", "scripts_mixed", {"scripts": ", ".join(sorted(found))})
