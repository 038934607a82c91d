INSERT INTO etl_watermark (pipeline, account, watermark, moved_at)
VALUES (%(pipeline)s, %(account)s, %(watermark)s, %(now)s)
ON CONFLICT DO NOTHING
