"""Activities, their organizers and participants, and the tallies of them; down drops them."""

from migrations.steps import describe, execute, set_timeouts

revision = "0005_activities"
down_revision = "0004_agreements"

TABLES = (
    """
CREATE TABLE activity (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  agreement_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  relation text NOT NULL,
  kind text NOT NULL,
  also_kinds text[] NOT NULL,
  title text NOT NULL,
  mode text NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  former_dates json,
  starts_at_local text,
  venue text,
  online_url text,
  region_code text,
  topics text[] NOT NULL,
  outcome text,
  follow_ups json,
  training json,
  external_refs json,
  mcp_areas text[] NOT NULL,
  evidence json,
  client_ref text,
  client_fingerprint bytea,
  state text NOT NULL,
  state_reason text,
  reported_by uuid,
  verified_by uuid,
  reporter_id uuid,
  verifier_id uuid,
  participant_unit text,
  participant_total integer,
  participant_male integer,
  participant_female integer,
  participant_sex_unspecified integer,
  participant_with_disability integer,
  participant_under_30 integer,
  document json,
  CONSTRAINT pk_activity PRIMARY KEY (id),
  CONSTRAINT fk_activity_agreement_id FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT fk_activity_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_activity_agreement UNIQUE (agreement_id, id),
  CONSTRAINT uq_activity_client_ref UNIQUE (organization_id, client_ref),
  CONSTRAINT ck_activity_relation_known CHECK (relation IN ('joint', 'related')),
  CONSTRAINT ck_activity_kind_known CHECK (
    kind IN ('bimtek', 'training', 'tot', 'socialization', 'workshop', 'fgd', 'audience',
    'coordination_meeting', 'monitoring_evaluation', 'mentoring', 'study', 'campaign',
    'public_discussion', 'signing', 'drafting', 'reporting', 'other')
  ),
  CONSTRAINT ck_activity_also_kinds_known CHECK (
    also_kinds <@ ARRAY['bimtek', 'training', 'tot', 'socialization', 'workshop', 'fgd', 'audience',
    'coordination_meeting', 'monitoring_evaluation', 'mentoring', 'study', 'campaign',
    'public_discussion', 'signing', 'drafting', 'reporting', 'other']::text[]
  ),
  CONSTRAINT ck_activity_mode_known CHECK (mode IN ('in_person', 'online', 'hybrid')),
  CONSTRAINT ck_activity_state_known CHECK (
    state IN ('draft', 'planned', 'held', 'reported', 'verified', 'cancelled')
  ),
  CONSTRAINT ck_activity_participant_unit_known CHECK (participant_unit IN ('people', 'organizations')),
  CONSTRAINT ck_activity_starts_on_in_calendar CHECK (
    starts_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_activity_ends_on_in_calendar CHECK (
    ends_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'
  ),
  CONSTRAINT ck_activity_ends_after_start CHECK (ends_on >= starts_on),
  CONSTRAINT ck_activity_verified_by_another CHECK (verified_by <> reported_by),
  CONSTRAINT ck_activity_verified_by_another_person CHECK (verifier_id <> reporter_id),
  CONSTRAINT ck_activity_verified_by_somebody CHECK ((state = 'verified') = (verified_by IS NOT NULL)),
  CONSTRAINT ck_activity_reported_by_somebody CHECK (
    state NOT IN ('reported', 'verified') OR reported_by IS NOT NULL
  ),
  CONSTRAINT ck_activity_counts_not_negative CHECK (
    coalesce(participant_total, 0) >= 0 AND coalesce(participant_male, 0) >= 0 AND
    coalesce(participant_female, 0) >= 0 AND coalesce(participant_sex_unspecified, 0) >= 0 AND
    coalesce(participant_with_disability, 0) >= 0 AND coalesce(participant_under_30, 0) >= 0
  ),
  CONSTRAINT ck_activity_sexes_within_total CHECK (
    coalesce(participant_male, 0) + coalesce(participant_female, 0) +
    coalesce(participant_sex_unspecified, 0) <= participant_total
  ),
  CONSTRAINT ck_activity_sexes_sum_to_total CHECK (
    participant_male + participant_female + participant_sex_unspecified = participant_total
  ),
  CONSTRAINT ck_activity_splits_within_total CHECK (
    greatest(participant_with_disability, participant_under_30) <= participant_total
  )
)
""",
    "CREATE INDEX ix_activity_agreement_id_starts_on ON activity (agreement_id, starts_on, id)",
    "CREATE INDEX ix_activity_starts_on ON activity (starts_on, id)",
    """
CREATE TABLE organizer (
  activity_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  position smallint NOT NULL,
  organization_id uuid NOT NULL,
  role text NOT NULL,
  CONSTRAINT pk_organizer PRIMARY KEY (activity_id, position),
  CONSTRAINT fk_organizer_activity FOREIGN KEY (agreement_id, activity_id)
    REFERENCES activity (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_organizer_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_organizer_role UNIQUE (activity_id, organization_id, role),
  CONSTRAINT ck_organizer_role_known CHECK (
    role IN ('host', 'co_host', 'supporter', 'funder', 'speaker', 'facilitator')
  )
)
""",
    "CREATE INDEX ix_organizer_agreement_id_activity_id ON organizer (agreement_id, activity_id)",
    "CREATE INDEX ix_organizer_organization_id ON organizer (organization_id, activity_id)",
    """
CREATE TABLE participant_group (
  activity_id uuid NOT NULL,
  agreement_id uuid NOT NULL,
  position smallint NOT NULL,
  organization_id uuid,
  group_label text,
  total integer,
  male integer,
  female integer,
  sex_unspecified integer,
  with_disability integer,
  under_30 integer,
  CONSTRAINT pk_participant_group PRIMARY KEY (activity_id, position),
  CONSTRAINT fk_participant_group_activity FOREIGN KEY (agreement_id, activity_id)
    REFERENCES activity (agreement_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_participant_group_organization_id FOREIGN KEY (organization_id)
    REFERENCES organization (id),
  CONSTRAINT ck_participant_group_organization_or_label CHECK (
    num_nonnulls(organization_id, group_label) = 1
  ),
  CONSTRAINT ck_participant_group_counts_not_negative CHECK (
    coalesce(total, 0) >= 0 AND coalesce(male, 0) >= 0 AND coalesce(female, 0) >= 0 AND
    coalesce(sex_unspecified, 0) >= 0 AND coalesce(with_disability, 0) >= 0 AND
    coalesce(under_30, 0) >= 0
  ),
  CONSTRAINT ck_participant_group_sexes_within_total CHECK (
    coalesce(male, 0) + coalesce(female, 0) + coalesce(sex_unspecified, 0) <= total
  ),
  CONSTRAINT ck_participant_group_sexes_sum_to_total CHECK (male + female + sex_unspecified = total),
  CONSTRAINT ck_participant_group_splits_within_total CHECK (greatest(with_disability, under_30) <= total)
)
""",
    """
CREATE INDEX ix_participant_group_agreement_id_activity_id
ON participant_group (agreement_id, activity_id)
""",
    "CREATE INDEX ix_participant_group_organization_id ON participant_group (organization_id, activity_id)",
    """
CREATE TABLE activity_tally (
  agreement_id uuid NOT NULL,
  relation text NOT NULL,
  agreement_year smallint NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  activities integer NOT NULL,
  CONSTRAINT pk_activity_tally PRIMARY KEY (agreement_id, relation, agreement_year, kind, state),
  CONSTRAINT fk_activity_tally_agreement_id FOREIGN KEY (agreement_id)
    REFERENCES agreement (id) ON DELETE CASCADE
)
""",
    """
CREATE TABLE attendance_tally (
  agreement_id uuid NOT NULL,
  relation text NOT NULL,
  organization_id uuid NOT NULL,
  group_label text NOT NULL,
  activities integer NOT NULL,
  unknown_totals integer NOT NULL,
  total bigint NOT NULL,
  male bigint NOT NULL,
  male_known integer NOT NULL,
  female bigint NOT NULL,
  female_known integer NOT NULL,
  CONSTRAINT pk_attendance_tally PRIMARY KEY (agreement_id, relation, organization_id, group_label),
  CONSTRAINT fk_attendance_tally_agreement_id FOREIGN KEY (agreement_id)
    REFERENCES agreement (id) ON DELETE CASCADE
)
""",
)

