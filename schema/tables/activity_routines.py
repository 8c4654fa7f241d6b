"""What must hold of activities whoever writes them: sums of participants, and the text kept for reading."""

from schema.tables.routines import Routine, declare

PARTICIPANT_SUMS = Routine(
    """
CREATE FUNCTION participant_sums() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    "DROP FUNCTION participant_sums()",
)

ACTIVITY_DOCUMENT = Routine(
    """
CREATE FUNCTION activity_document() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Whoever changes an activity without writing its document anew leaves it to be put together when read.
  NEW.document := NULL;
  RETURN NEW;
END $$
""",
    "DROP FUNCTION activity_document()",
)

PARTICIPANT_TOTAL = Routine(
    """
CREATE FUNCTION participant_total() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
    "DROP FUNCTION participant_total()",
)

TRIGGERS = (
    Routine(
        "CREATE TRIGGER participant_group_added AFTER INSERT ON participant_group"
        " REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION participant_sums()",
        "DROP TRIGGER participant_group_added ON participant_group",
    ),
    Routine(
        "CREATE TRIGGER participant_group_changed AFTER UPDATE ON participant_group"
        " REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION participant_sums()",
        "DROP TRIGGER participant_group_changed ON participant_group",
    ),
    Routine(
        "CREATE TRIGGER participant_group_removed AFTER DELETE ON participant_group"
        " REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION participant_sums()",
        "DROP TRIGGER participant_group_removed ON participant_group",
    ),
    Routine(
        "CREATE TRIGGER activity_document_left BEFORE UPDATE ON activity FOR EACH ROW"
        " WHEN (OLD.document::text = NEW.document::text) EXECUTE FUNCTION activity_document()",
        "DROP TRIGGER activity_document_left ON activity",
    ),
    Routine(
        "CREATE TRIGGER activity_total_changed AFTER UPDATE ON activity FOR EACH ROW"
        " WHEN (OLD.participant_total IS DISTINCT FROM NEW.participant_total"
        " AND NEW.participant_total IS NOT NULL)"
        " EXECUTE FUNCTION participant_total()",
        "DROP TRIGGER activity_total_changed ON activity",
    ),
)

declare(routine.create for routine in (PARTICIPANT_SUMS, ACTIVITY_DOCUMENT, PARTICIPANT_TOTAL, *TRIGGERS))
