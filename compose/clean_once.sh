#!/usr/bin/env bash
# Removes what Airflow keeps of runs that are older: rows in its database, and logs.
#   clean_once.sh DAYS LOGS
set -euo pipefail
days="$1" logs="$2"

before="$(date --date="-${days} days" +%FT%T%:z)"
airflow db clean --clean-before-timestamp "$before" --skip-archive --yes
find "$logs" -type f -mtime "+${days}" -delete
# an empty folder of today may be that of a task which is about to write
find "$logs" -mindepth 1 -type d -empty -mtime +1 -delete
echo "cleaner: runs and logs before ${before} are removed"
