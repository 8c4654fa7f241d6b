"""The roles that serve may use the schema by a grant of their own.

Until now they could by the grant to PUBLIC that PostgreSQL makes in a new database, and that many take back.
"""

from migrations.steps import execute, set_timeouts

revision = "0011_schema_usage"
down_revision = "0010_amendments"


def upgrade() -> None:
    set_timeouts()
    execute(["GRANT USAGE ON SCHEMA public TO tenun_app, tenun_worker"])


def downgrade() -> None:
    set_timeouts()
    execute(["REVOKE USAGE ON SCHEMA public FROM tenun_app, tenun_worker"])
