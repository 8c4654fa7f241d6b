"""What must hold of documents whoever names them: what evidence names stays, and is one of its agreement."""

from schema.tables.routines import Routine, declare

_SHOWING = ("activity", "milestone", "workplan_item")
"""Tables with evidence."""

EVIDENCE_DOCUMENTS = Routine(
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
    "DROP FUNCTION evidence_documents()",
)

TRIGGERS = (
    *(
        Routine(
            f"CREATE TRIGGER {noun}_evidence_given AFTER INSERT ON {noun} FOR EACH ROW"
            " WHEN (NEW.evidence IS NOT NULL) EXECUTE FUNCTION evidence_documents()",
            f"DROP TRIGGER {noun}_evidence_given ON {noun}",
        )
        for noun in _SHOWING
    ),
    *(
        Routine(
            f"CREATE TRIGGER {noun}_evidence_changed AFTER UPDATE ON {noun} FOR EACH ROW"
            " WHEN (OLD.evidence::text IS DISTINCT FROM NEW.evidence::text)"
            " EXECUTE FUNCTION evidence_documents()",
            f"DROP TRIGGER {noun}_evidence_changed ON {noun}",
        )
        for noun in _SHOWING
    ),
)

declare(routine.create for routine in (EVIDENCE_DOCUMENTS, *TRIGGERS))
