-- What a clock that was ahead has left behind of late: when it was found, and in what.
SELECT what, ahead_at FROM youshu_capture
WHERE shop = %(shop)s AND ahead_at > statement_timestamp() - interval '1 hour'
ORDER BY what
