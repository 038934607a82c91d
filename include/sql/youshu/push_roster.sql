-- How many runs of a shop's push are there that are newer than one.
SELECT count(*) AS newer
FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid = hashtext('youshu_push_run/' || %(shop)s)::oid
  AND objid::bigint > %(rank)s
