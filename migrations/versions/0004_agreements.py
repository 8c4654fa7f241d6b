"""Agreements, their parties and who may see them; down drops them."""

from migrations.steps import describe, execute, set_timeouts

revision = "0004_agreements"
down_revision = "0003_ledger"

TABLES = (
    """
CREATE TABLE agreement (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  kind text NOT NULL,
  scheme text,
  title text NOT NULL,
  printed_title text,
  objective text,
  scope text[] NOT NULL,
  parent_id uuid,
  renews_id uuid,
  region_code text,
  signed_on date,
  signed_on_precision text,
  signed_not_after date,
  effective_from date,
  ends_on date,
  ends_on_is_derived boolean NOT NULL,
  duration_years smallint,
  open_ended boolean NOT NULL,
  notice_months smallint NOT NULL,
  visibility text NOT NULL,
  survives_parent boolean NOT NULL,
  recorded_from_paper boolean NOT NULL,
  document_ref text,
  source_note text,
  terms_version integer NOT NULL,
  state text NOT NULL,
  state_reason text,
  discussion_opened_on date,
  ready_on date,
  signing_registered_on date,
  suspended_on date,
  suspended_by uuid,
  terminated_on date,
  termination_ref text,
  cancelled_on date,
  closed_on date,
  close_proposal json,
  created_by_organization_id uuid NOT NULL,
  search_text text NOT NULL,
  CONSTRAINT pk_agreement PRIMARY KEY (id),
  CONSTRAINT fk_agreement_parent_id FOREIGN KEY (parent_id) REFERENCES agreement (id),
  CONSTRAINT fk_agreement_renews_id FOREIGN KEY (renews_id) REFERENCES agreement (id),
  CONSTRAINT fk_agreement_created_by_organization_id FOREIGN KEY (created_by_organization_id)
    REFERENCES organization (id),
  CONSTRAINT ck_agreement_kind_known CHECK (kind IN ('mou', 'pks', 'nota_kesepakatan')),
  CONSTRAINT ck_agreement_scheme_known CHECK (scheme IN ('KSDD', 'KSDPK', 'sinergi', 'KSDPL', 'KSDLL')),
  CONSTRAINT ck_agreement_signed_on_precision_known CHECK (
    signed_on_precision IN ('day', 'month', 'not_after', 'unknown')
  ),
  CONSTRAINT ck_agreement_visibility_known CHECK (visibility IN ('parties', 'public')),
  CONSTRAINT ck_agreement_state_known CHECK (
    state IN ('draft', 'in_discussion', 'ready_to_sign', 'signed', 'suspended', 'terminated',
    'cancelled', 'closed')
  ),
  CONSTRAINT ck_agreement_signed_on_in_calendar CHECK (
    signed_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_signed_not_after_in_calendar CHECK (
    signed_not_after BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_effective_from_in_calendar CHECK (
    effective_from BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_ends_on_in_calendar CHECK (
    ends_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_discussion_opened_on_in_calendar CHECK (
    discussion_opened_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_ready_on_in_calendar CHECK (
    ready_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_signing_registered_on_in_calendar CHECK (
    signing_registered_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_suspended_on_in_calendar CHECK (
    suspended_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_terminated_on_in_calendar CHECK (
    terminated_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_cancelled_on_in_calendar CHECK (
    cancelled_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_closed_on_in_calendar CHECK (
    closed_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_agreement_ends_after_start CHECK (ends_on >= effective_from),
  CONSTRAINT ck_agreement_open_or_ending CHECK (NOT (open_ended AND ends_on IS NOT NULL)),
  CONSTRAINT ck_agreement_not_its_own_parent CHECK (parent_id <> id),
  CONSTRAINT ck_agreement_does_not_renew_itself CHECK (renews_id <> id),
  CONSTRAINT ck_agreement_suspended_by_a_party CHECK ((state = 'suspended') = (suspended_by IS NOT NULL))
)
""",
    "CREATE INDEX ix_agreement_created_by_organization_id ON agreement (created_by_organization_id)",
    "CREATE INDEX ix_agreement_ends_on ON agreement (ends_on, id)",
    "CREATE INDEX ix_agreement_parent_id ON agreement (parent_id)",
    "CREATE INDEX ix_agreement_public ON agreement (id) WHERE visibility = 'public'",
    "CREATE INDEX ix_agreement_renews_id ON agreement (renews_id)",
    "CREATE INDEX ix_agreement_search_text ON agreement USING gin (search_text gin_trgm_ops)",
    """
CREATE TABLE party (
  agreement_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  position smallint NOT NULL,
  label text,
  document_number text,
  document_number_key text,
  signatory_name text,
  signatory_title text,
  signatory_signed_on date,
  signatory_signature_kind text,
  power_of_attorney text,
  accepted_terms_version integer,
  CONSTRAINT pk_party PRIMARY KEY (agreement_id, organization_id),
  CONSTRAINT fk_party_agreement_id FOREIGN KEY (agreement_id) REFERENCES agreement (id) ON DELETE CASCADE,
  CONSTRAINT fk_party_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_party_position UNIQUE (agreement_id, position) DEFERRABLE INITIALLY IMMEDIATE,
  CONSTRAINT uq_party_document_number UNIQUE (organization_id, document_number_key),
  CONSTRAINT ck_party_signatory_signature_kind_known CHECK (
    signatory_signature_kind IN ('wet', 'electronic')
  ),
  CONSTRAINT ck_party_signatory_signed_on_in_calendar CHECK (
    signatory_signed_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_party_position_in_range CHECK (position BETWEEN 1 AND 50),
  CONSTRAINT ck_party_document_number_has_key CHECK (
    (document_number IS NULL) = (document_number_key IS NULL)
  ),
  CONSTRAINT ck_party_signatory_complete CHECK ((signatory_name IS NULL) = (signatory_title IS NULL))
)
""",
    """
CREATE TABLE agreement_access (
  agreement_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  reason text NOT NULL,
  CONSTRAINT pk_agreement_access PRIMARY KEY (organization_id, agreement_id),
  CONSTRAINT fk_agreement_access_agreement_id FOREIGN KEY (agreement_id)
    REFERENCES agreement (id) ON DELETE CASCADE,
  CONSTRAINT fk_agreement_access_organization_id FOREIGN KEY (organization_id)
    REFERENCES organization (id),
  CONSTRAINT ck_agreement_access_reason_known CHECK (reason IN ('party', 'creator', 'above', 'child'))
)
""",
    "CREATE INDEX ix_agreement_access_agreement_id ON agreement_access (agreement_id, organization_id)",
)

