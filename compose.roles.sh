#!/bin/sh
# Run once by the image of PostgreSQL when it makes its data directory: the roles of docs/operations.md.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres --set=password="$TENUN_PASSWORD" <<'SQL'
CREATE ROLE tenun_owner LOGIN PASSWORD :'password';
CREATE ROLE tenun_app LOGIN PASSWORD :'password';
CREATE ROLE tenun_worker LOGIN PASSWORD :'password';
CREATE DATABASE tenun OWNER tenun_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';
SQL