COMMENTS = {
    "TABLE activity": "Something the parties did or plan to do; kept for ever once held.",
    "COLUMN activity.id": "UUIDv7 made by the service.",
    "COLUMN activity.version": "Rises by one at each change.",
    "COLUMN activity.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN activity.organization_id": "Organization that logged it.",
    "COLUMN activity.former_dates": "Days of earlier plans, oldest first; null when never moved.",
    "COLUMN activity.follow_ups": "Value list, replaced as a whole; null when empty.",
    "COLUMN activity.training": "Hours, materials, trainers and tests; null when it taught nothing.",
    "COLUMN activity.external_refs": "Value list, replaced as a whole; null when empty.",
    "COLUMN activity.evidence": "Value list, replaced as a whole; null when empty.",
    "COLUMN activity.client_fingerprint": "SHA-256 of the body that carried client_ref.",
    "COLUMN activity.reported_by": "Organization that reported; another one verifies.",
    "COLUMN activity.verified_by": "Organization that verified.",
    "COLUMN activity.reporter_id": "Person who reported; another one verifies, whatever they act for.",
    "COLUMN activity.verifier_id": "Person who verified.",
    "COLUMN activity.document": (
        "The whole activity as lists read it, written with the row; null: put together when read."
    ),
    "COLUMN activity.participant_unit": "Null when nothing is known of participants.",
    "TABLE organizer": "An organization and what it does for an activity.",
    "TABLE participant_group": "Participants of one organization or named group; null is unknown, never 0.",
    "TABLE activity_tally": (
        "Activities counted in the statement that writes them; a test proves it equals the aggregate."
    ),
    "COLUMN activity_tally.agreement_year": "0 when the first day is unknown or later.",
    "TABLE attendance_tally": (
        "Attendance of held, reported and verified activities, by organization or group and for the whole."
    ),
    "COLUMN attendance_tally.organization_id": "Nil UUID: a labelled group, or the whole.",
    "COLUMN attendance_tally.group_label": "Empty: an organization, or the whole.",
    "COLUMN attendance_tally.unknown_totals": "Activities whose total nobody reported.",
    "COLUMN attendance_tally.male_known": "How many counts of men were reported.",
}

