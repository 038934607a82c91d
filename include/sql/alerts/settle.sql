-- What every channel took is done with, also where one that did not is no longer there.
UPDATE etl_alert AS a SET sent_at = clock_timestamp()
WHERE a.sent_at IS NULL AND NOT EXISTS (
    SELECT FROM unnest(%(channels)s::text[]) AS c (channel)
    WHERE NOT EXISTS (
        SELECT FROM etl_alert_delivery AS d
        WHERE d.alert_id = a.id AND d.channel = c.channel AND d.taken_at IS NOT NULL))
