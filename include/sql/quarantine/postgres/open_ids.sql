SELECT id, account FROM etl_quarantine WHERE pipeline = %(pipeline)s AND state = 'open' ORDER BY id