ROUTINES = (
    """
CREATE FUNCTION agreement_years() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  counted uuid[];
BEGIN
  -- Its children may be hidden from who moves the day, so this runs with the rights of the owner.
  -- Agreement years are counted from the own first day, else from the parent's. Whoever logs an activity
  -- holds its agreement FOR SHARE, so after these locks every activity is seen here or counts by the new day.
  PERFORM 1 FROM agreement
  WHERE id = NEW.id OR (parent_id = NEW.id AND effective_from IS NULL) ORDER BY id FOR NO KEY UPDATE;
  counted := array(
    SELECT id FROM agreement WHERE id = NEW.id OR (parent_id = NEW.id AND effective_from IS NULL)
  );
  DELETE FROM activity_tally WHERE agreement_id = ANY (counted);
  INSERT INTO activity_tally (agreement_id, relation, agreement_year, kind, state, activities)
  SELECT activity.agreement_id, activity.relation,
    CASE WHEN first.day IS NULL OR activity.starts_on < first.day THEN 0
      ELSE extract(year FROM age(activity.starts_on, first.day)) + 1 END AS agreement_year,
    activity.kind, activity.state, count(*)
  FROM activity
  JOIN agreement ON agreement.id = activity.agreement_id
  LEFT JOIN agreement AS mou ON mou.id = agreement.parent_id,
  LATERAL (SELECT coalesce(agreement.effective_from, mou.effective_from) AS day) AS first
  WHERE activity.agreement_id = ANY (counted)
  GROUP BY 1, 2, 3, 4, 5;
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION participant_sums() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (
    SELECT FROM activity
    JOIN participant_group AS member ON member.activity_id = activity.id
    WHERE activity.id IN (SELECT activity_id FROM changed) AND activity.participant_total IS NOT NULL
    GROUP BY activity.id
    HAVING sum(member.total) > activity.participant_total
      OR (bool_and(member.total IS NOT NULL) AND sum(member.total) <> activity.participant_total)
  ) THEN
    RAISE EXCEPTION 'groups of participants do not sum to the total'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_participant_group_sums_to_total';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE FUNCTION activity_document() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Whoever changes an activity without writing its document anew leaves it to be put together when read.
  NEW.document := NULL;
  RETURN NEW;
END $$
""",
    """
CREATE FUNCTION participant_total() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (
    SELECT FROM participant_group AS member
    WHERE member.activity_id = NEW.id
    HAVING sum(member.total) > NEW.participant_total
      OR (bool_and(member.total IS NOT NULL) AND sum(member.total) <> NEW.participant_total)
  ) THEN
    RAISE EXCEPTION 'groups of participants do not sum to the total'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_participant_group_sums_to_total';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER agreement_years_changed AFTER UPDATE ON agreement
FOR EACH ROW WHEN ((OLD.effective_from, OLD.parent_id) IS DISTINCT FROM (NEW.effective_from, NEW.parent_id))
EXECUTE FUNCTION agreement_years()
""",
    """
CREATE TRIGGER participant_group_added AFTER INSERT ON participant_group
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION participant_sums()
""",
    """
CREATE TRIGGER participant_group_changed AFTER UPDATE ON participant_group
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION participant_sums()
""",
    """
CREATE TRIGGER participant_group_removed AFTER DELETE ON participant_group
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION participant_sums()
""",
    """
CREATE TRIGGER activity_document_left BEFORE UPDATE ON activity
FOR EACH ROW WHEN (OLD.document::text = NEW.document::text) EXECUTE FUNCTION activity_document()
""",
    """
CREATE TRIGGER activity_total_changed AFTER UPDATE ON activity
FOR EACH ROW
WHEN (OLD.participant_total IS DISTINCT FROM NEW.participant_total AND NEW.participant_total IS NOT NULL)
EXECUTE FUNCTION participant_total()
""",
)

DROPS = (
    "DROP TRIGGER agreement_years_changed ON agreement",
    "DROP TABLE attendance_tally, activity_tally, participant_group, organizer, activity",
    "DROP FUNCTION participant_total()",
    "DROP FUNCTION activity_document()",
    "DROP FUNCTION participant_sums()",
    "DROP FUNCTION agreement_years()",
)


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)
    execute(ROUTINES)


def downgrade() -> None:
    set_timeouts()
    execute(DROPS)
