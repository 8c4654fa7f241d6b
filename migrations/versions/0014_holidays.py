"""Corrections of the holidays; down forgets them, and what they moved stays where it is."""

from migrations.steps import describe, execute, set_timeouts

revision = "0014_holidays"
down_revision = "0013_data_requests"

COMMENTS = {
    "TABLE holiday_correction": (
        "Corrections of the holidays; of a day and kind the last one counts, and none is ever changed."
    ),
    "COLUMN holiday_correction.revision": "1, 2, 3 and so on.",
    "COLUMN holiday_correction.name": "Null: it is a working day after all.",
    "COLUMN holiday_correction.source": "Where it is decreed.",
}


def upgrade() -> None:
    set_timeouts()
    execute(
        (
            """
CREATE TABLE holiday_correction (
  revision integer NOT NULL, falls_on date NOT NULL, kind text NOT NULL, name text, source text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT pk_holiday_correction PRIMARY KEY (revision),
  CONSTRAINT ck_holiday_correction_kind_known CHECK (kind IN ('public', 'joint_leave')),
  CONSTRAINT ck_holiday_correction_falls_on_in_calendar CHECK (falls_on BETWEEN DATE '1945-01-01' AND DATE
    '2199-12-31'),
  CONSTRAINT ck_holiday_correction_revision_positive CHECK (revision > 0)
)
""",
            "CREATE INDEX ix_holiday_correction_falls_on ON holiday_correction (falls_on, kind, revision)",
            "GRANT SELECT ON holiday_correction TO tenun_app",
        )
    )
    describe(COMMENTS)


def downgrade() -> None:
    set_timeouts()
    execute(("DROP TABLE holiday_correction",))
