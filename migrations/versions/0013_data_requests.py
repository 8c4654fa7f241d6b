"""Data requests: the catalogue, requests with deliveries and objections, their numbers; down drops them.

An organization also says whether it is shut on joint leave, and a document that was delivered is read while
access lasts. Up and down lock `organization`, `document` and the ledger for a moment. Down is refused once
the ledger names records of these kinds.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0013_data_requests"
down_revision = "0012_documents"

BEFORE = (
    "'organization', 'user', 'membership', 'session', 'api_key', 'agreement', 'amendment', 'activity',"
    " 'milestone', 'milestone_series', 'workplan_item', 'actual', 'document'"
)
NOUNS = f"{BEFORE}, 'dataset', 'data_request', 'objection'"

TABLES = (
    """
CREATE TABLE dataset (
  id uuid NOT NULL, version integer NOT NULL, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, created_by uuid, holder_organization_id uuid NOT NULL,
  title text NOT NULL, description text, classification text NOT NULL, legal_basis text, format text,
  frequency text, fields text[] NOT NULL, contains_personal_data boolean NOT NULL,
  search_text text NOT NULL,
  CONSTRAINT pk_dataset PRIMARY KEY (id),
  CONSTRAINT fk_dataset_holder_organization_id FOREIGN KEY(holder_organization_id) REFERENCES organization
    (id),
  CONSTRAINT uq_dataset_holder UNIQUE (holder_organization_id, id),
  CONSTRAINT ck_dataset_classification_known CHECK (classification IN ('open', 'restricted', 'closed')),
  CONSTRAINT ck_dataset_frequency_known CHECK (frequency IN ('once', 'daily', 'weekly', 'monthly',
    'quarterly', 'semiannual', 'yearly', 'irregular'))
)
""",
    "CREATE INDEX ix_dataset_search_text ON dataset USING gin (search_text gin_trgm_ops)",
    """
CREATE TABLE data_request (
  id uuid NOT NULL, version integer NOT NULL, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, created_by uuid, lane text NOT NULL, agreement_id uuid,
  requester_organization_id uuid NOT NULL, holder_organization_id uuid NOT NULL, dataset_id uuid,
  title text NOT NULL, purpose text NOT NULL, fields text[] NOT NULL, period_from date, period_to date,
  format text, legal_basis text, personal_data boolean NOT NULL, client_ref text,
  client_fingerprint bytea, state text NOT NULL, state_reason text, number text, received_on date,
  submitted_by uuid, policy json, assignee_id uuid, reviewer_ids uuid[] NOT NULL,
  recommender_ids uuid[] NOT NULL, due_on date, due_at timestamptz, extended_on date,
  extension_reason text, exchanges json, transferred_to text, recommendation json, decision text,
  decided_on date, decided_by uuid, working_days integer, reason_code text, decision_reason text,
  left_out text, consequence_test_ref text, conditions text, conditions_accepted_on date,
  access_ends_on date,
  CONSTRAINT pk_data_request PRIMARY KEY (id),
  CONSTRAINT fk_data_request_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_data_request_requester_organization_id FOREIGN KEY(requester_organization_id) REFERENCES
    organization (id),
  CONSTRAINT fk_data_request_holder_organization_id FOREIGN KEY(holder_organization_id) REFERENCES
    organization (id),
  CONSTRAINT fk_data_request_dataset FOREIGN KEY(holder_organization_id, dataset_id) REFERENCES dataset
    (holder_organization_id, id),
  CONSTRAINT uq_data_request_holder UNIQUE (holder_organization_id, id),
  CONSTRAINT uq_data_request_number UNIQUE (holder_organization_id, number),
  CONSTRAINT uq_data_request_client_ref UNIQUE (requester_organization_id, client_ref),
  CONSTRAINT ck_data_request_lane_known CHECK (lane IN ('pks', 'ppid')),
  CONSTRAINT ck_data_request_state_known CHECK (state IN ('draft', 'submitted', 'under_review',
    'needs_clarification', 'awaiting_decision', 'granted', 'granted_in_part', 'refused', 'transferred',
    'withdrawn', 'fulfilled', 'revoked', 'closed')),
  CONSTRAINT ck_data_request_decision_known CHECK (decision IN ('granted', 'granted_in_part', 'refused')),
  CONSTRAINT ck_data_request_reason_code_known CHECK (reason_code IN ('kip_17_a', 'kip_17_b', 'kip_17_c',
    'kip_17_d', 'kip_17_e', 'kip_17_f', 'kip_17_g', 'kip_17_h', 'kip_17_i', 'kip_17_j', 'not_held',
    'not_in_scope')),
  CONSTRAINT ck_data_request_lane_fits CHECK ((lane = 'pks') = (agreement_id IS NOT NULL)),
  CONSTRAINT ck_data_request_holder_is_another CHECK (holder_organization_id <> requester_organization_id),
  CONSTRAINT ck_data_request_period_in_order CHECK (period_to >= period_from),
  CONSTRAINT ck_data_request_period_complete CHECK ((period_from IS NULL) = (period_to IS NULL)),
  CONSTRAINT ck_data_request_handed_in_complete CHECK (state IN ('draft', 'withdrawn') OR num_nulls(number,
    received_on, submitted_by, policy) = 0),
  CONSTRAINT ck_data_request_decided_by_another_than_writer CHECK (decided_by <> created_by),
  CONSTRAINT ck_data_request_decided_by_another_than_submitter CHECK (decided_by <> submitted_by),
  CONSTRAINT ck_data_request_decided_by_another_than_recommender CHECK (decided_by <> ALL
    (recommender_ids)),
  CONSTRAINT ck_data_request_recommender_known CHECK (recommendation IS NULL OR
    (recommendation ->> 'recommended_by')::uuid = ANY (recommender_ids)),
  CONSTRAINT ck_data_request_decision_complete CHECK (num_nulls(decision, decided_by, decided_on,
    working_days) IN (0, 4)),
  CONSTRAINT ck_data_request_decided_by_somebody CHECK ((state IN ('granted', 'granted_in_part', 'refused',
    'fulfilled', 'revoked', 'closed')) = (decision IS NOT NULL)),
  CONSTRAINT ck_data_request_recommended_first CHECK (decision IS NULL OR cardinality(recommender_ids) > 0),
  CONSTRAINT ck_data_request_refusal_has_reason CHECK (decision IS NULL OR decision = 'granted' OR
    num_nulls(reason_code, decision_reason) = 0)
)
""",
    "CREATE INDEX ix_data_request_agreement_id ON data_request (agreement_id, id)",
    "CREATE INDEX ix_data_request_assignee ON data_request (assignee_id, id) WHERE assignee_id IS NOT NULL",
    "CREATE INDEX ix_data_request_dataset ON data_request (holder_organization_id, dataset_id)",
    "CREATE INDEX ix_data_request_due_at ON data_request (due_at, id) WHERE due_at IS NOT NULL",
    """
