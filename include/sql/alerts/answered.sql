-- What the channel said is so, whoever sends to it now; the lease is given back by its holder alone.
WITH told AS (
    UPDATE etl_alert_delivery
    SET answer = %(answer)s, taken_at = CASE WHEN %(taken)s THEN clock_timestamp() ELSE taken_at END
    WHERE channel = %(channel)s AND alert_id = ANY (%(ids)s)
)
UPDATE etl_alert_channel
SET holder = NULL, busy_until = NULL, last_answer = %(answer)s, answered_at = clock_timestamp(),
    failures = CASE WHEN %(taken)s THEN 0 ELSE failures + 1 END,
    next_try_at = CASE WHEN NOT %(taken)s THEN clock_timestamp() + LEAST(%(longest)s, GREATEST(%(wait)s,
                       %(first)s * 2 ^ LEAST(failures, 20))) END
WHERE channel = %(channel)s AND holder = %(holder)s
