"""Milestones, their series, and no closing of an agreement that has open ones.

Up checks the words of the audit trail and the outbox anew, which reads both tables once. Down drops
milestones and is possible only while the trail names none: what the trail says is never taken away.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0008_milestones"
down_revision = "0007_leaner_policies"

TABLES = (
    """
CREATE TABLE milestone_series (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  owner_organization_id uuid NOT NULL,
  title text NOT NULL,
  rule text NOT NULL,
  starts_on date NOT NULL,
  fingerprint bytea NOT NULL,
  CONSTRAINT pk_milestone_series PRIMARY KEY (id),
  CONSTRAINT fk_milestone_series_agreement_id FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_milestone_series_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT fk_milestone_series_owner_organization_id FOREIGN KEY (owner_organization_id)
    REFERENCES organization (id),
  CONSTRAINT uq_milestone_series_agreement UNIQUE (agreement_id, id),
  CONSTRAINT uq_milestone_series_same UNIQUE (agreement_id, fingerprint),
  CONSTRAINT ck_milestone_series_starts_on_in_calendar CHECK (
    starts_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  )
)
""",
    "CREATE INDEX ix_milestone_series_organization_id ON milestone_series (organization_id)",
    "CREATE INDEX ix_milestone_series_owner_organization_id ON milestone_series (owner_organization_id)",
    """
