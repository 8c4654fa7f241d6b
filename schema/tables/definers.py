"""Functions that the second wall asks: for whom a connection acts, and what only its owner may look up."""

from schema.tables.routines import Routine

ACTING = Routine(
    """
CREATE FUNCTION acting() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('tenun.acting', true), '')::uuid
$$
""",
    "DROP FUNCTION acting()",
)

AGREEMENT_IS_GONE = Routine(
    """
CREATE FUNCTION agreement_is_gone(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT NOT EXISTS (SELECT FROM agreement WHERE id = wanted)
$$
""",
    "DROP FUNCTION agreement_is_gone(uuid)",
)

AGREEMENT_IS_PUBLIC = Routine(
    """
CREATE FUNCTION agreement_is_public(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  -- Only called for a row that its reader does not see by an access row; a subquery would be prepared always.
  SELECT visibility = 'public' FROM agreement WHERE id = wanted
$$
""",
    "DROP FUNCTION agreement_is_public(uuid)",
)

DOCUMENT_HANDED = Routine(
    """
CREATE FUNCTION document_handed(pact uuid, wanted uuid, kind text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  -- What was delivered to who acts is read until it is revoked, and a dataset by nobody else than its holder;
  -- a paper that records rest on is not taken away. The day on which access ends is asked by the service:
  -- policies know no clock.
  SELECT coalesce(bool_or(asked.state <> 'revoked'), kind <> 'dataset') OR (kind <> 'dataset' AND (
    EXISTS (SELECT FROM evidence_document WHERE agreement_id = pact AND document_id = wanted)
    OR EXISTS (SELECT FROM amendment WHERE agreement_id = pact AND document_id = wanted)
    OR EXISTS (
      SELECT FROM agreement
      WHERE id = pact AND wanted IN (document_id, termination_document_id, report_document_id)
    )
  ))
  FROM delivery JOIN data_request AS asked ON asked.id = delivery.data_request_id
  WHERE delivery.agreement_id = pact AND delivery.document_id = wanted
    AND asked.requester_organization_id = acting()
$$
""",
    "DROP FUNCTION document_handed(uuid, uuid, text)",
)

SEES_MANY = Routine(
    """
CREATE FUNCTION sees_many(wanted uuid, enough integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  -- A token is looked up before anybody acts.
  SELECT count(*) = enough FROM (
    SELECT FROM agreement_access WHERE organization_id = wanted LIMIT enough
  ) AS found
$$
""",
    "DROP FUNCTION sees_many(uuid, integer)",
)

_STANDING = """TABLE (
  id uuid, version integer, kind text, state text,
  effective_from date, ends_on date, suspended_on date, terminated_on date
)"""
_OF_STANDING = """above.id, above.version, above.kind, above.state,
    above.effective_from, above.ends_on, above.suspended_on, above.terminated_on"""

PARENT_OF = Routine(
    f"""
CREATE FUNCTION parent_of(child uuid) RETURNS {_STANDING}
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public ROWS 1 AS $$
  -- Whoever may read a PKS is told what its MoU does to it, and nothing else of the MoU.
  SELECT {_OF_STANDING}
  FROM agreement AS own JOIN agreement AS above ON above.id = own.parent_id
  WHERE own.id = child AND (own.visibility = 'public' OR EXISTS (
    SELECT FROM agreement_access WHERE agreement_id = child AND organization_id = acting()
  ))
$$
""",
    "DROP FUNCTION parent_of(uuid)",
)

PARENT_TO_DERIVE_FROM = Routine(
    f"""
CREATE FUNCTION parent_to_derive_from(wanted uuid) RETURNS {_STANDING}
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public ROWS 1 AS $$
  -- A PKS is carried out by a unit of the region that signed the MoU, and the unit sees the MoU only once its
  -- PKS exists. So a unit below a party may derive from it as who sees it may.
  WITH RECURSIVE line (id) AS (
    SELECT acting()
    UNION
    SELECT unit.parent_id FROM line JOIN organization AS unit ON unit.id = line.id
  )
  SELECT {_OF_STANDING}
  FROM agreement AS above
  WHERE above.id = wanted AND (
    EXISTS (SELECT FROM agreement_access WHERE agreement_id = wanted AND organization_id = acting())
    OR EXISTS (SELECT FROM party JOIN line ON line.id = party.organization_id WHERE agreement_id = wanted)
  )
$$
""",
    "DROP FUNCTION parent_to_derive_from(uuid)",
)

DEFINERS = (
    AGREEMENT_IS_GONE,
    AGREEMENT_IS_PUBLIC,
    DOCUMENT_HANDED,
    SEES_MANY,
    PARENT_OF,
    PARENT_TO_DERIVE_FROM,
)
"""Functions that look past the wall, for the application's role alone."""

FOR_APP_ALONE = (
    "agreement_is_gone(uuid)",
    "agreement_is_public(uuid)",
    "document_handed(uuid, uuid, text)",
    "sees_many(uuid, integer)",
    "parent_of(uuid)",
    "parent_to_derive_from(uuid)",
)
"""Their signatures."""
