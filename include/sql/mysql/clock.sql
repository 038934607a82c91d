-- The target's clock.

-- name: reading_time
-- The one clock by which readings are put in order: whoever reads later has the greater one.
SELECT DATE_FORMAT(SYSDATE(3), '%Y-%m-%d %H:%i:%s.%f') AS reading_time
