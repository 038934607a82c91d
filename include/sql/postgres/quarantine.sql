-- Records that a load cannot use.

-- name: put
INSERT INTO etl_quarantine AS q
    (pipeline, account, source_key, reason, detail, raw, raw_hash, window_id, first_seen, last_seen)
VALUES (%(pipeline)s, %(account)s, %(source_key)s, %(reason)s, %(detail)s, %(raw)s, decode(%(raw_hash)s, 'hex'),
        %(window_id)s, %(now)s, %(now)s)
ON CONFLICT (pipeline, account, raw_hash) DO UPDATE SET
    reason = excluded.reason, detail = excluded.detail, window_id = excluded.window_id,
    last_seen = excluded.last_seen, state = 'open', times = q.times + 1

-- name: list
SELECT id, pipeline, account, source_key, reason, detail, state, times, first_seen, last_seen
FROM etl_quarantine
WHERE (%(pipeline)s::text IS NULL OR pipeline = %(pipeline)s) AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY last_seen DESC, id DESC
LIMIT %(limit)s
