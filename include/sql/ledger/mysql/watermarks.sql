SELECT pipeline, account, watermark FROM etl_watermark ORDER BY pipeline, account
