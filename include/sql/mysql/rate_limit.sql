-- The token bucket of a vendor's calls.

-- name: start
INSERT INTO etl_call_budget (conn_id, per_minute, free_at)
SELECT * FROM (SELECT %(conn_id)s AS conn_id, %(per_minute)s AS per_minute, NOW(6) AS free_at) AS d
ON DUPLICATE KEY UPDATE conn_id = d.conn_id

-- name: lock
SELECT per_minute, free_at, throttled_at, NOW(6) AS now
FROM etl_call_budget
WHERE conn_id = %(conn_id)s
FOR UPDATE
