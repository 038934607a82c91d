-- Whether the table has any of these heads; each is looked up by its key, as in the proof.
SELECT 1 AS one FROM {given} CROSS JOIN LATERAL (SELECT FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h LIMIT 1
