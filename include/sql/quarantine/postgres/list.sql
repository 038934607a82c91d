SELECT id, pipeline, account, source_key, reason, detail, state, times, first_seen, last_seen
FROM etl_quarantine
WHERE (%(pipeline)s::text IS NULL OR pipeline = %(pipeline)s) AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY last_seen DESC, id DESC
LIMIT %(limit)s
