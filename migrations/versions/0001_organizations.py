"""Organizations and the tree of units; down drops them.

Down leaves the extension: it may have been there before, and other schemas may use it.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0001_organizations"
down_revision = None

TABLES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
CREATE TABLE organization (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  name text NOT NULL,
  short_name text,
  kind text NOT NULL,
  parent_id uuid,
  region_code text,
  bps_code text,
  legal_form text,
  registration_number text,
  time_zone text NOT NULL,
  is_public_body boolean,
  contact json,
  search_text text NOT NULL,
  CONSTRAINT pk_organization PRIMARY KEY (id),
  CONSTRAINT fk_organization_parent_id FOREIGN KEY (parent_id) REFERENCES organization (id),
  CONSTRAINT ck_organization_kind_known CHECK (
    kind IN ('regional_government', 'regional_unit', 'inspectorate', 'ministry_unit',
    'state_agency', 'vertical_agency', 'cso', 'professional_association', 'university', 'private',
    'donor')
  ),
  CONSTRAINT ck_organization_time_zone_known CHECK (
    time_zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')
  ),
  CONSTRAINT ck_organization_not_its_own_parent CHECK (parent_id <> id)
)
""",
    "CREATE INDEX ix_organization_parent_id ON organization (parent_id)",
    "CREATE INDEX ix_organization_region_code ON organization (region_code)",
    "CREATE INDEX ix_organization_search_text ON organization USING gin (search_text gin_trgm_ops)",
)

COMMENTS = {
    "TABLE organization": "A party, a unit of one, or anybody a record names; every token may read it.",
    "COLUMN organization.id": "UUIDv7 made by the service.",
    "COLUMN organization.version": "Rises by one at each change.",
    "COLUMN organization.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN organization.parent_id": "Whoever stands above sees what its units are a party to.",
    "COLUMN organization.region_code": "Kemendagri code.",
    "COLUMN organization.bps_code": "BPS code; differs from the Kemendagri code for many regions.",
    "COLUMN organization.is_public_body": "Null when nobody said.",
    "COLUMN organization.contact": "Of the office, not of a person.",
    "COLUMN organization.search_text": "Names folded in the service (NFKC, case, accents).",
}

DROPS = ("DROP TABLE organization",)


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    describe(COMMENTS)


def downgrade() -> None:
    set_timeouts()
    execute(DROPS)
