"""Making and editing milestones: what each makes of the record, and when it is refused.

Order of refusals: permission, party, state, input, guards.
"""

from collections.abc import Mapping
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict

from schema.vocabulary import MilestoneState, Permission
from schema.wire.milestones import CreateMilestone, UpdateMilestone
from service.access.areas import area_faults
from service.access.basis import AgreementFacts, demand_party
from service.access.evidence import evidence_faults
from service.access.principal import Caller
from service.kernel.problem import Fault, Problem, refuse
from service.milestones.checks import owner_faults
from service.milestones.guards import agreement_open, facts_of
from service.milestones.records import Series, Stored, next_version

_UNEDITABLE: Mapping[MilestoneState, str] = {
    MilestoneState.SUBMITTED: "milestone_submitted",
    MilestoneState.MET: "milestone_is_final",
    MilestoneState.WAIVED: "milestone_is_final",
    MilestoneState.CANCELLED: "milestone_is_final",
}


def created(body: CreateMilestone, caller: Caller, *, agreement: AgreementFacts, id: UUID) -> Stored:
    """Return a new, open milestone.

    Raises `permission_missing`, `not_a_party`, `validation_failed` or `guards_not_met`.
    """
    demand_party(caller, agreement, permission=Permission.MILESTONE_EDIT)
    refuse([*owner_faults(body.owner_organization_id, agreement), *area_faults(body.mcp_areas)])
    stored = opened(body, caller, id=id)
    demand_open(stored, caller, agreement=agreement)
    return stored


def opened(body: CreateMilestone, caller: Caller, *, id: UUID, of: Series | None = None) -> Stored:
    """Return the first version of a milestone, of a series when one generates it."""
    return Stored(
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        agreement_id=body.agreement_id,
        organization_id=caller.organization_id,
        owner_organization_id=body.owner_organization_id,
        title=body.title,
        workplan_item_id=body.workplan_item_id,
        due_on=body.due_on,
        baseline_due_on=body.due_on,
        achieved_on=None,
        evidence=(),
        mcp_areas=body.mcp_areas,
        series_id=of and of.id,
        occurrence_on=body.due_on if of else None,
        follows_series=of is not None,
        client_ref=body.client_ref,
        state=MilestoneState.OPEN,
        state_reason=None,
        submitted_by=None,
        verified_by=None,
        submitter_id=None,
        verifier_id=None,
        cancel_proposal=None,
        cancelled_by=None,
        canceller_id=None,
    )


def demand_open(stored: Stored, caller: Caller, *, agreement: AgreementFacts) -> None:
    """Raise `guards_not_met` when nothing new can be promised under the agreement."""
    faults = tuple(agreement_open(facts_of(stored, caller, agreement=agreement)))
    if faults:
        raise Problem("guards_not_met", faults=faults, action="create")


def updated(stored: Stored, patch: UpdateMilestone, *, caller: Caller, agreement: AgreementFacts) -> Stored:
    """Return the milestone with the fields the body gives.

    Raises `permission_missing`, `not_a_party`, `state_forbids_edit` or `validation_failed`.
    """
    demand_party(caller, agreement, permission=Permission.MILESTONE_EDIT)
    if stored.state in _UNEDITABLE:
        faults = [Fault("", _UNEDITABLE[stored.state])]
        raise Problem("state_forbids_edit", faults=faults, state=stored.state)
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = next_version(stored, given, caller=caller)
    refuse(
        [
            *owner_faults(after.owner_organization_id, agreement),
            *evidence_faults(after.evidence),
            *area_faults(after.mcp_areas),
        ]
    )
    return after
