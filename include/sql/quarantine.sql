-- Records that a load cannot use.

-- name: show
SELECT * FROM etl_quarantine WHERE id = %(id)s

-- name: open_count
SELECT COUNT(*) AS records
FROM etl_quarantine
WHERE pipeline = %(pipeline)s AND account = %(account)s AND state = 'open'

-- name: open_ids
SELECT id, account FROM etl_quarantine WHERE pipeline = %(pipeline)s AND state = 'open' ORDER BY id

-- name: open_keys
SELECT id, source_key FROM etl_quarantine
WHERE pipeline = %(pipeline)s AND account = %(account)s AND state = 'open' AND last_seen <= %(until)s

-- name: settle
UPDATE etl_quarantine SET state = 'replayed', replayed_at = %(now)s WHERE id = %(id)s