CREATE TABLE milestone (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  owner_organization_id uuid NOT NULL,
  title text NOT NULL,
  due_on date NOT NULL,
  baseline_due_on date NOT NULL,
  achieved_on date,
  evidence json,
  series_id uuid,
  occurrence_on date,
  follows_series boolean NOT NULL,
  client_ref text,
  client_fingerprint bytea,
  state text NOT NULL,
  state_reason text,
  submitted_by uuid,
  verified_by uuid,
  submitter_id uuid,
  verifier_id uuid,
  cancel_proposal json,
  cancelled_by uuid,
  canceller_id uuid,
  CONSTRAINT pk_milestone PRIMARY KEY (id),
  CONSTRAINT fk_milestone_agreement_id FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_milestone_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT fk_milestone_owner_organization_id FOREIGN KEY (owner_organization_id)
    REFERENCES organization (id),
  CONSTRAINT fk_milestone_series FOREIGN KEY (agreement_id, series_id)
    REFERENCES milestone_series (agreement_id, id),
  CONSTRAINT uq_milestone_agreement UNIQUE (agreement_id, id),
  CONSTRAINT uq_milestone_occurrence UNIQUE (agreement_id, series_id, occurrence_on),
  CONSTRAINT uq_milestone_client_ref UNIQUE (organization_id, client_ref),
  CONSTRAINT ck_milestone_state_known CHECK (
    state IN ('open', 'submitted', 'returned', 'met', 'waived', 'cancelled')
  ),
  CONSTRAINT ck_milestone_due_on_in_calendar CHECK (
    due_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_milestone_baseline_due_on_in_calendar CHECK (
    baseline_due_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_milestone_achieved_on_in_calendar CHECK (
    achieved_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_milestone_occurrence_on_in_calendar CHECK (
    occurrence_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_milestone_of_a_series_for_a_day CHECK ((series_id IS NULL) = (occurrence_on IS NULL)),
  CONSTRAINT ck_milestone_follows_its_series CHECK (NOT follows_series OR series_id IS NOT NULL),
  CONSTRAINT ck_milestone_submitted_by_owner CHECK (submitted_by = owner_organization_id),
  CONSTRAINT ck_milestone_verified_by_another CHECK (verified_by <> submitted_by),
  CONSTRAINT ck_milestone_verified_by_another_person CHECK (verifier_id <> submitter_id),
  CONSTRAINT ck_milestone_verified_by_somebody CHECK ((state = 'met') = (verified_by IS NOT NULL)),
  CONSTRAINT ck_milestone_submitted_by_somebody CHECK (
    (state IN ('submitted', 'met')) = (submitted_by IS NOT NULL)
  ),
  CONSTRAINT ck_milestone_achieved_when_submitted CHECK ((submitted_by IS NULL) = (achieved_on IS NULL)),
  CONSTRAINT ck_milestone_cancelled_by_somebody CHECK ((state = 'cancelled') = (cancelled_by IS NOT NULL)),
  CONSTRAINT ck_milestone_cancelled_as_proposed CHECK (cancelled_by IS NULL OR cancel_proposal IS NOT NULL),
  CONSTRAINT ck_milestone_cancelled_by_another CHECK (
    cancelled_by <> (cancel_proposal ->> 'organization_id')::uuid
  ),
  CONSTRAINT ck_milestone_cancelled_by_another_person CHECK (
    canceller_id <> (cancel_proposal ->> 'user_id')::uuid
  )
)
""",
    "CREATE INDEX ix_milestone_agreement_id_due_on ON milestone (agreement_id, due_on, id)",
    "CREATE INDEX ix_milestone_due_on ON milestone (due_on, id)",
    """
CREATE INDEX ix_milestone_open ON milestone (agreement_id)
WHERE state IN ('open', 'submitted', 'returned')
""",
    "CREATE INDEX ix_milestone_owner_organization_id ON milestone (owner_organization_id, due_on, id)",
)

COMMENTS = {
    "TABLE milestone_series": "A rule whose days are milestones; its rule and first day never change.",
    "TABLE milestone": "A dated promise of one party with evidence that another party verifies.",
    "COLUMN milestone_series.id": "UUIDv7 made by the service.",
    "COLUMN milestone_series.version": "Rises by one at each change.",
    "COLUMN milestone_series.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN milestone_series.organization_id": "Organization that entered it.",
    "COLUMN milestone_series.owner_organization_id": "Party that promises it.",
    "COLUMN milestone.id": "UUIDv7 made by the service.",
    "COLUMN milestone.version": "Rises by one at each change.",
    "COLUMN milestone.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN milestone.organization_id": "Organization that entered it.",
    "COLUMN milestone.owner_organization_id": "Party that promises it.",
    "COLUMN milestone_series.rule": "RRULE of RFC 5545 without its name.",
    "COLUMN milestone_series.starts_on": "Day the rule counts from.",
    "COLUMN milestone_series.fingerprint": (
        "SHA-256 of the body that made it: the same series again makes no second one."
    ),
    "COLUMN milestone.due_on": "Last day on which it is in time.",
    "COLUMN milestone.baseline_due_on": "Due day as first promised; kept for ever.",
    "COLUMN milestone.achieved_on": "As the owner says; null until it submits.",
    "COLUMN milestone.evidence": "Value list, replaced as a whole; null when empty.",
    "COLUMN milestone.occurrence_on": "Day its series generated it for.",
    "COLUMN milestone.follows_series": "Nobody has touched it since.",
    "COLUMN milestone.client_fingerprint": "SHA-256 of the body that carried client_ref.",
    "COLUMN milestone.submitted_by": "Organization that submitted; another one verifies.",
    "COLUMN milestone.verified_by": "Organization that verified.",
    "COLUMN milestone.submitter_id": "Person who submitted; another one verifies.",
    "COLUMN milestone.verifier_id": "Person who verified.",
    "COLUMN milestone.cancel_proposal": "First key of cancelling; any edit clears it.",
    "COLUMN milestone.cancelled_by": "Organization that turned the second key.",
    "COLUMN milestone.canceller_id": "Person who turned the second key.",
}

ROUTINES = (
    """
CREATE FUNCTION agreement_closing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Whoever promises something holds the agreement FOR SHARE, so behind its lock all promises are seen.
  IF EXISTS (
    SELECT FROM milestone
    WHERE agreement_id = NEW.id AND state IN ('open', 'submitted', 'returned')
  ) THEN
    RAISE EXCEPTION 'agreement % has open milestones', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_agreement_closed_without_open_milestones';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER agreement_closes BEFORE UPDATE ON agreement FOR EACH ROW
WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION agreement_closing()
""",
)

SECURED = ("milestone_series", "milestone")

POLICIES = (
    """
CREATE POLICY seen ON milestone_series FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = milestone_series.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY seen ON milestone FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = milestone.agreement_id AND access.organization_id = acting()))
""",
)

BEFORE = "'organization', 'user', 'membership', 'session', 'api_key', 'agreement', 'activity'"
AFTER = f"{BEFORE}, 'milestone', 'milestone_series'"


def known_nouns(nouns: str) -> tuple[str, ...]:
    return tuple(
        f"""
ALTER TABLE {table}
  DROP CONSTRAINT ck_{table}_subject_type_known,
  ADD CONSTRAINT ck_{table}_subject_type_known CHECK (subject_type IN ({nouns}))
"""
        for table in ("audit_entry", "outbox_event")
    )


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)
    execute(ROUTINES)
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in SECURED)
    execute(POLICIES)
    execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO tenun_app" for table in SECURED)
    execute(known_nouns(AFTER))


def downgrade() -> None:
    set_timeouts()
    execute(known_nouns(BEFORE))
    execute(
        (
            "DROP TRIGGER agreement_closes ON agreement",
            "DROP FUNCTION agreement_closing()",
            "DROP TABLE milestone",
            "DROP TABLE milestone_series",
        )
    )
