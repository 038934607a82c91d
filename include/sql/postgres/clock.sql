-- The target's clock.

-- name: reading_time
-- The one clock by which readings are put in order: whoever reads later has the greater one.
SELECT to_char(clock_timestamp() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS') AS reading_time
