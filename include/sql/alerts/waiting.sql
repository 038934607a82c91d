-- What a channel has refused, or not taken within a time: how much, since when, and what it said.
SELECT c.channel, COUNT(*) AS alerts, MIN(a.raised_at) AS since, k.last_answer, k.next_try_at
FROM unnest(%(channels)s::text[]) AS c (channel)
JOIN etl_alert AS a ON a.sent_at IS NULL AND NOT EXISTS (
    SELECT FROM etl_alert_delivery AS d
    WHERE d.alert_id = a.id AND d.channel = c.channel AND d.taken_at IS NOT NULL)
LEFT JOIN etl_alert_channel AS k ON k.channel = c.channel
GROUP BY c.channel, k.last_answer, k.next_try_at, k.failures
HAVING k.failures > 0 OR MIN(a.raised_at) < clock_timestamp() - %(patience)s
ORDER BY c.channel
