SELECT raised_at, sent_at, title, body
FROM etl_alert
WHERE raised_at > clock_timestamp() - %(within)s
ORDER BY id
