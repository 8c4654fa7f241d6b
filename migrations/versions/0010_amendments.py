"""Amendments of agreements and who accepted them, behind row security.

Down drops them; it is refused while the audit trail, which nobody rewrites, tells of one.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0010_amendments"
down_revision = "0009_workplans"

TABLES = (
    """
CREATE TABLE amendment (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  sequence integer NOT NULL,
  organization_id uuid NOT NULL,
  title text,
  kinds text[] NOT NULL,
  changes json NOT NULL,
  terms_version integer NOT NULL,
  base_terms_version integer NOT NULL,
  state text NOT NULL,
  state_reason text,
  ready_on date,
  signed_on date,
  signing_registered_on date,
  signatures json NOT NULL,
  document_ref text,
  differences json,
  cancelled_on date,
  agreement_version integer,
  CONSTRAINT pk_amendment PRIMARY KEY (id),
  CONSTRAINT fk_amendment_agreement_id FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_amendment_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_amendment_agreement UNIQUE (agreement_id, id),
  CONSTRAINT uq_amendment_sequence UNIQUE (agreement_id, sequence),
  CONSTRAINT ck_amendment_kinds_known CHECK (
    kinds <@ ARRAY['extension', 'scope', 'parties', 'signatory', 'correction', 'other']::text[]
  ),
  CONSTRAINT ck_amendment_state_known CHECK (
    state IN ('in_discussion', 'ready_to_sign', 'signed', 'cancelled')
  ),
  CONSTRAINT ck_amendment_ready_on_in_calendar CHECK (
    ready_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_amendment_signed_on_in_calendar CHECK (
    signed_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_amendment_signing_registered_on_in_calendar CHECK (
    signing_registered_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_amendment_cancelled_on_in_calendar CHECK (
    cancelled_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_amendment_sequence_counts_from_one CHECK (sequence > 0),
  CONSTRAINT ck_amendment_of_some_kind CHECK (cardinality(kinds) > 0),
  CONSTRAINT ck_amendment_ready_on_a_day CHECK (state <> 'ready_to_sign' OR ready_on IS NOT NULL),
  CONSTRAINT ck_amendment_signed_and_merged CHECK (
    (state = 'signed') = (num_nonnulls(signed_on, signing_registered_on, agreement_version) = 3)
  ),
  CONSTRAINT ck_amendment_cancelled_on_a_day CHECK ((state = 'cancelled') = (cancelled_on IS NOT NULL)),
  CONSTRAINT ck_amendment_decided_with_differences CHECK (
    (state IN ('signed', 'cancelled')) = (differences IS NOT NULL)
  )
)
""",
    "CREATE INDEX ix_amendment_organization_id ON amendment (organization_id)",
    """
CREATE UNIQUE INDEX uq_amendment_open ON amendment (agreement_id)
WHERE state IN ('in_discussion', 'ready_to_sign')
""",
    """
CREATE TABLE amendment_acceptance (
  agreement_id uuid NOT NULL,
  amendment_id uuid NOT NULL,
  terms_version integer NOT NULL,
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  accepted_at timestamptz NOT NULL,
  CONSTRAINT pk_amendment_acceptance PRIMARY KEY (
    agreement_id, amendment_id, terms_version, organization_id
  ),
  CONSTRAINT fk_amendment_acceptance_amendment FOREIGN KEY (agreement_id, amendment_id)
    REFERENCES amendment (agreement_id, id),
  CONSTRAINT fk_amendment_acceptance_organization_id FOREIGN KEY (organization_id)
    REFERENCES organization (id),
  CONSTRAINT uq_amendment_acceptance_person UNIQUE (agreement_id, amendment_id, terms_version, user_id)
)
""",
    "CREATE INDEX ix_amendment_acceptance_organization_id ON amendment_acceptance (organization_id)",
)

COMMENTS = {
    "TABLE amendment": (
        "A numbered record that changes an agreement once every party signed it; kept for ever."
    ),
    "COLUMN amendment.id": "UUIDv7 made by the service.",
    "COLUMN amendment.version": "Rises by one at each change.",
    "COLUMN amendment.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN amendment.sequence": "Number in its agreement; never reused.",
    "COLUMN amendment.organization_id": "Party that proposed it.",
    "COLUMN amendment.changes": "What the agreement is to say; absent stays, null clears.",
    "COLUMN amendment.terms_version": "Acceptances of an earlier one do not count.",
    "COLUMN amendment.base_terms_version": "Terms of the agreement it was written on.",
    "COLUMN amendment.signatures": "Of every party; empty until it is signed.",
    "COLUMN amendment.differences": "What it changed, as it was when it was decided; null while open.",
    "COLUMN amendment.agreement_version": "Version of the agreement that signing it made.",
    "TABLE amendment_acceptance": (
        "That a party accepted an amendment in one version of its terms; only added to."
    ),
    "COLUMN amendment_acceptance.terms_version": "The amendment's, as it was accepted.",
    "COLUMN amendment_acceptance.user_id": "No foreign key: users may be erased.",
}

POLICIES = (
    """
CREATE POLICY seen ON amendment FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = amendment.agreement_id AND access.organization_id = acting()))
""",
    """
CREATE POLICY seen ON amendment_acceptance FOR SELECT TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = amendment_acceptance.agreement_id
  AND access.organization_id = acting()))
""",
    """
CREATE POLICY own ON amendment_acceptance FOR INSERT TO tenun_app
WITH CHECK (organization_id = acting()
  AND (SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = amendment_acceptance.agreement_id
  AND access.organization_id = acting()))
""",
)

GRANTS = (
    "GRANT SELECT, INSERT, UPDATE ON amendment TO tenun_app",
    "GRANT SELECT, INSERT ON amendment_acceptance TO tenun_app",
)

_HEAD = "'organization', 'user', 'membership', 'session', 'api_key', 'agreement'"
_TAIL = "'activity', 'milestone', 'milestone_series', 'workplan_item', 'actual'"
_BEFORE = f"{_HEAD}, {_TAIL}"
_SINCE = f"{_HEAD}, 'amendment', {_TAIL}"


def _knowing(nouns: str) -> tuple[str, ...]:
    """Return what makes the ledger take entries about these kinds of record and no others."""
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
    execute(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in ("amendment", "amendment_acceptance")
    )
    execute(POLICIES)
    execute(GRANTS)
    execute(_knowing(_SINCE))


def downgrade() -> None:
    set_timeouts()
    execute(("DROP TABLE amendment_acceptance, amendment",))
    execute(_knowing(_BEFORE))