CREATE INDEX ix_data_request_holder_due ON data_request (holder_organization_id, due_at, id) WHERE due_at IS
    NOT NULL
""",
    "CREATE INDEX ix_data_request_holder_received ON data_request (holder_organization_id, received_on)",
    """
CREATE INDEX ix_data_request_requester_due ON data_request (requester_organization_id, due_at, id) WHERE
    due_at IS NOT NULL
""",
    "CREATE INDEX ix_data_request_requester_organization_id ON data_request (requester_organization_id, id)",
    """
CREATE INDEX ix_data_request_undelivered ON data_request (agreement_id) WHERE state IN ('granted',
    'granted_in_part')
""",
    """
CREATE TABLE delivery (
  id uuid NOT NULL, agreement_id uuid, holder_organization_id uuid NOT NULL,
  data_request_id uuid NOT NULL, position smallint NOT NULL, url text, document_id uuid, format text,
  rows integer, byte_size bigint, sha256 text, channel text NOT NULL, note text, complete boolean NOT NULL,
  delivered_at timestamptz NOT NULL, delivered_by uuid NOT NULL, acknowledged_at timestamptz,
  acknowledged_by uuid,
  CONSTRAINT pk_delivery PRIMARY KEY (id),
  CONSTRAINT fk_delivery_data_request FOREIGN KEY(holder_organization_id, data_request_id) REFERENCES
    data_request (holder_organization_id, id),
  CONSTRAINT fk_delivery_document FOREIGN KEY(agreement_id, document_id) REFERENCES document
    (agreement_id, id),
  CONSTRAINT uq_delivery_position UNIQUE (holder_organization_id, data_request_id, position),
  CONSTRAINT ck_delivery_channel_known CHECK (channel IN ('download', 'api', 'email', 'physical')),
  CONSTRAINT ck_delivery_link_or_document CHECK (num_nonnulls(url, document_id) = 1),
  CONSTRAINT ck_delivery_document_of_agreement CHECK (document_id IS NULL OR agreement_id IS NOT NULL),
  CONSTRAINT ck_delivery_sizes_not_negative CHECK (rows >= 0 AND byte_size >= 0),
  CONSTRAINT ck_delivery_sha256_hexadecimal CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_delivery_acknowledged_by_somebody CHECK (num_nulls(acknowledged_at, acknowledged_by) IN (0,
    2))
)
""",
    "CREATE INDEX ix_delivery_data_request_id ON delivery (data_request_id, position)",
    "CREATE INDEX ix_delivery_document ON delivery (agreement_id, document_id)",
    """
