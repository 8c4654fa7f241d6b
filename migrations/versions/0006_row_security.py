"""Row-level security: what each role may do, and which rows the acting organization sees.

Up and down lock each table for a moment. Down takes the second wall away and leaves the grants' roles.
"""

from migrations.steps import execute, set_timeouts

revision = "0006_row_security"
down_revision = "0005_activities"

ROUTINES = (
    """
CREATE FUNCTION acting() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('tenun.acting', true), '')::uuid
$$
""",
    """
CREATE FUNCTION agreement_is_gone(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT NOT EXISTS (SELECT FROM agreement WHERE id = wanted)
$$
""",
    """
CREATE FUNCTION sees_many(wanted uuid, enough integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  -- A token is looked up before anybody acts.
  SELECT count(*) = enough FROM (
    SELECT FROM agreement_access WHERE organization_id = wanted LIMIT enough
  ) AS found
$$
""",
    """
CREATE FUNCTION parent_of(child uuid) RETURNS TABLE (
  id uuid, version integer, kind text, state text,
  effective_from date, ends_on date, suspended_on date, terminated_on date
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public ROWS 1 AS $$
  -- Whoever may read a PKS is told what its MoU does to it, and nothing else of the MoU.
  SELECT above.id, above.version, above.kind, above.state,
    above.effective_from, above.ends_on, above.suspended_on, above.terminated_on
  FROM agreement AS own JOIN agreement AS above ON above.id = own.parent_id
  WHERE own.id = child AND (own.visibility = 'public' OR EXISTS (
    SELECT FROM agreement_access WHERE agreement_id = child AND organization_id = acting()
  ))
$$
""",
    """
CREATE FUNCTION parent_to_derive_from(wanted uuid) RETURNS TABLE (
  id uuid, version integer, kind text, state text,
  effective_from date, ends_on date, suspended_on date, terminated_on date
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public ROWS 1 AS $$
  -- A PKS is carried out by a unit of the region that signed the MoU, and the unit sees the MoU only once its
  -- PKS exists. So a unit below a party may derive from it as who sees it may.
  WITH RECURSIVE line (id) AS (
    SELECT acting()
    UNION
    SELECT unit.parent_id FROM line JOIN organization AS unit ON unit.id = line.id
  )
  SELECT above.id, above.version, above.kind, above.state,
    above.effective_from, above.ends_on, above.suspended_on, above.terminated_on
  FROM agreement AS above
  WHERE above.id = wanted AND (
    EXISTS (SELECT FROM agreement_access WHERE agreement_id = wanted AND organization_id = acting())
    OR EXISTS (SELECT FROM party JOIN line ON line.id = party.organization_id WHERE agreement_id = wanted)
  )
$$
""",
    "REVOKE ALL ON FUNCTION agreement_access_refresh(uuid[]) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION agreement_is_gone(uuid) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION sees_many(uuid, integer) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION parent_of(uuid) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION parent_to_derive_from(uuid) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION agreement_is_gone(uuid) TO tenun_app",
    "GRANT EXECUTE ON FUNCTION sees_many(uuid, integer) TO tenun_app",
    "GRANT EXECUTE ON FUNCTION parent_of(uuid) TO tenun_app",
    "GRANT EXECUTE ON FUNCTION parent_to_derive_from(uuid) TO tenun_app",
)

SECURED = (
    "agreement_access",
    "agreement",
    "party",
    "activity",
    "organizer",
    "participant_group",
    "activity_tally",
    "attendance_tally",
    "audit_head",
    "audit_checkpoint",
    "audit_entry",
    "denied_attempt",
    "outbox_event",
    "idempotency_key",
)

