"""Named constraints → problems: what the database refuses is told like any other refusal."""

import asyncpg

from service.kernel.problem import Fault, Problem

_PROBLEMS = {
    "uq_party_document_number": "document_number_taken",
    "uq_user_email": "email_taken",
    "uq_membership_user_organization": "membership_taken",
    "uq_indicator_series_same": "series_taken",
    "ck_organization_tree_has_no_cycle": "tree_cycle",
    "ck_organization_not_its_own_parent": "tree_cycle",
    "ck_participant_group_sums_to_total": "participants_do_not_sum",
    # What is made under an agreement keeps it from being deleted.
    "fk_activity_agreement_id": "record_in_use",
    "fk_milestone_agreement_id": "record_in_use",
    "fk_milestone_series_agreement_id": "record_in_use",
    "fk_workplan_item_agreement_id": "record_in_use",
    "fk_workplan_item_lead": "record_in_use",
    "fk_workplan_supporter_party": "record_in_use",
    "fk_workplan_budget_party": "record_in_use",
    "ck_actual_periods_do_not_overlap": "period_taken",
    "fk_data_request_agreement_id": "record_in_use",
    "uq_objection_open": "objection_open",
    "fk_agreement_parent_id": "record_in_use",
    "fk_document_agreement_id": "record_in_use",
    "fk_document_activity": "record_in_use",
    "ck_document_usage_within_quota": "document_quota_exceeded",
    "fk_agreement_renews_id": "record_in_use",
}
_UNKNOWN_REFERENCES = {
    "fk_organization_parent_id": "/parent_id",
    "fk_membership_organization_id": "/memberships",
    "fk_membership_user_id": "/user_id",
    "fk_party_organization_id": "/parties",
    "fk_organizer_organization_id": "/organizers",
    "fk_participant_group_organization_id": "/participants/groups",
    "fk_activity_workplan_item": "/workplan_item_id",
    "fk_activity_milestone": "/milestone_id",
    "fk_milestone_workplan_item": "/workplan_item_id",
    "fk_workplan_item_parent": "/parent_id",
    "fk_agreement_document_id": "/document_id",
    "fk_agreement_termination_document_id": "/document_id",
    "fk_agreement_report_document_id": "/document_id",
    "fk_amendment_document_id": "/document_id",
    "fk_delivery_document": "/document_id",
    "fk_evidence_document_document": "/evidence",
    "fk_indicator_observation_document": "/items",
}
# Somebody came first: read again, and what was made is found.
_MOVED = {
    "uq_activity_client_ref",
    "uq_amendment_open",
    "uq_amendment_sequence",
    "uq_milestone_client_ref",
    "uq_milestone_occurrence",
    "uq_milestone_series_same",
    "uq_data_request_client_ref",
    "ck_agreement_closed_without_open_milestones",
    "ck_agreement_closed_without_undelivered_data",
}


def moved_by(error: asyncpg.IntegrityConstraintViolationError) -> bool:
    """Whether reading again finds what made the constraint fail."""
    return error.constraint_name in _MOVED


def problem_of(error: asyncpg.IntegrityConstraintViolationError) -> Problem | None:
    """Return the problem a violated constraint stands for; None when no input should violate it."""
    name = error.constraint_name or ""
    if name in _PROBLEMS:
        return Problem(_PROBLEMS[name])
    if name in _UNKNOWN_REFERENCES:
        return Problem("validation_failed", faults=[Fault(_UNKNOWN_REFERENCES[name], "reference_unknown")])
    return None
