-- What a channel has not taken, the earliest first.
SELECT a.id, a.kind, a.title, a.body
FROM etl_alert AS a
WHERE a.sent_at IS NULL AND NOT EXISTS (
    SELECT FROM etl_alert_delivery AS d
    WHERE d.alert_id = a.id AND d.channel = %(channel)s AND d.taken_at IS NOT NULL)
ORDER BY a.id
LIMIT %(most)s
