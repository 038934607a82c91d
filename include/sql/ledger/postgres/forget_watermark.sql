DELETE FROM etl_watermark WHERE pipeline = %(pipeline)s AND account = %(account)s
