"""Documents, what rests on them, and what agreements and evidence name; down drops them.

Up reads audit_entry and outbox_event once, for the noun that their CHECKs learn, and locks agreement and
activity for a moment.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0012_documents"
down_revision = "0011_schema_usage"

TABLES = (
    """
CREATE TABLE document (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  subject_type text NOT NULL,
  subject_id uuid NOT NULL,
  activity_id uuid,
  kind text NOT NULL,
  filename text NOT NULL,
  media_type text NOT NULL,
  byte_size integer NOT NULL,
  sha256 text NOT NULL,
  hard_copy_location text,
  visibility text NOT NULL,
  CONSTRAINT pk_document PRIMARY KEY (id),
  CONSTRAINT fk_document_agreement_id FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_document_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT fk_document_activity FOREIGN KEY (agreement_id, activity_id) REFERENCES activity
    (agreement_id, id),
  CONSTRAINT uq_document_agreement UNIQUE (agreement_id, id),
  CONSTRAINT ck_document_subject_type_known CHECK (subject_type IN ('agreement', 'activity')),
  CONSTRAINT ck_document_kind_known CHECK (kind IN ('signed_agreement', 'amendment',
    'power_of_attorney', 'attendance_sheet', 'photo', 'minutes', 'terms_of_reference', 'material',
    'report', 'evidence', 'dataset', 'other')),
  CONSTRAINT ck_document_media_type_known CHECK (media_type IN ('application/pdf', 'image/png',
    'image/jpeg', 'image/webp', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'text/csv')),
  CONSTRAINT ck_document_visibility_known CHECK (visibility IN ('parties', 'public')),
  CONSTRAINT ck_document_subject_is_one CHECK (subject_id = CASE subject_type WHEN 'activity' THEN
    activity_id ELSE agreement_id END AND (subject_type = 'activity') = (activity_id IS NOT NULL)),
  CONSTRAINT ck_document_byte_size_in_range CHECK (byte_size BETWEEN 1 AND 26214400),
  CONSTRAINT ck_document_sha256_complete CHECK (sha256 ~ '^[0-9a-f]{64}$')
)
""",
    "CREATE INDEX ix_document_agreement_id_activity_id ON document (agreement_id, activity_id)",
    "CREATE INDEX ix_document_organization_id ON document (organization_id)",
    "CREATE INDEX ix_document_subject_id ON document (subject_id, id)",
    """
