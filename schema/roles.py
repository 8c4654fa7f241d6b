"""The roles of the database, by name: a start that makes nothing needs no more of the schema."""

APP, WORKER, OWNER = "tenun_app", "tenun_worker", "tenun_owner"
