-- The heads that were to be published under a certificate, and are not there under it: refused as older, or lost.
SELECT {staged_key} FROM {given} LEFT JOIN LATERAL (SELECT x.etl_window_id FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h ON TRUE
WHERE h.etl_window_id IS DISTINCT FROM %(window_id)s
