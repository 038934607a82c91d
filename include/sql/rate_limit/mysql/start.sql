INSERT INTO etl_call_budget (conn_id, per_minute, free_at)
SELECT * FROM (SELECT %(conn_id)s AS conn_id, %(per_minute)s AS per_minute, NOW(6) AS free_at) AS d
ON DUPLICATE KEY UPDATE conn_id = d.conn_id
