#!/usr/bin/env bash
# The service airflow-init: the tables of Airflow and of the pipelines. Whatever is wrong ends it at once, and says
# what to look at; only for the shop's order tables, which the pipelines' views need, it waits for five minutes.
set -euo pipefail

run() {
  local hint="$1"
  shift
  "$@" || { printf '\nairflow-init: "%s" failed, see above. %s\n' "$*" "$hint" >&2; exit 1; }
}

run "Where it says that a password is wrong: AIRFLOW_DB_PASSWORD was changed in .env after the first start (docs/runbook.md#docker-compose)." \
  airflow db migrate
run "The AIRFLOW_FERNET_KEY in .env must be the one that they were stored with." \
  python /opt/airflow/compose/stored_connections.py
run "It is ours: report it." \
  airflow pools import /opt/airflow/include/config/pools.json
run "It names the connection: of the databases in this file the passwords are in .env, of your own ones in docker-compose.override.yaml; or your order tables do not fit the views in include/sql/youshu/ (docs/runbook.md#docker-compose)." \
  retail schema apply --wait 300
