"""The second wall: which role may do what, and which rows PostgreSQL shows to the acting organization.

`tenun_owner` owns everything and migrates, `tenun_app` serves requests, `tenun_worker` works in the
background for nobody in particular. An application's connection says for which organization it acts
(`tenun.acting`); while it says nothing, it sees no rows of the partners. What a policy cannot decide without
looking past the wall stands in a function of the owner in `definers`, each short enough to be read whole.
"""

from collections.abc import Mapping
from typing import NamedTuple

from schema.roles import APP, WORKER
from schema.tables.definers import ACTING, DEFINERS, FOR_APP_ALONE
from schema.tables.routines import declare

_READ, _ADD = "SELECT", "SELECT, INSERT"
_CHANGE = "SELECT, INSERT, UPDATE"
_ALL = "SELECT, INSERT, UPDATE, DELETE"

GRANTS: Mapping[str, Mapping[str, str]] = {
    APP: {
        "organization": _CHANGE,
        '"user"': _CHANGE,
        "membership": _ALL,
        "token": _CHANGE,
        "invitation": _ALL,
        "sign_in_throttle": _ALL,
        "installation": _CHANGE,
        "agreement": _ALL,
        "party": _ALL,
        "agreement_access": _READ,
        "amendment": _CHANGE,
        "amendment_acceptance": _ADD,
        "activity": _ALL,
        "organizer": _ALL,
        "participant_group": _ALL,
        "activity_tally": _CHANGE,
        "attendance_tally": _CHANGE,
        "milestone_series": _CHANGE,
        "milestone": _CHANGE,
        "workplan_item": _ALL,
        "workplan_supporter": _ALL,
        "workplan_budget": _ALL,
        "actual": _CHANGE,
        "document": _ALL,
        "evidence_document": "SELECT, INSERT, DELETE",
        "document_usage": _CHANGE,
        "document_removal": "INSERT",
        "dataset": _CHANGE,
        "data_request": _CHANGE,
        "delivery": _ADD,
        "objection": _CHANGE,
        "request_number": _CHANGE,
        "holiday_correction": _READ,
        "indicator_series": _CHANGE,
        "indicator_observation": _ALL,
        "audit_head": _CHANGE,
        "audit_entry": _ADD,
        "audit_checkpoint": _READ,
        "outbox_event": "INSERT",
        "idempotency_key": _ADD,
    },
    WORKER: {
        "invitation": "SELECT, DELETE",
        "sign_in_throttle": "SELECT, DELETE",
        "idempotency_key": "SELECT, DELETE",
        "document": _READ,
        "document_removal": "SELECT, DELETE",
        "installation": _ADD,
        "audit_head": _READ,
        "audit_entry": _READ,
        "audit_checkpoint": _ADD,
        "denied_attempt": "SELECT, INSERT, DELETE",
    },
}
"""What each role may do with a table; rows are another matter. Migrations are for the owner alone."""

COLUMN_GRANTS = {APP: {"delivery": "UPDATE (acknowledged_at, acknowledged_by)"}}
"""What a role may change of a table whose rows otherwise stay as they were written."""


class Policy(NamedTuple):
    """Which rows of a table a role may read, or write, by one command; `ALL` is every command."""

    table: str
    name: str
    command: str
    role: str
    using: str | None
    check: str | None = None

    @property
    def create(self) -> str:
        """The statement that makes it."""
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return f"CREATE POLICY {self.name} ON {self.table} FOR {self.command} TO {self.role}{using}{check}"


def _seen(column: str) -> str:
    """Return whether the acting organization has an access row for an agreement.

    A scalar subquery: of an EXISTS the planner makes a hash of all access rows of the organization. The call
    of acting() is no subquery of its own: PostgreSQL puts its expression into the key of the index.
    """
    return (
        "(SELECT true FROM agreement_access AS access"
        f" WHERE access.agreement_id = {column} AND access.organization_id = acting())"
    )


_ITS_OWN = "organization_id = acting()"
_HOLDS, _ASKS = (f"{side}_organization_id = acting()" for side in ("holder", "requester"))
_EITHER = f"{_ASKS} OR {_HOLDS}"


def _of_request(table: str) -> str:
    """Return whether the acting organization sees the data request of a row: by that table's own policy."""
    return f"(SELECT true FROM data_request AS known WHERE known.id = {table}.data_request_id)"


_SOMEBODY = "acting() IS NOT NULL"
_OF_AGREEMENT = (
    "activity",
    "organizer",
    "participant_group",
    "activity_tally",
    "attendance_tally",
    "milestone_series",
    "milestone",
    "workplan_item",
    "workplan_supporter",
    "workplan_budget",
    "actual",
    "evidence_document",
)

