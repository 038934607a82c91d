-- The token bucket of a vendor's calls.

-- name: store
UPDATE etl_call_budget
SET per_minute = %(per_minute)s, free_at = %(free_at)s, throttled_at = %(throttled_at)s
WHERE conn_id = %(conn_id)s
