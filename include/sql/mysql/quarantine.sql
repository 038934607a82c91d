-- Records that a load cannot use.

-- name: put
-- The hash comes as text: MySQL takes no binary literal in a derived table.
INSERT INTO etl_quarantine
    (pipeline, account, source_key, reason, detail, raw, raw_hash, window_id, first_seen, last_seen)
SELECT * FROM (SELECT %(pipeline)s AS pipeline, %(account)s AS account, %(source_key)s AS source_key,
                      %(reason)s AS reason, %(detail)s AS detail, %(raw)s AS raw, UNHEX(%(raw_hash)s) AS raw_hash,
                      %(window_id)s AS window_id, %(now)s AS first_seen, %(now)s AS last_seen) AS d
ON DUPLICATE KEY UPDATE
    reason = d.reason, detail = d.detail, window_id = d.window_id, last_seen = d.last_seen, state = 'open',
    times = times + 1

-- name: list
SELECT id, pipeline, account, source_key, reason, detail, state, times, first_seen, last_seen
FROM etl_quarantine
WHERE (%(pipeline)s IS NULL OR pipeline = %(pipeline)s) AND (%(state)s IS NULL OR state = %(state)s)
ORDER BY last_seen DESC, id DESC
LIMIT %(limit)s
