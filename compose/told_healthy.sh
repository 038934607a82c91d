#!/usr/bin/env bash
# Exit status 0 where the api-server says that this process of Airflow has sent its heartbeat.
#   told_healthy.sh triggerer
curl --fail --silent --max-time 10 http://api-server:8080/api/v2/monitor/health |
  grep --quiet "\"$1\":{[^}]*\"status\":\"healthy\""
