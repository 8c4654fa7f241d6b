"""The work plan: items, their supporters and budgets, values of indicators.

Activities may name an item and a milestone, milestones an item. Up holds writers of both while it builds
their new indexes. Down drops the work plan and the columns, and is refused once the trail tells of them:
entries are never deleted.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0009_workplans"
down_revision = "0008_milestones"

TABLES = (
    """
CREATE TABLE workplan_item (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  parent_id uuid,
  level text NOT NULL,
  parent_level text,
  code text,
  title text NOT NULL,
  agreement_year smallint NOT NULL,
  quarter smallint,
  due_on date,
  baseline_due_on date,
  first_agreed_on date,
  lead_organization_id uuid,
  indicator_name text,
  indicator_unit text,
  indicator_accumulation text,
  indicator_baseline numeric(18,3),
  indicator_target numeric(18,3),
  means_of_verification text,
  evidence json,
  state text NOT NULL,
  state_reason text,
  proposed_by uuid NOT NULL,
  proposer_id uuid NOT NULL,
  agreed_by uuid,
  agreer_id uuid,
  completed_by uuid,
  completer_id uuid,
  verified_by uuid,
  verifier_id uuid,
  drop_proposed_by uuid,
  drop_proposer_id uuid,
  dropped_by uuid,
  dropper_id uuid,
  CONSTRAINT pk_workplan_item PRIMARY KEY (id),
  CONSTRAINT fk_workplan_item_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_workplan_item_parent FOREIGN KEY(agreement_id, parent_id, parent_level) REFERENCES
    workplan_item (agreement_id, id, level),
  CONSTRAINT fk_workplan_item_lead FOREIGN KEY(agreement_id, lead_organization_id) REFERENCES party
    (agreement_id, organization_id),
  CONSTRAINT uq_workplan_item_agreement UNIQUE (agreement_id, id),
  CONSTRAINT uq_workplan_item_level UNIQUE (agreement_id, id, level),
  CONSTRAINT ck_workplan_item_level_known CHECK (level IN ('outcome', 'output', 'activity')),
  CONSTRAINT ck_workplan_item_indicator_accumulation_known CHECK (indicator_accumulation IN
    ('incremental', 'cumulative')),
  CONSTRAINT ck_workplan_item_state_known CHECK (state IN ('proposed', 'agreed', 'in_progress',
    'completed', 'verified', 'deferred', 'dropped')),
  CONSTRAINT ck_workplan_item_due_on_in_calendar CHECK (due_on BETWEEN DATE '1945-01-01' AND DATE
    '2199-12-31'),
  CONSTRAINT ck_workplan_item_baseline_due_on_in_calendar CHECK (baseline_due_on BETWEEN DATE
    '1945-01-01' AND DATE '2199-12-31'),
  CONSTRAINT ck_workplan_item_first_agreed_on_in_calendar CHECK (first_agreed_on BETWEEN DATE
    '1945-01-01' AND DATE '2199-12-31'),
  CONSTRAINT ck_workplan_item_serves_the_level_above CHECK (parent_level IS NULL OR (level,
    parent_level) IN (('output', 'outcome'), ('activity', 'output'))),
  CONSTRAINT ck_workplan_item_parent_has_level CHECK ((parent_id IS NULL) = (parent_level IS NULL)),
  CONSTRAINT ck_workplan_item_agreement_year_in_range CHECK (agreement_year BETWEEN 1 AND 100),
  CONSTRAINT ck_workplan_item_quarter_in_range CHECK (quarter BETWEEN 1 AND 4),
  CONSTRAINT ck_workplan_item_indicator_accumulates CHECK ((indicator_name IS NULL) =
    (indicator_accumulation IS NULL)),
  CONSTRAINT ck_workplan_item_agreed_by_another CHECK (agreed_by <> proposed_by),
  CONSTRAINT ck_workplan_item_agreed_by_another_person CHECK (agreer_id <> proposer_id),
  CONSTRAINT ck_workplan_item_verified_by_another CHECK (verified_by <> completed_by),
  CONSTRAINT ck_workplan_item_verified_by_another_person CHECK (verifier_id <> completer_id),
  CONSTRAINT ck_workplan_item_dropped_by_another CHECK (dropped_by <> drop_proposed_by),
  CONSTRAINT ck_workplan_item_dropped_by_another_person CHECK (dropper_id <> drop_proposer_id),
  CONSTRAINT ck_workplan_item_agreed_by_somebody CHECK (state IN ('proposed', 'dropped') OR (agreed_by
    IS NOT NULL AND first_agreed_on IS NOT NULL)),
  CONSTRAINT ck_workplan_item_completed_by_somebody CHECK (state NOT IN ('completed', 'verified') OR
    completed_by IS NOT NULL),
  CONSTRAINT ck_workplan_item_verified_by_somebody CHECK ((state = 'verified') = (verified_by IS NOT NULL)),
  CONSTRAINT ck_workplan_item_dropped_by_somebody CHECK ((state = 'dropped') = (dropped_by IS NOT NULL)),
  CONSTRAINT ck_workplan_item_dropped_by_two CHECK (dropped_by IS NULL OR drop_proposed_by IS NOT NULL)
)
""",
    """
