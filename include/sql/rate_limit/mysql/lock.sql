SELECT per_minute, free_at, throttled_at, NOW(6) AS now
FROM etl_call_budget
WHERE conn_id = %(conn_id)s
FOR UPDATE
