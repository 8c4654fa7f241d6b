"""The database as declared: every table, constraint, index and routine."""

from schema.tables import (
    accounts,
    activities,
    activity_routines,
    agreements,
    amendments,
    data_request_routines,
    data_requests,
    document_routines,
    documents,
    holidays,
    indicators,
    ledger,
    milestones,
    organizations,
    routines,
    security,
    workplans,
)
from schema.tables.common import metadata

__all__ = [
    "accounts",
    "activities",
    "activity_routines",
    "agreements",
    "amendments",
    "data_request_routines",
    "data_requests",
    "document_routines",
    "documents",
    "holidays",
    "indicators",
    "ledger",
    "metadata",
    "milestones",
    "organizations",
    "routines",
    "security",
    "workplans",
]