CREATE INDEX ix_workplan_item_agreement_id_agreement_year ON workplan_item (agreement_id,
    agreement_year, id)
""",
    "CREATE INDEX ix_workplan_item_agreement_year ON workplan_item (agreement_year, id)",
    "CREATE INDEX ix_workplan_item_lead ON workplan_item (agreement_id, lead_organization_id)",
    "CREATE INDEX ix_workplan_item_parent ON workplan_item (agreement_id, parent_id, parent_level)",
    """
CREATE TABLE workplan_supporter (
  workplan_item_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  position smallint NOT NULL,
  organization_id uuid NOT NULL,
  CONSTRAINT pk_workplan_supporter PRIMARY KEY (workplan_item_id, position),
  CONSTRAINT fk_workplan_supporter_item FOREIGN KEY(agreement_id, workplan_item_id) REFERENCES
    workplan_item (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_workplan_supporter_party FOREIGN KEY(agreement_id, organization_id) REFERENCES party
    (agreement_id, organization_id),
  CONSTRAINT uq_workplan_supporter_once UNIQUE (workplan_item_id, organization_id)
)
""",
    "CREATE INDEX ix_workplan_supporter_item ON workplan_supporter (agreement_id, workplan_item_id)",
    "CREATE INDEX ix_workplan_supporter_party ON workplan_supporter (agreement_id, organization_id)",
    """
CREATE TABLE workplan_budget (
  workplan_item_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  position smallint NOT NULL,
  organization_id uuid NOT NULL,
  amount bigint NOT NULL,
  source text,
  CONSTRAINT pk_workplan_budget PRIMARY KEY (workplan_item_id, position),
  CONSTRAINT fk_workplan_budget_item FOREIGN KEY(agreement_id, workplan_item_id) REFERENCES
    workplan_item (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_workplan_budget_party FOREIGN KEY(agreement_id, organization_id) REFERENCES party
    (agreement_id, organization_id),
  CONSTRAINT ck_workplan_budget_amount_not_negative CHECK (amount >= 0)
)
""",
    "CREATE INDEX ix_workplan_budget_item ON workplan_budget (agreement_id, workplan_item_id)",
    "CREATE INDEX ix_workplan_budget_party ON workplan_budget (agreement_id, organization_id)",
    """
CREATE TABLE actual (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  workplan_item_id uuid NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  value numeric(18,3),
  not_available_reason text,
  note text,
  state text NOT NULL,
  state_reason text,
  submitted_by uuid,
  submitter_id uuid,
  approved_by uuid,
  approver_id uuid,
  CONSTRAINT pk_actual PRIMARY KEY (id),
  CONSTRAINT fk_actual_item FOREIGN KEY(agreement_id, workplan_item_id) REFERENCES workplan_item
    (agreement_id, id),
  CONSTRAINT ck_actual_state_known CHECK (state IN ('draft', 'submitted', 'returned', 'approved')),
  CONSTRAINT ck_actual_starts_on_in_calendar CHECK (starts_on BETWEEN DATE '1945-01-01' AND DATE
    '2199-12-31'),
  CONSTRAINT ck_actual_ends_on_in_calendar CHECK (ends_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'),
  CONSTRAINT ck_actual_ends_after_start CHECK (ends_on >= starts_on),
  CONSTRAINT ck_actual_value_or_reason CHECK (num_nonnulls(value, not_available_reason) = 1),
  CONSTRAINT ck_actual_approved_by_another CHECK (approved_by <> submitted_by),
  CONSTRAINT ck_actual_approved_by_another_person CHECK (approver_id <> submitter_id),
  CONSTRAINT ck_actual_submitted_by_somebody CHECK (state NOT IN ('submitted', 'approved') OR
    submitted_by IS NOT NULL),
  CONSTRAINT ck_actual_approved_by_somebody CHECK ((state = 'approved') = (approved_by IS NOT NULL))
)
""",
    "CREATE INDEX ix_actual_item ON actual (agreement_id, workplan_item_id, starts_on)",
    "ALTER TABLE activity ADD COLUMN workplan_item_id uuid",
    """
ALTER TABLE activity ADD CONSTRAINT fk_activity_workplan_item
FOREIGN KEY (agreement_id, workplan_item_id) REFERENCES workplan_item (agreement_id, id)
""",
    "CREATE INDEX ix_activity_workplan_item ON activity (agreement_id, workplan_item_id)",
    "ALTER TABLE activity ADD COLUMN milestone_id uuid",
    """
ALTER TABLE activity ADD CONSTRAINT fk_activity_milestone
FOREIGN KEY (agreement_id, milestone_id) REFERENCES milestone (agreement_id, id)
""",
    "CREATE INDEX ix_activity_milestone ON activity (agreement_id, milestone_id)",
    "ALTER TABLE milestone ADD COLUMN workplan_item_id uuid",
    """
ALTER TABLE milestone ADD CONSTRAINT fk_milestone_workplan_item
FOREIGN KEY (agreement_id, workplan_item_id) REFERENCES workplan_item (agreement_id, id)
""",
    "CREATE INDEX ix_milestone_workplan_item ON milestone (agreement_id, workplan_item_id)",
)

COMMENTS = {
    "TABLE workplan_item": "An outcome, output or activity line. What the calendar decides is derived.",
    "COLUMN workplan_item.id": "UUIDv7 made by the service.",
    "COLUMN workplan_item.version": "Rises by one at each change.",
    "COLUMN workplan_item.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN workplan_item.parent_level": "Level of the parent, which its foreign key holds to it.",
    "COLUMN workplan_item.agreement_year": "Counted from the effective day.",
    "COLUMN workplan_item.quarter": "Three months of the agreement year.",
    "COLUMN workplan_item.baseline_due_on": "Due day as first agreed.",
    "COLUMN workplan_item.indicator_name": "Null when it has no indicator.",
    "COLUMN workplan_item.evidence": "Value list, replaced as a whole; null when empty.",
    "COLUMN workplan_item.proposed_by": "Organization of the last proposal.",
    "COLUMN workplan_item.proposer_id": "Person of the last proposal.",
    "COLUMN workplan_item.agreed_by": "Another organization than the one that proposed.",
    "COLUMN workplan_item.agreer_id": "Another person than the one who proposed.",
    "COLUMN workplan_item.verified_by": "Another organization than the one that completed.",
    "COLUMN workplan_item.verifier_id": "Another person than the one who completed.",
    "COLUMN workplan_item.drop_proposed_by": "First key of a drop; any other change clears it.",
    "COLUMN workplan_item.dropped_by": "Second key, of another organization.",
    "COLUMN workplan_item.dropper_id": "Second key, of another person.",
    "TABLE workplan_supporter": "A party that helps the lead of an item.",
    "TABLE workplan_budget": "What a party brings in for an item.",
    "COLUMN workplan_budget.amount": "Whole rupiah.",
    "TABLE actual": "A value of an indicator for a period; no two of an item share a day.",
    "COLUMN actual.id": "UUIDv7 made by the service.",
    "COLUMN actual.version": "Rises by one at each change.",
    "COLUMN actual.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN actual.value": "Null when it is not available.",
    "COLUMN actual.approved_by": "Another organization than the one that submitted.",
    "COLUMN actual.approver_id": "Another person than the one who submitted.",
    "COLUMN activity.workplan_item_id": "Item of the work plan that it carries out.",
    "COLUMN activity.milestone_id": "Milestone that it serves.",
    "COLUMN milestone.workplan_item_id": "Item of the work plan that it marks.",
}

ROUTINES = (
    """
CREATE FUNCTION actual_periods() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Two values at once could overlap without seeing each other, so those of an item take turns.
  PERFORM pg_advisory_xact_lock(hashtext('actual_periods'), hashtext(NEW.workplan_item_id::text));
  IF EXISTS (
    SELECT FROM actual
    WHERE agreement_id = NEW.agreement_id AND workplan_item_id = NEW.workplan_item_id AND id <> NEW.id
      AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on
  ) THEN
    RAISE EXCEPTION 'periods of item % overlap', NEW.workplan_item_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_actual_periods_do_not_overlap';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER actual_period_given AFTER INSERT OR UPDATE OF starts_on, ends_on ON actual
FOR EACH ROW EXECUTE FUNCTION actual_periods()
""",
)

NOUNS_BEFORE = (
    "'organization', 'user', 'membership', 'session', 'api_key', 'agreement', 'activity',"
    " 'milestone', 'milestone_series'"
)
NOUNS = f"{NOUNS_BEFORE}, 'workplan_item', 'actual'"

SECURED = ("workplan_item", "workplan_supporter", "workplan_budget", "actual")

POLICIES = (
    """
CREATE POLICY seen ON workplan_item FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = workplan_item.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY seen ON workplan_supporter FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = workplan_supporter.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY seen ON workplan_budget FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = workplan_budget.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY seen ON actual FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = actual.agreement_id AND access.organization_id = acting()))
""",
)

GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE ON workplan_item TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON workplan_supporter TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON workplan_budget TO tenun_app",
    "SELECT, INSERT, UPDATE ON actual TO tenun_app",
)

DROPS = (
    "ALTER TABLE activity DROP COLUMN workplan_item_id, DROP COLUMN milestone_id",
    "ALTER TABLE milestone DROP COLUMN workplan_item_id",
    "DROP TABLE actual, workplan_budget, workplan_supporter, workplan_item",
    "DROP FUNCTION actual_periods()",
)


def _know(nouns: str) -> None:
    execute(
        f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_subject_type_known,"
        f" ADD CONSTRAINT ck_{table}_subject_type_known CHECK (subject_type IN ({nouns}))"
        for table in ("audit_entry", "outbox_event")
    )


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)
    execute(ROUTINES)
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in SECURED)
    execute(POLICIES)
    execute(f"GRANT {grant}" for grant in GRANTS)
    _know(NOUNS)


def downgrade() -> None:
    set_timeouts()
    _know(NOUNS_BEFORE)
    execute(DROPS)