CREATE TABLE objection (
  id uuid NOT NULL, version integer NOT NULL, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, created_by uuid, agreement_id uuid,
  requester_organization_id uuid NOT NULL, holder_organization_id uuid NOT NULL,
  data_request_id uuid NOT NULL, ground text NOT NULL, reason text NOT NULL, state text NOT NULL,
  received_on date NOT NULL, due_on date NOT NULL, answer text, decided_on date, decided_by uuid,
  barred_ids uuid[] NOT NULL,
  CONSTRAINT pk_objection PRIMARY KEY (id),
  CONSTRAINT fk_objection_data_request FOREIGN KEY(holder_organization_id, data_request_id) REFERENCES
    data_request (holder_organization_id, id),
  CONSTRAINT ck_objection_ground_known CHECK (ground IN ('refused', 'granted_in_part', 'overdue')),
  CONSTRAINT ck_objection_state_known CHECK (state IN ('lodged', 'upheld', 'dismissed', 'withdrawn')),
  CONSTRAINT ck_objection_decided_by_another_than_writer CHECK (decided_by <> created_by),
  CONSTRAINT ck_objection_decided_by_nobody_involved CHECK (decided_by <> ALL (barred_ids)),
  CONSTRAINT ck_objection_decision_complete CHECK ((state IN ('upheld', 'dismissed')) = (num_nulls(answer,
    decided_on, decided_by) = 0))
)
""",
    "CREATE INDEX ix_objection_data_request ON objection (holder_organization_id, data_request_id, id)",
    """
CREATE UNIQUE INDEX uq_objection_open ON objection (holder_organization_id, data_request_id) WHERE state =
    'lodged'
""",
    """
CREATE TABLE request_number (
  holder_organization_id uuid NOT NULL, year smallint NOT NULL, last integer NOT NULL,
  CONSTRAINT pk_request_number PRIMARY KEY (holder_organization_id, year),
  CONSTRAINT fk_request_number_holder_organization_id FOREIGN KEY(holder_organization_id) REFERENCES
    organization (id)
)
""",
)

DAYS = {
    "data_request": (
        "period_from",
        "period_to",
        "received_on",
        "due_on",
        "extended_on",
        "decided_on",
        "conditions_accepted_on",
        "access_ends_on",
    ),
    "objection": ("received_on", "due_on", "decided_on"),
}

SECURED = ("dataset", "data_request", "delivery", "objection", "request_number")

POLICIES = (
    """
CREATE POLICY catalogued ON dataset FOR SELECT TO tenun_app USING (classification <> 'closed' OR
  holder_organization_id = acting())
""",
    "CREATE POLICY made ON dataset FOR INSERT TO tenun_app WITH CHECK (holder_organization_id = acting())",
    "CREATE POLICY changed ON dataset FOR UPDATE TO tenun_app USING (holder_organization_id = acting())",
    """
CREATE POLICY seen ON data_request FOR SELECT TO tenun_app USING ((SELECT true FROM agreement_access AS
  access WHERE access.agreement_id = data_request.agreement_id AND access.organization_id = acting()) OR
  requester_organization_id = acting() OR holder_organization_id = acting())
""",
    """
CREATE POLICY asked ON data_request FOR INSERT TO tenun_app WITH CHECK (requester_organization_id =
  acting() AND state = 'draft' AND created_by IS NOT NULL AND (agreement_id IS NULL OR (SELECT true FROM
  agreement_access AS access WHERE access.agreement_id = data_request.agreement_id AND
  access.organization_id = acting())))
""",
    """
CREATE POLICY changed ON data_request FOR UPDATE TO tenun_app USING (requester_organization_id = acting()
  OR holder_organization_id = acting())
""",
    """
CREATE POLICY seen ON delivery FOR SELECT TO tenun_app USING ((SELECT true FROM data_request AS known
  WHERE known.id = delivery.data_request_id))
""",
    "CREATE POLICY made ON delivery FOR INSERT TO tenun_app WITH CHECK (holder_organization_id = acting())",
    """
