"""What an entry of the catalogue looks like, and who changes it: its holder alone."""

from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict, replace

from schema.wire.datasets import CreateDataset, Dataset, UpdateDataset
from service.access.principal import Caller
from service.kernel.problem import Fault, Problem, refuse
from service.kernel.text import folded


def created(body: CreateDataset, caller: Caller, *, id: UUID) -> Dataset:
    """Return a new entry of the caller's catalogue; raise all faults of it."""
    refuse(_faults(body.fields))
    return Dataset(
        **asdict(body),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        holder_organization_id=caller.organization_id,
    )


def updated(stored: Dataset, patch: UpdateDataset, *, caller: Caller) -> Dataset:
    """Return the entry with the fields the body gives.

    Raises `not_the_holder` or `validation_failed`.
    """
    if stored.holder_organization_id != caller.organization_id:
        raise Problem("not_the_holder")
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = replace(stored, **given, version=stored.version + 1, updated_at=caller.now)
    refuse(_faults(after.fields))
    return after


def search_text(stored: Dataset) -> str:
    """Return what `q` is matched against."""
    return folded(" ".join((stored.title, *stored.fields)))


def _faults(fields: tuple[str, ...]) -> list[Fault]:
    repeated = [position for position, name in enumerate(fields) if name in fields[:position]]
    return [Fault(f"/fields/{position}", "repeated", {"given": fields[position]}) for position in repeated]
