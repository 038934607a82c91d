-- What the days before had come to within half an hour of the same time of day.
SELECT measured_until, rows_measured
FROM jushita_push_health
WHERE check_name = %(check_name)s AND instance = %(instance)s AND pushed_table = %(pushed_table)s
  AND checked_at >= %(since)s AND measured_until < %(until)s
  AND MOD(TIMESTAMPDIFF(SECOND, measured_until, %(until)s) + 1800, 86400) <= 3600
