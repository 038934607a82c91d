UPDATE etl_watermark SET watermark = %(watermark)s, moved_at = %(now)s
WHERE pipeline = %(pipeline)s AND account = %(account)s
