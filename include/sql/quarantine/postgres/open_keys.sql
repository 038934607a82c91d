SELECT id, source_key FROM etl_quarantine
WHERE pipeline = %(pipeline)s AND account = %(account)s AND state = 'open' AND last_seen <= %(until)s
