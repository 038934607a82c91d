SELECT COUNT(*) AS records
FROM etl_quarantine
WHERE pipeline = %(pipeline)s AND account = %(account)s AND state = 'open'
