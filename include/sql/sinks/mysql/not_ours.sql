-- The heads that were to be published under a certificate, and are not there under it: refused as older, or lost.
SELECT {staged_key} FROM {given} LEFT JOIN {head} AS x ON {of_staged}
WHERE NOT (x.etl_window_id <=> %(window_id)s)
