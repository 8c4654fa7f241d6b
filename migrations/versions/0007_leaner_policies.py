"""Policies that cost less: acting() stands in the key of an index, and a public agreement is asked for last.

Sums of participants are checked with the rights of the owner. Up and down lock each table for a moment; the
same rows are seen before and after.
"""

from migrations.steps import execute, set_timeouts

revision = "0007_leaner_policies"
down_revision = "0006_row_security"

AGREEMENT_IS_PUBLIC = """
CREATE FUNCTION agreement_is_public(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  -- Only called for a row that its reader does not see by an access row; a subquery would be prepared always.
  SELECT visibility = 'public' FROM agreement WHERE id = wanted
$$
"""

FORMER_PUBLIC = """(SELECT true FROM agreement AS known
WHERE known.id = party.agreement_id AND known.visibility = 'public')"""

OF_AGREEMENT = ("party", "activity", "organizer", "participant_group", "activity_tally", "attendance_tally")

SUMMING = ("participant_sums()", "participant_total()")


SEEN = (
    "(SELECT true FROM agreement_access AS access"
    " WHERE access.agreement_id = {column} AND access.organization_id = {acting})"
)


def policies(acting: str) -> list[str]:
    """Gives what follows ALTER POLICY, for one way to say who acts."""

    def seen(column: str) -> str:
        return SEEN.format(column=column, acting=acting)

    own = f"organization_id = {acting}"
    entry = seen("audit_entry.agreement_id")
    gone = "(agreement_id IS NULL OR agreement_is_gone(agreement_id))"
    return [
        f"own_access ON agreement_access USING ({own})",
        f"seen ON agreement USING (visibility = 'public' OR {seen('agreement.id')})",
        f"made ON agreement WITH CHECK (created_by_organization_id = {acting})",
        f"changed ON agreement USING ({seen('agreement.id')})",
        f"removed ON agreement USING ({seen('agreement.id')})",
        *(f"seen ON {table} USING ({seen(f'{table}.agreement_id')})" for table in OF_AGREEMENT),
        f"seen ON audit_head USING (agreement_id IS NULL OR {seen('audit_head.agreement_id')})",
        f"seen ON audit_checkpoint USING (stream = {acting} OR {seen('audit_checkpoint.agreement_id')})",
        f"seen ON audit_entry USING ({entry} OR (({own} OR stream = {acting}) AND {gone}))",
        f"written ON audit_entry WITH CHECK ({own} AND (agreement_id IS NULL OR {entry}))",
        f"written ON outbox_event WITH CHECK ({own})",
        f"own ON idempotency_key USING ({own})",
    ]


def upgrade() -> None:
    set_timeouts()
    execute(
        (
            AGREEMENT_IS_PUBLIC,
            "REVOKE ALL ON FUNCTION agreement_is_public(uuid) FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION agreement_is_public(uuid) TO tenun_app",
            "ALTER POLICY public ON party USING (agreement_is_public(agreement_id))",
        )
    )
    execute(f"ALTER FUNCTION {function} SECURITY DEFINER" for function in SUMMING)
    execute(f"ALTER POLICY {policy}" for policy in policies("acting()"))


def downgrade() -> None:
    set_timeouts()
    execute(f"ALTER FUNCTION {function} SECURITY INVOKER" for function in SUMMING)
    execute(f"ALTER POLICY {policy}" for policy in policies("(SELECT acting())"))
    execute(
        (
            f"ALTER POLICY public ON party USING ({FORMER_PUBLIC})",
            "DROP FUNCTION agreement_is_public(uuid)",
        )
    )
