"""What must hold of data requests whoever writes them: nobody is forgotten, nothing granted left behind."""

from schema.tables.routines import Routine, declare

DATA_REQUEST_DUTIES = Routine(
    """
CREATE FUNCTION data_request_duties() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- What bars a person from deciding is never taken back.
  RAISE EXCEPTION 'data request %: who asked, recommended or decided stays on record', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_data_request_duties_kept';
END $$
""",
    "DROP FUNCTION data_request_duties()",
)

AGREEMENT_DELIVERED = Routine(
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
    "DROP FUNCTION agreement_delivered()",
)

TRIGGERS = (
    Routine(
        "CREATE TRIGGER data_request_duties_kept BEFORE UPDATE ON data_request FOR EACH ROW"
        " WHEN (OLD.created_by IS DISTINCT FROM NEW.created_by"
        " OR OLD.submitted_by <> coalesce(NEW.submitted_by, OLD.id)"
        " OR OLD.decided_by <> coalesce(NEW.decided_by, OLD.id)"
        " OR NOT NEW.recommender_ids @> OLD.recommender_ids)"
        " EXECUTE FUNCTION data_request_duties()",
        "DROP TRIGGER data_request_duties_kept ON data_request",
    ),
    Routine(
        "CREATE TRIGGER agreement_closes_delivered BEFORE UPDATE ON agreement FOR EACH ROW"
        " WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION agreement_delivered()",
        "DROP TRIGGER agreement_closes_delivered ON agreement",
    ),
)

declare(routine.create for routine in (DATA_REQUEST_DUTIES, AGREEMENT_DELIVERED, *TRIGGERS))