CREATE TABLE evidence_document (
  subject_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  document_id uuid NOT NULL,
  activity_id uuid,
  milestone_id uuid,
  workplan_item_id uuid,
  CONSTRAINT pk_evidence_document PRIMARY KEY (agreement_id, subject_id, document_id),
  CONSTRAINT fk_evidence_document_activity FOREIGN KEY (agreement_id, activity_id) REFERENCES activity
    (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_evidence_document_milestone FOREIGN KEY (agreement_id, milestone_id) REFERENCES milestone
    (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_evidence_document_workplan_item FOREIGN KEY (agreement_id, workplan_item_id) REFERENCES
    workplan_item (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_evidence_document_document FOREIGN KEY (agreement_id, document_id) REFERENCES document
    (agreement_id, id),
  CONSTRAINT ck_evidence_document_subject_is_one CHECK (subject_id = coalesce(activity_id, milestone_id,
    workplan_item_id) AND num_nonnulls(activity_id, milestone_id, workplan_item_id) = 1)
)
""",
    "CREATE INDEX ix_evidence_document_activity ON evidence_document (agreement_id, activity_id)",
    "CREATE INDEX ix_evidence_document_milestone ON evidence_document (agreement_id, milestone_id)",
    "CREATE INDEX ix_evidence_document_workplan_item ON evidence_document (agreement_id, workplan_item_id)",
    "CREATE INDEX ix_evidence_document_document ON evidence_document (agreement_id, document_id)",
    """
CREATE TABLE document_usage (
  organization_id uuid NOT NULL,
  byte_size bigint NOT NULL,
  byte_limit bigint NOT NULL,
  CONSTRAINT pk_document_usage PRIMARY KEY (organization_id),
  CONSTRAINT fk_document_usage_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT ck_document_usage_within_quota CHECK (byte_size <= byte_limit)
)
""",
    """
CREATE TABLE document_removal (
  document_id uuid NOT NULL,
  CONSTRAINT pk_document_removal PRIMARY KEY (document_id)
)
""",
)

AGREEMENT = (
    "ALTER TABLE agreement ADD document_id uuid",
    "ALTER TABLE agreement ADD termination_document_id uuid",
    "ALTER TABLE agreement ADD report_document_id uuid",
    """
ALTER TABLE agreement
  ADD CONSTRAINT ck_agreement_report_of_proposal CHECK (
    report_document_id IS NOT DISTINCT FROM (close_proposal ->> 'document_id')::uuid),
  ADD CONSTRAINT fk_agreement_document_id FOREIGN KEY (id, document_id)
    REFERENCES document (agreement_id, id),
  ADD CONSTRAINT fk_agreement_termination_document_id FOREIGN KEY (id, termination_document_id)
    REFERENCES document (agreement_id, id),
  ADD CONSTRAINT fk_agreement_report_document_id FOREIGN KEY (id, report_document_id)
    REFERENCES document (agreement_id, id)
""",
    "CREATE INDEX ix_agreement_document_id ON agreement (id, document_id)",
    "CREATE INDEX ix_agreement_termination_document_id ON agreement (id, termination_document_id)",
    "CREATE INDEX ix_agreement_report_document_id ON agreement (id, report_document_id)",
)

AMENDMENT = (
    """
ALTER TABLE amendment ADD document_id uuid,
  ADD CONSTRAINT fk_amendment_document_id FOREIGN KEY (agreement_id, document_id)
    REFERENCES document (agreement_id, id)
""",
    "CREATE INDEX ix_amendment_document_id ON amendment (agreement_id, document_id)",
)

_ONCE_MORE = "The subject once more when it is one, for its foreign key."

COMMENTS = {
    "TABLE document": "A file about an agreement or an activity; its bytes lie in the store under its id.",
    "COLUMN document.id": "UUIDv7 made by the service.",
    "COLUMN document.version": "Rises by one at each change.",
    "COLUMN document.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN document.agreement_id": "Agreement it belongs to; who sees it, sees this.",
    "COLUMN document.organization_id": "Organization that stored it.",
    "COLUMN document.subject_id": "The record it is about.",
    "COLUMN document.activity_id": "The subject once more when it is an activity, for its foreign key.",
    "COLUMN document.filename": "As sent, in NFC; a name that deceives is refused.",
    "COLUMN document.media_type": "Told by the content.",
    "COLUMN document.sha256": "Of the bytes, in hexadecimal.",
    "COLUMN document.hard_copy_location": "Where the paper itself lies.",
    "TABLE evidence_document": "Documents that the evidence of a record names; kept by triggers.",
    "COLUMN evidence_document.subject_id": "The record whose evidence it is.",
    "COLUMN evidence_document.activity_id": _ONCE_MORE,
    "COLUMN evidence_document.milestone_id": _ONCE_MORE,
    "COLUMN evidence_document.workplan_item_id": _ONCE_MORE,
    "TABLE document_usage": "How much an organization stores, counted in the statement that stores it.",
    "COLUMN document_usage.byte_size": "All that the organization stored.",
    "COLUMN document_usage.byte_limit": "Its quota when it last stored something.",
    "TABLE document_removal": "Documents whose record is deleted and whose bytes are not yet.",
    "COLUMN document_removal.document_id": "Key of the bytes in the store.",
    "COLUMN agreement.document_id": "The signed document, when it is stored here.",
    "COLUMN agreement.termination_document_id": "The notice of termination, when it is stored here.",
    "COLUMN agreement.report_document_id": "That of close_proposal, here for its foreign key.",
    "COLUMN amendment.document_id": "The signed amendment, when it is stored here.",
}

SHOWING = ("activity", "milestone", "workplan_item")

ROUTINES = (
    """
CREATE FUNCTION evidence_documents() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- A list in JSON has no foreign keys: a document that evidence names stays, and is one of its agreement.
  DELETE FROM evidence_document WHERE agreement_id = NEW.agreement_id AND subject_id = NEW.id;
  INSERT INTO evidence_document
    (subject_id, agreement_id, document_id, activity_id, milestone_id, workplan_item_id)
  SELECT DISTINCT NEW.id, NEW.agreement_id, (item ->> 'document_id')::uuid,
    CASE TG_TABLE_NAME WHEN 'activity' THEN NEW.id END,
    CASE TG_TABLE_NAME WHEN 'milestone' THEN NEW.id END,
    CASE TG_TABLE_NAME WHEN 'workplan_item' THEN NEW.id END
  FROM json_array_elements(NEW.evidence) AS item WHERE item ->> 'document_id' IS NOT NULL;
  RETURN NULL;
END $$
""",
    *(
        f"""
CREATE TRIGGER {table}_evidence_given AFTER INSERT ON {table}
FOR EACH ROW WHEN (NEW.evidence IS NOT NULL) EXECUTE FUNCTION evidence_documents()
"""
        for table in SHOWING
    ),
    *(
        f"""
CREATE TRIGGER {table}_evidence_changed AFTER UPDATE ON {table}
FOR EACH ROW WHEN (OLD.evidence::text IS DISTINCT FROM NEW.evidence::text)
EXECUTE FUNCTION evidence_documents()
"""
        for table in SHOWING
    ),
)

SECURED = ("document", "evidence_document", "document_usage", "document_removal")

POLICIES = (
    """
CREATE POLICY seen ON document FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = document.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY seen ON evidence_document FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = evidence_document.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY public ON document FOR SELECT TO tenun_app
USING (visibility = 'public' AND agreement_is_public(agreement_id))
""",
    "CREATE POLICY named ON document FOR SELECT TO tenun_worker USING (true)",
    """
CREATE POLICY own ON document_usage FOR ALL TO tenun_app
USING (organization_id = acting())
""",
    "CREATE POLICY noted ON document_removal FOR INSERT TO tenun_app WITH CHECK (true)",
    "CREATE POLICY done ON document_removal FOR ALL TO tenun_worker USING (true)",
)

GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE ON document TO tenun_app",
    "SELECT, INSERT, DELETE ON evidence_document TO tenun_app",
    "SELECT, INSERT, UPDATE ON document_usage TO tenun_app",
    "INSERT ON document_removal TO tenun_app",
    "SELECT ON document TO tenun_worker",
    "SELECT, DELETE ON document_removal TO tenun_worker",
)

NOUNS = (
    "'organization', 'user', 'membership', 'session', 'api_key', 'agreement', 'amendment', 'activity',"
    " 'milestone', 'milestone_series', 'workplan_item', 'actual'"
)

DROPS = (
    *(f"DROP TRIGGER {table}_evidence_changed ON {table}" for table in SHOWING),
    *(f"DROP TRIGGER {table}_evidence_given ON {table}" for table in SHOWING),
    """
ALTER TABLE agreement DROP document_id, DROP termination_document_id,
  DROP CONSTRAINT ck_agreement_report_of_proposal, DROP report_document_id
""",
    "ALTER TABLE amendment DROP document_id",
    "DROP TABLE document_removal, document_usage, evidence_document, document",
    "DROP FUNCTION evidence_documents()",
)


def know(nouns: str) -> None:
    """Lets the ledger be about these nouns."""
    for table in ("audit_entry", "outbox_event"):
        name = f"ck_{table}_subject_type_known"
        known = f"CHECK (subject_type IN ({nouns}))"
        execute((f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {known}",))


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    execute(AGREEMENT)
    execute(AMENDMENT)
    describe(COMMENTS)
    execute(ROUTINES)
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in SECURED)
    execute(POLICIES)
    execute(f"GRANT {grant}" for grant in GRANTS)
    know(f"{NOUNS}, 'document'")


def downgrade() -> None:
    set_timeouts()
    know(NOUNS)
    execute(DROPS)