COMMENTS = {
    "TABLE agreement": "MoU, PKS and Nota Kesepakatan. What the calendar decides is derived when read.",
    "COLUMN agreement.id": "UUIDv7 made by the service.",
    "COLUMN agreement.version": "Rises by one at each change.",
    "COLUMN agreement.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN agreement.effective_from": "First day in force; null when unknown.",
    "COLUMN agreement.ends_on": "Last day, inclusive.",
    "COLUMN agreement.terms_version": "Rises only when terms or parties are edited.",
    "COLUMN agreement.suspended_by": "The party that suspended; the same party lifts.",
    "COLUMN agreement.termination_ref": "Where the notice of termination lies.",
    "COLUMN agreement.close_proposal": "First key of closing; any edit clears it.",
    "COLUMN agreement.search_text": "Titles folded in the service.",
    "TABLE party": "An organization in an agreement, with its own document number and signatory.",
    "COLUMN party.document_number": "As written.",
    "COLUMN party.document_number_key": "NFKC, casefolded, without white space.",
    "TABLE agreement_access": "Who may see an agreement, kept by triggers when parties or the tree change.",
}

ROUTINES = (
    """
CREATE FUNCTION agreement_access_refresh(changed uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  -- The tree holds still until this commits: a move could not see these rows yet and would leave them stale.
  PERFORM pg_advisory_xact_lock_shared(hashtext('organization_tree'));
  -- Concurrent refreshes of one agreement take turns; ids in order, so no two of them wait for each other.
  PERFORM 1 FROM agreement WHERE id = ANY (changed) ORDER BY id FOR NO KEY UPDATE;
  DELETE FROM agreement_access WHERE agreement_id = ANY (changed);
  INSERT INTO agreement_access (agreement_id, organization_id, reason)
  WITH RECURSIVE sight (agreement_id, organization_id, reason, rank) AS (
    SELECT * FROM (
      SELECT agreement_id, organization_id, 'party', 1 FROM party WHERE agreement_id = ANY (changed)
      UNION ALL
      SELECT id, created_by_organization_id, 'creator', 2 FROM agreement WHERE id = ANY (changed)
      UNION ALL
      SELECT child.parent_id, party.organization_id, 'child', 4
      FROM agreement child JOIN party ON party.agreement_id = child.id
      WHERE child.parent_id = ANY (changed)
    ) direct
    UNION
    SELECT sight.agreement_id, unit.parent_id,
      CASE WHEN sight.rank = 4 THEN 'child' ELSE 'above' END, CASE WHEN sight.rank = 4 THEN 4 ELSE 3 END
    FROM sight JOIN organization unit ON unit.id = sight.organization_id
    WHERE unit.parent_id IS NOT NULL AND sight.reason <> 'creator'
  )
  SELECT DISTINCT ON (agreement_id, organization_id) agreement_id, organization_id, reason
  FROM sight ORDER BY agreement_id, organization_id, rank
  ON CONFLICT (organization_id, agreement_id) DO UPDATE SET reason = excluded.reason;
END $$
""",
    """
CREATE FUNCTION party_access() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM agreement_access_refresh(array(
    SELECT unnest(ARRAY[agreement.id, agreement.parent_id])
    FROM changed JOIN agreement ON agreement.id = changed.agreement_id
  ));
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION party_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM agreement_access_refresh(array(
    SELECT unnest(ARRAY[id, parent_id]) FROM agreement WHERE id IN (OLD.agreement_id, NEW.agreement_id)
  ));
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION agreement_access_of_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  -- OLD is null in an INSERT, NEW in a DELETE.
  PERFORM agreement_access_refresh(array_remove(ARRAY[NEW.id, NEW.parent_id, OLD.parent_id], NULL));
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION organization_tree() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  -- Two moves at once could close a cycle that neither sees, so moves take turns.
  PERFORM pg_advisory_xact_lock(hashtext('organization_tree'));
  IF EXISTS (
    WITH RECURSIVE above (id) AS (
      SELECT NEW.parent_id
      UNION
      SELECT organization.parent_id FROM above JOIN organization ON organization.id = above.id
    )
    SELECT FROM above WHERE id = NEW.id
  ) THEN
    RAISE EXCEPTION 'organization % would stand above itself', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_organization_tree_has_no_cycle';
  END IF;
  PERFORM agreement_access_refresh(array(
    WITH RECURSIVE below (id) AS (
      SELECT NEW.id
      UNION
      SELECT organization.id FROM below JOIN organization ON organization.parent_id = below.id
    )
    SELECT agreement_id FROM agreement_access JOIN below ON below.id = agreement_access.organization_id
  ));
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER party_added AFTER INSERT ON party
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION party_access()
""",
    """
CREATE TRIGGER party_removed AFTER DELETE ON party
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION party_access()
""",
    """
CREATE TRIGGER party_moved AFTER UPDATE ON party
FOR EACH ROW
WHEN ((OLD.agreement_id, OLD.organization_id) <> (NEW.agreement_id, NEW.organization_id))
EXECUTE FUNCTION party_moved()
""",
    """
CREATE TRIGGER agreement_created AFTER INSERT ON agreement
FOR EACH ROW EXECUTE FUNCTION agreement_access_of_row()
""",
    """
CREATE TRIGGER agreement_removed AFTER DELETE ON agreement
FOR EACH ROW WHEN (OLD.parent_id IS NOT NULL) EXECUTE FUNCTION agreement_access_of_row()
""",
    """
CREATE TRIGGER agreement_moved AFTER UPDATE ON agreement
FOR EACH ROW
WHEN (
  (OLD.parent_id, OLD.created_by_organization_id) IS DISTINCT FROM
  (NEW.parent_id, NEW.created_by_organization_id)
)
EXECUTE FUNCTION agreement_access_of_row()
""",
    """
CREATE TRIGGER organization_added AFTER INSERT ON organization
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION organization_tree()
""",
    """
CREATE TRIGGER organization_moved AFTER UPDATE ON organization
FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION organization_tree()
""",
)

DROPS = (
    "DROP TRIGGER organization_moved ON organization",
    "DROP TRIGGER organization_added ON organization",
    "DROP TABLE agreement_access, party, agreement",
    "DROP FUNCTION organization_tree()",
    "DROP FUNCTION agreement_access_of_row()",
    "DROP FUNCTION party_moved()",
    "DROP FUNCTION party_access()",
    "DROP FUNCTION agreement_access_refresh(uuid[])",
)


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)
    execute(ROUTINES)


def downgrade() -> None:
    set_timeouts()
    execute(DROPS)
