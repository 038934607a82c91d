-- The data feed's sellers, and the figures of its checks.

-- name: users
SELECT user_id, user_nick, status, rds, since, gone_since FROM jushita_push_user ORDER BY user_id

-- name: add_check
INSERT INTO jushita_push_health (
    checked_at, check_name, instance, pushed_table, verdict, measured_until, sellers, sellers_stopped,
    rows_measured, rows_usual, median_seconds, p99_seconds, over_3_seconds, over_20_minutes, lag_seconds, kept_seconds
) VALUES (
    %(checked_at)s, %(check_name)s, %(instance)s, %(pushed_table)s, %(verdict)s, %(measured_until)s,
    %(sellers)s, %(sellers_stopped)s, %(rows_measured)s, %(rows_usual)s, %(median_seconds)s, %(p99_seconds)s,
    %(over_3_seconds)s, %(over_20_minutes)s, %(lag_seconds)s, %(kept_seconds)s
)

-- name: forget_checks
DELETE FROM jushita_push_health WHERE checked_at < %(before)s

-- name: latest_checks
-- The latest row of each check.
SELECT h.*
FROM jushita_push_health AS h
JOIN (SELECT MAX(id) AS id
      FROM jushita_push_health
      GROUP BY check_name, instance, pushed_table) AS newest USING (id)
ORDER BY h.check_name, h.instance, h.pushed_table

-- name: in_incident_since
-- The checks that found trouble lately.
SELECT DISTINCT check_name, instance, pushed_table
FROM jushita_push_health
WHERE checked_at > %(since)s AND verdict = 'trouble'

-- name: rows_before
-- What a check counted last time.
SELECT rows_measured
FROM jushita_push_health
WHERE check_name = %(check_name)s AND instance = %(instance)s AND pushed_table = %(pushed_table)s
  AND checked_at > %(since)s
ORDER BY checked_at DESC, id DESC
LIMIT 1

-- name: pushed_rows
-- How many rows were pushed in a window.
SELECT COUNT(*) AS pushed
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