POLICIES = (
    """
CREATE POLICY own_access ON agreement_access FOR SELECT TO tenun_app
USING (organization_id = (SELECT acting()))
""",
    """
CREATE POLICY seen ON agreement FOR SELECT TO tenun_app
USING (visibility = 'public'
  OR (SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = agreement.id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY made ON agreement FOR INSERT TO tenun_app
WITH CHECK (created_by_organization_id = (SELECT acting()))
""",
    """
CREATE POLICY changed ON agreement FOR UPDATE TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = agreement.id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY removed ON agreement FOR DELETE TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = agreement.id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY seen ON party FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = party.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY public ON party FOR SELECT TO tenun_app
USING ((SELECT true FROM agreement AS known
  WHERE known.id = party.agreement_id AND known.visibility = 'public'))
""",
    """
CREATE POLICY seen ON activity FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = activity.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY seen ON organizer FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = organizer.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY seen ON participant_group FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = participant_group.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY seen ON activity_tally FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = activity_tally.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY seen ON attendance_tally FOR ALL TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = attendance_tally.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY seen ON audit_head FOR ALL TO tenun_app
USING (agreement_id IS NULL
  OR (SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = audit_head.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY signed ON audit_head FOR SELECT TO tenun_worker
USING (true)
""",
    """
CREATE POLICY seen ON audit_checkpoint FOR SELECT TO tenun_app
USING (stream = (SELECT acting())
  OR (SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = audit_checkpoint.agreement_id AND access.organization_id = (SELECT acting())))
""",
    """
CREATE POLICY signed ON audit_checkpoint FOR ALL TO tenun_worker
USING (true)
""",
    """
CREATE POLICY verified ON audit_entry FOR SELECT TO tenun_worker
USING (true)
""",
    """
CREATE POLICY kept_for_a_time ON denied_attempt FOR ALL TO tenun_worker
USING (true)
""",
    """
CREATE POLICY seen ON audit_entry FOR SELECT TO tenun_app
USING ((SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = audit_entry.agreement_id AND access.organization_id = (SELECT acting()))
  OR ((organization_id = (SELECT acting()) OR stream = (SELECT acting()))
  AND (agreement_id IS NULL OR agreement_is_gone(agreement_id))))
""",
    """
CREATE POLICY written ON audit_entry FOR INSERT TO tenun_app
WITH CHECK (organization_id = (SELECT acting())
  AND (agreement_id IS NULL
  OR (SELECT true FROM agreement_access AS access
  WHERE access.agreement_id = audit_entry.agreement_id AND access.organization_id = (SELECT acting()))))
""",
    """
CREATE POLICY written ON outbox_event FOR INSERT TO tenun_app
WITH CHECK (organization_id = (SELECT acting()))
""",
    """
CREATE POLICY own ON idempotency_key FOR ALL TO tenun_app
USING (organization_id = (SELECT acting()))
""",
    """
CREATE POLICY kept_for_a_time ON idempotency_key FOR ALL TO tenun_worker
USING (true)
""",
)

GRANTS = (
    "SELECT ON alembic_version TO tenun_app",
    "SELECT, INSERT, UPDATE ON organization TO tenun_app",
    'SELECT, INSERT, UPDATE ON "user" TO tenun_app',
    "SELECT, INSERT, UPDATE, DELETE ON membership TO tenun_app",
    "SELECT, INSERT, UPDATE ON token TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON invitation TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON sign_in_throttle TO tenun_app",
    "SELECT, INSERT, UPDATE ON installation TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON agreement TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON party TO tenun_app",
    "SELECT ON agreement_access TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON activity TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON organizer TO tenun_app",
    "SELECT, INSERT, UPDATE, DELETE ON participant_group TO tenun_app",
    "SELECT, INSERT, UPDATE ON activity_tally TO tenun_app",
    "SELECT, INSERT, UPDATE ON attendance_tally TO tenun_app",
    "SELECT, INSERT, UPDATE ON audit_head TO tenun_app",
    "SELECT, INSERT ON audit_entry TO tenun_app",
    "SELECT ON audit_checkpoint TO tenun_app",
    "INSERT ON outbox_event TO tenun_app",
    "SELECT, INSERT ON idempotency_key TO tenun_app",
    "SELECT, DELETE ON invitation TO tenun_worker",
    "SELECT, DELETE ON sign_in_throttle TO tenun_worker",
    "SELECT, DELETE ON idempotency_key TO tenun_worker",
    "SELECT, INSERT ON installation TO tenun_worker",
    "SELECT ON audit_head TO tenun_worker",
    "SELECT ON audit_entry TO tenun_worker",
    "SELECT, INSERT ON audit_checkpoint TO tenun_worker",
    "SELECT, INSERT, DELETE ON denied_attempt TO tenun_worker",
)

POLICY_NAMES = (
    "own_access ON agreement_access",
    "seen ON agreement",
    "made ON agreement",
    "changed ON agreement",
    "removed ON agreement",
    "seen ON party",
    "public ON party",
    "seen ON activity",
    "seen ON organizer",
    "seen ON participant_group",
    "seen ON activity_tally",
    "seen ON attendance_tally",
    "seen ON audit_head",
    "signed ON audit_head",
    "seen ON audit_checkpoint",
    "signed ON audit_checkpoint",
    "verified ON audit_entry",
    "kept_for_a_time ON denied_attempt",
    "seen ON audit_entry",
    "written ON audit_entry",
    "written ON outbox_event",
    "own ON idempotency_key",
    "kept_for_a_time ON idempotency_key",
)

DROPS = (
    "DROP FUNCTION parent_to_derive_from(uuid)",
    "DROP FUNCTION parent_of(uuid)",
    "DROP FUNCTION sees_many(uuid, integer)",
    "DROP FUNCTION agreement_is_gone(uuid)",
    "DROP FUNCTION acting()",
    "GRANT ALL ON FUNCTION agreement_access_refresh(uuid[]) TO PUBLIC",
)


def upgrade() -> None:
    set_timeouts()
    execute(ROUTINES)
    execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in SECURED)
    execute(POLICIES)
    execute(f"GRANT {grant}" for grant in GRANTS)


def downgrade() -> None:
    set_timeouts()
    execute(f"REVOKE {grant.replace(' TO ', ' FROM ')}" for grant in GRANTS)
    execute(f"DROP POLICY {name}" for name in POLICY_NAMES)
    execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in SECURED)
    execute(DROPS)
