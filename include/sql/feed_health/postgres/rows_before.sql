-- What a check counted last time.
SELECT rows_measured
FROM jushita_push_health
WHERE check_name = %(check_name)s AND instance = %(instance)s AND pushed_table = %(pushed_table)s
  AND checked_at > %(since)s
ORDER BY checked_at DESC, id DESC
LIMIT 1
