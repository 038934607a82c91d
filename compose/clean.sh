#!/usr/bin/env bash
# The service cleaner, once a day: removes what Airflow keeps of runs that are older than KEEP_DAYS. What the pipelines
# know of their windows, days and orders is in their own tables, which this does not touch.
set -u

while true; do
  bash /opt/airflow/compose/clean_once.sh "$KEEP_DAYS" /opt/airflow/logs && touch /tmp/cleaned
  sleep 86400
done
