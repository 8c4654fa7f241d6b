"""Functions and triggers: what must hold across rows whoever writes them.

They are part of the declared schema like a constraint. Business rules do not belong here: these keep who may
see an agreement, the tree without cycles and the tallies by year, and tell every copy of the service who
changed. Those of a noun alone stand beside its tables.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import DDL, event

from schema.tables.common import metadata


class Routine(NamedTuple):
    """A function or trigger and how to take it away again."""

    create: str
    drop: str


AGREEMENT_ACCESS_REFRESH = Routine(
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
    "DROP FUNCTION agreement_access_refresh(uuid[])",
)

PARTY_ACCESS = Routine(
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
    "DROP FUNCTION party_access()",
)

PARTY_MOVED = Routine(
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
    "DROP FUNCTION party_moved()",
)

AGREEMENT_ACCESS = Routine(
    """
CREATE FUNCTION agreement_access_of_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  -- OLD is null in an INSERT, NEW in a DELETE.
  PERFORM agreement_access_refresh(array_remove(ARRAY[NEW.id, NEW.parent_id, OLD.parent_id], NULL));
  RETURN NULL;
END $$
""",
    "DROP FUNCTION agreement_access_of_row()",
)

ORGANIZATION_TREE = Routine(
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
    "DROP FUNCTION organization_tree()",
)

AGREEMENT_YEARS = Routine(
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
    "DROP FUNCTION agreement_years()",
)

PRINCIPAL_CHANGED = Routine(
    """
CREATE FUNCTION principal_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  -- Every copy of the service drops what it remembers of this person.
  IF TG_TABLE_NAME = 'user' THEN
    PERFORM pg_notify('tenun_principal', NEW.id::text);
  ELSE
    PERFORM pg_notify('tenun_principal', OLD.user_id::text);
  END IF;
  RETURN NULL;
END $$
""",
    "DROP FUNCTION principal_changed()",
)

# Sums must hold whoever writes, so both functions look with the rights of the owner.
AGREEMENT_CLOSING = Routine(
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
    "DROP FUNCTION agreement_closing()",
)

ACTUAL_PERIODS = Routine(
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
    "DROP FUNCTION actual_periods()",
)

TRIGGERS = (
    Routine(
        "CREATE TRIGGER token_changed AFTER UPDATE OR DELETE ON token"
        " FOR EACH ROW EXECUTE FUNCTION principal_changed()",
        "DROP TRIGGER token_changed ON token",
    ),
    Routine(
        "CREATE TRIGGER membership_changed AFTER UPDATE OR DELETE ON membership"
        " FOR EACH ROW EXECUTE FUNCTION principal_changed()",
        "DROP TRIGGER membership_changed ON membership",
    ),
    Routine(
        'CREATE TRIGGER user_changed AFTER UPDATE ON "user"'
        " FOR EACH ROW EXECUTE FUNCTION principal_changed()",
        'DROP TRIGGER user_changed ON "user"',
    ),
    Routine(
        "CREATE TRIGGER party_added AFTER INSERT ON party REFERENCING NEW TABLE AS changed"
        " FOR EACH STATEMENT EXECUTE FUNCTION party_access()",
        "DROP TRIGGER party_added ON party",
    ),
    Routine(
        "CREATE TRIGGER party_removed AFTER DELETE ON party REFERENCING OLD TABLE AS changed"
        " FOR EACH STATEMENT EXECUTE FUNCTION party_access()",
        "DROP TRIGGER party_removed ON party",
    ),
    Routine(
        "CREATE TRIGGER party_moved AFTER UPDATE ON party FOR EACH ROW"
        " WHEN ((OLD.agreement_id, OLD.organization_id) <> (NEW.agreement_id, NEW.organization_id))"
        " EXECUTE FUNCTION party_moved()",
        "DROP TRIGGER party_moved ON party",
    ),
    Routine(
        "CREATE TRIGGER agreement_created AFTER INSERT ON agreement"
        " FOR EACH ROW EXECUTE FUNCTION agreement_access_of_row()",
        "DROP TRIGGER agreement_created ON agreement",
    ),
    Routine(
        "CREATE TRIGGER agreement_removed AFTER DELETE ON agreement FOR EACH ROW"
        " WHEN (OLD.parent_id IS NOT NULL) EXECUTE FUNCTION agreement_access_of_row()",
        "DROP TRIGGER agreement_removed ON agreement",
    ),
    Routine(
        "CREATE TRIGGER agreement_moved AFTER UPDATE ON agreement FOR EACH ROW"
        " WHEN ((OLD.parent_id, OLD.created_by_organization_id)"
        " IS DISTINCT FROM (NEW.parent_id, NEW.created_by_organization_id))"
        " EXECUTE FUNCTION agreement_access_of_row()",
        "DROP TRIGGER agreement_moved ON agreement",
    ),
    Routine(
        "CREATE TRIGGER organization_added AFTER INSERT ON organization FOR EACH ROW"
        " WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION organization_tree()",
        "DROP TRIGGER organization_added ON organization",
    ),
    Routine(
        "CREATE TRIGGER agreement_years_changed AFTER UPDATE ON agreement FOR EACH ROW"
        " WHEN ((OLD.effective_from, OLD.parent_id) IS DISTINCT FROM (NEW.effective_from, NEW.parent_id))"
        " EXECUTE FUNCTION agreement_years()",
        "DROP TRIGGER agreement_years_changed ON agreement",
    ),
    Routine(
        "CREATE TRIGGER agreement_closes BEFORE UPDATE ON agreement FOR EACH ROW"
        " WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION agreement_closing()",
        "DROP TRIGGER agreement_closes ON agreement",
    ),
    Routine(
        "CREATE TRIGGER organization_moved AFTER UPDATE ON organization FOR EACH ROW"
        " WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION organization_tree()",
        "DROP TRIGGER organization_moved ON organization",
    ),
    Routine(
        "CREATE TRIGGER actual_period_given AFTER INSERT OR UPDATE OF starts_on, ends_on ON actual"
        " FOR EACH ROW EXECUTE FUNCTION actual_periods()",
        "DROP TRIGGER actual_period_given ON actual",
    ),
)

ROUTINES = (
    AGREEMENT_ACCESS_REFRESH,
    PARTY_ACCESS,
    PARTY_MOVED,
    AGREEMENT_ACCESS,
    ORGANIZATION_TREE,
    PRINCIPAL_CHANGED,
    AGREEMENT_YEARS,
    AGREEMENT_CLOSING,
    ACTUAL_PERIODS,
    *TRIGGERS,
)


def declare(statements: Iterable[str]) -> None:
    """Make statements part of the declared schema: they run, in this order, once its tables are there."""
    for statement in statements:
        event.listen(metadata, "after_create", DDL(statement.strip().replace("%", "%%")))


event.listen(metadata, "before_create", DDL("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
declare(routine.create for routine in ROUTINES)
