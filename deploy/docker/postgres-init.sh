#!/usr/bin/env bash
# Runs once, when the database server's volume is new: one role and one database per service,
# each role allowed into its own database only.
set -euo pipefail

create() { # name, password
    psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --command 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC'
create sales "${SALES_DB_PASSWORD:?}"
create purchasing "${PURCHASING_DB_PASSWORD:?}"
create planning "${PLANNING_DB_PASSWORD:?}"
create pos_gateway "${POS_GATEWAY_DB_PASSWORD:?}"
