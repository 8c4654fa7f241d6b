"""Indicator series with observations, and the MCP areas of activities and milestones; down drops them.

Up reads activity, audit_entry and outbox_event once, for what their CHECKs learn. It stops, and changes
nothing, where an activity names an area that no list has: until now that was free text.
"""

from migrations.steps import describe, execute, set_timeouts

revision = "0015_indicators"
down_revision = "0014_holidays"

AREAS = (
    "'perencanaan_dan_penganggaran_apbd', 'pengadaan_barang_jasa', 'perizinan_ptsp', 'kapabilitas_apip',"
    " 'manajemen_asn', 'optimalisasi_pendapatan_daerah', 'manajemen_aset_daerah', 'tata_kelola_dana_desa',"
    " 'perencanaan', 'penganggaran', 'pelayanan_publik', 'pengawasan_apip', 'pengelolaan_bmd',"
    " 'optimalisasi_pajak_daerah'"
)

TABLES = (
    """
CREATE TABLE indicator_series (
  id uuid NOT NULL,
  version integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  created_by uuid,
  organization_id uuid NOT NULL,
  instrument text NOT NULL,
  region_code text,
  title text NOT NULL,
  unit text,
  note text,
  CONSTRAINT pk_indicator_series PRIMARY KEY (id),
  CONSTRAINT fk_indicator_series_organization_id FOREIGN KEY (organization_id) REFERENCES organization (id),
  CONSTRAINT uq_indicator_series_organization UNIQUE (organization_id, id),
  CONSTRAINT uq_indicator_series_same
    UNIQUE NULLS NOT DISTINCT (organization_id, instrument, region_code, title),
  CONSTRAINT ck_indicator_series_instrument_known
    CHECK (instrument IN ('spi', 'mcp', 'pmprb', 'tepra', 'other'))
)
""",
    "CREATE INDEX ix_indicator_series_region_code ON indicator_series (region_code, id)",
    """
CREATE TABLE indicator_observation (
  organization_id uuid NOT NULL,
  series_id uuid NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  value numeric,
  printed_label text,
  areas json,
  source_title text NOT NULL,
  source_url text,
  source_agreement_id uuid,
  source_document_id uuid,
  note text,
  CONSTRAINT pk_indicator_observation PRIMARY KEY (organization_id, series_id, starts_on, ends_on),
  CONSTRAINT fk_indicator_observation_series FOREIGN KEY (organization_id, series_id)
    REFERENCES indicator_series (organization_id, id),
  CONSTRAINT fk_indicator_observation_document FOREIGN KEY (source_agreement_id, source_document_id)
    REFERENCES document (agreement_id, id),
  CONSTRAINT ck_indicator_observation_starts_on_in_calendar
    CHECK (starts_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'),
  CONSTRAINT ck_indicator_observation_ends_on_in_calendar
    CHECK (ends_on BETWEEN DATE '1945-01-01' AND DATE '2199-12-31'),
  CONSTRAINT ck_indicator_observation_ends_after_start CHECK (ends_on >= starts_on),
  CONSTRAINT ck_indicator_observation_value_in_range
    CHECK (abs(value) < 1000000000000 AND scale(value) <= 4),
  CONSTRAINT ck_indicator_observation_document_of_agreement
    CHECK ((source_agreement_id IS NULL) = (source_document_id IS NULL))
)
""",
    "CREATE INDEX ix_indicator_observation_series ON indicator_observation (series_id, ends_on, starts_on)",
    """
CREATE INDEX ix_indicator_observation_document
  ON indicator_observation (source_agreement_id, source_document_id)
""",
)

NAMED_AREAS = (
    "ALTER TABLE milestone ADD mcp_areas text[] NOT NULL DEFAULT '{}'::text[]",
    *(
        f"""
ALTER TABLE {table} ADD CONSTRAINT ck_{table}_mcp_areas_known
  CHECK (mcp_areas <@ ARRAY[{AREAS}]::text[])
"""
        for table in ("activity", "milestone")
    ),
)

COMMENTS = {
    "TABLE indicator_series": (
        "Scores of a region by period, as one organization found them published; read by every token."
    ),
    "COLUMN indicator_series.id": "UUIDv7 made by the service.",
    "COLUMN indicator_series.version": "Rises by one at each change.",
    "COLUMN indicator_series.created_by": "User; null for the system. No foreign key: users may be erased.",
    "COLUMN indicator_series.organization_id": "Organization that keeps it.",
    "COLUMN indicator_series.region_code": "Kemendagri code; null is the whole country.",
    "TABLE indicator_observation": (
        "What a source says of a period; the keeper of the series replaces all of them at once."
    ),
    "COLUMN indicator_observation.organization_id": "That of the series, for row security.",
    "COLUMN indicator_observation.ends_on": "Its year is the one whose scale and areas count.",
    "COLUMN indicator_observation.value": "Null when it is not known.",
    "COLUMN indicator_observation.printed_label": "Word for word; the band is derived.",
    "COLUMN indicator_observation.areas": "Value list, replaced as a whole; null when empty.",
    "COLUMN indicator_observation.source_agreement_id": "Agreement of the document, for its foreign key.",
    "COLUMN milestone.mcp_areas": (
        "None by default: a release before it knew of areas writes beside this one."
    ),
}

SECURITY = (
    "ALTER TABLE indicator_series ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE indicator_observation ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY seen ON indicator_series FOR SELECT TO tenun_app USING (acting() IS NOT NULL)",
    """
CREATE POLICY made ON indicator_series FOR INSERT TO tenun_app
WITH CHECK (organization_id = acting())
""",
    "CREATE POLICY changed ON indicator_series FOR UPDATE TO tenun_app USING (organization_id = acting())",
    "CREATE POLICY seen ON indicator_observation FOR SELECT TO tenun_app USING (acting() IS NOT NULL)",
    "CREATE POLICY own ON indicator_observation FOR ALL TO tenun_app USING (organization_id = acting())",
    "GRANT SELECT, INSERT, UPDATE ON indicator_series TO tenun_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON indicator_observation TO tenun_app",
)

NOUNS = (
    "'organization', 'user', 'membership', 'session', 'api_key', 'agreement', 'amendment', 'activity',"
    " 'milestone', 'milestone_series', 'workplan_item', 'actual', 'document', 'dataset', 'data_request',"
    " 'objection'"
)

DROPS = (
    "ALTER TABLE activity DROP CONSTRAINT ck_activity_mcp_areas_known",
    "ALTER TABLE milestone DROP mcp_areas",
    "DROP TABLE indicator_observation, indicator_series",
)


def know(nouns: str) -> None:
    """Lets the ledger be about these nouns."""
    for table in ("audit_entry", "outbox_event"):
        name = f"ck_{table}_subject_type_known"
        known = f"CHECK (subject_type IN ({nouns}))"
        execute((f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {known}",))


def upgrade() -> None:
    set_timeouts()
    execute(TABLES)
    execute(NAMED_AREAS)
    describe(COMMENTS)
    execute(SECURITY)
    know(f"{NOUNS}, 'indicator_series'")


def downgrade() -> None:
    set_timeouts()
    know(NOUNS)
    execute(DROPS)
