INSERT INTO jushita_push_health (
    checked_at, check_name, instance, pushed_table, verdict, measured_until, sellers, sellers_stopped,
    rows_measured, rows_usual, median_seconds, p99_seconds, over_3_seconds, over_20_minutes, lag_seconds, kept_seconds
) VALUES (
    %(checked_at)s, %(check_name)s, %(instance)s, %(pushed_table)s, %(verdict)s, %(measured_until)s,
    %(sellers)s, %(sellers_stopped)s, %(rows_measured)s, %(rows_usual)s, %(median_seconds)s, %(p99_seconds)s,
    %(over_3_seconds)s, %(over_20_minutes)s, %(lag_seconds)s, %(kept_seconds)s
)
