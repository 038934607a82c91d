-- One process at a time sends to a channel, for as long as its lease is; none before the channel's next try, or faster
-- than its pace. A moment further ahead than it can be is of a clock that was set back.
INSERT INTO etl_alert_channel AS kept (channel, holder, busy_until, paced_until)
SELECT %(channel)s, %(holder)s, clock_timestamp() + %(lease)s, clock_timestamp() + %(interval)s
WHERE EXISTS (
    SELECT FROM etl_alert AS a
    WHERE a.sent_at IS NULL AND NOT EXISTS (
        SELECT FROM etl_alert_delivery AS d
        WHERE d.alert_id = a.id AND d.channel = %(channel)s AND d.taken_at IS NOT NULL))
ON CONFLICT (channel) DO UPDATE
SET holder = excluded.holder, busy_until = excluded.busy_until,
    paced_until = GREATEST(kept.paced_until, clock_timestamp()) + %(interval)s
WHERE (kept.busy_until IS NULL OR kept.busy_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + %(lease)s)
  AND (kept.next_try_at IS NULL OR kept.next_try_at NOT BETWEEN clock_timestamp() AND clock_timestamp() + %(longest)s)
  AND (kept.paced_until IS NULL OR kept.paced_until NOT BETWEEN clock_timestamp() + %(burst)s - %(interval)s
       AND clock_timestamp() + %(burst)s)
RETURNING failures
