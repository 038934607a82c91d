SELECT applied_at, content FROM etl_applied_settings ORDER BY id DESC LIMIT 1
