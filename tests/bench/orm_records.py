"""Mapped objects to and from the structs of the service; mapped columns have no static types."""

from typing import Any

import msgspec

from schema.tables.activities import COUNTS
from schema.vocabulary import ActivityKind, ActivityState, Mode, ParticipantUnit, Relation
from schema.wire import activities as wire
from schema.wire import agreements as agreement_wire
from service.access.basis import Basis
from service.access.standing import Parent
from service.activities.queries import PLAIN
from service.activities.records import Stored
from service.agreements import phase
from service.agreements.queries import COLUMNS
from tests.bench.orm_models import Activity, Organizer

_UNITS = ("regional_unit", "inspectorate")
_LISTS = {
    "former_dates": tuple[wire.FormerDates, ...],
    "follow_ups": tuple[wire.FollowUp, ...],
    "external_refs": tuple[wire.ExternalRef, ...],
    "evidence": tuple[wire.Evidence, ...],
}
_HELD_BACK_BY = ("has_open_milestones", "undelivered_requests")
"""What keeps an agreement from being closed; loaded where it is shown alone."""

_BASIS = [name for name in Basis.__struct_fields__ if name not in {"parent", "party_ids"}]


def agreement_of(row: Any) -> phase.Stored:
    """Gives an agreement for somebody who takes part in it."""
    values = {name: getattr(row, name) for name in COLUMNS}
    units = [party.organization_id for party in row.parties if party.organization.kind in _UNITS]
    values |= {"parent": _parent(row), "access": "party", "unit_ids": units}
    values |= {name: getattr(row, name) for name in _HELD_BACK_BY}
    values["parties"] = [_party(party) for party in row.parties]
    return msgspec.convert(values, phase.Stored, from_attributes=True)


def _party(row: Any) -> agreement_wire.Party:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in agreement_wire.Party.__struct_fields__ if name != "signatory"
    }
    if row.signatory_name is not None:
        values["signatory"] = agreement_wire.Signatory(
            name=row.signatory_name,
            title=row.signatory_title,
            signed_on=row.signatory_signed_on,
            signature_kind=row.signatory_signature_kind,
        )
    return agreement_wire.Party(**{"signatory": None, **values})


def _parent(row: Any) -> Parent | None:
    return None if row.parent is None else msgspec.convert(row.parent, Parent, from_attributes=True)


def basis_of(row: Any) -> Basis:
    """Gives what an activity must know of its agreement."""
    values = {name: getattr(row, name) for name in _BASIS}
    values |= {"parent": _parent(row), "party_ids": [party.organization_id for party in row.parties]}
    return msgspec.convert(values, Basis)


def activity_of(row: Any) -> Stored:
    """Gives an activity with its organizers and groups."""
    values = {name: getattr(row, name) for name in PLAIN}
    for name, kind in _LISTS.items():
        values[name] = msgspec.convert(getattr(row, name) or (), kind)
    values["training"] = row.training and msgspec.convert(row.training, wire.Training)
    values |= {
        "relation": Relation(row.relation),
        "kind": ActivityKind(row.kind),
        "also_kinds": tuple(ActivityKind(kind) for kind in row.also_kinds),
        "mode": Mode(row.mode),
        "state": ActivityState(row.state),
        "organizers": tuple(
            wire.Organizer(organization_id=each.organization_id, role=each.role) for each in row.organizers
        ),
        "participants": _participants(row),
    }
    return Stored(**values)


def _participants(row: Any) -> wire.Participants | None:
    if row.participant_unit is None:
        return None
    names = ("organization_id", "group_label", *COUNTS)
    groups = [wire.ParticipantGroup(**{name: getattr(group, name) for name in names}) for group in row.groups]
    whole = {name: getattr(row, f"participant_{name}") for name in COUNTS}
    return wire.Participants(unit=ParticipantUnit(row.participant_unit), groups=tuple(groups), **whole)


def row_of(stored: Stored) -> Activity:
    """Gives a new activity with its organizers to add to a session."""
    values: dict[str, Any] = {name: getattr(stored, name) for name in PLAIN if name != "training"}
    values["evidence"] = msgspec.to_builtins(stored.evidence) or None
    values["document"] = msgspec.to_builtins(stored)
    whole = stored.participants
    if whole is not None:
        values["participant_unit"] = whole.unit
        values |= {f"participant_{name}": getattr(whole, name) for name in COUNTS}
    organizers = [
        Organizer(position=place, **msgspec.structs.asdict(each))
        for place, each in enumerate(stored.organizers, 1)
    ]
    return Activity(**values, organizers=organizers)


def group_rows(stored: Stored) -> list[dict[str, Any]]:
    """Gives the rows of its groups, for one statement: a trigger compares their sums after each statement."""
    where = {"activity_id": stored.id, "agreement_id": stored.agreement_id}
    groups = stored.participants.groups if stored.participants else ()
    return [
        {**where, "position": place, **msgspec.structs.asdict(group)} for place, group in enumerate(groups, 1)
    ]
