"""Making and editing a draft: what each makes of the record, and when it is refused."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import asdict, replace

from schema.vocabulary import DataRequestState, Lane, Permission
from schema.wire.data_requests import CreateDataRequest, Period, UpdateDataRequest
from service.access.basis import AgreementFacts
from service.access.principal import Caller
from service.data_requests.records import Around, DatasetFacts, Stored
from service.data_requests.rules import demand_agreement, demand_side
from service.kernel.problem import Fault, Problem, refuse

_UNKNOWN = dict.fromkeys(
    (
        "state_reason",
        "number",
        "received_on",
        "submitted_by",
        "policy",
        "assignee_id",
        "due_on",
        "extended_on",
        "extension_reason",
        "transferred_to",
        "recommendation",
        "decision",
        "decided_on",
        "decided_by",
        "working_days",
        "reason_code",
        "decision_reason",
        "left_out",
        "consequence_test_ref",
        "conditions",
        "conditions_accepted_on",
        "access_ends_on",
    )
)
_NONE_YET: dict[str, Any] = dict.fromkeys(("reviewer_ids", "recommender_ids", "exchanges", "deliveries"), ())


def created(
    body: CreateDataRequest,
    caller: Caller,
    *,
    agreement: AgreementFacts | None,
    dataset: DatasetFacts | None,
    id: UUID,
) -> Stored:
    """Return the first version of a request, a draft.

    Raises `permission_missing`, `validation_failed` with all faults, or `not_a_party`.
    """
    if not caller.principal.may(Permission.DATA_REQUEST_ASK):
        raise Problem("permission_missing", permission=Permission.DATA_REQUEST_ASK)
    stored = _first_version(body, caller, id=id)
    refuse([*_lane_faults(stored, agreement), *_record_faults(stored, dataset)])
    if agreement is not None and caller.organization_id not in agreement.party_ids:
        raise Problem("not_a_party")
    return stored


def updated(stored: Stored, patch: UpdateDataRequest, *, caller: Caller, around: Around) -> Stored:
    """Return the draft with the fields the body gives.

    Raises `permission_missing`, `not_the_requester`, `not_a_party`, `state_forbids_edit` or
    `validation_failed`.
    """
    demand_side(stored, caller, permission=Permission.DATA_REQUEST_ASK)
    demand_agreement(stored, around)
    if stored.state is not DataRequestState.DRAFT:
        raise Problem("state_forbids_edit", faults=[Fault("", "request_submitted")], state=stored.state)
    given = {name: value for name, value in asdict(patch).items() if value is not UNSET}
    after = replace(stored, **_flat(given), version=stored.version + 1, updated_at=caller.now)
    refuse(_record_faults(after, around.dataset))
    return after


def _first_version(body: CreateDataRequest, caller: Caller, *, id: UUID) -> Stored:
    return Stored(
        **_UNKNOWN,
        **_NONE_YET,
        **_flat(asdict(body)),
        id=id,
        version=1,
        created_at=caller.now,
        updated_at=caller.now,
        created_by=caller.principal.user_id,
        requester_organization_id=caller.organization_id,
        state=DataRequestState.DRAFT,
    )


def _flat(given: dict[str, Any]) -> dict[str, Any]:
    """Return fields of a body as they are stored: the period as two days."""
    if "period" not in given:
        return given
    period: Period | None = given["period"]
    days = {"period_from": period and period.start, "period_to": period and period.end}
    return {name: value for name, value in given.items() if name != "period"} | days


def _lane_faults(stored: Stored, agreement: AgreementFacts | None) -> Iterator[Fault]:
    """Return what is wrong with the lane, the agreement and the holder together."""
    if stored.lane is Lane.PPID and stored.agreement_id is not None:
        yield Fault("/agreement_id", "lane_without_agreement")
    if stored.lane is Lane.PKS and stored.agreement_id is None:
        yield Fault("/agreement_id", "lane_needs_agreement")
    if stored.lane is Lane.PKS and stored.agreement_id is not None and agreement is None:
        yield Fault("/agreement_id", "agreement_unknown", {"id": stored.agreement_id})
    if stored.holder_organization_id == stored.requester_organization_id:
        yield Fault("/holder_organization_id", "holder_is_requester")
    elif agreement is not None and stored.holder_organization_id not in agreement.party_ids:
        yield Fault("/holder_organization_id", "holder_no_party", {"id": stored.holder_organization_id})


def _record_faults(stored: Stored, dataset: DatasetFacts | None) -> Iterator[Fault]:
    first, last = stored.period_from, stored.period_to
    if first is not None and last is not None and last < first:
        yield Fault("/period/to", "end_before_start", {"start": first, "end": last})
    for position, name in enumerate(stored.fields):
        if name in stored.fields[:position]:
            yield Fault(f"/fields/{position}", "repeated", {"given": name})
    if stored.dataset_id is not None and _not_of_holder(stored, dataset):
        yield Fault("/dataset_id", "dataset_unknown", {"id": stored.dataset_id})


def _not_of_holder(stored: Stored, dataset: DatasetFacts | None) -> bool:
    return dataset is None or dataset.holder_organization_id != stored.holder_organization_id