CREATE POLICY acknowledged ON delivery FOR UPDATE TO tenun_app USING ((SELECT true FROM data_request AS
  known WHERE known.id = delivery.data_request_id))
""",
    """
CREATE POLICY seen ON objection FOR SELECT TO tenun_app USING ((SELECT true FROM data_request AS known
  WHERE known.id = objection.data_request_id))
""",
    """
CREATE POLICY lodged ON objection FOR INSERT TO tenun_app WITH CHECK (requester_organization_id = acting()
  AND (SELECT true FROM data_request AS known WHERE known.id = objection.data_request_id AND
  known.requester_organization_id = acting()))
""",
    """
CREATE POLICY changed ON objection FOR UPDATE TO tenun_app USING (requester_organization_id = acting() OR
  holder_organization_id = acting())
""",
    "CREATE POLICY counted ON request_number FOR ALL TO tenun_app USING (true)",
    """
CREATE POLICY asked ON audit_entry FOR SELECT TO tenun_app USING (subject_type = 'data_request' AND
  (SELECT true FROM data_request AS known WHERE known.id = audit_entry.subject_id))
""",
)

DUTIES = (
    """
CREATE FUNCTION data_request_duties() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- What bars a person from deciding is never taken back.
  RAISE EXCEPTION 'data request %: who asked, recommended or decided stays on record', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_data_request_duties_kept';
END $$
""",
    """
CREATE TRIGGER data_request_duties_kept BEFORE UPDATE ON data_request FOR EACH ROW
WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by OR OLD.submitted_by <> coalesce(NEW.submitted_by, OLD.id)
  OR OLD.decided_by <> coalesce(NEW.decided_by, OLD.id) OR NOT NEW.recommender_ids @> OLD.recommender_ids)
EXECUTE FUNCTION data_request_duties()
""",
)

HANDING = (
    """
