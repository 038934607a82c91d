#!/usr/bin/env bash
# The service cleaner, once a day: removes what Airflow keeps of runs that are older than KEEP_DAYS. What the pipelines
# know of their windows, days and orders is in their own tables, which this does not touch.
set -u

while true; do
  before="$(date --date="-${KEEP_DAYS} days" +%FT%T%:z)"
  airflow db clean --clean-before-timestamp "$before" --skip-archive --yes &&
    find /opt/airflow/logs -type f -mtime "+${KEEP_DAYS}" -delete &&
    # an empty folder of today may be that of a task which is about to write
    find /opt/airflow/logs -mindepth 1 -type d -empty -mtime +1 -delete &&
    touch /tmp/cleaned &&
    echo "cleaner: runs and logs before ${before} are removed"
  sleep 86400
done
