-- The token bucket of a vendor's calls.

-- name: start
INSERT INTO etl_call_budget (conn_id, per_minute, free_at)
VALUES (%(conn_id)s, %(per_minute)s, clock_timestamp())
ON CONFLICT (conn_id) DO NOTHING

-- name: lock
-- The clock of the moment, since others may have held the row since the transaction began.
SELECT per_minute, free_at, throttled_at, clock_timestamp() AS now
FROM etl_call_budget
WHERE conn_id = %(conn_id)s
FOR UPDATE
