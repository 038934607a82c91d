-- Before anything is sent: who finds this without an answer knows that it may have been taken.
INSERT INTO etl_alert_delivery AS kept (alert_id, channel)
SELECT a.id, %(channel)s
FROM etl_alert AS a
WHERE a.id = ANY (%(ids)s)
ON CONFLICT (alert_id, channel) DO UPDATE
SET try_num = kept.try_num + 1, tried_at = clock_timestamp(), answer = NULL