CREATE FUNCTION document_handed(pact uuid, wanted uuid, kind text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  -- What was delivered to who acts is read until it is revoked, and a dataset by nobody else than its holder;
  -- a paper that records rest on is not taken away. The day on which access ends is asked by the service:
  -- policies know no clock.
  SELECT coalesce(bool_or(asked.state <> 'revoked'), kind <> 'dataset') OR (kind <> 'dataset' AND (
    EXISTS (SELECT FROM evidence_document WHERE agreement_id = pact AND document_id = wanted)
    OR EXISTS (SELECT FROM amendment WHERE agreement_id = pact AND document_id = wanted)
    OR EXISTS (
      SELECT FROM agreement
      WHERE id = pact AND wanted IN (document_id, termination_document_id, report_document_id)
    )
  ))
  FROM delivery JOIN data_request AS asked ON asked.id = delivery.data_request_id
  WHERE delivery.agreement_id = pact AND delivery.document_id = wanted
    AND asked.requester_organization_id = acting()
$$
""",
    "REVOKE ALL ON FUNCTION document_handed(uuid, uuid, text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION document_handed(uuid, uuid, text) TO tenun_app",
    """
ALTER POLICY seen ON document USING ((SELECT true FROM agreement_access AS access WHERE access.agreement_id =
  document.agreement_id AND access.organization_id = acting()) AND (organization_id = acting() OR
  document_handed(agreement_id, id, kind)))
""",
)

UNHANDING = (
    """
ALTER POLICY seen ON document USING ((SELECT true FROM agreement_access AS access WHERE access.agreement_id =
  document.agreement_id AND access.organization_id = acting()))
""",
    "DROP FUNCTION document_handed(uuid, uuid, text)",
)

CLOSING = (
    """
CREATE FUNCTION agreement_delivered() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Whoever grants data holds the agreement FOR SHARE, so behind its lock all grants are seen.
  IF EXISTS (
    SELECT FROM data_request WHERE agreement_id = NEW.id AND state IN ('granted', 'granted_in_part')
  ) THEN
    RAISE EXCEPTION 'data granted under agreement % was not delivered', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_agreement_closed_without_undelivered_data';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER agreement_closes_delivered BEFORE UPDATE ON agreement FOR EACH ROW
WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION agreement_delivered()
""",
)

GRANTS = (
    "SELECT, INSERT, UPDATE ON dataset TO tenun_app",
    "SELECT, INSERT, UPDATE ON data_request TO tenun_app",
    "SELECT, INSERT ON delivery TO tenun_app",
    "SELECT, INSERT, UPDATE ON objection TO tenun_app",
    "SELECT, INSERT, UPDATE ON request_number TO tenun_app",
    "UPDATE (acknowledged_at, acknowledged_by) ON delivery TO tenun_app",
)

RECORDS = {
    "id": "UUIDv7 made by the service.",
    "version": "Rises by one at each change.",
    "created_by": "User; null for the system. No foreign key: users may be erased.",
}
COMMENTS = {
    "TABLE dataset": "What a holder can share: an entry of its catalogue, never the data itself.",
    "COLUMN dataset.search_text": "Title and fields folded in the service.",
    "TABLE data_request": "One organization asks another for data; who asked or recommended does not decide.",
    "COLUMN data_request.agreement_id": "Null in lane ppid, which rests on the law.",
    "COLUMN data_request.client_fingerprint": "SHA-256 of the body that carried client_ref.",
    "COLUMN data_request.number": "Given at submission, per holder and year; never used again.",
    "COLUMN data_request.received_on": "Day of receipt, in the holder's time zone; it is not counted.",
    "COLUMN data_request.submitted_by": "Person; another one decides, whatever they act for.",
    "COLUMN data_request.policy": "The deadlines it was handed in under, by name.",
    "COLUMN data_request.assignee_id": "Person of the holder who handles it.",
    "COLUMN data_request.reviewer_ids": "All who ever handled it.",
    "COLUMN data_request.recommender_ids": "All who ever recommended.",
    "COLUMN data_request.due_on": "Last day to decide on; null while the clock stands still.",
    "COLUMN data_request.due_at": (
        "First instant after the due day at the holder while a decision is owed, else null."
    ),
    "COLUMN data_request.exchanges": "Questions and answers, oldest first; null when nobody asked.",
    "COLUMN data_request.recommendation": "The latest one.",
    "COLUMN data_request.decided_by": "Person who neither asked nor recommended.",
    "COLUMN data_request.working_days": "Days that counted up to the decision.",
    "COLUMN data_request.access_ends_on": "Null: as long as the agreement.",
    "TABLE delivery": "Data that was handed over; rows and acknowledgements are added, nothing else changes.",
    "COLUMN delivery.id": "UUIDv7 made by the service.",
    "COLUMN delivery.document_id": "A document of the holder under the agreement, in place of a link.",
    "COLUMN delivery.rows": "Null when nobody counted.",
    "TABLE objection": "An objection to a request; nobody who asked, handled or decided that decides it.",
    "COLUMN objection.barred_ids": "Who asked, handled or decided, as it was decided.",
    "TABLE request_number": "Numbers of data requests given so far, per holder and year.",
    "COLUMN request_number.last": "Number given last; gaps are no harm.",
    "COLUMN organization.joint_leave": "Whether it is shut on joint leave (cuti bersama).",
}


def kinds(nouns: str) -> None:
    """Lets the ledger name these kinds of record."""
    for table in ("audit_entry", "outbox_event"):
        name = f"ck_{table}_subject_type_known"
        execute(
            (
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
                f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (subject_type IN ({nouns})) NOT VALID",
                f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}",
            )
        )


def in_calendar(table: str, day: str) -> str:
    """Gives the statement that keeps a day within the calendar."""
    name, bounds = f"ck_{table}_{day}_in_calendar", "DATE '1945-01-01' AND DATE '2199-12-31'"
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({day} BETWEEN {bounds})"


def upgrade() -> None:
    set_timeouts()
    execute(("ALTER TABLE organization ADD COLUMN joint_leave boolean DEFAULT true NOT NULL",))
    execute(TABLES)
    execute(in_calendar(table, day) for table, days in DAYS.items() for day in days)
    execute((*DUTIES, *CLOSING, *HANDING))
    kinds(NOUNS)
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in SECURED)
    execute(POLICIES)
    execute(f"GRANT {grant}" for grant in GRANTS)
    describe(COMMENTS)
    for table in ("dataset", "data_request", "objection"):
        describe({f"COLUMN {table}.{name}": comment for name, comment in RECORDS.items()})


def downgrade() -> None:
    set_timeouts()
    execute(UNHANDING)
    execute(("DROP POLICY asked ON audit_entry", "DROP TRIGGER agreement_closes_delivered ON agreement"))
    execute(f"DROP TABLE {table}" for table in reversed(SECURED))
    execute(("DROP FUNCTION data_request_duties()", "DROP FUNCTION agreement_delivered()"))
    kinds(BEFORE)
    execute(("ALTER TABLE organization DROP COLUMN joint_leave",))