POLICIES = (
    Policy("agreement_access", "own_access", "SELECT", APP, _ITS_OWN),
    Policy("agreement", "seen", "SELECT", APP, f"visibility = 'public' OR {_seen('agreement.id')}"),
    Policy("agreement", "made", "INSERT", APP, None, "created_by_organization_id = acting()"),
    Policy("agreement", "changed", "UPDATE", APP, _seen("agreement.id")),
    Policy("agreement", "removed", "DELETE", APP, _seen("agreement.id")),
    Policy("party", "seen", "ALL", APP, _seen("party.agreement_id")),
    Policy(
        "party",
        "public",
        "SELECT",
        APP,
        "agreement_is_public(agreement_id)",
    ),
    *(Policy(table, "seen", "ALL", APP, _seen(f"{table}.agreement_id")) for table in _OF_AGREEMENT),
    Policy("amendment", "seen", "ALL", APP, _seen("amendment.agreement_id")),
    Policy("amendment_acceptance", "seen", "SELECT", APP, _seen("amendment_acceptance.agreement_id")),
    Policy(
        "amendment_acceptance",
        "own",
        "INSERT",
        APP,
        None,
        f"{_ITS_OWN} AND {_seen('amendment_acceptance.agreement_id')}",
    ),
    Policy("dataset", "catalogued", "SELECT", APP, f"classification <> 'closed' OR {_HOLDS}"),
    Policy("dataset", "made", "INSERT", APP, None, _HOLDS),
    Policy("dataset", "changed", "UPDATE", APP, _HOLDS),
    Policy("data_request", "seen", "SELECT", APP, f"{_seen('data_request.agreement_id')} OR {_EITHER}"),
    Policy(
        "data_request",
        "asked",
        "INSERT",
        APP,
        None,
        f"{_ASKS} AND state = 'draft' AND created_by IS NOT NULL"
        f" AND (agreement_id IS NULL OR {_seen('data_request.agreement_id')})",
    ),
    Policy("data_request", "changed", "UPDATE", APP, _EITHER),
    Policy("delivery", "seen", "SELECT", APP, _of_request("delivery")),
    Policy("delivery", "made", "INSERT", APP, None, _HOLDS),
    Policy("delivery", "acknowledged", "UPDATE", APP, _of_request("delivery")),
    Policy("objection", "seen", "SELECT", APP, _of_request("objection")),
    Policy(
        "objection",
        "lodged",
        "INSERT",
        APP,
        None,
        f"{_ASKS} AND (SELECT true FROM data_request AS known WHERE known.id = objection.data_request_id"
        " AND known.requester_organization_id = acting())",
    ),
    Policy("objection", "changed", "UPDATE", APP, _EITHER),
    Policy("request_number", "counted", "ALL", APP, "true"),
    Policy(
        "document",
        "seen",
        "ALL",
        APP,
        f"{_seen('document.agreement_id')} AND ({_ITS_OWN} OR document_handed(agreement_id, id, kind))",
    ),
    Policy(
        "document",
        "public",
        "SELECT",
        APP,
        "visibility = 'public' AND agreement_is_public(agreement_id)",
    ),
    Policy("document", "named", "SELECT", WORKER, "true"),
    Policy("document_usage", "own", "ALL", APP, _ITS_OWN),
    Policy("document_removal", "noted", "INSERT", APP, None, "true"),
    Policy("document_removal", "done", "ALL", WORKER, "true"),
    # Scores that were published are no secret among partners; whoever keeps a series alone writes it.
    Policy("indicator_series", "seen", "SELECT", APP, _SOMEBODY),
    Policy("indicator_series", "made", "INSERT", APP, None, _ITS_OWN),
    Policy("indicator_series", "changed", "UPDATE", APP, _ITS_OWN),
    Policy("indicator_observation", "seen", "SELECT", APP, _SOMEBODY),
    Policy("indicator_observation", "own", "ALL", APP, _ITS_OWN),
    Policy(
        "audit_head",
        "seen",
        "ALL",
        APP,
        f"agreement_id IS NULL OR {_seen('audit_head.agreement_id')}",
    ),
    Policy("audit_head", "signed", "SELECT", WORKER, "true"),
    Policy(
        "audit_checkpoint",
        "seen",
        "SELECT",
        APP,
        f"stream = acting() OR {_seen('audit_checkpoint.agreement_id')}",
    ),
    Policy("audit_checkpoint", "signed", "ALL", WORKER, "true"),
    Policy("audit_entry", "verified", "SELECT", WORKER, "true"),
    Policy("denied_attempt", "kept_for_a_time", "ALL", WORKER, "true"),
    Policy(
        "audit_entry",
        "asked",
        "SELECT",
        APP,
        "subject_type = 'data_request'"
        " AND (SELECT true FROM data_request AS known WHERE known.id = audit_entry.subject_id)",
    ),
    Policy(
        "audit_entry",
        "seen",
        "SELECT",
        APP,
        f"{_seen('audit_entry.agreement_id')}"
        f" OR (({_ITS_OWN} OR stream = acting())"
        " AND (agreement_id IS NULL OR agreement_is_gone(agreement_id)))",
    ),
    Policy(
        "audit_entry",
        "written",
        "INSERT",
        APP,
        None,
        f"{_ITS_OWN} AND (agreement_id IS NULL OR {_seen('audit_entry.agreement_id')})",
    ),
    Policy("outbox_event", "written", "INSERT", APP, None, _ITS_OWN),
    Policy("idempotency_key", "own", "ALL", APP, _ITS_OWN),
    Policy("idempotency_key", "kept_for_a_time", "ALL", WORKER, "true"),
)

SECURED = tuple(dict.fromkeys(policy.table for policy in POLICIES))

declare(
    [
        ACTING.create,
        *(routine.create for routine in DEFINERS),
        "REVOKE ALL ON FUNCTION agreement_access_refresh(uuid[]) FROM PUBLIC",
        *(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC" for signature in FOR_APP_ALONE),
        *(f"GRANT EXECUTE ON FUNCTION {signature} TO {APP}" for signature in FOR_APP_ALONE),
        *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in SECURED),
        *(policy.create for policy in POLICIES),
        f"GRANT USAGE ON SCHEMA public TO {APP}, {WORKER}",
        *(
            f"GRANT {rights} ON {table} TO {role}"
            for role, tables in GRANTS.items()
            for table, rights in tables.items()
        ),
        *(
            f"GRANT {rights} ON {table} TO {role}"
            for role, tables in COLUMN_GRANTS.items()
            for table, rights in tables.items()
        ),
    ]
)
