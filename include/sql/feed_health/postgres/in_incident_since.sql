-- The checks that found trouble lately.
SELECT DISTINCT check_name, instance, pushed_table
FROM jushita_push_health
WHERE checked_at > %(since)s AND verdict = 'trouble'
