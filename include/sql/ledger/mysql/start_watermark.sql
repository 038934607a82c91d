INSERT INTO etl_watermark (pipeline, account, watermark, moved_at)
SELECT * FROM (SELECT %(pipeline)s AS pipeline, %(account)s AS account, %(watermark)s AS watermark, %(now)s AS moved_at) AS d
ON DUPLICATE KEY UPDATE pipeline = d.pipeline
